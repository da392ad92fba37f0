"""T15: each process has a wall clock of its own, wrong by minutes or a day, and it jumps."""

import time
from pathlib import Path

from tests.chaos.arena import Arena
from tests.chaos.product import (
    compare_states,
    everything,
    intake,
    retire,
    scoring,
    until_scored,
)
from tests.support.process import UnavailableError

LIBRARIES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1")
OFFSETS = ("+5m", "-5m", "+1d", "-1d", "+0")
IN_ORDER = {"accounts": 25, "reordered": 0.0}


def wrong_clocks(size, seed):
    """Jump every clock by itself at every part of the stream; then rebuild with right clocks."""
    count = size.of(2_000, 12_000, 60_000)
    with Arena("T15", seed, stream=IN_ORDER | {"span": count}) as arena:
        clocks = {name: WrongClock(arena, name) for name in ("one", "two", "signals")}
        for name in ("one", "two"):
            intake(arena, name, **clocks[name].environ)
        scoring(arena, **clocks["signals"].environ)
        for part in range(size.of(5, 15, 50)):
            for number, clock in enumerate(clocks.values()):
                clock.set(OFFSETS[(part + 2 * number) % len(OFFSETS)])
                arena.fault("clock set")
            arena.load.send(count // size.of(5, 15, 50))
            time.sleep(1)
        arena.drain()
        until_scored(arena)
        arena.compare()
        retire(arena)
        lived = everything(arena)

        arena.fresh_database()
        intake(arena, "right")
        scoring(arena)
        arena.drain()
        until_scored(arena)
        compare_states(arena.findings, lived, everything(arena), "with right clocks")
        return arena.summary() | {"alerts": len(lived["alerts"])}


class WrongClock:
    """The clock of one process, by libfaketime; monotonic time goes on as it does."""

    def __init__(self, arena, name):
        self._file = arena.folder / f"{name}.clock"
        self.set("+0")
        self.environ = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset):
        """Let the clock be wrong by so much from now on."""
        self._file.write_text(offset)


def library():
    """Return libfaketime's path."""
    found = [path for pattern in LIBRARIES for path in Path("/").glob(pattern[1:])]
    if not found:
        raise UnavailableError("libfaketime is not installed")
    return found[0]
