"""The fits of the whole population: kept by the month's first day, with what they were made from.

A cache that anybody may make again from the facts, and replaced when late facts ask for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, func, select

from services.signals.features.facts import DAY_MICROS
from services.signals.features.history import DemandDays
from services.signals.scoring.population import Basis, PopulationFit, PopulationPast, fit_day
from services.signals.store.accounts import known_accounts
from services.signals.store.facts import load_facts
from services.signals.store.rows import put
from shared.store.tables import PopulationFitRow

BLOCK = 5_000
"""Accounts read at once: memory follows this, not the size of the book."""


def put_fit(connection: Connection, fit: PopulationFit, basis: Basis, now: datetime) -> None:
    """Keep a fit, in place of the one that its month had."""
    values = {
        "from_day": fit.from_day,
        "made_at": now,
        "fit": fit.stored(),
        "basis": basis.accounts.tobytes() + basis.marks.tobytes(),
    }
    put(connection, PopulationFitRow, [values])


def read_fits(connection: Connection, days: Iterable[int]) -> dict[int, PopulationFit]:
    """Return the kept fits of the scores as of `days`, by their first day."""
    table = PopulationFitRow
    wanted = {fit_day(day) for day in days}
    rows = connection.execute(select(table.from_day, table.fit).where(table.from_day.in_(wanted)))
    return {row.from_day: PopulationFit.of(row.from_day, row.fit) for row in rows}


def fit_on(connection: Connection, day: int) -> PopulationFit | None:
    """Return the kept fit of the scores as of `day`; None where none was made."""
    return read_fits(connection, [day]).get(fit_day(day))


def newest_month(connection: Connection) -> int | None:
    """Return the first day of the newest kept fit; late facts renew this one alone."""
    return connection.scalar(select(func.max(PopulationFitRow.from_day)))


class KeptFits:
    """The fits of a process, decoded once each; which ones are in force is asked every time."""

    def __init__(self) -> None:
        self._fits: dict[int, PopulationFit] = {}
        self._made: dict[int, datetime] = {}

    def on(self, connection: Connection, days: Collection[int]) -> dict[int, PopulationFit]:
        """Return the kept fits of the scores as of `days`, by their first day."""
        wanted = {fit_day(day) for day in days}
        table = PopulationFitRow
        statement = select(table.from_day, table.made_at).where(table.from_day.in_(wanted))
        made = {row.from_day: row.made_at for row in connection.execute(statement)}
        if made != self._made:
            # One that is replaced between the two statements is read again the next time.
            self._fits, self._made = read_fits(connection, days), made
        return self._fits

    def made(self, day: int) -> datetime | None:
        """Return when the fit of the scores as of `day` was kept, as asked last."""
        return self._made.get(fit_day(day))


def made_at(connection: Connection, day: int) -> datetime | None:
    """Return when the fit of the scores as of `day` was kept; None where there is none."""
    return connection.scalar(
        select(PopulationFitRow.made_at).where(PopulationFitRow.from_day == fit_day(day))
    )


def read_basis(connection: Connection, from_day: int) -> Basis | None:
    """Return what the kept fit was made from; None where there is none."""
    body = connection.scalar(
        select(PopulationFitRow.basis).where(PopulationFitRow.from_day == from_day)
    )
    if body is None:
        return None
    half = len(body) // 2
    return Basis(np.frombuffer(body[:half], np.int64), np.frombuffer(body[half:], np.uint64))


def load_pasts(connection: Connection, from_days: Collection[int]) -> list[PopulationPast]:
    """Return what the fits of these months are made from, of the whole book."""
    pasts = [PopulationPast(day) for day in sorted(from_days)]
    for ids, demand in _blocks(connection, until_day=max(from_days)):
        for past in pasts:
            past.add(ids, demand)
    return pasts


def _blocks(connection: Connection, until_day: int) -> Iterator[tuple[Sequence[int], DemandDays]]:
    ids = [
        one.id for one in known_accounts(connection) if one.first_event_at < until_day * DAY_MICROS
    ]
    for at in range(0, len(ids), BLOCK):
        block = ids[at : at + BLOCK]
        facts = load_facts(connection, block, until_day=until_day, feeds=())
        yield block, DemandDays(facts)
