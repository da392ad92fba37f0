"""The yearly amount that weighs a loss: in one currency, whatever revenue came in."""

from decimal import Decimal

import pytest

from services.signals.backtest.amounts import NO_RATES, Amounts, accounts_without_rate
from shared.domain.rates import Worth
from tests.support.facts import SEA, booking_row, facts_of

DAY = 20_000
MONEY = 10_000  # revenue is in ten-thousandths
SERIES = {0: SEA, 1: SEA._replace(currency="EUR"), 2: SEA._replace(currency="VND")}
WORTH = Worth("USD", {"USD": Decimal(1), "EUR": Decimal("1.2")})


def facts(*rows):
    """Return bookings of the day before, as (account, series, revenue)."""
    booked = [booking_row(who, DAY - 1, series=series, revenue=revenue * MONEY, trips=3000)
              for who, series, revenue in rows]  # fmt: skip
    return facts_of(["A0", "A1", "A2"], booked, series=SERIES)


def test_revenue_of_several_currencies_weighs_what_it_is_worth():
    mixed = facts((0, 0, 110), (1, 1, 100), (2, 0, 10), (2, 1, 5))
    assert Amounts(mixed, WORTH).last_year(DAY) == pytest.approx([110, 120, 16])
    assert accounts_without_rate(mixed, WORTH) == {}


def test_what_has_no_rate_weighs_nothing_and_is_counted():
    mixed = facts((0, 0, 110), (1, 2, 9_000_000), (2, 2, 8_000_000), (2, 0, 1))
    assert Amounts(mixed, WORTH).last_year(DAY) == pytest.approx([110, 0, 1])
    assert accounts_without_rate(mixed, WORTH) == {"VND": 2}


@pytest.mark.parametrize("worth", [NO_RATES, WORTH])
def test_revenue_of_one_currency_stays_in_it_with_a_rate_or_without(worth):
    one = facts((0, 2, 9_000_000), (1, 2, 8_000_000))
    assert Amounts(one, worth).last_year(DAY) == pytest.approx([9_000_000, 8_000_000, 0])
    assert accounts_without_rate(one, worth) == {}


def test_without_any_revenue_trips_weigh():
    assert Amounts(facts((0, 0, 0), (1, 2, 0)), WORTH).last_year(DAY) == pytest.approx([3, 3, 0])
