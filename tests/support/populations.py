"""Made-up populations: accounts that book at their own pace and stop one day, or do not."""

from __future__ import annotations

import numpy as np

from services.signals.training.population import Population, booking_facts, population_of

START = 15_706  # 2013-01-01


def bookings(seed: int, *, accounts: int = 60, months: int = 30):
    """Return (account, day) arrays; half of the accounts stop for good."""
    rng = np.random.default_rng(seed)
    owners, days = [], []
    for account in range(accounts):
        gap = rng.integers(6, 40)
        end = months * 30 if account % 2 else int(rng.integers(200, months * 30))
        day = int(rng.integers(0, 60))
        while day < end:
            owners.append(account)
            days.append(START + day)
            day += 1 + int(rng.poisson(gap))
    return np.array(owners), np.array(days)


def made_up(seed: int = 0, *, accounts: int = 60, months: int = 30) -> Population:
    """Return the population of `bookings`."""
    account, day = bookings(seed, accounts=accounts, months=months)
    return population_from(account, day)


def population_from(account, day, amount=None, name: str = "made-up") -> Population:
    """Return the population of these bookings; accounts are named by their number."""
    names = tuple(f"A{one:04d}" for one in range(int(account.max()) + 1))
    amount = np.ones(day.size) if amount is None else amount
    return population_of(booking_facts(names, account, day, amount), name)
