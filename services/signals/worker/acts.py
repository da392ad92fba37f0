"""What people did, told: alerts and runs leave again with their new version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, func, select

from services.signals.alerting.alert import changes_by
from services.signals.store.accounts import KnownAccount, known_accounts
from services.signals.store.alerts import read_actions, read_alert, state_of
from services.signals.store.claims import hold_free
from services.signals.store.ending import active_resolved, end_resolved, run_message
from services.signals.store.forms import alert_form
from services.signals.store.locks import EVALUATION, notify, try_lock
from services.signals.store.outbox import Message, enqueue
from services.signals.store.progress import Progress, advance, read_progress
from services.signals.store.runs import read_run_actions, read_runs
from services.signals.store.stream import CHANNEL
from services.signals.worker.freed import begin_waiting
from services.signals.worker.stage import Tools
from shared.domain.alerts import MACHINE
from shared.store.acts import after_acts
from shared.store.base import to_micros
from shared.store.tables import (
    AlertActionRow,
    AlertRow,
    PlaybookRunRow,
    RunActionRow,
    SignalsProgressRow,
)

CHUNK = 200


def tell_acts(tools: Tools) -> bool:
    """Tell what people did since the last time; one process at a time."""
    with tools.database.read() as connection:
        if not _anything(connection):
            return False
        before = read_progress(connection)
    end_resolved(tools.database, tools.clock, before.actions_seen)
    closes = begin_waiting(tools, before.run_actions_seen)
    with tools.database.write() as connection:
        after_acts(connection)
        if not try_lock(connection, EVALUATION):
            return False
        progress = read_progress(connection, lock=True)
        alerts, runs = _untold(connection, progress)
        # An evaluation that goes on raises the version of what it changes, as an act does.
        busy = hold_free(connection, {row.account_id for row in (*alerts, *runs)} - {None})
        # What was resolved since its runs were ended comes with the next look.
        late = {alert_id for alert_id, _ in active_resolved(connection, progress.actions_seen)}
        # So does what was closed since, which may have been waited for.
        hasty = {row.id for row in runs if row.kind == "close"} - closes
        alerts = list(
            takewhile(lambda row: row.account_id not in busy and row.alert_id not in late, alerts)
        )
        runs = list(takewhile(lambda row: row.account_id not in busy and row.id not in hasty, runs))
        if not alerts and not runs:
            return False
        messages = [_alert_message(connection, row.alert_id, row.at) for row in alerts]
        for row in runs:
            if row.actor == MACHINE or row.kind == "start":
                continue  # told already, with the alert that ended or the run that began
            messages.append(_run_message(connection, row.run_id, row.at))
            alert_id = _first_worked(connection, row.run_id, row.id)
            if alert_id is not None:
                messages.append(_alert_message(connection, alert_id, row.at))
        enqueue(connection, [one for one in messages if one is not None], tools.clock.now())
        advance(
            connection,
            actions_seen=max((row.id for row in alerts), default=progress.actions_seen),
            run_actions_seen=max((row.id for row in runs), default=progress.run_actions_seen),
        )
        notify(connection, CHANNEL)
    return True


def _untold(connection: Connection, progress: Progress) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the next acts on alerts and on runs, each with its account's row id."""
    act, alert, on_run, run = AlertActionRow, AlertRow, RunActionRow, PlaybookRunRow
    alerts = (
        select(act.id, act.alert_id, act.at, alert.account_id)
        .outerjoin(alert, alert.alert_id == act.alert_id)
        .where(act.id > progress.actions_seen)
        .order_by(act.id)
        .limit(CHUNK)
    )
    runs = (
        select(*on_run.__table__.c, run.account_id)
        .outerjoin(run, run.run_id == on_run.run_id)
        .where(on_run.id > progress.run_actions_seen)
        .order_by(on_run.id)
        .limit(CHUNK)
    )
    return connection.execute(alerts).all(), connection.execute(runs).all()


def _anything(connection: Connection) -> bool:
    told = SignalsProgressRow
    newest, seen, newest_run, runs_seen = connection.execute(
        select(
            select(func.max(AlertActionRow.id)).scalar_subquery(),
            select(told.actions_seen).scalar_subquery(),
            select(func.max(RunActionRow.id)).scalar_subquery(),
            select(told.run_actions_seen).scalar_subquery(),
        )
    ).one()
    return (newest or 0) > (seen or 0) or (newest_run or 0) > (runs_seen or 0)


def _account(connection: Connection, row_id: int) -> KnownAccount | None:
    found = known_accounts(connection, [row_id])
    return found[0] if found else None


def _alert_message(connection: Connection, alert_id: str, at: datetime) -> Message | None:
    alert = read_alert(connection, alert_id)
    account = None if alert is None else _account(connection, alert["account_id"])
    if alert is None or account is None:
        return None
    found = read_actions(connection, [account.id]).get(account.id, [])
    acts = [one for one in found if one.alert_id == alert_id]
    version = alert["machine_version"] + changes_by(acts)
    state = state_of(alert, acts, to_micros(at))
    form = alert_form(alert, account.account_id, state=state, version=version, acts=acts)
    return Message(
        "alert",
        alert_id,
        version,
        account.account_id,
        alert["owner_id"],
        form["updated_at"],
        form,
    )


def _first_worked(connection: Connection, run_id: str, action: int) -> str | None:
    """Return the alert of a run on whose runs this action is the first by a person."""
    alert_id = connection.scalar(
        select(PlaybookRunRow.alert_id).where(PlaybookRunRow.run_id == run_id)
    )
    first = connection.scalar(
        select(func.min(RunActionRow.id))
        .join(PlaybookRunRow, PlaybookRunRow.run_id == RunActionRow.run_id)
        .where(PlaybookRunRow.alert_id == alert_id, RunActionRow.actor != MACHINE)
    )
    return alert_id if first == action else None


def _run_message(connection: Connection, run_id: str, at: datetime) -> Message | None:
    runs = read_runs(connection, PlaybookRunRow.run_id == run_id)
    account = _account(connection, runs[0]["account_id"]) if runs else None
    if account is None:
        return None
    message = run_message(
        connection, runs[0], read_run_actions(connection, [run_id])[run_id], account
    )
    return message._replace(time=at)
