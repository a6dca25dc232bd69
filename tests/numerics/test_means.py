"""Moments keep the digits of scores with a large common part."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.means import (
    Moments,
    change_moments,
    mean_inference,
    sample_moments,
    student_difference,
    welch_difference,
)


def test_a_large_common_part_costs_no_digits():
    # Shape of NIST's SmLs07: scores 1e12 + (0.2, 0.3, 0.4); the doubles nearest to these
    # differ from each other by steps of 1.2e-4, so the exact moments are those of the doubles.
    values = 1e12 + np.tile([0.2, 0.3, 0.4], 67)
    exact = values - 1e12

    moments = sample_moments(values)

    assert moments.mean - 1e12 == pytest.approx(exact.mean(), abs=1.3e-4)
    assert moments.std_dev == pytest.approx(exact.std(ddof=1), rel=1e-9)


def test_one_value_has_no_standard_deviation():
    moments = sample_moments(np.array([3.0]))

    assert moments.n == 1
    assert np.isnan(moments.std_dev)


def test_no_values_have_no_mean():
    with pytest.raises(NotEstimableError, match="no mean"):
        sample_moments(np.array([]))


@pytest.mark.parametrize("compare", [welch_difference, student_difference])
def test_an_arm_of_one_is_refused(compare):
    pair = Moments(n=1, mean=3.0, std_dev=float("nan")), Moments(n=9, mean=2.0, std_dev=1.0)

    with pytest.raises(NotEstimableError, match="at least two"):
        compare(*pair, conf_level=0.95)


@pytest.mark.parametrize("compare", [welch_difference, student_difference])
def test_arms_that_do_not_vary_are_refused(compare):
    constant = Moments(n=5, mean=3.0, std_dev=0.0)

    with pytest.raises(NotEstimableError):
        compare(constant, constant, conf_level=0.95)


def test_welch_equals_student_for_equal_sizes_and_spreads():
    pair = Moments(n=8, mean=3.0, std_dev=1.5), Moments(n=8, mean=2.0, std_dev=1.5)

    welch, student = (
        compare(*pair, conf_level=0.95) for compare in (welch_difference, student_difference)
    )

    np.testing.assert_allclose(welch.p_value, student.p_value, rtol=1e-13)
    np.testing.assert_allclose(welch.df, [14.0], rtol=1e-13)


def test_welch_may_have_one_arm_that_does_not_vary():
    inference = welch_difference(
        Moments(n=6, mean=1.0, std_dev=0.0), Moments(n=10, mean=2.0, std_dev=1.0), conf_level=0.95
    )

    np.testing.assert_allclose(inference.df, [9.0])


def test_changes_that_differ_by_rounding_only_do_not_vary():
    before = np.array([5.1, 3.1, 7.3, 9.7])

    changes = change_moments(before, before - 1.1)

    assert changes.std_dev == 0
    assert changes.mean == pytest.approx(-1.1)
    with pytest.raises(NotEstimableError, match="does not vary"):
        mean_inference(changes, conf_level=0.95)


def test_a_small_real_spread_is_kept():
    values = np.array([1.0, 1.0 + 1e-12, 1.0 - 1e-12])

    assert sample_moments(values).std_dev == pytest.approx(1e-12, rel=1e-3)
