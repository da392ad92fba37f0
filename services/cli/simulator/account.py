"""One account day by day: everything that its systems send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.cli.simulator.bookings import LATE, LATE_IN_BURST, Order, booking_events
from services.cli.simulator.cast import SOUTH, Profile
from services.cli.simulator.effects import (
    MONTHLY_CHAMPION_LEAVES,
    MONTHLY_COMPLAINT,
    SEVERE_SHARE,
    Fate,
)
from services.cli.simulator.events import local
from services.cli.simulator.relations import (
    BURST,
    account_event,
    complaint_events,
    contact_event,
    contact_events,
    tender_event,
    warehouse_event,
)
from services.cli.simulator.seasons import season_ratio
from services.cli.simulator.stories import incoterm, rate_ratio
from services.ingest.adapters import MappedEvent

KEPT = 0.94
"""Chance that a regular booking takes place in an ordinary week."""
CAST = 60
QUIET_DAYS = 200
"""The first accounts lead quiet lives near the end, so that the stories stand out."""
MONTH_DAYS = 30


class Span(NamedTuple):
    """The simulated time: [start, end)."""

    start: date
    end: date


class SimulatedAccount:
    """Makes the events that begin on a day; later steps of a booking come with it."""

    def __init__(self, profile: Profile, span: Span, seed: int) -> None:
        self.profile = profile
        self.fate = Fate()
        self._span = span
        self._random = Random(f"{seed}/account/{profile.number}")  # noqa: S311 - a simulation
        self._bookings = 0
        self._tickets = 0
        self._code = profile.story.code if profile.story else ""

    def day(self, day: date) -> Iterator[MappedEvent]:
        """Yield the events that begin on `day`, with everything that follows from them."""
        elapsed = (day - self._span.start).days
        days_left = (self._span.end - day).days
        if elapsed == 0:
            yield account_event(self.profile, day, self._span.end)
            yield from contact_events(self.profile, day)
        if self._code:
            yield from self._story(day, days_left)
        if elapsed % MONTH_DAYS == self.profile.number % MONTH_DAYS:
            yield from self._month(day, elapsed, days_left)
        if day.weekday() < 5:
            yield from self._orders(day, elapsed, days_left)
        if self.profile.warehouse and day.weekday() == 4:
            yield warehouse_event(self.profile, day, self._random)

    def _orders(self, day: date, elapsed: int, days_left: int) -> Iterator[MappedEvent]:
        burst = self._code == "complaint_burst" and days_left <= 70
        for position, lane in enumerate(self.profile.lanes):
            if day.weekday() not in lane.days:
                continue
            ratio = rate_ratio(self._code, position, days_left, day.month)
            ratio *= season_ratio(lane.origin[:2], day) * self.fate.ratio(elapsed)
            for _ in range(self._drawn(ratio)):
                yield from self._order(position, day, LATE_IN_BURST if burst else LATE)

    def _drawn(self, ratio: float) -> int:
        """Return how many bookings a regular slot brings."""
        chance = KEPT * ratio
        whole = int(chance)
        return whole + (self._random.random() < chance - whole)

    def _order(
        self, lane: int, day: date, late: float, *, refused: bool = False
    ) -> Iterator[MappedEvent]:
        self._bookings += 1
        prefix = "S" if self.profile.tms == SOUTH else "T"
        ref = f"{prefix}{self.profile.number + 1:04d}-{self._bookings:05d}"
        usual = self.profile.lanes[lane]
        terms = incoterm(self._code, lane, (self._span.end - day).days, usual.incoterm)
        order = Order(self.profile, usual._replace(incoterm=terms), ref, day, late, refused)
        yield from booking_events(order, self._random)

    def _month(self, day: date, elapsed: int, days_left: int) -> Iterator[MappedEvent]:
        """Once a month: an ordinary complaint, and for accounts without a story their fate."""
        month = elapsed // MONTH_DAYS
        quiet = self.profile.number < CAST and days_left < QUIET_DAYS
        if self._random.random() < MONTHLY_COMPLAINT and month - self.fate.complaint_month > 3:
            severe = not self._code and not quiet and self._random.random() < SEVERE_SHARE
            if self._code != "complaint_burst" or days_left > 120:
                self.fate.complaint_month = month
                if severe:
                    self.fate.severe_month = month
                yield from self._complaint(day, severity=1 if severe else 3, category="documents")
        if self._code or quiet or self.fate.leaving_day is not None:
            return
        if self._random.random() < MONTHLY_CHAMPION_LEAVES and self.fate.champion_left_month < 0:
            self.fate.champion_left_month = month
            yield contact_event(self.profile, 0, local(day, 700, self.profile.offset), "left")
        if self.fate.decides_to_leave(month, self._random):
            self.fate.leaving_day = elapsed

    def _complaint(self, day: date, **data: object) -> Iterator[MappedEvent]:
        self._tickets += 1
        ref = f"TK{self.profile.number + 1:04d}-{self._tickets:03d}"
        yield from complaint_events(self.profile, ref, day, self._random, **data)

    def _story(self, day: date, days_left: int) -> Iterator[MappedEvent]:
        """Yield what only the account's story brings on this day."""
        profile = self.profile
        if self._code == "champion_left" and days_left == 12:
            yield contact_event(profile, 0, local(day, 640, profile.offset), "left")
        if self._code == "complaint_burst":
            for at, severity, category, solved in BURST:
                if at == days_left:
                    yield from self._complaint(
                        day, severity=severity, category=category, solved=solved
                    )
        if self._code == "tender_lost" and days_left in {150, 135, 110}:
            phase = {150: "requested", 135: "submitted", 110: "lost"}[days_left]
            yield tender_event(profile, day, phase)
        if self._code == "project_ended" and days_left == 45:
            changes = {"status": "closed", "hold_reason": "project_end"}
            yield account_event(profile, day, self._span.end, **changes)
        if self._code == "credit_hold":
            if days_left == 36:
                changes = {"status": "on_hold", "hold_reason": "credit"}
                yield account_event(profile, day, self._span.end, **changes)
            if days_left in {33, 29, 22}:
                yield from self._order(0, day, 0.0, refused=True)


def feed_ends(profile: Profile, span: Span) -> date:
    """Return the day from which nothing of the account's transport system arrives."""
    if profile.tms == SOUTH and profile.story is not None:
        return span.end - timedelta(days=profile.story.starts)
    return span.end
