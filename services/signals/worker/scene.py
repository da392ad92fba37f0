"""What one look of the wall clock has before it: some accounts, ready to be scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS, Feed
from services.signals.features.history import DemandDays
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit, fit_day
from services.signals.scoring.scores import Explanation, Scores
from services.signals.store.accounts import known_accounts
from services.signals.store.feeds import feeds_now, load_feeds
from services.signals.store.fits import KeptFits
from services.signals.store.merges import Targets
from services.signals.store.population import MovedAccounts
from services.signals.store.scores import NO_DATA, put_scores, stored_values
from services.signals.worker.current import (
    current_values,
    score_rows,
    scores_before_merge,
    silent_values,
)
from services.signals.worker.stage import Stage, Tools, set_stage
from services.signals.worker.told import midnight
from shared.store.base import to_micros

CATCH_UP_DAYS = 31
FEEDS_SECONDS = 5.0
HOUR_MICROS = 3_600_000_000


def scored_days(today: int) -> range:
    """Return the days of which scores may be asked for: the catching up, and the running day."""
    return range(today - CATCH_UP_DAYS + 1, today + 2)


@dataclass(frozen=True, slots=True)
class Scene:
    """The accounts of one look."""

    stage: Stage
    evaluator: Evaluator
    fit_on: Callable[[int], PopulationFit]

    def scores(self, day: int) -> Scores:
        """Return the scores as of `day`, by the population's fit for it."""
        fit = self.fit_on(day)
        self.evaluator.use(fit)
        return self.evaluator.scores(day)

    def store(
        self,
        connection: Connection,
        scores: Scores,
        *,
        as_of: datetime,
        told: Mapping[int, Explanation] = MappingProxyType({}),
        good: Mapping[int, Scores] = MappingProxyType({}),
    ) -> None:
        """Store the current scores with reasons, the revisions read, and the next midnight.

        `good` are, by index, the last scores with data of those whose feed fell silent.
        """
        accounts = self.stage.accounts
        ids = [account.id for account in accounts]
        loud = [at for at in range(len(ids)) if scores.state[at] != NO_DATA]
        values = current_values(self.evaluator, scores, loud, explained=True, known=told)
        if len(loud) < len(ids):
            stored = stored_values(connection, ids)
            values |= silent_values(self.evaluator, self.fit_on, scores, good, stored, ids)
        rows = score_rows(
            accounts,
            {index: one | {"as_of": as_of} for index, one in values.items()},
            self.stage.told,
            revisions={one.id: one.revision for one in accounts},
            due_at=midnight(to_micros(as_of) // DAY_MICROS + 1),
            before=scores_before_merge(connection, self.stage),
        )
        put_scores(connection, rows)


class Scenes:
    """Sets scenes; remembers the feeds for seconds, and whose past late facts changed."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._feeds: tuple[Feed, ...] = ()
        self._feeds_at: tuple[float, int | None] | None = None
        self._fits = KeptFits()
        self.moved = MovedAccounts()

    def forget_fits(self) -> None:
        """Begin anew: the fits are being made again."""
        self._fits = KeptFits()
        self.moved.forget()

    def of(
        self,
        connection: Connection,
        ids: Sequence[int],
        now: datetime,
        *,
        past: bool = False,
        into: Targets | None = None,
    ) -> Scene:
        """Return the scene of these accounts; `past` says that days before today are asked for.

        `into` are merges read a moment ago.
        """
        today = to_micros(now) // DAY_MICROS
        feeds = self._feeds_of(connection, None if past else to_micros(now) // HOUR_MICROS)
        accounts = known_accounts(connection, ids)
        stage = set_stage(connection, self._tools, accounts, until_day=None, feeds=feeds, into=into)
        model = self._tools.champion(connection, today)
        hour = to_micros(now) // HOUR_MICROS
        evaluator = Evaluator(stage.facts, model, clock="wall", now_hour=hour)
        fits, day = self._fits.on(connection, scored_days(today)), today + 1
        demand = DemandDays(stage.facts)
        self.moved.look(connection, day, self._fits.made(day), ids, demand)
        return Scene(stage, evaluator, lambda day: fits[fit_day(day)])

    def _feeds_of(self, connection: Connection, hour: int | None) -> tuple[Feed, ...]:
        """Return the feeds as of an hour; None for all of their hours."""
        at = self._tools.clock.monotonic()
        if self._feeds_at is not None:
            read_at, of = self._feeds_at
            if of == hour and at - read_at <= FEEDS_SECONDS:
                return self._feeds
        self._feeds = load_feeds(connection) if hour is None else feeds_now(connection, hour)
        self._feeds_at = at, hour
        return self._feeds
