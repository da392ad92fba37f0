"""Run procedures against real servers: `make chaos`, or one: `make chaos ARGS="--procedure T1"`.

Prints one JSON object per run; exits 1 when any run lost, doubled or changed anything. Much of a
procedure's time it waits, so several run at a time, each in a process with servers of its own.
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.chaos.registry import PROCEDURES
from tests.chaos.runs import begin, passed, run
from tests.chaos.sizes import Size

LONGEST = (
    "T11", "T10", "T1", "T4", "T1-sqlite", "T19-sqlite", "T11-sqlite", "T3", "T18", "T6", "T19",
    "T7", "T16", "T14-broker", "T14", "T5", "T13", "T22", "T15",
)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedure", nargs="+", choices=PROCEDURES, default=list(PROCEDURES))
    parser.add_argument("--long", action="store_true", help="a night's figures")
    parser.add_argument("--slice", action="store_true", help="the figures of the tests")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--jobs", type=int, default=4, help="how many procedures at a time")
    parser.add_argument("--out", "--json", type=Path, help="write the summaries to a file")
    chosen = parser.parse_args()
    size = Size.LONG if chosen.long else Size.SLICE if chosen.slice else Size.USUAL
    begun = time.perf_counter()
    summaries = _run(sorted(chosen.procedure, key=_place), size, chosen.seed, chosen.jobs)
    failed = [summary["procedure"] for summary in summaries if not passed(summary)]
    whole = {"runs": len(summaries), "failed": failed, "jobs": chosen.jobs}
    whole["seconds"] = round(time.perf_counter() - begun, 1)
    print(json.dumps(whole), flush=True)  # noqa: T201 - the result
    if chosen.out:
        chosen.out.write_text(json.dumps(summaries, indent=2) + "\n")
    return f"failed: {', '.join(failed)}" if failed else 0


def _run(names, size, seed, jobs):
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        jobs, context, max_tasks_per_child=1, initializer=begin, initargs=(os.getpid(),)
    )
    with pool:
        return list(pool.map(partial(run, size=size, seed=seed), names))


def _place(name):
    """What lasts longest begins first, so that no core waits at the end."""
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


if __name__ == "__main__":
    sys.exit(main())
