"""Ten thousand seeds of faults, and what must hold after every step of each."""

import os
import subprocess
import sys

import pytest

from tests.simulation.awaits import points, reached
from tests.simulation.controls import CONTROLS
from tests.simulation.runs import failures, outcome, silence

SEEDS = int(os.environ.get("LEADLINE_SIMULATION_SEEDS", "10000"))
pytestmark = pytest.mark.timeout(900)  # all seeds take six minutes where a machine is slow


@pytest.fixture(scope="module")
def simulated():
    """Failures of all seeds, and where processes were killed."""
    hit = set()
    return failures(range(SEEDS), hit=hit), hit


def test_no_seed_loses_doubles_or_believes_what_it_must_not(simulated):
    failed, _ = simulated
    assert failed == {}, "replay one with `python -m tests.simulation --seed N`"


def test_processes_were_killed_at_every_await_of_the_adapter(simulated):
    _, hit = simulated
    assert points() - reached(hit) == set()


@pytest.mark.parametrize("name", CONTROLS)
def test_a_build_without_one_of_the_rules_is_found_out(name):
    found = failures(range(SEEDS), CONTROLS[name], at_most=1, aloud=False)

    assert found, f"{name}: no seed shows it"


def test_a_seed_replays_identically_in_any_process():
    script = (
        "from tests.simulation.runs import *\n"
        "with silence():\n"
        "    for seed in range(12): print(outcome(seed))"
    )
    traces = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": salt},
            capture_output=True, check=True, text=True,
        ).stdout
        for salt in ("1", "2")
    ]  # fmt: skip
    with silence():
        here = "".join(f"{outcome(seed)}\n" for seed in range(12))

    assert traces == [here, here]


def test_a_failing_seed_is_printed_with_the_command_that_replays_it(capsys):
    (seed,) = failures(range(SEEDS), CONTROLS["no gap check"], at_most=1)

    said = capsys.readouterr().err
    assert f"seed {seed}: " in said
    assert f"python -m tests.simulation --seed {seed}" in said
