"""Alerts with the state that times and people's acts give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Raw
from sqlalchemy import Connection

from services.api.paging import Page, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import person
from services.api.queries.alert_rows import AlertShape, statement
from services.api.queries.prepared import prepared_by
from shared.domain.alerts import STATES
from shared.store.base import from_micros, to_micros

SHOWN_STATES = tuple(state for state in STATES if state not in {"pending", "suppressed"})
"""The default list leaves out what is not, or not to be, seen."""
_ORDER = "alert_id"
_FILTERS = ("type", "band", "kam", "account", "deferred")
_prepared = prepared_by(statement)


class AlertFilter(NamedTuple):
    """Which alerts; no state means the shown ones."""

    states: Sequence[str] = SHOWN_STATES
    type: str | None = None
    band: str | None = None
    kam: str | None = None
    account: str | None = None
    deferred: bool | None = None


def alert_page(
    connection: Connection, principal: Principal, wanted: AlertFilter, page: Page, now: datetime
) -> dict[str, Any]:
    """Return one page of the list, by id."""
    values: dict[str, Any] = {name: getattr(wanted, name) for name in _FILTERS}
    after = read_cursor(page.cursor, _ORDER, (str,))
    values |= {"after": after[0] if after else None, "most": page.limit + 1}
    rows = _rows(connection, principal, values, now, tuple(wanted.states))
    kept = rows[: page.limit]
    more = len(rows) > page.limit
    return {
        "items": [_form(row) for row in kept],
        "next_cursor": make_cursor(_ORDER, kept[-1].alert_id) if more else None,
    }


def alert_by_id(
    connection: Connection, principal: Principal, alert_id: str, now: datetime
) -> dict[str, Any]:
    """Return one alert; 404 when unknown or of another KAM's account."""
    rows = _rows(connection, principal, {"alert_id": alert_id, "most": 1}, now, None)
    if not rows:
        raise not_found("alert", alert_id)
    return _form(rows[0])


def _rows(
    connection: Connection,
    principal: Principal,
    values: dict[str, Any],
    now: datetime,
    states: tuple[str, ...] | None,
) -> Sequence[Any]:
    values |= {"own": principal.own_only, "moment_at": to_micros(now)}
    given = tuple(name for name, value in values.items() if value is not None)
    return _prepared(connection, AlertShape(states, given)).rows(connection, values)


def _form(row: Any) -> dict[str, Any]:
    """Return the HTTP form of a row; JSON columns go out as they were stored."""
    updated = row.updated_at if row.acted_at is None else max(row.updated_at, row.acted_at)
    return {
        "alert_id": row.alert_id,
        "account_id": row.account,
        "type": row.type,
        "state": row.state,
        "deferred": bool(row.deferred),
        "band": row.band,
        "risk_score": row.risk_score,
        "reason": {"code": row.reason_code, "text": row.reason_text},
        "scope": Raw(row.scope),
        "owner": person(row.owner_id, row.owner_name),
        "playbook": row.playbook,
        "due_at": from_micros(row.due_at),
        "opened_at": None if row.opened_at is None else from_micros(row.opened_at),
        "updated_at": from_micros(updated),
        "evidence": Raw(row.evidence),
        "version": row.machine_version + row.acts,
    }
