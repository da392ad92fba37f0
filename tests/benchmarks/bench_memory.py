"""Memory of each process: at rest, with many accounts scored, and under load.

Prints one JSON object of megabytes: RSS, and PSS, which shares out what processes have in common.
"""

import argparse
import json
import sys

from tests.benchmarks.bench_alert import STAMPED, at_rate, known, product
from tests.benchmarks.running import servers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int)
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--quick", action="store_true", help="5,000 accounts instead of 100,000")
    chosen = parser.parse_args()
    chosen.accounts = chosen.accounts or (5_000 if chosen.quick else 100_000)
    found = {"accounts": chosen.accounts, "rate": chosen.rate}
    with servers(STAMPED) as (broker, server), product(broker, server) as running:
        running.wait_scored(0)
        found["at_rest"] = running.memory()
        known(running, broker, chosen.accounts, timeout_s=1_800)
        found["all_scored"] = running.memory()
        print(found, file=sys.stderr)  # noqa: T201 - progress
        loaded = at_rate(running, broker, chosen.rate, chosen.accounts, chosen.seconds)
        found["under_load"] = loaded["memory"]
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
