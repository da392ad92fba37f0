"""The list of accounts, each with its current score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.queries.asking import among
from services.api.queries.explained import IN_SEASON, IS_EXPLAINED, explanations
from services.api.queries.margin import margin_at_risk, reporting_margin
from services.api.queries.scope import merges_of, visible
from services.api.queries.searching import holds
from shared.domain.merges import Merge
from shared.domain.rates import Worth
from shared.store.tables import AccountRow, AccountScoreRow

AccountSort = Literal["id", "-id", "name", "-name", "risk", "-risk", "last_booking_at",
                      "-last_booking_at"]  # fmt: skip
_ID: ColumnElement[Any] = AccountRow.__table__.c.account_id
_NONE = literal(-1.0, Float)
_RISK = func.coalesce(AccountScoreRow.risk, _NONE)
_SORTS: dict[str, tuple[ColumnElement[Any], type]] = {
    "id": (_ID, str),
    "name": (func.coalesce(AccountRow.name, ""), str),
    "risk": (_RISK, float),
    "last_booking_at": (
        func.coalesce(type_coerce(AccountScoreRow.last_booking_at, BigInteger), 0),
        int,
    ),
}


class AccountFilter(NamedTuple):
    """Which accounts."""

    kam: str | None = None
    band: str | None = None
    list: str | None = None
    state: str | None = None
    q: str | None = None
    sort: str = "id"
    unowned: bool = False
    among: tuple[str, ...] | None = None  # account ids

    @property
    def question(self) -> Question:
        """Return what a cursor belongs to; which accounts are `among` those may change."""
        *asked, among = self._replace(sort="")
        return Question(self.sort, (*asked, among is None))


def account_columns() -> Select[*tuple[Any, ...]]:
    """Return the select of accounts with their scores."""
    score = AccountScoreRow
    return select(
        AccountRow.account_id,
        AccountRow.name,
        AccountRow.kam_id,
        AccountRow.kam_name,
        AccountRow.tier,
        AccountRow.annual_margin,
        AccountRow.currency,
        score.risk,
        score.band,
        score.list,
        score.early_warning_months,
        score.coverage,
        score.state,
        score.last_booking_at,
        score.as_of,
        score.reasons,
        score.band_floor,
        AccountRow.id.label("row_id"),
        AccountRow.status,
        AccountRow.hold_reason,
        AccountRow.merged_into,
        IN_SEASON.label("in_season"),
    ).select_from(AccountRow).outerjoin(score, score.account_id == AccountRow.id)  # fmt: skip


def account_page(
    connection: Connection, principal: Principal, wanted: AccountFilter, page: Page, worth: Worth
) -> dict[str, Any]:
    """Return one page of the list."""
    name = wanted.sort.removeprefix("-")
    falling = wanted.sort.startswith("-")
    key, kind = _sort_key(name, worth)
    postgresql = connection.dialect.name == "postgresql"
    if kind is str and key is not _ID and postgresql:
        key = type_coerce(key, String).collate("C")  # as the id is by itself
    statement = account_columns().add_columns(key.label("sort_key"))
    statement = statement.where(visible(principal), *_conditions(wanted, postgresql=postgresql))
    after = read_cursor(page.cursor, wanted.question, (kind, str))
    if after is not None:
        statement = statement.where(_after(key, after, falling=falling))
    ordered = (key.desc() if falling else key, *(() if key is _ID else (_ID,)))
    statement = statement.order_by(*ordered).limit(page.limit + 1)
    rows = connection.execute(statement).all()
    kept = rows[: page.limit]
    last = kept[-1] if len(rows) > page.limit else None
    return {
        "items": account_forms(connection, kept, worth),
        "next_cursor": last and make_cursor(wanted.question, last.sort_key, last.account_id),
    }


def account_count(connection: Connection, principal: Principal, wanted: AccountFilter) -> int:
    """Return how many accounts the list has on all its pages."""
    postgresql = connection.dialect.name == "postgresql"
    statement = (
        select(func.count())
        .select_from(AccountRow)
        .outerjoin(AccountScoreRow, AccountScoreRow.account_id == AccountRow.id)
        .where(visible(principal), *_conditions(wanted, postgresql=postgresql))
    )
    return int(connection.execute(statement).scalar_one())


def account_forms(
    connection: Connection, rows: Sequence[Any], worth: Worth
) -> list[dict[str, Any]]:
    """Return accounts as listed; one never scored has insufficient data."""
    merges = merges_of(connection, [one.account_id for one in rows if one.merged_into])
    faults = {one.row_id: _merge_fault(one, merges) for one in rows}
    explained = explanations(connection, rows, merges)
    return [
        _form(row, worth)
        | {"merge_fault": faults[row.row_id], "explained_by": explained[row.row_id]}
        for row in rows
    ]


def _merge_fault(row: Any, merges: Mapping[str, Merge | None]) -> str | None:
    """Return why a merge takes no effect; one by its status alone names no target."""
    merge = merges.get(row.account_id)
    if merge is not None:
        return merge.fault
    return "no_target" if row.status == "merged" else None


def _form(row: Any, worth: Worth) -> dict[str, Any]:
    return {
        "account_id": row.account_id,
        "name": row.name,
        "kam": person(row.kam_id, row.kam_name),
        "tier": row.tier,
        "risk": row.risk,
        "risk_score": points(row.risk),
        "band": row.band,
        "band_floor": row.band_floor,
        "list": row.list,
        "early_warning_months": row.early_warning_months,
        "coverage": row.coverage,
        "state": row.state or "insufficient_data",
        "last_booking_at": row.last_booking_at,
        "as_of": row.as_of,
        **margin_at_risk(row, worth),
    }


def person(ident: str | None, name: str | None) -> dict[str, str | None] | None:
    """Return a person's form; None when nobody is named."""
    return None if ident is None else {"id": ident, "name": name}


