"""Margin at risk, annual margin x risk: of an account, in SQL for ranking, and in total."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from services.api.principal import Principal
from services.api.queries.explained import IS_EXPLAINED
from services.api.queries.scope import visible
from shared.domain.rates import Worth
from shared.store.tables import AccountRow, AccountScoreRow

_CENT = Decimal("0.01")
_OWN = cast(AccountRow.annual_margin, Float) * AccountScoreRow.risk
"""In the account's currency; null without a margin or a risk."""


def margin_at_risk(row: Any, worth: Worth) -> dict[str, Any]:
    """Return the forms of a row's margin at risk, in its own and in the reporting currency.

    Both are None without a margin or a risk, the latter also without a rate.
    """
    own = reporting = None
    if row.annual_margin is not None and row.risk is not None:
        own = Decimal(row.annual_margin) * Decimal(str(row.risk))
        reporting = worth.of(own, row.currency)
    return {
        "margin_at_risk": _money(own, worth.currency(row.currency)),
        "margin_at_risk_reporting": _money(reporting, worth.reporting),
    }


def reporting_margin(worth: Worth) -> ColumnElement[float]:
    """Return the margin at risk in the reporting currency as SQL; null without a rate."""
    rates = {currency: literal(float(rate), Float) for currency, rate in worth.rates.items()}
    return _OWN * case(rates, value=_currency(worth))


def total_at_risk(
    connection: Connection,
    principal: Principal,
    worth: Worth,
    kam: str | None = None,
    among: ColumnElement[bool] | None = None,
) -> dict[str, Any]:
    """Return the margin at risk of the accounts that can still be kept, and what it lacks.

    What explains the risk of others (`explained`) says that they are not leaving: their margin
    stands beside the sum. `among` is a condition on `account`; None for all.
    """
    currency = _currency(worth)
    explained = IS_EXPLAINED.label("explained")
    statement = (
        select(currency, explained, func.count(_OWN), func.count(), func.sum(_OWN))
        .select_from(AccountRow)
        .join(AccountScoreRow, AccountScoreRow.account_id == AccountRow.id)
        .where(visible(principal), AccountScoreRow.risk.is_not(None))
        .where(AccountScoreRow.state != "lost")
        .group_by(currency, literal_column("explained"))  # by its name: it holds parameters
        .order_by(currency)
    )
    if kam is not None:
        statement = statement.where(AccountRow.kam_id == kam)
    if among is not None:
        statement = statement.where(among)
    total, beside = _Sum(), _Sum()
    for name, is_explained, known, accounts, own in connection.execute(statement):
        amount = worth.of(Decimal(str(own or 0)), name)
        (beside if is_explained else total).add(name, amount, known, accounts)
    return {
        "margin_at_risk": _money(total.amount, worth.reporting),
        "accounts": total.counted,
        "without_rate": sorted(total.lacking, key=lambda one: str(one["currency"])),
        "without_margin": total.bare,
        "explained": {
            "margin_at_risk": _money(beside.amount, worth.reporting),
            "accounts": beside.counted,
        },
    }


class _Sum:
    """Adds up what accounts of several currencies are worth."""

    def __init__(self) -> None:
        self.amount, self.counted, self.bare = Decimal(0), 0, 0
        self.lacking: list[dict[str, Any]] = []

    def add(self, currency: str, amount: Decimal | None, known: int, accounts: int) -> None:
        """Add accounts of a currency, of which `known` have a margin; no amount: no rate."""
        self.bare += accounts - known
        if amount is not None:
            self.amount, self.counted = self.amount + amount, self.counted + known
        elif known:
            self.lacking.append({"currency": currency, "accounts": known})


def without_rate(connection: Connection, worth: Worth) -> list[Any]:
    """Return currency, kam_id, tier and count of the scored accounts that lack a rate."""
    currency = _currency(worth)
    named = (currency.label("currency"), AccountRow.kam_id, AccountRow.tier)
    statement = (
        select(*named, func.count().label("accounts"))
        .join(AccountScoreRow, AccountScoreRow.account_id == AccountRow.id)
        .where(_OWN.is_not(None), currency.not_in(list(worth.rates)))
        .group_by(*named)
    )
    return list(connection.execute(statement))


def _currency(worth: Worth) -> ColumnElement[str]:
    named = func.nullif(AccountRow.currency, "")
    # A constant in the text: PostgreSQL must see that what is grouped by is what is selected.
    return func.coalesce(named, literal(worth.reporting, String, literal_execute=True))


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    if amount is None:
        return None
    return {"amount": str(amount.quantize(_CENT)), "currency": currency}
