"""T8: members come and go without a pause; then there are more of them than partitions."""

import time

from tests.chaos.arena import INBOUND, Arena
from tests.chaos.procedures.zombies import SESSION

TAKEOVER_SECONDS = 90


def rebalance_storm(size, seed):
    """One joins or leaves every second, by SIGTERM or by SIGKILL."""
    with Arena("T8", seed) as arena:
        running = [_join(arena, number) for number in range(3)]
        arena.load.start()
        arena.progressed("start")
        for number in range(3, 3 + size.of(12, 40, 200)):
            time.sleep(arena.rng.uniform(0.3, 1.2))
            if len(running) > 1 and arena.rng.random() < 0.5:
                _leave(arena, running.pop(arena.rng.randrange(len(running))))
            else:
                running.append(_join(arena, number))
            if len(running) > 4:
                _leave(arena, running.pop(0))
        arena.progressed("storm over")
        return arena.verdict()


def spare_members(size, seed):
    """Twelve members share eleven partitions; the last one left takes over all of them."""
    with Arena("T8b", seed, partitions=1, rate=400) as arena:
        crowd = [_join(arena, number) for number in range(len(INBOUND) + 1)]
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(1, 2, 5)):
            survivor = crowd.pop(arena.rng.randrange(len(crowd)))
            for member in crowd:
                _leave(arena, member)
            arena.progressed("survivor alone", limit_s=TAKEOVER_SECONDS)
            crowd = [survivor, *(_join(arena, f"{survivor.name}-{n}") for n in range(len(INBOUND)))]
            arena.progressed("crowd back")
        return arena.verdict()


def _join(arena, name):
    arena.fault("joined")
    return arena.ingest(f"member-{name}", SESSION, static=False)


def _leave(arena, member):
    del arena.members[member.name]
    if arena.rng.random() < 0.5:
        arena.fault("killed")
        member.kill()
    else:
        arena.fault("left")
        code = member.stop()
        if code:
            arena.findings.note("differing", f"{member.name} left with {code}: {member.log[-500:]}")
