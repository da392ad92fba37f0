"""What crosses a process boundary: envelope, payloads, topics."""
