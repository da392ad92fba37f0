"""The wall clock: accounts are looked at when their facts change, and daily at 00:00 UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.signals.alerting.alert import Alert
from services.signals.alerting.budget import admitted_alerts
from services.signals.alerting.history import SETTLE_MICROS, HistoryWatch
from services.signals.features.facts import DAY_MICROS
from services.signals.scoring.population import fit_day
from services.signals.store.claims import (
    claim_dirty,
    claim_due,
    look_again_at_silent,
    schedule,
)
from services.signals.store.newcomers import Newcomers
from services.signals.store.urgent import UrgentAccounts
from services.signals.store.waiting import Waits, standing, waits_among
from services.signals.worker.at_once import AT_ONCE_DAYS, open_at_once
from services.signals.worker.closing import close_day
from services.signals.worker.due_look import due_look, oldest_day
from services.signals.worker.finish import finish
from services.signals.worker.latency import observe_latency
from services.signals.worker.look_back import (
    days_of,
    look_back,
    note_history,
)
from services.signals.worker.pace import CHUNK, Pace
from services.signals.worker.rescore import rescore
from services.signals.worker.scene import Scenes, scored_days
from services.signals.worker.stage import Tools, changes_of, past_of, recorder_of
from services.signals.worker.told import midnight
from services.signals.worker.whole_book import WholeBook
from shared.store.base import from_micros, to_micros


class WallClock:
    """Steps of one process; any number of processes share the accounts."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._urgent = UrgentAccounts(tools.clock, timedelta(days=AT_ONCE_DAYS))
        self._newcomers = Newcomers(tools.clock)
        self._pace = Pace(tools.clock)
        self._last_claimed = 0
        self._scenes = Scenes(tools)
        self._book = WholeBook(tools, self._scenes, self._pace)
        # Whether alerts may have opened since the week's budget was shared: at first by a process
        # that was killed then.
        self._unshared = True

    def facts_came(self) -> None:
        """Note that facts were committed; safe from any thread."""
        self._pace.facts_came()

    def step(self) -> bool:
        """Do one chunk of what waits, what is urgent first; False when nothing did."""
        now = self._tools.clock.now()
        today = to_micros(now) // DAY_MICROS
        months = {fit_day(day) for day in scored_days(today)}
        with self._tools.database.read() as connection:
            stands = standing(connection, months)
            urgent = self._urgent.waiting(connection, now)
            waits = waits_among(connection, now, urgent) if urgent else None
        if stands.months != months:
            return self._book.fit(sorted(months - stands.months))
        if waits and any(waits) and self._look(now, stands.evaluated_day, waits, urgent):
            return True
        if self._pace.resting():
            return False
        with self._tools.database.read() as connection:
            waits = self._newcomers.waits(connection, now)
            turned = not any(waits) and self._scenes.feeds_turned(connection, now)
        if any(waits):
            prepared = waits.due and self._book.prepare(today)
            return prepared or self._look(now, stands.evaluated_day, waits)
        if turned and self._look_again_at_silent():
            return True
        return self._idle(today, stands.evaluated_day)

    def _look_again_at_silent(self) -> bool:
        with self._tools.database.write() as connection:
            found = look_again_at_silent(connection)
        self._scenes.turn_answered()
        return found

    def _idle(self, today: int, evaluated_day: int | None) -> bool:
        again = self._unshared
        if evaluated_day is None or evaluated_day < today or again:
            closed = close_day(self._tools, today, again=again)
            self._unshared = again and not closed
            return closed
        return self._book.refit(today) or self._book.tell_market(today)

    def _look(
        self,
        now: datetime,
        evaluated_day: int | None,
        waits: Waits,
        among: Sequence[int] | None = None,
    ) -> bool:
        """Look at one chunk of accounts that wait; False when there were none."""
        if waits.fresh or waits.undated:
            self._welcome(now, evaluated_day, among)
        limit = self._pace.chunk()
        done: list[int] = []
        if waits.due or waits.fresh or waits.undated:
            done = self._daily(now, limit, among)
        done = done or self._rescore(now, limit, among)
        if among is None:
            self._pace.done(len(done))
        return bool(done)

    def _claim_dirty(
        self, connection: Connection, now: datetime, limit: int, among: Sequence[int] | None
    ) -> list[int]:
        """Claim in turns: who has a small number must not keep the others from theirs."""
        if among is not None:
            return claim_dirty(connection, now, limit, among=among)
        ids = claim_dirty(connection, now, limit, after=self._last_claimed)
        if not ids and self._last_claimed:
            ids = claim_dirty(connection, now, limit)
        self._last_claimed = ids[-1] if len(ids) == limit else 0
        return ids

    def _welcome(
        self, now: datetime, evaluated_day: int | None, among: Sequence[int] | None
    ) -> None:
        """Give every account a next look; after an event clock, the day that follows its last.

        An account with history, as after an import, begins with its last weeks once no more of it
        comes: what has been going on there need not wait for two more midnights to be told.
        """
        today, settled = to_micros(now) // DAY_MICROS, from_micros(to_micros(now) + SETTLE_MICROS)
        following = today if evaluated_day is None else evaluated_day + 1

        def due(first_event_at: datetime) -> datetime:
            begins = to_micros(first_event_at) // DAY_MICROS + 1
            return midnight(begins) if begins > today else settled

        with self._tools.database.write() as connection:
            self._newcomers.welcome(connection, due, CHUNK, among)
            schedule(connection, midnight(following))

    def _rescore(self, now: datetime, limit: int, among: Sequence[int] | None) -> list[int]:
        """Score accounts whose facts changed; open only what does not wait for the day's end."""
        opened: list[Alert] = []
        with self._tools.database.write() as connection:
            ids = self._claim_dirty(connection, now, limit, among)
            if not ids:
                return []
            opened = rescore(self._tools, self._scenes, connection, ids, now)
        self._urgent.done(ids)
        observe_latency(self._tools.database, self._tools.clock, opened)
        return ids

    def _daily(self, now: datetime, limit: int, among: Sequence[int] | None) -> list[int]:
        """Evaluate the accounts of one chunk as of each midnight that they have not seen."""
        today = to_micros(now) // DAY_MICROS
        opened: list[Alert] = []
        with self._tools.database.write() as connection:
            if not self._book.stands(connection, today):
                return []
            claimed = claim_due(connection, now, limit, among)
            if not claimed:
                return []
            look = due_look(self._scenes, connection, claimed, now)
            scene, stage, first = look.scene, look.scene.stage, look.days.start
            past, watch = past_of(stage), HistoryWatch(stage.facts)
            past.tracks = note_history(stage, watch, past.tracks, to_micros(now))
            before = range(oldest_day(today), min(first, today + 1))
            behind, story = look_back(
                self._tools, scene, past, before, first=look.is_first, now=to_micros(now)
            )
            days = days_of(self._tools, scene, past)
            for day in look.days:
                days.evaluate(day)
            recorder = recorder_of(connection, self._tools, stage)
            story = story if look.is_first else days.story
            recorder.signals(story.signals)
            changes = behind + changes_of(stage, days.story)
            recorder.alerts(changes, works=admitted_alerts(past.tracks))
            # Events of today count already in the current score, and may not wait for midnight.
            present = scene.scores(today + 1)
            tracks = open_at_once(self._tools, scene, past.tracks, present, recorder, now)
            tracks = [watch.looked_at(index, one, today) for index, one in enumerate(tracks)]
            finish(connection, scene, recorder, tracks)
            scene.store(connection, present, as_of=now)
            opened = recorder.opened
        # Who was looked at without a merge's target is so with it next, as urgently.
        self._urgent.done(sorted(set(look.ids).difference(scene.alone)))
        self._unshared |= bool(opened)
        observe_latency(self._tools.database, self._tools.clock, opened)
        return look.ids
