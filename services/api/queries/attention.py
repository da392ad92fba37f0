"""The accounts that need somebody today, and what to do next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.api.paging import Page
from services.api.plays import Library, next_action
from services.api.principal import Principal
from services.api.queries.accounts import account_columns, account_forms
from services.api.queries.alerts import AlertFilter, alert_page
from services.api.queries.margin import total_at_risk
from services.api.queries.played import play_on
from services.api.queries.scope import visible
from services.api.queries.tallies import tally
from shared.domain.alerts import LIVE_STATES
from shared.domain.bands import band_rank
from shared.domain.rates import Worth
from shared.store.tables import AccountRow

MOST = 7
MOST_ALERTS = 2_000


def overview(
    connection: Connection,
    principal: Principal,
    now: datetime,
    worth: Worth,
    library: Library,
    language: str = "en",
) -> dict[str, Any]:
    """Return the at most seven accounts that need attention first, and what there is in all.

    The next actions are said in the language. `alerts` are the open ones by account.
    """
    alerts = live_alerts(connection, principal, now)
    needing = _needing(connection, principal, alerts, worth)
    for one in needing[:MOST]:
        alert = one["alert"]
        play = play_on(connection, principal, alert, now, library, language)
        one["next"] = next_action(alert, play, library)
    return {
        "attention": needing[:MOST],
        "more": max(0, len(needing) - MOST),
        "alerts": alerts,
        "money": total_at_risk(connection, principal, worth),
        "needing_money": total_at_risk(
            connection, principal, worth, among=[one["account_id"] for one in needing]
        ),
        **tally(connection, principal),
    }


def _needing(
    connection: Connection,
    principal: Principal,
    alerts: dict[str, list[dict[str, Any]]],
    worth: Worth,
) -> list[dict[str, Any]]:
    """Return the accounts that need somebody with their gravest alert, the most urgent first.

    Their alerts tell: a high risk without one is explained, by a hold or a finished project. One
    that somebody has put off asks for nobody until it wakes.
    """
    awake = {account: kept for account, found in alerts.items() if (kept := _awake(found))}
    rows = connection.execute(
        account_columns().where(visible(principal), AccountRow.account_id.in_(list(awake)))
    ).all()
    found = [
        one | {"alert": awake[one["account_id"]][0]}
        for one in account_forms(connection, rows, worth)
    ]
    return sorted(found, key=lambda one: (_urgency(one), one["account_id"]), reverse=True)


def live_alerts(
    connection: Connection, principal: Principal, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return the alerts that ask for somebody by account, the gravest first."""
    wanted = AlertFilter(LIVE_STATES, deferred=False)
    found: dict[str, list[dict[str, Any]]] = {}
    page = alert_page(connection, principal, wanted, Page(MOST_ALERTS), now)
    for alert in page["items"]:
        found.setdefault(alert["account_id"], []).append(alert)
    for alerts in found.values():
        alerts.sort(key=lambda one: (-band_rank(one["band"]), one["due_at"]))
    return found


def _awake(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in alerts if one["state"] != "snoozed"]


def _urgency(one: dict[str, Any]) -> tuple[float, ...]:
    """Return money x probability x urgency, else risk; without a rate there is no money."""
    soon = 1.0 / (one["early_warning_months"] or 6)
    margin = one["margin_at_risk_reporting"]
    return (float(margin["amount"]) * soon if margin else 0.0, one["risk"] or 0.0)
