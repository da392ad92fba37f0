"""How many accounts of each kind there are, and whose they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from services.api.principal import Principal
from services.api.queries.scope import visible
from shared.domain import bands
from shared.store.tables import AccountRow, AccountScoreRow

BANDS = bands.BANDS[::-1]
"""The worst first."""
LISTS = ("active_at_risk", "going_silent")
UNSCORED = ("lost", "no_data", "insufficient_data")


def tally(connection: Connection, principal: Principal) -> dict[str, Any]:
    """Return the accounts' total, their counts by band, else by state, and the newest `as_of`."""
    score = AccountScoreRow
    state = func.coalesce(score.state, "insufficient_data").label("state")
    rows = connection.execute(
        select(score.band, state, func.count().label("accounts"), func.max(score.as_of))
        .select_from(AccountRow)
        .outerjoin(score, score.account_id == AccountRow.id)
        .where(visible(principal))
        .group_by(score.band, state)
    ).all()
    counts = dict.fromkeys((*BANDS, *UNSCORED), 0)
    for band, kind, accounts, _ in rows:
        counts[str(band) if kind == "scored" else kind] += accounts
    return {
        "counts": {name: count for name, count in counts.items() if count or name in BANDS},
        "total": sum(row.accounts for row in rows),
        "as_of": max((last for *_, last in rows if last is not None), default=None),
    }


def list_cuts(connection: Connection) -> dict[str, dict[str, float]]:
    """Return the cuts of each list, as the newest score on it was judged by; by list."""
    score = AccountScoreRow
    found = {}
    for name in LISTS:
        cuts = connection.scalar(
            select(score.thresholds)
            .where(score.list == name, score.state == "scored")
            .order_by(score.as_of.desc(), score.account_id)
            .limit(1)
        )
        if cuts:
            found[name] = cuts
    return found


def account_owners(connection: Connection, principal: Principal) -> list[dict[str, str]]:
    """Return the KAMs of the accounts, by name."""
    name = func.max(AccountRow.kam_name)
    rows = connection.execute(
        select(AccountRow.kam_id, name)
        .where(visible(principal), AccountRow.kam_id.is_not(None))
        .group_by(AccountRow.kam_id)
    ).all()
    owners = [{"id": str(ident), "name": str(name or ident)} for ident, name in rows]
    return sorted(owners, key=lambda one: (one["name"], one["id"]))
