"""Rank tests of several arms or visits, against scipy and by hand."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.rank_k import (
    fligner_killeen,
    friedman,
    kruskal_wallis,
    quade,
    ranges_split_by_rounding,
)

ARMS = [
    np.array([1.0, 2, 2, 5, 9]),
    np.array([3.0, 4, 4, 4]),
    np.array([5.0, 6, 9, 9, 9, 10]),
]
VISITS = np.array([[5.0, 4, 4, 1], [7, 7, 6, 2], [3, 4, 2, 2], [8, 5, 5, 6], [6, 6, 6, 5]])


def test_kruskal_wallis_is_scipys():
    expected = stats.kruskal(*ARMS)

    test = kruskal_wallis(ARMS)

    assert (test.statistic, test.p_value) == pytest.approx(tuple(expected), rel=1e-12)
    assert test.df == 2
    assert test.effect_size == pytest.approx(expected.statistic / (15 - 1))


def test_two_arms_give_the_squared_rank_sum():
    z2 = kruskal_wallis(ARMS[:2])
    expected = stats.mannwhitneyu(*ARMS[:2], method="asymptotic", use_continuity=False).pvalue

    assert z2.p_value == pytest.approx(expected, rel=1e-12)


def test_fligner_killeen_is_scipys_bit_by_bit():
    expected = stats.fligner(*ARMS, center="median")

    test = fligner_killeen(ARMS, ties="bitwise")

    assert (test.statistic, test.p_value) == pytest.approx(tuple(expected), rel=1e-12)
    again = fligner_killeen(ARMS)  # whole numbers: nothing is rounded
    assert (again.statistic, again.p_value) == (test.statistic, test.p_value)


def test_fligner_killeen_on_tenths_is_the_same_as_on_whole_numbers():
    tenths = [arm / 10 for arm in ARMS]

    assert fligner_killeen(tenths).statistic == pytest.approx(
        fligner_killeen(ARMS).statistic, rel=1e-12
    )
    assert fligner_killeen(tenths, ties="bitwise").statistic != pytest.approx(
        fligner_killeen(ARMS).statistic, rel=1e-3
    )


def test_friedman_is_scipys():
    expected = stats.friedmanchisquare(*VISITS.T)

    test = friedman(VISITS)

    assert (test.statistic, test.p_value) == pytest.approx(tuple(expected), rel=1e-12)
    assert test.effect_size == pytest.approx(expected.statistic / (5 * 3))


def test_full_agreement_is_kendalls_w_of_1():
    test = friedman(np.array([[1.0, 2, 3], [4, 5, 6], [0, 1, 9]]))

    assert test.effect_size == pytest.approx(1.0)
    assert test.statistic == pytest.approx(6.0)


def test_quade_by_hand():
    values = np.array([[1.0, 2, 4], [3, 1, 2], [5, 9, 1]])
    ranks = stats.rankdata(values, axis=1)
    weights = stats.rankdata(np.ptp(values, axis=1))
    s = weights[:, np.newaxis] * (ranks - 2)
    a, b = (s**2).sum(), (s.sum(axis=0) ** 2).sum() / 3

    test = quade(values)

    assert test.statistic == pytest.approx(2 * b / (a - b))
    assert (test.df_num, test.df) == (2, 4)
    assert test.p_value == pytest.approx(stats.f.sf(test.statistic, 2, 4))


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.array([[1.0, 1], [2, 2]]), "nobody's values differ"),
        (np.empty((0, 3)), "at least one person"),
        (np.array([[1.0], [2]]), "at least one person"),
    ],
)
@pytest.mark.parametrize("test", [friedman, quade])
def test_nothing_to_rank_is_refused(test, values: np.ndarray, match: str):
    with pytest.raises(NotEstimableError, match=match):
        test(values)


def test_quade_needs_disagreement():
    with pytest.raises(NotEstimableError, match="the same way"):
        quade(np.array([[1.0, 2, 4], [4, 5, 7], [0, 1, 3]]))


@pytest.mark.parametrize("test", [kruskal_wallis, fligner_killeen])
def test_arms_that_cannot_be_compared_are_refused(test):
    with pytest.raises(NotEstimableError, match="at least two"):
        test([np.array([1.0, 2])])
    with pytest.raises(NotEstimableError, match="without values"):
        test([np.array([1.0, 2]), np.array([])])
    with pytest.raises(NotEstimableError, match="equal"):
        test([np.array([3.0, 3]), np.array([3.0, 3, 3])])


def test_ranges_that_rounding_tells_apart_rank_apart_unless_told_otherwise():
    # R 4.2.2: quade.test(matrix(c(6.3, 7.1, 6.5, 0.9, 0.1, 0.5, 4.4, 5.2, 5.2, 4, 3.9, 1), 4,
    # byrow = TRUE)) ranks 7.1 - 6.3, 0.9 - 0.1 and 5.2 - 4.4 as they are stored.
    tenths = np.array([[6.3, 7.1, 6.5], [0.9, 0.1, 0.5], [4.4, 5.2, 5.2], [4.0, 3.9, 1.0]])
    whole = np.rint(10 * tenths)

    assert (ranges_split_by_rounding(tenths), ranges_split_by_rounding(whole)) == (3, 0)
    assert quade(tenths).statistic == pytest.approx(0.3981651376146789, rel=1e-14)
    assert quade(tenths, ties="rounded").statistic == pytest.approx(quade(whole).statistic)
    assert quade(whole).statistic == pytest.approx(0.2079207920792079, rel=1e-12)
    assert friedman(tenths).statistic == friedman(whole).statistic
