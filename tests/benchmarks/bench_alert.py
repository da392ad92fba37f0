"""From a producer's timestamp to the alert that a person sees, under a paced load.

Prints one JSON object. Ingest, signals and api run as processes on a real broker and database;
20,000 accounts are known and scored before the clock starts. Bookings come at the rate; in
between, severe complaints and sponsors who leave, whose alerts open at once. `listed_ms` is when
GET /v1/alerts first shows it (asked every 20 ms), `streamed_ms` when /v1/stream tells it. The
producer and the watcher work on the same cores.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import httpx

from services.api.keys import create_key
from shared.kafka.admin import apply_topics
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.session import Database
from tests.benchmarks.running import PARTITIONS, Service, opened, servers
from tests.benchmarks.watching import Watch
from tests.support import process
from tests.support.paced_load import Load
from tests.support.usage import cpu_seconds, memory

WARM_UP_S = 3
STAMPED = "track_commit_timestamp=on"
_STAGES = """
SELECT e.event_id, e.arrived_at / 1e6,
  extract(epoch FROM pg_xact_commit_timestamp(e.xmin))::float8,
  extract(epoch FROM pg_xact_commit_timestamp(a.xmin))::float8
FROM event e JOIN alert a ON a.account_id = e.account_id
WHERE e.event_id = ANY(%s)
  AND a.evidence::jsonb @> jsonb_build_array(jsonb_build_object('id', e.event_id))
"""
ALARMS_PER_S = 10


class Product:
    """Ingest, signals and api over one broker and one new database."""

    def __init__(self, stack, broker, server):
        self.url = server.create_database()
        (self.port,) = process.free_ports(1)
        settings = {
            "database_url": self.url, "kafka_bootstrap": broker.bootstrap, "metrics_port": 0,
            "http_port": self.port,
        }  # fmt: skip
        self.services = {
            name: stack.enter_context(Service(f"services.{name}", **settings))
            for name in ("ingest", "signals", "api")
        }
        self.server, self.broker = server, broker
        self.base = f"http://127.0.0.1:{self.port}"
        database = Database(self.url)
        self.token = create_key(database, WallClock(), role="admin").token
        database.close()

    def status(self):
        """Return /v1/status; None while the api does not listen."""
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            return httpx.get(f"{self.base}/v1/status", headers=headers, timeout=30).json()
        except httpx.TransportError:
            return None

    def wait_scored(self, records, timeout_s=180):
        """Return once so many records were applied and no account waits."""

        def done():
            found = self.status()
            return (
                found
                and (found["ingest"]["records_total"] or 0) >= records
                and not found["signals"]["pending_accounts"]
            )

        self.services["signals"].wait(done, timeout_s=timeout_s, pause_s=0.2)

    def cpu(self):
        """Return CPU seconds so far by process."""
        used = {name: cpu_seconds(service.pid) for name, service in self.services.items()}
        servers = {"database": self.server, "broker": self.broker}
        return used | {name: cpu_seconds(server.pid) for name, server in servers.items()}

    def memory(self):
        """Return megabytes by process."""
        return {name: memory(one.pid)._asdict() for name, one in self.services.items()}


@contextmanager
def product(broker, server):
    settings = Settings(kafka_bootstrap=broker.bootstrap, _env_file=None)
    asyncio.run(apply_topics(settings, partitions=PARTITIONS))
    with ExitStack() as stack:
        yield Product(stack, broker, server)


def known(product, broker, accounts, timeout_s=180):
    """Let every account book once, and wait until all are scored."""
    load = Load(broker.bootstrap, accounts, seed=1)
    for account in range(accounts):
        load.booking(account)
        if account % 1000 == 0:
            load.flush()
    load.flush()
    begun = time.perf_counter()
    product.wait_scored(accounts, timeout_s)
    return time.perf_counter() - begun


def at_rate(product, broker, rate, accounts, seconds):
    """Load the product at one rate; return latencies and what it cost."""
    watch = Watch(product.base, product.token).ready()
    given = json.dumps(
        [broker.bootstrap, accounts, rate, ALARMS_PER_S, WARM_UP_S + seconds, int(rate)]
    )
    before, begun = product.cpu(), time.perf_counter()
    children, own = children_seconds(), time.process_time()
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.support.paced_load", given],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    sent = {}
    for line in writer.stdout:
        alarm = json.loads(line)
        sent[alarm["id"]] = alarm["at"]
        watch.expect(alarm)
    assert writer.wait() == 0
    lasted = time.perf_counter() - begun
    used = {name: now - before[name] for name, now in product.cpu().items()}
    used |= {"producer": children_seconds() - children, "watcher": time.process_time() - own}
    cpu = {name: round(seconds / lasted, 2) for name, seconds in used.items()}
    resident = product.memory()
    missed = watch.settled(30)
    counted = [name for name, at in sent.items() if at > min(sent.values()) + WARM_UP_S]
    return {
        "events_per_second": rate,
        "alarms": len(counted),
        "never_listed": missed,
        "listed_ms": latencies(sent, watch.listed, counted),
        "streamed_ms": latencies(sent, watch.streamed, counted),
        "stages_ms": stages(product, sent, watch.listed, [n for n in counted if n in watch.listed]),
        "cores_used": cpu,
        "memory": resident,
        "pending_accounts_at_end": product.status()["signals"]["pending_accounts"],
    }


def children_seconds():
    """Return CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stages(product, sent, listed, counted):
    """Return where the time went, percentiles in milliseconds of each stage.

    Until ingest had the event decoded and its writer free, until it was committed, until the
    alert was, until the list showed it.
    """
    with opened(product.url) as connection:
        rows = connection.execute(_STAGES, [counted]).fetchall()
    moments = {name: (sent[name], *map(float, then), listed[name]) for name, *then in rows}
    return {
        stage: latencies(
            {name: times[at] for name, times in moments.items()},
            {name: times[at + 1] for name, times in moments.items()},
            list(moments),
        )
        for at, stage in enumerate(("to_writer", "to_commit", "to_alert", "to_list"))
    }


def latencies(sent, seen, counted):
    """Return percentiles in milliseconds of those that were seen."""
    taken = [1e3 * (seen[name] - sent[name]) for name in counted if name in seen]
    if len(taken) < 2:
        return None
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50": round(cuts[49]), "p99": round(cuts[98]), "max": round(max(taken))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--quick", action="store_true", help="10 s a rate instead of 30")
    chosen = parser.parse_args()
    chosen.seconds = chosen.seconds or (10 if chosen.quick else 30)
    with servers(STAMPED) as (broker, server), product(broker, server) as running:
        found = {"accounts": chosen.accounts, "seconds": chosen.seconds}
        found["first_scoring_s"] = round(known(running, broker, chosen.accounts), 1)
        found["rates"] = []
        for rate in chosen.rates:
            found["rates"].append(at_rate(running, broker, rate, chosen.accounts, chosen.seconds))
            print(found["rates"][-1], file=sys.stderr)  # noqa: T201 - progress
            running.services["signals"].wait(
                lambda: not running.status()["signals"]["pending_accounts"], timeout_s=240
            )
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
