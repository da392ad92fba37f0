"""What waits for a worker on the wall clock: asked at every step, so in one statement each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from shared.store.base import to_micros
from shared.store.driver import driver_rows

_STANDING = """
SELECT progress.evaluated_day, fit.from_day
FROM (SELECT 1) one LEFT JOIN signals_progress progress ON 1 = 1
LEFT JOIN population_fit fit ON fit.from_day {ids}
"""
# Apart from one another: over two of them at once the planner reads the table.
_ANYWHERE = text("""
SELECT
  EXISTS (SELECT 1 FROM account_facts f WHERE f.account_id > :after AND NOT EXISTS
    (SELECT 1 FROM account_score s WHERE s.account_id = f.account_id)) AS fresh,
  EXISTS (SELECT 1 FROM account_score WHERE due_at IS NULL) AS undated,
  EXISTS (SELECT 1 FROM account_score WHERE due_at <= :now) AS due,
  EXISTS (SELECT 1 FROM account_score s JOIN account_facts f ON f.account_id = s.account_id
    WHERE f.revision > s.scored_revision) AS dirty,
  (SELECT max(account_id) FROM account_facts) AS highest
""")
_AMONG = text("""
SELECT
  max(CASE WHEN s.account_id IS NULL THEN 1 ELSE 0 END) AS fresh,
  max(CASE WHEN s.due_at <= :now THEN 1 ELSE 0 END) AS due,
  max(CASE WHEN f.revision > s.scored_revision THEN 1 ELSE 0 END) AS dirty
FROM account_facts f LEFT JOIN account_score s ON s.account_id = f.account_id
WHERE f.account_id IN :among
""").bindparams(bindparam("among", expanding=True))

_OVERDUE = text("""
SELECT count(*) FROM account_facts f LEFT JOIN account_score s ON s.account_id = f.account_id
WHERE f.changed_at < :since AND (s.account_id IS NULL OR f.revision > s.scored_revision)
""")


class Standing(NamedTuple):
    """How far evaluation has come, and the months whose fit is kept."""

    evaluated_day: int | None
    months: set[int]


class Waits(NamedTuple):
    """Whether there are accounts without a score, without a daily look, due for it, changed."""

    fresh: bool
    undated: bool
    due: bool
    dirty: bool


def standing(connection: Connection, months: Collection[int]) -> Standing:
    """Return where evaluation stands; of `months` (first days) those with a fit."""
    rows = driver_rows(connection, _STANDING, sorted(months))
    return Standing(rows[0][0], {month for _, month in rows if month is not None})


def waits_anywhere(connection: Connection, now: datetime, after: int) -> tuple[Waits, int]:
    """Return what waits, and the highest row id; `after` it newcomers are looked for."""
    row = connection.execute(_ANYWHERE, {"now": to_micros(now), "after": after}).one()
    waits = Waits(bool(row.fresh), bool(row.undated), bool(row.due), bool(row.dirty))
    return waits, row.highest or 0


def waits_among(connection: Connection, now: datetime, among: Sequence[int]) -> Waits:
    """Return what waits among these accounts."""
    row = connection.execute(_AMONG, {"now": to_micros(now), "among": list(among)}).one()
    return Waits(bool(row.fresh), undated=False, due=bool(row.due), dirty=bool(row.dirty))


def waiting_since(connection: Connection, since: datetime) -> int:
    """Return how many accounts have facts from before `since` that no score knows."""
    return connection.scalar(_OVERDUE, {"since": to_micros(since)}) or 0
