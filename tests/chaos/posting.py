"""Events over HTTP from a thread of its own, each request on a connection of its own."""

import itertools
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx

from tests.chaos.product import leadline

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
TOGETHER = 5  # events a request
PAUSE = 0.02


class Poster:
    """Posts until told to stop. What was accepted, or may have been, goes to `arena.posted`."""

    def __init__(self, arena, url):
        self._arena = arena
        self._url = url
        self.answers = Counter()
        self.cut_off = []  # (sent at, ended at, error) of requests that nobody answered
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._token = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Make a key; post as soon as somebody listens."""
        self._token = leadline(self._arena, "keys", "create", "--role", "service").strip()
        self._thread.start()
        return self

    def stop(self):
        """Finish the request under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def unanswered(self, asked_at, under_way_s):
        """Return the requests that were under way at a moment and that nobody answered."""
        return [
            error
            for sent_at, ended_at, error in self.cut_off
            if sent_at < asked_at - under_way_s and ended_at > asked_at
        ]

    def summary(self):
        return {"answers": {str(status): n for status, n in self.answers.items()}}

    def _run(self):
        headers = {"Authorization": f"Bearer {self._token}", "Connection": "close"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=60) as client:
            while not self._stop.wait(PAUSE):
                self._post(client, [self._event() for _ in range(TOGETHER)])

    def _post(self, client, events):
        sent_at = time.perf_counter()
        try:
            answer = client.post("/v1/events", json=events)
        except httpx.ConnectError:
            self.answers["nobody listened"] += 1
            return
        except httpx.TransportError as error:
            self.answers["cut off"] += 1
            self.cut_off.append((sent_at, time.perf_counter(), repr(error)))
            self._arena.posted += [(event, False) for event in events]
            return
        self.answers[answer.status_code] += 1
        heard = answer.status_code == 202
        self._arena.posted += [(event, heard) for event in events]

    def _event(self):
        number = next(self._numbers)
        booking = {"booking_ref": f"H{number}", "phase": "confirmed", "mode": "sea", "teu": 1}
        return {
            "specversion": "1.0", "id": f"http-{number}", "source": "/crm/http",
            "type": "leadline.booking.v1", "subject": f"ACC-{number % 80:04d}",
            "time": (START + timedelta(minutes=number)).isoformat(), "data": booking,
        }  # fmt: skip
