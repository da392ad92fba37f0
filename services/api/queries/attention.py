"""The accounts that need somebody today, and what to do next."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, false, func

from services.api.paging import Page
from services.api.principal import Principal
from services.api.queries.accounts import account_columns, account_form
from services.api.queries.alerts import AlertFilter, alert_page
from services.api.queries.margin import total_at_risk
from services.api.queries.runs import RunFilter, run_page
from services.api.queries.scope import visible
from shared.domain.alerts import LIVE_STATES
from shared.domain.rates import Worth
from shared.store.tables import AccountScoreRow

MOST = 7
TABLE_ROWS = 500
_UNSCORED = ("lost", "no_data", "insufficient_data")
_BANDS = {"critical": 4, "high": 3, "watch": 2, "healthy": 1}


def overview(
    connection: Connection,
    principal: Principal,
    now: datetime,
    worth: Worth,
    language: str = "en",
) -> dict[str, Any]:
    """Return the accounts by risk, and the at most seven that need attention first.

    The next actions are said in the language.
    """
    score = AccountScoreRow
    rows = connection.execute(
        account_columns()
        .where(visible(principal))
        # Those who can still be kept come before those who are gone.
        .order_by(
            func.coalesce(score.state == "lost", false()),
            func.coalesce(score.risk, -1.0).desc(),
            score.account_id,
        )
        .limit(TABLE_ROWS + 1)
    ).all()
    alerts = _live_alerts(connection, principal, now)
    accounts = [
        account_form(row, worth)
        | {
            "alerts": len(alerts.get(row.account_id, ())),
            "reason": first_reason(row.reasons, _awake(alerts.get(row.account_id, []))),
        }
        for row in rows[:TABLE_ROWS]
    ]
    needing = [one for one in accounts if _needs(alerts.get(one["account_id"], []))]
    needing.sort(key=_urgency, reverse=True)
    for one in needing[:MOST]:
        own = alerts.get(one["account_id"], [])
        one["next"] = _next_action(connection, principal, one, own, language)
    shown = Counter(one["band"] if one["state"] == "scored" else one["state"] for one in accounts)
    counts = {name: shown[name] for name in (*_BANDS, *_UNSCORED) if name in _BANDS or shown[name]}
    return {
        "attention": needing[:MOST],
        "more": max(0, len(needing) - MOST),
        "accounts": accounts,
        "cut": len(rows) > TABLE_ROWS,
        "counts": counts,
        "total": len(accounts),
        "money": total_at_risk(connection, principal, worth),
        "as_of": max((one["as_of"] for one in accounts if one["as_of"]), default=None),
    }


def first_reason(reasons: list[dict[str, Any]] | None, alerts: list[dict[str, Any]]) -> str:
    """Return the fact that says most."""
    if alerts:
        return str(alerts[0]["reason"]["text"])
    worst = max(reasons or [], key=lambda one: one["contribution"], default=None)
    return str(worst["text"]) if worst else ""


def _live_alerts(
    connection: Connection, principal: Principal, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    wanted = AlertFilter(LIVE_STATES, deferred=False)
    found: dict[str, list[dict[str, Any]]] = {}
    page = alert_page(connection, principal, wanted, Page(TABLE_ROWS), now)
    for alert in page["items"]:
        found.setdefault(alert["account_id"], []).append(alert)
    for alerts in found.values():
        alerts.sort(key=lambda one: (-_BANDS.get(one["band"] or "", 0), one["due_at"]))
    return found


def _awake(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in alerts if one["state"] != "snoozed"]


def _needs(alerts: list[dict[str, Any]]) -> bool:
    """Tell by its alerts: a high risk without one is explained, by a hold or a finished project.

    One that somebody has put off asks for nobody until it wakes.
    """
    return bool(_awake(alerts))


def _urgency(one: dict[str, Any]) -> tuple[float, ...]:
    """Return money x probability x urgency, else risk; without a rate there is no money."""
    soon = 1.0 / (one["early_warning_months"] or 6)
    margin = one["margin_at_risk_reporting"]
    return (float(margin["amount"]) * soon if margin else 0.0, one["risk"] or 0.0)


def _next_action(
    connection: Connection,
    principal: Principal,
    one: dict[str, Any],
    alerts: list[dict[str, Any]],
    language: str,
) -> dict[str, Any] | None:
    own = RunFilter(account=one["account_id"])
    runs = run_page(connection, principal, own, Page(100), language)
    asleep = {one["alert_id"] for one in alerts if one["state"] == "snoozed"}
    tasks = [
        task | {"run": run["title"]}
        for run in runs["items"]
        for task in run["tasks"]
        if task["state"] == "open" and run["alert_id"] not in asleep
    ]
    if tasks:
        first: dict[str, Any] = min(tasks, key=lambda task: task["due_at"])
        return first
    if awake := _awake(alerts):
        first = awake[0]
        ended = first["alert_id"] in {run["alert_id"] for run in runs["items"]}
        return {
            "title": None,
            # Its playbook has run and the alert is still there: what is left is to decide on it.
            "run": None if ended else first["playbook"],
            "due_at": first["due_at"],
        }
    return None
