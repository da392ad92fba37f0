"""The table of the model card, rendered from a manifest."""

from __future__ import annotations

from typing import Any

_HEAD = (
    "| set | measured | AUC_m | PR-AUC | Brier | precision at 10 % | ECE | AUC_m, still active |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
_KEYS = ("auc_m", "pr_auc", "brier", "precision_at_10", "ece", "active_auc_m")


def card_table(manifest: dict[str, Any]) -> str:
    """Return the measures of every set: rolling, unseen, and the two baselines on its rows."""
    lines = []
    for name, rolling in sorted(manifest["metrics"]["rolling"].items()):
        unseen = manifest["metrics"]["unseen"][name]
        lines += [
            _line(name, "rolling", rolling["model"]),
            _line(name, "unseen", unseen["model"]),
            _line(name, "BG/NBD alone", rolling["bgnbd"]),
            f"| {name} | recency alone | {rolling['recency_auc_m']:.4f} | | | | | |",
        ]
    return _HEAD + "\n".join(lines) + "\n"


def _line(name: str, how: str, measured: dict[str, float]) -> str:
    cells = " | ".join(f"{measured[key]:.4f}" for key in _KEYS)
    return f"| {name} | {how} | {cells} |"
