"""What both places have in common: the processes of an installation, its commands, its state."""

import os
import signal
import time
from pathlib import Path

import httpx

from tests.chaos import judge, log, oracle, readings
from tests.chaos.file_arena import FileArena
from tests.support import nursery, process

LAUNCHER = "tests.chaos.launchers"
DAY = 86_400_000_000
SCORED_SECONDS = 120


def intake(arena, name, fault="as_it_is", **environ):
    """Start what takes events in: ingest, or on SQLite the whole product."""
    if isinstance(arena, FileArena):
        environ |= {"LEADLINE_HTTP_PORT": str(arena.port)}
        return arena.member(name, LAUNCHER, fault, "up", **environ)
    return arena.member(name, LAUNCHER, fault, "ingest", **environ)


def scoring(arena, *, fault="as_it_is", **environ):
    """Start what scores, where that is a process of its own."""
    if not isinstance(arena, FileArena):
        arena.member("signals", LAUNCHER, fault, "signals", LEADLINE_CLOCK="event", **environ)


def serving(arena):
    """Start an api process; return its address."""
    (port,) = process.free_ports(1)
    arena.member("api", LAUNCHER, "as_it_is", "api", LEADLINE_HTTP_PORT=str(port))
    return f"http://127.0.0.1:{port}"


def is_ready(client):
    """Return whether the api of an HTTP client calls itself ready."""
    try:
        return client.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def heeds_sigterm(member):
    """Return whether a process has come so far that it ends in order when asked to."""
    status = Path(f"/proc/{member.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def assignments(member):
    """Return how often a process was given partitions: once more after each rebalance."""
    return member.log.count("partitions assigned")


def retire(arena, *names):
    """End members by SIGTERM and forget them."""
    for name in names or list(arena.members):
        arena.members.pop(name).stop()


def leadline(arena, *arguments, codes=(0,)):
    """Run a command on the installation; return its stdout."""
    number = arena.commands = arena.commands + 1
    log, out = (arena.folder / f"command-{number}.{what}" for what in ("log", "out"))
    environ = os.environ | {
        "LEADLINE_DATABASE_URL": arena.world.database_url,
        "LEADLINE_KAFKA_BOOTSTRAP": arena.world.bootstrap,
    }
    command = nursery.start((LAUNCHER, "as_it_is", *map(str, arguments)), log, environ, out)
    code = command.wait(300)
    assert code in codes, f"{arguments}: {out.read_text()[-800:]}{log.read_text()[-800:]}"
    return out.read_text()


def until_scored(arena):
    """Wait until every account is scored as of the midnight after its last fact."""
    latest = max(
        time for rows in readings.state(arena.rows)["ledger"].values() for *_, time, _ in rows
    )
    due = (latest // DAY + 1) * DAY
    until = time.perf_counter() + SCORED_SECONDS
    while readings.complete_as_of(arena.rows) != due or readings.pending(arena.rows, scoring=True):
        assert time.perf_counter() < until, f"not scored in time\n{arena.world.tails()}"
        time.sleep(0.2)


def verdict(arena):
    """Heal; wait until nothing is left to read, to score or to tell; compare; summarise."""
    arena.heal()
    arena.drain()
    if "signals" in arena.members:
        until_scored(arena)
    arena.drain(scoring=True)
    arena.compare()
    return arena.summary()


def everything(arena):
    """Return facts, aggregates, scores and alerts, without what tells of processing."""
    return readings.state(arena.rows) | {
        "changes": readings.changes(arena.rows),
        "scores": readings.scores(arena.rows),
        "alerts": readings.alerts(arena.rows),
    }


def compare_states(findings, want, have, what):
    """Note every table in which two states differ."""
    for table in want:
        if want[table] == have[table]:
            continue
        if isinstance(want[table], dict):
            names = want[table].keys() | have[table].keys()
            differ = [n for n in names if want[table].get(n) != have[table].get(n)]
            cases = [f"{n}: {have[table].get(n)}, not {want[table].get(n)}" for n in differ]
        else:
            cases = [str(row) for row in {*want[table]} ^ {*have[table]}]
        findings.note("differing", f"{what}: {table}: {cases[:2]}", len(cases))


def compare_rebuilt(arena, name, **environ):
    """Compare what was lived with a rebuild from offset 0, on an empty database; return the former.

    `name` is of the process that rebuilds.
    """
    arena.drain()
    until_scored(arena)
    arena.compare()
    retire(arena)
    lived = everything(arena)
    arena.fresh_database()
    intake(arena, name, **environ)
    scoring(arena)
    arena.drain()
    until_scored(arena)
    compare_states(arena.findings, lived, everything(arena), name)
    return lived


def compare_repaired(arena, records):
    """Compare with the log, letters that were replayed since counting as accepted."""
    found = readings.state(arena.rows)
    replayed = readings.replayed(arena.rows)
    found["letters"] = {place: v for place, v in found["letters"].items() if place not in replayed}
    judge.compare_state(arena.findings, oracle.expected(records), found)
    arena.events = len(records)


def records_of(arena):
    """Return the log's inbound records."""
    return [r for r in log.read(arena.broker.bootstrap) if not r.topic.endswith(".dlq")]
