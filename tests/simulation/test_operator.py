"""The simulation's operator: which alarms are false, and that a false one is heard."""

import pytest

from shared.kafka.clients import STOP_SECONDS
from shared.kafka.positions import LogLostError, Stand
from tests.simulation.database import BrokenPromiseError, require
from tests.simulation.people import SECONDS
from tests.simulation.world import World

WITH_AN_ALARM = 18  # a seed in which a process stops because of its log


def alarm_of(world):
    place = next(iter(world.logs))
    world.database.stands[place] = Stand(world.logs[place].begin)
    return place.topic, LogLostError(f"{place}: gone. Run `leadline topics adopt {place.topic}`")


def test_an_alarm_of_a_log_that_holds_what_comes_next_is_false():
    world = World(0)
    _, alarm = alarm_of(world)

    with pytest.raises(BrokenPromiseError, match="P13"):
        world.operator.alarmed(alarm)


@pytest.mark.parametrize(("seconds", "is_false"), [(STOP_SECONDS, False), (SECONDS, True)])
def test_an_alarm_may_come_as_late_after_the_adoption_as_a_client_that_hangs_can_make_it(
    seconds, is_false
):
    world = World(0)
    topic, alarm = alarm_of(world)
    world.operator.adopt(topic)
    world.loop.now += seconds

    if is_false:
        with pytest.raises(BrokenPromiseError, match="P13"):
            world.operator.alarmed(alarm)
    else:
        world.operator.alarmed(alarm)


def test_a_false_alarm_ends_the_run_in_its_own_words():
    world = World(WITH_AN_ALARM)

    def refuse(error):
        require(False, "P13: no false alarm", error)

    world.operator.alarmed = refuse

    with pytest.raises(BrokenPromiseError, match="no false alarm"):
        world.run()
