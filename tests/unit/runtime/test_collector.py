import gc
import weakref

import pytest

from shared.runtime.collector import EVERY_SECONDS, YOUNG, collect_cycles, relax_collector


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


class Ticking:
    """A clock that is asked as often as it has times."""

    def __init__(self, *times):
        self._times = iter(times)

    def monotonic(self):
        return next(self._times)


class Held:
    """What holds itself, as a fetch of the Kafka client does that was not read to its end."""

    def __init__(self):
        self.itself = self


def test_what_only_a_cycle_holds_goes_however_few_objects_are_made(collector):
    relax_collector()
    gone = weakref.ref(Held())
    assert gone() is not None

    collect_cycles(Ticking(0.0, 0.0))

    assert gone() is None


def test_collecting_takes_at_most_a_hundredth_of_the_time(collector):
    assert collect_cycles(Ticking(5.0, 5.01)) == EVERY_SECONDS
    assert collect_cycles(Ticking(5.0, 5.5)) == 50.0
