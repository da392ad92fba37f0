"""What earlier looks left behind of each account: the alerts' memory, and what was told last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from services.signals.alerting.alert import Track, load_track
from shared.store.driver import driver_rows, json_value

_MEMORIES = """
SELECT a.id, t.state, s.signal FROM account a
LEFT JOIN alert_track t ON t.account_id = a.id
LEFT JOIN account_score s ON s.account_id = a.id
WHERE a.id {ids}
"""


class Memory(NamedTuple):
    """The fold's memory, and what the last stored signal said; None where there is none."""

    track: Track
    signal: Mapping[str, Any] | None


def read_memories(connection: Connection, ids: Sequence[int]) -> dict[int, Memory]:
    """Return the memory of each account."""
    return {
        account: Memory(load_track(json_value(state)), json_value(signal) or None)
        for account, state, signal in driver_rows(connection, _MEMORIES, ids)
    }
