"""Whether a lane fell for everybody is judged by the whole book, whoever is looked at with whom."""

from datetime import UTC, datetime, timedelta

import pytest

from services.signals.worker import pace
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
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
