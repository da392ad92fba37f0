"""Lanes that fell for everybody: one notice of each, in place of an alert per account."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, cast, func, select, type_coerce

from services.api.principal import Principal
from services.api.queries.alert_state import ONGOING
from services.api.queries.scope import visible
from shared.store.base import from_micros
from shared.store.tables import AccountRow, AlertRow

MARKET = "market"


def lane_notices(connection: Connection, principal: Principal) -> list[dict[str, Any]]:
    """Return the lanes whose alerts the market mutes, those that most accounts use first.

    Each with since when the first of the accounts is silent there, and how many of them are.
    """
    accounts = func.count(AlertRow.account_id.distinct())
    since = func.min(type_coerce(AlertRow.pending_since, BigInteger))
    rows = connection.execute(
        select(func.min(cast(AlertRow.scope, Text)), since, accounts)
        .join(AccountRow, AccountRow.id == AlertRow.account_id)
        .where(ONGOING, AlertRow.suppressed_reason == MARKET, visible(principal))
        .group_by(AlertRow.scope_key)
        .order_by(accounts.desc(), AlertRow.scope_key)
    )
    return [
        {**json.loads(scope), "since": from_micros(began), "accounts": int(count)}
        for scope, began, count in rows
    ]
