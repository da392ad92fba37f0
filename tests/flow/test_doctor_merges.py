"""What `leadline doctor` says of merges that go nowhere."""

from contextlib import closing

import pytest

from services.cli.findings import Caution
from services.cli.merge_report import merges_report
from shared.store.migrate import migrate
from shared.store.session import Database
from tests.support.cli import Cli
from tests.support.factories import Factory


@pytest.fixture
def make(database):
    return Factory(database)


def test_merges_that_go_somewhere_are_counted(database, make):
    make.account("ACC-1")
    assert merges_report(database) == "none yet"
    make.account("ACC-2", merged_into="ACC-1")
    make.account("ACC-3", merged_into="ACC-2", status="merged")
    assert merges_report(database) == "2 merged, each into a known account"


@pytest.mark.parametrize(
    ("merges", "said"),
    [
        ({"A": "B", "B": "A", "C": None}, "2 lead nowhere: 'A' (circle), 'B' (circle)"),
        ({"A": "gone", "B": "C", "C": None}, "1 leads nowhere: 'A' (unknown_account)"),
        ({"A": "A"}, "1 leads nowhere: 'A' (circle)"),
        (
            {f"A{n}": f"A{n}" for n in range(5)},
            "5 lead nowhere: 'A0' (circle), 'A1' (circle), 'A2' (circle) and 2 more",
        ),
    ],
)
def test_merges_that_lead_nowhere_are_named_with_their_fault(database, make, merges, said):
    for name, into in merges.items():
        make.account(name, merged_into=into)
    with pytest.raises(Caution) as warned:
        merges_report(database)
    assert str(warned.value) == said
    assert "`merged_into`" in warned.value.fix


def test_a_merge_by_its_status_alone_names_no_target(database, make):
    make.account("A", status="merged")
    with pytest.raises(Caution, match=r"1 leads nowhere: 'A' \(no_target\)"):
        merges_report(database)


def test_doctor_warns_of_them_and_exits_with_0(tmp_path):
    cli = Cli(tmp_path)
    with closing(Database(cli.environ["LEADLINE_DATABASE_URL"])) as database:
        migrate(database)
        Factory(database).account("A", merged_into="gone")
    ran = cli("doctor", "--json")
    (line,) = (one for one in ran.json if one["name"] == "merges")
    assert (ran.code, line["ok"], line["warned"]) == (0, True, True)
    assert "'A'" in line["text"]
