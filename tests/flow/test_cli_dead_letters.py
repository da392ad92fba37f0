"""`leadline dlq`: dead letters listed, shown and replayed."""

import json


def test_an_id_of_any_length_is_cut_in_the_list_and_whole_in_the_letter(ready):
    event = {"specversion": "1.0", "id": "x" * 5_000, "subject": "ACC-1"}
    (ready.folder / "bad.jsonl").write_text(json.dumps(event) + "\n")
    assert ready("import", "bad.jsonl", "--map", "leadline").code == 1
    columns, row = (line.split("\t") for line in ready("dlq", "list").out.splitlines())
    named = dict(zip(columns, row, strict=True))
    assert (named["account_id"], named["event_id"]) == ("ACC-1", "x" * 59 + "…")
    assert "x" * 5_000 in ready("dlq", "show", named["dead_letter_id"]).out


def test_dead_letters_are_listed_shown_and_replayed(ready):
    good = json.dumps(
        {
            "specversion": "1.0", "id": "1", "source": "/s", "type": "leadline.booking.v1",
            "subject": "A", "time": "2026-01-02T00:00:00Z", "data": {"booking_ref": 7},
        }
    )  # fmt: skip
    (ready.folder / "bad.jsonl").write_text(good + "\n")
    assert ready("import", "bad.jsonl", "--map", "leadline").code == 1  # nothing was accepted
    (letter,) = ready("dlq", "list", "--json").json
    assert letter["reason"] == "invalid_field"
    assert (letter["account_id"], letter["event_id"]) == ("A", "1")
    columns, row = (line.split("\t") for line in ready("dlq", "list").out.splitlines())
    named = dict(zip(columns, row, strict=True))
    assert (named["account_id"], named["event_id"]) == ("A", "1")
    shown = ready("dlq", "show", letter["dead_letter_id"])
    assert good in shown.out
    replayed = ready("dlq", "replay", "--all", "--json")
    assert replayed.code == 1
    assert replayed.json[0]["status"] == "rejected"
    assert ready("dlq", "discard", letter["dead_letter_id"]).code == 2  # without a reason
    given_up = ("dlq", "discard", letter["dead_letter_id"], "--because", "a test of the link")
    assert ready(*given_up).code == 0
    assert "before" in ready(*given_up).out
    assert ready("dlq", "list", "--json").json == []
    (kept,) = ready("dlq", "list", "--all", "--json").json
    assert (kept["discarded_reason"], kept["replayed_at"]) == ("a test of the link", None)
    assert kept["discarded_by"]
    assert ready("dlq", "replay", "--all", "--json").json == []
    again = ready("dlq", "replay", letter["dead_letter_id"])
    assert "it was discarded on " in again.out
    assert "(a test of the link), and stays so" in again.out
    missing = ready("dlq", "show", 99)
    assert (missing.code, len(missing.err.splitlines())) == (1, 1)
