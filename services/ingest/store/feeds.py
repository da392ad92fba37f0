"""What each feed sent, by hour of event time: the basis of source health."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from services.ingest.batch import Intake, PlacedFact
from services.ingest.store.bulk import Bulk, Columns, Merge
from services.ingest.store.surrogates import Surrogates
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

FeedKey = tuple[str, EventType]


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
        accounts: dict[FeedKey, set[str]] = defaultdict(set)
        for fact, _, _ in facts:
            feed = fact.source, fact.type
            times[feed].append(fact.time)
            accounts[feed].add(fact.subject)
        ids = {feed: (surrogates.sources[feed[0]], int(feed[1])) for feed in times}
        hours = Counter(
            (*ids[feed], time // HOUR_MICROS) for feed, seen in times.items() for time in seen
        )
        self._fresh = {
            (*ids[feed], surrogates.accounts[account])
            for feed, subjects in accounts.items()
            for account in subjects
        } - self._known
        bulk.merge(
            _FEED,
            [
                (*ids[feed], *((0, len(seen)) if imported else (len(seen), 0)),
                 min(seen), max(seen), None if imported else arrived_at)
                for feed, seen in times.items()
            ],
        )  # fmt: skip
        if not imported:
            bulk.merge(_HOUR, [(*key, count) for key, count in hours.items()])
        bulk.merge(_ACCOUNT, list(self._fresh))

    def committed(self) -> None:
        """Keep what the transaction added."""
        self._known |= self._fresh
        self._fresh = set()
