"""T17: scoring reckons for three session time-outs on end, beside ingest in one process."""

import json
import time

from tests.chaos import loop_probe
from tests.chaos.file_arena import FileArena
from tests.chaos.launchers import BUSY, SHORT_SESSION_MS
from tests.chaos.product import assignments, intake, verdict

SESSIONS = 3


def busy_scoring(size, seed):
    """Ingest must stay in its group and go on; its session is short, scoring never rests."""
    with FileArena("T17", seed, rate=200) as arena:
        busy, told = arena.folder / "busy", arena.folder / "loop.json"
        busy.touch()
        environ = {BUSY: str(busy), loop_probe.ENVIRON: str(told)}
        member = intake(arena, "up", "busy_scoring", **environ)
        arena.load.start()
        arena.progressed("start")
        before = assignments(member)
        for _ in range(size.of(1, 6, 60)):
            time.sleep(SESSIONS * SHORT_SESSION_MS / 1000)
            arena.fault("scoring was busy")
            arena.progressed("scoring was busy")
        loop = json.loads(told.read_text())
        rebalances = assignments(member) - before
        busy.unlink()  # what is left to score need not take as long
        _judge(arena.findings, loop, rebalances)
        return verdict(arena) | {"rebalances": rebalances, **loop}


def _judge(findings, loop, rebalances):
    """A heartbeat is missed when none reaches the broker for a whole session."""
    if rebalances:
        findings.note("differing", f"{rebalances} rebalances", rebalances)
    if loop["heartbeats_failed"] or not loop["heartbeats"]:
        findings.note("differing", f"heartbeats failed: {loop}")
    if loop["heartbeat_gap_max_s"] >= SHORT_SESSION_MS / 1000:
        findings.note("differing", f"no heartbeat for a session: {loop}")
