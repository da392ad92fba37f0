"""What signals reads of the facts, and the only writer of scores, alerts, runs and outbox."""
