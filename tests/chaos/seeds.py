"""Seeds that once failed, by procedure: each runs with the tests for ever, with what it found."""

KEPT: dict[str, tuple[int, ...]] = {}
