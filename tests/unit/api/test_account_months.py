from datetime import UTC, datetime

from services.api.queries.account import _months


def test_months_of_silence_are_there_up_to_what_the_score_has_seen():
    as_of = datetime(2026, 7, 1, tzinfo=UTC)

    assert _months({"2026-02": 3, "2026-04": 1}, as_of) == [
        "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
    ]  # fmt: skip


def test_a_year_ends_in_december():
    assert _months({"2025-12": 1}, datetime(2026, 1, 15, tzinfo=UTC)) == ["2025-12", "2026-01"]


def test_an_account_without_bookings_has_no_months():
    assert _months({}, datetime(2026, 1, 15, tzinfo=UTC)) == []


def test_a_booking_after_the_score_is_shown_too():
    assert _months({"2026-03": 1}, datetime(2026, 2, 1, tzinfo=UTC)) == ["2026-03"]
