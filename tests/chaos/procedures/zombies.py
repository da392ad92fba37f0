"""T6: a process is frozen until others have taken over, then revived with a batch in hand."""

import time

from tests.chaos.arena import Arena

SESSION = "--session-ms=3000"


def zombies(size, seed):
    """The frozen one learns too late that its partitions are somebody else's."""
    with Arena("T6", seed, rate=600) as arena:
        names = ["one", "two"]
        for name in names:
            arena.ingest(name, SESSION, static=False)
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(5, 50, 100)):
            revive_one(arena, arena.members[arena.rng.choice(names)])
        return arena.verdict()


def revive_one(arena, member):
    """Freeze a member, wait until all partitions move on without it, revive it."""
    member.freeze()
    arena.fault("zombie")
    arena.progressed("frozen")
    time.sleep(arena.rng.uniform(0, 0.5))
    member.thaw()
    arena.progressed("revived")
