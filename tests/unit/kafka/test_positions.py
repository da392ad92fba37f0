import pytest

from shared.kafka.positions import Place, Positions, Verdict

PLACE = Place("leadline.booking.v1", 0)


@pytest.fixture
def positions():
    positions = Positions()
    positions.assigned([PLACE])
    positions.located(PLACE, 20, positions.epoch)
    return positions


def test_records_before_the_partition_is_located_are_dropped():
    positions = Positions()
    positions.assigned([PLACE])

    assert positions.judge(PLACE, 0, 9) is Verdict.DROP


def test_records_from_the_expected_offset_are_taken(positions):
    assert positions.judge(PLACE, 20, 29) is Verdict.TAKE


def test_records_that_were_applied_already_are_dropped(positions):
    assert positions.judge(PLACE, 10, 19) is Verdict.DROP


def test_a_batch_that_overlaps_is_taken_for_its_new_part(positions):
    assert positions.judge(PLACE, 15, 25) is Verdict.TAKE


def test_a_gap_is_distrusted_once_and_passes_when_it_comes_again(positions):
    assert positions.judge(PLACE, 25, 29) is Verdict.SEEK
    assert positions.judge(PLACE, 25, 29) is Verdict.TAKE
    assert positions.gaps_total == 1


def test_a_healed_gap_is_forgotten_so_that_the_next_one_is_distrusted_again(positions):
    assert positions.judge(PLACE, 25, 29) is Verdict.SEEK
    assert positions.judge(PLACE, 20, 24) is Verdict.TAKE
    positions.lost(PLACE, positions.epoch)
    positions.located(PLACE, 20, positions.epoch)

    assert positions.judge(PLACE, 25, 29) is Verdict.SEEK


def test_an_offset_read_before_a_rebalance_is_not_believed_after_it():
    positions = Positions()
    positions.assigned([PLACE])
    epoch = positions.epoch
    positions.revoked()
    positions.assigned([PLACE])

    assert not positions.located(PLACE, 20, epoch)
    assert positions.expected(PLACE) is None


def test_a_fenced_partition_is_located_again(positions):
    positions.lost(PLACE, positions.epoch)

    assert positions.pending == {PLACE}
    assert positions.judge(PLACE, 20, 29) is Verdict.DROP


def test_a_write_that_was_fenced_before_a_rebalance_says_nothing_about_the_time_after(positions):
    old = positions.epoch
    positions.revoked()
    positions.assigned([PLACE])
    positions.located(PLACE, 30, positions.epoch)

    positions.lost(PLACE, old)

    assert positions.expected(PLACE) == 30
