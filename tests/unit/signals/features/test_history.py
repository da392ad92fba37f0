import numpy as np
import pytest

from services.signals.features.history import DemandDays
from tests.support.facts import booking_row, facts_of, weekly

DAY = 20_000


def test_gap_statistics_are_those_of_numpy():
    rng = np.random.default_rng(1)
    days = {at: np.unique(DAY - rng.integers(1, 900, size=at * 3)) for at in range(1, 12)}
    rows = [booking_row(at - 1, int(day)) for at, own in days.items() for day in own]
    past = DemandDays(facts_of([str(at) for at in days], rows)).as_of(DAY)
    for at, own in days.items():
        gaps = np.diff(own)
        if gaps.size:
            assert past.mean_gap[at - 1] == pytest.approx(gaps.mean())
            assert past.median_gap[at - 1] == pytest.approx(np.median(gaps))
            assert past.max_gap[at - 1] == gaps.max()
            assert past.q95_gap[at - 1] == pytest.approx(np.quantile(gaps, 0.95))
            assert past.last3_gap[at - 1] == pytest.approx(gaps[-3:].mean())
            assert past.longer_gaps[at - 1] == (gaps > past.recency[at - 1]).sum()
        np.testing.assert_array_equal(past.days_of(at - 1), own)


def test_a_day_whose_bookings_were_all_cancelled_is_no_demand_day_once_that_is_known():
    rows = [
        *weekly(0, last=DAY - 20, count=3),
        booking_row(0, DAY - 5),
        booking_row(0, DAY - 5, effect=DAY - 2, demand=-1),
    ]
    demand = DemandDays(facts_of(["A"], rows))
    assert demand.as_of(DAY - 2).last[0] == DAY - 5
    assert demand.as_of(DAY - 1).last[0] == DAY - 20


def test_windows_hold_every_booking_of_a_fixed_date_each_month():
    days = [np.datetime64(f"2025-{month:02d}-15").astype(int) for month in range(1, 13)]
    demand = DemandDays(facts_of(["A"], [booking_row(0, int(day)) for day in days]))
    past = demand.as_of(int(np.datetime64("2026-01-01").astype(int)))
    assert {months: int(count[0]) for months, count in past.counts.items()} == {
        1: 1,
        3: 3,
        6: 6,
        12: 12,
    }
    assert past.monthly[0].sum() == 12


def test_an_account_without_bookings_has_zeros():
    past = DemandDays(facts_of(["A", "B"], weekly(1, last=DAY - 1, count=4))).as_of(DAY)
    assert (past.n_days[0], past.last[0], past.recency[0], past.median_gap[0]) == (0, -1, 0, 0)
    assert past.median_gap[1] == 7
