"""T16: each offset takes ingest two seconds to move; memory stays bounded, nobody is expelled."""

import time

from tests.chaos import readings
from tests.chaos.arena import INBOUND, Arena
from tests.chaos.memory import peak_mb, resident_mb
from tests.chaos.product import assignments, intake
from tests.chaos.sizes import Size

SLOW = f"""
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(%s); RETURN NULL; END';
CREATE TRIGGER be_slow AFTER UPDATE ON {readings.OFFSET_TABLE}
  FOR EACH STATEMENT EXECUTE FUNCTION be_slow()
"""
QUICK = f"DROP TRIGGER be_slow ON {readings.OFFSET_TABLE}"
FETCHED_MB = 4  # what one request brings of one partition
BATCHES, BATCH_RECORDS = 2, 10_000  # one being written, one decoded meanwhile
DECODED_KB = 4  # a record of half a kilobyte, as fact, payload and row
FILTERS_MB = 32  # two pairs of Bloom filters, which know what was stored
CATCH_UP = 3  # times the rate at which records come; where the backlog is large enough to tell


def slow_database(size, seed):
    """Load at the usual rate; then the database is well again, and the backlog is worked off.

    A transaction moves up to 44 offsets, so it takes a minute and more, and batches become full.
    """
    with Arena("T16", seed) as arena:
        member = intake(arena, "ingest")
        arena.load.start()
        arena.progressed("start")
        before, assigned = resident_mb(member.pid), assignments(member)
        arena.change_database(SLOW % size.of(0.25, 2, 2))
        arena.fault("database slow")
        time.sleep(size.of(10, 120, 600))
        peak = peak_mb(member.pid)
        behind = sum(readings.lag(arena.rows).values())
        arena.change_database(QUICK)
        begun = time.perf_counter()
        arena.heal()
        arena.drain()
        rate = behind / (time.perf_counter() - begun)
        allowed = before + allowed_growth_mb(partitions=arena.partitions * len(INBOUND))
        if peak > allowed:
            arena.findings.note("differing", f"{peak:.0f} MB, {allowed:.0f} are promised")
        if size > Size.SLICE and rate < CATCH_UP * arena.load.rate:
            arena.findings.note("differing", f"{rate:.0f} records a second are caught up")
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
    decoded = BATCHES * BATCH_RECORDS * DECODED_KB / 1024
    return partitions * FETCHED_MB + decoded + FILTERS_MB
