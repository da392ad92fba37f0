"""`leadline backtest` as a person runs it, on small made-up histories."""

import csv
import gzip
import json
from itertools import groupby

import numpy as np
import pytest

from tests.support.cli import Cli, Here
from tests.support.populations import bookings
from tests.support.scms import SCMS_EVENTS

HEAD = "account_id,event_time,event_type,amount\n"


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    return Here(tmp_path, monkeypatch, capsys)


@pytest.fixture
def beside(made, monkeypatch, capsys):
    """Runs where the one run with every output lies."""
    return Here(made[0].folder, monkeypatch, capsys)


def text_of(account, day, amount=None):
    """Return bookings as an event file, in order of time."""
    amount = np.ones(day.size) if amount is None else amount
    order = np.lexsort((account, day))
    dates = day.astype("datetime64[D]").astype(str)
    rows = (f"A{account[at]:04d},{dates[at]}T08:00:00,booking,{amount[at]}\n" for at in order)
    return HEAD + "".join(rows)


def scores_of(path):
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return list(csv.DictReader(text.decode().splitlines()))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One run with every output."""
    cli = Cli(tmp_path_factory.mktemp("backtest"))
    (cli.folder / "events.csv").write_text(text_of(*bookings(0)))
    ran = cli(
        "backtest", "events.csv", "--scores", "scores.csv.gz", "--report", "report.html",
        "--json", "measures.json", timeout=300,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return cli, ran


def test_the_table_is_on_stdout_and_all_else_on_stderr(made):
    _, ran = made
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert lines[0][:3] == ["method", "auc_m", "pr_auc"]
    assert [line[0] for line in lines[1:]] == [
        "blend", "prior", "random", "recency", "recency-ratio", "bgnbd",
    ]  # fmt: skip
    assert "was trained on other populations only" in ran.err
    assert "scores.csv.gz" in ran.err


def test_every_eligible_account_has_one_row_per_cutoff(made):
    cli, _ = made
    rows = scores_of(cli.folder / "scores.csv.gz")
    assert list(rows[0]) == [
        "account_id", "cutoff", "risk_3m", *(f"p_{h}" for h in range(1, 13)),
        "early_warning_months", "list", "alert", "p_erosion",
    ]  # fmt: skip
    keys = [(row["cutoff"], row["account_id"]) for row in rows]
    assert keys == sorted(set(keys))
    assert rows[0]["cutoff"] == "2014-01-01"
    for row in rows:
        curve = [float(row[f"p_{h}"]) for h in range(1, 13)]
        assert row["risk_3m"] == row["p_1"]
        assert curve == sorted(curve)
        assert 0 < curve[0] < 1
        assert 0 < float(row["p_erosion"]) < 1
        assert row["list"] in {"going_silent", "active_at_risk", ""}
        assert row["alert"] in {"0", "1"}
        assert row["early_warning_months"] == "" or 1 <= int(row["early_warning_months"]) <= 12
    for _, month in groupby(rows, key=lambda row: row["cutoff"]):
        listed = [int(row["alert"]) for row in month]
        assert sum(listed) <= round(0.1 * len(listed))


def test_the_measures_are_json_without_a_nan(made):
    cli, _ = made
    text = (cli.folder / "measures.json").read_text()
    measures = json.loads(text, parse_constant=pytest.fail)
    assert measures["method"] == "blend"
    assert measures["prior"]["left_out"] is None
    assert measures["methods"]["blend"]["auc_m"] > 0.8
    assert measures["eligible_rows"] == len(scores_of(cli.folder / "scores.csv.gz"))


def test_the_list_is_judged_by_the_alerts_of_the_scores_file(made):
    cli, _ = made
    rows, lost = scores_of(cli.folder / "scores.csv.gz"), []
    last = json.loads((cli.folder / "measures.json").read_text())["last_month"]
    booked = {(a, at[:7]) for a, at, *_ in csv.reader(text_of(*bookings(0)).splitlines()[1:])}
    for row in rows:
        months = np.datetime64(row["cutoff"][:7], "M") + np.arange(3)
        if row["alert"] == "1" and str(months[-1]) <= last:
            lost.append(not any((row["account_id"], str(one)) in booked for one in months))
    measures = json.loads((cli.folder / "measures.json").read_text())
    assert measures["list"]["rows"] == len(lost)
    assert measures["list"]["precision"] == round(sum(lost) / len(lost), 4)
    tile = f"<strong>{100 * sum(lost) / len(lost):.0f} of 100</strong> accounts on the monthly list"
    assert tile in (cli.folder / "report.html").read_text()


def test_the_report_is_one_page_that_loads_nothing(made):
    cli, _ = made
    page = (cli.folder / "report.html").read_text()
    assert page.count("<svg") == 7
    for outside in ("http://", "https://", "<script", "<link", "src=", "@import", "url("):
        assert outside not in page
    assert "nan" not in page.lower().replace("finance", "")
    assert "Longest silence first" in page


def test_the_same_file_gives_the_same_bytes(beside):
    again = beside("backtest", "events.csv", "--scores", "again.csv.gz", "--json", "-")
    written = beside.folder / "again.csv.gz", beside.folder / "scores.csv.gz"
    assert written[0].read_bytes() == written[1].read_bytes()
    assert again.json == json.loads((beside.folder / "measures.json").read_text())


def test_later_events_change_no_earlier_row_not_even_in_a_byte(beside):
    account, day = bookings(0)
    late = day >= 16_300  # 2014-08-18
    extra = np.arange(16_300, 17_200, 2)
    files = {
        "deleted": (account[~late], day[~late]),
        "altered": (account, np.where(late, np.minimum(day + 13, day.max()), day)),
        "appended": (np.append(account, extra % 90), np.append(day, extra)),
    }
    expected = early(beside.folder / "scores.csv.gz")
    assert len(expected) > 200
    texts = {how: text_of(*changed) for how, changed in files.items()}
    texts["complained"] = text_of(account, day) + "".join(
        f"A{n:04d},2014-{month}-1{n % 10},{kind},\n"
        for n in range(40)
        for month in (10, 11)
        for kind in ("complaint", "late_delivery") * 3
    )
    for how, text in texts.items():
        (beside.folder / f"{how}.csv").write_text(text)
        ran = beside("backtest", f"{how}.csv", "--scores", f"{how}.out.csv", "--from", "2014-01")
        assert ran.code == 0, ran.err
        assert early(beside.folder / f"{how}.out.csv") == expected, how


def early(path):
    raw = path.read_bytes()
    lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).splitlines()
    return [line for line in lines if b",2014-" in line and line.split(b",")[1] <= b"2014-08-01"]


def test_the_order_of_rows_changes_no_byte_and_odd_rows_no_number(beside):
    head, *rows = (beside.folder / "events.csv").read_text().splitlines(keepends=True)
    order = np.random.default_rng(1).permutation(len(rows))
    odd = (
        "A0001,2999-01-01,booking,1\n", "A0002,2013-05-32,booking,1\n", ",2013-05-01,booking,1\n",
        "A0003,2013-05-01,quote,1\n", "A0004,2013-05-01\n", "STRANGER,2013-05-01,complaint,\n",
    )  # fmt: skip
    (beside.folder / "odd.csv").write_text(head + "".join([*(rows[at] for at in order), *odd]))
    ran = beside("backtest", "odd.csv", "--scores", "odd.out.csv.gz")
    assert ran.code == 0, ran.err
    written = beside.folder / "odd.out.csv.gz", beside.folder / "scores.csv.gz"
    assert scores_of(written[0]) == scores_of(written[1])
    for said in ("in the future", "no readable time", "no account", "unknown type", "no proper"):
        assert said in ran.err


def test_a_burst_of_100_000_rows_without_amounts_leaves_numbers(beside):
    text = (beside.folder / "events.csv").read_text()
    burst = "A0007,2014-03-03,booking,nan\n" * 100_000
    (beside.folder / "burst.csv").write_text(text + burst)
    ran = beside("backtest", "burst.csv", "--scores", "burst.out.csv", "--json", "-")
    assert ran.code == 0, ran.err
    json.loads(ran.out, parse_constant=pytest.fail)
    assert "no finite number" in ran.err
    for row in scores_of(beside.folder / "burst.out.csv"):
        assert 0 < float(row["p_1"]) <= float(row["p_12"]) < 1


def test_months_budget_and_method_can_be_chosen(beside):
    ran = beside(
        "backtest", "events.csv", "--from", "2014-06", "--to", "2014-09", "--refit-months", 3,
        "--budget", 0.2, "--model", "bgnbd", "--scores", "few.csv", "--json", "-",
    )  # fmt: skip
    assert (ran.json["method"], ran.json["budget"], ran.json["cutoffs"]) == ("bgnbd", 0.2, 4)
    rows = scores_of(beside.folder / "few.csv")
    assert {row["cutoff"] for row in rows} == {f"2014-0{month}-01" for month in range(6, 10)}
    assert {row["p_erosion"] for row in rows} == {""}


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["events.csv", "--database"],
        ["events.csv", "--from", "1999-01"],
        ["events.csv", "--from", "2014"],
        ["events.csv", "--from", "2014-09", "--to", "2014-05"],
        ["events.csv", "--model", "oracle"],
        ["events.csv", "--budget", "0"],
        ["nothing.csv"],
        ["events.csv", "--report", "events.csv"],
        ["events.csv", "--scores", "same.csv", "--json", "same.csv"],
    ],
)
def test_wrong_usage_ends_with_2(beside, args):
    ran = beside("backtest", *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def regular(accounts, months, every=10):
    """Return accounts that all book every few days until the end."""
    day = np.arange(16_071, 16_071 + 30 * months, every)  # from 2014-01-01
    return np.repeat(np.arange(accounts), day.size), np.tile(day, accounts)


THIN = {
    "fewer than 3 bookings": (*(np.repeat(np.arange(50), 2), np.tile([16_071, 16_400], 50)),),
    "one account": regular(1, 24),
    "one month": regular(20, 1, every=3),
    "one day": (np.arange(100_000) % 500, np.full(100_000, 16_100)),
}


@pytest.mark.parametrize("case", THIN)
def test_a_history_that_is_too_thin_is_insufficient_data(here, case):
    (here.folder / "thin.csv").write_text(text_of(*THIN[case]))
    ran = here("backtest", "thin.csv", "--scores", "s.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "insufficient data" in ran.err
    assert not (here.folder / "s.csv").exists()


def test_accounts_of_whom_nobody_was_lost_get_scores_no_measure_and_exit_code_1(here):
    (here.folder / "few.csv").write_text(text_of(*regular(4, 24)))
    plain = here("backtest", "few.csv")
    assert (plain.code, plain.out) == (1, "")
    assert "0 of 36 judged forecasts were lost; 10 lost and 10 kept are the least" in plain.err
    ran = here("backtest", "few.csv", "--scores", "s.csv", "--report", "r.html", "--json", "-")
    assert ran.code == 1
    assert ran.json["methods"]["blend"]["auc_m"] is None
    assert ran.json["hindsight"] is None
    assert "Insufficient data" in (here.folder / "r.html").read_text()
    assert all(0 < float(row["risk_3m"]) < 1 for row in scores_of(here.folder / "s.csv"))


def test_amounts_that_are_all_zero_or_missing_change_nothing_but_what_rests_on_them(here):
    account, day = bookings(0, accounts=40)
    (here.folder / "zero.csv").write_text(text_of(account, day, np.zeros(day.size)))
    ran = here("backtest", "zero.csv", "--json", "-", "--report", "r.html")
    assert ran.code == 0, ran.err
    assert ran.json["methods"]["blend"]["auc_m"] > 0.7
    assert ran.json["methods"]["blend"]["amount_caught"] is None


def test_a_mapped_file_and_the_store_give_the_same_scores_with_merged_accounts_as_one(cli):
    account, day = bookings(0, accounts=24, months=18)
    (cli.folder / "events.csv").write_text(text_of(account, day))
    assert cli("migrate").code == 0
    assert cli("import", "events.csv", "--map", "events_csv").code == 0
    mapped = cli(
        "backtest", "events.csv", "--map", "events_csv", "--scores", "mapped.csv", timeout=300
    )
    assert mapped.code == 0, mapped.err
    stored = cli("backtest", "--database", "--scores", "stored.csv", timeout=300)
    assert stored.code == 0, stored.err
    assert (cli.folder / "mapped.csv").read_bytes() == (cli.folder / "stored.csv").read_bytes()
    merge = {
        "specversion": "1.0", "id": "m", "source": "/crm", "type": "leadline.account.v1",
        "subject": "A0001", "time": "2015-01-01T00:00:00Z",
        "data": {"name": "A", "status": "merged", "merged_into": "A0000"},
    }  # fmt: skip
    (cli.folder / "merge.jsonl").write_text(json.dumps(merge) + "\n")
    assert cli("import", "merge.jsonl", "--map", "leadline").code == 0
    merged = cli("backtest", "--database", "--scores", "merged.csv", "--json", "-", timeout=300)
    assert merged.json["population"]["accounts"] == 23
    names = {row["account_id"] for row in scores_of(cli.folder / "merged.csv")}
    assert "A0001" not in names
    assert "A0000" in names


def test_an_empty_store_is_insufficient_data(here, monkeypatch, sqlite_url):
    monkeypatch.setenv("LEADLINE_DATABASE_URL", sqlite_url)
    ran = here("backtest", "--database")
    assert (ran.code, "insufficient data" in ran.err) == (1, True)


@pytest.mark.skipif(not SCMS_EVENTS.exists(), reason="the SCMS events are not on this machine")
def test_on_scms_the_prior_leaves_scms_out_and_the_protocol_is_the_published_one(here):
    ran = here("backtest", SCMS_EVENTS, "--from", "2010-01", "--json", "-")
    assert "which never saw it" in ran.err
    measured = ran.json["methods"]
    assert ran.json["prior"]["left_out"] == "scms"
    assert (measured["blend"]["rows"], measured["blend"]["base_rate"]) == (1853, 0.326)
    assert measured["blend"]["auc_m"] > 0.87
    ours, recency, bgnbd = (measured[one]["sustained"] for one in ("blend", "recency", "bgnbd"))
    assert ours["caught"] >= recency["caught"]
    assert ours["before_last_booking"] >= bgnbd["before_last_booking"]
