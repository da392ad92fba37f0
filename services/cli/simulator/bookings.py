"""One booking from request to delivery: a handful of events over its transit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from services.cli.simulator.cast import Lane, Profile
from services.cli.simulator.events import dollars, local, written
from services.ingest.adapters import MappedEvent
from shared.domain.event_types import EventType

REQUESTED, CANCELLED, ROLLED = 0.2, 0.03, 0.03
"""Shares of bookings that begin as a request, are cancelled, are rolled to a later sailing."""
LATE = 0.07
LATE_IN_BURST = 0.5
BOOKING, MILESTONE = EventType.BOOKING, EventType.MILESTONE


class Order(NamedTuple):
    """What decides a booking."""

    profile: Profile
    lane: Lane
    ref: str
    day: date
    late: float  # chance of a late delivery
    refused: bool = False  # asked for, and rejected by us for credit


def booking_events(order: Order, random: Random) -> Iterator[MappedEvent]:
    """Yield a booking's events in order of time."""
    at = local(order.day, 8 * 60 + random.randrange(9 * 60), order.profile.offset)
    data = _details(order, random)
    fate = random.random()
    if order.refused or random.random() < REQUESTED:
        yield _booking(order, "requested", at, data)
        at += timedelta(minutes=random.randrange(20, 300))
        data = {}
    if order.refused:
        yield _booking(order, "rejected", at, {"by": "us", "reason": "credit"})
        return
    yield _booking(order, "confirmed", at, data)
    if fate < CANCELLED:
        by = "customer" if random.random() < 0.6 else "carrier"
        at += timedelta(days=random.randrange(1, 5))
        yield _booking(order, "cancelled", at, {"by": by, "reason": "other"})
        return
    promised = at + timedelta(days=order.lane.transit_days)
    yield _milestone(order, "planned", at, promised)
    if fate < CANCELLED + ROLLED:
        rolled = at + timedelta(days=2)
        yield _booking(order, "rolled", rolled, {"by": "carrier", "reason": "space"})
    late = random.random() < order.late
    delay_h = random.randrange(20, 110) if late else -random.randrange(1, 20)
    delivered = promised + timedelta(hours=delay_h)
    yield _milestone(order, "actual", delivered, delivered, delay_h)


def _details(order: Order, random: Random) -> dict[str, Any]:
    lane = order.lane
    amount = lane.size * random.uniform(0.85, 1.15)
    whole = lane.unit in {"teu", "trips"}
    amount = float(max(1, round(amount))) if whole else round(amount, 1)
    revenue = amount * lane.price * random.uniform(0.95, 1.05)
    project = order.profile.story is not None and order.profile.story.code == "project_ended"
    tender = order.profile.story is not None and order.profile.story.code == "tender_lost"
    return {
        "mode": lane.mode,
        "service": lane.service,
        "origin": lane.origin,
        "destination": lane.destination,
        "incoterm": lane.incoterm,
        lane.unit: amount,
        "weight_kg": round(lane.weight_kg * amount / lane.size),
        "revenue": dollars(revenue),
        "margin": dollars(revenue * random.uniform(0.09, 0.17)),
        "rate_basis": "tender" if tender else "contract",
        "nature": "project" if project else "recurrent",
    }


def _booking(order: Order, phase: str, at: datetime, data: dict[str, Any]) -> MappedEvent:
    return written(
        BOOKING,
        source=order.profile.tms,
        id=f"{order.ref}/{phase}",
        subject=order.profile.account_id,
        at=at,
        data={"booking_ref": order.ref, "phase": phase, **data},
    )


def _milestone(
    order: Order, classifier: str, at: datetime, occurred: datetime, delay_h: int | None = None
) -> MappedEvent:
    data: dict[str, Any] = {
        "booking_ref": order.ref,
        "code": "delivered",
        "classifier": classifier,
        "occurred_at": occurred.isoformat(),
        "location": order.lane.destination,
    }
    if delay_h is not None:
        data["delay_h"] = delay_h
    return written(
        MILESTONE,
        source=order.profile.tms,
        id=f"{order.ref}/delivered/{classifier}",
        subject=order.profile.account_id,
        at=at,
        data=data,
        late_minutes=15,
    )
