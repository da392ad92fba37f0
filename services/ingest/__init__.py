"""Events in: each becomes a fact, exactly once in effect."""
