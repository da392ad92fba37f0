"""Going on after an interruption keeps nothing of what was finished: it may be gigabytes."""

import weakref

import pytest

from services.ingest.adapters.importer import passed_over


class Item:
    """Something that can be watched."""


@pytest.mark.parametrize(("there", "most", "taken"), [(100, 60, 60), (100, 200, 100), (100, 0, 0)])
def test_items_that_are_passed_over_are_counted_and_let_go(there, most, taken):
    alive, together = weakref.WeakSet(), []

    def items():
        for _ in range(there):
            item = Item()
            alive.add(item)
            together.append(len(alive))
            yield item

    left = items()
    assert passed_over(left, most) == taken
    assert max(together, default=0) <= 2
    assert len(list(left)) == there - taken
