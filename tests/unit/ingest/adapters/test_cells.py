import json

import pytest

from services.ingest.adapters import render
from tests.support.maps import base_map, mapped

HEAD = "ref,at,x\n"


def one(tmp_path, column, cell):
    text = HEAD + f'B1,2026-01-02,"{cell}"\n'
    return mapped(tmp_path, base_map(x={"from": "x", **column}), text)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ({}, "  plain ", "plain"),
        ({"as": "number"}, "12.50", 12.5),
        ({"as": "number", "thousands": ".", "decimal": ","}, "1.234,5", 1234.5),
        ({"as": "number", "scale": 1000}, "1.5", 1500),
        ({"as": "integer"}, "7", 7),
        ({"as": "boolean"}, "Yes", True),
        ({"as": "date", "formats": ["%d-%b-%y"]}, "2-Jun-06", "2006-06-02T00:00:00Z"),
        (
            {"as": "date", "formats": ["%d/%m/%Y", "iso"], "zone": "Asia/Ho_Chi_Minh"},
            "31/12/2025",
            "2025-12-30T17:00:00Z",
        ),
        ({"as": "date"}, "2026-03-04T09:30:00+07:00", "2026-03-04T02:30:00Z"),
        ({"lookup": {"Ocean": "sea"}}, "Ocean", "sea"),
        ({"lookup": {"Ocean": "sea"}, "otherwise": "keep"}, "Barge", "Barge"),
        ({"default": "none"}, "", "none"),
    ],
)
def test_a_cell_becomes_the_value_that_its_column_says(tmp_path, column, cell, value):
    assert one(tmp_path, column, cell).data[0]["x"] == value


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ({}, ""),
        ({"absent": ["N/A.*"]}, "N/A - From RDC"),
        ({"as": "number", "not_numbers": ["See .*"]}, "See ASN-93 (ID#:1281)"),
        ({"lookup": {"Ocean": "sea"}, "otherwise": "absent"}, "Barge"),
    ],
)
def test_what_means_nothing_is_left_out_and_is_no_error(tmp_path, column, cell):
    out = one(tmp_path, column, cell)
    assert not out.rejects
    assert "x" not in out.data[0]


@pytest.mark.parametrize(
    ("column", "cell", "reason", "said"),
    [
        (
            {"as": "number"},
            "See ASN-93",
            "invalid_field",
            "line 2: x: 'See ASN-93' is not a number",
        ),
        ({"as": "number"}, "NaN", "invalid_field", "line 2: x: 'NaN' is not a number"),
        ({"as": "integer"}, "1.5", "invalid_field", "line 2: x: '1.5' is not a whole number"),
        ({"as": "date"}, "tomorrow", "invalid_field", "line 2: x: 'tomorrow' is not a date as iso"),
        ({"as": "boolean"}, "maybe", "invalid_field", "line 2: x: 'maybe' is not yes or no"),
        ({"lookup": {"a": "b"}}, "c", "invalid_field", "line 2: x: 'c' is not in the table"),
        ({"required": True}, "", "missing_field", "line 2: x: is empty"),
        ({"as": "number"}, "1e101", "invalid_field", "line 2: x: '1e101' is not a number"),
        ({"as": "number"}, "1e-101", "invalid_field", "line 2: x: '1e-101' is not a number"),
        ({"as": "integer"}, "1e5000", "invalid_field",
         "line 2: x: '1e5000' is not a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_cell_rejects_its_row_and_names_line_and_column(
    tmp_path, column, cell, reason, said
):
    out = one(tmp_path, column, cell)
    assert not out.events
    assert [(r.reason, r.detail) for r in out.rejects] == [(reason, said)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ({}, "0001-01-01T00:00:00+07:00"),
        ({}, "9999-12-31T23:59:59-05:00"),
        ({"zone": "Asia/Ho_Chi_Minh"}, "0001-01-01"),
        ({"zone": "Asia/Ho_Chi_Minh", "formats": ["%d/%m/%Y", "iso"]}, "01/01/0001"),
    ],
)
def test_a_date_that_is_none_in_utc_rejects_its_row_alone(tmp_path, column, cell):
    text = HEAD + f"B1,2026-01-02,{cell}\nB2,2026-01-02,2026-01-03\n"
    out = mapped(tmp_path, base_map(x={"from": "x", "as": "date", **column}), text)
    (reject,) = out.rejects
    said = f"line 2: x: {cell!r} is outside the calendar in UTC"
    assert (reject.reason, reject.detail) == ("invalid_field", said)
    assert [data["booking_ref"] for data in out.data] == ["B2"]


def test_hours_between_are_those_that_passed_when_the_clocks_change(tmp_path):
    document = base_map(x={"from": "x", "as": "date", "zone": "America/New_York"})
    document["columns"]["at"]["zone"] = "America/New_York"
    (entity,) = document["entities"]
    entity["fields"] = {"delay": {"hours_between": ["at", "x"]}}
    entity["events"][0]["data"]["delay"] = "{delay}"
    out = mapped(tmp_path, document, HEAD + "B1,2026-03-08T00:00:00,2026-03-08T06:00:00\n")
    assert out.data[0]["delay"] == 5


def test_the_rejected_row_is_kept_whole(tmp_path):
    (reject,) = one(tmp_path, {"as": "number"}, "many").rejects
    assert b'"x":"many"' in reject.value
    assert b'"line":2' in reject.value


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ({"as": "number"}, "1e999999"),
        ({"as": "number", "scale": 1000}, "1e999999"),
        ({"as": "number"}, "1e-999999"),
    ],
)
def test_a_number_too_long_to_write_out_is_refused_by_its_cell(tmp_path, column, cell):
    (reject,) = one(tmp_path, column, cell).rejects

    assert reject.reason == "invalid_field"
    assert reject.detail.startswith(f"line 2: x: {cell!r} is not a ")


def test_a_row_that_breaks_our_own_code_is_set_aside_and_the_next_one_read(tmp_path, monkeypatch):
    def broken(moment):
        if moment.day == 3:
            raise ZeroDivisionError("of a date")
        return moment.isoformat()

    monkeypatch.setattr(render, "said_time", broken)
    text = "ref,at\nB1,2026-01-02\nB2,2026-01-03\nB3,2026-01-04\n"

    out = mapped(tmp_path, base_map(), text)

    assert [data["booking_ref"] for data in out.data] == ["B1", "B3"]
    (reject,) = out.rejects
    assert (reject.reason, reject.where[-2:]) == ("undecodable", ":3")
    assert reject.detail.startswith("line 3: row: ZeroDivisionError at test_cells.py:")
    assert json.loads(reject.value)["ref"] == "B2"
