"""Features to loss curves; pure."""
