"""What the api shows as silent is what scoring takes for silent, and both follow the definition."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from services.api.queries.sources import feed_health
from services.api.queries.usual_gaps import UsualGaps
from services.signals.features.feeds import silent_feeds
from services.signals.store.feeds import feeds_now, load_feeds
from shared.domain.event_types import EventType
from shared.domain.feeds import Pulse, working_hours
from shared.store.base import EPOCH
from shared.store.session import Database
from shared.store.tables import FeedAccountRow, FeedHourRow, FeedRow, SourceRow

START = 480_000  # an hour of 2024
KINDS = [EventType.BOOKING, EventType.MILESTONE, EventType.COMPLAINT, EventType.ACCOUNT]
CLOCKS = st.sampled_from(["wall", "event"])


@st.composite
def hours(draw):
    """Steady hours with a hole or two, as feeds have them, or quite irregular ones."""
    if draw(st.booleans()):
        return sorted(draw(st.sets(st.integers(START, START + 2_000), max_size=60)))
    step = draw(st.integers(1, 30))
    begin = START + draw(st.integers(0, 500))
    steady = range(begin, begin + step * draw(st.integers(1, 160)), step)
    hole = draw(st.integers(0, 200))
    return [hour for hour in steady if not begin + 40 < hour < begin + 40 + hole]


FEEDS = st.dictionaries(
    st.tuples(st.sampled_from(["/tms", "/wms", "/crm"]), st.sampled_from(KINDS)),
    st.tuples(hours(), st.integers(4, 7)),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def database(sqlite_in, tmp_path_factory):
    opened = Database(sqlite_in(tmp_path_factory.mktemp("feeds")))
    yield opened
    opened.close()


@st.composite
def moments(draw):
    """Feeds and an hour: any, or beside one in which a feed falls silent or speaks again."""
    feeds = draw(FEEDS)
    turns = [turn for (_, kind), feed in feeds.items() for turn in turning_hours(kind, *feed)]
    if not turns or draw(st.booleans()):
        return feeds, draw(st.integers(START, START + 6_000))
    return feeds, draw(st.sampled_from(turns)) + draw(st.integers(-1, 1))


def turning_hours(kind, spoke, accounts):
    pulse = Pulse(kind.noun, spoke, accounts)
    if not spoke:
        return []
    said = [pulse.is_silent(hour) for hour in range(spoke[0], spoke[-1] + 400)]
    return [spoke[0] + at for at, (a, b) in enumerate(pairwise(said), 1) if bool(a) is not bool(b)]


@settings(max_examples=100)
@given(moment=moments(), minute=st.integers(0, 59), clock=CLOCKS)
def test_the_api_and_scoring_agree_on_what_is_silent(database, moment, minute, clock):
    feeds, hour = moment
    now = EPOCH + timedelta(hours=hour, minutes=minute)
    with database.write() as connection:
        store(connection, feeds)
        shown = {
            (one["source"], one["type"])
            for one in feed_health(connection, now, clock, UsualGaps())
            if one["silent_since"] is not None
        }
        scored = silent_feeds(load_feeds(connection), hour // 24 + 1, clock, hour)
        assert silent_feeds(feeds_now(connection, hour), hour // 24 + 1, clock, hour) == scored
        assert {(source, f"leadline.{kind}.v1") for source, kind in scored} == shown
        connection.rollback()


def store(connection, feeds):
    sources = {source: number for number, (source, _) in enumerate(feeds)}
    rows = defaultdict(list)
    rows[SourceRow] = [{"id": number, "uri": uri} for uri, number in sources.items()]
    for (source, kind), (spoke, accounts) in feeds.items():
        feed = {"source_id": sources[source], "type_id": int(kind)}
        last = EPOCH + timedelta(hours=spoke[-1] if spoke else START)
        rows[FeedRow].append(
            feed
            | {"streamed_total": len(spoke), "imported_total": 1}
            | {"first_event_at": last, "last_event_at": last}
        )
        rows[FeedHourRow] += [feed | {"hour": hour, "events": 1} for hour in spoke]
        rows[FeedAccountRow] += [feed | {"account_id": account} for account in range(accounts)]
    for table, values in rows.items():
        if values:
            connection.execute(insert(table), values)


@given(
    spoke=hours(),
    kind=st.sampled_from(["booking", "complaint"]),
    accounts=st.integers(3, 7),
    asked=st.lists(st.integers(START, START + 6_000), min_size=1, max_size=8),
)
def test_a_feed_is_silent_by_its_definition_in_whatever_order_it_is_asked(
    spoke, kind, accounts, asked
):
    pulse = Pulse(kind, spoke, accounts)
    for hour in asked:
        before = [one for one in spoke if one < hour]
        if len(before) < (10 if kind == "booking" else 100):
            assert not pulse.is_silent(hour)
            assert pulse.usual_gap(hour) is None
            continue
        worked = [working_hours(one) for one in before]
        usual = float(np.quantile([b - a for a, b in pairwise(worked)], 0.99))
        assert pulse.usual_gap(hour) == pytest.approx(usual)
        excess = working_hours(hour) - worked[-1] - max(24, 5 * usual)
        if abs(excess) > 1e-6 or excess == 0:
            assert bool(pulse.is_silent(hour)) is (excess > 0 and accounts >= 5)
