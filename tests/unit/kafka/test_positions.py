import pytest

from shared.kafka.positions import (
    Action,
    LogLostError,
    Place,
    Positions,
    Seek,
    Stand,
    Verdict,
    record_digest,
)

PLACE = Place("leadline.booking.v1", 0)
OTHER = Place("leadline.booking.v1", 1)
DROP = Verdict(Action.DROP)


def nothing_there(offset):
    return None


def locate(positions, stand, begin=0, place=PLACE):
    positions.assigned([place])
    return positions.found(positions.search(), {place: stand}, {place: begin})


def located_at(offset):
    positions = Positions()
    locate(positions, Stand(offset))
    return positions


@pytest.fixture
def positions():
    return located_at(20)


def hand(positions, first, last, digest_at=nothing_there, place=PLACE):
    return positions.handed(place, first, last, digest_at)


def test_records_before_the_partition_is_located_are_dropped():
    positions = Positions()
    positions.assigned([PLACE])

    assert hand(positions, 0, 9) == DROP


def test_a_located_partition_is_read_from_the_databases_offset():
    positions = Positions()

    assert locate(positions, Stand(20)) == [Seek(PLACE, 20)]
    assert positions.expected(PLACE) == 20
    assert positions.pending == set()
    assert positions.located() == {PLACE: 20}


def test_partitions_are_looked_up_in_one_order_whatever_the_order_of_their_assignment():
    positions = Positions()
    positions.assigned([OTHER, PLACE])

    assert positions.search().places == (PLACE, OTHER)


def test_a_partition_that_the_database_did_not_tell_of_stays_to_be_located():
    positions = Positions()
    positions.assigned([PLACE, OTHER])

    seeks = positions.found(positions.search(), {OTHER: Stand(3)}, {PLACE: 0, OTHER: 0})

    assert seeks == [Seek(OTHER, 3)]
    assert positions.pending == {PLACE}


def test_a_partition_that_is_located_already_is_not_sought_again(positions):
    positions.assigned([PLACE])
    search = positions.search()
    positions.found(search, {PLACE: Stand(20)}, {PLACE: 0})

    assert positions.found(search, {PLACE: Stand(10)}, {PLACE: 0}) == []
    assert positions.expected(PLACE) == 20


def test_records_from_the_expected_offset_are_taken(positions):
    assert hand(positions, 20, 29) == (Action.TAKE, 20)


def test_records_that_were_applied_already_are_dropped(positions):
    assert hand(positions, 10, 19) == DROP


def test_a_batch_that_overlaps_is_taken_for_its_new_part(positions):
    assert hand(positions, 15, 20) == (Action.TAKE, 20)


def test_after_a_part_was_taken_the_rest_is_read_again(positions):
    assert positions.taken(PLACE, last=29, following=25) == [Seek(PLACE, 25)]
    assert positions.taken(PLACE, last=29, following=29) == [Seek(PLACE, 29)]
    assert positions.taken(PLACE, last=29, following=30) == []
    assert positions.expected(PLACE) == 30


def test_a_gap_is_distrusted_once_and_passes_when_it_comes_again(positions):
    assert hand(positions, 21, 29) == (Action.SEEK, 20)
    assert hand(positions, 21, 29) == (Action.TAKE, 20)


def test_a_gap_at_another_place_is_distrusted_too(positions):
    assert hand(positions, 25, 29) == (Action.SEEK, 20)
    assert hand(positions, 25, 29) == (Action.TAKE, 20)
    positions.taken(PLACE, last=29, following=30)

    assert hand(positions, 35, 39) == (Action.SEEK, 30)
    assert hand(positions, 35, 39) == (Action.TAKE, 30)


def test_a_healed_gap_is_forgotten_so_that_the_next_one_is_distrusted_again(positions):
    assert hand(positions, 25, 29) == (Action.SEEK, 20)
    assert hand(positions, 20, 24) == (Action.TAKE, 20)
    positions.lost(PLACE, positions.epoch)
    positions.found(positions.search(), {PLACE: Stand(20)}, {PLACE: 0})

    assert hand(positions, 25, 29) == (Action.SEEK, 20)


