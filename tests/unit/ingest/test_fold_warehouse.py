from datetime import date
from itertools import permutations

import pytest

from services.ingest.entity_changes import EntityEvent, SeriesKey
from services.ingest.fold import fold, fold_single
from shared.contracts.inbound import Warehouse
from shared.domain.changes import SUMS

DAY = 86_400_000_000
WORKED_ON = date(1970, 1, 8)  # the 7th day


def reported(hour, kind="outbound", event_id="", **figures):
    payload = Warehouse(site="HCM-2", day=WORKED_ON, kind=kind, **figures)
    return EntityEvent(8 * DAY + hour, "/wms", event_id or f"w{hour}", payload)


def sums_of(events):
    """Return the whole of what the events changed."""
    rows = [change.sums for changes in fold(events) for change in changes]
    return {name: total for n, name in enumerate(SUMS) if (total := sum(row[n] for row in rows))}


def test_work_counts_on_its_own_day_under_its_site_and_kind():
    [[change]] = fold([reported(1, orders=12)])

    assert change.series == SeriesKey("/wms", "warehouse", "outbound", "HCM-2", "", "")
    assert change.day == 7


@pytest.mark.parametrize("kind", ["inbound", "outbound", "returns"])
def test_flows_of_a_day_add_up_in_orders(kind):
    assert sums_of([reported(1, kind, orders=12), reported(2, kind, orders=0.5)]) == {
        "demand": 2,
        "trips": 12_500,
    }


def test_storage_is_the_last_level_of_the_day():
    levels = [reported(1, "storage", volume_cbm=80), reported(2, "storage", volume_cbm=60)]

    assert sums_of(levels) == {"demand": 1, "volume": 60_000}


def test_levels_of_one_moment_go_by_their_ids_in_any_order_of_arrival():
    levels = [
        reported(1, "storage", "b", volume_cbm=20),
        reported(1, "storage", "a", volume_cbm=30),
        reported(0, "storage", "c", volume_cbm=40),
    ]

    found = {
        tuple(
            sorted(
                (one.id, tuple(changes)) for one, changes in zip(order, fold(order), strict=True)
            )
        )
        for order in permutations(levels)
    }

    assert len(found) == 1
    assert sums_of(levels) == {"demand": 1, "volume": 20_000}


def test_a_site_that_was_emptied_says_nothing_of_that_day():
    assert sums_of([reported(1, "storage", volume_cbm=80), reported(2, "storage", pallets=0)]) == {}


def test_a_day_without_orders_is_no_sign_of_life():
    assert sums_of([reported(1, orders=0, units=0)]) == {}
    assert fold_single(0, "/wms", reported(1, orders=0).payload) is None


def test_work_without_figures_is_a_sign_of_life():
    assert sums_of([reported(1, errors=0)]) == {"demand": 1}


def test_one_event_alone_changes_the_same_by_either_way():
    for event in (reported(1, orders=3), reported(1, "storage", volume_cbm=9)):
        assert fold([event]) == [(fold_single(event.time, event.source, event.payload),)]
