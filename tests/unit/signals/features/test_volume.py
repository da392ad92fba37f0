import numpy as np
import pytest

from services.signals.features.facts import Series
from services.signals.features.volume import VolumeTable, volume_unit
from tests.support.facts import SEA, booking_row, facts_of

DAY = 20_000
AIR = Series("air", "", "HAN", "FRA", "/tms", "USD")


@pytest.mark.parametrize(
    ("mode", "service", "unit"),
    [
        ("sea", "FCL", "teu"),
        ("sea", "lcl", "volume"),
        ("air", "express", "weight"),
        ("road", "", "trips"),
        ("", "", "business"),
    ],
)
def test_each_mode_has_its_own_unit(mode, service, unit):
    assert volume_unit(Series(mode, service, "", "", "", "")) == unit


def test_a_steady_account_is_at_its_usual_volume():
    rows = [booking_row(0, DAY - 1 - 7 * at, teu=2000) for at in range(52)]
    look = VolumeTable(facts_of(["A"], rows)).look(DAY)
    np.testing.assert_allclose(look.windows[0], [1.13, 3.17], atol=0.01)  # 5, 14 of 52 weeks
    np.testing.assert_allclose(look.monthly[0], 1.0, atol=0.2)
    assert look.size[0] == pytest.approx(np.log1p(52 * 2 / 11.76), abs=0.001)
    assert look.latest[0] == pytest.approx(np.log1p(5 * 2))


def test_without_its_unit_volume_is_the_number_of_bookings():
    rows = [booking_row(0, DAY - 1 - 7 * at) for at in range(52)]
    lanes = VolumeTable(facts_of(["A"], rows)).lanes(DAY, (28,))
    assert lanes.volume[0, 0] == lanes.bookings[0, 0] == 4
    assert lanes.lane == (("VNHPH", "DEHAM", "sea"),)


def test_units_that_fade_show_although_bookings_hold():
    rows = [booking_row(0, DAY - 1 - 7 * at, teu=500 if at < 13 else 4000) for at in range(52)]
    look = VolumeTable(facts_of(["A"], rows)).look(DAY)
    assert look.windows[0, 1] / 3 < 0.3


def test_kinds_weigh_by_revenue_and_alike_without():
    def rows(revenue):
        sea = [booking_row(0, DAY - 1 - 7 * at, teu=1000, revenue=9 * revenue) for at in range(52)]
        air = [
            booking_row(0, DAY - 100 - 7 * at, series=1, weight=5000, revenue=revenue)
            for at in range(38)
        ]
        return facts_of(["A"], sea + air, series={0: SEA, 1: AIR})

    with_revenue = VolumeTable(rows(100)).look(DAY).windows[0, 1]
    without = VolumeTable(rows(0)).look(DAY).windows[0, 1]
    assert with_revenue > 1.6 * without
    assert with_revenue == pytest.approx(2.8, abs=0.2)


def test_lanes_are_told_apart_and_only_what_is_seen_counts():
    other = Series("sea", "FCL", "VNSGN", "USLAX", "/tms", "USD")
    rows = [
        booking_row(0, DAY - 3, teu=1000),
        booking_row(0, DAY - 3, series=1, teu=3000),
        booking_row(0, DAY - 3, series=1, effect=DAY, teu=-3000, business=-1),
        booking_row(1, DAY - 3, teu=7000),
    ]
    table = VolumeTable(facts_of(["A", "B"], rows, series={0: SEA, 1: other}))
    lanes = table.lanes(DAY, (31,), account=0)
    assert dict(zip(lanes.lane, lanes.volume[:, 0].tolist(), strict=True)) == {
        ("VNHPH", "DEHAM", "sea"): 1000,
        ("VNSGN", "USLAX", "sea"): 3000,
    }
