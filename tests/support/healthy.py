"""Accounts whose bookings come at a constant random (Poisson) rate, over three lanes."""

import numpy as np

from services.signals.features.facts import SUMS, Facts, Series

MONTH_DAYS = 365.25 / 12
LANES = {
    key: Series("sea", "FCL", "VNHPH", port, "/synthetic/tms", "USD")
    for key, port in enumerate(("DEHAM", "NLRTM", "USLAX"))
}
SHARES = (0.5, 0.3, 0.2)


def steady_accounts(rates, *, first, last, seed, falls=None):
    """Return accounts that book `rates` times a month from day `first` up to day `last`.

    A booking has 1 to 4 TEU. `falls` is (day, ratio): from that day on the rate is that many
    times what it was.
    """
    rng = np.random.default_rng(seed)
    days, who = [], []
    for at, rate in enumerate(rates):
        count = rng.poisson(rate / MONTH_DAYS * (last - first))
        own = first + rng.integers(0, last - first, count)
        if falls is not None:
            own = own[(own < falls[0]) | (rng.random(count) < falls[1])]
        days.append(np.sort(own))
        who.append(np.full(own.size, at))
    day, account = np.concatenate(days), np.concatenate(who)
    ones = np.ones(day.size, dtype=np.int64)
    sums = {name: np.zeros(day.size, dtype=np.int64) for name in SUMS}
    sums |= {"demand": ones, "business": ones, "teu": 1000 * rng.integers(1, 5, day.size)}
    lane = rng.choice(len(LANES), p=SHARES, size=day.size)
    order = np.lexsort((lane, day, account))
    ids = np.array([f"b{at}" for at in range(day.size)], dtype=object)
    names = tuple(f"A{at:04d}" for at in range(len(rates)))
    sums = {name: column[order] for name, column in sums.items()}
    return Facts(
        names, account[order], lane[order], day[order], day[order], sums, ids, LANES, (), ()
    )
