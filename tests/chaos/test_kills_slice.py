"""A short slice of every procedure; `make chaos` runs them at length.

Each runs as a process of its own with servers of its own, three at a time: most of their time
they wait for a session to end or for a broker to come back.
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.registry import PROCEDURES
from tests.chaos.seeds import KEPT
from tests.support import process
from tests.support.absence import Absence

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

AT_ONCE = 3
RUNS = [
    (name, seed) for name in PROCEDURES for seed in (random.randrange(10**9), *KEPT.get(name, ()))
]


def summary_of(name, seed, log):
    """Run one procedure to its end; return what it says of itself."""
    command = [sys.executable, "-m", "tests.chaos", "--slice", "--procedure", name]
    out = log.with_suffix(".json")
    running = process.start(
        [*command, "--seed", str(seed), "--json", str(out)], log, cwd=process.ROOT
    )
    running.wait()
    if not out.exists():
        return {"procedure": name, "seed": seed, "broke_off": process.tail(log)}
    return json.loads(out.read_text())[0]


@pytest.fixture(scope="module")
def summaries(request, tmp_path_factory):
    """The summaries to come of the procedures that this session asks for."""
    asked = [item.callspec.params for item in request.session.items if item.path == request.path]
    folder = tmp_path_factory.mktemp("slices")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            (run["name"], run["seed"]): pool.submit(
                summary_of, run["name"], run["seed"], folder / f"{run['name']}-{run['seed']}.log"
            )
            for run in asked
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(600)  # it may wait for its turn
@pytest.mark.parametrize(("name", "seed"), RUNS, ids=[name for name, _ in RUNS])
def test_nothing_is_lost_doubled_or_changed_by(
    name, seed, request, kafka_broker, postgres_server, summaries
):
    summary = summaries[name, seed].result()

    if "unavailable" in summary:
        Absence(summary["unavailable"]).refuse(request)
    assert "broke_off" not in summary, summary["broke_off"]
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary
