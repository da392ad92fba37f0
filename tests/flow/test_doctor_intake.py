"""What `leadline doctor` says of intake: open breakers, logs nobody reads, dead letters."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.findings import Caution
from services.cli.intake_reports import ingest_report
from services.ingest.discard import Discard, discard
from services.ingest.store.breakers import close_breakers, open_breakers
from shared.domain.event_types import EventType
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.tables import PartitionLagRow
from tests.support.factories import NOW, Factory

TOPIC = EventType.BOOKING.topic
WHY = "100 dead letters in a row"


def lines(ran):
    return {line["name"]: line for line in ran.json}


def measured(database, at, partition=0):
    """Note when a partition's log end was measured; a moment or 0 for never."""
    Factory(database).add(
        PartitionLagRow,
        cluster_id="c1",
        topic=TOPIC,
        partition=partition,
        end_offset=7,
        lag_seconds=0.0,
        measured_at=at,
    )


def ingest_said(database, **settings):
    given = {"kafka_bootstrap": "127.0.0.1:1"} | settings
    return ingest_report(database, Settings(_env_file=None, **given), WallClock().now())


def test_an_open_breaker_fails_with_its_topic_its_reason_and_the_fix(cli, file_database):
    with file_database.write() as connection:
        open_breakers(connection, {TOPIC: WHY}, NOW)

    ran = cli("doctor", "--json")
    line = lines(ran)["breaker"]
    assert (ran.code, line["ok"]) == (1, False)
    assert f"{TOPIC} ({WHY})" in line["text"]
    assert "`leadline resume`" in line["fix"]
    assert "`leadline dlq replay --all`" in line["fix"]
    (failing,) = (one for one in cli("doctor").out.splitlines() if one.startswith("FAIL"))
    assert TOPIC in failing
    assert " -> " in failing

    assert close_breakers(file_database) == [TOPIC]
    ran = cli("doctor", "--json")
    assert (ran.code, lines(ran)["breaker"]["ok"]) == (0, True)


def test_an_open_breaker_that_the_settings_ignore_is_a_warning(cli, file_database):
    with file_database.write() as connection:
        open_breakers(connection, {TOPIC: WHY}, NOW)
    ran = cli("doctor", "--json", LEADLINE_BREAKER="off")
    line = lines(ran)["breaker"]
    assert (ran.code, line["ok"], line["warned"]) == (0, True, True)
    assert "LEADLINE_BREAKER=off" in line["text"]


def test_dead_letters_that_wait_are_counted_and_do_not_fail(cli, file_database):
    assert lines(cli("doctor", "--json"))["dead_letters"]["warned"] is False
    make = Factory(file_database)
    first, _ = make.dead_letter(), make.dead_letter(origin="http:2")
    make.dead_letter(origin="http:3", replayed_at=NOW)

    ran = cli("doctor", "--json")
    line = lines(ran)["dead_letters"]
    assert (ran.code, line["ok"], line["warned"]) == (0, True, True)
    assert line["text"].startswith("2 wait")
    assert "`leadline dlq list`" in line["fix"]

    discard(file_database, first, Discard("kim", "a test", NOW))
    assert lines(cli("doctor", "--json"))["dead_letters"]["text"].startswith("1 waits")


def test_without_kafka_no_ingest_is_missed(database):
    measured(database, WallClock().now() - timedelta(minutes=3))
    assert ingest_said(database, kafka_bootstrap="") == "not configured: no Kafka to read from"


@pytest.mark.parametrize("minutes", [3, 60 * 24])
def test_logs_that_nobody_measures_any_more_mean_that_no_ingest_runs(database, minutes):
    since = WallClock().now() - timedelta(minutes=minutes)
    measured(database, since)
    with pytest.raises(Caution, match="no ingest seems to run") as warned:
        ingest_said(database)
    assert f"since {since:%Y-%m-%dT%H:%M:%SZ}" in str(warned.value)
    assert "`leadline ingest`" in warned.value.fix


def test_one_partition_that_is_measured_means_that_ingest_runs(database):
    now = WallClock().now()
    measured(database, now - timedelta(minutes=3))
    measured(database, now - timedelta(seconds=30), partition=1)
    assert ingest_said(database) == "measured the logs lately"


@pytest.mark.parametrize("named", [False, True], ids=["unknown", "named by another"])
def test_logs_that_nobody_has_measured_yet_are_a_warning_too(database, named):
    if named:
        measured(database, datetime.fromtimestamp(0, UTC))
    with pytest.raises(Caution, match="no ingest has read from Kafka yet"):
        ingest_said(database)
