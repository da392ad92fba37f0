"""`leadline train` on a real history that grows by months: refused, in shadow, promoted."""

import csv
import gzip
from datetime import UTC, datetime

import pytest

from services.signals.store.models import CHALLENGER, CHAMPION, role_on
from services.signals.store.reports import latest_report
from services.signals.upkeep.job import run_upkeep
from shared.store.session import Database
from tests.support.cli import Here
from tests.support.factory import Installation
from tests.support.scms import CDNOW_EVENTS

pytestmark = pytest.mark.skipif(not CDNOW_EVENTS.exists(), reason="CDNOW is not on this machine")

HEAD = "account_id,event_time,event_type,amount\n"


@pytest.fixture
def rows():
    """The events of every fortieth customer: as many as a forwarder has accounts."""
    with gzip.open(CDNOW_EVENTS, "rt") as file:
        found = list(csv.reader(file))[1:]
    chosen = set(sorted({row[0] for row in found})[4::40])
    return [row for row in found if row[0] in chosen]


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LEADLINE_DATABASE_URL", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("LEADLINE_CLOCK", "event")
    here = Here(tmp_path, monkeypatch, capsys)
    assert here("migrate").code == 0
    return here


class Store:
    """The command line, and the services beside it, on one database."""

    def __init__(self, here, rows):
        self._here, self._rows = here, rows
        self.database = Database(f"sqlite:///{here.folder}/store.db")
        self._world = Installation(self.database, now=datetime(1999, 1, 1, tzinfo=UTC))

    def until(self, day):
        """Import what happened before a day, score it and look at the scores."""
        text = "".join(",".join(row) + "\n" for row in self._rows if row[1] < day)
        (self._here.folder / "events.csv").write_text(HEAD + text)
        assert self._here("import", "events.csv", "--map", "events_csv").code == 0
        self._world.work(limit=10_000)
        assert run_upkeep(self.database, self._world.clock, "event")

    def train(self):
        ran = self._here("train", "--json")
        said = ran.json
        assert ran.code == (0 if said["promoted"] else 1), ran.err
        return said, ran.err

    def version(self, role):
        (row,) = self._world.rows("SELECT evaluated_day FROM signals_progress")
        with self.database.read() as connection:
            held = role_on(connection, role, row["evaluated_day"])
        return held and held.version

    def report(self):
        with self.database.read() as connection:
            return latest_report(connection, "drift")

    def scored_by(self):
        rows = self._world.rows("SELECT DISTINCT model_version FROM account_score")
        return {row["model_version"] for row in rows} - {""}


@pytest.fixture
def store(here, rows):
    store = Store(here, rows)
    yield store
    store.database.close()


def loss_of(said, who):
    return said["comparison"][who]["log_loss"]


def test_a_worse_model_is_refused_and_watched_and_a_better_one_promoted(store):
    store.until("1998-01-02")
    worse, said = store.train()
    assert worse["reason"].startswith("refused: log loss")
    assert loss_of(worse, "candidate") > loss_of(worse, "incumbent")
    assert "local-1998-01 is not promoted, prior-1 goes on" in said

    store.until("1998-03-02")
    assert (store.version(CHAMPION), store.version(CHALLENGER)) == (None, "local-1998-01")
    assert store.scored_by() == {"prior-1"}
    better, _ = store.train()
    assert better["promoted"]
    assert loss_of(better, "candidate") < loss_of(better, "incumbent")

    store.until("1998-04-06")
    assert (store.version(CHAMPION), store.version(CHALLENGER)) == ("local-1998-03", "prior-1")
    assert store.scored_by() == {"local-1998-03"}
    early, _ = store.train()
    assert "0 account-months (0 lost) closed since the incumbent was fitted" in early["reason"]

    store.until("1998-06-02")
    shadow = store.report()["shadow"]
    assert shadow["version"] == "local-1998-01", "judged three months after its first month start"
    assert shadow["champion"]["rows"] == shadow["challenger"]["rows"] > 100
    later, _ = store.train()
    assert later["comparison"]["rows"] > 100
    assert later["incumbent"] == "local-1998-03"
