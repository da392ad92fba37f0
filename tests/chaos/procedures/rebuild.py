"""T13: an empty database, rebuilt from offset 0, equals the one that lived through the kills."""

import time

from tests.chaos.arena import Arena
from tests.chaos.file_arena import FileArena
from tests.chaos.product import compare_rebuilt, intake, scoring
from tests.chaos.stream import DAYS

# No record overtakes another: no fact is late, so the alerts must be equal too.
IN_ORDER = {"accounts": 25, "reordered": 0.0}
# So many portions of a stream, sent one after the other, are half a day long each. What comes in
# one portion may be seen in any order; the event clock gives a day of grace.
PORTIONS = 2 * DAYS


def rebuild(size, seed):
    """On PostgreSQL."""
    count = size.of(1_200, 12_000, 60_000)
    arena = Arena("T13", seed, stream=IN_ORDER | {"span": count}, rate=400)
    return _rebuild(arena, count, size.of(3, 12, 40))


def rebuild_on_file(size, seed):
    """On SQLite."""
    count = size.of(800, 8_000, 40_000)
    arena = FileArena("T13-sqlite", seed, stream=IN_ORDER | {"span": count}, rate=400)
    return _rebuild(arena, count, size.of(2, 8, 20))


def _rebuild(place, count, kills):
    with place as arena:
        intake(arena, "live", LEADLINE_CLOCK="event")
        scoring(arena)
        for _ in range(kills):
            arena.load.send_next(count // kills, at_once=count // PORTIONS)
            time.sleep(arena.rng.uniform(0.2, 1.5))
            arena.members["live"].kill()
            arena.members["live"].start()
            arena.fault("intake killed")
        lived = compare_rebuilt(arena, "rebuilt", LEADLINE_CLOCK="event")
        return arena.summary() | {"alerts": len(lived["alerts"])}
