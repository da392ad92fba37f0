"""An account that goes into another, and comes back: what their tests share."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text

from shared.contracts.outbound import read_outbound
from shared.store.moment import deciding_moment
from shared.store.tables import AlertActionRow
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}
SOLVED = {"ticket_ref": "T1", "phase": "solved"}
INTO_B = {"name": "A Ltd", "kam": {"id": "k1"}, "status": "merged", "merged_into": "B"}
ALIVE = {"name": "A Ltd", "kam": {"id": "k1"}, "status": "active", "merged_into": None}
OF_SIGNALS = (
    "run_action", "run_task", "playbook_run", "alert", "alert_track", "signal", "account_score",
    "population_fit", "lane_market", "signal_outbox", "signals_progress",
)  # fmt: skip
ALERTS = """
SELECT c.account_id AS customer, a.* FROM alert a JOIN account c ON c.id = a.account_id
WHERE a.opened_at IS NOT NULL ORDER BY a.alert_id
"""


class World(Installation):
    """A (of k1) and B (of k2) book every week; A complains."""

    def begin(self):
        for name, kam in (("A", "k1"), ("B", "k2")):
            data = {"name": f"{name} Ltd", "kam": {"id": kam}}
            self.say("account", name, data, NOW - timedelta(days=400))
            self.bookings(name, weeks=50, start=NOW - timedelta(days=351))
        self.say("complaint", "A", SEVERE, NOW - timedelta(hours=1))

    def say(self, noun, account, data, time=None):
        self.take(self.event(noun, account, time or self.clock.now(), data, "/crm"))

    def days_pass(self, days):
        """Let days pass on either clock; B goes on booking."""
        for _ in range(days):
            self.clock.pass_seconds(DAY.total_seconds())
            ref = {"booking_ref": f"late-{self.clock.now():%j}", "phase": "confirmed"}
            lane = {"mode": "sea", "service": "FCL", "origin": "VNHPH", "destination": "DEHAM"}
            self.take(self.event("booking", "B", self.clock.now() - timedelta(hours=2), ref | lane))
            self.work()

    def rebuilt(self):
        """Forget all that signals wrote, and return the world after a replay of the facts."""
        with self.database.write() as connection:
            for table in OF_SIGNALS:
                connection.execute(text(f"DELETE FROM {table}"))
        again = World(self.database, "event", self.clock.now())
        again.work()
        return again

    def alert_of(self, customer):
        """Return the alert of the complaint."""
        (found,) = self.complaints_of(customer)
        return found

    def alert_of_ticket(self, customer, ticket):
        (found,) = [
            one for one in self.complaints_of(customer) if one["scope_key"].endswith(ticket)
        ]
        return found

    def told(self, kind, name):
        """Return what was told of an alert or a run, oldest first."""
        rows = self.rows("SELECT kind, topic, body FROM signal_outbox ORDER BY id")
        found = [read_outbound(r["topic"], r["body"]).data for r in rows if r["kind"] == kind]
        return [one for one in found if getattr(one, f"{kind}_id") == name]

    def told_runs_of(self, alert):
        (run,) = self.rows("SELECT run_id FROM playbook_run WHERE alert_id = :a", a=alert)
        return self.told("run", run["run_id"])

    def act(self, alert_id, kind, actor, **given):
        """Do it as a person, at the moment that acts go by."""
        with self.database.write() as connection:
            at = deciding_moment(connection, self.clock.now(), self.clock_name)
            row = {"alert_id": alert_id, "kind": kind, "actor": actor, "at": at, **given}
            connection.execute(insert(AlertActionRow).values(**row))

    def resolve(self, customer, actor):
        """Resolve the alert of the complaint; returns its id."""
        alert = self.alert_of(customer)["alert_id"]
        self.act(alert, "resolve", actor, outcome="recovered_by_action")
        return alert

    def complaints_of(self, customer):
        """Return the alerts of complaints, oldest first."""
        found = [one for one in self.rows(ALERTS) if one["customer"] == customer]
        found = [one for one in found if one["type"] == "complaint"]
        return sorted(found, key=lambda one: one["opened_at"])

    def last_told(self, customer):
        return self.told("alert", self.alert_of(customer)["alert_id"])[-1]


class Parted(World):
    """A and B as before; A is merged into B, and some days later the CRM says that it lives."""

    def part(self, *, merged_days, ticket="T1"):
        self.act(self.alert_of_ticket("A", ticket)["alert_id"], "acknowledge", "k1")
        self.say("account", "A", INTO_B)
        self.days_pass(merged_days)
        self.say("account", "A", ALIVE)
        self.settle()

    def part_again(self):
        """Merge at once and take it back after two days."""
        self.say("account", "A", INTO_B)
        self.days_pass(2)
        self.say("account", "A", ALIVE)
        self.settle()

    def settle(self):
        """Let the worker see it: at once on the wall clock, by the next day on the other."""
        if self.clock_name == "event":
            self.days_pass(2)
        self.work()

    def told_states_of(self, alert):
        """Return the last state told of each run of an alert."""
        runs = self.rows("SELECT run_id FROM playbook_run WHERE alert_id = :a", a=alert)
        return {one["run_id"]: self.told("run", one["run_id"])[-1].state for one in runs}
