"""The events of one kind, folded per account into what is true as of a day."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from services.signals.features.facts import DAY_MICROS, EvidenceFact, Facts

Folded = TypeVar("Folded")


class Book(Generic[Folded]):
    """Evidence of one kind by account; a fold is kept until a new event counts.

    `rank` orders events of the same moment, `fold` turns an account's events in order into what
    they amount to; `fold(())` stands for accounts without any.
    """

    def __init__(
        self,
        facts: Facts,
        kind: str,
        fold: Callable[[Sequence[EvidenceFact]], Folded],
        rank: Callable[[EvidenceFact], Any] = lambda _: 0,
    ) -> None:
        self._fold = fold
        self._nothing = fold(())
        self._facts: dict[int, list[EvidenceFact]] = defaultdict(list)
        for fact in facts.evidence:
            if fact.kind == kind:
                self._facts[fact.account].append(fact)
        for items in self._facts.values():
            items.sort(key=lambda one: (one.time, rank(one), one.event.source, one.event.id))
        self._times = {key: [one.time for one in items] for key, items in self._facts.items()}
        self._folded: dict[int, tuple[int, Folded]] = {}

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts with such events, ascending."""
        return tuple(sorted(self._facts))

    def as_of(self, account: int, day: int) -> Folded:
        """Return what the account's events before 00:00 UTC of `day` amount to."""
        times = self._times.get(account)
        if times is None:
            return self._nothing
        seen = bisect_left(times, day * DAY_MICROS)
        kept = self._folded.get(account)
        if kept is None or kept[0] != seen:
            kept = (seen, self._fold(self._facts[account][:seen]))
            self._folded[account] = kept
        return kept[1]
