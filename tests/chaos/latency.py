"""How long records take from being sent to being committed, at a steady pace."""

import threading
import time
from bisect import bisect_left
from collections import defaultdict

from tests.chaos import readings

SAMPLE_SECONDS = 0.02
LEFT_SECONDS = 60


class Commits:
    """Watches the stored offsets from a thread, while it is a context."""

    def __init__(self, rows):
        self._rows = rows
        self._seen = defaultdict(lambda: ([], []))  # (offsets, times) of each partition, rising
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.wait(SAMPLE_SECONDS):
            reached = readings.offsets(self._rows)
            at = time.perf_counter()
            for place, following in reached.items():
                offsets, times = self._seen[place]
                if not offsets or offsets[-1] < following:
                    offsets.append(following)
                    times.append(at)

    def committed_at(self, place, offset):
        """Return when a record was first seen behind its partition's offset; None before."""
        offsets, times = self._seen[place]
        found = bisect_left(offsets, offset + 1)
        return times[found] if found < len(times) else None


def paced_latencies(arena, send, records, rate):
    """Send (record, whether it counts) at a pace; return the seconds that each took, sorted.

    `send` takes a record and what to call with its place once it is acknowledged.
    """
    sent, begun = [], time.perf_counter()
    with Commits(arena.rows) as commits:
        for number, (record, counts) in enumerate(records):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            at = time.perf_counter()
            note = (lambda place, at=at: sent.append((place, at))) if counts else None
            send(record, note)
        send(None, None)
        until = time.perf_counter() + LEFT_SECONDS
        while any(commits.committed_at(place[:2], place[2]) is None for place, _ in sent):
            assert time.perf_counter() < until, "good records were not committed"
            time.sleep(SAMPLE_SECONDS)
    return sorted(commits.committed_at(place[:2], place[2]) - at for place, at in sent)


def p99_ms(seconds):
    """Return the 99 % quantile in milliseconds."""
    return round(1000 * seconds[int(0.99 * len(seconds))])
