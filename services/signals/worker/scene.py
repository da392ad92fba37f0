"""What one look of the wall clock has before it: some accounts, ready to be scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from services.signals.alerting.alert import Track
from services.signals.alerting.detectors.market import MarketOn
from services.signals.features.facts import DAY_MICROS, Feed
from services.signals.features.feeds import FeedKey, last_days_heard, silent_feeds
from services.signals.features.history import DemandDays
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit, fit_day
from services.signals.scoring.scores import Explanation, Scores
from services.signals.store.accounts import known_accounts
from services.signals.store.feeds import feeds_now, load_feeds
from services.signals.store.fits import KeptFits
from services.signals.store.market import KeptMarket
from services.signals.store.merges import Targets
from services.signals.store.population import MovedAccounts
from services.signals.store.scores import NO_DATA, put_scores, scored_revisions, stored_values
from services.signals.worker.current import (
    current_values,
    score_rows,
    scores_before_merge,
    silent_values,
)
from services.signals.worker.stage import Stage, Tools, set_stage
from services.signals.worker.told import midnight
from shared.domain.feeds import DAY_HOURS
from shared.store.base import from_micros, to_micros

CATCH_UP_DAYS = 31
FEEDS_SECONDS = 5.0
HOUR_MICROS = 3_600_000_000


def scored_days(today: int) -> range:
    """Return the days of which scores may be asked for: the catching up, and the running day."""
    return range(today - CATCH_UP_DAYS + 1, today + 2)


def judged_days(today: int) -> range:
    """Return the days that may be judged today, those of the catching up and of a look back."""
    return range(today - CATCH_UP_DAYS + 1, today + 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """The accounts of one look."""

    stage: Stage
    evaluator: Evaluator
    fit_on: Callable[[int], PopulationFit]
    market_on: MarketOn
    silent: Mapping[FeedKey, int]  # now, with the last hour in which each spoke

    @property
    def alone(self) -> list[int]:
        """Return the row ids of merged accounts that are looked at without their targets.

        Their facts are judged with the target's only.
        """
        ids = {account.id for account in self.stage.accounts}
        return sorted(one for one in ids if self.stage.into.get(one, one) not in ids)

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
        tracks: Sequence[Track] = (),
        overdue: Mapping[int, datetime | None] = MappingProxyType({}),
    ) -> None:
        """Store the current scores with reasons, the revisions read, and when to look next.

        By `tracks` some are looked at before the next midnight. Those `overdue`, by row
        id, stay due as they were: of them only the present was looked at.
        """
        accounts = self.stage.accounts
        ids = [account.id for account in accounts]
        # Who is alone stays changed, and the next look takes the target along.
        revisions = {one.id: one.revision for one in accounts}
        revisions |= scored_revisions(connection, self.alone) if self.alone else {}
        loud = [at for at in range(len(ids)) if scores.state[at] != NO_DATA]
        values = current_values(self.evaluator, scores, loud, explained=True, known=told)
        if len(loud) < len(ids):
            stored = stored_values(connection, ids)
            heard = self._heard(scores)
            values |= silent_values(self.evaluator, self.fit_on, scores, heard, stored, ids)
        following = midnight(to_micros(as_of) // DAY_MICROS + 1)
        rows = score_rows(
            accounts,
            {index: one | {"as_of": as_of} for index, one in values.items()},
            self.stage.told,
            revisions=revisions,
            due_at=following,
            before=scores_before_merge(connection, self.stage),
            sooner={**_sooner(ids, tracks, following), **overdue},
        )
        put_scores(connection, rows)

    def _heard(self, last: Scores) -> dict[int, Scores]:
        """Return the scores as of the last days on which feeds that are silent now were not.

        They are made from the facts anew: those that are stored may be of half of them, as when
        an account was looked at in the middle of its history's arrival.
        """
        found: dict[int, Scores] = {}
        for day in last_days_heard(self.stage.facts.feeds, self.silent, last.day):
            scores = self.scores(day)
            heard = (at for at, state in enumerate(scores.state) if state != NO_DATA)
            found |= {at: scores for at in heard if last.state[at] == NO_DATA}
        return found


def _sooner(
    ids: Sequence[int], tracks: Sequence[Track], following: datetime
) -> dict[int, datetime]:
    """Return, by row id, when to look at accounts of which history came."""
    return {
        one: min(from_micros(track.look_back_at), following)
        for one, track in zip(ids, tracks, strict=False)
        if track.look_back_at is not None
    }


class Scenes:
    """Sets scenes; remembers the feeds for seconds, and whose past late facts changed."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._feeds: tuple[Feed, ...] = ()
        self._feeds_at: tuple[float, int | None] | None = None
        self._silent: dict[FeedKey, int] = {}
        self._turned = True
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
        hour = to_micros(now) // HOUR_MICROS
        feeds = self._feeds_of(connection, hour, past=past)
        accounts = known_accounts(connection, ids)
        stage = set_stage(connection, self._tools, accounts, until_day=None, feeds=feeds, into=into)
        model = self._tools.champion(connection, today)
        evaluator = Evaluator(stage.facts, model, clock="wall", now_hour=hour)
        fits, day = self._fits.on(connection, scored_days(today)), today + 1
        demand = DemandDays(stage.facts)
        self.moved.look(connection, day, self._fits.made(day), ids, demand)
        # An older day than those goes by the earliest fit that is kept.
        return Scene(
            stage,
            evaluator,
            lambda day: fits[max(fit_day(day), min(fits))],
            KeptMarket(connection),
            self._silent,
        )

    def feeds_turned(self, connection: Connection, now: datetime) -> bool:
        """Return whether a feed fell silent or spoke, having been so, since it was answered last.

        Also the first time, since nobody knows what was before. Accounts that were looked at
        meanwhile had the feeds as they were then, and nothing of their own need follow.
        """
        self._feeds_of(connection, to_micros(now) // HOUR_MICROS)
        return self._turned

    def turn_answered(self) -> None:
        """Note that what follows from the feeds' turn is committed."""
        self._turned = False

    def _feeds_of(
        self, connection: Connection, hour: int, *, past: bool = False
    ) -> tuple[Feed, ...]:
        """Return the feeds as of an hour; with `past`, all of their hours."""
        at, of = self._tools.clock.monotonic(), None if past else hour
        if self._feeds_at is not None:
            read_at, known = self._feeds_at
            if known == of and at - read_at <= FEEDS_SECONDS:
                return self._feeds
        self._feeds = load_feeds(connection) if past else feeds_now(connection, hour)
        self._feeds_at = at, of
        silent = _silent_since(self._feeds, hour)
        self._turned |= silent != self._silent
        self._silent = silent
        return self._feeds


def _silent_since(feeds: Sequence[Feed], hour: int) -> dict[FeedKey, int]:
    """Return the feeds that are silent as of an hour, with the last hour in which each spoke."""
    silent = silent_feeds(feeds, hour // DAY_HOURS + 1, "wall", hour)
    keys = {(feed.source, feed.type): feed.hours for feed in feeds}
    return {key: int(keys[key][keys[key] < hour][-1]) for key in silent}
