"""What an event speaks of: the booking, ticket or contact that several events share."""

from __future__ import annotations

import struct
from hashlib import blake2b

from shared.contracts.inbound import Booking, Payload, payload_ref
from shared.domain.event_types import EventType

# Milestones speak of a booking, so they are found and folded together with it.
_KIND = {EventType.MILESTONE: EventType.BOOKING}
_PREFIX = {kind: f"{_KIND.get(kind, kind).noun}\0".encode() for kind in EventType}
# A contact is one person whatever system names them; the rest are numbered per system.
_BOOKING = _PREFIX[EventType.BOOKING].decode()
_HASH = struct.Struct(">q")
_WITHOUT_SYSTEM = {EventType.CONTACT_CHANGE, EventType.ACCOUNT}


def entity_ref(kind: EventType, payload: Payload, source: str) -> str:
    """Return `<ref_system>/<ref>`; `ref_system` defaults to the source.

    Empty for an account event, plain `<contact_ref>` for a contact.
    """
    system, ref = payload_ref(payload)
    if kind in _WITHOUT_SYSTEM:
        return ref
    return f"{source if system is None else system}/{ref}"


def entity_hash(kind: EventType, ref: str) -> int:
    """Return a signed 64-bit hash: an index key, verified against `entity_ref` after reading."""
    return _hash(_PREFIX[kind] + ref.encode())


def entity_of(kind: EventType, payload: Payload, source: str) -> int:
    """Return the hash of what an event speaks of."""
    if type(payload) is Booking:  # on the hot path: the same, without the detours
        named = f"{_BOOKING}{payload.ref_system or source}/{payload.booking_ref}"
        return _hash(named.encode())
    return entity_hash(kind, entity_ref(kind, payload, source))


def _hash(named: bytes) -> int:
    (number,) = _HASH.unpack(blake2b(named, digest_size=8).digest())
    return number  # type: ignore[no-any-return]
