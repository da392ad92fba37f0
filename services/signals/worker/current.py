"""The current score of each account, ready to be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from services.signals.scoring.scores import Explanation, Scores
from services.signals.store.accounts import KnownAccount
from services.signals.store.scores import (
    NO_DATA,
    Values,
    score_values,
    stored_values,
    with_kept,
)
from services.signals.worker.stage import Stage
from services.signals.worker.told import Told
from shared.store.base import from_micros


def current_values(
    evaluator: Evaluator,
    scores: Scores,
    indices: Sequence[int],
    *,
    explained: bool,
    known: Mapping[int, Explanation] = MappingProxyType({}),
) -> dict[int, Values]:
    """Return the columns of these accounts' scores, with reasons where asked for.

    `known` are explanations of the same scores that were made before.
    """

    def why(index: int) -> Explanation | None:
        if not explained:
            return None
        return known.get(index) or evaluator.explain(scores.day, scores, index)

    return {index: score_values(scores, index, why(index)) for index in indices}


def score_rows(
    accounts: Sequence[KnownAccount],
    values: Mapping[int, Values],
    told: Told,
    *,
    revisions: Mapping[int, int],
    due_at: datetime | None,
    before: Mapping[int, Values],
    sooner: Mapping[int, datetime | None] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Return the rows to store; by account row id `revisions` are those that were scored.

    So is `before`, the scores that merged accounts had, and `sooner`, who is due before `due_at`.
    """
    return [
        {
            "account_id": accounts[index].id,
            **columns,
            "scored_revision": revisions.get(accounts[index].id, 0),
            "due_at": sooner.get(accounts[index].id, due_at),
            "signal": with_kept(told.memory(index), before.get(accounts[index].id)),
        }
        for index, columns in values.items()
    ]


def scores_before_merge(connection: Connection, stage: Stage) -> dict[int, Values]:
    """Return the scores that those had, by row id, that are merged into another account now."""
    merged = [stage.accounts[index].id for index in stage.facts.merged]
    return stored_values(connection, merged) if merged else {}


def silent_values(
    evaluator: Evaluator,
    fit_on: Callable[[int], PopulationFit],
    last: Scores,
    good: Mapping[int, Scores],
    stored: Mapping[int, Mapping[str, Any]],
    ids: Sequence[int],
) -> dict[int, Values]:
    """Return, for accounts whose feed is silent, the values of the last score with data."""
    found: dict[int, Values] = {}
    for index, state in enumerate(last.state):
        if state != NO_DATA:
            continue
        if index in good:
            scores = good[index]
            fit = fit_on(scores.day)
            evaluator.use(fit)
            values = score_values(scores, index, evaluator.explain(scores.day, scores, index))
        elif ids[index] in stored:
            values = dict(stored[ids[index]])
        else:
            values = score_values(last, index, None)
            values |= dict.fromkeys(("risk", "curve", "band", "list", "early_warning_months"))
        found[index] = values | {
            "state": NO_DATA,
            "as_of": from_micros(last.day * DAY_MICROS),
            "coverage": float(last.coverage[index]),
        }
    return found
