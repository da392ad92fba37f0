"""T7: every link goes bad in every way that a network knows, one after the other."""

import time

from tests.chaos.arena import Arena
from tests.chaos.clients import ApiClient

FAULTS = (
    ("latency", {"latency_s": 0.5}),
    ("resets", {"reset_rate": 0.10}),
    ("one-byte slices", {"slice_bytes": 1}),
    ("bandwidth", {"bandwidth": 30_000}),
    ("half-open", {"half_open": True}),
    ("refused", {"refused": True}),
)


def bad_links(size, seed):
    """Kafka's link, then the database's; nobody is restarted, and all carry on within a minute."""
    with Arena("T7", seed, proxied=True) as arena:
        arena.ingest("one")
        arena.ingest("two")
        arena.member("signals", "services.signals")
        client = ApiClient(arena).start()
        arena.load.start()
        arena.progressed("start")
        plan = [
            (place, link, kind, toxics)
            for place, link in (("kafka", arena.kafka_links[0]), ("postgres", arena.postgres_link))
            for kind, toxics in FAULTS
        ]
        for _ in range(size.of(1, 1, 3)):
            arena.rng.shuffle(plan)
            for place, link, kind, toxics in plan:
                link.worsen(**toxics)
                arena.fault(f"{place}: {kind}")
                time.sleep(arena.rng.uniform(1, 2) * size.of(1, 4, 20))
                link.heal()
                arena.progressed(f"{place}: {kind}")
        client.stop()
        return arena.verdict(scoring=True)
