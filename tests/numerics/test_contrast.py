"""Linear functions of coefficients: the arithmetic of estimate, error, test and interval."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.contrast import evaluate_contrasts, infer

BETA = np.array([2.0, -1.0])
VCOV = np.array([[0.25, -0.1], [-0.1, 0.16]])


def test_a_row_gives_a_sum_and_its_variance():
    inference = evaluate_contrasts(
        np.array([[1.0, 0.0], [1.0, 1.0]]),
        beta=BETA,
        vcov=VCOV,
        df=np.array([12.0, 12.0]),
        conf_level=0.9,
    )

    np.testing.assert_allclose(inference.estimate, [2.0, 1.0])
    np.testing.assert_allclose(inference.std_error, np.sqrt([0.25, 0.25 + 0.16 - 0.2]))
    half = stats.t.ppf(0.95, 12) * inference.std_error
    np.testing.assert_allclose(inference.conf_low, inference.estimate - half, rtol=1e-12)
    np.testing.assert_allclose(inference.conf_high, inference.estimate + half, rtol=1e-12)


def test_the_interval_excludes_zero_exactly_when_p_is_below_its_complement():
    estimate = np.array([1.0, 3.0])
    inference = infer(estimate, np.ones(2), np.full(2, 20.0), conf_level=0.95)

    assert (inference.conf_low > 0).tolist() == (inference.p_value < 0.05).tolist() == [False, True]


@pytest.mark.parametrize("std_error", [0.0, np.nan])
def test_without_spread_nothing_is_inferred(std_error: float):
    with pytest.raises(NotEstimableError, match="standard error is zero"):
        infer(np.array([1.0]), np.array([std_error]), np.array([3.0]), conf_level=0.95)
