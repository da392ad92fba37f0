"""Rates by month: which one holds at a moment, what has none, and which files are refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.domain.rates import Rates, RatesError, read_rates

KNOWN = {"USD", "EUR", "VND"}
HEAD = "month,currency,rate\n"
TABLE = HEAD + "2026-01,EUR,1.10\n2026-03,EUR,1.20\n2026-03,VND,0.00004\n"


def moment(month, day=15):
    return datetime(2026, month, day, tzinfo=UTC)


def test_the_rate_of_the_latest_month_that_has_begun_holds():
    rates = read_rates(TABLE, "USD", KNOWN)
    euros = [str(rates.at(moment(month)).rates["EUR"]) for month in (1, 2, 3, 12)]
    assert euros == ["1.10", "1.10", "1.20", "1.20"]
    before, first = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), moment(3, 1)
    assert [rates.latest(at)["EUR"] for at in (before, first)] == ["2026-01", "2026-03"]


def test_an_amount_is_converted_exactly():
    worth = read_rates(TABLE, "USD", KNOWN).at(moment(3))
    assert worth.of(Decimal("0.10"), "EUR") == Decimal("0.12")
    assert worth.of(Decimal(-2_000_000_000), "VND") == Decimal(-80_000)
    assert worth.of(Decimal("33.30"), "USD") == Decimal("33.30")


def test_without_a_rate_there_is_no_amount_rather_than_the_same_number():
    worth = read_rates(TABLE, "USD", KNOWN).at(moment(2))
    assert worth.of(Decimal(100), "VND") is None  # its first month comes later
    assert Rates("USD").at(moment(2)).of(Decimal(100), "EUR") is None


def test_an_amount_that_names_no_currency_is_in_the_reporting_currency():
    worth = Rates("VND").at(moment(2))
    assert worth.of(Decimal(100), None) == Decimal(100)
    assert worth.of(Decimal(100), "") == Decimal(100)


def test_the_order_of_the_lines_empty_ones_comments_quotes_and_spaces_do_not_matter():
    text = "# from the bank\n\n month , currency,rate\r\n2026-03,EUR,1.2\r\n\n  # older\n"
    rates = read_rates(text + '"2026-01", EUR ,1.1\n2025-07,VND,4e-05\n', "USD", KNOWN)
    assert rates.at(moment(2)).rates == {
        "USD": Decimal(1), "EUR": Decimal("1.1"), "VND": Decimal("0.00004"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no rate in it; one is a line such as 2026-03,EUR,1.0842"),
        (HEAD, "there is no rate in it"),
        ("2026-03,EUR,1.1\n", "line 1: the header must be month,currency,rate"),
        ("month;currency;rate\n", "line 1: the header must be month,currency,rate"),
        (HEAD + "2026-03,EUR\n", "line 2: 2 values; three are needed"),
        (HEAD + "2026-03,EUR,1,1\n", "line 2: 4 values"),
        (HEAD + "\n2026-13,EUR,1.1\n", "line 3: '2026-13' is no month; one is written as 2026-03"),
        (HEAD + "Mar-26,EUR,1.1\n", "line 2: 'Mar-26' is no month"),
        (HEAD + "2026-03-01,EUR,1.1\n", "line 2: '2026-03-01' is no month"),
        (HEAD + "2026-03,RMB,1.1\n", "line 2: 'RMB' is no currency; a code of ISO 4217 is"),
        (HEAD + "2026-03,eur,1.1\n", "line 2: 'eur' is no currency"),
        (HEAD + "2026-03,EUR,0\n", "line 2: '0' is no rate; a number above 0 is"),
        (HEAD + "2026-03,EUR,-1.1\n", "line 2: '-1.1' is no rate"),
        (HEAD + "2026-03,EUR,\n", "line 2: '' is no rate"),
        (HEAD + "2026-03,EUR,NaN\n", "line 2: 'NaN' is no rate"),
        (HEAD + "2026-03,EUR,Infinity\n", "line 2: 'Infinity' is no rate"),
        (HEAD + "2026-03,EUR,1e99\n", "line 2: '1e99' is no rate"),
        (HEAD + "2026-03,EUR,1_0\n", "line 2: '1_0' is no rate"),
        (HEAD + "2026-03,USD,0.92\n", "line 2: USD is the reporting currency, whose rate is 1"),
        (TABLE + "2026-01,EUR,1.10\n", "line 5: EUR has its rate of 2026-01 in line 2 already"),
        (HEAD + '2026-03,"EUR,1.1\n', "line 2: is no CSV"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_by_line_with_what_is_allowed(text, said):
    with pytest.raises(RatesError) as refused:
        read_rates(text, "USD", KNOWN)
    assert str(refused.value).startswith(said)
