"""The loss models shipped with the product: the prior, and those that leave one set out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.signals.hazard.blend import LossBlend
from services.signals.hazard.interface import HORIZONS, Labels, LossModel, Parts

__all__ = [
    "ARTIFACTS",
    "HORIZONS",
    "SHIPPED_VERSION",
    "Labels",
    "LossModel",
    "Parts",
    "default_model",
    "left_out_version",
    "shipped",
]

ARTIFACTS = Path(__file__).parent / "artifacts"
SHIPPED_VERSION = "prior-1"


def default_model() -> LossModel:
    """Return the model that is shipped with the product: the prior of all sets."""
    return shipped(SHIPPED_VERSION)


def left_out_version(version: str, name: str) -> str:
    """Return the version of the prior that was trained without the set `name`."""
    return f"{version}.without-{name}"


@cache
def shipped(version: str) -> LossBlend:
    """Return a shipped artifact."""
    return LossBlend.load(ARTIFACTS / f"{version}.json")
