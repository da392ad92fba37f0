"""One booking's events to what each of them changed; pure.

The booking after its first i events (by time) adds a vector of sums to its business day. What
event i changed belongs to event i, and counts from that event's own day on: so the changes of
the events before T sum to what was known as of T, in whatever order the events arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from services.ingest.amounts import money_units
from services.ingest.entity_changes import (
    DAY_MICROS,
    Changes,
    EntityEvent,
    SeriesChange,
    SeriesKey,
    minus,
)
from shared.contracts.inbound import Booking, Milestone
from shared.domain.changes import (
    CANCELLED,
    DELIVERED,
    DEMAND,
    LATE,
    NOTHING,
    REJECTED,
    ROLLED,
    Sums,
)
from shared.domain.freight import choice_of

PHASES = (
    "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled", "completed",
)  # fmt: skip
PHASE_RANK = {phase: rank for rank, phase in enumerate(PHASES)}
KEEPS_PHASE = {"amended", "rolled"}
BUSINESS_PHASES = {"confirmed", "completed"}
DELIVERY_CODES = {"delivered", "delivery", "pod"}

_new = tuple.__new__  # a named tuple's own constructor costs three times as much


def fold_booking(events: Sequence[EntityEvent]) -> list[Changes]:
    """Return what each event changed, in the order given, which may be any."""
    if len(events) == 1:
        (event,) = events
        change = fold_single_booking(event.time, event.source, event.payload)
        return [() if change is None else (change,)]
    places = sorted(range(len(events)), key=lambda place: _order(events[place]))
    ordered = [events[place] for place in places]
    bookings = [e for e in ordered if isinstance(e.payload, Booking)]
    found: list[Changes] = [()] * len(events)
    before: dict[tuple[SeriesKey, int], Sums] = {}
    for index, place in enumerate(places):
        after = _state(ordered[: index + 1], bookings)
        changes = [
            SeriesChange(*key, minus(after.get(key, NOTHING), before.get(key, NOTHING)))
            for key in sorted(before.keys() | after.keys())
        ]
        found[place] = [change for change in changes if any(change.sums)]
        before = after
    return found


def fold_single_booking(time: int, source: str, payload: Any) -> SeriesChange | None:
    """Fold the common case, a booking known by one event, without the general machinery.

    Everything that one event says counts in one series on its own day.
    """
    if type(payload) is not Booking or payload.phase == "rolled":
        event = EntityEvent(time, source, "", payload)
        state = _state((event,), (event,) if type(payload) is Booking else ())
        changes = [SeriesChange(*key, sums) for key, sums in state.items() if any(sums)]
        return changes[0] if changes else None
    sums = _booking_sums(payload, "confirmed" if payload.phase == "amended" else payload.phase)
    if sums is NOTHING:
        return None
    return _new(SeriesChange, (_series(payload, source), time // DAY_MICROS, sums))


def _order(event: EntityEvent) -> tuple[int, int, str, str]:
    """Sort by time; ties by phase in the order listed, then source, then id."""
    phase = getattr(event.payload, "phase", "")
    return event.time, PHASE_RANK.get(phase, -1), event.source, event.id


def _state(
    seen: Sequence[EntityEvent], bookings: Sequence[EntityEvent]
) -> dict[tuple[SeriesKey, int], Sums]:
    """Return what the booking amounts to after `seen`, per series and day."""
    known = [e for e in seen if isinstance(e.payload, Booking)]
    fields = _latest_fields(known)
    series = _series(fields, bookings[0].source if bookings else seen[0].source)
    state: dict[tuple[SeriesKey, int], list[int]] = {}
    if known:
        day = bookings[0].time // DAY_MICROS
        state[series, day] = list(_booking_sums(fields, _phase(known)))
    for event in known:
        if event.payload.phase == "rolled" and _value(event.payload, "by") != "customer":
            sums = state.setdefault((series, event.time // DAY_MICROS), list(NOTHING))
            sums[ROLLED] += 1
    if len(known) < len(seen):
        for day, late in _delivery(seen, known):
            sums = state.setdefault((series, day), list(NOTHING))
            sums[DELIVERED] += 1
            sums[LATE] += late
    return {key: tuple(sums) for key, sums in state.items()}


def _latest_fields(known: Sequence[EntityEvent]) -> Any:
    """Return the payload with each field's latest value; absent is unchanged, null clears."""
    if len(known) <= 1:
        return known[0].payload if known else None
    merged: dict[str, Any] = {}
    for event in known:
        payload = event.payload
        for name in payload.__struct_fields__:
            value = getattr(payload, name)
            if value is not UNSET:
                merged[name] = value
    return Booking(**merged)


