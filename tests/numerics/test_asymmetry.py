"""Funnels: Egger's two forms, exact rank tests, and trials filled in."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.asymmetry import (
    egger_regression,
    kendall,
    rank_test,
    trim_and_fill,
)

Y = np.array([-1.0, -0.4, -0.7, -0.5, -1.8, -1.5])
SE = np.array([0.3, 0.2, 0.25, 0.15, 0.6, 0.5])
REML = "restricted_maximum_likelihood"


def test_the_slope_is_the_intercept_of_eggers_own_form():
    own = stats.linregress(1 / SE, Y / SE)

    regression = egger_regression(Y, SE**2, conf_level=0.95)

    assert regression.slope == pytest.approx(own.intercept)
    assert regression.limit == pytest.approx(own.slope)
    assert regression.inference.std_error[1] == pytest.approx(own.intercept_stderr)
    assert regression.inference.df.tolist() == [4, 4]


@pytest.mark.parametrize("n", [3, 5, 8, 20, 60])
def test_kendall_is_exact_without_ties(n):
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, n))

    test = kendall(a, b)

    peer = stats.kendalltau(a, b, method="exact")
    assert test.exact
    assert test.tau == pytest.approx(peer.statistic)
    assert test.p_value == pytest.approx(peer.pvalue, rel=1e-10)


def test_kendall_is_normal_with_ties():
    a, b = np.array([1.0, 2, 2, 3, 5, 4, 6]), np.array([1.0, 1, 2, 4, 3, 3, 5])

    test = kendall(a, b)

    peer = stats.kendalltau(a, b, method="asymptotic")
    assert not test.exact
    assert test.p_value == pytest.approx(peer.pvalue, rel=1e-10)


def test_no_order_no_correlation():
    with pytest.raises(NotEstimableError, match="no order"):
        rank_test(np.array([1.0, 2.0, 3.0]), np.full(3, 0.1))


@pytest.mark.parametrize("function", [egger_regression, trim_and_fill])
def test_a_funnel_needs_three_trials(function):
    options = {} if function is egger_regression else {"estimator": REML, "test": "z"}
    with pytest.raises(NotEstimableError, match="three are needed"):
        function(Y[:2], SE[:2] ** 2, conf_level=0.95, **options)


def test_a_funnel_needs_different_sizes():
    with pytest.raises(NotEstimableError, match="same standard error"):
        egger_regression(Y, np.full(6, 0.1), conf_level=0.95)


def test_filled_trials_mirror_the_outermost():
    filled = trim_and_fill(Y, SE**2, estimator=REML, test="z", conf_level=0.95)

    assert (filled.missing, filled.side) == (2, "right")
    np.testing.assert_array_equal(np.sort(filled.filled_variance), np.sort(SE[4:] ** 2))
    middle = (filled.filled_estimate + np.array([-1.5, -1.8])) / 2
    assert middle[0] == pytest.approx(middle[1])


def test_the_mirrored_funnel_is_filled_on_the_other_side():
    one = trim_and_fill(Y, SE**2, estimator=REML, test="z", conf_level=0.95)
    other = trim_and_fill(-Y, SE**2, estimator=REML, test="z", conf_level=0.95)

    assert other.side == "left"
    np.testing.assert_allclose(other.fit.inference.estimate, -one.fit.inference.estimate)


def test_equal_sizes_still_have_a_side():
    filled = trim_and_fill(Y, np.full(6, 0.1), estimator=REML, test="z", conf_level=0.95)

    assert filled.side == "left"
