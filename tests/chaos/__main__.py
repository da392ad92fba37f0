"""Run procedures against real servers: `make chaos`, or one: `make chaos ARGS="--procedure T1"`.

Prints one JSON object per run; exits 1 when any run lost, doubled or changed anything.
"""

import argparse
import json
import multiprocessing
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.chaos.registry import PROCEDURES
from tests.chaos.runs import passed, run
from tests.chaos.sizes import Size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedure", nargs="+", choices=PROCEDURES, default=list(PROCEDURES))
    parser.add_argument("--long", action="store_true", help="a night's figures")
    parser.add_argument("--slice", action="store_true", help="the figures of the tests")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--jobs", type=int, default=2, help="how many procedures at a time")
    parser.add_argument("--out", "--json", type=Path, help="write the summaries to a file")
    chosen = parser.parse_args()
    size = Size.LONG if chosen.long else Size.SLICE if chosen.slice else Size.USUAL
    # Much of a procedure's time it waits; each has servers of its own, and a process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.jobs, context, max_tasks_per_child=1) as pool:
        work = partial(run, size=size, seed=chosen.seed)
        summaries = list(pool.map(work, chosen.procedure))
    if chosen.out:
        chosen.out.write_text(json.dumps(summaries, indent=2) + "\n")
    failed = [summary["procedure"] for summary in summaries if not passed(summary)]
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
