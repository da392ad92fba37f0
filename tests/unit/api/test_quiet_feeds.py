"""A silence is counted to the end of the feed that would have told of a booking."""

from datetime import UTC, datetime

import pytest

from services.api.quiet_feeds import told_reasons
from shared.domain.sentences import knows

LAST = datetime(2026, 11, 14, tzinfo=UTC)
SINCE = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
STORED = "No booking for 7 days (last on 14 Nov 2026); the usual gap is 2.5 days"


def told(text=STORED, reason="no_data", since=SINCE, code="silence", usual="2.5 days"):
    given = {"code": code, "text": text, "contribution": 0.4, "event_ids": ["b-1"]}
    kept = given | ({"usual_gap": usual} if usual else {})
    (found,) = told_reasons([kept], LAST, reason and {"reason": reason, "since": since})
    assert {**found, "text": ""} == {**given, "text": ""}
    return found["text"]


@pytest.mark.parametrize(
    ("usual", "since", "said"),
    [
        (
            "2.5 days",
            SINCE,
            (
                "No booking for 2 days until its feed fell silent on 16 Nov 2026 (last on 14 Nov "
                "2026); the usual gap is 2.5 days"
            ),
        ),
        (
            "2.5 days",
            SINCE.replace(day=15),
            (
                "No booking for 1 day until its feed fell silent on 15 Nov 2026 (last on 14 Nov "
                "2026); the usual gap is 2.5 days"
            ),
        ),
        (
            "1 day",
            SINCE.replace(day=14),
            (
                "Booked until its feed fell silent on 14 Nov 2026 (last on 14 Nov 2026);"
                " the usual gap is 1 day"
            ),
        ),
        ("2.5 days", None, "Last booking on 14 Nov 2026"),
        (None, SINCE, "Last booking on 14 Nov 2026"),  # of a score that kept no gap
    ],
)
def test_a_silence_is_counted_until_the_feed_fell_silent(usual, since, said):
    assert told(usual=usual, since=since) == said
    assert knows(said)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (
            SINCE,
            "No booking or warehouse work for 2 days until its feed fell silent on 16 Nov 2026",
        ),
        (SINCE.replace(day=14), "Booking or warehouse work until its feed fell silent on 14 Nov"),
        (None, "Last booking or warehouse work on 14 Nov 2026"),
    ],
)
def test_a_silence_of_warehouse_work_too_is_said_so(since, said):
    stored = STORED.replace("No booking", "No booking or warehouse work")
    text = told(stored, since=since)
    assert text.startswith(said)
    assert knows(text)


def test_the_reasons_of_who_has_data_and_other_reasons_stay():
    assert told(reason=None) == STORED
    assert told(reason="hold") == STORED
    assert told("3 complaints in 90 days", code="complaints_repeated") == "3 complaints in 90 days"
