"""Tests of terms, shares of variance, diagnostics and figures of a fit."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.diagnostics import breusch_pagan, record_diagnostics
from trialkit.numerics.least_squares import fit_figures, fit_least_squares
from trialkit.numerics.term_tests import term_test, type_three, type_two
from trialkit.numerics.variance_explained import epsilon_squared, eta_squared, omega_squared

RNG = np.random.default_rng(8)
X = np.column_stack([np.ones(25), RNG.normal(size=(25, 3))])
Y = X @ [1.0, 0.5, 0.0, -0.3] + RNG.normal(size=25)


def test_type_two_is_the_drop_in_the_residual_sum_of_squares():
    fit = fit_least_squares(X, Y)
    # Column 3 stands for an interaction that contains column 1.
    L = type_two([1], [3], fit.vcov)

    test = term_test(L, beta=fit.beta, vcov=fit.vcov, df=fit.df_residual, sigma2=fit.sigma2)

    without = [fit_least_squares(X[:, keep], Y).residual_squares for keep in ([0, 2], [0, 1, 2])]
    assert test.sum_of_squares == pytest.approx(without[0] - without[1], rel=1e-10)


def test_one_coefficient_is_its_squared_t():
    fit = fit_least_squares(X, Y)
    L = type_three([2], np.eye(4))

    test = term_test(L, beta=fit.beta, vcov=fit.vcov, df=fit.df_residual, sigma2=fit.sigma2)

    expected = fit.beta[2] ** 2 / fit.vcov[2, 2]
    np.testing.assert_allclose(test.F, expected, rtol=1e-12)


def test_an_exact_fit_has_no_tests():
    with pytest.raises(NotEstimableError, match="fits exactly"):
        term_test(np.eye(1), beta=np.ones(1), vcov=np.zeros((1, 1)), df=3, sigma2=0.0)
    with pytest.raises(NotEstimableError, match="fits exactly"):
        record_diagnostics(X, np.zeros(25), 0.0)


@pytest.mark.parametrize("share", [eta_squared, omega_squared, epsilon_squared])
def test_a_share_lies_in_its_interval(share):
    for F in (0.0, 0.4, 1.0, 3.0, 40.0, 1e6):
        found = share(F, 3, 44, conf_level=0.95)

        assert 0 <= found.conf_low <= found.estimate <= found.conf_high == 1


def test_the_limit_of_eta_squared_inverts_the_noncentral_f():
    low = eta_squared(6.0, 3, 44, conf_level=0.9).conf_low
    ncp = 44 * low / (1 - low)

    assert stats.ncf.cdf(6.0, 3, 44, ncp) == pytest.approx(0.9, rel=1e-10)


def test_the_limit_leaves_zero_where_the_test_is_significant():
    bound = stats.f.isf(0.05, 3, 44)

    assert eta_squared(bound * 0.999, 3, 44, conf_level=0.95).conf_low == 0
    assert eta_squared(bound * 1.001, 3, 44, conf_level=0.95).conf_low > 0


def test_leverages_add_up_to_the_coefficients():
    residual = Y - X @ fit_least_squares(X, Y).beta

    found = record_diagnostics(X, residual, 1.0)

    assert found.leverage.sum() == pytest.approx(4)


def test_cooks_distance_is_what_leaving_a_record_out_moves():
    fit = fit_least_squares(X, Y)
    found = record_diagnostics(X, Y - X @ fit.beta, fit.sigma2)
    others = np.arange(25) != 7
    moved = X @ (fit.beta - fit_least_squares(X[others], Y[others]).beta)

    assert found.cooks_distance[7] == pytest.approx(moved @ moved / (4 * fit.sigma2), rel=1e-9)


def test_a_record_alone_has_infinite_influence():
    alone = np.column_stack([np.ones(6), [1.0, 0, 0, 0, 0, 0]])

    found = record_diagnostics(alone, np.array([0.0, 1, -1, 1, -1, 0]), 1.0)

    assert found.cooks_distance[0] == np.inf


def test_variance_that_follows_nothing_is_refused():
    with pytest.raises(NotEstimableError, match="without terms"):
        breusch_pagan(np.ones((5, 1)), np.arange(5.0))
    with pytest.raises(NotEstimableError, match="one size"):
        breusch_pagan(X[:4, :2], np.array([1.0, -1.0, 1.0, -1.0]))


def test_figures_of_a_fit_agree_with_the_likelihood():
    fit = fit_least_squares(X, Y)
    figures = fit_figures(fit)
    residual = Y - X @ fit.beta

    expected = stats.norm.logpdf(residual, scale=np.sqrt(np.mean(residual**2))).sum()
    assert figures.log_likelihood == pytest.approx(expected, rel=1e-12)
    assert figures.aic == pytest.approx(10 - 2 * expected, rel=1e-12)


def test_figures_of_an_exact_fit_do_not_exist():
    figures = fit_figures(fit_least_squares(X, X @ [1.0, 2.0, 3.0, 4.0]))

    assert np.isnan([figures.F, figures.log_likelihood, figures.aic, figures.bic]).all()
