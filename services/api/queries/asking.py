"""Which accounts have alerts that ask for somebody, and how many."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    String,
    any_,
    case,
    func,
    literal,
    select,
    true,
)

from services.api.principal import Principal
from services.api.queries.alert_state import ONGOING, STATE
from services.api.queries.moment import moment_of
from services.api.queries.scope import visible
from shared.domain.alerts import LIVE_STATES
from shared.store.tables import AccountRow, AlertRow

AWAKE_STATES = tuple(state for state in LIVE_STATES if state != "snoozed")
"""One that somebody has put off asks for nobody until it wakes."""


class Asking(NamedTuple):
    """How many alerts of an account are live and not deferred."""

    alerts: int
    awake: int  # of them


def asking(connection: Connection, principal: Principal, now: datetime) -> dict[str, Asking]:
    """Return the accounts with such alerts, by account id.

    A high risk without one is explained, by a hold or a finished project.
    """
    asked = (
        select(AlertRow.account_id.label("row_id"), STATE.label("state"))
        .join(moment_of(now), true())
        .where(ONGOING, ~AlertRow.deferred, STATE.in_(LIVE_STATES))
        .subquery()
    )
    awake = func.sum(case((asked.c.state.in_(AWAKE_STATES), 1), else_=0))
    rows = connection.execute(
        select(AccountRow.account_id, func.count(), awake)
        .join(asked, asked.c.row_id == AccountRow.id)
        .where(visible(principal))
        .group_by(AccountRow.account_id)
    )
    return {account: Asking(int(alerts), int(some)) for account, alerts, some in rows}


def among(account_ids: Collection[str], *, postgresql: bool) -> ColumnElement[bool]:
    """Return the condition on `account` that it is one of these, however many: one parameter."""
    if postgresql:
        return AccountRow.account_id == any_(literal(list(account_ids), ARRAY(String)))
    values = func.json_each(json.dumps(list(account_ids))).table_valued("value")
    return AccountRow.account_id.in_(select(values.c.value))
