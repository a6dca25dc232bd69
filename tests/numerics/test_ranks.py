"""Midranks, ties by rounding, and limits from quantiles of a null distribution."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.ranks import (
    NullDistribution,
    approximate_p_value,
    correlation_interval,
    doubled_ranks,
    equal_but_for_rounding,
    exact_p_value,
    exact_rank,
    normal_rank,
    order_statistics,
)
from trialkit.numerics.shift_algorithm import sign_sum_pmf


def test_ranks_are_scipys():
    values = np.random.default_rng(1).integers(0, 9, size=50).astype(float)

    assert doubled_ranks(values).tolist() == (2 * stats.rankdata(values)).tolist()


def test_differences_that_rounding_tells_apart_tie():
    before = np.array([4.1, 2.1, 5.0, 3.0, 0.3])
    after = np.array([5.1, 3.1, 6.5, 3.0, 0.1 + 0.2])
    changes = after - before
    assert len(set(changes.tolist())) > 3

    merged = equal_but_for_rounding(changes, size=6.5)

    assert len(set(merged.tolist())) == 3
    assert merged[3] == merged[4] == 0
    np.testing.assert_allclose(merged, changes, atol=1e-15)


def test_differences_apart_stay_apart():
    changes = np.array([1e-12, 2e-12, 3e-12])

    assert equal_but_for_rounding(changes, size=10.0).tolist() == changes.tolist()


def test_both_tails_count_from_the_mean_where_the_distribution_is_skewed():
    # Sums 0, 1 and 5 with mean 1.5: 0 and 3 are equally far from it, 5 is farther.
    skewed = NullDistribution(
        lowest=0, probabilities=np.array([0.5, 0.25, 0.0, 0.0, 0.0, 0.25]), twice_expected=3
    )

    assert exact_p_value(5, skewed, alternative="two_sided") == 0.25
    assert exact_p_value(0, skewed, alternative="two_sided") == 0.75
    assert exact_p_value(1, skewed, alternative="greater") == 0.5
    assert exact_p_value(1, skewed, alternative="less") == 0.75


def test_the_rank_of_a_limit_is_the_quantile_of_r():
    # R: qsignrank(0.025, 9) = 6, qsignrank(0.05, 9) = 9, qsignrank(0.025, 5) = 0.
    def quantile(n: int, tail: float) -> int:
        return exact_rank(sign_sum_pmf(np.arange(1, n + 1)), tail=tail)

    assert [quantile(9, 0.025), quantile(9, 0.05), quantile(5, 0.025)] == [6, 9, 0]


@pytest.mark.parametrize("corrected", [False, True])
def test_a_normal_limit_is_the_last_count_that_is_not_rejected(corrected: bool):
    pairs, std_dev, tail = 72, 15.3, 0.025

    k = normal_rank(pairs, std_dev, tail=tail, corrected=corrected)

    def p_value(count: int) -> float:
        return approximate_p_value(
            count - pairs / 2, std_dev, alternative="less", corrected=corrected
        )

    assert p_value(k) >= tail > p_value(k - 1)


def test_the_correction_never_passes_the_mean():
    assert approximate_p_value(0.25, 1.0, alternative="two_sided", corrected=True) == 1.0


def test_far_tails_keep_their_digits():
    p = approximate_p_value(-12.0, 1.0, alternative="two_sided", corrected=False)

    assert p == pytest.approx(3.552964224155337e-33, rel=1e-12)  # mpmath: erfc(12 / sqrt(2))


def test_ranks_without_spread_are_refused():
    with pytest.raises(NotEstimableError, match="all values are equal"):
        approximate_p_value(0.0, 0.0, alternative="two_sided", corrected=False)


def test_limits_of_rank_0_are_infinite():
    found = order_statistics(np.array([3.0, 1.0, 2.0]), 0, alternative="two_sided")

    assert (found.estimate, found.conf_low, found.conf_high) == (2.0, -np.inf, np.inf)


def test_a_one_sided_interval_is_open_on_the_side_of_its_alternative():
    values = np.arange(10.0)

    less = order_statistics(values, 2, alternative="less")
    greater = order_statistics(values, 2, alternative="greater")

    assert (less.conf_low, less.conf_high) == (-np.inf, 8.0)
    assert (greater.conf_low, greater.conf_high) == (1.0, np.inf)


def test_a_perfect_correlation_has_no_interval():
    found = correlation_interval(1.0, 0.2, conf_level=0.95)

    assert np.isnan([found.conf_low, found.conf_high]).all()
