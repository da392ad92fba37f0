"""The event clock's present: everybody's score as of the midnight after the last event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS
from services.signals.features.history import DemandDays
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from services.signals.store.accounts import KnownAccount, known_accounts
from services.signals.store.claims import UNSCORED
from services.signals.store.fits import fit_on, made_at
from services.signals.store.locks import EVALUATION, notify, try_lock
from services.signals.store.merges import named_by
from services.signals.store.population import FitsInHand, MovedAccounts
from services.signals.store.progress import Progress, advance, read_progress
from services.signals.store.scores import NO_DATA, put_scores, scored_revisions, stored_values
from services.signals.store.stream import CHANNEL
from services.signals.worker.current import (
    current_values,
    score_rows,
    scores_before_merge,
    silent_values,
)
from services.signals.worker.stage import Stage, Tools, set_stage
from shared.store.base import from_micros
from shared.store.partitions import PartitionState

Row = dict[str, Any]


class _Seen(NamedTuple):
    stage: Stage
    evaluator: Evaluator

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.stage.accounts]


class _Scored(NamedTuple):
    """Scores that were made, not yet stored."""

    progress: Progress
    rows: list[Row]
    fits: FitsInHand | None  # where everybody was looked at


class PresentScores:
    """Scores only: whoever changed, and everybody once the day or the population's fit moved."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._moved = MovedAccounts()

    def score(self, partitions: Sequence[PartitionState], now: int) -> bool:
        """Score who is due as of the midnight after the last event, or after `now`, if sooner.

        False when nobody is.
        """
        times = [one.max_event_time for one in partitions if one.max_event_time is not None]
        if not times:
            return False
        day = min(now, max(times)) // DAY_MICROS + 1
        database = self._tools.database
        with database.read() as connection:
            done = self._reckon(connection, day)
        if done is None:
            return False
        with database.write() as connection:
            if not try_lock(connection, EVALUATION):
                return False
            stands = read_progress(connection, lock=True)
            if stands.evaluated_day != done.progress.evaluated_day:
                return True
            if done.fits is not None:
                done.fits.keep(connection, self._tools.clock)
            put_scores(connection, done.rows)
            advance(connection, complete_as_of=from_micros(day * DAY_MICROS))
            notify(connection, CHANNEL)
        return True

    def _reckon(self, connection: Connection, day: int) -> _Scored | None:
        progress, fit = read_progress(connection), fit_on(connection, day)
        accounts, revisions = known_accounts(connection), scored_revisions(connection)
        changed = tuple(one for one in accounts if revisions.get(one.id, UNSCORED) < one.revision)
        if fit is not None and progress.complete_as_of == day * DAY_MICROS:
            if not changed:
                return None
            seen = self._look_with_targets(connection, changed, accounts, day)
            made, demand = made_at(connection, day), DemandDays(seen.stage.facts)
            if not self._moved.look(connection, day, made, seen.ids, demand):
                return _Scored(progress, _rows(connection, seen, fit, day), None)
        if not accounts:
            return None
        seen = self._look(connection, accounts, day)
        fits = FitsInHand(connection, seen.ids, DemandDays(seen.stage.facts))
        self._moved.forget()
        return _Scored(progress, _rows(connection, seen, fits.on(day), day), fits)

    def _look_with_targets(
        self,
        connection: Connection,
        changed: tuple[KnownAccount, ...],
        accounts: tuple[KnownAccount, ...],
        day: int,
    ) -> _Seen:
        """Look at who changed, and at those whose score counts their facts, or did."""
        seen = self._look(connection, changed, day)
        more = named_by(connection, seen.stage.facts, seen.stage.into).difference(seen.ids)
        if not more:
            return seen
        ids = more.union(seen.ids)
        return self._look(connection, tuple(one for one in accounts if one.id in ids), day)

    def _look(self, connection: Connection, accounts: tuple[KnownAccount, ...], day: int) -> _Seen:
        stage = set_stage(connection, self._tools, accounts, until_day=day, as_merged=day)
        model = self._tools.champion(connection, day)
        return _Seen(stage, Evaluator(stage.facts, model, clock="event"))


def _rows(connection: Connection, seen: _Seen, fit: PopulationFit, day: int) -> list[Row]:
    seen.evaluator.use(fit)
    scores = seen.evaluator.scores(day)
    loud = [at for at, state in enumerate(scores.state) if state != NO_DATA]
    values = current_values(seen.evaluator, scores, loud, explained=True)
    stored = stored_values(connection, seen.ids)
    values |= silent_values(seen.evaluator, lambda _: fit, scores, {}, stored, seen.ids)
    scored = {one.id: one.revision for one in seen.stage.accounts}
    return score_rows(
        seen.stage.accounts,
        values,
        seen.stage.told,
        revisions=scored,
        due_at=None,
        before=scores_before_merge(connection, seen.stage),
    )
