"""Server-Sent Events to a thousand listeners: from the commit of a change to the last of them.

Prints one JSON object. The api is a process of its own on a real PostgreSQL, the listeners share
one process on the same cores. `first_listener_ms` and `last_listener_ms`
are over the changes; `cpu_us_per_delivery` is the api's.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import httpx
from sqlalchemy import insert, text

from services.api.keys import create_key
from shared.runtime.clock import WallClock
from shared.store.session import Database
from shared.store.tables import StreamEventRow
from tests.benchmarks.running import Service
from tests.support import process
from tests.support.postgres import PostgresServer
from tests.support.usage import cpu_seconds, memory

PAUSE_S = 0.5
BODY = json.dumps({"account_id": "ACC-000042", "risk": 0.5, "reasons": ["x" * 900]}).encode()


def publish(database, number, clock):
    """Commit one change as the relay does; return when."""
    with database.write() as connection:
        connection.execute(
            insert(StreamEventRow).values(
                id=number, event_id=f"e{number}", kind="signal", key="ACC-000042", body=BODY,
                created_at=clock.now(),
            )
        )  # fmt: skip
        connection.execute(text("SELECT pg_notify('leadline_signals', '')"))
    return time.perf_counter()


def measure(chosen, server):
    database, clock = Database(server.create_database()), WallClock()
    (port,) = process.free_ports(1)
    url = f"http://127.0.0.1:{port}"
    token = create_key(database, clock, role="admin").token
    with Service("services.api", database_url=database.url, http_port=port) as api:
        api.wait(lambda: answers(url))
        given = json.dumps([url, token, chosen.clients, chosen.changes])
        begun = time.perf_counter()
        listening = subprocess.Popen(
            [sys.executable, "-m", "tests.support.sse_load", given],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert listening.stdout.readline().strip() == "ready"
        connected = time.perf_counter() - begun
        before, committed = cpu_seconds(api.pid), {}
        for number in range(1, chosen.changes + 1):
            time.sleep(PAUSE_S)
            committed[number] = publish(database, number, clock)
        found = json.loads(listening.communicate(timeout=60)[0])
        used, resident = cpu_seconds(api.pid) - before, memory(api.pid)
    database.close()
    first, last = (
        [1e3 * (seen[at] - committed[int(number)]) for number, seen in found["arrived"].items()]
        for at in (0, 1)
    )
    return {
        "all_connected_s": round(connected, 2),
        "first_listener_ms": {"p50": round(statistics.median(first)), "max": round(max(first))},
        "last_listener_ms": {"p50": round(statistics.median(last)), "max": round(max(last))},
        "cpu_us_per_delivery": round(1e6 * used / (chosen.clients * chosen.changes), 1),
        "api_rss_mb": resident.rss_mb,
    }


def answers(url):
    try:
        return httpx.get(f"{url}/livez").status_code == 200
    except httpx.TransportError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--changes", type=int)
    parser.add_argument("--quick", action="store_true", help="10 changes instead of 40")
    chosen = parser.parse_args()
    chosen.changes = chosen.changes or (10 if chosen.quick else 40)
    server = PostgresServer()
    try:
        found = measure(chosen, server.start())
    finally:
        server.close()
    print(json.dumps({"clients": chosen.clients, "changes": chosen.changes, **found}))  # noqa: T201


if __name__ == "__main__":
    main()
