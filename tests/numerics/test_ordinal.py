"""Ordered outcomes: derivatives, two categories, reversal, separation, the trend test."""

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from trialkit.errors import NotEstimableError
from trialkit.numerics.logistic import fit_logistic
from trialkit.numerics.ordinal import (
    category_bounds,
    coefficient_limits,
    cumulative_likelihood,
    fit_proportional_odds,
    likelihood_ratio,
    mantel_trend,
    proportionality_test,
)


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    X = np.column_stack([rng.integers(0, 2, 140), rng.normal(6, 2, 140)]).astype(float)
    latent = 0.7 * X[:, 0] + 0.3 * X[:, 1] + rng.logistic(size=140)
    return X, np.digitize(latent, [1.0, 2.0, 3.2])


def test_derivatives_are_those_of_the_value(people):
    X, codes = people
    likelihood = cumulative_likelihood(category_bounds(X, codes, 4, varying=[0]))
    at = np.array([0.3, 0.1, -0.5, 0.6, 1.9, 0.2, -0.1])

    local = likelihood(at)

    slope = optimize.approx_fprime(at, lambda x: likelihood(x).value, 1e-7)
    np.testing.assert_allclose(local.gradient, slope, rtol=1e-4, atol=1e-4)
    for j in range(len(at)):
        step = np.zeros(len(at))
        step[j] = 1e-6
        bend = (likelihood(at - step).gradient - likelihood(at + step).gradient) / 2e-6
        np.testing.assert_allclose(local.information[j], bend, rtol=1e-6, atol=1e-6)


def test_agrees_with_statsmodels(people):
    X, codes = people
    fit = fit_proportional_odds(X, codes, ["arm", "x"])

    model = OrderedModel(codes, X, distr="logit")
    expected = model.fit(method="newton", disp=0, tol=1e-12, maxiter=200)
    np.testing.assert_allclose(fit.beta, expected.params[:2], rtol=1e-6)
    thresholds = model.transform_threshold_params(expected.params)[1:-1]
    np.testing.assert_allclose(fit.thresholds, thresholds, rtol=1e-6)
    assert fit.log_likelihood == pytest.approx(expected.llf, rel=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.vcov))[:2], expected.bse[:2], rtol=1e-4)
    assert fit.max_gradient < 1e-9


def test_two_categories_are_logistic_regression(people):
    X, codes = people
    y = (codes > 1).astype(int)

    fit = fit_proportional_odds(X, y, ["arm", "x"])

    names = ["Intercept", "arm", "x"]
    expected = fit_logistic(np.column_stack([np.ones(len(y)), X]), y.astype(float), names)
    np.testing.assert_allclose(fit.beta, expected.beta[1:], rtol=1e-11)
    assert fit.thresholds[0] == pytest.approx(-expected.beta[0], rel=1e-11)
    assert fit.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-13)
    with pytest.raises(NotEstimableError, match="one threshold"):
        proportionality_test(fit, X, y, ["arm", "x"], [0])


def test_turning_the_order_over_turns_the_signs(people):
    X, codes = people
    fit = fit_proportional_odds(X, codes, ["arm", "x"])
    turned = fit_proportional_odds(X, 3 - codes, ["arm", "x"])

    np.testing.assert_allclose(turned.beta, -fit.beta, rtol=1e-10)
    np.testing.assert_allclose(turned.thresholds, -fit.thresholds[::-1], rtol=1e-10)
    low, high = coefficient_limits(fit, 0, conf_level=0.95)
    np.testing.assert_allclose(
        coefficient_limits(turned, 0, conf_level=0.95), (-high, -low), rtol=1e-9
    )


def test_offset_and_scale_cost_no_digits(people):
    X, codes = people
    X = np.round(X * 2**10) / 2**10
    near = fit_proportional_odds(X, codes, ["arm", "x"])
    far = fit_proportional_odds((X + np.array([0, 2.0**30])) * [1, 2.0**-40], codes, ["arm", "x"])

    assert far.beta[0] == pytest.approx(near.beta[0], rel=1e-11)
    assert far.beta[1] * 2.0**-40 == pytest.approx(near.beta[1], rel=1e-11)


def test_profile_and_ratio_test_agree(people):
    X, codes = people
    fit = fit_proportional_odds(X, codes, ["arm", "x"])
    p = stats.chi2.sf(likelihood_ratio(fit, 0), 1)

    assert min(map(abs, coefficient_limits(fit, 0, conf_level=1 - p))) < 1e-9


def test_a_wider_model_never_fits_worse(people):
    X, codes = people
    fit = fit_proportional_odds(X, codes, ["arm", "x"])

    one = proportionality_test(fit, X, codes, ["arm", "x"], [0])
    both = proportionality_test(fit, X, codes, ["arm", "x"], [0, 1])

    assert 0 <= one.statistic <= both.statistic
    assert (one.df, both.df) == (2, 4)


def test_separation_is_refused_by_name():
    arm = np.array([[0.0], [0], [0], [1], [1], [1]])

    with pytest.raises(NotEstimableError, match=r"^arm: separates higher categories"):
        fit_proportional_odds(arm, np.array([0, 0, 1, 1, 2, 2]), ["arm"])


def test_a_category_of_one_arm_alone_leaves_proportionality_untested():
    arm = np.repeat([[0.0], [1.0]], 10, axis=0)
    codes = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3])
    fit = fit_proportional_odds(arm, codes, ["arm"])

    with pytest.raises(NotEstimableError):
        proportionality_test(fit, arm, codes, ["arm"], [0])


def test_one_category_is_refused():
    with pytest.raises(NotEstimableError, match="one category"):
        fit_proportional_odds(np.array([[0.0], [1.0]]), np.array([0, 0]), ["arm"])


def test_mantels_trend_is_the_squared_correlation():
    x, y = np.array([0.0, 0, 1, 1, 1]), np.array([1.0, 2, 2, 3, 5])

    found = mantel_trend(x, y)

    assert found.statistic == pytest.approx(4 * np.corrcoef(x, y)[0, 1] ** 2, rel=1e-12)
    with pytest.raises(NotEstimableError, match="vary"):
        mantel_trend(x, np.ones(5))
