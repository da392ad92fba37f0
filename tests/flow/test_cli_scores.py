"""`leadline score`: it says what its moment leaves out."""

import json
import math


def test_a_score_says_what_its_moment_leaves_out(ready):
    simulated = ("--accounts", "1", "--months", "3", "--until", "2024-06-01", "--to", "s.jsonl")
    assert ready("simulate", *simulated).code == 0
    imported = ready("import", "s.jsonl", "--map", "leadline")
    assert imported.code == 0
    assert "last fact of 2024-05-31; imported" in imported.err
    assert "LEADLINE_CLOCK=event" in imported.err
    (account, *_) = ready("export", "accounts").lines
    name = account["account_id"]

    whole = ready("score", name, "--as-of", "2024-05-03", "--json")
    within = ready("score", name, "--as-of", "2024-05-03T12:34:00Z", "--json")
    ahead = ready("score", name, "--as-of", "2025-01-01", "--json")

    assert whole.err == ""
    assert whole.json == within.json
    assert "as of 2024-05-03T00:00:00Z" in within.err
    assert "last fact of 2024-05-31; imported" in ahead.err
    assert f"`leadline score {name} --as-of 2024-06-01`" in ahead.err
    now = ready("score", name, "--json")
    assert f"as of {now.json['as_of']}, with what is known by now" in now.err


def test_the_reasons_add_up_to_the_risk_to_the_last_digit(ready):
    simulated = ("--accounts", "2", "--months", "14", "--until", "2024-06-01", "--to", "s.jsonl")
    assert ready("simulate", *simulated).code == 0
    assert ready("import", "s.jsonl", "--map", "leadline").code == 0
    (account, *_) = ready("export", "accounts").lines
    said = ready("score", account["account_id"], "--as-of", "2024-06-01", "--explain", "--json")
    risk = said.json["risk"]
    parts = said.json["base"] + sum(one["contribution"] for one in said.json["reasons"])
    assert math.isclose(parts, math.log(risk / (1 - risk)), rel_tol=1e-9)


def test_a_score_on_the_event_clock_says_how_old_the_facts_are(ready):
    simulated = ("--accounts", "1", "--months", "3", "--until", "2024-06-01", "--to", "s.jsonl")
    assert ready("simulate", *simulated).code == 0
    event = {"LEADLINE_CLOCK": "event"}
    assert ready("import", "s.jsonl", "--map", "leadline", **event).err == ""
    (account, *_) = ready("export", "accounts").lines
    ahead = ready("score", account["account_id"], "--as-of", "2025-01-01", **event)
    assert "the last known fact is of 2024-05-31" in ahead.err


def test_a_score_of_a_merged_account_says_where_it_went(ready):
    base = {"specversion": "1.0", "source": "/crm", "type": "leadline.account.v1",
            "time": "2026-01-01T00:00:00Z"}  # fmt: skip
    merge = {"status": "merged", "merged_into": "B"}
    events = [
        base | {"id": "1", "subject": "B", "data": {"name": "B"}},
        base | {"id": "2", "subject": "A", "data": {"name": "A", **merge}},
    ]
    (ready.folder / "two.jsonl").write_text("\n".join(map(json.dumps, events)))
    assert ready("import", "two.jsonl", "--map", "leadline").code == 0
    ran = ready("score", "A", "--as-of", "2026-03-01", "--json")
    assert ran.json["merged_into"] == "B"
    assert "A was merged into B" in ran.err
    assert "`leadline score B`" in ran.err
    assert "merged_into" not in ready("score", "A", "--as-of", "2026-01-01", "--json").json
