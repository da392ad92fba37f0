"""T17: scoring reckons for three session time-outs on end, beside ingest in one process."""

import time

from tests.chaos.file_arena import FileArena
from tests.chaos.launchers import SHORT_SESSION_MS
from tests.chaos.product import intake, verdict

SESSIONS = 3


def busy_scoring(size, seed):
    """Ingest must stay in its group and go on; its session is short, scoring never rests."""
    with FileArena("T17", seed, rate=200) as arena:
        member = intake(arena, "up", "busy_scoring")
        arena.load.start()
        arena.progressed("start")
        before = member.log.count("partitions assigned")
        for _ in range(size.of(1, 6, 60)):
            time.sleep(SESSIONS * SHORT_SESSION_MS / 1000)
            arena.fault("scoring was busy")
            arena.progressed("scoring was busy")
        rebalances = member.log.count("partitions assigned") - before
        if rebalances:
            arena.findings.note("differing", f"{rebalances} rebalances", rebalances)
        return verdict(arena) | {"rebalances": rebalances}
