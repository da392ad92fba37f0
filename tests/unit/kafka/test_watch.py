import pytest

from shared.kafka.positions import LogLostError, Place, Positions, Seek, Stand
from shared.kafka.watch import TAIL_SECONDS, Watch

PLACE = Place("leadline.booking.v1", 0)
OTHER = Place("leadline.booking.v1", 1)


def locate(positions, stand):
    positions.assigned([PLACE])
    positions.found(positions.search(), {PLACE: stand}, {PLACE: 0})


def look_again(positions, offset):
    positions.found(positions.search(), {PLACE: Stand(offset)}, {PLACE: 0})


@pytest.fixture
def positions():
    positions = Positions()
    locate(positions, Stand(20))
    return positions


@pytest.fixture
def watch(positions):
    return Watch(positions)


def measure(watch, positions, ends, now):
    return watch.measured(dict.fromkeys(ends, 0) | positions.located(), ends, now)


def test_a_tail_that_does_not_come_is_asked_for_once_per_end_of_the_log(positions, watch):
    def measured(now, end=25):
        return measure(watch, positions, {PLACE: end}, now)

    assert [measured(now) for now in (0, 5, TAIL_SECONDS - 0.1)] == [[], [], []]
    assert measured(TAIL_SECONDS) == [Seek(PLACE, 20)]
    assert measured(3 * TAIL_SECONDS) == [], "a transaction marker at the end never comes"
    assert measured(3 * TAIL_SECONDS, end=26) == [Seek(PLACE, 20)]
    assert measured(4 * TAIL_SECONDS - 0.1, end=27) == []


def test_a_tail_is_waited_for_anew_when_something_came_or_the_sink_waits(positions, watch):
    measure(watch, positions, {PLACE: 25, OTHER: 9}, 0)
    positions.taken(PLACE, last=20, following=21)

    assert measure(watch, positions, {PLACE: 25}, TAIL_SECONDS) == []
    assert measure(watch, positions, {PLACE: 25}, 2 * TAIL_SECONDS) == [Seek(PLACE, 21)]
    positions.refused(PLACE)
    assert measure(watch, positions, {PLACE: 26}, 9 * TAIL_SECONDS) == []


def test_a_tail_begins_at_the_record_to_compare_and_is_none_at_the_end_of_the_log():
    positions = Positions()
    locate(positions, Stand(20, "applied"))
    watch = Watch(positions)

    assert measure(watch, positions, {PLACE: 20}, 0) == []
    assert measure(watch, positions, {PLACE: 20}, TAIL_SECONDS) == []
    assert measure(watch, positions, {PLACE: 21}, TAIL_SECONDS) == []
    assert measure(watch, positions, {PLACE: 21}, 2 * TAIL_SECONDS) == [Seek(PLACE, 19)]


def test_a_marker_in_place_of_the_applied_record_stops_after_another_look():
    positions = Positions()
    locate(positions, Stand(20, "applied"))
    watch = Watch(positions)

    watch.read_up([PLACE, OTHER])
    assert positions.pending == {PLACE}
    locate(positions, Stand(20, "applied"))

    with pytest.raises(LogLostError, match=r"offset 19 is not in the log.*topics adopt"):
        watch.read_up([PLACE])


def test_a_partition_read_to_its_end_is_left_alone_once_its_record_was_compared(positions, watch):
    for _ in range(3):
        watch.read_up([PLACE])

    assert positions.pending == set()


def test_a_log_that_ends_before_the_next_offset_stops_after_another_look(positions, watch):
    assert measure(watch, positions, {PLACE: 20}, 0) == []
    assert measure(watch, positions, {PLACE: 19}, 0) == []
    assert positions.pending == {PLACE}
    look_again(positions, 20)

    with pytest.raises(LogLostError):
        measure(watch, positions, {PLACE: 19}, 0)


def test_an_end_that_was_read_before_the_last_records_is_no_reason_to_look(positions, watch):
    asked = positions.located()
    positions.taken(PLACE, last=29, following=30)

    assert watch.measured(asked, {PLACE: 25}, 0) == []
    assert watch.measured(asked, {PLACE: 15}, 0) == []
    assert positions.pending == set()


def test_a_rebalance_forgets_the_wait_for_a_tail(positions, watch):
    measure(watch, positions, {PLACE: 25}, 0)
    positions.revoked()
    locate(positions, Stand(20))

    assert measure(watch, positions, {PLACE: 25}, TAIL_SECONDS) == []
    assert measure(watch, positions, {PLACE: 25}, 2 * TAIL_SECONDS) == [Seek(PLACE, 20)]


def test_a_partition_at_rest_or_not_located_does_not_hide_the_next_one(positions, watch):
    third = Place("leadline.booking.v1", 2)
    positions.assigned([third])
    positions.found(positions.search(), {third: Stand(7)}, {third: 0})
    ends = {OTHER: 9, PLACE: 20, third: 8}

    assert measure(watch, positions, ends, 0) == []
    assert measure(watch, positions, ends, TAIL_SECONDS) == [Seek(third, 7)]


def test_an_offset_that_cannot_be_ours_is_located_again_when_it_is_seen_twice(positions, watch):
    positions.taken(PLACE, last=29, following=30)

    for ours in (20, 25, 30):
        assert [watch.observed({PLACE: ours}) for _ in range(3)] == [[], [], []]
    assert watch.observed({PLACE: 31}) == []
    assert watch.observed({PLACE: 31}) == [PLACE]
    assert positions.pending == {PLACE}
    assert watch.observed({PLACE: 31}) == [], "it is being located"


def test_an_offset_that_went_back_is_located_again_too(positions, watch):
    assert watch.observed({PLACE: 19, OTHER: 5}) == []
    assert watch.observed({PLACE: 19, OTHER: 5}) == [PLACE]


def test_looks_that_are_older_than_our_own_writes_differ_each_time(positions, watch):
    positions.taken(PLACE, last=29, following=30)
    positions.written({PLACE: 30}, positions.epoch)

    assert watch.observed({PLACE: 20}) == []
    assert watch.observed({PLACE: 25}) == []
    assert watch.observed({PLACE: 30}) == []
    assert watch.observed({PLACE: 25}) == []


def test_a_rebalance_forgets_what_was_strange(positions, watch):
    watch.observed({PLACE: 31})
    positions.revoked()
    locate(positions, Stand(20))

    assert watch.observed({PLACE: 31}) == []
