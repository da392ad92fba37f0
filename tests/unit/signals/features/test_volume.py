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


def test_where_few_bookings_carry_the_unit_their_number_counts():
    rows = [
        booking_row(0, DAY - 1 - 7 * at, **({} if at % 3 else {"teu": 9000})) for at in range(52)
    ]
    look = VolumeTable(facts_of(["A"], rows)).look(DAY)
    np.testing.assert_allclose(look.windows[0], [1.13, 3.17], atol=0.01)


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


def test_only_what_is_seen_counts():
    rows = [booking_row(0, DAY - 3 - 7 * at, teu=1000) for at in range(52)]
    later = booking_row(0, DAY - 3, effect=DAY, teu=7000, business=0, demand=0)
    seen, both = (VolumeTable(facts_of(["A"], one)).look(DAY) for one in (rows, [*rows, later]))
    np.testing.assert_array_equal(seen.windows, both.windows)


OUTBOUND = Series("warehouse", "outbound", "HCM-2", "", "/wms", "")
STORED = Series("warehouse", "storage", "HCM-2", "", "/wms", "")


def work(series, amount, days=range(1, 366)):
    """Return one report a day: orders, or what lies there."""
    column = "volume" if series == 2 else "trips"
    return [
        booking_row(0, DAY - at, series=series, business=0, **{column: amount(at)}) for at in days
    ]


def looked_at(rows):
    facts = facts_of(["A"], rows, series={0: SEA, 1: OUTBOUND, 2: STORED})
    return VolumeTable(facts).look(DAY).windows[0, 1] / 3


def test_warehouse_work_erodes_in_orders_and_storage_in_what_lies_there():
    for series in (1, 2):
        assert looked_at(work(series, lambda _: 40_000)) == pytest.approx(1.0, abs=0.05)
        assert looked_at(work(series, lambda at: 4_000 if at < 92 else 40_000)) < 0.2


def test_warehouse_work_weighs_beside_bookings_although_it_has_no_revenue_of_its_own():
    sea = [booking_row(0, DAY - 1 - 7 * at, teu=1000, revenue=900) for at in range(52)]
    gone = work(1, lambda _: 40_000, range(93, 366))
    assert looked_at(sea + gone) == pytest.approx(0.5, abs=0.05)


def test_orders_and_trips_are_not_added_up():
    road = Series("road", "", "HAN", "HPH", "/tms", "")
    trips = [booking_row(0, DAY - 1 - 7 * at, series=3, trips=1000) for at in range(14, 52)]
    facts = facts_of(["A"], trips + work(1, lambda _: 900_000), series={1: OUTBOUND, 3: road})
    assert VolumeTable(facts).look(DAY).windows[0, 1] / 3 == pytest.approx(0.5, abs=0.05)
