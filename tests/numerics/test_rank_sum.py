"""The rank sum against enumeration and peers, its shift against inverted tests."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.rank_sum import (
    hodges_lehmann,
    probability_of_superiority,
    rank_arms,
    rank_biserial,
    rank_sum_std_dev,
    rank_sum_test,
)

TIED = np.array([0.0, 0, 1, 3, 9, 9, 10]), np.array([0.0, 0, 0, 1, 1, 2, 2, 5])


def enumerated(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the Mann-Whitney count of every relabelling, the observed first."""
    pooled = np.concatenate([x, y])
    ranks = stats.rankdata(pooled)
    n = x.size
    sums = [ranks[list(chosen)].sum() for chosen in combinations(range(pooled.size), n)]
    return np.array(sums) - n * (n + 1) / 2


@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_exact_p_is_the_share_of_relabellings(alternative: str):
    counts = enumerated(*TIED)
    expected = TIED[0].size * TIED[1].size / 2
    inside = {
        "two_sided": np.abs(counts - expected) >= abs(counts[0] - expected) - 1e-9,
        "less": counts <= counts[0] + 1e-9,
        "greater": counts >= counts[0] - 1e-9,
    }

    test = rank_sum_test(rank_arms(*TIED), distribution="exact", alternative=alternative)

    assert test.statistic == counts[0]
    assert test.p_value == pytest.approx(inside[alternative].mean(), rel=1e-13)
    assert test.std_dev == pytest.approx(counts.std(), rel=1e-12)


@pytest.mark.parametrize("correct", [False, True])
@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_normal_p_is_scipys(correct: bool, alternative: str):
    expected = stats.mannwhitneyu(
        *TIED,
        use_continuity=correct,
        alternative=alternative.replace("_", "-"),
        method="asymptotic",
    )

    test = rank_sum_test(
        rank_arms(*TIED),
        distribution="normal_corrected" if correct else "normal",
        alternative=alternative,
    )

    assert (test.statistic, test.p_value) == pytest.approx(tuple(expected), rel=1e-12)


def test_exact_p_without_ties_is_scipys():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=31), rng.normal(0.5, 1, size=24)

    test = rank_sum_test(rank_arms(x, y))

    expected = stats.mannwhitneyu(x, y, method="exact").pvalue
    assert test.p_value == pytest.approx(expected, rel=1e-11)


def test_the_exact_interval_is_the_set_of_shifts_not_rejected():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=9), rng.normal(1, 1, size=7)

    found = hodges_lehmann(rank_arms(x, y))

    edge = 1e-9
    for inside, outside in (
        (found.conf_low + edge, found.conf_low - edge),
        (found.conf_high - edge, found.conf_high + edge),
    ):
        assert rank_sum_test(rank_arms(x - inside, y)).p_value >= 0.05
        assert rank_sum_test(rank_arms(x - outside, y)).p_value < 0.05


@pytest.mark.parametrize("distribution", ["normal", "normal_corrected"])
def test_the_normal_interval_inverts_its_test_on_tied_scores(distribution: str):
    rng = np.random.default_rng(5)
    x, y = rng.integers(0, 11, size=40), rng.integers(1, 11, size=35)
    arms = rank_arms(x.astype(float), y.astype(float))

    found = hodges_lehmann(arms, distribution=distribution)

    for inside, outside in (
        (found.conf_low + 0.5, found.conf_low - 0.5),
        (found.conf_high - 0.5, found.conf_high + 0.5),
    ):
        for shift, kept in ((inside, True), (outside, False)):
            test = rank_sum_test(rank_arms(x - shift, y + 0.0), distribution=distribution)
            assert (test.p_value >= 0.05) is kept


def test_the_estimate_is_the_median_of_all_differences():
    x, y = TIED

    assert hodges_lehmann(rank_arms(x, y)).estimate == np.median(np.subtract.outer(x, y))


def test_arms_too_small_for_the_level_have_infinite_limits():
    x, y = np.array([1.0, 2, 3]), np.array([4.0, 5, 6])

    found = hodges_lehmann(rank_arms(x, y))

    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)
    assert hodges_lehmann(rank_arms(x, y), conf_level=0.85).conf_low == -5


def test_a_large_common_part_moves_no_rank():
    x, y = TIED

    moved = rank_arms(x + 1e9, y + 1e9)

    assert rank_sum_test(moved) == rank_sum_test(rank_arms(x, y))
    assert hodges_lehmann(moved) == hodges_lehmann(rank_arms(x, y))


def test_tiny_values_keep_their_order_beside_large_ones():
    # 1e-6 and 2e-6 differ by less than the rounding of 1e12, and are no ties.
    x, y = np.array([2e-6, 4e-6, 1e12]), np.array([1e-6, 3e-6, 5e-6])

    assert rank_sum_test(rank_arms(x, y)).statistic == 6.0


def test_newcombes_limits_solve_his_quartic():
    arms = rank_arms(*TIED)
    n1, n0 = TIED[0].size, TIED[1].size
    found = probability_of_superiority(arms)
    z, m = stats.norm.isf(0.025), (n1 + n0) / 2 - 1
    p = np.polynomial.Polynomial([0, 1])
    # The squared distance times (2 - p)(1 + p), beside z^2 V(p) times the same.
    left = (found.estimate - p) ** 2 * (2 - p) * (1 + p)
    right = (2 - p) * (1 + p) + m * (1 - p) * (1 + p) + m * p * (2 - p)
    roots = (left - z**2 * p * (1 - p) * right / (n1 * n0)).roots()

    real = sorted(float(root.real) for root in roots if abs(root.imag) < 1e-9)

    inside = [root for root in real if 0 < root < 1]
    assert inside == pytest.approx([found.conf_low, found.conf_high], rel=1e-10)


def test_a_clean_sweep_has_a_probability_but_no_rank_biserial_interval():
    arms = rank_arms(np.array([7.0, 8, 9]), np.array([1.0, 2, 3, 4]))

    p, r = probability_of_superiority(arms), rank_biserial(arms)

    assert (p.estimate, p.conf_high, r.estimate) == (1.0, 1.0, 1.0)
    assert 0.5 < p.conf_low < 1
    assert np.isnan([r.conf_low, r.conf_high]).all()


def test_no_one_and_no_difference_are_refused():
    with pytest.raises(NotEstimableError, match="without values"):
        rank_arms(np.array([]), np.array([1.0]))
    with pytest.raises(NotEstimableError, match="all values are equal"):
        rank_arms(np.array([1.0, 1]), np.array([1.0]))


def test_an_exact_distribution_too_large_is_refused_with_its_alternative():
    arms = rank_arms(np.arange(400.0), np.arange(400.0) + 0.5)

    for refused in (rank_sum_test, hodges_lehmann):
        with pytest.raises(SpecificationError, match='use distribution="normal"'):
            refused(arms, distribution="exact")
    assert 0 < rank_sum_test(arms, distribution="normal").p_value <= 1


def test_the_variance_of_untied_ranks():
    assert rank_sum_std_dev(7, 5, np.ones(12, dtype=np.int64)) == pytest.approx(
        np.sqrt(7 * 5 * 13 / 12)
    )
