"""Logistic regression: statsmodels, offsets and scales, profiles, separation by name."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.logistic import coefficient_limits, fit_logistic, likelihood_ratio
from trialkit.numerics.proportions import Counts, odds_ratio

NAMES = ("Intercept", "arm", "age", "site")


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    n = 150
    X = np.column_stack(
        [np.ones(n), rng.integers(0, 2, n), rng.normal(50, 12, n), rng.integers(0, 2, n)]
    )
    eta = -2.0 + 0.8 * X[:, 1] + 0.03 * X[:, 2] - 0.4 * X[:, 3]
    return X, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)


def test_agrees_with_statsmodels(people):
    X, y = people
    fit = fit_logistic(X, y, NAMES)

    expected = sm.Logit(y, X).fit(disp=0, tol=1e-14, maxiter=100)
    np.testing.assert_allclose(fit.beta, expected.params, rtol=1e-9)
    np.testing.assert_allclose(fit.vcov, expected.cov_params(), rtol=1e-8)
    assert fit.log_likelihood == pytest.approx(expected.llf, rel=1e-13)
    assert fit.deviance == -2 * fit.log_likelihood
    assert fit.max_gradient < 1e-10


def test_a_binary_regressor_alone_is_the_sample_odds_ratio():
    one, zero = Counts(events=34, n=60), Counts(events=21, n=58)
    X = np.column_stack([np.ones(118), np.repeat([1.0, 0.0], [60, 58])])
    y = np.concatenate([np.arange(60) < 34, np.arange(58) < 21]).astype(float)

    fit = fit_logistic(X, y, ["Intercept", "arm"])

    expected = odds_ratio(one, zero, conf_level=0.95)
    assert np.exp(fit.beta[1]) == pytest.approx(expected.estimate, rel=1e-13)
    assert np.sqrt(fit.vcov[1, 1]) == pytest.approx(expected.std_error, rel=1e-13)


def test_offset_and_scale_cost_no_digits(people):
    X, y = people
    far = X.copy()
    # A power of two keeps every digit of the column itself.
    far[:, 2] = np.round(X[:, 2] * 2**10) / 2**10
    near_fit = fit_logistic(far, y, NAMES)
    far[:, 2] = (far[:, 2] + 2.0**30) * 2.0**-40
    far_fit = fit_logistic(far, y, NAMES)

    assert far_fit.beta[1] == pytest.approx(near_fit.beta[1], rel=1e-11)
    assert far_fit.beta[2] * 2.0**-40 == pytest.approx(near_fit.beta[2], rel=1e-11)
    assert far_fit.log_likelihood == pytest.approx(near_fit.log_likelihood, rel=1e-13)


def test_profile_limits_lose_what_the_level_says(people):
    X, y = people
    fit = fit_logistic(X, y, NAMES)

    for limit in coefficient_limits(fit, 2, conf_level=0.9):
        offset = limit * X[:, 2]
        held = sm.GLM(y, X[:, [0, 1, 3]], family=sm.families.Binomial(), offset=offset).fit()
        lost = 2 * (fit.log_likelihood - held.llf)
        assert lost == pytest.approx(stats.chi2.isf(0.1, 1), rel=1e-8)


def test_the_profile_excludes_one_exactly_when_the_ratio_test_rejects(people):
    X, y = people
    fit = fit_logistic(X, y, NAMES)
    p = stats.chi2.sf(likelihood_ratio(fit, 1), 1)

    low, high = coefficient_limits(fit, 1, conf_level=1 - p)

    assert min(abs(low), abs(high)) < 1e-9


@pytest.mark.parametrize(
    ("arm", "y"),
    [
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
        ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]),
    ],
    ids=["complete", "quasi-complete"],
)
def test_separation_is_refused_by_the_name_of_the_term(arm, y):
    X = np.column_stack([np.ones(6), arm, [3, 2, 1, 2, 3, 4]]).astype(float)

    with pytest.raises(NotEstimableError, match=r"^arm: separates responders"):
        fit_logistic(X, np.array(y, dtype=float), ["Intercept", "arm", "age"])


def test_two_terms_that_separate_together_are_both_named():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 40))
    X = np.column_stack([np.ones(40), a, b])

    with pytest.raises(NotEstimableError, match="a with b: separates"):
        fit_logistic(X, (a + b > 0.1).astype(float), ["Intercept", "a", "b"])


def test_a_steep_slope_is_no_separation():
    x = np.linspace(-40, 40, 400)
    y = (x > 0).astype(float)
    y[[198, 203]] = 1 - y[[198, 203]]
    X = np.column_stack([np.ones(400), x])

    assert fit_logistic(X, y, ["Intercept", "x"]).beta[1] > 1


@pytest.mark.parametrize("column", [np.ones(6), np.array([0.0, 0, 0, 2, 2, 2]), np.zeros(6)])
def test_a_dependent_column_is_refused_by_name(column):
    X = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1], column])

    with pytest.raises(NotEstimableError, match="copy: a linear combination"):
        fit_logistic(X, np.array([0.0, 1, 0, 1, 0, 1]), ["Intercept", "arm", "copy"])


def test_more_terms_than_people_are_refused():
    X = np.column_stack([np.ones(3), np.random.default_rng(0).normal(size=(3, 4))])

    with pytest.raises(NotEstimableError, match="c, d: a linear combination"):
        fit_logistic(X, np.array([0.0, 1, 0]), ["Intercept", "a", "b", "c", "d"])


def test_one_response_is_refused():
    X = np.column_stack([np.ones(4), [0.0, 1, 0, 1]])

    with pytest.raises(NotEstimableError, match="same response"):
        fit_logistic(X, np.ones(4), ["Intercept", "arm"])
