"""Why rows or events were refused, in short: how many per reason, and one of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN_REASONS = 3


@dataclass(slots=True)
class Refusals:
    """Counts by reason, each with the first example."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, detail: str, where: str | None) -> None:
        """Count one; `where` is its place in a file, `name:line`."""
        self.counts[reason] += 1
        self.examples.setdefault(reason, f"{where}: {detail}" if where else detail)

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.counts.total()

    def lines(self) -> Iterator[str]:
        """Yield the most frequent reasons, one a line."""
        for reason, count in self.counts.most_common(SHOWN_REASONS):
            yield f"{count} {reason}, as {self.examples[reason]}"
        rest = self.counts.total() - sum(n for _, n in self.counts.most_common(SHOWN_REASONS))
        if rest:
            yield f"{rest} for other reasons"
