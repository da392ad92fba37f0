"""Account managers at work: they act on whatever alerts there are, from threads of their own."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import httpx

from shared.runtime.clock import WallClock
from tests.chaos.product import is_ready, leadline

HANDS = 3
PAUSE = 0.05
REFUSED = {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}  # somebody, or the machine, was faster


class People:
    """Acts, and complaints, solutions and new owners to act on; `start` and `stop` it."""

    def __init__(self, arena, url, accounts):
        token = leadline(arena, "keys", "create", "--role", "admin").strip()
        self._arena, self._accounts = arena, accounts
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        arena.closing(self._http.close)
        self._stop, self._numbers = threading.Event(), count(1)
        self._threads, self._working = ThreadPoolExecutor(1 + HANDS), []
        self.acts = 0

    def start(self):
        for number, work in enumerate([self._complain, *[self._act] * HANDS]):
            self._working.append(self._threads.submit(self._run, work, number))

    def stop(self):
        """End what goes on; raise what went wrong in it."""
        self._stop.set()
        for one in self._working:
            one.result()
        self._threads.shutdown()

    def served(self):
        """Return whether an api listens."""
        return is_ready(self._http)

    def alerts(self):
        """Return every alert that is to be told of, by id, as the api shows it."""
        return self._all("/v1/alerts", "alert_id")

    def runs(self):
        """Return every run, by id, as the api shows it."""
        return self._all("/v1/playbook-runs", "run_id")

    def send(self, events):
        """Post events in one request."""
        answer = self._http.post("/v1/events", json=events)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        self._arena.posted += [(event, True) for event in events]

    def event(self, noun, account, data, at=None):
        return {
            "specversion": "1.0", "id": f"people-{next(self._numbers)}", "source": "/crm/people",
            "type": f"leadline.{noun}.v1", "subject": account,
            "time": (at or WallClock().now()).isoformat(), "data": data,
        }  # fmt: skip

    def _run(self, work, number):
        rng = random.Random(f"{self._arena.seed}/{number}")
        while not self._stop.wait(rng.uniform(0, 2 * PAUSE)):
            work(rng)

    def _complain(self, rng):
        account, number = rng.choice(self._accounts), next(self._numbers)
        ticket = {"ticket_ref": f"T{number % 60}", "severity": 1, "category": "damage"}
        said = rng.choice(("opened", "escalated", "solved", "owner"))
        if said == "owner":
            kam = {"id": f"kam-{number % 5}", "name": "Lan"}
            self.send([self.event("account", account, {"name": account, "kam": kam})])
        else:
            self.send([self.event("complaint", account, ticket | {"phase": said})])

    def _act(self, rng):
        alerts = self._get("/v1/alerts", state=["open", "acknowledged", "in_progress", "snoozed"])
        if not alerts["items"]:
            return
        alert = f"/v1/alerts/{rng.choice(alerts['items'])['alert_id']}"
        until = (WallClock().now() + timedelta(days=rng.randrange(1, 150))).isoformat()
        outcome = {"outcome": "recovered_by_action", "note": "They book again."}
        path, body = rng.choice([
            (f"{alert}/acknowledge", None),
            (f"{alert}/snooze", {"until": until, "reason": "Tết"}),
            (f"{alert}/resolve", outcome),
            (self._task(rng), None),
        ])  # fmt: skip
        if path is None:
            return
        answer = self._http.post(path, json=body)
        assert answer.is_success or answer.status_code in REFUSED, (path, answer.text)
        self.acts += answer.is_success

    def _task(self, rng):
        runs = self._get("/v1/playbook-runs", state="active")["items"]
        open_tasks = [
            f"/v1/playbook-runs/{run['run_id']}/tasks/{task['task_id']}/complete"
            for run in runs
            for task in run["tasks"]
            if task["state"] == "open"
        ]
        return rng.choice(open_tasks) if open_tasks else None

    def _all(self, path, name):
        found, cursor = {}, {}
        while cursor is not None:
            page = self._get(path, limit=500, **cursor)
            found |= {one[name]: one for one in page["items"]}
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found

    def _get(self, path, **asked):
        answer = self._http.get(path, params=asked)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()
