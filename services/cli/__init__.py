"""The leadline command: the composition root."""
