"""Facts into the database: one transaction per batch, the same on both databases."""
