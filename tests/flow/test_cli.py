import gzip
import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.one_process import only_process
from shared.store.session import Database
from tests.support.cli import Cli
from tests.support.maps import base_map, write_map

COMMANDS = (
    "demo", "up", "ingest", "signals", "api", "migrate", "topics", "resume", "keys", "import",
    "simulate", "score", "train", "backtest", "export", "dlq", "notify", "doctor",
)  # fmt: skip


@pytest.fixture
def ready(cli):
    assert cli("migrate").code == 0
    return cli


def test_help_names_every_command(cli):
    helped = cli("--help")
    assert helped.code == 0
    for command in COMMANDS:
        assert f" {command} " in helped.out


@pytest.mark.parametrize(
    "args",
    [
        ["nothing"],
        ["export", "everything"],
        ["import", "/no/such/file", "--map", "scms"],
        ["keys", "create", "--role", "king"],
        ["keys", "create", "--role", "kam"],
        ["demo", "--check", "--live", "60x"],
        ["demo", "--map", "scms"],
        ["demo", "--live", "fast"],
        ["dlq", "replay"],
        ["simulate", "--accounts", "0"],
        ["simulate", "--produce", "--to", "x"],
        ["simulate", "--until", "0001-01-01"],
        ["simulate", "--until", "9999-12-31"],
        ["dlq", "show", str(2**63)],
        ["dlq", "replay", str(2**63)],
        ["dlq", "discard", str(2**63), "--because", "wrong"],
        ["score", "A", "--as-of", "9999-12-31T23:59:59-12:00"],
        ["score", "A", "--known-at", "0001-01-01T00:00:00+12:00"],
    ],
)
def test_wrong_usage_ends_with_2(cli, args):
    ran = cli(*args)
    assert ran.code == 2
    assert not ran.out
    assert ran.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["keys", "list"], "run `leadline migrate`"),
        (["topics", "apply"], "LEADLINE_KAFKA_BOOTSTRAP is empty"),
        (["simulate", "--produce"], "LEADLINE_KAFKA_BOOTSTRAP is empty"),
        (["migrate", "--to", "r9999"], "cannot migrate to r9999"),
        (["simulate", "--months", "1", "--to", "/dev/full"], "leadline: No space left on device"),
    ],
)
def test_a_failure_is_one_line_and_ends_with_1(cli, args, said):
    ran = cli(*args)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.startswith("leadline: ")
    assert len(ran.err.splitlines()) == 1


def test_a_wrong_setting_is_one_line_that_says_which(cli):
    ran = cli("migrate", LEADLINE_CLOCK="lunar")
    assert ran.code == 1
    assert "LEADLINE_CLOCK='lunar'" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_an_unknown_setting_is_warned_of(cli):
    ran = cli("migrate", LEADLINE_KLOCK="event")
    assert ran.code == 0
    assert "LEADLINE_KLOCK is no setting" in ran.err


def test_migrating_twice_does_nothing_more(cli):
    assert "empty -> " in cli("migrate").out
    assert "nothing to do" in cli("migrate").out


def test_keys_are_shown_once_listed_and_revoked(ready):
    made = ready("keys", "create", "--role", "kam", "--kam", "kam-1", "--days", 3)
    assert made.out.count("\n") == 1
    (key,) = ready("keys", "list", "--json").json
    assert (key["role"], key["kam_id"], key["revoked_at"]) == ("kam", "kam-1", None)
    assert ready("keys", "revoke", key["key_id"]).code == 0
    again = ready("keys", "revoke", key["key_id"])
    assert (again.code, "no key" in again.err) == (1, True)


def test_notifications_are_switched(ready):
    assert ready("notify", "on").out == "notifications are on\n"
    assert ready("notify", "off").out == "notifications are off\n"


def test_a_simulation_is_the_same_bytes_packed_or_not(cli):
    args = ["simulate", "--accounts", 5, "--months", 2, "--seed", 3]
    assert cli(*args, "--to", "a.jsonl").code == 0
    assert cli(*args, "--to", "b.jsonl.gz", "--truth", "truth").code == 0
    plain = (cli.folder / "a.jsonl").read_bytes()
    assert gzip.decompress((cli.folder / "b.jsonl.gz").read_bytes()) == plain
    assert cli(*args).out.encode() == plain
    assert len((cli.folder / "truth").read_text().splitlines()) == 5


