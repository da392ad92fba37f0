"""Accounts whose active run a person ended: what waited for its end begins."""

from __future__ import annotations

from sqlalchemy import Connection, exists, not_, or_, select

from services.signals.store.accounts import known_accounts
from services.signals.store.claims import lock_accounts
from services.signals.store.locks import EVALUATION, notify, try_lock
from services.signals.store.stream import CHANNEL
from services.signals.worker.stage import Tools, recorder_of, set_stage
from shared.domain.alerts import MACHINE
from shared.store.base import to_micros
from shared.store.moment import deciding_moment
from shared.store.tables import AlertActionRow, AlertRow, PlaybookRunRow, RunActionRow


def begin_waiting(tools: Tools, after: int) -> frozenset[int]:
    """Begin what waited for runs that people closed by acts beyond the id `after`.

    Return the ids of the closes that were looked at. Each account is a transaction of its own that
    holds no lock on people's acts: who starts a run by hand holds the account while waiting to act.
    What the machine ends frees the account as it ends.
    """
    with tools.database.read() as connection:
        closes, accounts = _freed(connection, after)
    for account_id in accounts:
        with tools.database.write() as connection:
            if not try_lock(connection, EVALUATION):
                return frozenset()
            _begin_on(tools, connection, account_id)
    return closes


def _begin_on(tools: Tools, connection: Connection, account_id: int) -> None:
    lock_accounts(connection, [account_id])
    known = known_accounts(connection, [account_id])
    stage = set_stage(connection, tools, known, until_day=None, feeds=())
    moment = to_micros(deciding_moment(connection, tools.clock.now(), tools.clock_name))
    recorder = recorder_of(connection, tools, stage)
    recorder.free(0, moment, stage.views.before(0, moment + 1), stage.tracks[0].coverage)
    recorder.send()
    notify(connection, CHANNEL)


def _freed(connection: Connection, after: int) -> tuple[frozenset[int], list[int]]:
    """Return the closes beyond `after`, and the accounts on which something may wait since."""
    act, run, by_hand = RunActionRow, PlaybookRunRow, AlertActionRow
    resolved = exists().where(by_hand.alert_id == run.alert_id, by_hand.kind == "resolve")
    closes = connection.execute(
        select(act.id, run.account_id, or_(act.actor != MACHINE, resolved).label("by_person"))
        .join(run, run.run_id == act.run_id)
        .where(act.id > after, act.kind == "close")
    ).all()
    freed = {row.account_id for row in closes if row.by_person}
    return frozenset(row.id for row in closes), _alerted(connection, freed) if freed else []


def _alerted(connection: Connection, freed: set[int]) -> list[int]:
    """Return those of the accounts that have an open alert.

    Whether it waits for a run, only `Starts` tells: one that is taken up again had some before.
    """
    alert, act = AlertRow, AlertActionRow
    resolved = exists().where(act.alert_id == alert.alert_id, act.kind == "resolve")
    found = connection.scalars(
        select(alert.account_id)
        .where(
            alert.account_id.in_(freed),
            alert.opened_at.is_not(None),
            alert.resolved_at.is_(None),
            not_(resolved),
        )
        .distinct()
    )
    return sorted(found)
