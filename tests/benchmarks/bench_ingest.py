"""Ingest from a real broker to committed facts, beside a bare copy and two peers of the field.

Prints one JSON object. All stacks read the same records in turns; rates on shared cores are
noisy, so compare CPU per event, and rates within one run only. The peers, being slower, read
the first part of the records.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka.admin import AdminClient, NewTopic

from shared.kafka.admin import apply_topics
from shared.runtime.settings import Settings
from shared.store.migrate import migrate
from shared.store.session import Database
from shared.store.tables import EventRow
from tests.benchmarks.running import PARTITIONS, Service, opened, servers, value
from tests.benchmarks.stacks.bare import LATER, columns_of
from tests.support.booking_stream import TOPIC, booking_records, produce
from tests.support.usage import cpu_seconds, memory

PART = "bench.bookings"
STACKS = "tests.benchmarks.stacks"
PEERS = ("faststream", "bytewax")
TWO = "postgresql_two"
"""Two ingest processes in one consumer group."""
EVERY = ("postgresql", TWO, "sqlite", "bare", *PEERS)


class Stack(NamedTuple):
    """One way to do the job: what it runs, and how its effect shows in SQL."""

    module: str
    arguments: Sequence[str]
    settings: dict[str, Any]
    done: str  # records whose effect is committed; null before it begins
    effect: dict[str, str]  # what must equal the number of distinct events
    fact_table: str | None
    set_up: str = ""


LEADLINE_DONE = (
    f"SELECT CASE WHEN count(*) >= {PARTITIONS} THEN sum(records_total) END"
    f" FROM consumer_offset WHERE topic = '{TOPIC}'"
)
LEADLINE_EFFECT = {
    "facts": "SELECT count(*) FROM event",
    "folded": "SELECT count(*) FROM event WHERE length(changes) = 72",  # one change each
    "accounts": "SELECT sum(events_total) FROM account_facts",
}
DONE = "SELECT max(records) FROM done"
PEER_EFFECT = {
    "ledger": "SELECT count(*) FROM ledger",
    "facts": "SELECT count(*) FROM fact",
    "aggregates": "SELECT sum(bookings) FROM account_month",
}


def stack_of(name, bootstrap, url):
    """Return the stack of that name over an empty database."""
    ours = {"database_url": url, "kafka_bootstrap": bootstrap, "metrics_port": 0}
    if name in {"postgresql", TWO}:
        return Stack("services.ingest", (), ours, LEADLINE_DONE, LEADLINE_EFFECT, "event")
    if name == "sqlite":
        module = f"{STACKS}.ingest_alone"
        return Stack(module, (), ours, LEADLINE_DONE, LEADLINE_EFFECT, None)
    if name == "bare":
        later = [column for column in LATER if column in EventRow.__table__.columns]
        columns = ", ".join(f'"{column}" {kind}' for column, kind in columns_of(later).items())
        where = (bootstrap, url, TOPIC, str(PARTITIONS), *later)
        return Stack(
            f"{STACKS}.bare", where, {}, DONE, {}, "bare",
            f"CREATE TABLE bare ({columns}); CREATE TABLE done (records bigint)",
        )  # fmt: skip
    from tests.benchmarks.stacks.plain_writer import META

    database = Database(url)
    META.create_all(database.engine)
    database.close()
    return Stack(
        f"{STACKS}.with_{name}", (bootstrap, url, PART), {}, DONE, PEER_EFFECT, "fact"
    )  # fmt: skip


def run(name, bootstrap, server, count, distinct):
    """Run one stack over the first `count` records; return its figures."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'bench.db'}"
            database = Database(url)
            migrate(database)
            database.close()
            return measured(stack_of(name, bootstrap, url), url, None, count, distinct)
    url = server.create_database()
    try:
        stack = stack_of(name, bootstrap, url)
        processes = 2 if name == TWO else 1
        return measured(stack, url, server.pid, count, distinct, processes=processes)
    finally:
        server.drop_database(url)


