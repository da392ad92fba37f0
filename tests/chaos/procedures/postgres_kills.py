"""T3: PostgreSQL is killed, with all its backends, while events come by Kafka and over HTTP."""

import time

from tests.chaos.arena import Arena
from tests.chaos.clients import ApiClient

UNREADY_SECONDS = 5


def postgres_kills(size, seed):
    """Nobody is restarted but the database; what the api acknowledged must be there after all."""
    with Arena("T3", seed) as arena:
        arena.ingest("one")
        arena.ingest("two")
        arena.member("signals", "services.signals")
        client = ApiClient(arena).start()
        arena.load.start()
        arena.progressed("start")
        for number in range(size.of(10, 40, 100)):
            time.sleep(arena.rng.uniform(0.1, 0.8))
            arena.postgres.kill()
            if number == 0:
                client.wait_ready(False, limit_s=UNREADY_SECONDS)
            time.sleep(arena.rng.uniform(0, 0.8))
            arena.postgres.restart()
            arena.fault("PostgreSQL killed")
            arena.progressed("PostgreSQL killed")
        client.wait_ready(True, limit_s=15)
        client.stop()
        return arena.verdict(scoring=True)
