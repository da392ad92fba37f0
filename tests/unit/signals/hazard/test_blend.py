import json

import numpy as np
import pytest

from services.signals.features.matrix import NAMES, SIGNS, FeatureMatrix
from services.signals.hazard.blend import ArtifactError, LossBlend, Member
from services.signals.hazard.dropout import SHIPPED
from services.signals.hazard.forecast import early_warning, forecast
from services.signals.hazard.interface import Labels
from services.signals.hazard.linear import fit_linear
from services.signals.hazard.model import default_model
from services.signals.hazard.steps import Steps, fit_steps

DRIVER = NAMES.index("bgnbd_logit")


def population(n=4000, seed=0):
    """Return accounts lost at once with odds exp(driver - 0.5), later with 10 % a month."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(NAMES)))
    first = rng.random(n) < 1 / (1 + np.exp(0.5 - values[:, DRIVER]))
    lost = np.logical_or.accumulate(np.column_stack([first, rng.random((n, 11)) < 0.1]), axis=1)
    known = np.ones((n, 12), dtype=bool)
    known[: n // 2, 6:] = False
    every = np.ones(n, dtype=bool)
    return values, Labels(lost, known, np.ones(n), lost[:, 0], every)


def linear(values, outcome):
    signs = np.array([SIGNS.get(name, 0) for name in NAMES], dtype=float)
    return fit_linear(values, outcome, np.ones(len(values)), ridge=0.01, signs=signs)


def fitted():
    values, labels = population()
    half = len(values) // 2
    members = (
        Member("prior", 0.3, linear(values[:half], labels.lost[:half, 0])),
        Member("local", 0.7, linear(values[half:], labels.lost[half:, 0])),
    )
    cuts = {"going_silent": (30.0, 50.0, 70.0), "active_at_risk": (20.0, 30.0, 40.0)}
    erosion = linear(values, labels.eroded)
    blank = LossBlend("test", NAMES, members, Steps.blank(), erosion, cuts, SHIPPED)
    steps = fit_steps(blank.logits(values), labels)
    return LossBlend("test", NAMES, members, steps, erosion, cuts, SHIPPED)


def test_the_fit_finds_the_feature_that_matters():
    values, labels = population()
    size = np.abs(linear(values, labels.lost[:, 0]).coefficients)
    assert int(size.argmax()) == DRIVER
    assert size.max() > 5 * np.sort(size)[-2]


def test_hazards_read_closed_windows_only_and_recover_the_level():
    values, labels = population(20_000)
    z = values[:, DRIVER] - 0.5
    flipped = labels._replace(lost=np.where(labels.known, labels.lost, ~labels.lost))
    steps = fit_steps(z, labels)
    np.testing.assert_array_equal(steps.alpha, fit_steps(z, flipped).alpha)
    chances = 1 / (1 + np.exp(-steps.curve_logits(z)))
    np.testing.assert_allclose(
        chances.mean(axis=0)[[5, 11]], labels.lost.mean(0)[[5, 11]], atol=0.02
    )


def test_the_curve_begins_with_the_risk_and_never_falls():
    model, (values, _) = fitted(), population(300, seed=4)
    curve, erosion = forecast(model, FeatureMatrix(NAMES, values * 5), np.linspace(-3, 3, 300))
    assert (np.diff(curve, axis=1) >= 0).all()
    assert ((erosion > 0) & (erosion < 1)).all()
    logits = model.curve_logits(FeatureMatrix(NAMES, values))
    np.testing.assert_array_equal(logits[:, 0], model.logits(values))


def test_the_early_warning_is_the_first_month_at_the_threshold():
    curve = np.array([[0.1, 0.2, 0.3], [0.1, 0.1, 0.1], [0.5, 0.6, 0.7]])
    assert early_warning(curve, np.array([0.2, 0.2, 0.2])).tolist() == [2, 0, 1]


def test_groups_and_base_sum_to_the_first_logit():
    model, (values, _) = fitted(), population(200, seed=5)
    features = FeatureMatrix(NAMES, values)
    parts = model.explain(features)
    total = parts.base + parts.values.sum(axis=1)
    np.testing.assert_allclose(total, model.curve_logits(features)[:, 0], atol=1e-12)


def test_a_centre_decides_where_labels_are_few():
    values, labels = population()
    centre = linear(values, labels.lost[:, 0])
    few = fit_linear(
        values[:40],
        labels.lost[:40, 0],
        np.ones(40),
        ridge=1000 / 40,
        signs=np.zeros(len(NAMES)),
        centre=centre,
    )
    assert np.abs(few.logits(values) - centre.logits(values)).max() < 0.2


def test_a_saved_model_comes_back_to_the_last_bit(tmp_path):
    model, (values, _) = fitted(), population(50, seed=6)
    features = FeatureMatrix(NAMES, values)
    model.save(tmp_path / "model.json")
    again = LossBlend.load(tmp_path / "model.json")
    np.testing.assert_array_equal(model.curve_logits(features), again.curve_logits(features))
    np.testing.assert_array_equal(model.erosion_logits(features), again.erosion_logits(features))
    assert (again.version, again.cuts, again.dropout) == (model.version, model.cuts, SHIPPED)


def test_a_broken_artifact_is_named(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"features": ["no_such_thing"], "version": "x"}))
    with pytest.raises(ArtifactError, match="no_such_thing"):
        LossBlend.load(path)
    path.write_text(json.dumps({"features": ["rate"]}))
    with pytest.raises(ArtifactError, match="version"):
        LossBlend.load(path)


def test_the_shipped_model_has_ordered_cuts_and_measures():
    model = default_model()
    assert set(model.cuts) == {"going_silent", "active_at_risk"}
    for watch, high, critical in model.cuts.values():
        assert 0 < watch < high < critical < 100
    for how in ("rolling", "unseen"):
        assert set(model.manifest["metrics"][how]) == {"scms", "transport", "cdnow"}
        for measured in model.manifest["metrics"][how].values():
            assert measured["model"]["auc_m"] > measured["recency_auc_m"]
