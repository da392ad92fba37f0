"""What the rest of the product knows of a loss model: any model plugs in here.

How the pieces fit together, for training, backtest and life alike:

    population = read_population(path)                # training.population, or population_of(facts)
    rows = population_rows(population, first, refit)  # training.rows: features and labels
    prior = load_prior(excluding=population.facts)    # training.prior: by fingerprint
    model = fit_local(rows, month, prior)             # training.local: windows closed by `month`
    now = rows.take(rows.month == month)
    curve, erosion = forecast(model, now.features)    # hazard.forecast
    warning = early_warning(curve, thresholds)        # hazard.forecast

Without closed labels `fit_local` gives what the prior says; live, `default_model()` is the prior.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from services.signals.features.dropout import DropoutParams
from services.signals.features.matrix import FeatureMatrix

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
HORIZONS = 12


class Labels(NamedTuple):
    """What became of n account-months: `lost[:, h - 1]` = a loss starts within h months.

    `known` is False where the window of that horizon had not closed; `weight` has shape (n,).
    """

    lost: BoolArray  # (n, 12)
    known: BoolArray  # (n, 12)
    weight: FloatArray
    eroded: BoolArray  # (n,) next 3 months' volume <= 30 % of the trailing 6-month mean
    eroded_known: BoolArray  # (n,) those 3 months have passed, and there was volume before


class Forecast(NamedTuple):
    """What a model says of n accounts as of one day."""

    curve: FloatArray  # (n, 12) P_h, never falling; [:, 0] is the risk
    erosion: FloatArray  # (n,) P(volume of the next 3 months <= 30 % of the trailing 6-month mean)


class Parts(NamedTuple):
    """An exact split of the 3-month logit: `base` + the sum of a row of `values`."""

    base: float
    groups: tuple[str, ...]
    values: FloatArray  # (n, len(groups))


class LossModel(Protocol):
    """Turns features into the logits of the loss curve, and says where they come from.

    A model that is not additive splits its logit over the feature groups by replacing them, in
    the order of `Parts.groups`, from its reference account; the residue is the group
    `interaction`.
    """

    @property
    def version(self) -> str:
        """Name of the artifact: stored with every score."""

    @property
    def cuts(self) -> dict[str, tuple[float, float, float]]:
        """Cuts (watch, high, critical) in points per list."""

    @property
    def dropout(self) -> DropoutParams:
        """Parameters of the drop-out features until the installation has its own."""

    @property
    def manifest(self) -> dict[str, Any]:
        """Features, data span, digests, metrics."""

    def curve_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n, 12) logits of P_h, not yet forced to be monotone."""

    def erosion_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n,) logits of P(erosion)."""

    def explain(self, features: FeatureMatrix) -> Parts:
        """Return the split of column 0 of `curve_logits`."""

    def save(self, path: Path) -> None:
        """Write the model as plain numbers with its manifest."""
