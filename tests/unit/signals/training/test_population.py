import gzip

import numpy as np
import pytest

from services.signals.training.population import eligible, losses, read_population


def test_a_loss_is_three_silent_months_and_known_only_when_they_have_passed():
    active = np.array([[1, 1, 0, 1, 0, 0, 0, 0]], dtype=bool)
    lost, known = losses(active)
    first = lost[0, :, 0].tolist()
    assert first[:6] == [False, False, False, False, True, True]
    assert known[0, :, 0].tolist() == [True] * 6 + [False] * 2
    assert lost[0, 2, :4].tolist() == [False, False, True, True]
    assert known[0, 2].tolist() == [True] * 4 + [False] * 8
    assert (np.diff(lost.astype(int), axis=2) >= 0).all()


def test_who_is_judged_has_three_days_and_one_in_six_months():
    active = np.zeros((3, 10), dtype=bool)
    active[:, 0] = True
    active[1:, 5] = True
    days = np.array([5, 5, 2])
    assert eligible(active, 7, days).tolist() == [False, True, False]
    assert eligible(active, 6, days).tolist() == [True, True, False]


@pytest.fixture
def population(tmp_path):
    text = (
        "account_id,event_time,event_type,amount\n"
        "B,2020-01-05T00:00:00,booking,3\n"
        "A,2020-01-05T00:00:00,booking,1.5\n"
        "A,2020-01-05T09:00:00,booking,1\n"
        "A,2020-03-01T00:00:00,booking,\n"
        "A,2020-02-01T00:00:00,late_delivery,4\n"
    )
    path = tmp_path / "transport.events.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return read_population(path)


def test_an_event_file_becomes_one_row_per_account_and_day(population):
    facts = population.facts
    assert facts.account_ids == ("A", "B")
    assert facts.account.tolist() == [0, 0, 1]
    assert facts.sums["demand"].tolist() == [2, 1, 1]
    assert facts.sums["trips"].tolist() == [2500, 0, 3000]
    assert population.span == ("2020-01", "2020-03")
    assert population.active.tolist() == [[True, False, True], [True, False, False]]
