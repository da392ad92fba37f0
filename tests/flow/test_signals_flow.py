"""From facts to scores, alerts, runs and outbound events, on the event clock."""

import asyncio
import json
from datetime import timedelta

import pytest

from services.signals.outbox import Relay
from services.signals.worker import event_clock
from shared.contracts.outbound import read_outbound
from shared.store.session import Database
from tests.support.factory import START, Installation

TOLD = "SELECT kind, topic, key, event_id, body FROM signal_outbox ORDER BY id"


@pytest.fixture
def leadline(sqlite_url):
    database = Database(sqlite_url)
    yield Installation(database)
    database.close()


def a_loss(leadline):
    """One customer stops after a year and a half; six others go on."""
    leadline.take(
        leadline.event("account", "GONE", START, {"name": "Gone Ltd", "kam": {"id": "k1"}}, "/crm")
    )
    leadline.bookings("GONE", weeks=70)
    for number in range(6):
        leadline.bookings(f"STAYS-{number}", weeks=100, every_days=7 + number % 3)


def test_a_customer_who_goes_silent_becomes_an_alert_with_owner_play_and_tasks(leadline):
    a_loss(leadline)
    leadline.work()
    alerts = leadline.rows(
        "SELECT alert.*, account.account_id AS customer FROM alert"
        " JOIN account ON account.id = alert.account_id WHERE opened_at IS NOT NULL"
        " AND type = 'churn_risk' ORDER BY opened_at"
    )
    gone = [alert for alert in alerts if alert["customer"] == "GONE"]
    assert gone
    assert gone[0]["owner_id"] == "k1"
    assert gone[0]["due_at"] > gone[0]["opened_at"]
    runs = leadline.rows("SELECT * FROM playbook_run WHERE alert_id = :id", id=gone[0]["alert_id"])
    assert [run["owner_id"] for run in runs] == ["k1"]
    tasks = leadline.rows("SELECT * FROM run_task WHERE run_id = :id", id=runs[0]["run_id"])
    assert tasks
    assert all(task["owner_id"] and task["due_at"] for task in tasks)


def test_every_account_is_scored_as_of_the_midnight_after_the_last_event(leadline):
    a_loss(leadline)
    leadline.work()
    scores = leadline.rows(
        "SELECT s.*, f.revision FROM account_score s JOIN account_facts f USING (account_id)"
    )
    assert len(scores) == 7
    (complete,) = leadline.rows("SELECT complete_as_of FROM signals_progress")
    assert {score["as_of"] for score in scores} == {complete["complete_as_of"]}
    assert all(score["scored_revision"] == score["revision"] for score in scores)
    assert all(json.loads(score["reasons"]) for score in scores if score["risk"] is not None)


def test_the_same_days_in_other_chunks_give_the_same_rows(leadline, sqlite_url, monkeypatch):
    a_loss(leadline)
    leadline.work()
    monkeypatch.setattr(event_clock, "CHUNK_DAYS", 13)
    other = Installation(leadline.database)
    tables = (
        "SELECT account_id, as_of, risk, band, list, state, detail FROM signal ORDER BY 1, 2",
        "SELECT * FROM alert ORDER BY alert_id",
        "SELECT account_id, state FROM alert_track ORDER BY account_id",
        "SELECT * FROM playbook_run ORDER BY run_id",
        "SELECT * FROM run_task ORDER BY run_id, task_id",
    )
    first = [leadline.rows(statement) for statement in tables]
    told = [{k: row[k] for k in ("key", "event_id", "body")} for row in leadline.rows(TOLD)]
    with leadline.database.write() as connection:
        for table in ("run_action", "run_task", "playbook_run", "alert", "alert_track", "signal",
                      "signal_outbox", "account_score", "signals_progress"):  # fmt: skip
            connection.exec_driver_sql(f"DELETE FROM {table}")
    other.work()
    assert [other.rows(statement) for statement in tables] == first
    again = [{k: row[k] for k in ("key", "event_id", "body")} for row in other.rows(TOLD)]
    by_account = lambda rows: sorted(rows, key=lambda row: row["key"])  # noqa: E731
    assert by_account(again) == by_account(told)


def test_catching_up_takes_as_long_over_days_as_over_reading_the_facts_for_them(leadline):
    leadline.bookings("A", weeks=3)
    clock, began = leadline.clock, leadline.clock.monotonic

    def slow():
        clock.seconds += 10.0  # whatever lies between two looks at the clock
        return began()

    clock.monotonic = slow
    leadline.worker.end_of_input()
    evaluated = "SELECT evaluated_day AS day FROM signals_progress"
    leadline.worker.step()
    before = leadline.rows(evaluated)[0]["day"]
    leadline.worker.step()
    assert leadline.rows(evaluated)[0]["day"] == before + 2


class AskedToStop:
    """A flag that is set once the loop has looked at it: while its first step is under way."""

    def __init__(self):
        self.looked = 0

    def is_set(self):
        self.looked += 1
        return self.looked > 1


def test_who_is_asked_to_stop_while_catching_up_ends_with_the_day_in_hand(leadline):
    a_loss(leadline)
    leadline.worker.end_of_input()
    leadline.worker.run(AskedToStop())
    (progress,) = leadline.rows("SELECT evaluated_day FROM signals_progress")
    (first,) = leadline.rows("SELECT min(first_event_at) / 86400000000 AS day FROM account_facts")
    assert progress["evaluated_day"] == first["day"] + 1


def test_what_leaves_follows_the_contract_and_keeps_the_order_of_each_account(leadline):
    a_loss(leadline)
    leadline.work()
    told = leadline.rows(TOLD)
    assert {row["kind"] for row in told} >= {"signal", "alert", "run"}
    times = {}
    for row in told:
        event = read_outbound(row["topic"], row["body"])
        assert event.subject == row["key"]
        assert event.time >= times.get((row["kind"], row["key"]), event.time)
        times[row["kind"], row["key"]] = event.time


def test_scoring_again_tells_nothing_new(leadline):
    a_loss(leadline)
    leadline.work()
    before = leadline.rows(TOLD)
    leadline.work()
    leadline.worker = leadline.new_worker()
    leadline.work()
    assert leadline.rows(TOLD) == before


class Broker:
    """Acknowledges what it is given, or refuses it."""

    def __init__(self):
        self.taken = []

    async def publish(self, messages):
        self.taken += messages


def test_the_relay_publishes_first_and_then_numbers_the_stream(leadline):
    a_loss(leadline)
    leadline.work()
    told = leadline.rows(TOLD)
    broker = Broker()
    relay = Relay(leadline.database, leadline.clock, broker)

    async def all_of_it():
        while await relay.relay_once():
            pass

    asyncio.run(all_of_it())
    assert [message.value for message in broker.taken] == [row["body"] for row in told]
    stream = leadline.rows("SELECT id, event_id FROM stream_event ORDER BY id")
    assert [row["id"] for row in stream] == list(range(1, len(told) + 1))
    assert [row["event_id"] for row in stream] == [row["event_id"] for row in told]
    assert leadline.rows(TOLD) == []


def test_a_day_waits_until_event_time_has_passed_it_by_a_day(leadline):
    leadline.bookings("A", weeks=4)
    leadline.work(end=False)
    (progress,) = leadline.rows("SELECT evaluated_day FROM signals_progress")
    last = (START + timedelta(days=21)).date().toordinal() - 719163
    assert progress["evaluated_day"] == last - 1
    leadline.clock.pass_seconds(6)
    leadline.work(end=False)
    (progress,) = leadline.rows("SELECT evaluated_day FROM signals_progress")
    assert progress["evaluated_day"] == last
