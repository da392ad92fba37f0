"""When a feed is silent, in working hours."""

from itertools import pairwise

import numpy as np
import pytest

from shared.domain.feeds import is_silent, usual_gap_hours, working_hours

MONDAY = 4 * 24  # 1970-01-05, in hours since 1970


def test_a_weekend_has_no_working_hours():
    friday = MONDAY + 5 * 24
    assert working_hours(friday) == working_hours(friday + 48)
    assert working_hours(MONDAY + 24) - working_hours(MONDAY) == 24


def test_the_usual_gap_is_the_99_percent_quantile_of_working_gaps():
    hours = [MONDAY + step for step in (0, 1, 3, 4, 9, 10, 11, 12, 40, 41, 42, 60)]
    gaps = [working_hours(b) - working_hours(a) for a, b in pairwise(hours)]
    assert usual_gap_hours(hours) == pytest.approx(np.quantile(gaps, 0.99))


def test_too_few_hours_give_no_gap_and_no_silence():
    assert usual_gap_hours(range(9)) is None
    assert not is_silent(0, None, 10_000)


@pytest.mark.parametrize(
    ("gap", "silence", "silent"),
    [(1, 24, False), (1, 25, True), (10, 50, False), (10, 51, True)],
)
def test_silence_is_more_than_a_day_and_five_gaps(gap, silence, silent):
    assert is_silent(MONDAY, gap, MONDAY + silence) is silent