def test_import_keeps_rejects_and_repeating_changes_nothing(ready):
    file = ready.folder / "rows.csv"
    file.write_text("ref,at,x\nB1,2026-01-02,1\nB2,2026-01-03,many\nB3,2026-01-04,3\n")
    own_map = write_map(ready.folder, base_map(x={"from": "x", "as": "number"}))
    first = ready("import", file, "--map", own_map, "--json").json
    assert (first["accepted"], first["rejected"], first["duplicate"]) == (2, 1, 0)
    ledger = ready("export", "ledger").out
    second = ready("import", file, "--map", own_map, "--json").json
    assert (second["accepted"], second["rejected"], second["duplicate"]) == (0, 1, 2)
    assert ready("export", "ledger").out == ledger
    (line, _) = ready("export", "ledger").lines
    assert line == {
        "source": "/test", "id": "B1/booking", "type": "leadline.booking.v1", "subject": "ACC",
        "time": "2026-01-02T00:00:00Z", "topic": None, "partition": None, "offset": None,
    }  # fmt: skip
    (letter,) = ready("export", "dead-letters").lines
    assert letter["detail"] == "line 3: x: 'many' is not a number"
    assert letter["tries"] == 2

    replayed = ready("dlq", "replay", "--all")
    assert replayed.code == 1
    assert "mend it or the map, and import again" in replayed.out
    (again,) = ready("export", "dead-letters").lines
    assert (again["reason"], again["detail"]) == (letter["reason"], letter["detail"])


def test_a_simulated_file_can_be_imported_and_scored(ready):
    assert ready("simulate", "--accounts", 6, "--months", 8, "--to", "s.jsonl").code == 0
    report = ready("import", "s.jsonl", "--map", "leadline", "--json").json
    count = len((ready.folder / "s.jsonl").read_text().splitlines())
    assert report == {
        "file": "s.jsonl", "accepted": count, "duplicate": 0, "conflict": 0, "rejected": 0,
    }  # fmt: skip
    assert len(ready("export", "accounts").lines) == 6
    for what in ("signals", "alerts", "runs"):
        assert ready("export", what).lines == []
    scored = ready("score", "ACC-0001", "--as-of", "2026-07-01", "--explain", "--json").json
    assert scored["as_of"] == "2026-07-01T00:00:00Z"
    assert scored["curve"][0] == scored["risk"]
    assert ready("score", "ACC-0001", "--as-of", "2026-07-01", "--explain").code == 0
    early = ready(
        "score", "ACC-0001", "--as-of", "2026-07-01", "--known-at", "2026-03-01", "--json"
    )
    assert "did you mean `--as-of 2026-03-01`?" in early.err
    evening = ("--as-of", "2026-07-01", "--known-at", "2026-06-30T22:00:00Z")
    assert ready("score", "ACC-0001", *evening, "--json").err == ""
    unknown = ready("score", "NOBODY")
    assert (unknown.code, "is unknown" in unknown.err) == (1, True)


def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path, monkeypatch):
    from services.ingest.adapters import importer, load_mapping
    from shared.runtime.clock import WallClock
    from shared.store.migrate import migrate
    from shared.store.session import Database

    monkeypatch.setattr(importer, "CHUNK", 10)
    rows = "".join(f"B{n},2026-01-02\n" for n in range(35))
    (tmp_path / "rows.csv").write_text("ref,at\n" + rows)
    mapping = load_mapping(write_map(tmp_path, base_map()))
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrate(database)

    class PowerCutError(Exception):
        pass

    def cut(fraction, calls=[]):  # noqa: B006 (counts its calls)
        calls.append(fraction)
        if len(calls) == 2:
            raise PowerCutError

    def work():
        return importer.FileImport(database, WallClock(), tmp_path / "rows.csv", mapping)

    with pytest.raises(PowerCutError):
        work().run(cut)
    report = work().run()
    assert report.resumed_after == 20
    assert report.outcomes == {"accepted": 15}
    assert work().run().outcomes == {"duplicate": 35}
    database.close()


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


def test_an_unknown_map_names_the_known_ones(ready):
    (ready.folder / "x.csv").write_text("a\n")
    ran = ready("import", "x.csv", "--map", "nothing")
    assert ran.code == 1
    assert "known are events_csv, leadline, scms" in ran.err


def test_equal_seeds_are_equal_between_processes(cli):
    outs = {
        hashlib.sha256(cli("simulate", "--accounts", 3, "--months", 1).out.encode()).digest()
        for _ in range(2)
    }
    assert len(outs) == 1


def test_up_on_a_taken_port_says_which_and_ends(cli):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = cli("up", LEADLINE_HTTP_PORT=str(port))

    assert ran.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err


def test_a_packed_file_that_ends_early_says_so(ready):
    whole = gzip.compress(b'{"specversion": "1.0"}\n' * 5000, mtime=0)
    (ready.folder / "cut.jsonl.gz").write_bytes(whole[:-20])

    ran = ready("import", "cut.jsonl.gz", "--map", "leadline")

    assert ran.code == 1
    assert "ends early; fetch it again and repeat: nothing counts twice" in ran.err


