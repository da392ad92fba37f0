"""The one statement that reads alerts, by the shape of the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    type_coerce,
)

from services.api.queries.alert_state import ONGOING, TOLD
from shared.domain.alerts import MACHINE, SNOOZE_ACTS, STATES, state_sql
from shared.store.tables import AccountRow, AlertActionRow, AlertRow, PlaybookRunRow, RunActionRow


class AlertShape(NamedTuple):
    """What is asked: alerts of these states that are to be told of, else of any; by what.

    In the order of their ids, or the latest opened first. The limit is part of it: PostgreSQL
    keeps one plan only where it knows the limit.
    """

    states: tuple[str, ...] | None
    given: tuple[str, ...]  # names of the parameters that restrict
    most: int
    latest: bool = False


_alert = AlertRow.__table__.c
_opened = type_coerce(_alert.opened_at, BigInteger)
_opened_before = bindparam("opened_before", type_=BigInteger)
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "alert_id": _alert.alert_id == bindparam("alert_id", type_=String),
    "after": _alert.alert_id > bindparam("after", type_=String),
    # Of those that opened at one moment, `before` has the last id that was seen.
    "opened_before": _opened <= _opened_before,
    "before": or_(_opened < _opened_before, _alert.alert_id < bindparam("before", type_=String)),
    "type": _alert.type == bindparam("type", type_=String),
    "band": _alert.band == bindparam("band", type_=String),
    "kam": _alert.owner_id == bindparam("kam", type_=String),
    "deferred": _alert.deferred == bindparam("deferred", type_=Boolean),
    # One value, not a set: planned as such, the list of one account takes half the time.
    "account": _alert.account_id
    == select(AccountRow.id)
    .where(AccountRow.account_id == bindparam("account", type_=String))
    .scalar_subquery(),
    # Only own accounts, see `scope.visible`.
    "own": _alert.account_id.in_(
        select(AccountRow.id).where(AccountRow.kam_id == bindparam("own", type_=String))
    ),
}
_PLAIN = ("alert_id", "account_id", "type", "band", "risk_score", "reason_code", "reason_text",
          "owner_id", "owner_name", "playbook", "deferred", "machine_version", "due_at",
          "opened_at", "updated_at", "expires_at", "suppressed_reason")  # fmt: skip
_JSON = ("scope", "evidence")


_STATE = type_coerce(
    text(f"({state_sql('alert', 'CAST(:moment_at AS BIGINT)')})").bindparams(
        bindparam("moment_at", type_=BigInteger)
    ),
    String,
)
"""Not joined to the moment: the page must be read in the order of its key, and no further."""


def statement(shape: AlertShape) -> Select[*tuple[Any, ...]]:
    """Return the select: first the page of alerts alone, then what belongs to its rows."""
    page = _page(shape)
    acts = AlertActionRow
    own = acts.alert_id == page.c.alert_id
    count = select(func.count()).select_from(acts).where(own).scalar_subquery()
    last = select(func.max(type_coerce(acts.at, BigInteger))).where(own).scalar_subquery()
    worked = (
        select(func.min(type_coerce(RunActionRow.at, BigInteger)))
        .join(PlaybookRunRow, PlaybookRunRow.run_id == RunActionRow.run_id)
        .where(PlaybookRunRow.alert_id == page.c.alert_id, RunActionRow.actor != MACHINE)
        .scalar_subquery()
    )
    said = or_(*(acts.kind == one for one in SNOOZE_ACTS))
    until = select(type_coerce(acts.until, BigInteger)).where(own, said)
    until = until.order_by(acts.id.desc()).limit(1)
    quiet = case((page.c.state == "snoozed", until.scalar_subquery()))
    account = AccountRow.account_id.label("account")
    given = (
        quiet.label("quiet_until"),
        count.label("acts"),
        last.label("acted_at"),
        worked.label("worked_at"),
    )
    return (
        select(page, account, *given)
        .join(AccountRow, AccountRow.id == page.c.account_id)
        .order_by(*_order(shape, page.c))
    )


def _page(shape: AlertShape) -> Any:
    columns = [_alert[name] for name in _PLAIN]
    columns += [cast(_alert[name], Text).label(name) for name in _JSON]
    found = select(*columns, _STATE.label("state"))
    found = found.where(*(_CONDITIONS[name] for name in shape.given))
    if shape.states is not None:
        found = found.where(TOLD if "resolved" in shape.states else ONGOING)
        if set(shape.states) != set(STATES):
            found = found.where(_STATE.in_([literal_column(f"'{one}'") for one in shape.states]))
    limit = literal_column(str(shape.most), Integer)
    return found.order_by(*_order(shape, _alert)).limit(limit).subquery("page")


def _order(shape: AlertShape, columns: Any) -> Sequence[ColumnElement[Any]]:
    if shape.latest:
        return columns.opened_at.desc(), columns.alert_id.desc()
    return (columns.alert_id,)
