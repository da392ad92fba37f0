"""A backtest of a store with revenue of three currencies weighs accounts by its worth."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.cli.backtest.sources import store
from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.signals.backtest.engine import prepare
from shared.domain.rates import Worth
from tests.support.cloudevents import booking, days
from tests.support.factories import FixedClock

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
PAID = {"A-EUR": ("200", "EUR"), "A-USD": ("210", "USD"), "A-VND": ("9000000", "VND")}


def test_euros_weigh_more_than_as_many_dollars_and_dongs_without_a_rate_nothing(database):
    intake = EventIntake(database, FixedClock(), Intake.IMPORT)
    for account, (amount, currency) in PAID.items():
        revenue = {"amount": amount, "currency": currency}
        intake.accept(
            [
                booking(f"{account}-{week}", account=account, at=BEGIN + days(7 * week),
                        revenue=revenue)
                for week in range(52)
            ]
        )  # fmt: skip

    rates = {"USD": Decimal(1), "EUR": Decimal("1.1")}
    history = store(database, Worth("USD", rates))
    prepared = prepare(history.population, history.worth)

    newest = prepared.rows.month == prepared.rows.month.max()
    ids = [history.population.facts.account_ids[at] for at in prepared.rows.account[newest]]
    amounts = dict(zip(ids, prepared.frame.amount[newest].tolist(), strict=True))
    assert amounts["A-VND"] == 0
    assert amounts["A-EUR"] / amounts["A-USD"] == pytest.approx(220 / 210)
    assert history.notes[-1] == (
        "the yearly amounts lack revenue in VND, which has no rate into USD (LEADLINE_FX_RATES);"
        " accounts that have some: 1"
    )
