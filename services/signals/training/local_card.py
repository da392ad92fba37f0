"""The card of a model that was fitted to an installation's own history."""

from __future__ import annotations

from typing import Any

from services.signals.hazard.blend import LossBlend
from services.signals.scoring.evidence import PRIORS

_CARD = """# Model card: `{version}`

**Decision.** {decision}

**What it is.** The prior `{prior}`, blended with a model of this installation's own closed windows.
It says: {label}.

**Trained on** {closed} closed windows of {accounts} accounts, {first} to {last}; {lost} were lost.
Digest of the facts: `{digest}`.

**Judged out of time** on {rows} account-months ({rows_lost} lost) whose outcome neither model knew.

| | AUC_m | Brier | log loss |
|---|---|---|---|
{figures}
{hindsight}
**Evidence** (log-odds: the belief, and what outcomes made of it). Everybody's level was moved by
{offset:+.2f}. What few account-months had stays close to its belief, which nobody measured.

| evidence | belief | now | account-months |
|---|---|---|---|
{weights}

**Cuts** (watch / high / critical, points of risk_score): {cuts}.
"""
_HINDSIGHT = """
**Hindsight.** With the facts as known at each month start AUC_m is {as_known:.4f}, with all that
that came in later {in_hindsight:.4f}: hindsight makes {difference:+.4f}.
"""


def local_card(model: LossBlend, decision: str) -> str:
    """Return the card in Markdown: what it is, what it learned from, how it was judged."""
    kept = model.manifest
    data, judged, evidence = kept["data"], kept["metrics"], kept["evidence"]
    hindsight = kept.get("hindsight")
    return _CARD.format(
        version=model.version,
        decision=decision,
        prior=kept["prior"],
        label=kept["label"],
        closed=data["closed_windows"],
        accounts=data["accounts"],
        first=data["months"][0],
        last=data["months"][1],
        lost=data["lost"],
        digest=data["sha256"],
        rows=judged["rows"],
        rows_lost=judged["lost"],
        figures="\n".join(
            _figures(name, judged[key])
            for name, key in (("this model", "candidate"), ("incumbent", "incumbent"))
        ),
        hindsight=_HINDSIGHT.format(**hindsight) if hindsight else "",
        offset=evidence["offset"],
        weights="\n".join(_weights(evidence)),
        cuts="; ".join(
            f"{name.replace('_', ' ')} {' / '.join(f'{cut:g}' for cut in cuts)}"
            for name, cuts in sorted(model.cuts.items())
        ),
    )


def _figures(name: str, figures: dict[str, float]) -> str:
    if not figures:
        return f"| {name} | - | - | - |"
    shown = " | ".join(f"{figures[key]:.4f}" for key in ("auc_m", "brier", "log_loss"))
    return f"| {name} | {shown} |"


def _weights(evidence: dict[str, Any]) -> list[str]:
    return [
        f"| {code} | {belief:+.2f} | {evidence['weights'][code]:+.2f} | {evidence['seen'][code]} |"
        for code, belief in PRIORS.items()
    ]
