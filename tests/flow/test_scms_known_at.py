"""Known-at on the public shipment file, which says of each delivery when it was recorded."""

import csv
import gzip
import json
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from services.cli.backtest.sources import mapped_file
from services.cli.commands.score import scored
from services.cli.known_at import fit_known_at
from services.ingest.adapters import find_mapping, load_mapping
from services.ingest.adapters.importer import FileImport
from services.signals.backtest.engine import prepare
from services.signals.hazard.model import default_model
from services.signals.scoring.population import fit_day
from services.signals.store.fits import load_pasts
from services.signals.training.hindsight import hindsight
from services.signals.training.methods import Prior
from services.signals.training.rolling import Plan
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.migrate import migrate
from shared.store.session import Database
from shared.store.tables import AccountRow
from tests.support.scms import SCMS_FILE

pytestmark = pytest.mark.skipif(not SCMS_FILE.exists(), reason="the shipment file is not at hand")

KNOWN = datetime(2014, 11, 1, tzinfo=UTC)
DAY = (KNOWN - datetime(1970, 1, 1, tzinfo=UTC)).days


def shipments():
    """Return the header and the lines of each shipment, latin-1 as they lie."""
    raw = gzip.decompress(SCMS_FILE.read_bytes()).decode("latin-1")
    head, *lines = csv.reader(raw.replace("\r\n", "\r").split("\r"))
    found = defaultdict(list)
    for line in filter(None, lines):
        found[line[head.index("Project Code")], line[head.index("ASN/DN #")]].append(line)
    return head, found


def recorded(head, line):
    return datetime.strptime(
        line[head.index("Delivery Recorded Date")], "%d-%b-%y"
    ).replace(tzinfo=UTC)  # fmt: skip


def write(path, head, groups):
    with path.open("w", encoding="latin-1", newline="") as file:
        csv.writer(file, lineterminator="\r").writerows([head, *(one for g in groups for one in g)])


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/scms.db")
    migrate(database)
    yield database
    database.close()


def taken(database, path):
    FileImport(database, WallClock(), path, load_mapping(find_mapping("scms", None))).run()


def fit_of(connection):
    """Return the population's fit by all that is known today: once, for all accounts."""
    (past,) = load_pasts(connection, [fit_day(DAY)])
    return past.fit()


def scores(database, known):
    with database.read() as connection:
        keys = dict(connection.execute(select(AccountRow.account_id, AccountRow.id)).all())
        fit = fit_of(connection) if known is None else fit_known_at(connection, DAY, known)
    settings = Settings(_env_file=None)
    return {
        name: json.dumps(
            scored(database, settings, key, DAY, known, explain=True, fit=fit), default=str
        )
        for name, key in keys.items()
    }


def test_deliveries_recorded_later_change_no_byte_of_a_score_as_it_was_known(database, tmp_path):
    head, groups = shipments()
    late = {key: [recorded(head, one) > KNOWN for one in lines] for key, lines in groups.items()}
    known = [lines for key, lines in groups.items() if not any(late[key])]
    clear = [lines for key, lines in groups.items() if all(late[key]) or not any(late[key])]
    write(tmp_path / "known.csv", head, known)
    write(tmp_path / "all.csv", head, clear)
    taken(database, tmp_path / "known.csv")
    then = scores(database, KNOWN)
    today = scores(database, None)
    taken(database, tmp_path / "all.csv")
    assert {name: text for name, text in scores(database, KNOWN).items() if name in then} == then
    moved = [name for name, text in scores(database, None).items() if text != today.get(name, text)]
    assert len(moved) > 3, "deliveries of October that were recorded in November"


def test_the_backtest_says_what_looking_at_late_records_flatters():
    history = mapped_file(SCMS_FILE, "scms", None, lambda _: None)
    prepared, months = prepare(history.population), history.population.month_names
    plan = Plan(months.index("2010-01"), months.index("2015-05"))
    prior = Prior(default_model())
    found = hindsight(prior, plan, prepared.population, prepared.rows, history.as_known)
    assert found["rows"] > 1700
    assert 0.85 < found["as_known"] < found["in_hindsight"] < found["as_known"] + 0.01
