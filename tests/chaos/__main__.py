"""Run procedures against real servers: `make chaos`, or one: `make chaos ARGS="--procedure T1"`.

Prints one JSON object per run; exits 1 when any run lost, doubled or changed anything.
"""

import argparse
import json
import random
import sys
from pathlib import Path

from tests.chaos.registry import PROCEDURES
from tests.chaos.sizes import Size


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedure", nargs="+", choices=PROCEDURES, default=list(PROCEDURES))
    parser.add_argument("--long", action="store_true", help="a night's figures")
    parser.add_argument("--slice", action="store_true", help="the figures of the tests")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--out", "--json", type=Path, help="write the summaries to a file")
    chosen = parser.parse_args()
    size = Size.LONG if chosen.long else Size.SLICE if chosen.slice else Size.USUAL
    summaries = [run(name, size, chosen.seed) for name in chosen.procedure]
    if chosen.out:
        chosen.out.write_text(json.dumps(summaries, indent=2) + "\n")
    failed = [summary["procedure"] for summary in summaries if not passed(summary)]
    return f"failed: {', '.join(failed)}" if failed else 0


def run(name, size, seed):
    """Run one procedure; a run that breaks off is a summary too."""
    try:
        summary = PROCEDURES[name](size, seed)
    except AssertionError as error:
        summary = {"procedure": name, "seed": seed, "broke_off": str(error)}
    print(json.dumps(summary), flush=True)  # noqa: T201
    return summary


def passed(summary):
    """Return whether nothing was lost, doubled or changed."""
    return not any(summary.get(k, 1) for k in ("lost", "doubled", "differing"))


if __name__ == "__main__":
    sys.exit(main())
