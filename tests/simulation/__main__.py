"""Simulate: `python -m tests.simulation --seeds 100000`, or `--seed 17` to replay one aloud."""

import argparse
import sys

from tests.simulation.runs import failures, replay

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="replay this one and show what happened")
    given = parser.parse_args()
    if given.seed is not None:
        sys.exit(replay(given.seed))
    sys.exit(len(failures(range(given.first, given.first + given.seeds))))
