"""T16: every transaction of ingest takes two seconds; memory stays bounded, nobody is expelled."""

import time

from tests.chaos import readings
from tests.chaos.arena import Arena
from tests.chaos.memory import peak_mb, resident_mb
from tests.chaos.product import assignments, intake

SECONDS = 2
SLOW = f"""
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep({SECONDS}); RETURN NULL; END';
CREATE TRIGGER be_slow AFTER UPDATE ON {readings.OFFSET_TABLE}
  FOR EACH STATEMENT EXECUTE FUNCTION be_slow()
"""
QUICK = f"DROP TRIGGER be_slow ON {readings.OFFSET_TABLE}"
FETCHED_MB = 4  # what one request brings of one partition
BATCHES, BATCH_RECORDS = 2, 10_000  # one being written, one decoded meanwhile
DECODED_KB = 4  # a record of half a kilobyte, as fact, payload and row
CATCH_UP = 3  # times the rate at which records come


def slow_database(size, seed):
    """Load at the usual rate; then the database is well again, and the backlog is worked off."""
    with Arena("T16", seed) as arena:
        member = intake(arena, "ingest")
        arena.load.start()
        arena.progressed("start")
        before, assigned = resident_mb(member.pid), assignments(member)
        arena.change_database(SLOW)
        arena.fault("database slow")
        time.sleep(size.of(10, 300, 600))
        peak = peak_mb(member.pid)
        behind = sum(readings.lag(arena.rows).values())
        arena.change_database(QUICK)
        begun = time.perf_counter()
        arena.heal()
        arena.drain()
        rate = behind / (time.perf_counter() - begun)
        allowed = before + allowed_growth_mb(partitions=4)
        if peak > allowed:
            arena.findings.note("differing", f"{peak:.0f} MB, {allowed:.0f} are promised")
        if assignments(member) != assigned:
            arena.findings.note("differing", "a rebalance")
        arena.compare()
        return arena.summary() | {
            "resident_mb": round(before, 1), "peak_mb": round(peak, 1),
            "allowed_mb": round(allowed, 1), "behind_records": behind,
            "caught_up_per_s": round(rate), "load_per_s": arena.load.rate,
        }  # fmt: skip


def allowed_growth_mb(*, partitions):
    """Return by how much ingest may grow while its database holds it up."""
    return partitions * FETCHED_MB + BATCHES * BATCH_RECORDS * DECODED_KB / 1024
