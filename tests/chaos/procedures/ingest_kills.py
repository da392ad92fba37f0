"""T1: two ingest processes are killed at random moments under load."""

import time

from tests.chaos.arena import Arena


def ingest_kills(size, seed):
    """2 % duplicates, 10 % of the records out of order, a kill every second or so."""
    with Arena("T1", seed, rate=600) as arena:
        names = ["one", "two"]
        for name in names:
            arena.ingest(name)
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(40, 200, 500)):
            victim = arena.members[arena.rng.choice(names)]
            time.sleep(arena.rng.uniform(0.05, 0.8))
            victim.kill()
            victim.start()
            arena.fault("ingest killed")
            arena.progressed("ingest killed")
        return arena.verdict()
