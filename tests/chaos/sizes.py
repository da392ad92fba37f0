"""How much of a fault a run gets: a slice in CI, half an hour by hand, a night."""

from enum import IntEnum


class Size(IntEnum):
    """Which of the figures of a procedure holds."""

    SLICE = 0
    USUAL = 1
    LONG = 2

    def of(self, slice_, usual, long):
        """Return the figure of this size."""
        return (slice_, usual, long)[self]
