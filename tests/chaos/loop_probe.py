"""What the event loop of ingest goes through while other work burns CPU: lag, and heartbeats."""

import asyncio
import json
import os
import time
from pathlib import Path

from aiokafka.consumer.group_coordinator import GroupCoordinator

from services.ingest.service import IngestService

TICK = 0.02
TELL_EVERY = 25  # ticks
ENVIRON = "LOOP_PROBE"


class LoopProbe:
    """Measures from inside the process, and writes it to a file again and again."""

    def __init__(self, path):
        self._path = path
        self._lags = []
        self._beats = []  # when heartbeats succeeded
        self._failed = 0

    async def watch(self):
        """Note by how much each short sleep took too long."""
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            self._lags.append(time.perf_counter() - due)
            if len(self._lags) % TELL_EVERY == 0:
                self._tell()

    def beat(self, succeeded):
        """Note one heartbeat's answer."""
        if succeeded:
            self._beats.append(time.perf_counter())
        else:
            self._failed += 1

    def _tell(self):
        lags = sorted(self._lags)
        gaps = [b - a for a, b in zip(self._beats, self._beats[1:], strict=False)]
        told = {
            "loop_lag_p99_ms": round(1000 * lags[int(0.99 * len(lags))], 1),
            "loop_lag_max_ms": round(1000 * lags[-1], 1),
            "heartbeats": len(self._beats), "heartbeats_failed": self._failed,
            "heartbeat_gap_max_s": round(max(gaps, default=0.0), 2),
        }  # fmt: skip
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(told))
        new.replace(self._path)


def install():
    """Watch the loop of whatever ingest this process will run."""
    probe = LoopProbe(Path(os.environ[ENVIRON]))
    run, beat = IngestService.run, GroupCoordinator._do_heartbeat

    async def watched(self, stop):
        watching = asyncio.create_task(probe.watch())
        try:
            await run(self, stop)
        finally:
            watching.cancel()

    async def counted(self):
        succeeded = await beat(self)
        probe.beat(succeeded)
        return succeeded

    IngestService.run, GroupCoordinator._do_heartbeat = watched, counted
