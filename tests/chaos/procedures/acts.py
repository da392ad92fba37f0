"""Acts: people act on alerts while two signals processes change them and are killed.

What is told last of each alert is what the api says of it: neither an act nor a change of the
machine's may be missing from the events.
"""

import json
import time
from datetime import timedelta

from shared.runtime.clock import WallClock
from tests.chaos import log
from tests.chaos.arena import Arena
from tests.chaos.people import People
from tests.chaos.product import LAUNCHER, intake, serving
from tests.support.waiting import eventually

ACCOUNTS = [f"KEY-{number}" for number in range(6)]
WEEKS = 40
ALERT = ("version", "state", "snoozed_until", "owner")
RUN = ("state", "tasks", "outcome", "closed_because")
UNTOLD = """
SELECT (SELECT coalesce(max(id), 0) FROM alert_action) > actions_seen
  OR (SELECT coalesce(max(id), 0) FROM run_action) > run_actions_seen FROM signals_progress
"""


def acts(size, seed):
    """Kill one of two signals processes after the other, by the wall clock."""
    kills = size.of(4, 40, 400)
    with Arena("acts", seed, rate=1) as arena:
        intake(arena, "one")
        signals = [_signals(arena, name) for name in ("first", "second")]
        people = People(arena, serving(arena), ACCOUNTS)
        eventually(people.served, timeout_s=60, what="an api")
        _make_customers(people)
        people.start()
        eventually(people.alerts, timeout_s=60, what="an alert")
        for number in range(kills):
            time.sleep(arena.rng.uniform(1, 4))
            signals[number % 2].kill()
            arena.fault("signals killed")
            signals[number % 2].start()
        people.stop()
        arena.heal()
        arena.drain(scoring=True)
        eventually(lambda: not arena.rows(UNTOLD)[0][0], timeout_s=60, what="all told")
        arena.drain(scoring=True)
        arena.compare()
        alerts, runs = people.alerts(), people.runs()
        _compare_last_told(arena, _last_told(arena, "alert", "alert_id"), alerts, ALERT)
        told_runs = _progress(_last_told(arena, "playbook_trigger", "run_id"))
        _compare_last_told(arena, told_runs, _progress(runs), RUN)
        return arena.summary() | {"acts": people.acts, "alerts": len(alerts), "runs": len(runs)}


def _signals(arena, name):
    return arena.member(name, LAUNCHER, "as_it_is", "signals", LEADLINE_CLOCK="wall")


def _make_customers(people):
    """Send a history that makes the accounts customers."""
    now = WallClock().now()
    for account in ACCOUNTS:
        master = people.event("account", account, {"name": account}, now - timedelta(weeks=WEEKS))
        bookings = [
            people.event(
                "booking",
                account,
                {"booking_ref": f"{account}-{week}", "phase": "confirmed", "mode": "sea", "teu": 2},
                now - timedelta(weeks=week, hours=1),
            )
            for week in range(WEEKS)
        ]
        people.send([master, *bookings])


def _last_told(arena, noun, name):
    """Return what was told last, by id: of one account in the order of its changes."""
    told = {}
    for record in log.read(arena.broker.bootstrap):
        if record.topic == f"leadline.{noun}.v1":
            data = json.loads(record.value)["data"]
            told[data[name]] = data
    return told


def _progress(runs):
    """Return the runs with what became of each task alone: a new owner is told with the alert."""
    return {
        key: run | {"tasks": {task["task_id"]: task["state"] for task in run["tasks"]}}
        for key, run in runs.items()
    }


def _compare_last_told(arena, told, shown, names):
    for key, one in shown.items():
        if key not in told:
            arena.findings.note("lost", f"nothing was told of {key}")
            continue
        want, have = ({name: form[name] for name in names} for form in (one, told[key]))
        if want != have:
            arena.findings.note("differing", f"{key}: told {have}, not {want}")
