"""From a model and features to probabilities: the curve, the erosion, the early warning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from services.signals.features.matrix import FeatureMatrix
from services.signals.hazard.interface import FloatArray, Forecast, LossModel

RISK_RANGE = (0.001, 0.999)


def forecast(
    model: LossModel, features: FeatureMatrix, shift: FloatArray | None = None
) -> Forecast:
    """Return the probabilities of these accounts; `shift` (n,) is their evidence in log-odds.

    The evidence moves every horizon alike, so the curve never falls.
    """
    rising = np.maximum.accumulate(model.curve_logits(features), axis=1)
    if shift is not None:
        rising = rising + shift[:, None]
    return Forecast(
        np.asarray(np.clip(expit(rising), *RISK_RANGE)),
        np.asarray(np.clip(expit(model.erosion_logits(features)), *RISK_RANGE)),
    )


def early_warning(curve: FloatArray, threshold: FloatArray) -> npt.NDArray[np.int64]:
    """Return the smallest h whose P_h reaches the threshold (n,) of the account; 0 for none."""
    reached = curve >= threshold.reshape(-1, 1)
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, 0)
