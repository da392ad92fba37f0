"""The table of the model card, rendered from a manifest."""

from __future__ import annotations

from typing import Any

_HEAD = (
    "| set | measured | AUC_m | PR-AUC | Brier | precision at 10 % | AUC_m, still active "
    "| ECE | ECE of P_6 | ECE of P_12 | erosion, AUC_m |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|\n"
)
_KEYS = ("auc_m", "pr_auc", "brier", "precision_at_10", "active_auc_m", "ece")


def card_table(manifest: dict[str, Any]) -> str:
    """Return the measures of every set: rolling, unseen, and the two baselines on its rows."""
    lines = []
    for name, rolling in sorted(manifest["metrics"]["rolling"].items()):
        unseen = manifest["metrics"]["unseen"][name]
        lines += [
            _line(name, "rolling", rolling),
            _line(name, "unseen", unseen),
            _line(name, "BG/NBD alone", {"model": rolling["bgnbd"]}),
            f"| {name} | recency alone | {rolling['recency_auc_m']:.4f} |{' |' * 8}",
        ]
    return _HEAD + "\n".join(lines) + "\n"


def _line(name: str, how: str, measured: dict[str, Any]) -> str:
    ahead = [measured.get(horizon, {}).get("ece") for horizon in ("p_6", "p_12")]
    eroded = measured.get("erosion", {}).get("auc_m")
    figures = [*(measured["model"][key] for key in _KEYS), *ahead, eroded]
    cells = " | ".join("" if one is None else f"{one:.4f}" for one in figures)
    return f"| {name} | {how} | {cells} |"
