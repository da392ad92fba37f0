"""Since when an alert asks for work: an end that is taken back may begin a new matter or none."""

import pytest
from msgspec.structs import replace

from services.signals.alerting.alert import PastEnd, dump_track, load_track
from tests.support.alerting import Days, finding, score

HIGH = score(60)


def opened():
    days = Days()
    days.many(3, HIGH, finding())
    (entry,) = days.track.entries.values()
    return entry.alert


@pytest.mark.parametrize(
    ("because", "anew"), [("merged", False), ("merge_undone", True), (None, True)]
)
def test_only_a_merge_that_was_taken_back_leaves_the_matter_the_same(because, anew):
    alert = opened()
    since = alert.opened_at
    end = PastEnd(since + 5, "explained_change", because, since + 9)
    back = replace(alert, past_ends=(end,))
    assert back.asked_since == (since + 9 if anew else since)
    assert back.reopened_at == since + 9


def test_what_had_ended_outlives_the_memory_of_a_process():
    days = Days()
    days.many(3, HIGH, finding())
    days.many(12, score(10))
    days.many(3, HIGH, finding())
    (entry,) = days.track.entries.values()
    (end,) = entry.alert.past_ends
    assert (end.outcome, end.because) == ("recovered_alone", None)
    assert load_track(dump_track(days.track)) == days.track
