"""What refused rows of a file say: where they stood, how many, why, and if that is a failure."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.api import running_api
from tests.support.cli import Cli
from tests.support.maps import base_map, write_map

HEAD = "ref,at,x\n"


@pytest.fixture
def ready(tmp_path):
    cli = Cli(tmp_path)
    assert cli("migrate").code == 0
    return cli


def rows(cli, *, good, bad=()):
    lines = [f"B{at},2026-01-02,{at}" for at in range(good)]
    lines += [f"C{at},2026-01-02,{cell}" for at, cell in enumerate(bad)]
    (cli.folder / "rows.csv").write_text(HEAD + "\n".join(lines) + "\n")
    number = {"from": "x", "as": "number"}
    return "rows.csv", "--map", write_map(cli.folder, base_map(x=number))


def event(number, **data):
    """A booking of the week of that number."""
    time = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=7 * number)
    return json.dumps(
        {
            "specversion": "1.0", "id": f"e{number}", "source": "/s",
            "type": "leadline.booking.v1", "subject": "A", "time": time.isoformat(),
            "data": {"booking_ref": f"B{number}", "phase": "confirmed"} | data,
        }
    )  # fmt: skip


def test_refused_rows_and_events_name_file_and_line_to_the_command_and_the_api(ready):
    assert ready("import", *rows(ready, good=1, bad=["many"])).code == 1
    lines = [event(1), "", "nothing", event(2, phase="asked")]
    (ready.folder / "own.jsonl").write_text("\n".join(lines) + "\n")
    ready("import", "own.jsonl", "--map", "leadline")
    listed = ready("dlq", "list", "--json").json
    places = {one["file"]: one["reason"] for one in listed}
    assert places == {
        "rows.csv:3": "invalid_field", "own.jsonl:3": "not_json", "own.jsonl:4": "invalid_field",
    }  # fmt: skip
    last = listed[-1]
    assert last["file"] in ready("dlq", "show", last["dead_letter_id"]).out
    with running_api(f"sqlite:///{ready.folder / 'cli.db'}") as api:
        items = api.client().get("/v1/dead-letters").json()["items"]
    assert [one["file"] for one in items] == [one["file"] for one in listed]


def test_an_import_says_how_much_it_refused_and_why(ready):
    ran = ready("import", *rows(ready, good=40, bad=["many", "few"]))
    assert ran.code == 0
    assert "  2 invalid_field, as rows.csv:42: line 42: x: 'many' is not a number" in ran.err


def test_more_than_one_in_ten_refused_is_a_failure_in_one_line(ready):
    ran = ready("import", *rows(ready, good=1, bad=["many"] * 9))
    assert ran.code == 1
    assert "9 of 10 were rejected, more than one in ten; is " in ran.err.splitlines()[-1]


def test_a_strict_import_fails_for_a_single_one(ready):
    asked = rows(ready, good=40, bad=["many"])
    assert ready("import", *asked).code == 0
    ran = ready("import", *asked, "--strict")
    assert (ran.code, "1 of 41 were rejected" in ran.err) == (1, True)


def test_a_demo_of_shipments_says_what_was_refused_and_counts_it_as_no_loss(ready):
    lines = [event(at, teu=2) for at in range(30)] + ["nothing", event(30, phase="asked")]
    (ready.folder / "own.jsonl").write_text("\n".join(lines) + "\n")
    played = ("demo", "--shipments", "own.jsonl", "--map", "leadline", "--check", "--data", "kept")
    ran = ready(*played, timeout=180)
    assert ran.code == 0, ran.err
    assert (ran.json["events"], ran.json["rejected"]) == (30, 2)
    assert "2 rows were refused and kept as dead letters" in ran.err
    kept = f"sqlite:///{ready.folder / 'kept' / 'leadline.db'}"
    listed = ready("dlq", "list", "--json", LEADLINE_DATABASE_URL=kept).json
    assert {one["file"] for one in listed} == {"own.jsonl:31", "own.jsonl:32"}
