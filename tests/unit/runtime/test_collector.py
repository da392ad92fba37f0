import gc

import pytest

from shared.runtime.collector import YOUNG, relax_collector


@pytest.fixture
def collector():
    """Give the collector back as it was."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_batch_is_not_walked_while_it_is_made_and_cycles_still_go(collector):
    relax_collector()
    gc.collect()
    seen = gc.get_stats()[0]["collections"]

    batch = [(n, [n]) for n in range(YOUNG // 4)]

    assert gc.get_stats()[0]["collections"] == seen
    assert gc.isenabled()
    del batch
    assert gc.get_freeze_count() > 0