def _phase(known: Sequence[EntityEvent]) -> str:
    """Return the phase that holds: amended and rolled leave it; alone they are confirmed."""
    phase = "confirmed"
    for event in known:
        if event.payload.phase not in KEEPS_PHASE:
            phase = event.payload.phase
    return phase


def _booking_sums(fields: Booking, phase: str) -> Sums:
    if fields.level == "master":
        return NOTHING
    if phase in BUSINESS_PHASES:
        return _business_sums(fields)
    if phase == "cancelled":
        return _REJECTED if fields.by in {"carrier", "us"} else _CANCELLED
    return _WITHOUT_BUSINESS.get(phase, NOTHING)


def _business_sums(fields: Booking) -> Sums:
    # On the hot path of every booking: an absent field, UNSET or None, is false. Measures are
    # kept in thousandths (a weight in kg becomes grams).
    weight = fields.chargeable_kg
    if weight is None or weight is UNSET:
        weight = fields.weight_kg
    revenue, margin = fields.revenue, fields.margin
    # A margin in another currency than the series' cannot be summed with the rest.
    mixed = margin and revenue and margin.currency != revenue.currency
    return (
        1, 1, 0, 0, 0, 0, 0, *choice_of(fields.nominated_by, fields.incoterm),
        round(fields.teu * 1000) if fields.teu else 0,
        round(fields.volume_cbm * 1000) if fields.volume_cbm else 0,
        round(weight * 1000) if weight else 0,
        round(fields.trips * 1000) if fields.trips else 0,
        money_units(revenue) if revenue else 0,
        money_units(margin) if margin and not mixed else 0,
    )  # fmt: skip


def _counted(*places: int) -> Sums:
    return tuple(int(place in places) for place in range(len(NOTHING)))


_REJECTED, _CANCELLED = _counted(DEMAND, REJECTED), _counted(CANCELLED)
_WITHOUT_BUSINESS = {"rejected": _REJECTED, "requested": _counted(DEMAND)}


def _delivery(seen: Sequence[EntityEvent], known: Sequence[EntityEvent]) -> list[tuple[int, int]]:
    """Return (day, late) of the booking's delivery, or nothing while it is under way."""
    stones = [e for e in seen if isinstance(e.payload, Milestone)]
    retracted = {_value(e.payload, "retracts") for e in stones}
    stones = [
        e for e in stones if e.payload.code.lower() in DELIVERY_CODES and e.id not in retracted
    ]
    actual = [e for e in stones if e.payload.classifier == "actual"]
    if not actual:
        return []
    last = actual[-1]
    promise = _promise([e for e in stones if e.payload.classifier == "planned"], known)
    delay = _value(last.payload, "delay_h")
    late = (promise is not None and _happened(last) > promise) or (delay or 0) > 0
    return [(last.time // DAY_MICROS, int(late))]


def _promise(planned: Sequence[EntityEvent], known: Sequence[EntityEvent]) -> int | None:
    """Return the promised moment, frozen at confirmation: the last plan known by then."""
    confirmed = [e.time for e in known if e.payload.phase in BUSINESS_PHASES]
    frozen = [e for e in planned if confirmed and e.time <= confirmed[0]]
    chosen = frozen[-1] if frozen else (planned[0] if planned else None)
    return None if chosen is None else _happened(chosen)


def _happened(event: EntityEvent) -> int:
    """Return when the milestone happened or shall happen, in microseconds."""
    moment = _value(event.payload, "occurred_at")
    return event.time if moment is None else int(moment.timestamp() * 1_000_000)


def _series(fields: Booking | None, source: str) -> SeriesKey:
    if fields is None:
        return SeriesKey(source, "", "", "", "", "")
    money = fields.revenue or fields.margin
    return _new(
        SeriesKey,
        (
            source,
            fields.mode or "",
            fields.service or "",
            fields.origin or "",
            fields.destination or "",
            money.currency if money else "",
        ),
    )


def _value(payload: Any, name: str) -> Any:
    """Return the field's value; None when absent or null."""
    value = getattr(payload, name)
    return None if value is UNSET else value
