"""T9: two topics get more partitions under load, so that keys move to other partitions."""

from confluent_kafka.admin import AdminClient, NewPartitions

from tests.chaos.arena import MAIN_TOPIC, Arena
from tests.support.waiting import eventually

NOTICED_SECONDS = 60


def more_partitions(size, seed):
    """An account's events lie in two partitions from then on; each counts once, and it is said."""
    with Arena("T9", seed) as arena:
        arena.ingest("one")
        arena.ingest("two")
        arena.load.start()
        arena.progressed("start")
        count = 4
        for _ in range(size.of(1, 2, 5)):
            count += 4
            _grow(arena, {MAIN_TOPIC: count, "leadline.complaint.v1": count})
            arena.fault("partitions added")
            eventually(lambda n=count: _said(arena, n), timeout_s=NOTICED_SECONDS, what="a word")
            arena.partitions = count
            arena.progressed("partitions added")
        return arena.verdict()


def _grow(arena, topics):
    admin = AdminClient({"bootstrap.servers": arena.broker.bootstrap, "log_level": 0})
    for growing in admin.create_partitions(
        [NewPartitions(*item) for item in topics.items()]
    ).values():
        growing.result(20)


def _said(arena, count):
    """Return whether an ingest process has said that the topic grew."""
    lines = [line for m in arena.members.values() for line in m.log.splitlines()]
    return any(
        "partition count changed" in x and MAIN_TOPIC in x and str(count) in x for x in lines
    )
