"""What the score listens to, and what each feature tells by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.signals.backtest.judge import enough
from services.signals.features.matrix import NAMES
from services.signals.hazard.interface import LossModel
from services.signals.training.measures import monthly_auc
from services.signals.training.rows import Rows


def group_shares(model: LossModel, rows: Rows) -> list[dict[str, Any]]:
    """Return each reason's share of how far risks lie from one another, largest first."""
    parts = model.explain(rows.features)
    spread = np.abs(parts.values - parts.values.mean(axis=0)).mean(axis=0)
    total = float(spread.sum()) or 1.0
    shares = zip(parts.groups, (spread / total).tolist(), strict=True)
    return [
        {"reason": name, "share": round(share, 4)}
        for name, share in sorted(shares, key=lambda one: -one[1])
    ]


def single_features(rows: Rows, count: int = 8) -> list[dict[str, Any]]:
    """Return the features that alone tell lost from kept best, each in its better direction."""
    closed = rows.known[:, 0]
    lost, month = rows.lost[closed, 0], rows.month[closed]
    if not enough(lost):
        return []
    found = []
    for at, name in enumerate(NAMES):
        value = monthly_auc(lost, rows.values[closed, at], month)
        found.append((max(value, 1.0 - value), name))
    return [{"feature": name, "auc_m": round(value, 4)} for value, name in sorted(found)[::-1]][
        :count
    ]
