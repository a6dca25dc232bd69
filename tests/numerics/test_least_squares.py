"""Least squares reach the digits that NIST certifies, and say which column is one too many."""

import numpy as np
import pandas as pd
import pytest

from reference_cases import load_cases
from reference_runners.means_and_proportions import design_matrix
from trialkit.errors import NotEstimableError
from trialkit.numerics.least_squares import fit_least_squares


@pytest.mark.parametrize(
    ("name", "r_squared"), [("norris", 0.999993745883712), ("longley", 0.995479004577296)]
)
def test_agrees_with_certified_r_squared(name: str, r_squared: float):
    case = next(case for case in load_cases("fit_least_squares") if str(case) == f"nist_{name}")

    fit = fit_least_squares(design_matrix(case), case.data["y"].to_numpy(dtype=float))

    assert fit.r_squared == pytest.approx(r_squared, rel=1e-13)


def test_units_of_a_column_cost_no_digits():
    rng = np.random.default_rng(20240501)
    X = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    y = X @ [1.0, 2.0, 3.0] + rng.normal(size=40)
    units = np.array([1.0, 1e9, 1e-9])

    plain, scaled = fit_least_squares(X, y), fit_least_squares(X * units, y)

    np.testing.assert_allclose(scaled.beta * units, plain.beta, rtol=1e-12)
    np.testing.assert_allclose(scaled.sigma2, plain.sigma2, rtol=1e-12)


def test_a_dependent_column_is_named():
    x = np.arange(6.0)
    X = np.column_stack([np.ones(6), x, 2 * x + 1])

    with pytest.raises(NotEstimableError, match=r"twice_age.*rank 2 of 3"):
        fit_least_squares(X, x**2, ["intercept", "age", "twice_age"])


def test_an_empty_column_is_named():
    X = np.column_stack([np.ones(4), np.zeros(4)])

    with pytest.raises(NotEstimableError, match="site_c"):
        fit_least_squares(X, np.arange(4.0), ["intercept", "site_c"])


def test_too_few_records_are_refused():
    with pytest.raises(
        NotEstimableError, match="2 complete records cannot determine 2 coefficients"
    ):
        fit_least_squares(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 2.0]))


def test_a_constant_outcome_has_no_r_squared():
    fit = fit_least_squares(np.ones((3, 1)), pd.Series([2.0, 2.0, 2.0]).to_numpy())

    assert np.isnan(fit.r_squared)


def test_an_exact_fit_has_no_error_variance():
    x = np.array([0.1, 0.2, 0.3, 0.7, 1.1])

    fit = fit_least_squares(np.column_stack([np.ones(5), x]), 3.3 + 0.7 * x)

    assert fit.sigma2 == 0
