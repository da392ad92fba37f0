"""The events behind the service record: what was rolled, rejected, late or cancelled."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from services.signals.features.facts import EventRef, Facts

MOST = 10
"""The latest are named: a reason is to be looked up, not to be a list of the year."""


class ServiceSpan(NamedTuple):
    """What is looked for: a sum of `SERVICE`, in `first` to before `end` (days)."""

    name: str
    first: int
    end: int


def service_events(facts: Facts, rows: slice, span: ServiceSpan) -> tuple[EventRef, ...]:
    """Return the latest events of one account's booking `rows` that count in the span, by name.

    What was taken back before its end, such as a milestone that was retracted, counts no more.
    """
    values = facts.sums[span.name][rows]
    told = np.flatnonzero(values)
    if facts.service_events is None or not told.size:
        return ()
    here = told + rows.start
    days, effects = facts.day[here].tolist(), facts.effect_day[here].tolist()
    kinds = zip(facts.series_id[here].tolist(), days, strict=True)
    left: dict[tuple[int, int], int] = defaultdict(int)
    found = []
    for kind, effect, value, event in zip(
        kinds, effects, values[told].tolist(), facts.service_events[here], strict=True
    ):
        seen = max(kind[1], effect)
        if span.first <= seen < span.end:
            left[kind] += value
            if value > 0 and event is not None:
                found.append((-seen, event, kind))
    named = sorted({(age, event) for age, event, kind in found if left[kind] > 0})
    return tuple(sorted(event for _, event in named[:MOST]))
