"""What each feed sent, by hour of event time: the basis of source health."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, repeat

import numpy as np
import numpy.typing as npt

from services.ingest.store.bulk import Bulk, Columns, Merge
from shared.domain.event_types import EventType

HOUR_MICROS = 3_600_000_000

_FEED = Merge(
    Columns(
        "feed",
        {
            "source_id": "bigint", "type_id": "smallint",
            "streamed_total": "bigint", "imported_total": "bigint",
            "first_event_at": "bigint", "last_event_at": "bigint", "last_arrived_at": "bigint",
        },
    ),
    ("source_id", "type_id"),
    {
        "streamed_total": "old + new",
        "imported_total": "old + new",
        "first_event_at": "LEAST(old, new)",
        "last_event_at": "GREATEST(old, new)",
        # Imported history has no arrival; a null must not erase one.
        "last_arrived_at": "COALESCE(GREATEST(old, new), old, new)",
    },
)  # fmt: skip
_HOUR = Merge(
    Columns(
        "feed_hour",
        {"source_id": "bigint", "type_id": "smallint", "hour": "integer", "events": "bigint"},
    ),
    ("source_id", "type_id", "hour"),
    {"events": "old + new"},
)
_ACCOUNT = Merge(
    Columns("feed_account", {"source_id": "bigint", "type_id": "smallint", "account_id": "bigint"}),
    ("source_id", "type_id", "account_id"),
    {},
)


class FeedCounts:
    """Writes feeds; remembers which accounts a feed is already known for."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int, int]] = set()
        self._fresh: set[tuple[int, int, int]] = set()

    def store(
        self,
        bulk: Bulk,
        source_ids: Sequence[int],
        types: Sequence[EventType],
        times: npt.NDArray[np.int64],
        owners: Sequence[int],
        *,
        imported: bool,
        arrived_at: int,
    ) -> None:
        """Add the new facts of one batch, an entry of each column per fact.

        `owners` are their accounts' row ids, `times` when they happened in microseconds.
        """
        feeds: list[tuple[int | None, ...]] = []
        hours: list[tuple[int, ...]] = []
        accounts: set[tuple[int, int, int]] = set()
        of_feed = list(zip(source_ids, types, strict=True))
        for feed in set(of_feed):
            mine, own_times = owners, times
            if (events := of_feed.count(feed)) < len(of_feed):
                own = [one == feed for one in of_feed]
                mine, own_times = list(compress(owners, own)), times[own]
            source, kind = feed[0], int(feed[1])
            streamed = (0, events) if imported else (events, 0)
            first, last = int(own_times.min()), int(own_times.max())
            arrived = None if imported else arrived_at
            feeds.append((source, kind, *streamed, first, last, arrived))
            counts = np.unique(own_times // HOUR_MICROS, return_counts=True)
            hours += zip(repeat(source), repeat(kind), *(c.tolist() for c in counts), strict=False)
            accounts |= set(zip(repeat(source), repeat(kind), set(mine), strict=False))
        self._fresh = accounts - self._known
        bulk.merge(_FEED, feeds)
        if not imported:
            bulk.merge(_HOUR, hours)
        bulk.merge(_ACCOUNT, list(self._fresh))

    def committed(self) -> None:
        """Keep what the transaction added."""
        self._known |= self._fresh
        self._fresh = set()

    def rolled_back(self) -> None:
        """Forget what the transaction would have added."""
        self._fresh = set()
