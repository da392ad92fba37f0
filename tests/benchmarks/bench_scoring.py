"""Features, risk and curve, and reasons, for 1 to 100,000 accounts; as one JSON object.

A seeded, synthetic population of weekly to monthly bookers over 30 months, every tenth account
with complaints and contact changes, scored by the model that the product ships. Preparing the
facts is counted in, reading them from a database is not. One thread, as the worker has it;
`*_per_cpu_s` is what a core gives when nobody else takes it. `one_account` has the databases in it.
"""

import argparse
import json
import time

import numpy as np
from threadpoolctl import threadpool_limits

from services.signals.features.facts import SUMS, Facts, Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from tests.benchmarks.one_account import one_account
from tests.support.facts import told

DAY = 20_000
MONTHS = 30
EXPLAINED = 2_000


def population(n, seed=1):
    rng = np.random.default_rng(seed)
    gaps = rng.choice([7, 10, 14, 30], size=n)
    counts = (MONTHS * 30.4 / gaps).astype(np.int64)
    account = np.repeat(np.arange(n), counts)
    place = np.arange(account.size) - np.repeat(np.cumsum(counts) - counts, counts)
    day = DAY - 1 - (place * gaps[account] + rng.integers(0, 4, account.size))
    order = np.lexsort((day, account))
    account, day = account[order], day[order]
    ones = np.ones(account.size, dtype=np.int64)
    sums = {name: np.zeros(account.size, dtype=np.int64) for name in SUMS}
    sums |= {"demand": ones, "business": ones, "teu": ones * 2000, "revenue": ones * 10_000}
    sums |= {"delivered": ones, "late": rng.integers(0, 2, account.size) // 1}
    evidence = [
        fact
        for one in range(0, n, 10)
        for fact in (
            told(one, "complaint", "T1", DAY - 30, phase="opened", severity=1),
            told(one, "complaint", "T1", DAY - 20, phase="solved"),
            told(one, "contact_change", "p", DAY - 300, change="joined", influence="champion"),
            told(one, "contact_change", "p", DAY - 9, change="left"),
        )
    ]
    lanes = {
        key: Series("sea", "FCL", f"O{key}", "DEHAM", "/synthetic/tms", "USD") for key in range(4)
    }
    ids = np.array([f"e{at}" for at in range(account.size)], dtype=object)
    series = rng.integers(0, 4, account.size)
    names = tuple(f"A{one}" for one in range(n))
    return Facts(names, account, series, day, day, sums, ids, lanes, tuple(evidence), ())


class Timer:
    """Wall and CPU time of a block."""

    def __enter__(self):
        self._begun = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        wall, cpu = self._begun
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu


def measure(n, model):
    facts = population(n)
    rounds = max(3, 300 // n)
    with Timer() as scoring:
        for _ in range(rounds):
            judge = Evaluator(facts, model, clock="wall")
            scores = judge.scores(DAY)
    shown = [index % n for index in range(EXPLAINED)]
    with Timer() as telling:
        for index in shown:
            judge.explain(DAY, scores, index)
    return {
        "accounts_per_s": round(n * rounds / scoring.wall),
        "accounts_per_cpu_s": round(n * rounds / scoring.cpu),
        "reasons_per_s": round(len(shown) / telling.wall),
        "reasons_per_cpu_s": round(len(shown) / telling.cpu),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+")
    parser.add_argument("--quick", action="store_true", help="10,000 accounts at most")
    chosen = parser.parse_args()
    sizes = chosen.accounts or [1, 100, 10_000, *([] if chosen.quick else [100_000])]
    model = default_model()
    with threadpool_limits(limits=1):
        found = {str(n): measure(n, model) for n in sizes}
        single = one_account(50 if chosen.quick else 300)
    print(json.dumps({"model": model.version, "accounts": found, "one_account": single}))  # noqa: T201


if __name__ == "__main__":
    main()
