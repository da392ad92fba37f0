"""One booking's events to the rows that it adds to `booking_day`; pure.

The booking after its first i events (by time) adds a vector of sums to its business day. What
event i changed is stored under that event's own day, the effect day: so the rows with both days
before T sum to what was known as of T, in whatever order the events arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from services.ingest.amounts import money_units, thousandths
from shared.contracts.inbound import Booking, Milestone

DAY_MICROS = 86_400_000_000

SUMS = (
    "demand", "business", "rejected", "cancelled", "rolled", "delivered", "late",
    "teu", "volume", "weight", "trips", "revenue", "margin",
)  # fmt: skip
DEMAND, BUSINESS, REJECTED, CANCELLED, ROLLED, DELIVERED, LATE = range(7)
TEU, VOLUME, WEIGHT, TRIPS, REVENUE, MARGIN = range(7, 13)
NOTHING = (0,) * len(SUMS)

PHASES = (
    "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled", "completed",
)  # fmt: skip
PHASE_RANK = {phase: rank for rank, phase in enumerate(PHASES)}
KEEPS_PHASE = {"amended", "rolled"}
BUSINESS_PHASES = {"confirmed", "completed"}
DELIVERY_CODES = {"delivered", "delivery", "pod"}

Sums = tuple[int, ...]


class SeriesKey(NamedTuple):
    """What a booking row is counted under; missing parts are empty strings."""

    source: str
    mode: str
    service: str
    origin: str
    destination: str
    currency: str


class BookingEvent(NamedTuple):
    """A booking or milestone event of one booking."""

    time: int  # microseconds
    source: str
    id: str
    payload: Any  # Booking or Milestone


class DayRow(NamedTuple):
    """A change of sums, to be added to `booking_day`."""

    series: SeriesKey
    day: int
    effect_day: int
    sums: Sums
    event_id: str  # of the event that changed the demand; empty for another change


def fold_booking(events: Sequence[BookingEvent]) -> list[DayRow]:
    """Return every row that the booking adds, given all its events in any order."""
    if len(events) == 1:
        return _single(events[0])
    ordered = sorted(events, key=_order)
    bookings = [e for e in ordered if isinstance(e.payload, Booking)]
    rows: list[DayRow] = []
    before: dict[tuple[SeriesKey, int], Sums] = {}
    for index, event in enumerate(ordered):
        after = _state(ordered[: index + 1], bookings)
        effect_day = event.time // DAY_MICROS
        for key in before.keys() | after.keys():
            change = _minus(after.get(key, NOTHING), before.get(key, NOTHING))
            if any(change):
                rows.append(DayRow(*key, effect_day, change, _evidence(event, change)))
        before = after
    return rows


def _single(event: BookingEvent) -> list[DayRow]:
    """Fold the common case, a booking known by one event, without the general machinery."""
    payload = event.payload
    day = event.time // DAY_MICROS
    if not isinstance(payload, Booking) or payload.phase == "rolled":
        state = _state((event,), (event,) if isinstance(payload, Booking) else ())
        rows = (
            DayRow(key[0], key[1], day, sums, _evidence(event, sums)) for key, sums in state.items()
        )
        return [row for row in rows if any(row.sums)]
    phase = "confirmed" if payload.phase in KEEPS_PHASE else payload.phase
    sums = tuple(_booking_sums(payload, phase))
    if not any(sums):
        return []
    return [DayRow(_series(payload, event.source), day, day, sums, _evidence(event, sums))]


def _evidence(event: BookingEvent, change: Sums) -> str:
    """Return the id that a reason may show for a booking: not that of a milestone beside it."""
    return event.id if change[DEMAND] else ""


def _order(event: BookingEvent) -> tuple[int, int, str, str]:
    """Sort by time; ties by phase in the order listed, then source, then id."""
    phase = getattr(event.payload, "phase", "")
    return event.time, PHASE_RANK.get(phase, -1), event.source, event.id


def _state(
    seen: Sequence[BookingEvent], bookings: Sequence[BookingEvent]
) -> dict[tuple[SeriesKey, int], Sums]:
    """Return what the booking amounts to after `seen`, per series and day."""
    known = [e for e in seen if isinstance(e.payload, Booking)]
    fields = _latest_fields(known)
    series = _series(fields, bookings[0].source if bookings else seen[0].source)
    state: dict[tuple[SeriesKey, int], list[int]] = {}
    if known:
        day = bookings[0].time // DAY_MICROS
        state[series, day] = _booking_sums(fields, _phase(known))
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


def _latest_fields(known: Sequence[BookingEvent]) -> Any:
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


def _phase(known: Sequence[BookingEvent]) -> str:
    """Return the phase that holds: amended and rolled leave it; alone they are confirmed."""
    phase = "confirmed"
    for event in known:
        if event.payload.phase not in KEEPS_PHASE:
            phase = event.payload.phase
    return phase


def _booking_sums(fields: Booking, phase: str) -> list[int]:
    sums = list(NOTHING)
    if _value(fields, "level") == "master":
        return sums
    if phase == "cancelled" and _value(fields, "by") in {"carrier", "us"}:
        phase = "rejected"
    if phase == "cancelled":
        sums[CANCELLED] = 1
    elif phase == "rejected":
        sums[DEMAND] = sums[REJECTED] = 1
    elif phase == "requested":
        sums[DEMAND] = 1
    elif phase in BUSINESS_PHASES:
        sums[DEMAND] = sums[BUSINESS] = 1
        _add_volume(sums, fields)
    return sums


def _add_volume(sums: list[int], fields: Booking) -> None:
    sums[TEU] = thousandths(_value(fields, "teu"))
    sums[VOLUME] = thousandths(_value(fields, "volume_cbm"))
    chargeable = _value(fields, "chargeable_kg")
    weight = chargeable if chargeable is not None else _value(fields, "weight_kg")
    sums[WEIGHT] = thousandths(weight)
    sums[TRIPS] = thousandths(_value(fields, "trips"))
    revenue, margin = _value(fields, "revenue"), _value(fields, "margin")
    sums[REVENUE] = money_units(revenue)
    # A margin in another currency than the series' cannot be summed with the rest.
    if margin is not None and (revenue is None or margin.currency == revenue.currency):
        sums[MARGIN] = money_units(margin)


def _delivery(seen: Sequence[BookingEvent], known: Sequence[BookingEvent]) -> list[tuple[int, int]]:
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


def _promise(planned: Sequence[BookingEvent], known: Sequence[BookingEvent]) -> int | None:
    """Return the promised moment, frozen at confirmation: the last plan known by then."""
    confirmed = [e.time for e in known if e.payload.phase in BUSINESS_PHASES]
    frozen = [e for e in planned if confirmed and e.time <= confirmed[0]]
    chosen = frozen[-1] if frozen else (planned[0] if planned else None)
    return None if chosen is None else _happened(chosen)


def _happened(event: BookingEvent) -> int:
    """Return when the milestone happened or shall happen, in microseconds."""
    moment = _value(event.payload, "occurred_at")
    return event.time if moment is None else int(moment.timestamp() * 1_000_000)


def _series(fields: Booking | None, source: str) -> SeriesKey:
    if fields is None:
        return SeriesKey(source, "", "", "", "", "")
    money = _value(fields, "revenue") or _value(fields, "margin")
    return SeriesKey(
        source,
        _text(fields, "mode"),
        _text(fields, "service"),
        _text(fields, "origin"),
        _text(fields, "destination"),
        money.currency if money is not None else "",
    )


def _value(payload: Any, name: str) -> Any:
    """Return the field's value; None when absent or null."""
    value = getattr(payload, name)
    return None if value is UNSET else value


def _text(payload: Any, name: str) -> str:
    return _value(payload, name) or ""


def _minus(after: Sums, before: Sums) -> Sums:
    return tuple(a - b for a, b in zip(after, before, strict=True))
