"""The facts of some of the accounts."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import numpy as np

from services.signals.features.facts import Facts


def part_of(facts: Facts, first: int, end: int) -> Facts:
    """Return the facts of the accounts `first` to `end` (exclusive); columns stay views."""
    if first <= 0 and end >= len(facts.account_ids):
        return facts
    low, high = (int(at) for at in np.searchsorted(facts.account, [first, end]))
    here = slice(low, high)
    start, stop = (
        bisect_left(facts.evidence, at, key=lambda one: one.account) for at in (first, end)
    )
    return replace(
        facts,
        account_ids=facts.account_ids[first:end],
        account=facts.account[here] - first,
        series_id=facts.series_id[here],
        day=facts.day[here],
        effect_day=facts.effect_day[here],
        sums={name: column[here] for name, column in facts.sums.items()},
        event_ids=facts.event_ids[here],
        service_events=None if facts.service_events is None else facts.service_events[here],
        evidence=tuple(
            replace(one, account=one.account - first) for one in facts.evidence[start:stop]
        ),
    )
