"""The loss model of the product: a weighted mean of scorers' logits, and hazards for the curve."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from services.signals.features.dropout import DropoutParams
from services.signals.features.matrix import GROUPS, FeatureMatrix
from services.signals.hazard.interface import FloatArray, Parts
from services.signals.hazard.linear import Linear
from services.signals.hazard.steps import Steps

Cuts = dict[str, tuple[float, float, float]]


class ArtifactError(ValueError):
    """A stored model that this code cannot use: the message names the file and the field."""


class Member(NamedTuple):
    """One scorer of the blend; `origin` says whose it is: prior or local."""

    origin: str
    weight: float
    scorer: Linear


@dataclass(frozen=True)
class LossBlend:
    """Members over the same features; weights sum to 1."""

    version: str
    names: tuple[str, ...]
    members: tuple[Member, ...]
    steps: Steps
    erosion: Linear
    cuts: Cuts
    dropout: DropoutParams
    manifest: dict[str, Any] = field(default_factory=dict)

    def logits(self, values: FloatArray) -> FloatArray:
        """Return (n,) 3-month logits of rows whose columns are `names`."""
        total = np.zeros(len(values))
        for member in self.members:
            total += member.weight * member.scorer.logits(values)
        return total

    def curve_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n, 12) logits of P_h."""
        return self.steps.curve_logits(self.logits(self._columns(features)))

    def erosion_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n,) logits of P(erosion)."""
        return self.erosion.logits(self._columns(features))

    def explain(self, features: FeatureMatrix) -> Parts:
        """Return what each group adds to the members' mean accounts."""
        values = self._columns(features)
        groups = tuple(dict.fromkeys(GROUPS[name] for name in self.names))
        place = [groups.index(GROUPS[name]) for name in self.names]
        base, split = 0.0, np.zeros((len(values), len(groups)))
        for _, weight, scorer in self.members:
            base += weight * scorer.intercept
            addends = weight * scorer.addends(values)
            for column, group in enumerate(place):
                split[:, group] += addends[:, column]
        return Parts(base, groups, split)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file of plain numbers."""
        content = {
            "version": self.version,
            "features": list(self.names),
            "members": [
                {"origin": one.origin, "weight": one.weight, **one.scorer.content()}
                for one in self.members
            ],
            "alpha": self.steps.alpha.tolist(),
            "beta": self.steps.beta.tolist(),
            "erosion": self.erosion.content(),
            "cuts": self.cuts,
            "dropout": self.dropout._asdict(),
            "manifest": self.manifest,
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a saved model; raise `ArtifactError` when it is not one."""
        content = json.loads(path.read_text(encoding="utf-8"))
        try:
            unknown = sorted(set(content["features"]) - set(GROUPS))
            if unknown:
                raise ArtifactError(f"{path}: features this version does not know: {unknown}")
            return cls(
                version=content["version"],
                names=tuple(content["features"]),
                members=tuple(
                    Member(one["origin"], float(one["weight"]), Linear.read(one))
                    for one in content["members"]
                ),
                steps=Steps(np.array(content["alpha"]), np.array(content["beta"])),
                erosion=Linear.read(content["erosion"]),
                cuts={name: tuple(cuts) for name, cuts in content["cuts"].items()},
                dropout=DropoutParams(**content["dropout"]),
                manifest=content["manifest"],
            )
        except KeyError as missing:
            raise ArtifactError(f"{path}: no field {missing}") from missing

    def _columns(self, features: FeatureMatrix) -> FloatArray:
        if features.names == self.names:
            return features.values
        return features.values[:, [features.names.index(name) for name in self.names]]
