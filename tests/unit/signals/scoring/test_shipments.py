"""The real shipments, where their file is at hand: 88 of 142 accounts are lost at the end."""

import csv
import gzip
import io
from datetime import UTC, datetime

import numpy as np
import pytest

from services.signals.hazard.dropout import fit_dropout
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from tests.support.facts import booking_row, facts_of
from tests.support.scms import SCMS_FILE

pytestmark = pytest.mark.skipif(not SCMS_FILE.exists(), reason="the shipment file is not at hand")
DAY_AFTER = (datetime(2015, 9, 15, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days


@pytest.fixture(scope="module")
def facts():
    text = gzip.decompress(SCMS_FILE.read_bytes()).removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    bookings = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        delivered = datetime.strptime(row["Delivered to Client Date"] + "Z", "%d-%b-%y%z")
        bookings[row["Project Code"], row["ASN/DN #"]] = delivered.toordinal() - 719_163
    accounts = sorted({project for project, _ in bookings})
    place = {project: at for at, project in enumerate(accounts)}
    rows = [booking_row(place[project], day) for (project, _), day in bookings.items()]
    assert (len(accounts), len(rows)) == (142, 7030)
    return facts_of(accounts, rows)


def test_88_accounts_are_lost_the_day_after_the_last_event(facts):
    judge = Evaluator(facts, default_model(), clock="event")
    scores = judge.scores(DAY_AFTER)
    assert int(scores.lost.sum()) == 88
    assert scores.state.count("lost") == 88


def test_the_drop_out_model_of_the_shipments_is_plausible(facts):
    params = fit_dropout(facts, DAY_AFTER)
    assert all(0.05 < value < 50 for value in params)
    again = fit_dropout(facts, DAY_AFTER, params)
    np.testing.assert_allclose(np.log(params), np.log(again), atol=0.05)