def test_a_rebalance_forgets_what_was_distrusted(positions):
    assert hand(positions, 25, 29) == (Action.SEEK, 20)
    positions.revoked()
    locate(positions, Stand(20))

    assert hand(positions, 25, 29) == (Action.SEEK, 20)


def test_a_rebalance_forgets_every_position(positions):
    positions.refused(PLACE)
    positions.written({PLACE: 20}, positions.epoch)

    positions.revoked()

    assert (positions.located(), positions.committed()) == ({}, {})
    assert (positions.pending, positions.waiting) == (set(), set())
    assert hand(positions, 20, 29) == DROP


def test_an_offset_read_before_a_rebalance_is_not_believed_after_it():
    positions = Positions()
    positions.assigned([PLACE])
    search = positions.search()
    positions.revoked()
    positions.assigned([PLACE])

    between = positions.search()
    assert positions.found(search, {PLACE: Stand(20)}, {PLACE: 0}) == []
    positions.revoked()
    positions.assigned([PLACE])
    assert positions.found(between, {PLACE: Stand(20)}, {PLACE: 0}) == []
    assert positions.expected(PLACE) is None
    assert positions.pending == {PLACE}


def test_a_fenced_partition_is_located_again(positions):
    positions.lost(PLACE, positions.epoch)

    assert positions.pending == {PLACE}
    assert hand(positions, 20, 29) == DROP


def test_a_partition_that_is_not_located_cannot_be_lost():
    positions = Positions()

    positions.lost(PLACE, positions.epoch)

    assert positions.pending == set()


def test_a_write_that_was_fenced_before_a_rebalance_says_nothing_about_the_time_after(positions):
    old = positions.epoch
    positions.revoked()
    locate(positions, Stand(30))

    positions.lost(PLACE, old)
    positions.written({PLACE: 25}, old)

    assert positions.expected(PLACE) == 30
    assert positions.committed() == {PLACE: 30}


def test_what_the_database_has_is_remembered_apart_from_what_is_being_written(positions):
    positions.taken(PLACE, last=29, following=30)
    assert positions.committed() == {PLACE: 20}

    positions.written({PLACE: 30}, positions.epoch)

    assert positions.committed() == {PLACE: 30}


def test_a_sink_that_waits_has_the_records_again_later(positions):
    assert positions.refused(PLACE) == [Seek(PLACE, 20)]
    assert positions.waiting == {PLACE}

    positions.resumed(PLACE)

    assert positions.waiting == set()
    assert hand(positions, 20, 29) == (Action.TAKE, 20)


def applied(digest="applied"):
    return Stand(20, digest)


def test_the_record_before_the_next_one_is_read_and_compared():
    positions = Positions()

    assert locate(positions, applied()) == [Seek(PLACE, 19)]
    assert hand(positions, 19, 29, {19: "applied"}.get) == (Action.TAKE, 20)
    assert hand(positions, 20, 29) == (Action.TAKE, 20), "only once"


def test_the_record_before_may_come_alone():
    positions = Positions()
    locate(positions, applied())

    assert hand(positions, 10, 18, nothing_there) == DROP
    assert hand(positions, 19, 19, {19: "applied"}.get) == DROP
    assert hand(positions, 20, 29) == (Action.TAKE, 20)


def test_another_record_than_the_one_applied_stops_with_the_command_to_go_on():
    positions = Positions()
    locate(positions, applied())

    with pytest.raises(LogLostError) as stopped:
        hand(positions, 19, 29, {19: "another"}.get)

    assert str(stopped.value) == (
        "leadline.booking.v1[0]: at offset 19 the log does not hold the record that was applied;"
        " the topic was made again. Run `leadline topics adopt leadline.booking.v1` to begin it"
        " again"
    )


