"""What `leadline doctor` says of accounts that wait for a score."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.commands.doctor import scoring_report
from services.cli.findings import Caution
from shared.runtime.settings import Settings
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


def test_accounts_that_wait_for_long_are_counted_until_somebody_scores_them(database):
    leadline, settings = Installation(database, "wall", NOW), Settings(_env_file=None, clock="wall")
    for account in ("A", "B"):
        leadline.bookings(account, weeks=3, start=NOW - timedelta(days=21))
    assert scoring_report(database, settings, NOW + MINUTES) == "nobody waits for long"
    with pytest.raises(Caution, match=r"^2 accounts wait for a score for over 2 minutes: "):
        scoring_report(database, settings, NOW + 3 * MINUTES)

    leadline.work()
    leadline.bookings("A", weeks=1, start=NOW - timedelta(days=3))
    with pytest.raises(Caution, match=r"^1 account waits for a score"):
        scoring_report(database, settings, NOW + 4 * MINUTES)
    leadline.work()
    assert scoring_report(database, settings, NOW + 4 * MINUTES) == "nobody waits for long"


def test_on_the_event_clock_accounts_may_wait(database):
    leadline, settings = (
        Installation(database, "event", NOW),
        Settings(_env_file=None, clock="event"),
    )
    leadline.bookings("A", weeks=3)
    assert scoring_report(database, settings, NOW + 3 * MINUTES) == "goes by the event clock"
