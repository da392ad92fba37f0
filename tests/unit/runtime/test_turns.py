import sys

import pytest

from shared.runtime.turns import TURN_SECONDS, take_short_turns


@pytest.fixture
def turns():
    """Give the interpreter's turns back as they were."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_a_thread_that_waits_gets_its_turn_long_before_pythons_own_five_milliseconds(turns):
    take_short_turns()
    assert sys.getswitchinterval() == pytest.approx(TURN_SECONDS)
