"""The product's models as methods of the backtest: the prior alone, and the blend that is live."""

from __future__ import annotations

from dataclasses import dataclass

from services.signals.backtest.rolling import Fitted
from services.signals.hazard.blend import LossBlend
from services.signals.hazard.forecast import forecast
from services.signals.hazard.interface import Forecast, LossModel
from services.signals.training.local import fit_local
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
        return Asked(fit_local(rows, month, self.prior))


@dataclass(frozen=True)
class Asked:
    """A loss model, asked about rows."""

    model: LossModel

    def predict(self, rows: Rows) -> Forecast:
        """Return the model's forecast."""
        return forecast(self.model, rows.features)
