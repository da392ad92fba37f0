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
from shared.store.base import to_micros
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


def kept_months(connection: Connection, from_days: Collection[int]) -> set[int]:
    """Return those of these first days whose fit is kept: asked at every step of the worker."""
    column = PopulationFitRow.from_day
    return set(connection.scalars(select(column).where(column.in_(from_days))))


def newest_month(connection: Connection) -> int | None:
    """Return the first day of the newest kept fit; late facts renew this one alone."""
    return connection.scalar(select(func.max(PopulationFitRow.from_day)))


def made_at(connection: Connection, from_day: int) -> int | None:
    """Return when the fit was kept, in microseconds: another time is another basis."""
    found = connection.scalar(
        select(PopulationFitRow.made_at).where(PopulationFitRow.from_day == from_day)
    )
    return None if found is None else to_micros(found)


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
