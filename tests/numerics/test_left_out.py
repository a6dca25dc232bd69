"""Closed forms of the fits without a record equal the fits themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.errors import NotEstimableError
from trialkit.numerics.contrast import evaluate_contrasts
from trialkit.numerics.diagnostics import shapiro_wilk, skewness
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.left_out import mean_left_out, model_left_out


def design(n: int, seed: int):
    """Return a model of an arm and a covariate, and its outcome."""
    stream = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    covariate = stream.normal(50, 8, n)
    X = np.column_stack([np.ones(n), arm, covariate]).astype(float)
    return X, 0.4 * covariate - arm + stream.normal(0, 2, n)


@given(st.integers(6, 40), st.integers(0, 10**6))
def test_every_refit_is_reproduced(n, seed):
    X, y = design(n, seed)
    row = np.array([0.0, 1.0, 0.0])

    left = model_left_out(X, y, fit_least_squares(X, y), row, conf_level=0.9)

    for person in range(n):
        kept = np.delete(X, person, axis=0), np.delete(y, person)
        fit = fit_least_squares(*kept)
        again = evaluate_contrasts(
            row[None, :],
            beta=fit.beta,
            vcov=fit.vcov,
            df=np.array([float(fit.df_residual)]),
            conf_level=0.9,
        )
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            assert getattr(left, name)[person] == pytest.approx(
                getattr(again, name)[0], rel=1e-8, abs=1e-8
            )


def test_the_only_one_of_a_group_takes_its_coefficient_and_nothing_else():
    X, y = design(12, 3)
    alone = np.zeros((12, 1))
    alone[5] = 1.0
    X = np.column_stack([X, alone])
    row = np.array([0.0, 1.0, 0.0, 0.0])
    fit = fit_least_squares(X, y)

    left = model_left_out(X, y, fit, row, conf_level=0.95)
    own = model_left_out(X, y, fit, np.array([0.0, 0.0, 0.0, 1.0]), conf_level=0.95)

    kept = fit_least_squares(np.delete(X[:, :3], 5, axis=0), np.delete(y, 5))
    assert left.estimate[5] == pytest.approx(kept.beta[1], rel=1e-12)
    assert left.std_error[5] == pytest.approx(np.sqrt(kept.vcov[1, 1]), rel=1e-12)
    assert np.isnan(own.estimate[5])
    assert np.isnan(own.conf_low[5])


def test_crossings_count_the_intervals_that_change_their_reading():
    values = np.array([1.0, 1.2, 0.9, 1.1, -3.0])

    left = mean_left_out(values, conf_level=0.95)

    # Everyone's interval contains 0, and that without the last person does not.
    assert left.crossings(contains=True) == 1
    assert left.crossings(contains=False) == 4


def test_a_sample_too_small_to_leave_anyone_out_counts_nobody():
    left = mean_left_out(np.array([1.0, 3.0]), conf_level=0.95)

    assert np.isnan(left.conf_low).all()
    assert left.crossings(contains=True) == 0


def test_a_model_without_spread_is_refused():
    X, _ = design(8, 1)
    y = X @ np.array([1.0, 2.0, 0.5])

    with pytest.raises(NotEstimableError):
        model_left_out(X, y, fit_least_squares(X, y), np.array([0.0, 1.0, 0.0]), conf_level=0.95)


@pytest.mark.parametrize("values", [np.ones(10), np.arange(3.0), np.arange(5001.0)])
def test_normality_is_tested_of_four_to_five_thousand_values_that_vary(values):
    with pytest.raises(NotEstimableError, match="4 to 5000 values that vary"):
        shapiro_wilk(values)


def test_skewness_has_the_sign_of_the_longer_tail():
    values = np.array([1.0, 1.0, 2.0, 9.0])

    assert skewness(values) == pytest.approx(-skewness(-values), rel=1e-15)
    # m3 / m2^1.5 with divisors n, by hand: mean 13/4, m2 = 179/16, m3 = 1323/32
    assert skewness(values) == pytest.approx((1323 / 32) / (179 / 16) ** 1.5, rel=1e-14)
    assert np.isnan(skewness(np.ones(4)))
