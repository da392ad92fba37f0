"""What each feed sent, by hour of event time: the basis of source health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from services.ingest.batch import Intake, PlacedFact
from services.ingest.store.bulk import Bulk, Columns, Merge
from services.ingest.store.surrogates import Surrogates

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

FeedKey = tuple[int, int]


class FeedCounts:
    """Writes feeds; remembers which accounts a feed is already known for."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int, int]] = set()
        self._fresh: set[tuple[int, int, int]] = set()

    def store(
        self,
        bulk: Bulk,
        facts: Sequence[PlacedFact],
        surrogates: Surrogates,
        *,
        intake: Intake,
        arrived_at: int,
    ) -> None:
        """Add the new facts of one batch."""
        imported = intake is Intake.IMPORT
        times: dict[FeedKey, list[int]] = defaultdict(list)
        hours: dict[tuple[int, int, int], int] = defaultdict(int)
        accounts = set()
        for fact, _, _ in facts:
            feed = surrogates.sources[fact.source], int(fact.type)
            times[feed].append(fact.time)
            accounts.add((*feed, surrogates.accounts[fact.subject]))
            if not imported:
                hours[*feed, fact.time // HOUR_MICROS] += 1
        bulk.merge(
            _FEED,
            [
                (*feed, *((0, len(seen)) if imported else (len(seen), 0)),
                 min(seen), max(seen), None if imported else arrived_at)
                for feed, seen in times.items()
            ],
        )  # fmt: skip
        bulk.merge(_HOUR, [(*key, count) for key, count in hours.items()])
        self._fresh = accounts - self._known
        bulk.merge(_ACCOUNT, list(self._fresh))

    def committed(self) -> None:
        """Keep what the transaction added."""
        self._known |= self._fresh
        self._fresh = set()
