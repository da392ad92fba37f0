"""T2: two processes with a relay are killed in turn while many writers fill the outbox."""

import time

from tests.chaos.arena import Arena
from tests.chaos.outbox import Writers


def relay_kills(size, seed):
    """Every event is told at least once, with its own bytes, in the order of its account."""
    with Arena("T2", seed) as arena:
        members = [arena.member(name, "services.signals") for name in ("one", "two")]
        writers = Writers(arena).start()
        for _ in range(size.of(10, 100, 200)):
            time.sleep(arena.rng.uniform(0.05, 0.5))
            victim = arena.rng.choice(members)
            victim.kill()
            victim.start()
            arena.fault("relay killed")
            writers.relayed("relay killed")
        writers.stop()
        return arena.verdict()
