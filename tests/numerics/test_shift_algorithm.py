"""Exact distributions agree with enumeration, with closed forms, and far into the tail."""

from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.errors import SpecificationError
from trialkit.numerics import shift_algorithm
from trialkit.numerics.shift_algorithm import (
    counts_are_affordable,
    sign_sum_pmf,
    subset_sum_counts,
    subset_sum_pmf,
)

few_scores = st.lists(st.integers(min_value=-20, max_value=20), min_size=1, max_size=9)


@given(scores=few_scores, data=st.data())
def test_subset_sums_are_those_of_every_subset(scores, data):
    size = data.draw(st.integers(min_value=0, max_value=len(scores)))
    sums = [sum(subset) for subset in combinations(scores, size)]

    lowest, probabilities = subset_sum_pmf(np.array(scores), size)

    assert lowest == min(sums)
    assert lowest + probabilities.size - 1 == max(sums)
    expected = [sums.count(value) / len(sums) for value in range(min(sums), max(sums) + 1)]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-14)


@given(scores=few_scores, data=st.data())
def test_counts_of_every_size_are_those_of_every_subset(scores, data):
    most = data.draw(st.integers(min_value=0, max_value=len(scores)))

    counts = subset_sum_counts(np.array(scores), most)

    assert len(counts) == most + 1
    for size, row in enumerate(counts):
        sums = [sum(subset) for subset in combinations(scores, size)]
        found = {min(sums) + i: n for i, n in enumerate(row) if n}
        assert found == {value: sums.count(value) for value in sums}


@given(scores=st.lists(st.integers(min_value=0, max_value=25), min_size=0, max_size=9))
def test_sign_sums_are_those_of_every_pattern_of_signs(scores):
    sums = [
        sum(score for score, plus in zip(scores, signs, strict=True) if plus)
        for signs in product([False, True], repeat=len(scores))
    ]

    probabilities = sign_sum_pmf(np.array(scores, dtype=int))

    expected = [sums.count(value) / len(sums) for value in range(sum(scores) + 1)]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-14)


def hypergeometric(ones: int, n: int, size: int) -> list[float]:
    """Return P(k ones among ``size`` drawn) from exact integers."""
    lowest, highest = max(0, size - (n - ones)), min(ones, size)
    return [
        float(Fraction(comb(ones, k) * comb(n - ones, size - k), comb(n, size)))
        for k in range(lowest, highest + 1)
    ]


# Sums of zeros and ones are hypergeometric: a closed form, in exact integers, for any size.
@pytest.mark.parametrize(
    ("ones", "n", "size"),
    [
        (70, 200, 100),
        (30, 200, 20),
        (150, 300, 290),
        (900, 2000, 1000),
        (40, 5000, 60),
        (300, 6000, 400),
    ],
)
def test_the_far_tail_keeps_its_digits(ones: int, n: int, size: int):
    scores = np.repeat([3, 5], [n - ones, ones])

    lowest, probabilities = subset_sum_pmf(scores, size)

    expected = np.array(hypergeometric(ones, n, size))
    seen = expected > 1e-300
    assert lowest == 3 * size + 2 * max(0, size - (n - ones))
    np.testing.assert_allclose(probabilities[::2][seen], expected[seen], rtol=1e-11)
    assert not probabilities[1::2].any()


@pytest.mark.parametrize("n", [10, 600, 1500, 3000])
def test_signs_of_equal_scores_are_binomial(n: int):
    probabilities = sign_sum_pmf(np.full(n, 4))

    expected = np.array([float(Fraction(comb(n, k), 2**n)) for k in range(n + 1)])
    seen = expected > 1e-300
    np.testing.assert_allclose(probabilities[::4][seen], expected[seen], rtol=1e-11)
    assert probabilities.size == 4 * n + 1


def test_the_order_of_scores_and_a_constant_change_nothing():
    scores = np.array([4, 0, 9, 9, 2, 7])

    lowest, probabilities = subset_sum_pmf(scores, 3)
    moved_lowest, moved = subset_sum_pmf(scores[::-1] + 10**15, 3)

    assert moved_lowest == lowest + 3 * 10**15
    np.testing.assert_array_equal(moved, probabilities)


def test_equal_scores_have_one_sum():
    lowest, probabilities = subset_sum_pmf(np.full(7, -2), 3)

    assert lowest == -6
    assert probabilities.tolist() == [1.0]


def test_what_is_no_score_is_refused():
    with pytest.raises(SpecificationError, match="whole-number scores, found 1 dimensions of fl"):
        subset_sum_pmf(np.array([1.0, 2.0]), 1)
    with pytest.raises(SpecificationError, match="expected 0 to 2 scores, found 3"):
        subset_sum_pmf(np.array([1, 2]), 3)
    with pytest.raises(SpecificationError, match="no negative score, found -1"):
        sign_sum_pmf(np.array([1, -1]))
    with pytest.raises(SpecificationError, match="at most 1000 scores"):
        subset_sum_counts(np.arange(1001), 3)


def test_what_can_be_afforded_is_known_beforehand():
    assert counts_are_affordable(np.arange(101), 100)
    assert not counts_are_affordable(np.arange(1001), 3)
    assert not counts_are_affordable(np.array([0, 10**9]), 2)


def test_a_table_too_large_is_refused_before_it_is_made():
    scores = np.array([0, 10**12, 10**12 + 1, 7])

    for attempt in (lambda: subset_sum_pmf(scores, 2), lambda: sign_sum_pmf(scores)):
        with pytest.raises(SpecificationError, match="coarser grid"):
            attempt()


def test_too_many_additions_are_refused(monkeypatch):
    monkeypatch.setattr(shift_algorithm, "MOST_ADDITIONS", 10)

    with pytest.raises(SpecificationError, match="10 additions"):
        subset_sum_pmf(np.arange(10), 5)
