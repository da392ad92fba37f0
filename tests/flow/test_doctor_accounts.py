"""What `leadline doctor` says of accounts whose ids look alike."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.commands.doctor import accounts_report
from services.cli.findings import Caution
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


def test_ids_that_look_alike_are_shown_as_they_are_until_one_went_into_the_other(database):
    assert accounts_report(database) == "none yet"
    leadline = Installation(database, "wall", NOW)
    leadline.bookings("ACC-1", weeks=1, start=NOW - timedelta(days=8))
    assert accounts_report(database) == "1 known, no two ids look alike"

    leadline.bookings("ACC-1 ", weeks=1, start=NOW - timedelta(days=8))
    with pytest.raises(Caution, match=r"of its own: 'ACC-1' and 'ACC-1 '$"):
        accounts_report(database)

    merge = {"name": "Hue Textiles", "merged_into": "ACC-1"}
    leadline.take(leadline.event("account", "ACC-1 ", NOW, merge, "/crm"))
    assert accounts_report(database) == "1 known, no two ids look alike"


def test_a_program_gets_every_group_and_a_person_a_few_with_the_way_to_mend_them(
    cli, file_database
):
    leadline = Installation(file_database, "wall", NOW)
    groups = [[f"ACC-{n}", f"acc-{n}"] for n in range(1, 6)]
    for ident in (one for group in groups for one in group):
        leadline.bookings(ident, weeks=1, start=NOW - timedelta(days=8))

    lines = {line["name"]: line for line in cli("doctor", "--json").json}
    assert (lines["accounts"]["ok"], lines["accounts"]["warned"]) == (True, True)
    assert lines["accounts"]["groups"] == groups
    assert "`merged_into`" in lines["accounts"]["fix"]
    assert lines["schema"]["groups"] == []

    (line,) = (one for one in cli("doctor").out.splitlines() if one.startswith("warn accounts"))
    assert "'ACC-1' and 'acc-1', " in line
    assert "'ACC-5'" not in line
    assert "and 2 more -> " in line
    assert "`merged_into`" in line
