"""What each feed sent, by hour of event time: the basis of source health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from services.ingest.decode import Fact
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
        facts: Sequence[Fact],
        owners: Sequence[int],
        sources: Mapping[str, int],
        *,
        imported: bool,
        arrived_at: int,
    ) -> None:
        """Add the new facts of one batch; `owners` are their accounts' row ids."""
        places: dict[tuple[str, EventType], list[int]] = {}
        for place, fact in enumerate(facts):
            places.setdefault((fact.source, fact.type), []).append(place)
        feeds, hours, accounts = [], [], set()
        for (source, kind), own in places.items():
            feed = sources[source], int(kind)
            times = np.array([facts[place].time for place in own])
            streamed = (0, len(own)) if imported else (len(own), 0)
            arrived = None if imported else arrived_at
            feeds.append((*feed, *streamed, int(times.min()), int(times.max()), arrived))
            hour, events = np.unique(times // HOUR_MICROS, return_counts=True)
            hours += [(*feed, *row) for row in zip(hour.tolist(), events.tolist(), strict=True)]
            accounts |= {(*feed, account) for account in {owners[place] for place in own}}
        self._fresh = accounts - self._known
        bulk.merge(_FEED, feeds)
        if not imported:
            bulk.merge(_HOUR, hours)
        bulk.merge(_ACCOUNT, list(self._fresh))

    def committed(self) -> None:
        """Keep what the transaction added."""
        self._known |= self._fresh
        self._fresh = set()
