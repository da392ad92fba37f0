"""What the rest of the product knows of a loss model: any model plugs in here."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from services.signals.features.matrix import FeatureMatrix

FloatArray = npt.NDArray[np.float64]
HORIZONS = 12


class Labels(NamedTuple):
    """What became of n account-months: `lost[:, h - 1]` = a loss starts within h months.

    `known` is False where the window of that horizon had not closed; `weight` has shape (n,).
    """

    lost: npt.NDArray[np.bool_]  # (n, 12)
    known: npt.NDArray[np.bool_]  # (n, 12)
    weight: FloatArray


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

    def fit(self, features: FeatureMatrix, labels: Labels) -> Self:
        """Return a model fitted to these rows."""

    def curve_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n, 12) logits of P_h, not yet forced to be monotone."""

    def explain(self, features: FeatureMatrix) -> Parts:
        """Return the split of column 0 of `curve_logits`."""

    def save(self, path: Path) -> None:
        """Write the model as plain numbers with its manifest."""
