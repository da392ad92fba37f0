"""Writers of the outbox as many workers would be: their ids commit out of order."""

import json
import random
import threading
import time
from collections import defaultdict

import psycopg

from shared.runtime.clock import WallClock
from tests.chaos import readings

SOON_SECONDS = 3
"""The relay of these tests looks again ten times a second."""

KINDS = {"signal": "signal", "alert": "alert", "run": "playbook_trigger"}
WRITERS = 4


class Writers:
    """Threads that tell events, each of accounts of its own."""

    def __init__(self, arena):
        self._told = arena.told = defaultdict(list)
        self._arena = arena
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), daemon=True)
            for number in range(WRITERS)
        ]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def relayed(self, kind, *, limit_s=60):
        """Wait until the relay has told something more."""
        begun, base = time.perf_counter(), readings.told(self._arena.rows)
        while readings.told(self._arena.rows) <= base:
            took = time.perf_counter() - begun
            assert took < limit_s, f"nothing is told\n{self._arena.world.tails()}"
            time.sleep(0.02)
        self._arena.recovery[kind].append(round(time.perf_counter() - begun, 2))

    def commit_late(self):
        """Commit one event after another with a greater id has been told; wait for it a while."""
        rng = random.Random(self._arena.seed)
        late, early = (self._row(rng, name, f"ACC-{name}") for name in ("late", "early"))
        with psycopg.connect(self._arena.direct_url) as connection:
            connection.execute(readings.TELL, late)
            self._arena.change_database(readings.TELL, early)
            self.relayed("told before an event with a smaller id")
            connection.commit()
        for event_id, _, topic, account, *_ in (late, early):
            self._told[topic, account].append(event_id)
        time.sleep(SOON_SECONDS)

    def _run(self, writer):
        rng = random.Random(f"{self._arena.seed}/{writer}")
        number = 0
        with psycopg.connect(self._arena.direct_url) as connection:
            while not self._stop.wait(rng.uniform(0, 0.02)):
                rows = []
                for _ in range(rng.randrange(1, 25)):
                    number += 1
                    rows.append(self._row(rng, f"{writer}-{number}", f"ACC-{writer}-{number % 7}"))
                connection.cursor().executemany(readings.TELL, rows)
                time.sleep(rng.uniform(0, 0.03))  # a greater id of another writer commits first
                connection.commit()
                for event_id, _, topic, account, *_ in rows:
                    self._told[topic, account].append(event_id)

    @staticmethod
    def _row(rng, event_id, account):
        kind = rng.choice(list(KINDS))
        topic = f"leadline.{KINDS[kind]}.v1"
        data = {"said": "Hàng đã đi ✓", "n": rng.random()}
        event = {"specversion": "1.0", "id": event_id, "type": topic, "source": "/chaos",
                 "subject": account, "data": data}  # fmt: skip
        now = int(WallClock().now().timestamp() * 1_000_000)
        body = json.dumps(event, ensure_ascii=False).encode()
        return event_id, kind, topic, account, body, now