def test_a_packed_file_that_is_damaged_is_one_line(ready):
    whole = gzip.compress(b"".join(b'{"n": %d}\n' % n for n in range(5000)), mtime=0)
    (ready.folder / "bad.jsonl.gz").write_bytes(whole[:500] + bytes(200) + whole[700:])

    ran = ready("import", "bad.jsonl.gz", "--map", "leadline")

    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "bad.jsonl.gz: the packed file is damaged" in ran.err


def test_of_a_damaged_packed_file_nothing_is_taken_in(ready):
    rows = [f"A-{n % 50},2026-01-{1 + n % 28:02},booking,{n}\n" for n in range(20_000)]
    table = "account_id,event_time,event_type,amount\n" + "".join(rows)
    whole = gzip.compress(table.encode(), mtime=0)
    middle = len(whole) // 2
    damaged = whole[:middle] + bytes([whole[middle] ^ 0x10]) + whole[middle + 1 :]
    (ready.folder / "bad.csv.gz").write_bytes(damaged)

    assert ready("import", "bad.csv.gz", "--map", "events_csv").code == 1

    assert ready("export", "ledger").out == ""
    assert ready("dlq", "list", "--json").out.strip() == "[]"


@pytest.mark.parametrize(
    ("args", "content", "said"),
    [
        (["import"], "", "nothing"),
        (["import"], "a,b\n1,2\n", "it has 'a', 'b'; the map expects 'Project Code', 'ASN/DN #'"),
        (["demo", "--check", "--shipments"], "a,b\n1,2\n", "lacks 'Project Code'"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(ready, args, content, said):
    (ready.folder / "wrong.csv").write_text(content)

    ran = ready(*args, "wrong.csv", "--map", "scms")

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "wrong.csv" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("args", [["doctor"], ["dlq", "list"], ["score", "A"]])
def test_who_only_looks_makes_no_database(cli, args):
    ran = cli(*args)
    assert ran.code == 1
    assert "run `leadline migrate`" in ran.out + ran.err
    assert list(cli.folder.iterdir()) == []


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


def test_a_score_on_the_event_clock_says_how_old_the_facts_are(ready):
    simulated = ("--accounts", "1", "--months", "3", "--until", "2024-06-01", "--to", "s.jsonl")
    assert ready("simulate", *simulated).code == 0
    event = {"LEADLINE_CLOCK": "event"}
    assert ready("import", "s.jsonl", "--map", "leadline", **event).err == ""
    (account, *_) = ready("export", "accounts").lines
    ahead = ready("score", account["account_id"], "--as-of", "2025-01-01", **event)
    assert "the last known fact is of 2024-05-31" in ahead.err


def test_an_import_of_which_nothing_was_accepted_fails(ready):
    (ready.folder / "bad.jsonl").write_text('{"id": 1}\nnot json\n')

    ran = ready("import", "bad.jsonl", "--map", "leadline")

    assert ran.code == 1
    assert "nothing was accepted" in ran.err


def test_a_simulation_may_end_on_any_day(cli):
    ran = cli("simulate", "--accounts", "2", "--months", "2", "--until", "2024-03-01")
    assert '"time":"2024-02' in ran.out
    assert '"time":"2024-03' not in ran.out
    assert cli("simulate", "--until", "soon").code == 2


def test_a_key_for_a_kam_says_what_names_one(ready):
    nobody = ready("keys", "create", "--role", "kam")
    everybody = ready("keys", "create", "--role", "manager", "--kam", "kam-linh")
    assert (nobody.code, everybody.code) == (2, 2)
    assert "--kam KAM_ID" in nobody.err
    assert "kam.id" in nobody.err
    assert "--kam goes with --role kam only" in " ".join(everybody.err.split()).replace("│ ", "")


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


def test_a_second_process_on_the_same_sqlite_file_says_which_one_has_it(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'cli.db'}")
    with only_process(database):
        ran = Cli(tmp_path)("up", LEADLINE_HTTP_PORT="0")
        assert ran.code == 1
        assert f"already (process {os.getpid()}): one at a time can" in ran.err
        assert len(ran.err.splitlines()) == 1
    with only_process(database):
        pass


def test_a_command_whose_output_was_closed_ends_well(cli):
    """As `leadline keys list >&-` has it; no file may get the number of that stream."""
    assert cli("migrate").code == 0
    command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "services.cli", "keys", "list"]
    ran = subprocess.run(command, cwd=Path.cwd(), env=cli.environ, capture_output=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")
