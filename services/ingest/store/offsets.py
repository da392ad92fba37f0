"""The next offset of each partition: moved by compare-and-set, first thing in a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.ingest.batch import Intake, PartitionSlice
from services.ingest.moves import Move, is_new
from services.ingest.store.bulk import Bulk
from shared.kafka.positions import Stand

_MOVE = """
UPDATE consumer_offset SET next_offset = ?, records_total = records_total + ?,
  max_event_time = CASE WHEN CAST(? AS BIGINT) IS NULL OR max_event_time >= CAST(? AS BIGINT)
    THEN max_event_time ELSE CAST(? AS BIGINT) END,
  last_digest = ?, updated_at = {now}
WHERE cluster_id = ? AND topic = ? AND partition = ? AND next_offset = ?
"""
_NEXT = (
    "SELECT next_offset, last_digest FROM consumer_offset"
    " WHERE cluster_id = ? AND topic = ? AND partition = ?"
)
_BEGIN = """
INSERT INTO consumer_offset
  (cluster_id, topic, partition, next_offset, records_total, updated_at)
VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING
"""
_BEGIN_EARLIER = """
UPDATE consumer_offset SET next_offset = ?, updated_at = ?
WHERE cluster_id = ? AND topic = ? AND partition = ? AND next_offset > ? AND last_digest IS NULL
"""
_RAISE_TIME = """
INSERT INTO consumer_offset
  (cluster_id, topic, partition, next_offset, records_total, max_event_time, updated_at)
VALUES (?, '', 0, 0, 0, ?, ?)
ON CONFLICT (cluster_id, topic, partition) DO UPDATE SET updated_at = excluded.updated_at,
  max_event_time = CASE WHEN consumer_offset.max_event_time >= excluded.max_event_time
    THEN consumer_offset.max_event_time ELSE excluded.max_event_time END
"""


def move(bulk: Bulk, slices: Iterable[PartitionSlice], *, at: int, attempted: bool) -> bool:
    """Advance every slice's offset; raise `FencedError` when one stands elsewhere.

    Their rows are dated by the clock that all processes share, on SQLite with `at`.

    Returns False when an earlier attempt of this very batch had committed unheard.
    """
    ordered = sorted(slices, key=lambda s: (s.topic, s.partition))
    statement = _MOVE.format(now=bulk.present(at))
    counts = bulk.count_each(statement, [_values(part) for part in ordered])
    moves = [_move(bulk, part, moved=n > 0) for part, n in zip(ordered, counts, strict=True)]
    return is_new(moves, attempted=attempted)


def _values(part: PartitionSlice) -> tuple[Any, ...]:
    newest = part.max_event_time
    return (
        part.following, part.records, newest, newest, newest, part.last_digest,
        part.cluster_id, part.topic, part.partition, part.expected,
    )  # fmt: skip


def _move(bulk: Bulk, part: PartitionSlice, *, moved: bool) -> Move:
    if moved:
        return Move(part.topic, part.partition, part.following, moved=True)
    stands = bulk.execute(_NEXT, (part.cluster_id, part.topic, part.partition))
    at_offset = stands[0][0] if stands else None
    return Move(part.topic, part.partition, part.following, moved=False, stands=at_offset)


def locate(
    bulk: Bulk, cluster_id: str, topic: str, partition: int, *, first: int | None, at: int
) -> Stand | None:
    """Return the stored position; begin at the log's `first` where there is none yet, if given.

    Where nothing was applied, no record tells a topic that was made again: its log is known by
    beginning earlier, and is read from there.
    """
    place = (cluster_id, topic, partition)
    if first is not None:
        bulk.count(_BEGIN, (*place, first, at))
    stands = bulk.execute(_NEXT, place)
    stand = Stand(*stands[0]) if stands else None
    if stand is None or first is None or stand.last_digest or stand.next_offset <= first:
        return stand
    bulk.count(_BEGIN_EARLIER, (first, at, *place, first))
    return Stand(*bulk.execute(_NEXT, place)[0])


def raise_event_time(bulk: Bulk, intake: Intake, event_time: int, *, at: int) -> None:
    """Let the watermark see events that came without a log."""
    bulk.count(_RAISE_TIME, (intake.value, event_time, at))
