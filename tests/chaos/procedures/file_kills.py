"""T1 on SQLite: the one process of `leadline up` is killed while it is fed both ways."""

import time

from tests.chaos.file_arena import FileArena
from tests.chaos.posting import Poster
from tests.chaos.product import intake, verdict


def file_kills(size, seed):
    """2 % duplicates, 10 % of the records out of order, events over HTTP meanwhile."""
    with FileArena("T1-sqlite", seed, rate=200) as arena, Poster(arena, arena.url) as poster:
        # By its name it is at once given its partitions back; else it waits for its old session.
        intake(arena, "up", LEADLINE_KAFKA_INSTANCE_ID="up")
        poster.start()
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(8, 40, 200)):
            time.sleep(arena.rng.uniform(0.1, 1.5))
            arena.members["up"].kill()
            arena.members["up"].start()
            arena.fault("killed")
            arena.progressed("killed")
        poster.stop()
        return verdict(arena) | {"posted": len(arena.posted), **poster.summary()}
