import json

import numpy as np
import pytest

from services.signals.features.matrix import NAMES, FeatureMatrix
from services.signals.hazard.dropout import SHIPPED
from services.signals.hazard.interface import Labels
from services.signals.hazard.logistic import ArtifactError, LogisticModel
from services.signals.hazard.model import default_model


def population(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(NAMES)))
    z = values[:, NAMES.index("bgnbd_logit")] - 0.5
    first = rng.random(n) < 1 / (1 + np.exp(-z))
    lost = np.logical_or.accumulate(np.column_stack([first, rng.random((n, 11)) < 0.1]), axis=1)
    known = np.ones((n, 12), dtype=bool)
    known[: n // 2, 6:] = False
    return FeatureMatrix(NAMES, values), Labels(lost, known, np.ones(n))


def fitted():
    features, labels = population()
    return LogisticModel.blank("test", NAMES, SHIPPED).fit(features, labels)


def test_the_fit_finds_the_feature_that_matters():
    size = np.abs(fitted().coefficients)
    assert NAMES[int(size.argmax())] == "bgnbd_logit"
    assert size.max() > 5 * np.sort(size)[-2]


def test_labels_that_are_not_closed_are_not_read():
    features, labels = population()
    flipped = Labels(np.where(labels.known, labels.lost, ~labels.lost), *labels[1:])
    blank = LogisticModel.blank("test", NAMES, SHIPPED)
    one, other = blank.fit(features, labels), blank.fit(features, flipped)
    np.testing.assert_array_equal(one.curve_logits(features), other.curve_logits(features))


def test_groups_and_base_sum_to_the_first_logit():
    model, (features, _) = fitted(), population(200, seed=5)
    parts = model.explain(features)
    total = parts.base + parts.values.sum(axis=1)
    np.testing.assert_allclose(total, model.curve_logits(features)[:, 0], atol=1e-12)


def test_a_saved_model_comes_back_to_the_last_bit(tmp_path):
    model, (features, _) = fitted(), population(50, seed=6)
    model.save(tmp_path / "model.json")
    again = LogisticModel.load(tmp_path / "model.json")
    np.testing.assert_array_equal(model.curve_logits(features), again.curve_logits(features))
    assert (again.version, again.cuts, again.dropout) == (model.version, model.cuts, SHIPPED)


def test_a_broken_artifact_is_named(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"features": ["no_such_thing"], "version": "x"}))
    with pytest.raises(ArtifactError, match="no_such_thing"):
        LogisticModel.load(path)
    path.write_text(json.dumps({"features": ["rate"]}))
    with pytest.raises(ArtifactError, match="version"):
        LogisticModel.load(path)


def test_the_shipped_model_has_ordered_cuts_and_measures():
    model = default_model()
    assert isinstance(model, LogisticModel)
    assert set(model.cuts) == {"going_silent", "active_at_risk"}
    for watch, high, critical in model.cuts.values():
        assert 0 < watch < high < critical < 100
    assert set(model.manifest["metrics"]["rolling"]) == {"scms", "transport", "cdnow"}
    for measured in model.manifest["metrics"]["rolling"].values():
        assert measured["model"]["auc_m"] > measured["recency_auc_m"]
