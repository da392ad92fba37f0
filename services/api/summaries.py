"""One plain sentence for an event, from its raw payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from shared.domain.event_types import EventType

Payload = dict[str, Any]
MAX_CHARACTERS = 300


def summary(kind: EventType, data: bytes) -> str:
    """Return what happened in one sentence; never raises."""
    try:
        payload = msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        payload = {}
    said = " ".join(_SENTENCES.get(kind, _short)(payload, kind).split())
    return said[:MAX_CHARACTERS]


def _booking(data: Payload, _: EventType) -> str:
    size = next(iter(_amounts(data, _SIZES)), "")
    lane = " to ".join(str(data[end]) for end in ("origin", "destination") if data.get(end))
    by = f"by {data['by']}" if data.get("by") else ""
    reason = f"({data['reason']})" if data.get("reason") else ""
    happened = f"{_words(data.get('phase'))} {by} {reason}".strip()
    parts = (happened, lane, str(data.get("mode") or ""), size)
    return f"Booking {data.get('booking_ref', '')} {_joined(parts)}."


_SIZES = (("teu", "TEU"), ("chargeable_kg", "kg"), ("weight_kg", "kg"), ("volume_cbm", "cbm"),
          ("trips", "trips"))  # fmt: skip
_WORK = (("orders", "orders"), ("lines", "lines"), ("units", "units"), ("pallets", "pallets"),
         ("volume_cbm", "cbm"), ("errors", "errors"))  # fmt: skip


def _complaint(data: Payload, _: EventType) -> str:
    severity = f"severity {data['severity']}" if data.get("severity") else ""
    kind = str(data.get("kind") or "complaint").capitalize()
    parts = (_words(data.get("phase")), severity, _words(data.get("category")))
    return f"{kind} {data.get('ticket_ref', '')} {_joined(parts)}."


def _contact(data: Payload, _: EventType) -> str:
    role = _joined((_words(data.get("influence")), _words(data.get("function"))))
    about = f" ({role})" if role else ""
    return f"Contact {data.get('contact_ref', '')}{about} {_words(data.get('change'))}."


def _milestone(data: Payload, _: EventType) -> str:
    delay = _delay(data["delay_h"]) if _is_number(data.get("delay_h")) else ""
    at = f"at {data['location']}" if data.get("location") else ""
    parts = (_words(data.get("classifier")), _words(data.get("code")), at, delay)
    return f"Booking {data.get('booking_ref', '')}: {_joined(parts)}."


def _delay(hours: float) -> str:
    if hours == 0:
        return "on time"
    return f"{_amount(abs(hours))} h {'late' if hours > 0 else 'early'}"


def _account(data: Payload, _: EventType) -> str:
    kam = data.get("kam")
    owner = f"KAM {kam.get('name') or kam.get('id')}" if isinstance(kam, dict) else ""
    tier = f"tier {data['tier']}" if data.get("tier") else ""
    renewal = f"renewal on {data['renewal_date']}" if data.get("renewal_date") else ""
    parts = (tier, _words(data.get("status")), owner, renewal)
    return f"Account data of {data.get('name', 'the account')} set: {_joined(parts) or 'name'}."


def _warehouse(data: Payload, _: EventType) -> str:
    return (
        f"Warehouse {data.get('site', '')}, {_words(data.get('kind'))} on {data.get('day', '')}: "
        f"{_joined(_amounts(data, _WORK)) or 'activity'}."
    )


def _short(data: Payload, kind: EventType) -> str:
    noun = kind.noun.replace("_", " ").capitalize()
    return f"{noun} {data.get('ref', '')} {_words(data.get('phase'))}."


_SENTENCES: dict[EventType, Callable[[Payload, EventType], str]] = {
    EventType.BOOKING: _booking,
    EventType.COMPLAINT: _complaint,
    EventType.CONTACT_CHANGE: _contact,
    EventType.MILESTONE: _milestone,
    EventType.ACCOUNT: _account,
    EventType.WAREHOUSE: _warehouse,
}


def _words(value: object) -> str:
    return str(value or "").replace("_", " ")


def _joined(parts: tuple[str, ...]) -> str:
    return ", ".join(part for part in parts if part)


def _amounts(data: Payload, units: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the amounts that the event gives, each with its unit."""
    return tuple(
        f"{_amount(data[name])} {unit}" for name, unit in units if _is_number(data.get(name))
    )


def _amount(value: float) -> str:
    """Return a number under 1e12 with separated thousands, never as a power of ten."""
    return f"{value:,.15g}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
