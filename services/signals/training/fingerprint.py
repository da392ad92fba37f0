"""Knowing a population again: a part of it, more of it, or the same under other names.

Each account leaves up to two marks, hashes of its first booking days: with its name, and without
it where the days are irregular enough to tell accounts apart (the 15th of every month tells
nothing). Later events and all amounts change no mark. A fingerprint is the smallest marks of a
population: a few kilobytes that give nobody's history away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

import numpy as np

from services.signals.features.facts import Facts, IntArray

NAMED_DAYS, NAMELESS_DAYS = 3, 6
IRREGULAR = 3
"""Different days of the month among the first days, from which they identify an account."""

KEPT = 512  # of each kind
SAME = 0.3
"""Share of known marks from which two populations count as the same: chance gives hardly any."""


def account_marks(facts: Facts) -> frozenset[str]:
    """Return the marks of all accounts with enough days of demand."""
    return frozenset(_marks(facts))


def fingerprint(facts: Facts) -> list[str]:
    """Return what a manifest keeps of a population: the smallest marks of each kind, ascending."""
    marks = sorted(account_marks(facts))
    return [mark for kind in "dn" for mark in [m for m in marks if m[0] == kind][:KEPT]]


def is_same(kept: Iterable[str], facts: Facts) -> bool:
    """Return whether the facts are, hold, or are part of the population of a fingerprint."""
    return overlap(kept, account_marks(facts)) >= SAME


def overlap(kept: Iterable[str], marks: frozenset[str]) -> float:
    """Return the largest share in common, over both kinds of marks and both directions."""
    known = frozenset(kept)
    return max(
        _common({k for k in known if k[0] == kind}, {m for m in marks if m[0] == kind})
        for kind in "dn"
    )


def _common(known: set[str], marks: set[str]) -> float:
    """Return the common share of the smaller; marks above the largest kept one are unknown."""
    top = max(known) if len(known) >= KEPT else "~"
    comparable = {mark for mark in marks if mark <= top}
    if not known or not comparable:
        return 0.0
    return len(known & comparable) / min(len(known), len(comparable))


def _marks(facts: Facts) -> Iterator[str]:
    used = facts.sums["demand"] > 0
    pairs = np.unique(facts.account[used] * 1_000_000 + facts.day[used])
    account, day = pairs // 1_000_000, pairs % 1_000_000
    owner, start, count = np.unique(account, return_index=True, return_counts=True)
    for at, first, days in zip(owner.tolist(), start.tolist(), count.tolist(), strict=True):
        if days >= NAMED_DAYS:
            name = facts.account_ids[at].encode()
            yield "n" + _hash(name + _bytes(day[first : first + NAMED_DAYS]))
        if days >= NAMELESS_DAYS and _irregular(day[first : first + NAMELESS_DAYS]):
            yield "d" + _hash(_bytes(day[first : first + NAMELESS_DAYS]))


def _irregular(days: IntArray) -> bool:
    dates = days.astype("datetime64[D]")
    return np.unique(dates - dates.astype("datetime64[M]")).size >= IRREGULAR


def _bytes(days: IntArray) -> bytes:
    return days.astype("<i4").tobytes()


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=6).hexdigest()
