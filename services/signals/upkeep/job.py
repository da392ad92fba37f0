"""The daily look at the scores from outside: drift, closed windows, warnings, the challenger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection

from services.signals.alerting.realised import losses, rescues
from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock as ClockName
from services.signals.features.history import DemandDays
from services.signals.hazard.dropout import SHIPPED
from services.signals.hazard.interface import LossModel
from services.signals.scoring.evaluate import Evaluator
from services.signals.store.accounts import known_accounts
from services.signals.store.facts import load_facts
from services.signals.store.models import (
    CHALLENGER,
    CHAMPION,
    last_holders,
    read_model,
    role_on,
)
from services.signals.store.population import FitsInHand
from services.signals.store.progress import read_progress
from services.signals.store.reports import (
    add_shadow,
    claim_report,
    has_shadow,
    put_report,
    shadow_risks,
    told_risks,
)
from services.signals.store.warnings import (
    add_episodes,
    alert_spans,
    known_episodes,
    lost_accounts,
)
from services.signals.upkeep.drift import drift
from services.signals.upkeep.record import Told, closed_starts, outcome, same_rows
from shared.runtime.clock import Clock
from shared.store.session import Database

DRIFT = "drift"
WATCHED = 5
"""Challengers that go on in shadow: a month start is judged when its three months have passed, and
by then monthly training has brought four more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole population as of a day."""

    day: int
    ids: list[int]
    facts: Facts
    demand: DemandDays
    fits: FitsInHand


def run_upkeep(database: Database, clock: Clock, kind: ClockName) -> bool:
    """Make the day's report; False when it is made, or nothing was scored yet."""
    with database.read() as connection:
        progress = read_progress(connection)
    day = progress.evaluated_day
    if day is None:
        return False
    with database.write() as connection:
        if not claim_report(connection, DRIFT, day, clock.now()):
            return False
    with database.read() as connection:
        scene = _scene(connection, day)
        report = _report(connection, scene)
        warnings = _warnings(connection, scene)
        shadows = _shadows(connection, scene, kind)
        scene.fits.on(day + 1)  # late facts: the running day's scores follow them from now on
    with database.write() as connection:
        add_episodes(connection, scene.ids, warnings, clock.now())
        for shadow in shadows:
            add_shadow(connection, *shadow)
        put_report(connection, DRIFT, day, report, clock.now())
        scene.fits.keep(connection, clock)
    return True


def _scene(connection: Connection, day: int) -> Scene:
    ids = [one.id for one in known_accounts(connection)]
    facts = load_facts(connection, ids, until_day=day)
    demand = DemandDays(facts)
    return Scene(day, ids, facts, demand, FitsInHand(connection, ids, demand))


def _report(connection: Connection, scene: Scene) -> dict[str, Any]:
    starts = closed_starts(scene.day)
    told = _told(scene, told_risks(connection, scene.ids, starts))
    fit = scene.fits.on(scene.day)
    found: dict[str, Any] = {
        **drift(scene.facts, fit.params or SHIPPED, scene.day)._asdict(),
        "market_shift": fit.shift,
        "closed": outcome(scene.demand, told, scene.day),
        "champion": _version(connection, CHAMPION, scene.day),
        "challenger": _version(connection, CHALLENGER, scene.day),
        "shadow": None,
    }
    for version in _watched(connection, scene.day):
        theirs = _told(scene, shadow_risks(connection, version, starts))
        ours, theirs = same_rows(told, theirs)
        did = outcome(scene.demand, theirs, scene.day)
        if did is not None:
            mine = outcome(scene.demand, ours, scene.day)
            found["shadow"] = {"version": version, "champion": mine, "challenger": did}
            break
    return found


def _watched(connection: Connection, day: int) -> list[str]:
    """Return the challengers in shadow, newest first."""
    return last_holders(connection, CHALLENGER, day, WATCHED)


def _version(connection: Connection, role: str, day: int) -> str | None:
    decided = role_on(connection, role, day)
    return None if decided is None else decided.version


def _told(scene: Scene, rows: Sequence[tuple[int, int, float]]) -> Told:
    place = {account: at for at, account in enumerate(scene.ids)}
    kept = [(place[account], day, risk) for account, day, risk in rows if account in place]
    columns = np.array(kept, dtype=np.float64).reshape(len(kept), 3)
    return Told(columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2])


def _warnings(connection: Connection, scene: Scene) -> list[Any]:
    spans = alert_spans(connection, scene.ids)
    place = {account: at for at, account in enumerate(scene.ids)}
    known = {
        (place[account], name) for account, name in known_episodes(connection) if account in place
    }
    lost = lost_accounts(connection)
    found = losses(scene.demand, scene.day, scene.facts.account_ids, spans, known)
    gone = [one for one in found if scene.ids[one.account] in lost]
    return [*gone, *rescues(scene.demand, scene.day, spans)]


def _shadows(
    connection: Connection, scene: Scene, kind: ClockName
) -> list[tuple[str, int, dict[int, float]]]:
    """Return the risks that those in shadow give as of this month's start, once a month."""
    month = np.datetime64(scene.day, "D").astype("datetime64[M]")
    start = int(month.astype("datetime64[D]").astype(np.int64))
    found = []
    for version in _watched(connection, scene.day):
        model = read_model(connection, version)
        if model is not None and not has_shadow(connection, version, start):
            found.append((version, start, _risks(scene, model, start, kind)))
    return found


def _risks(scene: Scene, model: LossModel, day: int, kind: ClockName) -> dict[int, float]:
    evaluator = Evaluator(scene.facts, model, clock=kind)
    fit = scene.fits.on(day)
    evaluator.use(fit)
    scores = evaluator.scores(day)
    return {
        scene.ids[at]: float(scores.risk[at])
        for at, state in enumerate(scores.state)
        if state == "scored"
    }
