"""Whether a lane fell for everybody is judged by the whole book, whoever is looked at with whom."""

from datetime import UTC, datetime, timedelta

import pytest

from services.signals.worker import pace
from tests.support.factory import SETTLE_SECONDS, Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
HAMBURG = {"mode": "sea", "service": "FCL", "origin": "VNHPH", "destination": "DEHAM"}
FRANKFURT = {"mode": "air", "origin": "VNHAN", "destination": "DEFRA"}
ROTTERDAM = HAMBURG | {"origin": "VNSGN", "destination": "NLRTM"}
FOUND = """
SELECT c.account_id AS customer, a.suppressed_reason AS muted, a.opened_at AS opened FROM alert a
JOIN account c ON c.id = a.account_id WHERE a.type = 'silent_lane_loss' AND a.scope_key LIKE :lane
"""


def book(leadline, account, lane, weeks, last):
    """Book a lane on each of so many weeks, the last time at `last`."""
    leadline.take(*(
        leadline.event(
            "booking", account, last - timedelta(weeks=back),
            {"booking_ref": f"{lane['destination']}-{last:%j}-{back}", "phase": "confirmed"} | lane,
        )
        for back in range(weeks)
    ))  # fmt: skip


def customers(leadline):
    """Let one lane fall for six of its twelve, another for each of its eight."""
    for number in range(20):
        account = f"A{number:02d}"
        book(leadline, account, ROTTERDAM, 34, NOW - 1 * DAY)
        if number < 12:
            book(leadline, account, FRANKFURT, 30, NOW - (40 if number < 6 else 2) * DAY)
        else:
            book(leadline, account, HAMBURG, 30, NOW - 40 * DAY)


def found(leadline, lane):
    return leadline.rows(FOUND, lane=f"%{lane['destination']}%")


@pytest.mark.parametrize(
    ("clock_name", "chunk"),
    [("event", 200), ("wall", 8), ("wall", 3)],
)
def test_the_whole_book_tells_whether_a_lane_fell_for_everybody(
    database, monkeypatch, clock_name, chunk
):
    monkeypatch.setattr(pace, "CHUNK", chunk)
    leadline = Installation(database, clock_name, NOW)
    customers(leadline)
    leadline.work()
    told = found(leadline, FRANKFURT)
    mutes = [[row["muted"] for row in rows] for rows in (found(leadline, HAMBURG), told)]
    assert mutes == [["market"] * 8, [None] * 6]
    assert all(row["opened"] for row in told)


def test_two_processes_judge_by_one_market(database, monkeypatch):
    monkeypatch.setattr(pace, "CHUNK", 3)
    leadline = Installation(database, "wall", NOW)
    other = leadline.new_worker()
    customers(leadline)
    for _ in range(2):
        while leadline.worker.step() | other.step():
            pass
        leadline.clock.pass_seconds(SETTLE_SECONDS)  # no more history comes
    assert [row["muted"] for row in found(leadline, HAMBURG)] == ["market"] * 8
    assert [row["muted"] for row in found(leadline, FRANKFURT)] == [None] * 6


def test_history_that_comes_to_a_running_installation_is_part_of_the_book(database):
    leadline = Installation(database, "wall", NOW)
    leadline.work(end=False)
    customers(leadline)
    leadline.work(end=False)
    leadline.clock.pass_seconds(SETTLE_SECONDS)
    leadline.work(end=False)
    assert [row["muted"] for row in found(leadline, HAMBURG)] == ["market"] * 8


def test_what_is_urgent_does_not_wait_for_the_market(database, monkeypatch):
    monkeypatch.setattr(pace, "CHUNK", 1)
    leadline = Installation(database, "wall", NOW)
    customers(leadline)
    leadline.work()
    leadline.clock.pass_seconds(DAY.total_seconds())
    severe = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}
    leadline.worker.step()
    assert not leadline.rows("SELECT 1 FROM lane_market WHERE day = :day", day=TODAY + 1)
    leadline.take(
        leadline.event("complaint", "NEW", leadline.clock.now() - timedelta(minutes=1), severe)
    )
    leadline.worker.step()
    assert leadline.rows("SELECT 1 FROM alert WHERE type = 'complaint'")
    assert not leadline.rows("SELECT 1 FROM lane_market WHERE day = :day", day=TODAY + 1)
    leadline.work()
    assert leadline.rows("SELECT 1 FROM lane_market WHERE day = :day", day=TODAY + 1)


def test_who_is_due_keeps_the_day_though_something_urgent_comes_before_the_market(database):
    leadline = Installation(database, "wall", NOW)
    customers(leadline)
    leadline.work()
    severe = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}
    leadline.take(
        leadline.event("complaint", "A03", leadline.clock.now() - timedelta(hours=1), severe)
    )
    leadline.work()
    leadline.clock.pass_seconds(DAY.total_seconds())
    leadline.work()
    solved = {"ticket_ref": "T1", "phase": "solved"}
    leadline.take(leadline.event("complaint", "A03", leadline.clock.now(), solved))
    leadline.clock.pass_seconds(DAY.total_seconds())
    leadline.work()
    (alert,) = leadline.rows("SELECT recovering_since FROM alert WHERE type = 'complaint'")
    assert alert["recovering_since"] is not None
