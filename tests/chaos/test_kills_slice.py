"""A short slice of the procedures that kill, freeze and cut; `make chaos` runs them at length."""

import random

import pytest

from tests.chaos.registry import PROCEDURES
from tests.chaos.seeds import KEPT
from tests.chaos.sizes import Size
from tests.support.absence import Absence
from tests.support.process import UnavailableError

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

RUNS = {name: (name, random.randrange(10**9)) for name in PROCEDURES} | {
    f"{name}-{seed}": (name, seed) for name, seeds in KEPT.items() for seed in seeds
}


@pytest.mark.parametrize(("name", "seed"), RUNS.values(), ids=RUNS)
def test_nothing_is_lost_doubled_or_changed_by(name, seed, request, kafka_broker, postgres_server):
    try:
        summary = PROCEDURES[name](Size.SLICE, seed)
    except UnavailableError as error:
        Absence(str(error)).refuse(request)

    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary
