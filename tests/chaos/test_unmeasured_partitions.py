"""A member that the broker still counts in owns partitions of which nobody has told the log's end.

A process that is killed right after it joined is such a member until its session ends.
"""

import random
import time

import pytest
from confluent_kafka import Consumer

from shared.runtime.settings import Settings
from tests.chaos import log, readings
from tests.chaos.arena import INBOUND, Arena
from tests.chaos.procedures.rebuild import IN_ORDER
from tests.chaos.product import compare_rebuilt, intake, scoring
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

RECORDS = 1_200


@pytest.fixture
def arena(request, kafka_broker, postgres_server):
    """Real servers, and a log in which no fact is late, from a seed that is printed."""
    stream = IN_ORDER | {"span": RECORDS}
    with Arena(request.node.name, random.randrange(10**9), stream=stream) as opened:
        yield opened


@pytest.fixture
def silent_member(arena):
    """Join intake's group and do nothing more; return the member."""
    member = Consumer({
        "bootstrap.servers": arena.broker.bootstrap,
        "group.id": Settings().kafka_group,
        "enable.auto.commit": False,
        "session.timeout.ms": 10_000,
    })  # fmt: skip
    member.subscribe(sorted(INBOUND))
    eventually(lambda: member.poll(0.1) or member.assignment(), what="an assignment")
    yield member
    member.close()


def test_no_day_is_evaluated_before_the_partitions_of_a_silent_member_were_measured(
    arena, silent_member
):
    arena.load.send_next(RECORDS)
    intake(arena, "half", LEADLINE_CLOCK="event")
    scoring(arena)

    def applied():
        silent_member.poll(0)  # it takes part in the rebalance
        return sum(readings.offsets(arena.rows).values())

    eventually(applied, what="records of the other partitions")
    time.sleep(5)  # an end of the log is told each second
    assert 0 < applied() < sum(end for _, end in log.ends(arena.broker.bootstrap).values())
    silent_member.close()
    compare_rebuilt(arena, "rebuilt", LEADLINE_CLOCK="event")

    summary = arena.summary()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary
