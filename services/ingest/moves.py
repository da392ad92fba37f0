"""What the compare-and-set of a batch's partitions says about the batch. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.batch import FencedError


class Move(NamedTuple):
    """What was found when a partition's offset was to be moved on."""

    topic: str
    partition: int
    following: int  # where it was to be moved
    moved: bool
    stands: int | None = None  # where it stands instead; None where there is no row


def is_new(moves: Sequence[Move], *, attempted: bool) -> bool:
    """Return whether the batch is to be written: True once every offset has moved.

    False when an attempt of this very batch committed unheard: then *every* partition stands
    behind it. Where only some do, others have written those, and what has just moved would be
    lost with a commit: `FencedError` names what is to be located again.
    """
    stale = [move for move in moves if not move.moved]
    if not stale:
        return True
    if attempted and len(stale) == len(moves) and all(m.stands == m.following for m in stale):
        return False
    raise FencedError([(move.topic, move.partition) for move in stale])
