"""A series' number tells when it was first heard of, and nothing else."""

import numpy as np
import pytest

from services.signals.alerting.detect import Detectors
from services.signals.features.facts import Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from tests.support.facts import booking_row, facts_of, told

TODAY, ACCOUNTS = 20_020, 12
SERIES = tuple(
    Series(mode, service, origin, destination, source, currency)
    for mode, service, origin, destination in (
        ("sea", "FCL", "VNHPH", "DEHAM"),
        ("sea", "FCL", "VNHPH", "NLRTM"),
        ("sea", "LCL", "VNHPH", "DEHAM"),
        ("air", "general", "VNHAN", "DEFRA"),
        ("", "", "", ""),
    )
    for source, currency in (("/tms/one", "USD"), ("/tms/two", "EUR"))
)


def busy_days(rng):
    """Return rows of accounts that book, are refused, rolled and late, and take all that back."""
    for account in range(ACCOUNTS):
        days = TODAY - 1 - rng.integers(0, 500, size=int(rng.integers(3, 90)))
        for day in map(int, days):
            for series in map(int, rng.integers(0, len(SERIES), size=int(rng.integers(1, 5)))):
                effect = day + int(rng.integers(0, 4)) * int(rng.integers(0, 9))
                counted = {
                    name: int(rng.integers(-1, 3))
                    for name in ("rejected", "rolled", "cancelled", "delivered", "late")
                }
                amount = int(rng.integers(0, 5)) * 1000
                yield booking_row(
                    account, day, series=series, effect=effect, demand=int(rng.integers(-1, 3)),
                    business=int(rng.integers(0, 2)), teu=amount, weight=7 * amount,
                    revenue=13 * amount, margin=amount, **counted,
                )  # fmt: skip


def added_up(rows):
    """Return one row for each account, day, effect and series, as the store keeps them."""
    sums = {}
    for *place, counted in rows:
        kept = sums.setdefault(tuple(place), {})
        for name, count in counted.items():
            kept[name] = kept.get(name, 0) + count
    return [(*place, counted) for place, counted in sums.items()]


def judged(rows, numbers):
    """Return all that is said of the accounts where series have these numbers."""
    facts = facts_of(
        [f"A{number}" for number in range(ACCOUNTS)],
        [(account, day, effect, numbers[series], counted)
         for account, day, effect, series, counted in rows],
        series={numbers[place]: series for place, series in enumerate(SERIES)},
        evidence=[told(0, "complaint", "/t", TODAY - 9, phase="opened", severity=1)],
    )  # fmt: skip
    judge = Evaluator(facts, default_model(), clock="event")
    scores = judge.scores(TODAY)
    said = [judge.explain(TODAY, scores, index) for index in range(ACCOUNTS)]
    return (
        scores.risk.tolist(),
        scores.curve.tolist(),
        said,
        Detectors(facts, None).findings(TODAY, scores),
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_numbers_that_series_got_change_no_score_no_reason_and_no_alert(seed):
    rng = np.random.default_rng(seed)
    rows = added_up(busy_days(rng))
    first = judged(rows, list(range(len(SERIES))))
    for _ in range(3):
        again = judged(rows, rng.permutation(len(SERIES)).tolist())
        for one, other in zip(first, again, strict=True):
            assert repr(one) == repr(other)
