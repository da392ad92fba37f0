"""What `leadline doctor` says of accounts whose ids look alike."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.commands.doctor import Caution, accounts_report
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_ids_that_look_alike_are_shown_as_they_are_until_one_went_into_the_other(database):
    assert accounts_report(database) == "none yet"
    leadline = Installation(database, "wall", NOW)
    leadline.bookings("ACC-1", weeks=1, start=NOW - timedelta(days=8))
    assert accounts_report(database) == "1 known, no two ids look alike"

    leadline.bookings("ACC-1 ", weeks=1, start=NOW - timedelta(days=8))
    with pytest.raises(Caution, match=r"of its own: 'ACC-1' and 'ACC-1 '; "):
        accounts_report(database)

    merge = {"name": "Hue Textiles", "merged_into": "ACC-1"}
    leadline.take(leadline.event("account", "ACC-1 ", NOW, merge, "/crm"))
    assert accounts_report(database) == "1 known, no two ids look alike"