def test_where_nothing_was_applied_or_the_log_begins_there_is_nothing_to_compare():
    assert locate(Positions(), Stand(20, None)) == [Seek(PLACE, 20)]
    assert locate(Positions(), applied(), begin=20) == [Seek(PLACE, 20)]
    assert locate(Positions(), applied(), begin=21) == [Seek(PLACE, 20)]
    assert locate(Positions(), applied(), begin=19) == [Seek(PLACE, 19)]


def test_a_skip_over_the_record_to_compare_is_distrusted_before_it_is_believed():
    positions = Positions()
    locate(positions, applied())

    assert hand(positions, 20, 29) == (Action.SEEK, 19)
    with pytest.raises(LogLostError, match="at offset 19"):
        hand(positions, 20, 29)


def test_a_gap_is_believed_only_as_small_as_it_was_seen(positions):
    assert hand(positions, 25, 29) == (Action.SEEK, 20)
    assert hand(positions, 21, 29) == (Action.SEEK, 20), "the nearest counts"
    assert hand(positions, 25, 29) == (Action.SEEK, 20), "there is something before"
    assert hand(positions, 21, 29) == (Action.TAKE, 20)


def test_a_comparison_that_never_happened_is_not_owed_after_the_next_look():
    positions = Positions()
    locate(positions, applied())
    positions.lost(PLACE, positions.epoch)

    positions.found(positions.search(), {PLACE: Stand(40)}, {PLACE: 0})

    assert hand(positions, 40, 49, {39: "another"}.get) == (Action.TAKE, 40)


def look_again(positions, offset):
    positions.found(positions.search(), {PLACE: Stand(offset)}, {PLACE: 0})


def test_an_offset_that_is_out_of_range_means_nothing_unless_it_comes_next(positions):
    positions.out_of_range(PLACE, 19)
    positions.out_of_range(PLACE, 21)
    positions.out_of_range(OTHER, 20)

    assert positions.pending == set()


def test_an_offset_that_is_out_of_range_stops_when_the_database_still_stands_there(positions):
    positions.out_of_range(PLACE, 20)
    assert positions.pending == {PLACE}
    look_again(positions, 20)
    with pytest.raises(LogLostError) as stopped:
        positions.out_of_range(PLACE, 20)

    assert str(stopped.value) == (
        "leadline.booking.v1[0]: offset 20 is not in the log any more (retention, or the topic"
        " was made again). Run `leadline topics adopt leadline.booking.v1` to go on with what"
        " the log holds"
    )


def test_an_offset_that_others_have_moved_on_from_is_no_reason_to_stop(positions):
    positions.out_of_range(PLACE, 20)
    look_again(positions, 40)

    assert hand(positions, 40, 49) == (Action.TAKE, 40)
    positions.out_of_range(PLACE, 50)


def test_a_rebalance_is_another_look_too(positions):
    positions.out_of_range(PLACE, 20)
    positions.revoked()
    locate(positions, Stand(20))

    positions.out_of_range(PLACE, 20)


def test_a_record_to_compare_that_has_just_expired_is_done_without():
    positions = Positions()
    locate(positions, applied())

    positions.out_of_range(PLACE, 19)

    assert positions.pending == {PLACE}
    assert positions.found(positions.search(), {PLACE: applied()}, {PLACE: 20}) == [Seek(PLACE, 20)]
    assert hand(positions, 20, 29) == (Action.TAKE, 20)


def test_a_record_to_compare_that_is_out_of_range_twice_stops():
    positions = Positions()
    locate(positions, applied())
    positions.out_of_range(PLACE, 19)
    positions.found(positions.search(), {PLACE: applied()}, {PLACE: 0})

    with pytest.raises(LogLostError):
        positions.out_of_range(PLACE, 19)


def test_the_digest_of_a_record_depends_on_value_key_and_time():
    same = record_digest(b"v", b"k", 1)

    assert same == "7875cd7ed24778dfeb8e2207", "stored ones must stay comparable"
    assert len({same, record_digest(b"w", b"k", 1), record_digest(b"v", b"l", 1),
                record_digest(b"v", b"k", 2)}) == 4  # fmt: skip
    assert record_digest(None, None, 1) == "bbe6dfd78a64684339546d01" == record_digest(b"", b"", 1)
