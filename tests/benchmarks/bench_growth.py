"""Ingest from an empty ledger to millions of rows: does an event cost more as the tables grow?

Prints one JSON object: per stretch of records the rate and the CPU of one ingest process and its
database, everything having been produced before. `--phased 0.1` lets a tenth of the bookings come
in several phases. `cost_at_end_to_start` compares the last two stretches with the second and third
(the first holds the start).
"""

import argparse
import asyncio
import json
import statistics
import sys
import time

from shared.kafka.admin import apply_topics
from shared.runtime.settings import Settings
from tests.benchmarks.bench_ingest import sight, stack_of
from tests.benchmarks.running import PARTITIONS, Service, opened, servers, value
from tests.support.booking_stream import booking_records, produce


def measure(chosen):
    with servers() as (broker, server):
        settings = Settings(kafka_bootstrap=broker.bootstrap, _env_file=None)
        asyncio.run(apply_topics(settings, partitions=PARTITIONS))
        stream = booking_records(chosen.events, chosen.seed, phased=chosen.phased)
        distinct = produce(broker.bootstrap, stream)
        print(f"{chosen.events:,} records produced", file=sys.stderr)  # noqa: T201 - progress
        url = server.create_database()
        stack = stack_of("postgresql", broker.bootstrap, url)
        with opened(url) as connection:
            with Service(stack.module, **stack.settings) as service:
                stretches = list(grow(stack, connection, service, server, chosen))
            found = value(connection, stack.effect["facts"])
            if found != distinct:
                raise RuntimeError(f"{found} facts, but there were {distinct} events")
    return stretches


def grow(stack, connection, service, server, chosen):
    """Yield the figures of each stretch."""
    before = service.wait(lambda: sight(stack, connection, [service.pid], server.pid))
    for goal in range(chosen.stretch, chosen.events + 1, chosen.stretch):

        def reached(goal=goal):
            seen = sight(stack, connection, [service.pid], server.pid)
            return seen if seen[0] >= goal else None

        after = service.wait(reached, timeout_s=60 + chosen.stretch / 500)
        done, lasted = after[0] - before[0], after[1] - before[1]
        app, base = (1e6 * (b - a) / done for a, b in zip(before[2], after[2], strict=True))
        found = {
            "records": after[0], "events_per_second": round(done / lasted),
            "app_us": round(app, 1), "database_us": round(base, 1), "sum_us": round(app + base, 1),
        }  # fmt: skip
        print(found, file=sys.stderr)  # noqa: T201 - progress
        yield found
        before = after


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int)
    parser.add_argument("--stretch", type=int)
    parser.add_argument("--phased", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true", help="5 million events instead of 500,000")
    parser.add_argument("--quick", action="store_true", help="200,000 events")
    chosen = parser.parse_args()
    chosen.events = chosen.events or (
        5_000_000 if chosen.long else 200_000 if chosen.quick else 500_000
    )
    chosen.stretch = chosen.stretch or chosen.events // 10
    begun = time.perf_counter()
    stretches = measure(chosen)
    costs = [one["sum_us"] for one in stretches]
    print(  # noqa: T201
        json.dumps({
            "events": chosen.events, "phased": chosen.phased, "seed": chosen.seed,
            "seconds": round(time.perf_counter() - begun), "stretches": stretches,
            "cost_at_end_to_start": round(
                statistics.mean(costs[-2:]) / statistics.mean(costs[1:3]), 2
            ),
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
