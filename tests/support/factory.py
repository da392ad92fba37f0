"""An installation of a test's own: events in through ingest, a worker to step, a clock to move."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.signals.hazard.model import default_model
from services.signals.playbooks.library import load_library
from services.signals.worker.plays import LibraryPlays
from services.signals.worker.stepper import Stepper
from shared.store.base import to_micros

SETTLE_SECONDS = 10
START = datetime(2024, 1, 1, 9, tzinfo=UTC)


class FakeClock:
    """A clock that moves when told to."""

    def __init__(self, now):
        self.at = now
        self.seconds = 0.0

    def now(self):
        return self.at

    def monotonic(self):
        return self.seconds

    def pass_seconds(self, seconds):
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


class Installation:
    """Facts by HTTP, one worker, both on one clock."""

    def __init__(self, database, clock_name="event", now=datetime(2026, 6, 1, tzinfo=UTC)):
        self.database = database
        self.clock = FakeClock(now)
        self.plays = LibraryPlays(load_library())
        self.clock_name = clock_name
        self.worker = self.new_worker()
        self._intake = EventIntake(database, self.clock, Intake.HTTP)
        self._numbers = 0

    def new_worker(self):
        return Stepper(
            self.database, self.clock, default_model(), self.plays, clock_name=self.clock_name
        )

    def take(self, *events):
        results = self._intake.accept([json.dumps(event).encode() for event in events])
        assert {result.status for result in results} <= {"accepted"}, results

    def event(self, noun, account, time, data, source="/tms"):
        self._numbers += 1
        return {
            "specversion": "1.0", "id": f"e{self._numbers}", "source": source,
            "type": f"leadline.{noun}.v1", "subject": account, "time": time.isoformat(),
            "data": data,
        }  # fmt: skip

    def bookings(self, account, *, weeks, every_days=7, start=START, source="/tms"):
        """Take one booking each `every_days`, for `weeks` weeks."""
        events = [
            self.event(
                "booking",
                account,
                start + timedelta(days=at),
                {
                    "booking_ref": f"{account}-{at}", "phase": "confirmed", "mode": "sea",
                    "service": "FCL", "origin": "VNHPH", "destination": "DEHAM", "teu": 2,
                },
                source,
            )
            for at in range(0, weeks * 7, every_days)
        ]  # fmt: skip
        self.take(*events)

    def work(self, *, end=True, limit=500):
        """Step until nothing is due; at the `end` of input also what waits for more to come."""
        if end:
            self.worker.end_of_input()
        for _ in range(limit):
            if not self.worker.step():
                if not end or not self._a_look_waits():
                    return
                self.clock.pass_seconds(SETTLE_SECONDS)
        raise AssertionError("the worker never comes to rest")

    def _a_look_waits(self):
        now = to_micros(self.clock.now())
        asked = "SELECT 1 FROM account_score WHERE due_at > :now AND due_at <= :soon"
        return self.rows(asked, now=now, soon=now + SETTLE_SECONDS * 1_000_000)

    def rows(self, statement, **values):
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]
