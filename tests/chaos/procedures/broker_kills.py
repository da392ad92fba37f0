"""T4 and T5: brokers are killed, alone or by the part that they play in a cluster of three."""

import time

from tests.chaos.arena import MAIN_TOPIC, Arena

GROUP = "leadline-ingest"


def single_broker_kills(size, seed):
    """The only broker goes and returns; no process is restarted."""
    with Arena("T4", seed) as arena:
        arena.ingest("one")
        arena.ingest("two")
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(3, 20, 100)):
            time.sleep(arena.rng.uniform(0.2, 1.5))
            arena.broker.kill()
            time.sleep(arena.rng.uniform(0, 1.5))
            arena.broker.restart()
            arena.fault("broker killed")
            arena.progressed("broker killed")
        return arena.verdict()


def named_broker_kills(size, seed):
    """Of three brokers the leader of a partition is killed, then the group's coordinator."""
    with Arena("T5", seed, brokers=3) as arena:
        arena.ingest("one")
        arena.ingest("two")
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(1, 3, 20)):
            partition = arena.rng.randrange(4)
            _kill(arena, "leader killed", lambda p=partition: arena.broker.leader(MAIN_TOPIC, p))
            _kill(arena, "coordinator killed", lambda: arena.broker.coordinator(GROUP))
        return arena.verdict()


def _kill(arena, kind, named):
    """Kill a broker while two remain; it returns once the others have carried on."""
    named().kill()
    arena.fault(kind)
    arena.progressed(kind)
    arena.broker.restart()
    arena.progressed("broker back")
