"""A system and a person that write over HTTP, and remember what was acknowledged."""

import threading

import httpx

from shared.runtime.clock import WallClock
from tests.chaos.product import LAUNCHER, is_ready, leadline
from tests.support import process
from tests.support.waiting import eventually

PAUSE = 0.05


class ApiClient:
    """Starts an api and writes to it from a thread: events, and now and then a playbook run."""

    def __init__(self, arena, name="api"):
        (port,) = process.free_ports(1)
        self._arena = arena
        self._stop = threading.Event()
        token = leadline(arena, "keys", "create", "--role", "admin").strip()
        arena.member(name, LAUNCHER, "as_it_is", "api", LEADLINE_HTTP_PORT=str(port))
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.wait_ready(True, limit_s=60)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stop.set()
        self._thread.join()
        self._http.close()

    def wait_ready(self, ready, *, limit_s):
        """Wait until the api calls itself ready, or not."""
        eventually(lambda: is_ready(self._http) is ready, timeout_s=limit_s, what=f"ready {ready}")

    def _run(self):
        number = 0
        while not self._stop.wait(PAUSE):
            number += 1
            event = self._event(number)
            known = self._accepted("/v1/events", event, httpx.codes.ACCEPTED) is not None
            self._arena.posted.append((event, known))
            if known and number % 10 == 0:
                self._start_run(event["subject"])

    def _start_run(self, account):
        wanted = {"playbook": "executive_review", "account_id": account}
        run = self._accepted("/v1/playbook-runs", wanted, httpx.codes.CREATED)
        if run is not None:
            self._arena.acted.append(run["run_id"])

    def _accepted(self, path, body, status):
        """Return the answer when it acknowledges the write; None when nothing is known."""
        try:
            answer = self._http.post(path, json=body)
        except httpx.TransportError:
            return None
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return None
        assert answer.status_code == status, answer.text
        return answer.json()

    @staticmethod
    def _event(number):
        return {
            "specversion": "1.0", "id": f"posted-{number}", "source": "/http/tms",
            "type": "leadline.booking.v1", "subject": f"ACC-{number % 20:04d}",
            "time": WallClock().now().isoformat(), "datacontenttype": "application/json",
            "data": {"booking_ref": f"H{number}", "phase": "confirmed", "teu": 2},
        }  # fmt: skip
