"""What one run of evaluations reads and keeps: shared by both clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from services.signals.alerting.account import AccountViews
from services.signals.alerting.alert import Action, Track
from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts, Feed
from services.signals.hazard.dropout import fit_dropout
from services.signals.hazard.interface import LossModel
from services.signals.scoring.evaluate import Evaluator
from services.signals.store.accounts import KnownAccount
from services.signals.store.alerts import read_actions, read_tracks
from services.signals.store.facts import load_facts
from services.signals.store.progress import Progress
from services.signals.store.scores import last_signals
from services.signals.worker.record import Plays, Recorder
from services.signals.worker.told import Told, month_of
from shared.runtime.clock import Clock
from shared.store.session import Database


@dataclass(frozen=True, slots=True)
class Tools:
    """What every part of the worker needs."""

    database: Database
    clock: Clock
    model: LossModel
    plays: Plays
    default_owner: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The accounts of one run, with their facts and what earlier runs left behind."""

    accounts: tuple[KnownAccount, ...]
    facts: Facts
    views: AccountViews
    tracks: tuple[Track, ...]
    told: Told
    actions: Mapping[int, Sequence[Action]]  # by index


def set_stage(
    connection: Connection,
    tools: Tools,
    accounts: tuple[KnownAccount, ...],
    *,
    until_day: int | None,
    feeds: Sequence[Feed] | None = None,
) -> Stage:
    """Read what a run over these accounts needs."""
    ids = [account.id for account in accounts]
    facts = load_facts(connection, ids, until_day=until_day, feeds=feeds)
    tracks = read_tracks(connection, ids)
    last = last_signals(connection, ids)
    place = {account: at for at, account in enumerate(ids)}
    actions = read_actions(connection, ids)
    return Stage(
        accounts=accounts,
        facts=facts,
        views=AccountViews(facts, tools.default_owner),
        tracks=tuple(tracks.get(one, Track()) for one in ids),
        told=Told([last.get(one) for one in ids]),
        actions={place[one]: acts for one, acts in actions.items() if one in place},
    )


def recorder_of(connection: Connection, tools: Tools, stage: Stage) -> Recorder:
    """Return what writes down the happenings of this run."""
    return Recorder(connection, stage.accounts, stage.actions, tools.plays, tools.clock.now())


class Dropout:
    """The drop-out parameters of the population, fitted at most once a month."""

    def __init__(self, progress: Progress) -> None:
        kept = progress.model or {}
        self.params = DropoutParams(*kept["params"]) if "params" in kept else None
        self.month = kept.get("month", "")

    def refit(self, facts: Facts, day: int) -> bool:
        """Fit as of the day if its month has none yet; tell whether it did."""
        if month_of(day) == self.month:
            return False
        self.params = fit_dropout(facts, day, self.params)
        self.month = month_of(day)
        return True

    def apply(self, evaluator: Evaluator) -> None:
        """Let an evaluator use them."""
        if self.params is not None:
            evaluator.use(self.params)

    def stored(self) -> dict[str, object] | None:
        """Return what to keep."""
        if self.params is None:
            return None
        return {"params": list(self.params), "month": self.month}


ClockName = Literal["wall", "event"]
