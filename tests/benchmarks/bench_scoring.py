"""`python tests/benchmarks/bench_scoring.py`: accounts and reasons per second, as JSON.

A seeded population of weekly to monthly bookers over 30 months, every tenth account with
complaints and contact changes. Preparing the facts is counted in.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from services.signals.features.facts import SUMS, Facts, Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from tests.support.facts import told

DAY = 20_000
MONTHS = 30


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


def measure(n):
    facts, model = population(n), default_model()
    rounds = max(1, 300 // n)
    start = time.perf_counter()
    for _ in range(rounds):
        judge = Evaluator(facts, model, clock="wall")
        scores = judge.scores(DAY)
    scored = n * rounds / (time.perf_counter() - start)
    shown = range(min(n, 2000))
    start = time.perf_counter()
    for index in shown:
        judge.explain(DAY, scores, index)
    told_why = len(shown) / (time.perf_counter() - start)
    return {"accounts_per_s": round(scored), "reasons_per_s": round(told_why)}


if __name__ == "__main__":
    print(json.dumps({str(n): measure(n) for n in (1, 100, 10_000)}))  # noqa: T201 the result
