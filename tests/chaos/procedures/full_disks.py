"""T14: the disk of PostgreSQL, or of the broker, runs full under load, and has room again."""

import time

from tests.chaos.arena import Arena
from tests.chaos.posting import Poster
from tests.chaos.product import intake, serving
from tests.chaos.small_disk import SmallDisk
from tests.support import process

MOST_RESTARTS = 5


def full_postgres(size, seed):
    """Events by Kafka and over HTTP; a server that gives up is started again, as any would be."""
    with Arena("T14", seed) as arena:
        # The load's own rows must fit, and its log must not take what they need.
        arena.change_database("ALTER SYSTEM SET max_wal_size = '64MB'")
        arena.postgres.stop()
        disk = SmallDisk(arena.postgres.home / "data", spare_mb=size.of(64, 320, 1_500))
        arena.closing(disk.close)
        arena.postgres.start()
        with Poster(arena, serving(arena)) as poster:
            intake(arena, "ingest")
            poster.start()
            arena.load.start()
            arena.progressed("start")
            restarts = _fill(arena, disk, arena.postgres, size)
            poster.stop()
            return _verdict(arena, restarts) | {"posted": len(arena.posted), **poster.summary()}


def full_broker(size, seed):
    """The producer keeps what the broker cannot take."""
    with Arena("T14-broker", seed) as arena:
        arena.broker.stop()
        disk = SmallDisk(arena.broker.home / "data", spare_mb=size.of(24, 160, 700))
        arena.closing(disk.close)
        arena.broker.start()
        intake(arena, "ingest")
        arena.load.start()
        arena.progressed("start")
        return _verdict(arena, _fill(arena, disk, arena.broker, size))


def _fill(arena, disk, server, size):
    """Fill and free the disk; return how often the server had to be started again."""
    restarts = 0
    for _ in range(size.of(1, 2, 20)):
        told = complaints(server)  # before: a server may say so and give up in a moment
        disk.fill()
        arena.fault("disk full")
        time.sleep(size.of(5, 60, 60))
        if complaints(server) == told:
            arena.findings.note("differing", "the server did not notice that its disk was full")
        disk.free()
        if ended(server):
            server.restart()
            restarts += 1
        arena.progressed("disk full")
    return restarts


def complaints(server):
    """Return how often a server has said that it has no space."""
    return server.log.read_text(errors="replace").count("No space left on device")


def ended(server):
    """Return whether a server has given up."""
    return not process.alive(server.pid)


def _verdict(arena, restarts):
    if restarts > MOST_RESTARTS * arena.faults["disk full"]:
        arena.findings.note("differing", f"the server was started again {restarts} times")
    return arena.verdict() | {"server_restarts": restarts}
