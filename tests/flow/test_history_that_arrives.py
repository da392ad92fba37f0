"""History that comes to a running installation in pieces ends with the scores of a whole one."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.signals.worker.scene import FEEDS_SECONDS
from shared.store.session import Database
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DIRTY = """
SELECT 1 FROM account_facts f JOIN account_score s ON s.account_id = f.account_id
WHERE f.revision > s.scored_revision
"""
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


def test_a_feed_that_speaks_again_is_heeded_though_the_database_failed_then(database, at_once):
    before = history(at_once, NOW - timedelta(days=25))
    # Too late to change what the month's fit goes by, which would be another cause to look again.
    data = {"booking_ref": "speaks", "phase": "confirmed", "teu": 2}
    speaking = at_once.event("booking", NAMES[0], NOW - timedelta(hours=1), data)
    at_once.take(*before, speaking)
    at_once.work()
    failing = FailsOnDemand(database)
    in_pieces = Installation(failing, "wall", NOW)
    in_pieces.take(*before)
    in_pieces.work()
    assert {one["state"] for one in scores(in_pieces)} == {"no_data"}

    in_pieces.take(speaking)
    # Until all who had facts are scored, and those are to be looked at whose facts are the same.
    while in_pieces.rows(DIRTY):
        in_pieces.worker.step()
    in_pieces.clock.pass_seconds(FEEDS_SECONDS + 1)
    failing.next_write = psycopg.OperationalError("terminating connection")
    with pytest.raises(psycopg.OperationalError):
        in_pieces.work()
    in_pieces.clock.pass_seconds(30)
    in_pieces.work()

    assert scores(in_pieces) == scores(at_once)


class FailsOnDemand:
    """A database of which one write fails."""

    def __init__(self, database):
        self._database = database
        self.next_write = None

    @contextmanager
    def write(self):
        with self._database.write() as connection:
            yield connection
            if self.next_write:
                failure, self.next_write = self.next_write, None
                raise failure

    def __getattr__(self, name):
        return getattr(self._database, name)
