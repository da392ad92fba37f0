import hashlib
import json
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from services.cli.simulator import STORIES, Simulation
from services.cli.simulator.cast import SOUTH, profile
from services.cli.simulator.seasons import season_ratio
from services.ingest.decode import Fact, decode
from shared.store.base import from_micros

YEAR_3000 = 32_503_680_000_000_000


@pytest.fixture(scope="module")
def simulation():
    return Simulation()


@pytest.fixture(scope="module")
def events(simulation):
    return list(simulation)


@pytest.fixture(scope="module")
def parsed(events):
    return [json.loads(event.value) for event in events]


@pytest.fixture(scope="module")
def ids():
    return {(p := profile(number, 7)).name: p.account_id for number in range(60)}


def digest(events):
    return hashlib.sha256(b"\n".join(event.value for event in events)).hexdigest()


def days_before_end(simulation, parsed, account, noun="booking"):
    return [
        (simulation.span.end - from_micros(e.time).date()).days
        for e in parsed
        if e.subject == account and e.topic == f"leadline.{noun}.v1"
    ]


def test_a_seed_gives_the_same_bytes_and_another_seed_others(events):
    assert digest(Simulation()) == digest(events)
    assert digest(Simulation(accounts=20, months=3, seed=1)) != digest(
        Simulation(accounts=20, months=3, seed=2)
    )


def test_events_come_in_order_of_time_with_unique_ids(events, parsed):
    assert all(a.time <= b.time for a, b in pairwise(events))
    assert len({(e["source"], e["id"]) for e in parsed}) == len(parsed)


def test_every_event_is_valid(events):
    for event in events:
        decoded = decode(
            event.value, (), key=event.subject.encode(), topic=event.topic,
            recorded_default=0, now=YEAR_3000,
        )  # fmt: skip
        assert isinstance(decoded, Fact), decoded
        assert decoded.time == event.time


def test_the_default_is_sixty_accounts_over_thirty_months_with_all_five_types(events, simulation):
    assert len({event.subject for event in events}) == 60
    assert simulation.span == (date(2024, 1, 1), date(2026, 7, 1))
    nouns = {event.topic.split(".")[1] for event in events}
    assert {"account", "booking", "complaint", "contact_change", "milestone"} <= nouns
    assert 30_000 < len(events) < 60_000


def test_every_source_is_named_synthetic(parsed):
    assert {e["source"].split("/")[1] for e in parsed} == {"synthetic"}


def test_every_story_has_its_accounts(ids):
    assert {name for story in STORIES for name in story.accounts} <= ids.keys()
    assert len({profile(n, 7).name for n in range(500)}) == 500


def test_the_quiet_lane_is_quiet_and_the_others_grow(simulation, parsed, ids):
    lanes = Counter()
    for event in parsed:
        mine = event["subject"] == ids["Hai Phong Fine Furniture"]
        if mine and event["data"].get("origin") and event["time"] > "2026-05-07":
            lanes[event["data"]["destination"]] += 1
    assert lanes["DEHAM"] == 0
    assert len(lanes) == 2


def test_the_southern_feed_stops_for_all_its_accounts(simulation, events, parsed):
    south = [e for e, p in zip(events, parsed, strict=True) if p["source"] == SOUTH]
    assert len({e.subject for e in south}) >= 5
    last = max(e.time for e in south)
    assert (simulation.span.end - from_micros(last).date()).days in {14, 15}
    later = {e.topic for e in events if e.time > last and e.subject == "ACC-0007"}
    assert "leadline.booking.v1" not in later


@pytest.mark.parametrize(
    ("name", "first"),
    [("Rhine Auto Parts", 60), ("Quang Ngai Wind Park", 44), ("Parana Paper Mill", 20)],
)
def test_who_left_books_no_more(simulation, events, ids, name, first):
    assert min(days_before_end(simulation, events, ids[name])) >= first


def test_the_coffee_exporter_dips_every_year(simulation, events, ids):
    months = Counter(
        (at := from_micros(e.time)).year * 100 + at.month
        for e in events
        if e.subject == ids["Central Highlands Coffee Export"] and e.topic == "leadline.booking.v1"
    )
    for year in (2024, 2025):
        season = sum(months[year * 100 + m] for m in (1, 2, 3, 11, 12))
        dip = sum(months[year * 100 + m] for m in (5, 6, 7, 8, 9))
        assert dip < season / 3


def test_complaints_burst_in_the_last_four_weeks(simulation, events, parsed, ids):
    account = ids["Mekong Frozen Seafood"]
    opened = [
        p["data"]
        for e, p in zip(events, parsed, strict=True)
        if e.subject == account
        and e.topic == "leadline.complaint.v1"
        and p["data"]["phase"] == "opened"
        and (simulation.span.end - from_micros(e.time).date()).days <= 30
    ]
    assert len(opened) == 5
    assert 1 in {data["severity"] for data in opened}


def test_the_champion_leaves_without_a_successor(parsed, ids):
    left = [
        e["data"]
        for e in parsed
        if e["subject"] == ids["Saigon Footwear Group"] and e["data"].get("change") == "left"
    ]
    assert len(left) == 1
    assert "successor_ref" not in left[0]


def test_holidays_lower_and_rushes_raise():
    assert season_ratio("VN", date(2026, 2, 17)) < 0.1
    assert season_ratio("VN", date(2026, 1, 28)) > 1.1
    assert season_ratio("CN", date(2025, 10, 3)) < 0.1
    assert season_ratio("BR", date(2026, 2, 17)) < 0.5, "Carnival"
    assert season_ratio("DE", date(2025, 12, 25)) < 0.5
    assert season_ratio("VN", date(2026, 6, 10)) == 1.0


def test_losses_follow_incidents_more_often_than_not(simulation):
    crowd = Simulation(accounts=200, months=24, seed=3)
    for _ in crowd:
        pass
    truth = list(crowd.truth())
    left = [each for each in truth if each.leaving_day]
    assert 10 < len(left) < 60
    assert all(not each.story for each in left)
