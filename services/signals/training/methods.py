"""The product's models as methods of a rolling origin: the prior, the blend, and one in force."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.signals.hazard.blend import LossBlend
from services.signals.hazard.forecast import forecast
from services.signals.hazard.interface import FloatArray, Forecast
from services.signals.scoring.evidence import Learned, learned_evidence
from services.signals.scoring.level import market_level
from services.signals.training.evidence import EvidenceFit, fit_evidence, log_odds
from services.signals.training.local import fit_local
from services.signals.training.rolling import Fitted
from services.signals.training.rows import Rows


@dataclass(frozen=True)
class Prior:
    """The shipped model as it is: what an installation gets on its first day."""

    model: LossBlend
    name: str = "prior"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the shipped model: it learns nothing here."""
        del rows, month
        return Asked(self.model, Learned())


@dataclass(frozen=True)
class Blend:
    """The shipped model, blended with the local one as closed windows accumulate."""

    prior: LossBlend
    name: str = "blend"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the blend of the windows that had closed by `month`."""
        model = fit_local(rows, month, self.prior)
        fit = evidence_of(rows, month, model)
        return Asked(model, Learned(fit.weights, fit.offset), follows=True)


@dataclass(frozen=True)
class InForce:
    """A model as it was stored, with the evidence weights that it had learned."""

    model: LossBlend
    name: str = "incumbent"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the model: it has learned before."""
        del rows, month
        return Asked(self.model, learned_evidence(self.model.manifest), follows=True)


@dataclass(frozen=True)
class Asked:
    """A loss model with its evidence weights; it may follow the market's level."""

    model: LossBlend
    learned: Learned
    follows: bool = False

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        """Return the forecast, moved by the evidence and by what the last two months came to."""
        shift = self._beside(rows)
        if self.follows:
            z = self.model.logits(past.values) + self._beside(past)
            now = int(rows.month[0])
            shift = shift + market_level(z, past.quiet, past.month, now)
        return forecast(self.model, rows.features, shift)

    def _beside(self, rows: Rows) -> FloatArray:
        if not rows.strength.any():
            return np.full(rows.month.size, self.learned.offset)
        return log_odds(rows.strength, self.learned.weights) + self.learned.offset


def evidence_of(rows: Rows, month: int, model: LossBlend) -> EvidenceFit:
    """Return what the outcomes closed by `month` say of the evidence; the beliefs without any."""
    closed = rows.take(rows.labels(month).known[:, 0])
    if not closed.strength.any():
        closed = closed.take(np.zeros(closed.month.size, dtype=bool))
    return fit_evidence(model.logits(closed.values), closed.strength, closed.lost[:, 0])
