"""The population's fits as the clocks use them: which are in force, and which late facts moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.signals.features.history import DemandDays
from services.signals.scoring.population import (
    Basis,
    PopulationFit,
    PopulationPast,
    fit_day,
)
from services.signals.store.claims import score_again
from services.signals.store.fits import (
    fit_on,
    load_pasts,
    put_fit,
    read_basis,
    read_fits,
)
from shared.runtime.clock import Clock
from shared.store.session import Database

Made = tuple[PopulationFit, Basis]
MOVED_SHARE = 0.01
"""A smaller part of the accounts that late facts reached waits for the day's upkeep."""


class FitsInHand:
    """The fits of a run that has the facts of the whole book before it; makes what is not kept."""

    def __init__(self, connection: Connection, ids: Sequence[int], demand: DemandDays) -> None:
        self._connection, self._ids, self._demand = connection, ids, demand
        self._fits: dict[int, PopulationFit] = {}
        self._made: list[Made] = []

    def on(self, day: int) -> PopulationFit:
        """Return the fit of the scores as of `day`."""
        from_day = fit_day(day)
        if from_day not in self._fits:
            self._fits[from_day] = self._find(day, from_day)
        return self._fits[from_day]

    def keep(self, connection: Connection, clock: Clock) -> None:
        """Store what was made; scores by a fit that another one replaces are to be made again."""
        _keep(connection, clock, self._made)

    def _find(self, day: int, from_day: int) -> PopulationFit:
        past = PopulationPast(from_day)
        past.add(self._ids, self._demand)
        basis, before = past.basis(), read_basis(self._connection, from_day)
        if before is not None and before.same(basis):
            kept = fit_on(self._connection, day)
            if kept is not None:
                return kept
        fit = past.fit()
        self._made.append((fit, basis))
        return fit


class MovedAccounts:
    """Which accounts' past, as a fit read it, late facts changed; of one process."""

    def __init__(self) -> None:
        self._basis: Basis | None = None
        self._of: tuple[int, datetime | None] | None = None
        self._moved: set[int] = set()

    def look(
        self,
        connection: Connection,
        day: int,
        made: datetime | None,
        ids: Sequence[int],
        demand: DemandDays,
    ) -> int:
        """Compare accounts with the fit, `made` at a time, of the scores as of `day`.

        Returns how many moved so far.
        """
        from_day = fit_day(day)
        of = from_day, made  # another time is another basis
        if of != self._of:
            self._basis, self._of = read_basis(connection, from_day), of
            self._moved.clear()
        if self._basis is not None:
            self._moved.difference_update(ids)
            self._moved.update(self._basis.moved(ids, demand.marks(from_day)))
        return len(self._moved)

    def forget(self) -> None:
        """Begin anew: the fit is being made again."""
        self._basis, self._of = None, None
        self._moved.clear()

    @property
    def many(self) -> bool:
        """Tell whether they are enough to fit again at once."""
        known = 0 if self._basis is None else self._basis.accounts.size
        return len(self._moved) > MOVED_SHARE * known


def make_fits(database: Database, clock: Clock, from_days: Sequence[int]) -> None:
    """Fit these months from the facts as they stand.

    Reads before it writes: on SQLite intake goes on meanwhile. Two processes that do it at the
    same time make the same.
    """
    with database.read() as connection:
        pasts = load_pasts(connection, from_days)
    found = [(past.fit(), past.basis()) for past in pasts]
    with database.write() as connection:
        _keep(connection, clock, found)


def _keep(connection: Connection, clock: Clock, made: Sequence[Made]) -> None:
    before = read_fits(connection, [fit.from_day + 1 for fit, _ in made])
    for fit, basis in made:
        put_fit(connection, fit, basis, clock.now())
    if any(before.get(fit.from_day, fit) != fit for fit, _ in made):
        score_again(connection)