def points(risk: float | None) -> float | None:
    """Return 100 x risk; higher is worse."""
    return None if risk is None else round(100 * risk, 6)


def _sort_key(name: str, worth: Worth) -> tuple[ColumnElement[Any], type]:
    """Return what a list is sorted by.

    The page's own orders put those whose risk is explained behind the others, by the same key
    squeezed into -3 .. -2, and those who are gone last.
    """
    if name in _SORTS:
        return _SORTS[name]
    worst = {"to_keep": _RISK, "margin_at_risk": func.coalesce(reporting_margin(worth), _NONE)}
    key = worst[name]
    gone = AccountScoreRow.state == "lost"
    behind = literal(-2.0, Float) - literal(1.0, Float) / (literal(2.0, Float) + key)
    return case((gone, literal(-4.0, Float)), (IS_EXPLAINED, behind), else_=key), float


def _conditions(wanted: AccountFilter, *, postgresql: bool) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kam is not None:
        found.append(AccountRow.kam_id == wanted.kam)
    if wanted.unowned:
        found.append(AccountRow.kam_id.is_(None))
    if wanted.among is not None:
        found.append(among(wanted.among, postgresql=postgresql))
    if wanted.band is not None:
        found.append(AccountScoreRow.band == wanted.band)
    if wanted.list is not None:
        found.append(AccountScoreRow.list == wanted.list)
    if wanted.state is not None:
        state = func.coalesce(AccountScoreRow.state, "insufficient_data")
        found.append(state == wanted.state)
    if wanted.q:
        name = AccountRow.__table__.c.name
        found.append(holds((name, _ID), wanted.q, postgresql=postgresql))
    return found


def _after(key: ColumnElement[Any], last: list[Any], *, falling: bool) -> ColumnElement[bool]:
    value, ident = last
    beyond: ColumnElement[bool] = key < value if falling else key > value
    if key is _ID:
        return beyond  # alone, so that the index leads to the page
    return or_(beyond, and_(key == value, ident < _ID))
