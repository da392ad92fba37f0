"""The lanes that fell for everybody, by day: told by the whole book, kept for all processes.

What is kept of a day is as known when it was made: events that come late change it only where the
population is fitted again. It is a cache that anybody may make again from the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, delete, func, select

from services.signals.alerting.detectors.market import PAST_DAYS
from services.signals.alerting.detectors.rhythm import Lane
from services.signals.features.facts import DAY_MICROS, Facts
from services.signals.scoring.population import fit_day
from services.signals.store.facts import indices_of, series_of
from services.signals.store.merges import merge_targets, places_of
from services.signals.store.rows import put
from shared.store.changes import read_changes
from shared.store.driver import driver_rows
from shared.store.tables import LaneMarketRow, PopulationFitRow

Fallen = Mapping[int, frozenset[Lane]]
_BOOKINGS = """
SELECT account_id, time, changes FROM event
WHERE account_id {ids} AND changes IS NOT NULL AND time >= SINCE AND time < UNTIL
"""


class KeptMarket:
    """Which lanes had fallen by a day, as it is kept; asks for each day once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, frozenset[Lane]] = {}

    def __call__(self, day: int) -> frozenset[Lane]:
        """Return the lanes that fell as of `day`; of a day that is not over, as of the last."""
        if day not in self._known:
            self._known[day] = self._read(day)
        return self._known[day]

    def _read(self, day: int) -> frozenset[Lane]:
        table = LaneMarketRow
        kept = select(table.lanes).where(table.day <= day).order_by(table.day.desc()).limit(1)
        return frozenset(Lane(*one) for one in self._connection.scalar(kept) or ())


def last_fitted(connection: Connection, days: Sequence[int]) -> datetime | None:
    """Return when a fit of the scores as of these days was made last."""
    months = {fit_day(day) for day in days}
    table = PopulationFitRow
    return connection.scalar(select(func.max(table.made_at)).where(table.from_day.in_(months)))


def days_without(
    connection: Connection, days: Sequence[int], fitted_at: datetime | None = None
) -> list[int]:
    """Return those of `days` whose market is not kept, or was told beside another fit than this."""
    table = LaneMarketRow
    kept = select(table.day).where(table.day.in_(days))
    if fitted_at is not None:
        kept = kept.where(table.fitted_at == fitted_at)
    return sorted(set(days) - set(connection.scalars(kept)))


def put_market(connection: Connection, fallen: Fallen, fitted_at: datetime, *, oldest: int) -> None:
    """Keep these days' fallen lanes in place of what they had; forget those before `oldest`."""
    rows = [
        {"day": day, "fitted_at": fitted_at, "lanes": [list(one) for one in sorted(lanes)]}
        for day, lanes in fallen.items()
    ]
    put(connection, LaneMarketRow, rows)
    connection.execute(delete(LaneMarketRow).where(LaneMarketRow.day < oldest))


def book_ids(connection: Connection) -> list[int]:
    """Return the row ids of all accounts of which anything is known."""
    rows = driver_rows(connection, "SELECT account_id FROM account_facts ORDER BY account_id")
    return [row[0] for row in rows]


def load_bookings(connection: Connection, accounts: Sequence[int], days: Sequence[int]) -> Facts:
    """Return of these accounts' facts only the business that tells of lanes as of `days`.

    An event is never before the day of its booking, so older ones say nothing of younger days.
    """
    since, until = (days[0] - PAST_DAYS) * DAY_MICROS, days[-1] * DAY_MICROS
    statement = _BOOKINGS.replace("SINCE", str(since)).replace("UNTIL", str(until))
    place = places_of(accounts, merge_targets(connection))
    rows = driver_rows(connection, statement, sorted(place))
    account, time, blobs = zip(*rows, strict=True) if rows else ((), (), ())
    changes, event = read_changes(blobs)
    return Facts(
        account_ids=tuple(map(str, accounts)),
        account=indices_of(np.array(account, dtype=np.int64)[event], place),
        series_id=changes["series_id"].astype(np.int64),
        day=changes["day"].astype(np.int64),
        effect_day=(np.array(time, dtype=np.int64) // DAY_MICROS)[event],
        sums={"business": changes["business"].astype(np.int64)},
        event_ids=np.zeros(0, dtype=np.object_),
        series=series_of(connection, changes["series_id"].astype(np.int64)),
        evidence=(),
        feeds=(),
    )
