"""The next offset of each partition: moved by compare-and-set, first thing in a transaction."""

from __future__ import annotations

from collections.abc import Iterable

from services.ingest.batch import Intake, PartitionSlice
from services.ingest.moves import Move, is_new
from services.ingest.store.bulk import Bulk
from shared.kafka.positions import Stand

_MOVE = """
UPDATE consumer_offset SET next_offset = ?, records_total = records_total + ?,
  max_event_time = CASE WHEN CAST(? AS BIGINT) IS NULL OR max_event_time >= CAST(? AS BIGINT)
    THEN max_event_time ELSE CAST(? AS BIGINT) END,
  last_digest = ?, updated_at = ?
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

    Returns False when an earlier attempt of this very batch had committed unheard.
    """
    ordered = sorted(slices, key=lambda s: (s.topic, s.partition))
    return is_new([_move(bulk, part, at) for part in ordered], attempted=attempted)


def _move(bulk: Bulk, part: PartitionSlice, at: int) -> Move:
    place = (part.cluster_id, part.topic, part.partition)
    newest = part.max_event_time
    moved = bulk.count(
        _MOVE,
        (part.following, part.records, newest, newest, newest, part.last_digest, at,
         *place, part.expected),
    )  # fmt: skip
    if moved:
        return Move(part.topic, part.partition, part.following, moved=True)
    stands = bulk.execute(_NEXT, place)
    at_offset = stands[0][0] if stands else None
    return Move(part.topic, part.partition, part.following, moved=False, stands=at_offset)


def locate(
    bulk: Bulk, cluster_id: str, topic: str, partition: int, *, first: int | None, at: int
) -> Stand | None:
    """Return the stored position; begin at `first` where there is none yet, if given."""
    place = (cluster_id, topic, partition)
    if first is not None:
        bulk.count(_BEGIN, (*place, first, at))
    stands = bulk.execute(_NEXT, place)
    return Stand(*stands[0]) if stands else None


def raise_event_time(bulk: Bulk, intake: Intake, event_time: int, *, at: int) -> None:
    """Let the watermark see events that came without a log."""
    bulk.count(_RAISE_TIME, (intake.value, event_time, at))
