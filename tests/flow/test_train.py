"""Training on a store: kept with its card, promoted from the next day, or said why not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.signals.hazard.model import default_model
from services.signals.store.models import CHALLENGER, Champions, role_on
from services.signals.training.local_train import InsufficientDataError
from services.signals.upkeep.promotion import AlreadyTrainedError, run_training
from tests.support.factory import FakeClock, Installation

NOW = datetime(2026, 6, 10, 8, tzinfo=UTC)
TODAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days


@pytest.fixture
def world(database):
    """A forwarder of 60 accounts over two years and a half, of which two in three leave."""
    world = Installation(database, "wall", now=NOW)
    random = np.random.default_rng(5)
    for n in range(60):
        weeks = int(random.integers(20, 125)) if n % 3 else 125
        start = NOW - timedelta(weeks=129) + timedelta(days=int(random.integers(0, 14)))
        world.bookings(f"ACC-{n:02d}", weeks=weeks, every_days=10, start=start)
    return world


def train(world, **options):
    return run_training(world.database, world.clock, "wall", **options)


def test_a_better_model_reigns_from_tomorrow_and_its_predecessor_watches(world):
    decision = train(world)
    assert decision.promoted, decision.reason
    assert decision.version == "local-2026-06"
    (row,) = world.rows("SELECT version, digest, card FROM loss_model")
    assert (row["version"], row["card"]) == ("local-2026-06", decision.card)
    with world.database.read() as connection:
        assert Champions().of(connection, TODAY) is None
        assert Champions().of(connection, TODAY + 1).version == "local-2026-06"
        assert role_on(connection, CHALLENGER, TODAY + 1).version == default_model().version

    with pytest.raises(AlreadyTrainedError, match="local-2026-06 was fitted this month"):
        train(world)

    dry = train(world, dry_run=True)
    assert dry.version == "local-2026-06.2"
    assert not dry.promoted, "the champion knows all that came already"
    assert "are needed to judge" in dry.reason
    assert len(world.rows("SELECT version FROM loss_model")) == 1


def test_one_that_is_fitted_past_midnight_reigns_from_the_day_after_that(world):
    def midnight_comes(_done, _what):
        world.clock.at = NOW + timedelta(days=1)

    assert train(world, advance=midnight_comes).promoted

    (row,) = world.rows("SELECT from_day FROM model_role WHERE role = 'champion'")
    assert row["from_day"] == TODAY + 2, "the scores of a day come from one model"


def test_of_two_who_train_at_once_the_second_stores_nothing(world):
    first = []

    def another_trains(_done, _what):
        if not first:
            first.append(None)
            first[0] = train(world)

    with pytest.raises(AlreadyTrainedError, match="another training ended"):
        train(world, advance=another_trains)

    assert [row["version"] for row in world.rows("SELECT version FROM loss_model")] == [
        first[0].version
    ]


def test_scores_carry_the_version_of_the_champion(world):
    decision = train(world)
    world.clock.at = NOW + timedelta(days=1)
    world.worker = world.new_worker()
    world.work()
    found = world.rows("SELECT DISTINCT model_version FROM account_score WHERE model_version <> ''")
    assert found == [{"model_version": decision.version}]


def test_an_empty_store_is_said_to_be_empty(database):
    empty = Installation(database, "wall", now=NOW)
    with pytest.raises(InsufficientDataError, match="insufficient data"):
        train(empty)
    with pytest.raises(InsufficientDataError, match="no day has been evaluated"):
        run_training(database, FakeClock(NOW), "event")
