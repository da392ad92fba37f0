"""A feed's usual gap is kept while its hours stay, and told as if it were reckoned each time."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import event

from services.api.queries.sources import HOUR_MICROS, feed_health
from services.api.queries.usual_gaps import UsualGaps
from services.ingest.store.bulk import bulk_of
from services.ingest.store.feeds import FeedCounts
from shared.domain.event_types import EventType
from shared.store.base import to_micros
from tests.support.factories import NOW, Factory

HOUR = to_micros(NOW) // HOUR_MICROS
STEADY = range(HOUR - 24 * 10, HOUR - 1, 4)


class Feeds:
    """Two feeds whose health is asked for, and the statements that this took."""

    def __init__(self, database):
        self._database, self.gaps, self.statements = database, UsualGaps(), []
        self._counts = FeedCounts()
        make = Factory(database)
        self.sources = {}
        for uri in ("/tms/one", "/tms/two"):
            make.feed(uri, EventType.BOOKING, list(STEADY))
            self.sources[uri] = make.source(uri)
        event.listen(
            database.engine, "before_cursor_execute", lambda *said: self.statements.append(said[2])
        )

    def speaks(self, uri, *hours):
        """Let events of these hours come in, as ingest stores them."""
        with self._database.write() as connection:
            times = np.array([hour * HOUR_MICROS for hour in hours])
            self._counts.store(
                bulk_of(connection), [self.sources[uri]] * len(hours),
                [EventType.BOOKING] * len(hours), times, [1] * len(hours),
                imported=False, arrived_at=to_micros(NOW),
            )  # fmt: skip

    def ask(self, now=NOW, clock="wall"):
        """Return the usual gaps in hours; they are those of one who knows nothing."""
        self.statements.clear()
        with self._database.read() as connection:
            found = feed_health(connection, now, clock, self.gaps)
            statements = list(self.statements)
            assert found == feed_health(connection, now, clock, UsualGaps())
        self.statements[:] = statements
        return {one["source"]: one["usual_gap_seconds"] // 3600 for one in found}

    @property
    def read(self):
        """Return how many times the hours of a feed were read."""
        return sum("ORDER BY feed_hour.hour" in said for said in self.statements)


@pytest.fixture
def feeds(database):
    return Feeds(database)


def test_hours_that_stay_the_same_are_not_read_again(feeds):
    first = feeds.ask()
    assert feeds.read == 2
    assert feeds.ask() == first == {"/tms/one": 4, "/tms/two": 4}
    assert len(feeds.statements) == 1


def test_of_a_feed_that_spoke_in_hours_that_are_known_they_are_only_counted(feeds):
    feeds.ask()
    feeds.speaks("/tms/one", STEADY[3], HOUR)  # this hour is not over
    feeds.ask()
    assert (feeds.read, len(feeds.statements)) == (0, 2)
    feeds.ask()
    assert len(feeds.statements) == 1


@pytest.mark.parametrize("late", [STEADY[-1] + 1, STEADY[-1] - 2])
def test_of_a_feed_that_spoke_in_another_hour_they_are_read_and_those_of_no_other(feeds, late):
    feeds.ask()
    feeds.speaks("/tms/two", late)
    feeds.ask()
    assert feeds.read == 1


def test_a_gap_that_grew_is_told_once_its_hour_is_over(feeds):
    feeds.ask()
    feeds.speaks("/tms/one", HOUR)
    soon = NOW + timedelta(hours=40)
    feeds.speaks("/tms/one", HOUR + 36)
    assert feeds.ask()["/tms/one"] == 4
    assert feeds.ask(soon)["/tms/one"] > 4
    assert feeds.ask()["/tms/one"] == 4  # asked as of before
