"""Signed ranks against enumeration and peers, the Walsh median against inverted tests."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.ranks import correlation_interval
from trialkit.numerics.signed_rank import (
    paired_rank_biserial,
    pseudomedian,
    rank_changes,
    sign_test,
    signed_rank_test,
)

CHANGES = np.array([0.0, 0, -1, -1, 2, -3, -4, 1, -5, 0.5])


def people(changes: np.ndarray, **options: str):
    return rank_changes(np.zeros_like(changes), changes, **options)


@pytest.mark.parametrize("zeros", ["wilcoxon", "pratt"])
@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_exact_p_is_the_share_of_sign_patterns(zeros: str, alternative: str):
    moved = CHANGES != 0
    sizes = np.abs(CHANGES)
    ranks = stats.rankdata(sizes)[moved] if zeros == "pratt" else stats.rankdata(sizes[moved])
    sums = np.array([ranks @ signs for signs in product([0, 1], repeat=ranks.size)])
    observed = ranks @ (CHANGES[moved] > 0)
    inside = {
        "two_sided": np.abs(sums - sums.mean()) >= abs(observed - sums.mean()) - 1e-9,
        "less": sums <= observed + 1e-9,
        "greater": sums >= observed - 1e-9,
    }

    test = signed_rank_test(people(CHANGES, zeros=zeros), alternative=alternative)

    assert test.statistic == observed
    assert test.p_value == inside[alternative].mean()
    assert test.std_dev == pytest.approx(sums.std(), rel=1e-12)


@pytest.mark.parametrize(("zeros", "theirs"), [("wilcoxon", "wilcox"), ("pratt", "pratt")])
@pytest.mark.parametrize("correct", [False, True])
def test_normal_p_is_scipys(zeros: str, theirs: str, correct: bool):
    expected = stats.wilcoxon(
        CHANGES, zero_method=theirs, correction=correct, method="asymptotic"
    ).pvalue

    test = signed_rank_test(
        people(CHANGES, zeros=zeros), distribution="normal_corrected" if correct else "normal"
    )

    assert test.p_value == pytest.approx(expected, rel=1e-12)


def test_the_exact_interval_is_the_set_of_centres_not_rejected():
    changes = np.random.default_rng(2).normal(1, 2, size=11)

    found = pseudomedian(changes)

    for inside, outside in (
        (found.conf_low + 1e-9, found.conf_low - 1e-9),
        (found.conf_high - 1e-9, found.conf_high + 1e-9),
    ):
        assert signed_rank_test(people(changes - inside)).p_value >= 0.05
        assert signed_rank_test(people(changes - outside)).p_value < 0.05


@pytest.mark.parametrize("distribution", ["normal", "normal_corrected"])
def test_the_normal_interval_inverts_its_test_on_tied_changes(distribution: str):
    changes = np.random.default_rng(8).integers(-5, 4, size=40).astype(float)

    found = pseudomedian(changes, distribution=distribution)

    for inside, outside in (
        (found.conf_low + 0.25, found.conf_low - 0.25),
        (found.conf_high - 0.25, found.conf_high + 0.25),
    ):
        for centre, kept in ((inside, True), (outside, False)):
            # A quarter off the half points ties no rise with a fall.
            test = signed_rank_test(people(changes - centre), distribution=distribution)
            assert (test.p_value >= 0.05) is kept


def test_the_estimate_is_the_median_of_all_walsh_averages():
    sums = np.add.outer(CHANGES, CHANGES)[np.triu_indices(CHANGES.size)]

    assert pseudomedian(CHANGES).estimate == np.median(sums / 2)


def test_equal_changes_tie_though_their_last_digits_differ():
    before = np.array([4.1, 2.1, 5.0, 6.3, 7.0, 1.2])
    after = np.array([5.1, 1.1, 6.5, 6.0, 6.7, 1.5])

    rounded = rank_changes(before, after, ties="rounded")
    bitwise = rank_changes(before, after)

    assert sorted(rounded.ranks.tolist()) == [4, 4, 4, 9, 9, 12]
    assert len(set(bitwise.ranks.tolist())) > 3
    assert rounded.split_by_rounding == bitwise.split_by_rounding > 0


def test_a_large_common_part_moves_no_rank():
    before = np.array([5.0, 3, 2, 7, 4, 6])
    after = np.array([4.0, 4, 0, 1, 1, 8])

    moved = rank_changes(before + 1e9, after + 1e9)

    assert moved.ranks.tolist() == rank_changes(before, after).ranks.tolist()


def test_effectsizes_interval_with_those_who_changed():
    # effectsize 0.8.3 would take the number of values after that are not 0.
    r = paired_rank_biserial(people(CHANGES))
    m = 8
    std_error = np.sqrt((2 * m**3 + 3 * m**2 + m) / 6) / (m * (m + 1) / 2)

    by_hand = correlation_interval(r.estimate, float(std_error), conf_level=0.95)
    assert (r.conf_low, r.conf_high) == (by_hand.conf_low, by_hand.conf_high)
    assert np.isnan(r.std_error)  # the one above is that of atanh(r)


def test_effectsizes_own_limits_count_the_values_after():
    # tests/reference/paired_ties: effectsize 0.8.3 prints -0.6753 (-0.8054, -0.4831). Of 60 people
    # 50 changed; 59 have a value after that is not 0, and that is the number it puts in.
    m = 59
    std_error = np.sqrt((2 * m**3 + 3 * m**2 + m) / 6) / (m * (m + 1) / 2)

    limits = correlation_interval(-0.6752941176470588, float(std_error), conf_level=0.95)

    assert (limits.conf_low, limits.conf_high) == pytest.approx(
        (-0.8054091576218536, -0.4830864686470845), rel=1e-12
    )


@pytest.mark.parametrize(("rises", "falls"), [(1, 8), (12, 38), (0, 5), (5, 0), (3, 3), (200, 90)])
@pytest.mark.parametrize("conf_level", [0.9, 0.95])
def test_the_sign_test_is_scipys_binomial(rises: int, falls: int, conf_level: float):
    expected = stats.binomtest(rises, rises + falls)
    limits = expected.proportion_ci(conf_level, method="exact")

    share, p_value = sign_test(rises, falls, conf_level=conf_level)

    assert p_value == pytest.approx(expected.pvalue, rel=1e-11)
    assert (share.conf_low, share.conf_high) == pytest.approx((limits.low, limits.high), rel=1e-9)


def test_few_people_have_infinite_limits():
    found = pseudomedian(np.array([1.0, 2, 3, 4, 5]))

    assert (found.estimate, found.conf_low, found.conf_high) == (3.0, -np.inf, np.inf)
    assert pseudomedian(np.array([1.0, 2, 3, 4, 5, 6])).conf_low == 1


def test_nobody_and_nobody_changed_are_refused():
    with pytest.raises(NotEstimableError, match="nobody changed"):
        rank_changes(np.array([1.0, 2]), np.array([1.0, 2]))
    with pytest.raises(NotEstimableError, match="nobody changed"):
        sign_test(0, 0)


def test_an_exact_distribution_too_large_is_refused_with_its_alternative():
    with pytest.raises(SpecificationError, match='use distribution="normal"'):
        signed_rank_test(people(np.arange(1.0, 6001)))
