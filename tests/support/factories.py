"""Rows as the services write them, with sane defaults; for tests of readers."""

import itertools
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from shared.domain.changes import NOTHING, pack_change
from shared.domain.event_types import EventType
from shared.store.base import from_micros, to_micros
from shared.store.tables import (
    AccountFactsRow,
    AccountRow,
    AccountScoreRow,
    AlertRow,
    DeadLetterRow,
    EventRow,
    EvidenceRow,
    FeedAccountRow,
    FeedHourRow,
    FeedRow,
    PlaybookRunRow,
    RunActionRow,
    RunTaskRow,
    SeriesRow,
    SignalRow,
    SourceRow,
    StreamEventRow,
    WarningOutcomeRow,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = to_micros(NOW) // 86_400_000_000
CURVE = [0.62, 0.66, 0.69, 0.71, 0.73, 0.74, 0.75, 0.76, 0.77, 0.775, 0.78, 0.785]


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self, now=NOW):
        self.at = now
        self.passed = 0.0

    def now(self):
        return self.at

    def monotonic(self):
        return self.passed


class Factory:
    """Inserts rows into one database and remembers their ids."""

    def __init__(self, database):
        self._database = database
        self.accounts = {}
        self.sources = {}
        self._series = {}
        self._numbers = itertools.count(1)

    def add(self, table, **values):
        with self._database.write() as connection:
            key = connection.execute(insert(table).values(**values)).inserted_primary_key
        return key[0]

    def account(self, account_id, *, kam="kam-a", **values):
        values = {"name": f"Name of {account_id}", "kam_name": kam and kam.title()} | values
        row = self.add(AccountRow, account_id=account_id, kam_id=kam, tier="A", **values)
        self.accounts[account_id] = row
        self.add(
            AccountFactsRow, account_id=row, revision=1, events_total=1,
            first_event_at=NOW, last_event_at=NOW, changed_at=NOW,
        )  # fmt: skip
        return row

    def score(self, account_id, risk=0.62, **values):
        given = {
            "scored_revision": 1, "as_of": NOW, "state": "scored", "risk": risk, "base": -1.9,
            "curve": CURVE, "band": "high", "list": "going_silent", "early_warning_months": 2,
            "thresholds": {"watch": 30.0, "high": 50.0, "critical": 70.0}, "coverage": 1.0,
            "reasons": [
                {"code": "recency", "contribution": 2.39, "event_ids": ["b-1"],
                 "text": "0 bookings since 12 Feb, normally 4 a week"},
                {"code": "complaint", "contribution": -0.1, "text": "No open complaint",
                 "event_ids": []},
            ],
            "lost": False, "last_booking_at": NOW - timedelta(days=26), "model_version": "1",
        }  # fmt: skip
        row = self.accounts[account_id]
        return self.add(AccountScoreRow, account_id=row, **given | values)

    def signal(self, account_id, as_of=NOW, **values):
        given = {"risk": 0.5, "band": "high", "list": "going_silent", "early_warning_months": 3,
                 "state": "scored", "model_version": "1", "detail": {}}  # fmt: skip
        row = self.accounts[account_id]
        return self.add(SignalRow, account_id=row, as_of=as_of, **given | values)

    def alert(self, alert_id, account_id, **values):
        given = {
            "type": "churn_risk", "reason_code": "churn_risk",
            "reason_text": "Risk 62: 0 bookings since 12 Feb, normally 4 a week",
            "scope": {"kind": "account"}, "scope_key": "", "band": "high", "risk_score": 62.0,
            "drivers": [], "evidence": [{"source": "/tms/hph-1", "id": "b-1"}],
            "owner_id": "kam-a", "owner_name": "Kam-A", "playbook": "executive_review",
            "due_at": NOW + timedelta(days=3), "pending_since": NOW - timedelta(days=3),
            "opened_at": NOW - timedelta(days=1), "updated_at": NOW - timedelta(days=1),
        }  # fmt: skip
        row = self.accounts[account_id]
        return self.add(AlertRow, alert_id=alert_id, account_id=row, **given | values)

    def warning(self, account_id, **values):
        given = {
            "outcome": "lost", "alert_id": None, "last_booking_day": DAY - 100,
            "obvious_day": DAY - 69, "warned_day": None, "random_day": None, "recency_day": None,
            "noted_at": NOW,
        } | values  # fmt: skip
        row = self.accounts[account_id]
        episode = f"{given['outcome']}/{given['last_booking_day']}"
        return self.add(WarningOutcomeRow, account_id=row, episode=episode, **given)

    def run(self, run_id, account_id, *, alert_id=None, tasks=("call", "visit"), **values):
        given = {
            "playbook": "executive_review", "version": 1,
            "title": {"en": "Special executive review"}, "alert_id": alert_id,
            "trigger_key": run_id, "owner_id": "kam-a", "owner_name": "Kam-A",
            "started_at": NOW, "first_action_due_at": NOW + timedelta(days=3), "updated_at": NOW,
        }  # fmt: skip
        row = self.accounts[account_id]
        self.add(PlaybookRunRow, run_id=run_id, account_id=row, **given | values)
        for position, task in enumerate(tasks):
            self.add(
                RunTaskRow, run_id=run_id, task_id=task, position=position, kind="task",
                title={"en": f"{task.title()} the logistics manager"}, role="kam",
                owner_id="kam-a", owner_name="Kam-A", due_at=NOW + timedelta(days=position + 1),
            )  # fmt: skip

    def run_act(self, run_id, kind, **values):
        given = {"actor": "kam-a", "at": NOW}
        return self.add(RunActionRow, run_id=run_id, kind=kind, **given | values)

    def source(self, uri="/tms/hph-1"):
        if uri not in self.sources:
            self.sources[uri] = self.add(SourceRow, uri=uri)
        return self.sources[uri]

    def series(self, uri):
        """Return the one series of a source."""
        if uri not in self._series:
            self._series[uri] = self.add(
                SeriesRow, source_id=self.source(uri), mode="sea", service="FCL", origin="VNHPH",
                destination="DEHAM", currency="USD",
            )  # fmt: skip
        return self._series[uri]

    def bookings(self, account_id, months, source="/tms/hph-1", *, day=DAY):
        """Insert bookings per month back, the newest last."""
        series = self.series(source)
        for back, count in enumerate(reversed(months)):
            at = day - 30 * back
            sums = (count, count, *NOTHING[2:])
            self.event(
                account_id, f"b-{next(self._numbers)}", EventType.BOOKING, b"{}", source=source,
                at=from_micros(at * 86_400_000_000), changes=pack_change(series, at, sums),
            )  # fmt: skip

    def event(self, account_id, event_id, kind, data, *, at=NOW, source="/tms/hph-1", changes=None):
        return self.add(
            EventRow, source_id=self.source(source), event_id=event_id, type_id=int(kind),
            account_id=self.accounts[account_id], entity=next(self._numbers), nth=0, time=at,
            recorded_at=at, arrived_at=at, data=data, changes=changes,
        )  # fmt: skip

    def evidence(self, account_id, kind, ref, data, *, at=NOW, event_id="e"):
        return self.add(
            EvidenceRow, account_id=self.accounts[account_id], kind=kind, ref=ref, time=at,
            recorded_at=at, source_id=self.source(), event_id=event_id, data=data,
        )  # fmt: skip

    def feed(self, uri, kind, hours, *, accounts=5):
        source = self.source(uri)
        last = datetime.fromtimestamp(max(hours) * 3600, UTC)
        self.add(
            FeedRow, source_id=source, type_id=int(kind), streamed_total=len(hours),
            imported_total=0, first_event_at=last, last_event_at=last,
        )  # fmt: skip
        for hour in hours:
            self.add(FeedHourRow, source_id=source, type_id=int(kind), hour=hour, events=1)
        for account in range(accounts):
            self.add(FeedAccountRow, source_id=source, type_id=int(kind), account_id=account)

    def dead_letter(self, **values):
        given = {"origin": "http:1", "headers": [], "reason": "not_json", "detail": "at byte 0",
                 "first_seen_at": NOW, "last_tried_at": NOW, "value": b"nonsense"}  # fmt: skip
        return self.add(DeadLetterRow, **given | values)

    def change(self, number, kind, account_id, body=b'{"n": 1}'):
        self.add(
            StreamEventRow, id=number, event_id=f"s-{number}", kind=kind, key=account_id,
            body=body, created_at=NOW,
        )  # fmt: skip
