"""Standardised differences: of levels as of numbers, whichever level is left out."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.group_balance import (
    pearson_independence,
    standardised_levels,
    standardised_means,
)
from trialkit.numerics.means import Moments, sample_moments

YOUNG = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
OLD = np.array([2.0, 7, 1, 8, 2, 8])


def test_two_levels_are_a_difference_in_shares_over_its_mean_spread():
    found = standardised_levels(np.array([12.0, 28]), np.array([20.0, 15]))

    p, q = 28 / 40, 15 / 35
    assert found == pytest.approx(abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2), rel=1e-14)


def test_the_level_that_is_left_out_does_not_matter():
    counts = np.array([[4.0, 9, 1, 6], [8.0, 3, 5, 4]])
    sizes = [standardised_levels(*np.roll(counts, turn, axis=1)) for turn in range(4)]

    assert sizes == pytest.approx([sizes[0]] * 4, rel=1e-12)
    assert sizes[0] > 0.3


def test_a_level_that_nobody_has_is_ignored():
    with_it = standardised_levels(np.array([4.0, 0, 6]), np.array([7.0, 0, 2]))

    assert with_it == standardised_levels(np.array([4.0, 6]), np.array([7.0, 2]))


def test_equal_shares_are_no_distance_apart():
    assert standardised_levels(np.array([5.0, 0]), np.array([3.0, 0])) == 0.0
    assert standardised_levels(np.array([5.0, 10]), np.array([2.0, 4])) == pytest.approx(
        0, abs=1e-9
    )


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (([5, 0], [0, 4]), "no level in common"),
        (([4, 0, 0], [0, 2, 2]), "no level in common"),
        (([0, 0], [2, 3]), "without people"),
    ],
)
def test_groups_that_cannot_be_held_beside_each_other_are_refused(counts, message: str):
    with pytest.raises(NotEstimableError, match=message):
        standardised_levels(*(np.array(group, dtype=float) for group in counts))


def test_numbers_are_treatment_minus_reference_and_change_sign_with_the_groups():
    young, old = sample_moments(YOUNG), sample_moments(OLD)
    spread = np.sqrt((YOUNG.var(ddof=1) + OLD.var(ddof=1)) / 2)

    assert standardised_means(young, old) == pytest.approx((YOUNG.mean() - OLD.mean()) / spread)
    assert standardised_means(old, young) == -standardised_means(young, old)


@pytest.mark.parametrize("spread", [0.0, float("nan")])
def test_numbers_without_spread_have_no_standard(spread: float):
    flat = Moments(n=3, mean=2.0, std_dev=spread)

    with pytest.raises(NotEstimableError, match="some spread"):
        standardised_means(flat, flat)


def test_pearson_agrees_with_scipy():
    table = np.array([[4.0, 9, 1, 6], [8.0, 3, 5, 4]])
    found = pearson_independence(*table)
    statistic, p_value, df, _ = stats.chi2_contingency(table, correction=False)

    assert (found.statistic, found.p_value) == pytest.approx((statistic, p_value), rel=1e-12)
    assert found.df == df


def test_pearson_needs_two_levels():
    with pytest.raises(NotEstimableError, match="two levels"):
        pearson_independence(np.array([4.0, 0]), np.array([5.0, 0]))
