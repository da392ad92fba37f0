"""Alerts with the state that times and people's acts give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec import Raw
from sqlalchemy import Connection

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.alert_rows import AlertShape, statement
from services.api.queries.histories import alert_stories
from services.api.queries.prepared import prepared_by
from shared.domain.alerts import STATES, STATES_BY_TIME, closed_because
from shared.store.base import from_micros, to_micros

SHOWN_STATES = tuple(state for state in STATES if state not in {"pending", "suppressed"})
"""The default list leaves out what is not, or not to be, seen."""
BRIEFLY = timedelta(seconds=0.25)
"""How long a list of some states only is taken to last: one that comes by time may lack as long."""
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

    @property
    def question(self) -> Question:
        """Return what a cursor belongs to; in which order the states were named says nothing."""
        states, *others = self
        return Question("alert_id", (sorted(set(states)), *others))

    @property
    def values(self) -> dict[str, Any]:
        """Return what restricts besides the states; None where it does not."""
        return {name: getattr(self, name) for name in _FILTERS}


def alert_page(
    connection: Connection, principal: Principal, wanted: AlertFilter, page: Page, now: datetime
) -> dict[str, Any]:
    """Return one page of the list, by id."""
    return lasting_page(connection, principal, wanted, page, now)[0]


def lasting_page(
    connection: Connection, principal: Principal, wanted: AlertFilter, page: Page, now: datetime
) -> tuple[dict[str, Any], timedelta]:
    """Return the page, and how long it stays so unless something is written."""
    after = read_cursor(page.cursor, wanted.question, (str,))
    values = wanted.values | {"after": after[0] if after else None}
    asked = _Asked(values, tuple(wanted.states), page.limit + 1)
    rows = _rows(connection, principal, asked, now)
    kept = rows[: page.limit]
    more = len(rows) > page.limit
    return {
        "items": [_form(row) for row in kept],
        "next_cursor": make_cursor(wanted.question, kept[-1].alert_id) if more else None,
    }, _lasting(wanted, kept, to_micros(now))


def latest_page(
    connection: Connection, principal: Principal, wanted: AlertFilter, page: Page, now: datetime
) -> dict[str, Any]:
    """Return one page of alerts that have opened, the latest first; its states are such."""
    question = wanted.question._replace(order="opened_at")
    before = read_cursor(page.cursor, question, (int, str)) or (None, None)
    values = wanted.values | dict(zip(("opened_before", "before"), before, strict=True))
    asked = _Asked(values, tuple(wanted.states), page.limit + 1, latest=True)
    rows = _rows(connection, principal, asked, now)
    kept = rows[: page.limit]
    last = kept[-1] if len(rows) > page.limit else None
    return {
        "items": [_form(row) for row in kept],
        "next_cursor": last and make_cursor(question, last.opened_at, last.alert_id),
    }


def _lasting(wanted: AlertFilter, rows: Sequence[Any], now: int) -> timedelta:
    chosen = STATES_BY_TIME.intersection(wanted.states)
    if chosen not in (frozenset(), STATES_BY_TIME):
        return BRIEFLY  # an alert may come into the list by time alone
    times = (at for row in rows for at in (row.expires_at, row.quiet_until) if at is not None)
    first = min((at for at in times if at > now), default=None)
    return timedelta.max if first is None else timedelta(microseconds=first - now)


def alert_by_id(
    connection: Connection, principal: Principal, alert_id: str, now: datetime
) -> dict[str, Any]:
    """Return one alert with its story; 404 when unknown or of another KAM's account."""
    rows = _rows(connection, principal, _Asked({"alert_id": alert_id}, None, 1), now)
    if not rows:
        raise not_found("alert", alert_id)
    form = _form(rows[0])
    return form | alert_stories(connection, {alert_id: form["state"]})[alert_id]._asdict()


class _Asked(NamedTuple):
    values: dict[str, Any]  # None: not asked for
    states: tuple[str, ...] | None
    most: int
    latest: bool = False


def _rows(
    connection: Connection, principal: Principal, asked: _Asked, now: datetime
) -> Sequence[Any]:
    values = asked.values | {"own": principal.own_only}
    given = tuple(name for name, value in values.items() if value is not None)
    prepared = _prepared(connection, AlertShape(asked.states, given, asked.most, asked.latest))
    return prepared.rows(connection, values | {"moment_at": to_micros(now)})


def _form(row: Any) -> dict[str, Any]:
    """Return the HTTP form of a row; JSON columns go out as they were stored."""
    # Unpacked in the statement's order: that is several times faster than by name.
    (
        alert_id, _, kind, band, risk_score, code, text, owner_id, owner_name, playbook, deferred,
        version, due, opened, updated, _, muted, scope, evidence, state, account, quiet, acts,
        acted, worked,
    ) = row  # fmt: skip
    return {
        "alert_id": alert_id,
        "account_id": account,
        "type": kind,
        "state": state,
        "snoozed_until": None if quiet is None else from_micros(quiet),
        "deferred": bool(deferred),
        "band": band,
        "risk_score": risk_score,
        "reason": {"code": code, "text": text},
        "scope": Raw(scope),
        "owner": {"id": owner_id, "name": owner_name},
        "playbook": playbook,
        "due_at": from_micros(due),
        "opened_at": None if opened is None else from_micros(opened),
        "updated_at": from_micros(max(updated, acted or updated, worked or updated)),
        "evidence": Raw(evidence),
        "closed_because": closed_because(state, muted),
        "version": version + acts + (worked is not None),
    }
