import numpy as np
import pytest
from scipy.integrate import quad

from services.signals.features.dropout import (
    DropoutParams,
    Frequency,
    alive_probability,
    silence_probability,
)
from services.signals.hazard.dropout import SHIPPED, _log_likelihood, fit_frequency

PARAMS = DropoutParams(r=0.8, alpha=1.5, a=0.7, b=4.0)


def simulate(params, n, months, seed=0):
    """Return the statistics of n customers who began at 0, by the model's own story."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(params.r, 1 / params.alpha, n)
    drop = rng.beta(params.a, params.b, n)
    x, t_x = np.zeros(n), np.zeros(n)
    for one in range(n):
        now = 0.0
        while True:
            now += rng.exponential(1 / rate[one])
            if now > months:
                break
            x[one], t_x[one] = x[one] + 1, now
            if rng.random() < drop[one]:
                break
    return Frequency(x, t_x, np.full(n, float(months)))


def test_the_fit_recovers_the_parameters_of_a_simulated_population():
    found = fit_frequency(simulate(PARAMS, 6000, 24))
    np.testing.assert_allclose(np.log(found), np.log(PARAMS), atol=0.25)


def test_probabilities_agree_with_a_simulated_future():
    seen = simulate(PARAMS, 20_000, 24, seed=1)
    alive = alive_probability(PARAMS, seen)
    assert (alive[seen.x == 0] == 1).all()
    assert ((alive > 0) & (alive <= 1)).all()
    longer = seen._replace(age=seen.age + 3)
    assert (alive_probability(PARAMS, longer)[seen.x > 0] < alive[seen.x > 0]).all()


def test_silence_is_the_integral_over_the_rate():
    seen = Frequency(np.array([5.0]), np.array([10.0]), np.array([12.0]))
    alive = np.array([0.6])
    shape, scale = PARAMS.r + 5, PARAMS.alpha + 12

    def waits(rate):
        density = rate ** (shape - 1) * np.exp(-scale * rate)
        return density * np.exp(-3 * rate)

    def density(rate):
        return rate ** (shape - 1) * np.exp(-scale * rate)

    expected = 0.4 + 0.6 * quad(waits, 0, 10)[0] / quad(density, 0, 10)[0]
    assert silence_probability(PARAMS, seen, alive, 3.0)[0] == pytest.approx(expected, rel=1e-6)


def test_the_slope_of_the_likelihood_is_its_derivative():
    seen, at = simulate(PARAMS, 200, 12), np.array(PARAMS)
    _, slope = _log_likelihood(at, seen)
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5
        up, down = (_log_likelihood(at + move, seen)[0] for move in (step, -step))
        assert slope[place] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-3)


def test_a_tiny_population_stays_near_the_shipped_parameters():
    one = Frequency(np.array([4.0]), np.array([3.0]), np.array([3.5]))
    found = fit_frequency(one)
    assert np.abs(np.log(found) - np.log(SHIPPED)).max() < 1.5


def test_nobody_gives_the_shipped_parameters():
    nothing = np.zeros(0)
    assert fit_frequency(Frequency(nothing, nothing, nothing)) == SHIPPED


def test_extreme_histories_give_no_nan():
    seen = Frequency(
        np.array([0.0, 1e4, 1.0]), np.array([0.0, 300.0, 0.03]), np.array([0.03, 600.0, 600.0])
    )
    alive = alive_probability(PARAMS, seen)
    assert np.isfinite(silence_probability(PARAMS, seen, alive, 3.0)).all()
    assert all(np.isfinite(fit_frequency(seen)))
