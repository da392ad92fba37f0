"""The loss model that is shipped with the product, and what any other must offer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.signals.hazard.interface import HORIZONS, Labels, LossModel, Parts
from services.signals.hazard.logistic import LogisticModel

__all__ = [
    "ARTIFACTS",
    "HORIZONS",
    "SHIPPED_VERSION",
    "Labels",
    "LossModel",
    "Parts",
    "default_model",
]

ARTIFACTS = Path(__file__).parent / "artifacts"
SHIPPED_VERSION = "logistic-1"


@cache
def default_model() -> LossModel:
    """Return the model that is shipped with the product."""
    return LogisticModel.load(ARTIFACTS / f"{SHIPPED_VERSION}.json")
