"""Scores of any number of accounts as of any day.

The work goes block by block. The first blocks are kept, so that the next day need not prepare
them anew, and of the others only the last one: what is prepared of 100,000 accounts would take more
memory than their facts. Accounts are scored alike in any company, so blocks change no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain
from typing import Any

import numpy as np

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock
from services.signals.features.part import part_of
from services.signals.hazard.interface import LossModel
from services.signals.scoring.block import BlockEvaluator
from services.signals.scoring.population import PopulationFit
from services.signals.scoring.scores import Explanation, Scores

BLOCK_ACCOUNTS = 10_000
KEPT_ROWS = 2_000_000
"""Booking rows (account, lane and day) of the blocks that are kept: some 170 bytes each."""


class Evaluator:
    """Scores the accounts of `facts` with `model`; nothing at or after the day is looked at."""

    def __init__(
        self, facts: Facts, model: LossModel, *, clock: Clock, now_hour: int | None = None
    ) -> None:
        self.facts = facts
        self._model, self._clock, self._now_hour = model, clock, now_hour
        self._use: tuple[DropoutParams, float] | None = None
        self._kept: dict[int, BlockEvaluator] = {}
        self._kept_rows = 0
        self._last: tuple[int, BlockEvaluator] | None = None  # of those that are not kept

    def use(self, fit: PopulationFit) -> None:
        """Take the drop-out parameters of this population, and the market's shift, from now on.

        Without parameters: those of the model. The shift is the log-odds by which everybody's risk
        differs for now; it belongs to `base`.
        """
        wanted = (fit.params or self._model.dropout, fit.shift)
        if wanted == self._use:
            return
        self._use = wanted
        for block in self._kept.values():
            block.use(*wanted)
        if self._last is not None:
            self._last[1].use(*wanted)

    def scores(self, day: int) -> Scores:
        """Return the scores as of 00:00 UTC of `day`."""
        count = -(-len(self.facts.account_ids) // BLOCK_ACCOUNTS)
        return _joined([self._block(at).scores(day) for at in range(max(count, 1))])

    def explain(self, day: int, scores: Scores, index: int) -> Explanation:
        """Return why the account `index` has its risk; no reasons where it has none.

        `scores` are those of `day` with the present drop-out parameters.
        """
        block, at = divmod(index, BLOCK_ACCOUNTS)
        return self._block(block).explain(day, float(scores.risk[index]), at)

    def _block(self, at: int) -> BlockEvaluator:
        if at in self._kept:
            return self._kept[at]
        if self._last is None or self._last[0] != at:
            self._last = None  # before the next one is made
            self._last = at, self._prepared(at)
        block, rows = self._last[1], self._last[1].facts.day.size
        if self._kept_rows + rows <= KEPT_ROWS:
            self._kept[at], self._last = block, None
            self._kept_rows += rows
        return block

    def _prepared(self, at: int) -> BlockEvaluator:
        part = part_of(self.facts, at * BLOCK_ACCOUNTS, (at + 1) * BLOCK_ACCOUNTS)
        block = BlockEvaluator(part, self._model, clock=self._clock, now_hour=self._now_hour)
        if self._use is not None:
            block.use(*self._use)
        return block


def _joined(parts: Sequence[Scores]) -> Scores:
    """Return the scores of successive blocks as those of one set of accounts."""
    if len(parts) == 1:
        return parts[0]
    return Scores(
        **{one.name: _column([getattr(p, one.name) for p in parts]) for one in fields(Scores)}
    )


def _column(values: Sequence[Any]) -> Any:
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    if isinstance(values[0], tuple):
        return tuple(chain.from_iterable(values))
    return values[0]  # the day, the version of the model: the same in all of them
