"""The runs of an account that tell how far the playbooks of its alerts have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select, true

from services.api.plays import SOON, Library, Play, play_of, telling_since
from services.api.principal import Principal
from services.api.queries.alert_state import STATE
from services.api.queries.moment import moment_of
from services.api.queries.runs import in_state, runs_where
from shared.domain.alerts import MERGED
from shared.store.tables import AccountRow, AlertRow, PlaybookRunRow, RunActionRow

Form = dict[str, Any]
_QUIET_STATES = ("snoozed", "suppressed")


def play_on(
    connection: Connection,
    principal: Principal,
    alert: Form,
    now: datetime,
    library: Library,
    language: str = "en",
) -> Play:
    """Return how far the playbook of one alert has come, in a language."""
    account = alert["account_id"]
    runs = runs_telling(connection, principal, account, [alert], now, library, language)
    return plays_of(connection, [alert], runs, now, library)[alert["alert_id"]]


def plays_of(
    connection: Connection,
    alerts: Sequence[Form],
    runs: Sequence[Form],
    now: datetime,
    library: Library,
) -> dict[str, Play]:
    """Return by id how far the playbooks of live alerts have come, by the runs that tell of them.

    A merge that ended an alert and was taken back changed nothing of what people had closed.
    """
    row, ids = AlertRow, [one["alert_id"] for one in alerts]
    found = connection.execute(select(row.alert_id, row.past_ends).where(row.alert_id.in_(ids)))
    returns = {
        one.alert_id: [end["back_at"] for end in one.past_ends if end["because"] != MERGED]
        for one in found
    }
    quiet = _quiet_alerts(connection, runs, now)
    plays = {}
    for alert in alerts:
        back_at = returns[alert["alert_id"]][-1:]
        since = datetime.fromisoformat(back_at[0]) if back_at else alert["opened_at"]
        play = play_of(alert, runs, library, now, since)
        is_quiet = play.run is not None and play.run["alert_id"] in quiet
        plays[alert["alert_id"]] = play._replace(quiet=is_quiet)
    return plays


def _quiet_alerts(connection: Connection, runs: Iterable[Form], now: datetime) -> set[str]:
    """Return the ids of those alerts of the active runs that are put off or muted."""
    ids = [run["alert_id"] for run in runs if run["state"] == "active"]
    found = (
        select(AlertRow.alert_id)
        .join(moment_of(now), true())
        .where(AlertRow.alert_id.in_(ids), STATE.in_(_QUIET_STATES))
    )
    return set(connection.scalars(found))


def runs_telling(
    connection: Connection,
    principal: Principal,
    account_id: str,
    alerts: Sequence[Form],
    now: datetime,
    library: Library,
    language: str = "en",
    latest: int = 0,
) -> list[Form]:
    """Return the runs that tell of the alerts, those that are active, and so many of the latest.

    All that `play_of` looks at is among them, however many the account has had.
    """
    run, act = PlaybookRunRow, RunActionRow
    of_account = AccountRow.account_id == account_id
    newest = (
        select(run.run_id)
        .join(AccountRow, AccountRow.id == run.account_id)
        .where(of_account)
        .order_by(run.started_at.desc(), run.run_id)
        .limit(latest)
    )
    telling = or_(
        run.alert_id.in_([one["alert_id"] for one in alerts]),
        and_(
            run.playbook.in_({one["playbook"] for one in alerts}),
            run.started_at >= telling_since(alerts, library, now),
        ),
        in_state("active"),
        exists().where(act.run_id == run.run_id, act.kind == "close", act.at >= now - SOON),
        run.run_id.in_(newest),
    )
    return runs_where(connection, principal, [of_account, telling], language)
