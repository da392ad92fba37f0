import pytest
import yaml

from services.ingest.adapters.load import SHIPPED
from tests.support.maps import base_map, mapped

LINES = """ref,at,x
B1,2026-01-03,2
B1,2026-01-02,
B2,2026-01-01,5
B1,2026-01-04,3
"""


def grouped_map(fields, data, **event):
    document = base_map(x={"from": "x", "as": "number"})
    document["entities"][0]["group_by"] = ["ref"]
    document["entities"][0]["fields"] = fields
    document["entities"][0]["events"][0]["data"] = {"booking_ref": "{ref}", **data}
    document["entities"][0]["events"][0] |= event
    return document


def test_rows_of_one_key_become_one_event_with_reduced_fields(tmp_path):
    fields = {
        "total": {"sum": "x"},
        "rows": {"count": "x"},
        "earliest": {"min": "at"},
        "latest": {"max": "at"},
        "opening": {"first": "x"},
        "closing": {"last": "x"},
        "span_h": {"hours_between": ["earliest", "latest"]},
    }
    data = {name: "{" + name + "}" for name in fields}
    out = mapped(tmp_path, grouped_map(fields, data, time="{latest}"), LINES)
    assert [d["booking_ref"] for d in out.data] == ["B2", "B1"], "in order of time"
    assert out.data[1] == {
        "booking_ref": "B1",
        "total": 5,
        "rows": 2,
        "earliest": "2026-01-02T00:00:00Z",
        "latest": "2026-01-04T00:00:00Z",
        "opening": 2,
        "closing": 3,
        "span_h": 48,
    }


def test_a_sum_of_nothing_is_absent_and_takes_its_object_with_it(tmp_path):
    fields = {"total": {"sum": "x"}}
    data = {"revenue": {"amount": "{total}", "currency": "USD"}, "label": "sum {total}"}
    out = mapped(tmp_path, grouped_map(fields, data), "ref,at,x\nB1,2026-01-01,\n")
    assert out.data == [{"booking_ref": "B1"}]


def test_sums_are_exact(tmp_path):
    fields = {"total": {"sum": "x"}}
    lines = "ref,at,x\n" + "B1,2026-01-01,0.1\n" * 3
    out = mapped(tmp_path, grouped_map(fields, {"total": "{total}"}), lines)
    assert out.data[0]["total"] == 0.3


def test_a_bad_row_leaves_the_rest_of_its_group(tmp_path):
    lines = LINES + "B2,2026-01-02,many\n"
    out = mapped(tmp_path, grouped_map({"total": {"sum": "x"}}, {"total": "{total}"}), lines)
    assert len(out.rejects) == 1
    assert {d["booking_ref"]: d["total"] for d in out.data} == {"B1": 5, "B2": 5}


def test_conditions_choose_the_event(tmp_path):
    document = base_map(x={"from": "x"})
    (event,) = document["entities"][0]["events"]
    present = {**event, "id": "{ref}/present", "present": ["x"]}
    document["entities"][0]["events"] = [{**event, "when": {"x": ["a"]}}, present]
    out = mapped(tmp_path, document, "ref,at,x\nB1,2026-01-01,a\nB2,2026-01-01,\n")
    assert [event["id"] for event in out.events] == ["B1/booking", "B1/present"]


def test_ordinals_tell_rows_without_ids_apart(tmp_path):
    document = base_map()
    document["entities"][0]["fields"] = {"nth": {"ordinal": ["ref", "at"]}}
    document["entities"][0]["events"][0]["id"] = "{ref}/{nth}"
    out = mapped(tmp_path, document, "ref,at\n" + "B1,2026-01-01\n" * 2 + "B2,2026-01-01\n")
    assert [event["id"] for event in out.events] == ["B1/1", "B1/2", "B2/1"]


def test_an_event_without_a_time_is_a_reject_that_keeps_the_fields(tmp_path):
    document = base_map()
    document["columns"]["at"]["required"] = False
    out = mapped(tmp_path, document, "ref,at\nB1,\n")
    (reject,) = out.rejects
    assert reject.reason == "missing_field"
    assert reject.detail.startswith("line 2: row: time:")
    assert b'"ref":"B1"' in reject.value


def test_the_same_file_gives_the_same_bytes(tmp_path):
    document = grouped_map({"total": {"sum": "x"}}, {"total": "{total}"})
    first, second = (mapped(tmp_path, document, LINES) for _ in range(2))
    assert first.items == second.items


@pytest.mark.parametrize(
    ("at", "stamp"),
    [
        ("2026-03-01", "20260301"),
        ("2026-03-01T09:30:00Z", "20260301-0930"),
        ("2026-03-01T07:00:00+07:00", "20260301"),
        ("2026-03-01T09:30:05Z", "20260301-093005"),
        ("2026-03-01T09:30:05.25Z", "20260301-093005250000"),
    ],
)
def test_a_stamp_is_short_and_of_one_moment_only(tmp_path, at, stamp):
    fields = {"stamp": {"stamp": "at"}}
    data = {"booking_ref": "B-{stamp}"}
    out = mapped(tmp_path, grouped_map(fields, data), f"ref,at,x\nB1,{at},1\n")
    assert out.data == [{"booking_ref": f"B-{stamp}"}]


def test_a_history_without_references_gets_stable_ones_that_people_can_say(tmp_path):
    heading = "account_id,event_time,event_type,amount\n"
    rows = [
        "A,2026-03-01,complaint,10",
        "A,2026-03-01,complaint,",
        "B,2026-03-01,complaint,",
        "A,2026-03-02T09:30:00+07:00,booking,5",
        "A,2026-03-02T09:30:00+07:00,late_delivery,",
    ]
    document = yaml.safe_load((SHIPPED / "events_csv.yaml").read_text())
    found = mapped(tmp_path, document, heading + "\n".join(rows) + "\n")
    tickets = sorted(one["ticket_ref"] for one in found.data if "ticket_ref" in one)
    assert tickets == ["C-20260301-1", "C-20260301-1", "C-20260301-2"]  # of A, B and A
    bookings = [one["booking_ref"] for one in found.data if "booking_ref" in one]
    assert bookings == ["B-20260302-0230-1"] * 2
    more = "A,2026-03-01T05:00:00Z,complaint,"
    longer = mapped(tmp_path, document, heading + "\n".join([more, *rows]))
    assert [one for one in longer.data if one not in found.data] == [
        {"ticket_ref": "C-20260301-0500-1", "phase": "opened", "kind": "complaint"}
    ]
