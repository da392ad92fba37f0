"""The event clock: each day is evaluated once event time has surely passed it, in order."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import Connection

from services.signals.alerting.alert import Alert, Track
from services.signals.features.facts import DAY_MICROS
from services.signals.features.history import DemandDays
from services.signals.intake_memory import IntakeMemory, mark
from services.signals.scoring.evaluate import Evaluator
from services.signals.store.accounts import known_accounts
from services.signals.store.locks import EVALUATION, notify, try_lock
from services.signals.store.merges import merges_hold_until
from services.signals.store.population import FitsInHand
from services.signals.store.progress import Progress, advance, first_event_day, read_progress
from services.signals.store.scores import (
    NO_DATA,
    put_scores,
    scored_revisions,
    stored_values,
)
from services.signals.store.stream import CHANNEL
from services.signals.watermark import last_due_day, next_watermark
from services.signals.worker.current import (
    current_values,
    score_rows,
    scores_before_merge,
    silent_values,
)
from services.signals.worker.daily import DailyEvaluation, Story
from services.signals.worker.late_acts import taken_up_meanwhile
from services.signals.worker.latency import observe_latency
from services.signals.worker.present import PresentScores
from services.signals.worker.stage import (
    Stage,
    Tools,
    changes_of,
    past_of,
    recorder_of,
    set_stage,
)
from shared.domain.watermark import Partition
from shared.store.base import from_micros, to_micros
from shared.store.moment import shared_micros
from shared.store.partitions import PartitionState, read_partitions
from shared.store.stalled import kept_alive

QUIET_SECONDS = 5.0
CHUNK_SECONDS = 1.5
"""What one transaction takes at least; the facts are read for each, so it also takes as long as
that took: catching up never spends more than half of its time on reading."""
CHUNK_DAYS = 180
LIVE_DAYS = 7
"""A longer chunk replays the past: how long its alerts took says nothing."""


@dataclass(frozen=True, slots=True)
class _Done:
    """Days that were evaluated, not yet stored."""

    stage: Stage
    progress: Progress
    rule: tuple[str, int]
    story: Story
    evaluator: Evaluator
    fits: FitsInHand
    tracks: list[Track]
    through: int
    explained: bool


class EventClock:
    """Steps of one process; any number of processes may step at the same time.

    `ended` says that all input was applied and no more comes for now; once `stop` is set, a step
    ends with the day in hand.
    """

    def __init__(self, tools: Tools, ended: threading.Event, stop: threading.Event) -> None:
        self._tools, self._ended, self._stop = tools, ended, stop
        self._memory = IntakeMemory()
        self._present = PresentScores(tools)
        self._mark: tuple[int, int] | None = None
        self._quiet_since = tools.clock.monotonic()

    def step(self) -> bool:
        """Do what is due; False when nothing was."""
        with self._tools.database.read() as connection:
            rows = read_partitions(connection)
            progress = read_progress(connection)
            first = first_event_day(connection)
            now = shared_micros(connection, to_micros(self._tools.clock.now()))
        partitions = self._memory.partitions(rows, now)
        complete = self._is_complete(rows, partitions)
        if self._ended.is_set():
            partitions = tuple(Partition(0, row.max_event_time) for row in rows)
        watermark = next_watermark(progress.watermark, partitions, now, complete=complete)
        last = last_due_day(watermark)
        if first is None or last is None:
            return False
        begin = first + 1 if progress.evaluated_day is None else progress.evaluated_day + 1
        if begin <= last:
            return self._evaluate(begin, last, watermark)
        if complete and self._present.score(rows, now):
            return True
        if watermark != progress.watermark and watermark is not None:
            self._store_watermark(watermark)
        return False

    def _is_complete(
        self, rows: tuple[PartitionState, ...], partitions: tuple[Partition, ...]
    ) -> bool:
        """Return whether neither lag nor a record was seen for a while."""
        now = self._tools.clock.monotonic()
        present = mark(rows)
        if present != self._mark or any(part.lag != 0 for part in partitions):
            self._mark = present
            self._quiet_since = now
        return self._ended.is_set() or now - self._quiet_since >= QUIET_SECONDS

    def _store_watermark(self, watermark: int) -> None:
        with self._tools.database.write() as connection:
            stands = read_progress(connection, lock=True).watermark
            if stands is None or stands < watermark:
                advance(connection, watermark=from_micros(watermark))

    def _evaluate(self, begin: int, last: int, watermark: int | None) -> bool:
        """Evaluate days from `begin`, as many as fit one transaction.

        On PostgreSQL all happens in the transaction that holds the lock. On SQLite the reading
        and reckoning happen outside, so that intake goes on; `evaluated_day` and the champion are
        compared before anything is stored. On either it begins anew where somebody took up what
        it would let expire.
        """
        database = self._tools.database
        if database.sqlite:
            with database.read() as connection:
                done = self._reckon(connection, begin, last)
            with database.write() as connection:
                stands = read_progress(connection, lock=True).evaluated_day
                if stands != done.progress.evaluated_day:
                    return True
                if self._tools.rule(connection, begin) != done.rule:
                    return True
                opened = self._store(connection, done, watermark)
        else:
            with database.write() as connection, kept_alive(connection):
                if not try_lock(connection, EVALUATION):
                    return False
                stands = read_progress(connection, lock=True).evaluated_day
                begin = begin if stands is None else stands + 1
                if begin > last:
                    return True
                done = self._reckon(connection, begin, last)
                opened = self._store(connection, done, watermark)
        if done.story.days <= LIVE_DAYS:
            observe_latency(database, self._tools.clock, opened)
        return True

    def _reckon(self, connection: Connection, begin: int, last: int) -> _Done:
        begun = self._tools.clock.monotonic()
        progress, rule = read_progress(connection), self._tools.rule(connection, begin)
        through = min(
            last,
            begin + CHUNK_DAYS - 1,
            rule[1],
            merges_hold_until(connection, begin),
        )
        stage = set_stage(
            connection,
            self._tools,
            known_accounts(connection),
            until_day=through,
            as_merged=through,
        )
        model = self._tools.champion(connection, begin)
        evaluator = Evaluator(stage.facts, model, clock="event")
        fits = FitsInHand(connection, [one.id for one in stage.accounts], DemandDays(stage.facts))
        past = past_of(stage)
        days = DailyEvaluation(
            stage.facts,
            evaluator,
            past,
            fit_on=fits.on,
            market_on=None,
            views=stage.views,
            choose=self._tools.plays.choose,
            budget=True,
        )
        ready = self._tools.clock.monotonic()
        until = ready + max(CHUNK_SECONDS, ready - begun)
        day = begin
        while True:
            days.evaluate(day)
            if day >= through or self._tools.clock.monotonic() > until or self._stop.is_set():
                break
            day += 1
        return _Done(
            stage, progress, rule, days.story, evaluator, fits, list(past.tracks), day, day == last
        )

    def _store(self, connection: Connection, done: _Done, watermark: int | None) -> list[Alert]:
        """Store the days and return what they opened; nothing where they are to begin anew."""
        stage, story = done.stage, done.story
        if taken_up_meanwhile(connection, stage, story):
            return []
        recorder = recorder_of(connection, self._tools, stage)
        recorder.signals(story.signals)
        recorder.alerts(changes_of(stage, story))
        through = done.through
        recorder.owners(through * DAY_MICROS, lambda index: stage.views.as_of(index, through))
        recorder.tracks(stage.tracks, done.tracks)
        recorder.send()
        done.fits.keep(connection, self._tools.clock)
        self._store_scores(connection, done)
        reached = done.through * DAY_MICROS if watermark is None else watermark
        advance(
            connection,
            evaluated_day=done.through,
            watermark=from_micros(max(reached, done.progress.watermark or reached)),
        )
        notify(connection, CHANNEL)
        return list(recorder.opened)

    def _store_scores(self, connection: Connection, done: _Done) -> None:
        """Store the last day's scores; they wait for `PresentScores` to count as up to date."""
        stage, last = done.stage, done.story.last
        if last is None:
            return
        ids = [account.id for account in stage.accounts]
        known = [at for at, one in enumerate(stage.accounts) if one.first_day < done.through]
        loud = [at for at in known if last.state[at] != NO_DATA]
        values = current_values(done.evaluator, last, loud, explained=done.explained)
        if NO_DATA in last.state:
            stored = stored_values(connection, ids)
            silent = silent_values(done.evaluator, done.fits.on, last, done.story.good, stored, ids)
            values |= {at: silent[at] for at in known if at in silent}
        rows = score_rows(
            stage.accounts,
            values,
            stage.told,
            revisions=scored_revisions(connection),
            due_at=None,
            before=scores_before_merge(connection, stage),
        )
        put_scores(connection, rows)
