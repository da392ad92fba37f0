"""The file of rates: what a start and `leadline doctor` say of it."""

import shutil
from datetime import UTC, datetime

import pytest

from services.cli.commands.doctor import rates_report
from services.cli.common import CommandError
from shared.runtime.rates import load_rates
from shared.runtime.settings import Settings
from tests.support.process import ROOT

EXAMPLE = ROOT / "deploy" / "fx-rates.example.csv"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rates.csv"


@pytest.mark.parametrize("command", ["api", "up"])
def test_a_broken_file_stops_the_start_in_one_line_that_says_which_why_and_what(cli, file, command):
    assert cli("migrate").code == 0
    file.write_text("month,currency,rate\n2026-01,EUR,1.1\n2026-02,EUR,-1.1\n")
    ran = cli(command, LEADLINE_FX_RATES=str(file), LEADLINE_HTTP_PORT="0")
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1
    assert ran.err.endswith(
        f": LEADLINE_FX_RATES='{file}': line 3: '-1.1' is no rate;"
        " a number above 0 is, such as 1.0842\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"month,currency,rate\n2026-01,EUR,\xff\n", "is no UTF-8"), (None, "does not exist")],
)
def test_a_file_that_cannot_be_read_is_named(cli, file, content, said):
    assert cli("migrate").code == 0
    if content is not None:
        file.write_bytes(content)
    ran = cli("api", LEADLINE_FX_RATES=str(file), LEADLINE_HTTP_PORT="0")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "LEADLINE_FX_RATES=" in ran.err
    assert said in ran.err


def test_a_reporting_currency_that_is_none_stops_every_command(cli):
    ran = cli("migrate", LEADLINE_REPORTING_CURRENCY="XXY")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "LEADLINE_REPORTING_CURRENCY='XXY'" in ran.err
    assert "ISO 4217" in ran.err


def test_the_example_is_a_file_that_the_api_would_take(file):
    shutil.copy(EXAMPLE, file)
    worth = load_rates(Settings(_env_file=None, fx_rates=file)).at(datetime(2026, 3, 1, tzinfo=UTC))
    assert set(worth.rates) == {"USD", "EUR", "VND"}


def report(file, content, now, **settings):
    file.write_text("month,currency,rate\n" + content)
    return rates_report(Settings(_env_file=None, fx_rates=file, **settings), now)


def test_doctor_names_the_newest_month_and_what_did_not_change_since(file):
    rows = "2025-11,VND,0.00004\n2026-02,EUR,1.1\n2026-09,EUR,1.2\n"
    said = report(file, rows, datetime(2026, 4, 30, tzinfo=UTC))
    assert said == "EUR, VND into USD, newest of 2026-02; unchanged: VND since 2025-11"


def test_doctor_fails_when_the_newest_month_is_too_old_but_not_on_the_clock_of_old_events(file):
    rows, now = "2025-11,EUR,1.1\n", datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(CommandError, match="are of 2025-11, 3 months ago; add this month's"):
        report(file, rows, now)
    assert report(file, rows, now, clock="event") == "EUR into USD, newest of 2025-11"
    with pytest.raises(CommandError, match="no rate of this month or before"):
        report(file, "2026-03,EUR,1.1\n", now)


def test_doctor_says_that_there_are_no_rates_and_which_line_is_wrong(cli, file):
    assert cli("migrate").code == 0
    lines = {line["name"]: line for line in cli("doctor", "--json").json}
    assert lines["rates"]["ok"]
    assert "totals in USD leave out other currencies" in lines["rates"]["text"]
    file.write_text("month,currency,rate\n2026-01,EURO,1\n")
    ran = cli("doctor", "--json", LEADLINE_FX_RATES=str(file))
    lines = {line["name"]: line for line in ran.json}
    assert (ran.code, lines["rates"]["ok"]) == (1, False)
    assert "line 2: 'EURO' is no currency" in lines["rates"]["text"]
    assert "LEADLINE_FX_RATES" in lines["rates"]["fix"]


def test_doctor_tells_of_a_missing_file_in_one_line_among_the_others(cli):
    assert cli("migrate").code == 0
    ran = cli("doctor", "--json", LEADLINE_FX_RATES="gone.csv")
    lines = {line["name"]: line for line in ran.json}
    assert [name for name, line in lines.items() if not line["ok"]] == ["rates"]
    assert "gone.csv" in lines["rates"]["text"]
    assert "does not exist" in lines["rates"]["text"]
    assert "correct LEADLINE_FX_RATES" in lines["rates"]["fix"]


def test_doctor_warns_of_the_example_however_old_it_is(cli, file):
    assert cli("migrate").code == 0
    shutil.copy(EXAMPLE, file)
    ran = cli("doctor", LEADLINE_FX_RATES=str(file))
    (line,) = [one for one in ran.out.splitlines() if "rates " in one]
    assert (ran.code, line.split()[0]) == (0, "warn")
    assert "is the example, with made-up rates: put your own rates in it" in line
