"""Variance between trials: equations that the estimates solve, boundaries, two maxima."""

import numpy as np
import pytest
from scipy import stats

from trialkit.numerics.heterogeneity import (
    ESTIMATORS,
    estimate_tau_squared,
    log_likelihood,
    q_profile,
    weighted_fit,
)

Y = np.array([-1.5, -0.5, -0.2, -0.9, -1.9, -0.1])
V = np.array([0.35, 0.18, 0.23, 0.10, 0.32, 0.07])
ONES = np.ones((6, 1))
RANDOM = [name for name in ESTIMATORS if name != "equal_effects"]


@pytest.mark.parametrize("restricted", [True, False])
def test_the_likelihood_is_highest_at_its_estimate(restricted):
    name = "restricted_maximum_likelihood" if restricted else "maximum_likelihood"
    best = estimate_tau_squared(Y, V, ONES, estimator=name)

    around = [
        log_likelihood(Y, V, ONES, best * factor, restricted=restricted)
        for factor in (0.99, 1.0, 1.01)
    ]

    assert best > 0
    assert max(around) == around[1]


def test_paule_mandel_solves_its_equation():
    tau_squared = estimate_tau_squared(Y, V, ONES, estimator="paule_mandel")

    assert weighted_fit(Y, V, ONES, tau_squared).q == pytest.approx(5, rel=1e-12)


def test_empirical_bayes_and_paule_mandel_are_one():
    values = {
        estimate_tau_squared(Y, V, ONES, estimator=name)
        for name in ("paule_mandel", "empirical_bayes")
    }

    assert len(values) == 1


def test_the_limits_are_where_q_meets_its_quantiles():
    y = 3 * Y
    limits = q_profile(y, V, ONES, conf_level=0.9)

    q = [weighted_fit(y, V, ONES, limit).q for limit in (limits.low, limits.high)]

    np.testing.assert_allclose(q, stats.chi2.ppf([0.95, 0.05], 5), rtol=1e-12)


@pytest.mark.parametrize("estimator", RANDOM)
def test_trials_that_agree_have_no_variance_between_them(estimator):
    assert estimate_tau_squared(np.full(6, 1e9 + 0.1), V, ONES, estimator=estimator) == 0


@pytest.mark.parametrize("estimator", RANDOM)
def test_more_agreement_than_chance_gives_zero_not_a_negative_variance(estimator):
    y = np.array([-1.0, -1.01, -0.99, -1.0, -1.02, -0.98])

    tau_squared = estimate_tau_squared(y, V, ONES, estimator=estimator)

    assert 0 <= tau_squared < 1e-3
    limits = q_profile(y, V, ONES, conf_level=0.95)
    assert limits.empty
    assert (limits.low, limits.high) == (0.0, 0.0)


@pytest.mark.parametrize("estimator", RANDOM)
def test_huge_differences_are_found_whatever_the_variances(estimator):
    y = np.array([-1e6, 2e6, 5e5, -3e6, 0.0, 1e6])

    tau_squared = estimate_tau_squared(y, V, ONES, estimator=estimator)

    assert tau_squared == pytest.approx(np.var(y, ddof=1), rel=0.6)


@pytest.mark.parametrize("estimator", RANDOM)
@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_the_scale_does_not_matter(estimator, factor):
    plain = estimate_tau_squared(Y, V, ONES, estimator=estimator)
    scaled = estimate_tau_squared(Y * factor, V * factor**2, ONES, estimator=estimator)

    assert scaled == pytest.approx(plain * factor**2, rel=1e-9)


@pytest.mark.parametrize("estimator", RANDOM)
def test_equal_variances_and_two_trials_have_a_closed_form(estimator):
    y, v = np.array([0.0, 4.0]), np.array([1.0, 1.0])
    closed = {"maximum_likelihood": 3.0, "hunter_schmidt": 3.0, "sidik_jonkman": 32 / 5}

    tau_squared = estimate_tau_squared(y, v, np.ones((2, 1)), estimator=estimator)

    # The variance of the two estimates is 8, their sampling variance 1.
    assert tau_squared == pytest.approx(closed.get(estimator, 7.0), rel=1e-12)


def test_the_higher_of_two_maxima_is_taken():
    # Two precise trials agree; five vague ones scatter: the likelihood has a maximum near 0
    # and another far from it.
    y = np.array([0.0, 0.02, 9.0, -8.0, 10.0, -11.0, 7.0])
    v = np.array([1e-4, 1e-4, 16.0, 16.0, 16.0, 16.0, 16.0])
    X = np.ones((7, 1))
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 1e3, 4000)])

    best = estimate_tau_squared(y, v, X, estimator="maximum_likelihood")

    heights = [log_likelihood(y, v, X, value, restricted=False) for value in grid]
    assert log_likelihood(y, v, X, best, restricted=False) >= max(heights) - 1e-12
