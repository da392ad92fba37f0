"""How far a page's figures reach: the day that is named is the last that counts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.api.ui.rendering import up_to


@pytest.mark.parametrize(
    ("at", "language", "said"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), "en", "30 Nov 2026, 24:00 UTC"),
        (datetime(2026, 12, 1, tzinfo=UTC), "vi", "30/11/2026, 24:00 UTC"),
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "en", "1 Dec 2026, 09:30 UTC"),
        (
            datetime(2026, 12, 1, 7, tzinfo=timezone(timedelta(hours=7))),
            "pt",
            "30/11/2026, 24:00 UTC",
        ),
    ],
)
def test_a_midnight_is_the_end_of_the_day_before(at, language, said):
    assert up_to(at, language) == said
