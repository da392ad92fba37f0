"""Outbound events on their way: final bytes, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection

from services.signals.store.rows import add
from shared.contracts import outbound
from shared.store.tables import SignalOutboxRow

NAMESPACE = UUID("9a3c1f52-7a0e-5c55-9f1e-1eadf1e1d001")
TOPICS = {"signal": outbound.SIGNAL, "alert": outbound.ALERT, "run": outbound.PLAYBOOK_TRIGGER}


class Message(NamedTuple):
    """One event to tell; `version` makes its id, so telling it again changes nothing."""

    kind: str  # signal, alert, run
    key: str  # what it speaks of: the alert's id, the run's id, the account and the moment
    version: int
    account_id: str
    kam_id: str | None
    time: datetime
    data: Mapping[str, Any]


def enqueue(connection: Connection, messages: Sequence[Message], now: datetime) -> None:
    """Put messages in the outbox, in order."""
    rows = []
    for message in messages:
        topic = TOPICS[message.kind]
        event_id = str(uuid5(NAMESPACE, f"{message.kind}/{message.key}/{message.version}"))
        rows.append(
            {
                "event_id": event_id,
                "kind": message.kind,
                "topic": topic,
                "key": message.account_id,
                "body": outbound.cloud_event(
                    topic, event_id, outbound.SOURCE, message.account_id, message.time, message.data
                ),
                "kam_id": message.kam_id,
                "created_at": now,
            }
        )
    add(connection, SignalOutboxRow, rows, ["event_id"])
