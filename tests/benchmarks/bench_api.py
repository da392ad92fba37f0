"""Lists and details over HTTP, 50 rows a page, on both databases, beside bytes from memory.

Prints one JSON object. `alerts_same` is one page asked by all connections, `alerts_apart` another
page for each, both again with facts committed beside (`_beside`, `--commits` a second),
`alerts_open` the open ones among `--past` that ended, `accounts` and `account` the list of
accounts and one of them, `bare` the bytes of the page of alerts from memory through the same
server and headers. The client is a process of its own on the same cores: compare figures within
one run only. `cpu_us` is the server's process per request, the database's excluded.
"""

import argparse
import json
import multiprocessing
import random
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import insert
from starlette.responses import Response
from starlette.routing import Route

from services.api.app import create_app
from services.api.keys import create_key
from services.api.serve import ApiServer
from shared.runtime.clock import WallClock
from shared.runtime.collector import relax_collector
from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings
from shared.store.migrate import migrate
from shared.store.session import Database
from shared.store.tables import (
    AccountFactsRow,
    AccountRow,
    AccountScoreRow,
    AlertActionRow,
    AlertRow,
)
from tests.support.factories import NOW
from tests.support.http_load import WARM_UP_S, load
from tests.support.postgres import PostgresServer

LIST = "/v1/alerts?limit=50"
REASON = "HPH-HAM: 0 bookings since 12 Feb, normally 4 a week; other lanes steady"


def fill(database, chosen):
    """Insert alerts of all states, half of them acted on, and those of past years."""
    rng, accounts = random.Random(chosen.seed), chosen.accounts
    rows, acts = [], []
    for at in range(chosen.alerts + chosen.past):
        ended = at >= chosen.alerts or rng.random() < 0.3
        rows.append({
            "alert_id": f"{rng.getrandbits(128):032x}", "account_id": rng.randrange(accounts) + 1,
            "type": "churn_risk", "reason_code": "churn_risk", "reason_text": REASON,
            "scope": {"kind": "account"}, "scope_key": "", "band": "high", "risk_score": 62.0,
            "list": "going_silent", "drivers": [], "owner_id": f"kam-{at % 40}",
            "owner_name": "Nguyen Thuy Linh", "playbook": "executive_review", "deferred": False,
            "evidence": [{"source": "/tms/hph-1", "id": f"b-{n}"} for n in range(3)],
            "due_at": NOW, "pending_since": NOW - timedelta(days=3),
            "opened_at": None if rng.random() < 0.05 else NOW - timedelta(days=1),
            "resolved_at": NOW if ended else None, "updated_at": NOW,
            "suppressed_reason": "season" if rng.random() < 0.1 else None,
        })  # fmt: skip
        if at < chosen.alerts and rng.random() < 0.5:
            acts.append({"alert_id": rows[-1]["alert_id"], "kind": "acknowledge", "actor": "kam-1",
                         "at": NOW, "until": None})  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(AccountRow), [
            {"id": n + 1, "account_id": f"ACC-{n:05d}", "name": f"Customer {n}",
             "kam_id": f"kam-{n % 40}", "tier": "A"} for n in range(accounts)
        ])  # fmt: skip
        connection.execute(insert(AccountFactsRow), [
            {"account_id": n + 1, "first_event_at": NOW, "last_event_at": NOW, "changed_at": NOW}
            for n in range(100)
        ])  # fmt: skip
        connection.execute(insert(AccountScoreRow), [_score(n + 1, rng) for n in range(accounts)])
        connection.execute(insert(AlertRow), rows)
        connection.execute(insert(AlertActionRow), acts)
        if not database.sqlite:
            connection.exec_driver_sql("ANALYZE")


