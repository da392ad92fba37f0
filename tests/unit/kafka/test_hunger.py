from shared.kafka.hunger import Hunger
from shared.kafka.positions import Place

FIRST, SECOND = Place("t", 0), Place("t", 1)


def lasting(*looks):
    hunger = Hunger()
    for now, waiting in looks:
        hunger.looked(waiting, now)
    return hunger.lasts(100)


def test_records_that_wait_and_do_not_come_are_hunger_from_the_first_look_on():
    assert lasting((10, {FIRST: 5}), (40, {FIRST: 5}), (70, {FIRST: 5})) == 90


def test_before_any_look_there_is_none():
    assert Hunger().lasts(100) == 0


def test_nothing_left_to_read_ends_it():
    assert lasting((10, {FIRST: 5}), (40, {})) == 0
    assert lasting((10, {FIRST: 5}), (40, {}), (70, {FIRST: 5})) == 30


def test_one_partition_that_moves_feeds_all():
    assert lasting((10, {FIRST: 5, SECOND: 7}), (40, {FIRST: 5, SECOND: 8})) == 60


def test_a_partition_that_caught_up_leaves_the_others_hungry():
    assert lasting((10, {FIRST: 5, SECOND: 7}), (40, {FIRST: 5})) == 90
