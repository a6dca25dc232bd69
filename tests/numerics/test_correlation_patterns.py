"""Patterns of correlation: the matrices that their names promise."""

import numpy as np
import pytest

from trialkit.numerics.correlation_patterns import (
    ante_dependence,
    autoregressive,
    by_distance,
    compound,
    toeplitz,
)

RHO = np.array([[0.5, -0.2, 0.3]])


def test_compound_symmetry_has_one_correlation():
    R = compound(3).evaluate(RHO[:, :1]).R[0]

    np.testing.assert_array_equal(R, [[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]])


def test_toeplitz_has_one_correlation_a_distance():
    R = toeplitz(4).evaluate(RHO).R[0]

    np.testing.assert_array_equal(R[0], [1, 0.5, -0.2, 0.3])
    np.testing.assert_array_equal(np.diagonal(R, 2), [-0.2, -0.2])


def test_autoregression_takes_powers_of_a_negative_correlation_too():
    R = autoregressive(4).evaluate(np.array([[-0.5]])).R[0]

    np.testing.assert_array_equal(R[0], [1, -0.5, 0.25, -0.125])


def test_ante_dependence_multiplies_along_the_way():
    R = ante_dependence(4).evaluate(RHO).R[0]

    np.testing.assert_allclose(R[0], [1, 0.5, 0.5 * -0.2, 0.5 * -0.2 * 0.3], rtol=1e-15)
    np.testing.assert_allclose(R[1, 3], -0.2 * 0.3, rtol=1e-15)


def test_ante_dependence_through_no_correlation_keeps_its_derivatives():
    found = ante_dependence(3).evaluate(np.array([[0.0, 0.5]]))

    # R[0, 2] = r1 r2, so at r1 = 0 it moves with r1 and, twice over, with both.
    assert found.R[0, 0, 2] == 0
    assert found.first[0, 0, 0, 2] == pytest.approx(0.5)
    assert found.second[0, 0, 1, 0, 2] == pytest.approx(1 - 0.5**2)


@pytest.mark.parametrize(("power", "expected"), [(1, np.exp(-1.5)), (2, np.exp(-(1.5**2)))])
def test_correlation_by_distance_is_in_units_of_the_range(power: int, expected: float):
    R = by_distance(np.array([0.0, 3.0, 4.0]), power).evaluate(np.array([[2.0]])).R[0]

    assert R[0, 1] == pytest.approx(expected, rel=1e-15)
