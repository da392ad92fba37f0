import numpy as np
import pytest

from services.signals.backtest.baselines import baselines
from services.signals.backtest.engine import (
    TooLittleError,
    backtest,
    default_first,
    prepare,
)
from services.signals.hazard.model import default_model
from services.signals.training.methods import Blend, Prior
from services.signals.training.rolling import Plan
from tests.support.populations import bookings, made_up, population_from

BLEND = Blend(default_model())


@pytest.fixture(scope="module")
def result():
    prepared = prepare(made_up())
    return backtest(prepared, BLEND, Plan(12, len(prepared.population.months) - 1))


def test_the_order_beats_chance_and_all_measures_are_there(result):
    methods = result.measures["methods"]
    assert list(methods) == ["blend", "random", "recency", "recency-ratio", "bgnbd"]
    assert methods["blend"]["auc_m"] > 0.8
    assert abs(methods["random"]["auc_m"] - 0.5) < 0.15
    assert methods["random"]["sustained"]["losses"] == methods["blend"]["sustained"]["losses"] > 5
    for name in ("blend", "bgnbd", "recency", "random"):
        assert methods[name]["horizons"][0]["rows"] == methods[name]["rows"]
    assert methods["blend"]["erosion"]["rows"] > 0
    assert result.measures["reactivation"]["silences"] > 0
    assert sum(one["share"] for one in result.measures["reasons"]) == pytest.approx(1.0, abs=0.01)
    assert {one["month"] for one in result.measures["by_month"]} <= set(made_up().month_names)


def test_the_forecast_has_a_rising_curve_for_every_tested_row(result):
    curve = result.forecast.curve
    assert curve.shape == (result.rows.month.size, 12)
    assert not np.isnan(curve).any()
    assert (np.diff(curve, axis=1) >= 0).all()
    assert ((result.forecast.erosion > 0) & (result.forecast.erosion < 1)).all()
    assert ((result.warning >= 0) & (result.warning <= 12)).all()


def test_the_alerts_of_a_month_never_exceed_the_budget(result):
    for month in np.unique(result.rows.month):
        here = result.rows.month == month
        assert result.alert[here].sum() <= round(0.1 * here.sum())


def changed(how):
    """Return the made-up bookings with everything from day 16,300 on changed."""
    account, day = bookings(0)
    late = day >= 16_300
    if how == "deleted":
        return account[~late], day[~late]
    if how == "altered":
        return account, np.where(late, np.minimum(day + 11, day.max()), day)
    extra = np.arange(16_300, 16_900, 3)
    more = np.arange(extra.size) % 75
    return np.append(account, more), np.append(day, extra)


@pytest.mark.parametrize("how", ["deleted", "altered", "appended"])
@pytest.mark.parametrize("refit_months", [1, 5])
def test_nothing_later_changes_a_forecast(how, refit_months):
    def said(account, day):
        prepared = prepare(population_from(account, day))
        plan = Plan(8, len(prepared.population.months), refit_months)
        beside = baselines()[1:]
        found = backtest(prepared, BLEND, plan, beside=beside)
        early = found.frame.day <= 16_300
        parts = (found.rows.account, found.rows.month, found.alert, found.warning)
        numbers = (found.forecast.curve, found.forecast.erosion)
        return [part[early].tobytes() for part in (*parts, *numbers)]

    assert said(*changed(how)) == said(*bookings(0))


def test_the_newest_month_start_has_forecasts_and_nothing_known():
    prepared = prepare(made_up())
    newest = len(prepared.population.months)
    found = backtest(prepared, BLEND, Plan(newest, newest), beside=())
    assert prepared.names[newest] == "2015-07"
    assert found.rows.month.size > 10
    assert not found.rows.known.any()
    assert not found.rows.eroded_known.any()
    assert found.measures["methods"]["blend"]["rows"] == 0


def test_a_forecast_does_not_depend_on_where_the_test_begins():
    prepared = prepare(made_up())
    last = len(prepared.population.months) - 1
    long, short = (backtest(prepared, BLEND, Plan(first, last), beside=()) for first in (10, 17))
    same = long.rows.month >= 17
    assert np.array_equal(long.forecast.curve[same], short.forecast.curve)


def test_progress_rises_to_the_end_and_names_the_method():
    prepared, heard = prepare(made_up(months=20)), []
    backtest(
        prepared, Prior(default_model()), Plan(12, 15), advance=lambda *told: heard.append(told)
    )
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert heard[0][1] == "prior"


def test_the_default_first_month_is_a_third_of_the_span_and_twelve_where_there_are():
    assert [default_first(months) for months in (98, 111, 18, 9, 5)] == [32, 37, 12, 6, 4]


@pytest.mark.parametrize(
    ("account", "day", "said"),
    [
        ([0, 0, 0], [15_706, 15_710, 15_720], "1 complete months"),
        ([0, 1, 2, 0], [15_706, 15_710, 15_720, 16_200], "no account has 3 booking days"),
    ],
)
def test_too_little_history_is_said(account, day, said):
    with pytest.raises(TooLittleError, match=said):
        prepare(population_from(np.array(account), np.array(day)))


def test_one_account_cannot_be_ranked():
    day = np.arange(15_706, 16_300, 9)
    with pytest.raises(TooLittleError, match="one account alone"):
        prepare(population_from(np.zeros(day.size, dtype=int), day))


def test_few_accounts_get_forecasts_but_no_measures():
    day = np.arange(15_706, 16_300, 9)
    prepared = prepare(population_from(np.repeat([0, 1], day.size), np.tile(day, 2)))
    found = backtest(prepared, BLEND, Plan(12, 18))
    assert not np.isnan(found.forecast.curve).any()
    assert found.measures["methods"]["blend"]["auc_m"] is None
    assert found.measures["methods"]["blend"]["sustained"]["caught"] is None
    assert not found.alert.any()
