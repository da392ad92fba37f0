"""Alerts on accounts that are well, and months until a real fall is told; as one JSON object.

Accounts that book at a constant random (Poisson) rate of 2, 5, 10 and 30 a month on three lanes
for four years, evaluated on every day of the last three: each alert that opens on them is false,
by kind and account-year. Then accounts of the same rates whose rate halves for good: the share of
which an erosion alert opens within six months, and the months that it took (median). Seeded.
"""

import argparse
import json
from collections import Counter

import numpy as np
from threadpoolctl import threadpool_limits

from services.signals.alerting.account import AccountViews
from services.signals.alerting.alert import Track
from services.signals.hazard.model import default_model
from services.signals.playbooks.library import load_library
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from services.signals.worker.daily import DailyEvaluation, Past
from services.signals.worker.plays import LibraryPlays
from services.signals.worker.told import Told
from tests.support.healthy import MONTH_DAYS, steady_accounts

RATES = (2, 5, 10, 30)
LAST, YEARS = 20_000, 3
HALVED_DAYS = round(6 * MONTH_DAYS)


def opened(facts, first, last):
    """Return (day, account, type) of every alert on the day on which it first opens."""
    n = len(facts.account_ids)
    past = Past([Track()] * n, Told([None] * n), {}, [0] * n)
    days = DailyEvaluation(
        facts,
        Evaluator(facts, default_model(), clock="event"),
        past,
        fit_on=lambda day: PopulationFit(day, None, 0.0),
        market_on=None,
        views=AccountViews(facts),
        choose=LibraryPlays(load_library()).choose,
        budget=False,
    )
    for day in range(first, last + 1):
        days.evaluate(day)
    seen = {}
    for day, account, change in days.story.changes:
        if change.kind == "opened":
            seen.setdefault(change.alert.alert_id, (day, account, change.alert.type))
    return list(seen.values())


def false_alerts(accounts, seed):
    rates = np.repeat(RATES, accounts)
    first = LAST - round((YEARS + 1) * 365.25)
    facts = steady_accounts(rates, first=first, last=LAST, seed=seed)
    found = Counter((rates[at], kind) for _, at, kind in opened(facts, first + 365, LAST))
    kinds = sorted({kind for _, kind in found})
    return {
        str(rate): {kind: round(found[rate, kind] / (accounts * YEARS), 3) for kind in kinds}
        for rate in RATES
    }


def months_to_tell(accounts, seed):
    rates = np.repeat(RATES, accounts)
    first, fall = LAST - HALVED_DAYS - 550, LAST - HALVED_DAYS
    facts = steady_accounts(rates, first=first, last=LAST, seed=seed, falls=(fall, 0.5))
    told = {}
    for day, at, kind in opened(facts, fall, LAST):
        if kind == "volume_erosion":
            told.setdefault(at, (day - fall) / MONTH_DAYS)
    answer = {}
    for rate in RATES:
        months = [took for at, took in told.items() if rates[at] == rate]
        answer[str(rate)] = {
            "told_ratio": round(len(months) / accounts, 2),
            "months_median": round(float(np.median(months)), 1) if months else None,
        }
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50, help="of each rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="10 accounts of each rate")
    chosen = parser.parse_args()
    accounts = 10 if chosen.quick else chosen.accounts
    with threadpool_limits(limits=1):
        found = {
            "accounts_of_each_rate": accounts,
            "false_alerts_per_account_year": false_alerts(accounts, chosen.seed),
            "halved": months_to_tell(accounts, chosen.seed),
        }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
