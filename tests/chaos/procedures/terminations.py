"""T19: SIGTERM under load: each process ends by itself in time and leaves nothing undone."""

import time
from collections import defaultdict
from functools import partial

from tests.chaos.arena import Arena, spread
from tests.chaos.file_arena import FileArena
from tests.chaos.posting import Poster
from tests.chaos.product import heeds_sigterm, intake, scoring, serving, verdict
from tests.support.waiting import eventually

LIMIT_SECONDS = 10
UNDER_WAY = 0.05  # seconds after which a request that was sent has surely arrived


def terminations(size, seed):
    """Ingest twice, signals and api; the log tells what was done twice."""
    with Arena("T19", seed, rate=200) as arena, Poster(arena, serving(arena)) as poster:
        for name in ("one", "two"):
            intake(arena, name, LEADLINE_KAFKA_INSTANCE_ID=name)
        scoring(arena)
        return _terminate(arena, poster, size.of(6, 50, 100))


def terminations_on_file(size, seed):
    """The one process of `leadline up`."""
    with FileArena("T19-sqlite", seed, rate=200) as arena, Poster(arena, arena.url) as poster:
        intake(arena, "up")
        return _terminate(arena, poster, size.of(3, 50, 100))


def _terminate(arena, poster, count):
    took = defaultdict(list)
    poster.start()
    arena.load.start()
    arena.progressed("start")
    names = sorted(arena.members)
    for number in range(count):
        time.sleep(arena.rng.uniform(0.1, 1.0))
        name = names[number % len(names)]
        eventually(partial(heeds_sigterm, arena.members[name]), what=f"the start of {name}")
        asked_at = time.perf_counter()
        code = arena.members[name].stop(LIMIT_SECONDS)
        took[name].append(round(time.perf_counter() - asked_at, 2))
        if code != 0:
            arena.findings.note("differing", f"{name} ended with {code} after {took[name][-1]} s")
        arena.members[name].start()
        arena.fault("terminated")
        for error in poster.unanswered(asked_at, UNDER_WAY):
            arena.findings.note("lost", f"the answer to a request when {name} ended: {error}")
        arena.progressed("terminated")
    poster.stop()
    ended = {f"{name} ended": spread(seconds) for name, seconds in took.items()}
    return verdict(arena) | {"ended_s": ended, "posted": len(arena.posted), **poster.summary()}
