"""Known-bad builds: each lacks one safeguard. A loop that stays green on one proves nothing."""

import random
import time

import psycopg
import pytest

from tests.chaos.arena import Arena
from tests.chaos.outbox import Writers
from tests.chaos.procedures.zombies import SESSION, revive_one

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PAUSE = "--pause-ms=150"
ZOMBIES = 3
ONWARD_SECONDS = 5
"""Every partition gets records after the last fault: by those a gap is seen, or passed over."""


@pytest.fixture
def seed(kafka_broker, postgres_server):
    return random.randrange(10**9)


def forget_the_ledger(arena):
    """Let a repeated event be a second row, as it would be without a ledger."""
    with psycopg.connect(arena.direct_url, autocommit=True) as connection:
        connection.execute("DROP INDEX ix_event_ledger")
        connection.execute("CREATE INDEX ix_event_ledger ON event (source_id, event_id)")


def summary_of_zombies(seed, *without):
    once_each = {"duplicates": 0}
    with Arena("zombies without " + ", ".join(without), seed, stream=once_each) as arena:
        forget_the_ledger(arena)
        for name in ("one", "two"):
            arena.ingest(name, SESSION, PAUSE, "--without", *without, static=False)
        arena.load.start()
        arena.progressed("start")
        for turn in range(ZOMBIES):
            revive_one(arena, arena.members[("one", "two")[turn % 2]])
        return arena.verdict()


def test_without_a_ledger_the_compare_and_set_alone_stops_zombies(seed):
    summary = summary_of_zombies(seed, "no-ledger")

    assert (summary["lost"], summary["doubled"]) == (0, 0), summary


def test_without_compare_and_set_zombies_double_events(seed):
    summary = summary_of_zombies(seed, "no-ledger", "no-cas")

    assert summary["doubled"] > 0, summary


def test_a_commit_to_kafka_before_the_write_loses_events(seed):
    with Arena("commit first", seed) as arena:
        member = arena.ingest("one", SESSION, "--without", "commit-first")
        arena.load.start()
        arena.progressed("start")
        for _ in range(6):
            arena.progressed("killed")
            member.kill()
            member.start()
        arena.progressed("killed")
        time.sleep(ONWARD_SECONDS)
        arena.heal()
        arena.drain()
        arena.compare()

    assert arena.findings.lost > 0, arena.summary()


def test_a_failed_batch_that_is_dropped_without_the_gap_check_loses_events(seed):
    with Arena("dropped", seed) as arena:
        arena.ingest("one", SESSION, "--without", "drop-failed", "no-gap-check")
        arena.load.start()
        arena.progressed("start")
        for _ in range(2):
            arena.postgres.kill()
            arena.postgres.restart()
            arena.progressed("PostgreSQL killed")
        time.sleep(ONWARD_SECONDS)
        arena.heal()
        arena.drain()
        arena.compare()

    assert arena.findings.lost > 0, arena.summary()


def test_with_the_gap_check_a_dropped_batch_is_read_again(seed):
    with Arena("dropped, but looked for", seed) as arena:
        arena.ingest("one", SESSION, "--without", "drop-failed")
        arena.load.start()
        arena.progressed("start")
        for _ in range(2):
            arena.postgres.kill()
            arena.postgres.restart()
            arena.progressed("PostgreSQL killed")
        time.sleep(ONWARD_SECONDS)
        summary = arena.verdict()

    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def losses_of_a_late_commit(seed, *without):
    with Arena("late commit " + ", ".join(without), seed) as arena:
        arena.member("signals", "tests.chaos.relay_builds", "--without", *without)
        Writers(arena).commit_late()
        return arena.compare()


def test_an_outbox_polled_by_id_loses_what_commits_late(seed):
    findings = losses_of_a_late_commit(seed, "late-commits")

    assert findings.lost == 1, findings.said


def test_the_relay_tells_what_commits_late(seed):
    findings = losses_of_a_late_commit(seed)

    assert findings.clean, findings.said
