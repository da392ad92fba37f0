"""Scores: the current one per account, and the signals worth telling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.signals.features.facts import DAY_MICROS
from services.signals.scoring.scores import Explanation, Reason, Scores
from services.signals.store.accounts import KnownAccount
from services.signals.store.rows import Row, add, among, put, table_of
from shared.store.base import from_micros
from shared.store.tables import AccountScoreRow, SignalRow

Values = dict[str, Any]
NO_DATA = "no_data"
KEPT = "kept"
_TOLD = ("code", "contribution", "text", "event_ids")
_MOMENTS = ("as_of", "last_booking_at")
STORED = ("band", "list", "early_warning_months", "risk")
_DETAIL = (
    "coverage", "curve", "base", "reasons", "band_floor", "thresholds", "last_booking_at",
)  # fmt: skip


def score_values(scores: Scores, index: int, why: Explanation | None) -> Values:
    """Return the columns of one score; without an explanation it has no reasons."""
    risk = float(scores.risk[index])
    known = not math.isnan(risk) and scores.state[index] != "insufficient_data"
    floor, cuts = scores.floor[index], scores.cuts[index]
    last = int(scores.last_booking_day[index])
    return {
        "as_of": from_micros(scores.day * DAY_MICROS),
        "state": scores.state[index],
        "risk": risk if known else None,
        "base": why.base if known and why else None,
        "curve": [float(one) for one in scores.curve[index]] if known else None,
        "band": scores.band[index] if known else None,
        "list": scores.list[index],
        "band_floor": floor
        and {"code": floor.code, "event_ids": [event.id for event in floor.events]},
        "thresholds": cuts and {k: float(v) for k, v in cuts._asdict().items()},
        "early_warning_months": (int(scores.early_warning_months[index]) or None)
        if known
        else None,
        "coverage": float(scores.coverage[index]),
        "reasons": _reasons(why) if known and why else [],
        "lost": bool(scores.lost[index]),
        "last_booking_at": None if last < 0 else from_micros(last * DAY_MICROS),
        "model_version": scores.model_version,
    }


def _reasons(why: Explanation) -> list[dict[str, Any]]:
    return [
        _reason(one) | ({"usual_gap": one.usual_gap} if one.usual_gap else {})
        for one in why.reasons
    ]


def _reason(one: Reason) -> dict[str, Any]:
    return {
        "code": one.code,
        "contribution": float(one.contribution),
        "text": one.text,
        "event_ids": [event.id for event in one.events],
    }


def put_scores(connection: Connection, rows: Sequence[Row]) -> None:
    """Store the current scores; each row has the account, its columns and its marks."""
    put(connection, AccountScoreRow, rows)


def add_signals(connection: Connection, rows: Sequence[tuple[int, Values]]) -> None:
    """Store signals; one that is stored already stays as it is."""
    add(
        connection,
        SignalRow,
        [
            {
                "account_id": account,
                "as_of": values["as_of"],
                "risk": values["risk"],
                "band": values["band"],
                "list": values["list"],
                "early_warning_months": values["early_warning_months"],
                "state": values["state"],
                "model_version": values["model_version"],
                "detail": jsonable({name: values[name] for name in _DETAIL}),
            }
            for account, values in rows
        ],
        ["account_id", "as_of"],
    )


def jsonable(values: Mapping[str, Any]) -> Values:
    """Return the values with moments as text."""
    return {
        name: value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


def signal_form(account: KnownAccount, values: Mapping[str, Any]) -> Values:
    """Return a score as it is told outside."""
    risk = values["risk"]
    kam = account.kam_id and {"id": account.kam_id, "name": account.kam_name}
    return {
        "account_id": account.account_id,
        "name": account.name,
        "kam": kam or None,
        "tier": account.tier,
        "state": values["state"],
        "risk": risk,
        "risk_score": None if risk is None else 100.0 * risk,
        "reasons": [{name: one[name] for name in _TOLD} for one in values["reasons"]],
        **{
            name: values[name]
            for name in (
                "band", "list", "early_warning_months", "coverage", "last_booking_at", "as_of",
                "curve", "base", "band_floor", "thresholds", "model_version",
            )
        },
    }  # fmt: skip


def stored_values(connection: Connection, ids: Sequence[int]) -> dict[int, Values]:
    """Return the value columns of the current scores, by account.

    Of one that went into another those from before: while it is away it has none.
    """
    table = table_of(AccountScoreRow)
    marks = {"account_id", "scored_revision", "due_at", "signal"}
    wanted = set(ids)
    rows = connection.execute(select(table).where(among(AccountScoreRow.account_id, ids)))
    return {
        row["account_id"]: _kept(row["signal"]) or {k: v for k, v in row.items() if k not in marks}
        for row in rows.mappings()
        if row["account_id"] in wanted
    }


def with_kept(signal: Mapping[str, Any] | None, values: Values | None) -> Values | None:
    """Return what is remembered of an account, with the score that it had before its merge."""
    if signal is None or values is None or values["risk"] is None:
        return None if signal is None else dict(signal)
    return {**signal, KEPT: jsonable(values)}


def _kept(signal: Mapping[str, Any] | None) -> Values | None:
    kept = (signal or {}).get(KEPT)
    if kept is None:
        return None
    moments = {name: kept[name] and datetime.fromisoformat(kept[name]) for name in _MOMENTS}
    return {**kept, **moments}


def scored_revisions(connection: Connection, ids: Sequence[int] | None = None) -> dict[int, int]:
    """Return the revision of the facts behind each current score, or those of these accounts."""
    table = AccountScoreRow
    statement = select(table.account_id, table.scored_revision)
    if ids is not None:
        statement = statement.where(table.account_id.in_(ids))
    return {row.account_id: row.scored_revision for row in connection.execute(statement)}
