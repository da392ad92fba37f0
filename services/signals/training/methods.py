"""The product's models as methods of a rolling origin: the prior alone, and the blend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.signals.hazard.blend import LossBlend
from services.signals.hazard.forecast import forecast
from services.signals.hazard.interface import Forecast, LossModel
from services.signals.training.level import market_level
from services.signals.training.local import fit_local
from services.signals.training.rolling import Fitted
from services.signals.training.rows import Rows


@dataclass(frozen=True)
class Prior:
    """The shipped model as it is: what an installation gets on its first day."""

    model: LossModel
    name: str = "prior"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the shipped model: it learns nothing here."""
        del rows, month
        return Asked(self.model)


@dataclass(frozen=True)
class Blend:
    """The shipped model, blended with the local one as closed windows accumulate."""

    prior: LossBlend
    name: str = "blend"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the blend of the windows that had closed by `month`."""
        return Levelled(fit_local(rows, month, self.prior))


@dataclass(frozen=True)
class Asked:
    """A loss model, asked about rows."""

    model: LossModel

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        """Return the model's forecast."""
        del past
        return forecast(self.model, rows.features)


@dataclass(frozen=True)
class Levelled:
    """A loss model that follows the market's level from month to month."""

    model: LossBlend

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        """Return the model's forecast, moved by what the last two months came to."""
        month = int(rows.month[0])
        level = market_level(self.model.logits(past.values), past, month)
        return forecast(self.model, rows.features, np.full(rows.month.size, level))