def _score(account, rng):
    risk = rng.random()
    return {
        "account_id": account, "scored_revision": 1, "as_of": NOW, "state": "scored", "risk": risk,
        "base": -1.5, "curve": [min(0.999, risk + h / 100) for h in range(12)], "band": "watch",
        "list": "going_silent", "coverage": 1.0, "lost": False, "last_booking_at": NOW,
        "model_version": "bench", "thresholds": {"watch": 30.0, "high": 50.0, "critical": 70.0},
        "reasons": [
            {"code": f"reason_{at}", "contribution": 0.3, "text": REASON, "event_ids": ["b-1"]}
            for at in range(5)
        ],
    }  # fmt: skip


@contextmanager
def serving(url, chosen):
    """Run the api over a filled database; yield it and its token."""
    database = Database(url, pool_size=20)
    migrate(database)
    fill(database, chosen)
    clock = WallClock()
    app = create_app(database, Settings(_env_file=None), clock)
    server = ApiServer(app, "127.0.0.1", 0)
    server.start()
    relax_collector()  # as `leadline api` does
    try:
        yield app, server.url, create_key(database, clock, role="manager").token
    finally:
        server.stop()
        database.close()


def commit_facts(url, per_second, begun):
    """Commit as intake does when events trickle in; until ended."""
    database = Database(url)
    while True:
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE account_facts SET revision = revision + 1")
        begun.set()
        time.sleep(1 / per_second)


@contextmanager
def committing(url, per_second):
    """Have another process commit facts."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    process = context.Process(target=commit_facts, args=(url, per_second, begun), daemon=True)
    process.start()
    try:
        assert begun.wait(30)
        yield
    finally:
        process.terminate()
        process.join()


def measure(url, chosen):
    """Return the figures of one database."""
    with serving(url, chosen) as (app, base, token):
        headers, pages = {"Authorization": f"Bearer {token}"}, [LIST]
        while len(pages) < chosen.connections:
            answer = httpx.get(base + pages[-1], headers=headers)
            pages.append(f"{LIST}&cursor={answer.json()['next_cursor']}")
        body = httpx.get(base + LIST, headers=headers).content

        async def bare(_request):
            return Response(body, media_type="application/json")

        app.router.routes.insert(0, Route("/bare", bare))
        asked = {
            "bare": ["/bare"], "alerts_same": [LIST], "alerts_apart": pages,
            "alerts_open": [f"{LIST}&state=open"],
            "accounts": ["/v1/accounts?limit=50"], "account": ["/v1/accounts/ACC-00042"],
        }  # fmt: skip
        found = {name: figures(base, paths, token, chosen) for name, paths in asked.items()}
        with committing(url, chosen.commits):
            for name in ("alerts_same", "alerts_apart"):
                found[f"{name}_beside"] = figures(base, asked[name], token, chosen)
        return {"body_bytes": len(body), **found}


def figures(base, paths, token, chosen):
    """Return what one kind of request costs."""
    before = time.process_time()
    found = load(base, paths, token, connections=chosen.connections, seconds=chosen.seconds)
    requests = found["requests_per_second"] * (chosen.seconds + WARM_UP_S)
    return {**found, "cpu_us": round(1e6 * (time.process_time() - before) / requests)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--alerts", type=int, default=5_000)
    parser.add_argument("--past", type=int, default=0, help="alerts that ended long ago")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--commits", type=float, default=30.0, help="a second, of facts")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--quick", action="store_true", help="2 s of each instead of 5")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    configure_logging()  # to stderr: stdout is the result's
    chosen.seconds = chosen.seconds or (2 if chosen.quick else 5)
    found = {
        name: vars(chosen)[name]
        for name in ("accounts", "alerts", "past", "connections", "seconds")
    }
    if chosen.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            found["sqlite"] = measure(f"sqlite:///{Path(folder) / 'bench.db'}", chosen)
    if chosen.only != "sqlite":
        server = PostgresServer()
        try:
            server.start()
            found["postgresql"] = measure(server.create_database(), chosen)
        finally:
            server.close()
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
