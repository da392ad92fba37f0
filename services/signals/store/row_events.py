"""The events that summed booking rows name: the least of each, whatever came first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import SERVICE, EventRef, IntArray

Objects = npt.NDArray[np.object_]


class Known(NamedTuple):
    """The events as they were read: ids and, of each, the row id of its source."""

    ids: Sequence[str]
    sources: Sequence[int]
    uris: Mapping[int, str]


class Groups(NamedTuple):
    """Changes in the order of their rows: the row `k` sums `order[starts[k] : ends[k]]`."""

    order: IntArray
    starts: IntArray
    ends: IntArray


def booking_ids(known: Known, event: IntArray, demand: IntArray, groups: Groups) -> Objects:
    """Return the least id of each row's bookings, shape (rows,); "" where none changed the demand.

    `event` (changes,) are indices into `known`. A milestone beside a booking is no evidence of it.
    """
    named = np.where(demand != 0, event, -1)[groups.order]
    ids = np.array([*known.ids, ""], dtype=np.object_)
    least = ids[named[groups.starts]]
    for place in np.flatnonzero(groups.ends - groups.starts > 1):
        found = filter(None, ids[named[groups.starts[place] : groups.ends[place]]])
        least[place] = min(found, default="")
    return least


def service_refs(
    known: Known, event: IntArray, sums: Mapping[str, IntArray], groups: Groups
) -> Objects:
    """Return an event of each row that adds to the service record, shape (rows,), else None."""
    adding = np.zeros(event.size, dtype=bool)
    for name in SERVICE:
        adding |= sums[name] > 0
    adds = np.flatnonzero(adding[groups.order])
    refs: Objects = np.full(groups.starts.size, None, dtype=np.object_)
    rows = np.searchsorted(groups.starts, adds, side="right") - 1
    for row, at in zip(rows.tolist(), event[groups.order[adds]].tolist(), strict=True):
        ref = EventRef(known.uris[known.sources[at]], known.ids[at])
        if refs[row] is None or ref < refs[row]:
            refs[row] = ref
    return refs
