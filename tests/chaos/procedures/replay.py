"""T12: a decoder refuses what is right; once mended, the dead letters are replayed, twice."""

from tests.chaos import readings
from tests.chaos.arena import Arena
from tests.chaos.file_arena import FileArena
from tests.chaos.product import (
    compare_repaired,
    compare_states,
    everything,
    intake,
    leadline,
    records_of,
    retire,
)

SOME_ARE_WRONG_FOR_GOOD = (0, 1)


def replay(size, seed):
    """On PostgreSQL."""
    return _replay(Arena("T12", seed), size.of(1_500, 20_000, 100_000))


def replay_on_file(size, seed):
    """On SQLite."""
    return _replay(FileArena("T12-sqlite", seed), size.of(1_000, 10_000, 50_000))


def _replay(place, count):
    with place as arena:
        intake(arena, "yesterday", "strict_decoder", LEADLINE_BREAKER="off")
        arena.load.send_next(count)
        arena.drain()
        retire(arena)
        leadline(arena, "dlq", "replay", "--all", codes=SOME_ARE_WRONG_FOR_GOOD)
        compare_repaired(arena, records_of(arena))
        once, letters = everything(arena), readings.letter_ids(arena.rows)
        again = arena.rng.sample(letters, min(50, len(letters)))
        leadline(arena, "dlq", "replay", "--all", codes=SOME_ARE_WRONG_FOR_GOOD)
        leadline(arena, "dlq", "replay", *again, codes=SOME_ARE_WRONG_FOR_GOOD)
        compare_states(arena.findings, once, everything(arena), "after the second replay")
        mended = len(readings.replayed(arena.rows))
        if not mended:
            arena.findings.note("differing", "the decoder of yesterday refused nothing")
        return arena.summary() | {"dead_letters": len(letters), "replayed": mended}
