"""History that comes to a running installation in pieces ends with the scores of a whole one."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.store.session import Database
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
NAMES = [f"ACC-{n}" for n in range(7)]
SCORES = """
SELECT a.account_id, s.state, s.risk, s.band, s.list, s.curve, s.reasons, s.coverage,
  s.last_booking_at
FROM account_score s JOIN account a ON a.id = s.account_id ORDER BY a.account_id
"""


def history(installation, until):
    """Return what one feed told: a booking of each account a week, in order of time."""
    days = range(52 * 7)
    start = until - timedelta(days=len(days))
    return [
        installation.event(
            "booking", name, start + timedelta(days=day, hours=1),
            {"booking_ref": f"{name}-{day}", "phase": "confirmed", "teu": 2},
        )
        for day in days for at, name in enumerate(NAMES) if day % 7 == at
    ]  # fmt: skip


def scores(installation):
    """Return every score; of lists, SQLite gives the text."""
    found = installation.rows(SCORES)
    for one in found:
        one |= {k: json.loads(one[k]) for k in ("curve", "reasons") if isinstance(one[k], str)}
    return found


@pytest.fixture
def at_once(sqlite_in, tmp_path_factory):
    """An installation that has everything before it looks."""
    database = Database(sqlite_in(tmp_path_factory.mktemp("other")))
    yield Installation(database, "wall", NOW)
    database.close()


@pytest.mark.parametrize("silent_days", [0, 25, 150])
def test_scores_are_those_of_the_whole_history(database, at_once, silent_days):
    """While it arrives the feed seems silent; in the end it is so only where it stopped."""
    whole = history(at_once, NOW - timedelta(days=silent_days))
    at_once.take(*whole)
    at_once.work()
    in_pieces = Installation(database, "wall", NOW)

    for begin in range(0, len(whole), 40):
        in_pieces.take(*whole[begin : begin + 40])
        in_pieces.work()
    in_pieces.clock.pass_seconds(30)
    in_pieces.work()

    found = scores(in_pieces)
    assert {one["state"] for one in found} == {"no_data" if silent_days else "scored"}
    assert found == scores(at_once)
