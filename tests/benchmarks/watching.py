"""Two ways to see an alert: asking the list for its account, and listening to the stream."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from shared.runtime.clock import WallClock

ASK_EVERY_S = 0.02
ASKED_AT_ONCE = 4
"""The oldest first: asking for more in one round would itself be a load."""
CLOCK = WallClock()


class Watch:
    """Notes for each alarm when its alert was first listed and when it was streamed."""

    def __init__(self, url, token):
        self.listed, self.streamed = {}, {}  # event id to the wall clock's time
        self._where, self._headers = urlsplit(url).netloc, {"Authorization": f"Bearer {token}"}
        self._waiting, self._lock = [], threading.Lock()
        self._ended = threading.Event()
        self._hears = threading.Event()
        for work in (self._ask, self._listen):
            threading.Thread(target=work, daemon=True).start()

    def ready(self):
        """Return once the stream answers."""
        assert self._hears.wait(20)
        return self

    def expect(self, alarm):
        """Look for this alarm's alert from now on."""
        with self._lock:
            self._waiting.append(alarm)

    def settled(self, timeout_s):
        """Wait until every alarm was seen both ways; return how many were not."""
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline:
            with self._lock:
                if not self._waiting and len(self.streamed) >= len(self.listed):
                    break
            time.sleep(0.05)
        self._ended.set()
        return len(self._waiting)

    def _ask(self):
        connection = http.client.HTTPConnection(self._where, timeout=30)
        while not self._ended.wait(ASK_EVERY_S):
            with self._lock:
                asked = self._waiting[:ASKED_AT_ONCE]
            for alarm in asked:
                path = f"/v1/alerts?account={alarm['account']}&limit=5"
                connection.request("GET", path, headers=self._headers)
                found = json.loads(connection.getresponse().read())["items"]
                if any(one["id"] == alarm["id"] for item in found for one in item["evidence"]):
                    self.listed[alarm["id"]] = CLOCK.now().timestamp()
                    with self._lock:
                        self._waiting.remove(alarm)

    def _listen(self):
        connection = http.client.HTTPConnection(self._where, timeout=60)
        connection.request("GET", "/v1/stream", headers=self._headers)
        answer = connection.getresponse()
        kind = None
        while not self._ended.is_set():
            line = answer.readline()
            self._hears.set()
            if line.startswith(b"event: "):
                kind = line[7:].strip()
            elif kind == b"alert" and line.startswith(b"data: "):
                event = json.loads(line[6:])
                for one in event["data"]["evidence"]:
                    self.streamed.setdefault(one["id"], CLOCK.now().timestamp())
