"""What one run of evaluations reads and keeps: shared by both clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection

from services.signals.alerting.account import AccountViews
from services.signals.alerting.alert import Action, Alert, Track
from services.signals.alerting.budget import standing_alerts
from services.signals.alerting.elsewhere import Closing
from services.signals.features.facts import DAY_MICROS, Facts, Feed
from services.signals.hazard.interface import LossModel
from services.signals.store.accounts import KnownAccount
from services.signals.store.alerts import read_actions, read_closings
from services.signals.store.facts import load_facts
from services.signals.store.memories import read_memories
from services.signals.store.merges import Targets, kin_of, merge_targets
from services.signals.store.models import Champions
from services.signals.worker.daily import Past, Story
from services.signals.worker.record import Recorder
from services.signals.worker.starts import Changed, Plays
from services.signals.worker.told import Told
from shared.runtime.clock import Clock
from shared.store.session import Database

ClockName = Literal["wall", "event"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What every part of the worker needs."""

    database: Database
    clock: Clock
    model: LossModel
    plays: Plays
    default_owner: str
    clock_name: ClockName = "wall"
    champions: Champions = field(default_factory=Champions)

    def champion(self, connection: Connection, day: int) -> LossModel:
        """Return the model that scores `day`: the champion by then, else the shipped one."""
        return self.champions.of(connection, day) or self.model

    def rule(self, connection: Connection, day: int) -> tuple[str, int]:
        """Return the version of the model that scores `day`, and the last day that it scores."""
        version = self.champion(connection, day).version
        return version, self.champions.until(connection, day)


@dataclass(frozen=True, slots=True)
class Stage:
    """The accounts of one run, with their facts and what earlier runs left behind."""

    accounts: tuple[KnownAccount, ...]
    facts: Facts
    views: AccountViews
    tracks: tuple[Track, ...]
    told: Told
    actions: Mapping[int, Sequence[Action]]  # by index
    elsewhere: Mapping[int, Sequence[Closing]]  # by index: on alerts of accounts merged with it
    into: Targets  # by which the facts were read


def set_stage(
    connection: Connection,
    tools: Tools,
    accounts: tuple[KnownAccount, ...],
    *,
    until_day: int | None,
    feeds: Sequence[Feed] | None = None,
    as_merged: int | None = None,
    into: Targets | None = None,
) -> Stage:
    """Read what a run over these accounts needs; `into` are merges read a moment ago."""
    ids = [account.id for account in accounts]
    into = merge_targets(connection, as_merged) if into is None else into
    facts = load_facts(connection, ids, until_day=until_day, feeds=feeds, into=into)
    memories = read_memories(connection, ids)
    place = {account: at for at, account in enumerate(ids)}
    actions = read_actions(connection, ids)
    return Stage(
        accounts=accounts,
        facts=facts,
        views=AccountViews(facts, tools.default_owner),
        tracks=tuple(memories[one].track for one in ids),
        told=Told([memories[one].signal for one in ids]),
        actions={place[one]: acts for one, acts in actions.items() if one in place},
        elsewhere=_elsewhere(connection, facts, into),
        into=into,
    )


def _elsewhere(connection: Connection, facts: Facts, into: Targets) -> dict[int, list[Closing]]:
    kin = kin_of(connection, facts, into)
    if not kin:
        return {}
    closings = read_closings(connection, sorted({one for others in kin.values() for one in others}))
    return {at: [act for one in others for act in closings[one]] for at, others in kin.items()}


def changes_of(stage: Stage, story: Story) -> list[Changed]:
    """Return what the days that were evaluated changed, in order."""
    return [
        Changed(
            day * DAY_MICROS,
            index,
            change,
            stage.views.as_of(index, day),
            story.thin.get((day, index), 1.0),
        )
        for day, index, change in story.changes
    ]


def past_of(stage: Stage) -> Past:
    """Return what daily evaluations need of the stage."""
    return Past(
        tracks=list(stage.tracks),
        told=stage.told,
        actions=stage.actions,
        first_day=[one.first_day for one in stage.accounts],
        elsewhere=stage.elsewhere,
    )


def recorder_of(connection: Connection, tools: Tools, stage: Stage) -> Recorder:
    """Return what writes down the happenings of this run."""
    return Recorder(
        connection,
        stage.accounts,
        stage.actions,
        tools.plays,
        tools.clock.now(),
        _standing(stage),
        told_as_known=tools.clock_name == "wall",
    )


def _standing(stage: Stage) -> dict[int, list[Alert]]:
    """Return, by index, the open alerts that the week's budget lets have a run."""
    resolved = {
        act.alert_id for acts in stage.actions.values() for act in acts if act.kind == "resolve"
    }
    return {
        index: [one for one in standing_alerts(track) if one.alert_id not in resolved]
        for index, track in enumerate(stage.tracks)
        if track.entries
    }
