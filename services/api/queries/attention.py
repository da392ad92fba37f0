"""The accounts that need somebody today, and what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, func, literal

from services.api.paging import Page
from services.api.plays import Library, next_action
from services.api.principal import Principal
from services.api.queries.accounts import account_columns, account_forms
from services.api.queries.alerts import AlertFilter, alert_page
from services.api.queries.asking import AWAKE_STATES, among, asking
from services.api.queries.margin import reporting_margin, total_at_risk
from services.api.queries.played import play_on
from services.api.queries.tallies import tally
from shared.domain.bands import band_rank
from shared.domain.rates import Worth
from shared.store.tables import AccountRow, AccountScoreRow

MOST = 7
MOST_OF_ONE = 500
"""Alerts of one account among which the gravest is looked for."""


def overview(
    connection: Connection,
    principal: Principal,
    now: datetime,
    worth: Worth,
    library: Library,
    language: str = "en",
) -> dict[str, Any]:
    """Return the at most seven accounts that need attention first, and what there is in all.

    The next actions are said in the language; `alerts` are counts by account.
    """
    asked = asking(connection, principal, now)
    awake = [account for account, alerts in asked.items() if alerts.awake]
    needing = among(awake, postgresql=connection.dialect.name == "postgresql")
    first = []
    for one in _first(connection, needing, worth):
        alert = _gravest(connection, principal, one["account_id"], now)
        if alert is not None:
            play = play_on(connection, principal, alert, now, library, language)
            first.append(one | {"alert": alert, "next": next_action(alert, play, library)})
    return {
        "attention": first,
        "more": len(awake) - len(first),
        "alerts": {account: alerts.alerts for account, alerts in asked.items()},
        "money": total_at_risk(connection, principal, worth),
        "needing_money": total_at_risk(connection, principal, worth, among=needing),
        **tally(connection, principal),
    }


def _first(
    connection: Connection, needing: ColumnElement[bool], worth: Worth
) -> list[dict[str, Any]]:
    """Return the most urgent accounts: by money x probability x urgency, else by risk.

    Without a rate there is no money.
    """
    score, zero = AccountScoreRow, literal(0.0, Float)
    soon = func.coalesce(func.nullif(score.early_warning_months, 0), 6)
    urgency = (
        func.coalesce(reporting_margin(worth) / soon, zero).desc(),
        func.coalesce(score.risk, zero).desc(),
        AccountRow.account_id.desc(),
    )
    rows = connection.execute(account_columns().where(needing).order_by(*urgency).limit(MOST))
    return account_forms(connection, rows.all(), worth)


def _gravest(
    connection: Connection, principal: Principal, account_id: str, now: datetime
) -> dict[str, Any] | None:
    """Return the alert that comes first; None when the last one has just been closed."""
    wanted = AlertFilter(AWAKE_STATES, account=account_id, deferred=False)
    alerts = alert_page(connection, principal, wanted, Page(MOST_OF_ONE), now)["items"]
    return min(alerts, key=lambda one: (-band_rank(one["band"]), one["due_at"]), default=None)
