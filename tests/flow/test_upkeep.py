"""The day's look at the scores: made once, recorded, shown; beside the worker, never in it."""

import sys
import threading
from datetime import timedelta

from services.signals.model_gauges import set_model_gauges
from services.signals.store.reports import claim_report
from services.signals.upkeep.job import run_upkeep
from services.signals.worker.beside import Beside
from shared.runtime.settings import Settings
from shared.runtime.telemetry import REGISTRY
from tests.support.factory import START, Installation


def test_a_loss_is_recorded_once_and_the_market_is_measured(database):
    world = Installation(database)
    for n in range(22):
        world.bookings(f"KEEPS-{n:02d}", weeks=90, every_days=7)
    world.bookings("LEAVES", weeks=60, every_days=7)
    world.work()

    assert run_upkeep(database, world.clock, "event")
    assert not run_upkeep(database, world.clock, "event"), "one report a day"

    (report,) = world.rows("SELECT report FROM model_report WHERE kind = 'drift'")
    (loss,) = world.rows(
        "SELECT a.account_id, w.outcome, w.last_booking_day, w.obvious_day, w.warned_day"
        " FROM warning_outcome w JOIN account a ON a.id = w.account_id"
    )
    assert "market_volume_ratio" in str(report["report"])
    assert (loss["account_id"], loss["outcome"]) == ("LEAVES", "lost")
    assert loss["obvious_day"] == loss["last_booking_day"] + 31
    set_model_gauges(database)
    sample = REGISTRY.get_sample_value
    assert sample("leadline_warning_accounts", {"outcome": "lost"}) == 1
    assert 0.9 < sample("leadline_market_volume_ratio") < 1.1


def test_a_look_that_was_killed_is_made_by_another_process_later(database):
    world = Installation(database)
    world.bookings("KEEPS", weeks=30)
    world.work()
    (progress,) = world.rows("SELECT evaluated_day FROM signals_progress")
    with database.write() as connection:
        claim_report(connection, "drift", progress["evaluated_day"], world.clock.now())

    assert not run_upkeep(database, world.clock, "event"), "somebody may still be at work"
    world.clock.pass_seconds(1_800)
    assert run_upkeep(database, world.clock, "event")
    world.clock.pass_seconds(1_800)
    assert not run_upkeep(database, world.clock, "event"), "one report a day"


def test_before_the_first_evaluation_there_is_nothing_to_look_at(database):
    world = Installation(database)
    assert not run_upkeep(database, world.clock, "event")
    world.take(world.event("account", "A", START + timedelta(days=1), {"name": "A"}))
    assert not run_upkeep(database, world.clock, "event")


def test_the_look_is_a_process_of_its_own_that_ends_with_the_service():
    looked = threading.Event()
    sleeper = (sys.executable, "-c", "import time; time.sleep(60)")
    beside = Beside(Settings(_env_file=None), looked.set, command=sleeper, first=0.0)
    beside.start()
    assert looked.wait(5)
    beside.close()
    assert not beside.is_running


def test_a_look_that_cannot_start_stops_nothing():
    beside = Beside(Settings(_env_file=None), command=("/nowhere/python",), first=0.0, every=60)
    beside.start()
    beside.close()
    assert not beside.is_running
