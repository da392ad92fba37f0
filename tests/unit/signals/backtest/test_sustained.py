import numpy as np

from services.signals.backtest.engine import prepare
from services.signals.backtest.judge import warning_measures
from services.signals.backtest.reactivation import reactivation
from services.signals.backtest.sustained import Losses, final_losses, sustained
from services.signals.training.rows import FIRST_ROW
from tests.support.populations import population_from

STARTS = np.array([0, 31, 59, 90, 120, 151])


class Eligible:
    """Two accounts, eligible at six month starts."""

    account = np.repeat([0, 1], 6)
    month = np.tile(np.arange(6), 2)


LOSSES = Losses(
    account=np.array([0, 1]),
    last=np.array([40, 70]),
    obvious=np.array([125.0, 155.0]),
    judged=np.array([4, 5]),
    outside=0,
)


def warned(first, second):
    """Return what alerts at these month indices of the two accounts are worth."""
    alert = np.isin(Eligible.month, first) & (Eligible.account == 0)
    alert |= np.isin(Eligible.month, second) & (Eligible.account == 1)
    return sustained(LOSSES, Eligible, STARTS, alert)


def test_only_an_alert_that_still_stands_counts_from_the_start_of_its_run():
    found = warned([1, 2, 3, 4], [3, 5])
    assert (found.caught, found.before_last) == (2, 1)
    assert np.round(found.months, 2).tolist() == [round(94 / 30.4375, 2), round(4 / 30.4375, 2)]


def test_an_alert_that_closed_too_early_is_a_miss_and_counts_zero():
    found = warned([1, 2, 3], [])
    assert (found.caught, found.before_last) == (0, 0)
    assert warning_measures([found]) == {
        "losses": 2, "caught": 0.0, "before_last_booking": 0.0, "months": 0.0,
    }  # fmt: skip


def test_an_alert_at_every_month_start_is_before_the_last_booking():
    found = warned(range(6), range(6))
    assert (found.caught, found.before_last) == (2, 2)


def test_draws_of_chance_are_averaged():
    one, other = warned([4], []), warned([], [])
    assert warning_measures([one, other])["caught"] == 0.25


def test_a_final_loss_is_obvious_within_the_data_and_was_judged_when_it_became_so():
    stops = np.arange(15_706, 15_900, 10)  # silent for good from July 2013
    goes_on = np.arange(15_706, 16_250, 10)
    pauses = np.append(np.arange(15_706, 15_900, 10), [16_200, 16_210])
    account = np.repeat([0, 1, 2], [stops.size, goes_on.size, pauses.size])
    population = population_from(account, np.concatenate([stops, goes_on, pauses]))
    prepared = prepare(population)
    given = (population, prepared.starts, prepared.rows)
    losses = final_losses(*given, FIRST_ROW, len(population.months) - 1)
    assert losses.account.tolist() == [0]
    assert losses.obvious.tolist() == [15_896 + 31]
    assert population.month_names[losses.judged[0]] == "2013-08"
    assert not final_losses(*given, 10, 15).account.size


def test_a_silence_that_ended_is_a_reactivation():
    stops = np.arange(15_706, 15_900, 10)
    pauses = np.append(np.arange(15_706, 15_900, 10), [16_200, 16_210])
    account = np.repeat([0, 1], [stops.size, pauses.size])
    population = population_from(account, np.concatenate([stops, pauses]))
    assert reactivation(population) == {
        "silences": 2, "returned": 1, "share": 0.5, "median_months": 9.0,
    }  # fmt: skip
