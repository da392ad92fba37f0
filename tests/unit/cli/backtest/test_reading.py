import gzip
from datetime import date
from typing import get_type_hints

import numpy as np
import pytest

from services.cli.backtest.reading import KNOWN_TYPES, read_events
from services.cli.backtest.sources import complete_until, event_file
from services.cli.commands.heavy import backtest
from services.ingest.adapters.rows import PackedFileError
from services.signals.features.facts import DAY_MICROS
from shared.runtime.expected import ExpectedError
from tests.support.process import ROOT

HEAD = "account_id,event_time,event_type,amount\n"
TODAY = date(2026, 7, 1)


def read(tmp_path, text, name="events.csv"):
    path = tmp_path / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return read_events(path, TODAY)


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz"])
def test_bookings_are_read_with_their_utc_day_and_amount(tmp_path, name):
    found = read(
        tmp_path,
        HEAD + "A,2026-01-02T23:30:00-05:00,booking,3.5\n"
        'A,2026-01-04,booking,\n"B, Ltd",2026-01-05T00:00:00Z,booking,1e3\n',
        name,
    )
    assert found.accounts == ["A", "A", "B, Ltd"]
    days = np.array(found.times, dtype="datetime64[s]").astype("datetime64[D]").astype(str).tolist()
    assert days == ["2026-01-03", "2026-01-04", "2026-01-05"]
    assert set(found.kinds) == {"booking"}
    assert found.amounts == [3.5, 0.0, 1000.0]
    assert found.notes() == []


def test_the_help_and_the_readme_say_which_types_a_file_may_hold():
    (argument,) = get_type_hints(backtest, include_extras=True)["events"].__metadata__
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Prove it on your own history")[1].split("\n## ")[0]
    for name in KNOWN_TYPES:
        assert name in argument.help
        assert f"`{name}`" in section


@pytest.mark.parametrize(
    ("row", "said", "kept"),
    [
        ("A,2026-01-02,booking,nan", "no finite number", True),
        ("A,2026-01-02,booking,inf", "no finite number", True),
        ("A,2026-01-02,booking,many", "no finite number", True),
        ("A,2026-01-02,booking,-5", "negative amount", True),
        ("A,2025-12-31,booking,1", "older than the row before", True),
        ("Z,2026-01-01,booking,1", "repeat another row exactly", True),
        ("A,2027-01-02,booking,1", "in the future", False),
        ("A,1899-12-31,booking,1", "before 1970", False),
        ("A,yesterday,booking,1", "no readable time", False),
        ("A,0001-01-01T00:00:00+14:00,booking,1", "before 1970", False),
        (" ,2026-01-02,booking,1", "name no account", False),
        ("A,2026-01-02,quote,1", "unknown type (not booking, complaint, late_delivery)", False),
        ("A,2026-01-02,complaint,1", "are complaints: evidence beside the bookings", True),
        ("A,2026-01-02,late_delivery,7", "are late deliveries: evidence beside", True),
        ("A,2026-01-02", "no proper rows", False),
    ],
)
def test_unusual_rows_are_counted_and_said(tmp_path, row, said, kept):
    found = read(tmp_path, HEAD + "Z,2026-01-01,booking,1\n" + row + "\n")
    assert len(found.times) == 1 + kept
    (note,) = found.notes()
    assert note.startswith("1 rows ")
    assert said in note
    assert all(np.isfinite(found.amounts))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        (HEAD, "no rows"),
        ("customer,when\nA,2026-01-02\n", "no column account_id, event_time, event_type; found"),
        (HEAD.replace(",", ";") + "A;2026-01-02;booking;1\n", "--map"),
        ((HEAD + "A,2026-01-02,booking,1\n").encode("utf-16"), "UTF-16"),
        (
            HEAD + "A,2026-01-02,complaint,1\n",
            "among 1 rows: 1 rows are complaints",
        ),
        (HEAD + "A,2027-01-02,booking,1\n", "no usable booking among 1 rows: 1 rows lie in"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01,\n\x00\x00\n", ""),
    ],
)
def test_what_is_no_event_file_is_refused_in_one_line(tmp_path, text, said):
    with pytest.raises(ExpectedError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_packed_file_that_is_cut_off_or_damaged_is_refused(tmp_path):
    rows = "".join(f"A{n},2026-01-02,booking,{n * 7919 % 1000}\n" for n in range(5000))
    whole = gzip.compress((HEAD + rows).encode())
    path = tmp_path / "events.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PackedFileError, match="ends early"):
        read_events(path, TODAY)
    path.write_bytes(whole[:500] + b"\x00" * 200 + whole[700:])
    with pytest.raises(PackedFileError, match="packed file is damaged"):
        read_events(path, TODAY)


def test_names_that_are_latin_1_are_read_as_such(tmp_path):
    found = read(tmp_path, HEAD.encode() + "Café,2026-01-02,booking,1\n".encode("latin-1"))
    assert found.accounts == ["Café"]


def test_complaints_and_late_deliveries_of_those_who_booked_are_evidence(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        HEAD + "B,2026-01-02,booking,5\nB,2026-01-02,late_delivery,3\nA,2026-01-03,complaint,1\n"
        "B,2026-01-04T06:00:00Z,complaint,\nC,2026-01-05,booking,2\nB,2026-01-09,late_delivery,\n"
    )
    facts = event_file(path, TODAY, lambda _: None).population.facts
    assert facts.account_ids == ("B", "C")
    rows = {name: facts.sums[name].tolist() for name in ("demand", "late", "delivered", "trips")}
    assert rows == {
        "demand": [1, 0, 1], "late": [1, 1, 0], "delivered": [1, 1, 0], "trips": [5000, 0, 2000],
    }  # fmt: skip
    (complaint,) = facts.evidence
    assert (complaint.account, complaint.kind) == (0, "complaint")
    assert complaint.data == {"phase": "opened", "kind": "complaint"}
    assert complaint.time == days("2026-01-04")[0] * DAY_MICROS + DAY_MICROS // 4


def days(*texts):
    return np.array(texts, dtype="datetime64[D]").astype(np.int64)


def as_text(day):
    return str(np.array(day, dtype="datetime64[D]"))


def test_the_last_month_is_complete_when_its_rest_is_no_longer_than_a_usual_pause():
    daily = np.arange(*days("2026-01-01", "2026-06-15"))
    assert as_text(complete_until(daily)) == "2026-06-01"
    assert as_text(complete_until(np.arange(*days("2026-01-01", "2026-07-01")))) == "2026-07-01"
    monthly = days("2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15")
    assert as_text(complete_until(monthly)) == "2026-05-01"
    assert as_text(complete_until(days("2026-04-30"))) == "2026-05-01"
    assert as_text(complete_until(days("2026-04-02"))) == "2026-04-01"
