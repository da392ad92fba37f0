import gzip
from pathlib import Path

import numpy as np
import pytest

from services.signals.hazard.blend import LossBlend
from services.signals.hazard.model import default_model
from services.signals.train import main
from services.signals.training.card import card_table
from services.signals.training.fit import train

CARD = Path(__file__).resolve().parents[4] / "deploy/docs/model-card.md"


def write_events(path, seed):
    """Write 40 accounts of which half stop, each in a month of its own."""
    rng = np.random.default_rng(seed)
    lines = ["account_id,event_time,event_type,amount"]
    start = np.datetime64("2018-01-01")
    for account in range(40):
        day, end = rng.integers(0, 90), 1000 if account % 2 else rng.integers(200, 900)
        while day < end:
            lines.append(f"C{account},{start + int(day)}T00:00:00,booking,{rng.integers(1, 9)}")
            day += 1 + rng.poisson(12)
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(("one", "two")):
        write_events(folder / f"{name}.events.csv.gz", seed)
    return folder


def test_training_twice_writes_the_same_bytes_with_measures_and_digest(data, tmp_path):
    for name in ("a", "b"):
        train(data, tmp_path / name, "v1")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["v1.json", "v1.without-one.json", "v1.without-two.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    model = LossBlend.load(tmp_path / "a/v1.json")
    assert set(model.manifest["data"]) == {"one", "two"}
    assert len(model.manifest["digest"]) == 64
    alone = LossBlend.load(tmp_path / "a/v1.without-one.json")
    assert set(alone.manifest["data"]) == {"two"}
    for how in ("rolling", "unseen"):
        for measured in model.manifest["metrics"][how].values():
            assert measured["model"]["auc_m"] > 0.8


def test_a_folder_with_too_few_event_files_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.argv", ["train", "--data", str(tmp_path), "--out", str(tmp_path / "x.json")]
    )
    assert main() == 1
    assert "--data" in capsys.readouterr().err


def test_the_model_card_shows_the_figures_of_the_shipped_model():
    assert card_table(default_model().manifest) in CARD.read_text(encoding="utf-8")
