"""`leadline import`: what is taken in, what is kept aside, and what is refused in one line."""

import gzip

import pytest

from tests.support.maps import base_map, write_map


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


def test_an_unknown_map_names_the_known_ones(ready):
    (ready.folder / "x.csv").write_text("a\n")
    ran = ready("import", "x.csv", "--map", "nothing")
    assert ran.code == 1
    assert "known are events_csv, leadline, scms" in ran.err


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


def test_an_import_of_which_nothing_was_accepted_fails(ready):
    (ready.folder / "bad.jsonl").write_text('{"id": 1}\nnot json\n')

    ran = ready("import", "bad.jsonl", "--map", "leadline")

    assert ran.code == 1
    assert "nothing was accepted" in ran.err
