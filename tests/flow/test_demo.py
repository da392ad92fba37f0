"""The demo as a person runs it, headless: everything arrives, is scored, alerts and leaves."""

import csv
import gzip
import io
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from services.cli.simulator import STORIES
from shared.domain.sentences import knows
from tests.support.cli import Cli
from tests.support.scms import SCMS_FILE

FIGURES = {
    "events", "accounts", "bookings", "late_deliveries", "complaints", "alerts", "runs",
    "lost_accounts", "rejected", "seconds", "checks",
}  # fmt: skip


def test_the_simulated_forwarder_plays_to_the_end_and_its_stories_come_true(tmp_path):
    cli = Cli(tmp_path)
    ran = cli("demo", "--check", "--data", tmp_path / "kept", timeout=240)
    report = ran.json
    assert report.keys() == FIGURES
    assert ran.code == 0, ran.err
    assert all(report["checks"].values())
    assert {f"story_{story.code}" for story in STORIES} <= report["checks"].keys()
    assert (report["accounts"], report["rejected"]) == (60, 0)
    assert report["complaints"] > 0
    assert report["runs"] > 0
    assert "Synthetic data" in ran.err
    kept = cli("export", "alerts", LEADLINE_DATABASE_URL=f"sqlite:///{tmp_path}/kept/leadline.db")
    told = {line["reason_text"] for line in kept.lines}
    assert len(told) > 20
    assert [text for text in told if not knows(text)] == []  # so is said in every language


@pytest.mark.skipif(not SCMS_FILE.exists(), reason="the SCMS file is not here")
def test_the_real_shipments_give_the_figures_of_their_file(tmp_path):
    cli = Cli(tmp_path)
    ran = cli(
        "demo", "--check", "--shipments", SCMS_FILE, "--map", "scms", "--data", tmp_path / "kept",
        timeout=240,
    )  # fmt: skip
    report = ran.json
    bookings = delivered_late()
    assert ran.code == 0, ran.err
    assert report["bookings"] == len(bookings) == 7030
    assert report["late_deliveries"] == sum(bookings.values()) == 805
    assert report["accounts"] == len({project for project, _ in bookings}) == 142
    assert report["lost_accounts"] == 88
    assert report["rejected"] == 0
    assert report["events"] == 142 + 3 * 7030
    kept = cli("export", "accounts", LEADLINE_DATABASE_URL=f"sqlite:///{tmp_path}/kept/leadline.db")
    assert len(kept.lines) == 142


def delivered_late():
    """Whether any line came after its schedule, by project and shipment, from the file alone."""
    raw = gzip.decompress(SCMS_FILE.read_bytes())
    found = defaultdict(bool)
    for row in csv.DictReader(io.StringIO(raw[3:].decode("latin-1"), newline="")):
        scheduled, delivered = (
            datetime.strptime(row[name], "%d-%b-%y").replace(tzinfo=UTC)
            for name in ("Scheduled Delivery Date", "Delivered to Client Date")
        )
        found[row["Project Code"], row["ASN/DN #"]] |= delivered > scheduled
    return found
