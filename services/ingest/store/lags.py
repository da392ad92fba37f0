"""The log ends as last measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from services.ingest.store.bulk import Columns, Merge, bulk_of
from shared.kafka.positions import Place
from shared.runtime.telemetry import CONSUMER_LAG_RECORDS, CONSUMER_LAG_SECONDS
from shared.store.moment import shared_micros
from shared.store.session import Database

_LAG = Merge(
    Columns(
        "partition_lag",
        {
            "cluster_id": "text", "topic": "text", "partition": "integer",
            "end_offset": "bigint", "lag_seconds": "double precision", "measured_at": "bigint",
        },
    ),
    ("cluster_id", "topic", "partition"),
    {"end_offset": "new", "lag_seconds": "new", "measured_at": "new"},
)  # fmt: skip
_NAME = _LAG._replace(rules={})
_NEXT = "SELECT topic, partition, next_offset FROM consumer_offset WHERE cluster_id = ?"


def name(database: Database, cluster_id: str, places: Collection[Place]) -> None:
    """Note that these partitions exist, whether or not anybody has measured them.

    A partition without a row would not hold the event clock back: its owner may have died before
    it could tell. The transaction is not that of `store`, where two processes that each name what
    the other one measures would wait for each other.
    """
    if places:
        with database.write() as connection:
            rows = [(cluster_id, *place, 0, 0.0, 0) for place in places]
            bulk_of(connection).merge(_NAME, rows)


def store(
    database: Database,
    cluster_id: str,
    ends: Mapping[Place, int],
    behind: Mapping[Place, float],
    at: int,
    age: Callable[[], float],
) -> dict[Place, int]:
    """Store each partition's log end, and its lag in seconds where it has any.

    Returns where the partitions stand.

    `behind` is the age of the last record read, by the broker's time: no less than the age of
    the oldest unread one. `age` tells how many seconds ago the ends were asked for.
    """
    with database.write() as connection:
        bulk = bulk_of(connection)
        # The ends are those of when they were asked for: what is produced while the answer and the
        # database are waited for lies beyond them.
        at = shared_micros(connection, at) - round(age() * 1e6)
        applied = {
            Place(topic, part): following
            for topic, part, following in bulk.execute(_NEXT, (cluster_id,))
        }
        rows = []
        for place, end in ends.items():
            lag = max(0, end - applied.get(place, end))
            seconds = behind.get(place, 0.0) if lag else 0.0
            rows.append((cluster_id, *place, end, seconds, at))
            CONSUMER_LAG_RECORDS.labels(*place).set(lag)
            CONSUMER_LAG_SECONDS.labels(*place).set(seconds)
        bulk.merge(_LAG, rows)
        return {place: applied[place] for place in ends if place in applied}