def measured(stack, url, server_pid, count, distinct, *, processes=1):
    """Start the stack's processes, wait for their effect, check it by SQL."""
    with opened(url) as connection:
        if stack.set_up:
            connection.execute(stack.set_up)
        with ExitStack() as running:
            services = [
                running.enter_context(Service(stack.module, *stack.arguments, **stack.settings))
                for _ in range(processes)
            ]
            pids = [service.pid for service in services]
            first, begun, used = services[0].wait(
                lambda: sight(stack, connection, pids, server_pid)
            )

            def done():
                seen = sight(stack, connection, pids, server_pid)
                return seen if seen[0] >= count else None

            last, ended, used_at_end = services[0].wait(done, timeout_s=60 + count / 1000)
            resident = max(memory(pid).rss_mb for pid in pids)
        done_in_time = last - first
        app, server = (b - a for a, b in zip(used, used_at_end, strict=True))
        found = {what: value(connection, sql) for what, sql in stack.effect.items()}
        if any(seen != distinct for seen in found.values()):
            raise RuntimeError(f"{stack.module}: {found}, but there were {distinct} events")
        figures = {
            "events_per_second": round(done_in_time / (ended - begun)),
            "app_us": round(1e6 * app / done_in_time, 1),
            "database_us": round(1e6 * server / done_in_time, 1),
            "sum_us": round(1e6 * (app + server) / done_in_time, 1),
            "rss_mb": resident,
        }
        if stack.fact_table and server_pid:
            bytes_each = (
                f"SELECT pg_relation_size('{stack.fact_table}') / count(*) FROM {stack.fact_table}"
            )
            figures["row_bytes"] = value(connection, bytes_each)
        return figures


def sight(stack, connection, pids, server_pid):
    """Return records done, the time and the CPU so far; None before the stack begins."""
    seen = value(connection, stack.done)
    if seen is None:
        return None
    used = (sum(map(cpu_seconds, pids)), cpu_seconds(server_pid) if server_pid else 0.0)
    return int(seen), time.perf_counter(), used


def summary(rounds):
    """Return medians over the rounds, and the ratios within each."""
    names = rounds[0].keys()
    medians = {
        name: {
            figure: statistics.median(each[name][figure] for each in rounds)
            for figure in rounds[0][name]
        }
        for name in names
    }
    rates = [{name: each[name]["events_per_second"] for name in names} for each in rounds]
    ratios = {}
    if {"postgresql", TWO} <= names:
        ratios["rate_of_two_to_one"] = [r[TWO] / r["postgresql"] for r in rates]
    if {"postgresql", "bare"} <= names:
        ratios["rate_to_bare"] = [r["postgresql"] / r["bare"] for r in rates]
    peers = [name for name in PEERS if name in names]
    if peers and "postgresql" in names:
        ratios["rate_to_best_peer"] = [
            r["postgresql"] / max(r[peer] for peer in peers) for r in rates
        ]
    return {
        "median": medians,
        **{name: round(statistics.median(values), 3) for name, values in ratios.items()},
    }


def measure(chosen):
    """Return the figures of all rounds."""
    rounds = []
    with servers() as (broker, server):
        settings = Settings(kafka_bootstrap=broker.bootstrap, _env_file=None)
        asyncio.run(apply_topics(settings, partitions=PARTITIONS))
        admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        admin.create_topics([NewTopic(PART, PARTITIONS, 1)])[PART].result(10)
        say(f"producing {chosen.events} records")
        whole = chosen.events, produce(broker.bootstrap, stream(chosen))
        few = min(chosen.events, chosen.peer_events)
        part = few, produce(broker.bootstrap, islice(stream(chosen), few), PART)
        for turn in range(chosen.rounds):
            rounds.append({})
            for name in chosen.only if turn % 2 == 0 else reversed(chosen.only):
                count, distinct = part if name in PEERS else whole
                rounds[-1][name] = run(name, broker.bootstrap, server, count, distinct)
                say(f"round {turn + 1}, {name}: {rounds[-1][name]}")
    return rounds


def stream(chosen):
    return booking_records(chosen.events, chosen.seed)


def say(text):
    print(text, file=sys.stderr)  # noqa: T201 - progress


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int)
    parser.add_argument("--peer-events", type=int, default=50_000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=EVERY, default=EVERY)
    parser.add_argument("--quick", action="store_true", help="100,000 events, one round")
    chosen = parser.parse_args()
    chosen.events = chosen.events or (100_000 if chosen.quick else 300_000)
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    rounds = measure(chosen)
    asked = {name: vars(chosen)[name] for name in ("events", "peer_events", "seed")}
    print(json.dumps({**asked, **summary(rounds), "rounds": rounds}))  # noqa: T201


if __name__ == "__main__":
    main()
