"""From an installation's facts to a champion: fit, judge, store, decide; or say why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS, Facts
from services.signals.features.feeds import Clock as ClockName
from services.signals.hazard.blend import LossBlend
from services.signals.hazard.interface import LossModel
from services.signals.hazard.model import SHIPPED_VERSION, default_model
from services.signals.store.accounts import known_accounts
from services.signals.store.facts import load_facts
from services.signals.store.models import (
    CHALLENGER,
    CHAMPION,
    EVER,
    Champions,
    Role,
    add_model,
    give_role,
    model_bytes,
    role_on,
    versions,
)
from services.signals.store.progress import read_progress
from services.signals.training.hindsight import hindsight
from services.signals.training.local_card import local_card
from services.signals.training.local_train import (
    Comparison,
    InsufficientDataError,
    prepare,
    train_local,
)
from services.signals.training.methods import InForce
from services.signals.training.rolling import Plan
from services.signals.training.rows import FIRST_ROW
from shared.runtime.clock import Clock
from shared.store.base import to_micros
from shared.store.session import Database

Advance = Callable[[float, str], None]


class AlreadyTrainedError(Exception):
    """The month has its model; the message says which."""


class Decision(NamedTuple):
    """What became of a candidate."""

    version: str
    incumbent: str
    promoted: bool
    reason: str
    comparison: Comparison
    card: str


def run_training(
    database: Database,
    clock: Clock,
    kind: ClockName,
    *,
    dry_run: bool = False,
    again: bool = False,
    advance: Advance = lambda *_: None,
) -> Decision:
    """Fit a candidate to everything that closed, and promote it if it is no worse.

    Raises `InsufficientDataError` or `AlreadyTrainedError`; then nothing is stored. A refused
    candidate becomes the challenger; a promoted one's predecessor does. The decision counts from
    the day after the one on which it is stored, since fitting may take until past midnight.
    """
    with database.read() as connection:
        day = _today(connection, clock, kind)
        known = versions(connection)
        name = f"local-{np.datetime64(day, 'D').astype('datetime64[M]')}"
        taken = sorted(one for one in known if one.startswith(name))
        if taken and not (again or dry_run):
            raise AlreadyTrainedError(
                f"{taken[-1]} was fitted this month; refits are monthly, --again fits another"
            )
        version = f"{name}.{len(taken) + 1}" if taken else name
        ids = [one.id for one in known_accounts(connection)]
        facts = load_facts(connection, ids, until_day=day)
        as_known = load_facts(connection, ids, until_day=day, feeds=(), as_known=True)
        # One that was promoted today reigns from tomorrow, and is who is to be beaten.
        incumbent: LossModel = Champions().of(connection, day + 1) or default_model()
    advance(0.1, "facts")
    decided = _judged(facts, as_known, day, kind, incumbent, version, advance)
    if not dry_run:
        with database.write() as connection:
            read_progress(connection, lock=True)  # no day is being evaluated, nobody else decides
            _still_open(connection, decided[1])
            _store(connection, decided, incumbent, _today(connection, clock, kind), clock)
    return decided[1]


def _still_open(connection: Connection, decision: Decision) -> None:
    """Raise `AlreadyTrainedError` if another training was stored while this one was at work."""
    champion = role_on(connection, CHAMPION, EVER)
    reigns = SHIPPED_VERSION if champion is None else champion.version
    if decision.version in versions(connection) or reigns != decision.incumbent:
        raise AlreadyTrainedError(
            "another training ended while this one was at work; nothing was stored"
        )


def _today(connection: Connection, clock: Clock, kind: ClockName) -> int:
    """Return the day that has come: by the wall, or by the evaluated event time."""
    evaluated = read_progress(connection).evaluated_day
    if kind == "wall":
        return to_micros(clock.now()) // DAY_MICROS
    if evaluated is None:
        raise InsufficientDataError("insufficient data: no day has been evaluated yet")
    return evaluated


def _judged(
    facts: Facts,
    as_known: Facts,
    day: int,
    kind: ClockName,
    incumbent: LossModel,
    version: str,
    advance: Advance,
) -> tuple[LossBlend, Decision]:
    month = np.datetime64(day, "D").astype("datetime64[M]")
    end = int(month.astype("datetime64[D]").astype(np.int64))
    if not isinstance(incumbent, LossBlend):
        raise TypeError(f"{incumbent.version} is no model that can be judged here")
    store = prepare(facts, end, kind)
    trained = train_local(
        store, incumbent, version, lambda done, what: advance(0.1 + 0.8 * done, what)
    )
    advance(0.95, "hindsight")
    truth, plan = store.population, Plan(FIRST_ROW, len(store.population.months) - 1)
    flattered = hindsight(InForce(trained.model), plan, truth, store.rows, as_known)
    manifest = trained.model.manifest | {"hindsight": flattered}
    refusal = trained.comparison.refusal
    reason = f"refused: {refusal}" if refusal else _praise(trained.comparison, incumbent.version)
    model = replace(trained.model, manifest={**manifest, "decision": reason})
    card = local_card(model, reason)
    promoted = refusal is None
    return model, Decision(version, incumbent.version, promoted, reason, trained.comparison, card)


def _praise(comparison: Comparison, incumbent: str) -> str:
    mine, theirs = comparison.candidate, comparison.incumbent
    return (
        f"promoted: log loss {mine['log_loss']:.4f} and AUC_m {mine['auc_m']:.4f};"
        f" {incumbent} had {theirs['log_loss']:.4f} and {theirs['auc_m']:.4f}"
    )


def _store(
    connection: Connection,
    decided: tuple[LossBlend, Decision],
    incumbent: LossModel,
    day: int,
    clock: Clock,
) -> None:
    model, decision = decided
    body, now = model_bytes(model), clock.now()
    add_model(
        connection,
        {
            "version": decision.version,
            "body": body,
            "digest": hashlib.sha256(body).hexdigest(),
            "manifest": model.manifest,
            "card": decision.card,
            "made_at": now,
        },
    )
    # From tomorrow on: all scores of a day come from one model.
    champion = Role(decision.version, day + 1, now, decision.reason)
    if decision.promoted:
        give_role(connection, CHAMPION, champion)
        watch = f"was the champion before {decision.version}"
        give_role(connection, CHALLENGER, Role(incumbent.version, day + 1, now, watch))
    else:
        give_role(connection, CHALLENGER, champion)
