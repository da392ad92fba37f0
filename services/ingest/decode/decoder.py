"""One record to one fact: the hot path of ingest."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from services.ingest.decode.defects import undecodable
from services.ingest.decode.fact import Fact, Refused, Rejection
from services.ingest.decode.payload import checked_payload
from services.ingest.decode.wire import open_record
from services.ingest.entity import entity_of
from services.ingest.fold import FOLDED, fold_single
from shared.contracts.packed_headers import Headers
from shared.domain.changes import pack_sums
from shared.domain.event_types import AHEAD_MICROS, BY_TOPIC, EventType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _SECOND = 86_400_000_000, 1_000_000
# Local times near the ends of the calendar may fall outside it in UTC.
_FIRST, _LAST = -719_162 * _DAY, 2_932_897 * _DAY - 1
_VERSIONED = re.compile(r"(leadline\.[a-z_]+)\.v[0-9]+(\.[0-9]+)*")


def decode(
    value: bytes | None,
    headers: Headers,
    *,
    key: bytes | None,
    topic: str | None,
    recorded_default: int | None,
    now: int,
) -> Fact | Rejection:
    """Return the fact that a record states, or the reason why it is not accepted.

    `topic` and `key` are None where there are none (HTTP, files). Times are microseconds since
    1970; without `recorded_default` an event counts as known when it happened. Never raises: what
    our own code fails on is `undecodable`.
    """
    try:
        return _fact(value, headers, key, topic, recorded_default, now)
    except Refused as refused:
        return refused.rejection()
    except Exception as error:  # noqa: BLE001  # one record must not stop the others
        return undecodable(error)


def _fact(
    value: bytes | None,
    headers: Headers,
    key: bytes | None,
    topic: str | None,
    recorded_default: int | None,
    now: int,
) -> Fact:
    if value is None:
        raise Refused("tombstone", "the record has no value")
    event, data, plain = open_record(value, headers)
    kind = BY_TOPIC.get(event.type)
    if kind is None:
        raise _unknown(event.type)
    if topic is not None and topic != event.type:
        raise Refused("topic_mismatch", f"type: {event.type} came in {topic}")
    subject = event.subject
    if key is not None and key != subject.encode():
        raise Refused("key_mismatch", f"key {key[:100]!r} is not the subject {subject[:100]!r}")
    time = _micros(event.time, "time")
    if time < 0:  # what systems write for a missing date; one such would stretch every history
        raise Refused("invalid_field", f"time: {event.time.isoformat()} is before 1970")
    if time > now + AHEAD_MICROS:
        raise Refused("future_time", f"time: {event.time.isoformat()} has not come yet")
    recorded = time if recorded_default is None else recorded_default
    if event.recordedtime is not None:
        recorded = _micros(event.recordedtime, "recordedtime")
    payload = checked_payload(kind, data, plain=plain)
    if kind is EventType.ACCOUNT and payload.merged_into == subject:
        raise Refused("invalid_field", "data.merged_into: an account cannot merge into itself")
    source = event.source
    series, sums = None, None
    if kind in FOLDED and (alone := fold_single(time, source, payload)) is not None:
        series, day, counts = alone
        sums = pack_sums(day, counts)
    entity = entity_of(kind, payload, source)
    return Fact(source, event.id, kind, subject, time, recorded, data, entity, series, sums)


def _micros(moment: datetime, name: str) -> int:
    since = moment - _EPOCH
    micros = since.days * _DAY + since.seconds * _SECOND + since.microseconds
    if not _FIRST <= micros <= _LAST:
        raise Refused("invalid_field", f"{name}: outside the calendar in UTC")
    return micros


def _unknown(name: str) -> Refused:
    match = _VERSIONED.fullmatch(name)
    if match and f"{match[1]}.v1" in BY_TOPIC:
        return Refused("unknown_version", f"type: {name}")
    return Refused("unknown_type", f"type: {name}")
