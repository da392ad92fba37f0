"""The one registry of topics: what each holds and how it is created.

Every topic uses the broker's append time: retention counts the record's timestamp, so replayed
history would vanish under its producer's one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from shared.contracts.envelope import MAX_VALUE_BYTES
from shared.domain.event_types import BY_TOPIC

DAY_MS = 86_400_000
INBOUND_PARTITIONS = 12
DEAD_LETTER_SUFFIX = ".dlq"

# A record holds key and headers beside its value; a dead letter also its origin.
_RECORD_BYTES = MAX_VALUE_BYTES + (128 << 10)
_DEAD_LETTER_BYTES = (2 << 20) + (256 << 10)


class TopicSpec(NamedTuple):
    """A topic as Leadline wants it."""

    name: str
    key: str  # what the record key is
    type: str  # CloudEvents type of its records; of a dead letter, that of its topic
    direction: Literal["inbound", "dead_letter", "outbound"]
    partitions: int
    retention_ms: int
    config: Mapping[str, str]


def dead_letter_topic(topic: str) -> str:
    """Return where the rejects of a topic go."""
    return topic + DEAD_LETTER_SUFFIX


def _spec(
    name: str,
    kind: str,
    direction: Literal["inbound", "dead_letter", "outbound"],
    *,
    key: str,
    partitions: int,
    retention_days: int,
    max_bytes: int,
) -> TopicSpec:
    retention_ms = retention_days * DAY_MS
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(retention_ms),
        "max.message.bytes": str(max_bytes),
        "message.timestamp.type": "LogAppendTime",
    }
    return TopicSpec(name, key, kind, direction, partitions, retention_ms, config)


def _inbound(name: str) -> TopicSpec:
    return _spec(
        name,
        name,
        "inbound",
        key="account id, the event's subject",
        partitions=INBOUND_PARTITIONS,
        retention_days=30,
        max_bytes=_RECORD_BYTES,
    )


def _dead_letters(name: str) -> TopicSpec:
    return _spec(
        dead_letter_topic(name),
        name,
        "dead_letter",
        key="the rejected record's own key",
        partitions=1,
        retention_days=90,
        max_bytes=_DEAD_LETTER_BYTES,
    )


def _outbound(noun: str) -> TopicSpec:
    name = f"leadline.{noun}.v1"
    return _spec(
        name,
        name,
        "outbound",
        key="account id, the event's subject",
        partitions=3,
        retention_days=30,
        max_bytes=_RECORD_BYTES,
    )


INBOUND: tuple[TopicSpec, ...] = tuple(_inbound(name) for name in BY_TOPIC)
DEAD_LETTERS: tuple[TopicSpec, ...] = tuple(_dead_letters(name) for name in BY_TOPIC)
OUTBOUND: tuple[TopicSpec, ...] = tuple(
    _outbound(noun) for noun in ("signal", "alert", "playbook_trigger")
)
TOPICS: tuple[TopicSpec, ...] = INBOUND + DEAD_LETTERS + OUTBOUND
TOPIC_BY_NAME: dict[str, TopicSpec] = {spec.name: spec for spec in TOPICS}
