"""How many records a batch may have, so that whoever comes behind it does not wait long. Pure."""

from __future__ import annotations

BATCH_SECONDS = 0.25
FEWEST, MOST = 1_000, 10_000
SHARE = 0.3
"""What the latest batch counts in the running mean of a record's time."""


class BatchSize:
    """Records that can be written in `BATCH_SECONDS`, by what the last batches took."""

    def __init__(self) -> None:
        self._per_record: float | None = None

    @property
    def most(self) -> int:
        """Return how many records the next batch may have."""
        if self._per_record is None:
            return MOST
        return max(FEWEST, min(MOST, int(BATCH_SECONDS / self._per_record)))

    def written(self, records: int, seconds: float) -> None:
        """Note what a batch took; a small one tells of its transaction, not of its records."""
        if records < FEWEST:
            return
        now, before = seconds / records, self._per_record
        self._per_record = now if before is None else before + SHARE * (now - before)
