"""T15: each process has a wall clock of its own, wrong by minutes or a day, and it jumps."""

import time

from tests.chaos.arena import Arena
from tests.chaos.product import compare_rebuilt, intake, scoring

OFFSETS = (300, -300, 86_400, -86_400, 0)  # seconds
IN_ORDER = {"accounts": 25, "reordered": 0.0}


def wrong_clocks(size, seed):
    """Jump every clock by itself at every part of the stream; then rebuild with right clocks."""
    count = size.of(1_000, 12_000, 60_000)
    with Arena("T15", seed, stream=IN_ORDER | {"span": count}) as arena:
        clocks = {name: WrongClock(arena, name) for name in ("one", "two", "signals")}
        for name in ("one", "two"):
            intake(arena, name, "wrong_clock", **clocks[name].environ)
        scoring(arena, fault="wrong_clock", **clocks["signals"].environ)
        for part in range(size.of(5, 15, 50)):
            for number, clock in enumerate(clocks.values()):
                clock.set(OFFSETS[(part + 2 * number) % len(OFFSETS)])
                arena.fault("clock set")
            arena.load.send_next(count // size.of(5, 15, 50))
            time.sleep(1)
        lived = compare_rebuilt(arena, "with right clocks")
        return arena.summary() | {"alerts": len(lived["alerts"])}


class WrongClock:
    """The wall clock of one process: everything there reads time through the product's one port."""

    def __init__(self, arena, name):
        self._file = arena.folder / f"{name}.clock"
        self.set(0)
        self.environ = {"WRONG_CLOCK": str(self._file)}

    def set(self, seconds):
        """Let the clock be wrong by so much from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._file)
