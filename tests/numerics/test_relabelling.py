"""Tests by relabelling agree with full enumeration: p-values, and the shifts they accept."""

from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from reference_cases import REFERENCE
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.permutation import permutation_test
from trialkit.numerics.shift_algorithm import subset_sum_pmf
from trialkit.numerics.sign_flip import sign_flip_test

ALTERNATIVES = ("two_sided", "less", "greater")
ratings = st.integers(min_value=0, max_value=10)
arms = st.lists(ratings, min_size=1, max_size=5)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95])


def enumerated_arms(one: np.ndarray, other: np.ndarray) -> tuple[float, ...]:
    """Return two-sided, less and greater from every relabelling, in whole numbers."""
    pooled = np.concatenate([one, other])
    n, n1 = pooled.size, one.size
    sums = np.array([sum(pooled[list(part)]) for part in combinations(range(n), n1)])
    excess, observed = n * sums - n1 * pooled.sum(), n * one.sum() - n1 * pooled.sum()
    return (
        np.mean(np.abs(excess) >= abs(observed)),
        np.mean(excess <= observed),
        np.mean(excess >= observed),
    )


def enumerated_flips(changes: np.ndarray) -> tuple[float, ...]:
    """Return two-sided, less and greater from every pattern of signs."""
    sums = np.array([np.dot(signs, changes) for signs in product([-1, 1], repeat=changes.size)])
    observed = changes.sum()
    return (
        np.mean(np.abs(sums) >= abs(observed)),
        np.mean(sums <= observed),
        np.mean(sums >= observed),
    )


@given(one=arms, other=arms, step=st.sampled_from([1.0, 0.5, 0.1]))
def test_permutation_p_values_are_those_of_every_relabelling(one, other, step):
    assume(len({*one, *other}) > 1)
    expected = enumerated_arms(np.array(one), np.array(other))

    found = [
        permutation_test(np.array(one) * step, np.array(other) * step, alternative=word).p_value
        for word in ALTERNATIVES
    ]

    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(
    changes=st.lists(st.integers(min_value=-10, max_value=10), min_size=1, max_size=8),
    step=st.sampled_from([1.0, 0.5, 0.1]),
)
def test_sign_flip_p_values_are_those_of_every_pattern(changes, step):
    assume(any(changes))
    expected = enumerated_flips(np.array(changes))
    before = np.arange(len(changes)) % 11 * step

    found = [
        sign_flip_test(before, before + np.array(changes) * step, alternative=word).p_value
        for word in ALTERNATIVES
    ]

    np.testing.assert_allclose(found, expected, rtol=1e-12)


@settings(max_examples=12)
@given(one=arms, other=arms, level=levels)
def test_permutation_limits_are_where_the_shifted_test_begins_to_accept(one, other, level):
    """Shifts are tried on a grid of 60ths: whole ones and every ratio of up to five people."""
    assume(len({*one, *other}) > 1)
    one, other = np.array(one) * 60, np.array(other) * 60
    tail = (1 - level) / 2 * (1 + 1e-12)
    shifts = np.arange(-700, 701)
    tests = [enumerated_arms(one - shift, other) for shift in shifts]
    accepted = [
        shift for shift, (_, *sides) in zip(shifts, tests, strict=True) if min(sides) > tail
    ]

    test = permutation_test(one, other, conf_level=level)

    expected = (
        -np.inf if accepted[0] == shifts[0] else accepted[0],
        np.inf if accepted[-1] == shifts[-1] else accepted[-1],
    )
    np.testing.assert_allclose((test.conf_low, test.conf_high), expected, rtol=1e-12)


@given(
    changes=st.lists(st.integers(min_value=-4, max_value=4), min_size=1, max_size=5),
    level=levels,
)
def test_sign_flip_limits_are_where_the_shifted_test_begins_to_accept(changes, level):
    assume(any(changes))
    changes = np.array(changes) * 60
    tail = (1 - level) / 2 * (1 + 1e-12)
    shifts = np.arange(-300, 301)
    tests = [enumerated_flips(changes - shift) for shift in shifts]
    accepted = [
        shift for shift, (_, *sides) in zip(shifts, tests, strict=True) if min(sides) > tail
    ]

    test = sign_flip_test(np.zeros(changes.size), changes.astype(float), conf_level=level)

    expected = (
        -np.inf if accepted[0] == shifts[0] else accepted[0],
        np.inf if accepted[-1] == shifts[-1] else accepted[-1],
    )
    np.testing.assert_allclose((test.conf_low, test.conf_high), expected, rtol=1e-12)


def test_limits_at_100_an_arm_are_where_the_whole_distribution_begins_to_accept():
    """The test of each shift anew, from one table of everybody, which the limits do not use."""
    scores = pd.read_csv(REFERENCE / "resampling_rating_grids" / "data.csv")
    one, other = (scores.loc[scores["arm"].eq(arm), "whole"].to_numpy() for arm in (1, 0))

    def tails(shift: Fraction) -> tuple[float, float]:
        top, bottom = shift.numerator, shift.denominator
        shifted = one * bottom - top
        lowest, share = subset_sum_pmf(np.concatenate([shifted, other * bottom]), one.size)
        place = shifted.sum() - lowest
        return share[: place + 1].sum(), share[place:].sum()

    test = permutation_test(one.astype(float), other.astype(float))

    assert (test.conf_low, test.conf_high) == pytest.approx((-32 / 23, -6 / 55), rel=1e-14)
    assert tails(Fraction(-6, 55))[0] > 0.025 > tails(Fraction(-11, 101))[0]
    assert tails(Fraction(-32, 23))[1] > 0.025 > tails(Fraction(-39, 28))[1]


@pytest.mark.parametrize("alternative", ["less", "greater"])
def test_random_relabellings_come_close_to_scipys(alternative: str):
    rng = np.random.default_rng(11)
    one, other = rng.integers(0, 11, 14).astype(float), rng.integers(2, 11, 9).astype(float)
    off_grid = rng.normal(scale=1e-6, size=14)
    exact = permutation_test(one, other, alternative=alternative)

    drawn = permutation_test(one + off_grid, other, alternative=alternative, seed=2)

    assert (exact.draws, drawn.draws) == (0, 99_999)
    # The jitter splits ties, which the exact test counts in full, so p is held against draws.
    peer = stats.permutation_test(
        (one + off_grid, other),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        vectorized=True,
        n_resamples=99_999,
        alternative=alternative,
        rng=np.random.default_rng(1),
    ).pvalue
    assert drawn.p_value == pytest.approx(peer, abs=6 * drawn.p_value_error)
    for limit in ("conf_low", "conf_high"):
        assert getattr(drawn, limit) == pytest.approx(getattr(exact, limit), abs=0.1)


def test_random_flips_come_close_to_the_exact_test():
    rng = np.random.default_rng(12)
    before = rng.integers(3, 11, 18).astype(float)
    after = before - rng.integers(-2, 5, 18)
    exact = sign_flip_test(before, after)

    drawn = sign_flip_test(before, after + rng.normal(scale=1e-7, size=18), seed=2)

    assert (exact.draws, drawn.draws) == (0, 99_999)
    assert drawn.p_value <= exact.p_value + 5 * drawn.p_value_error
    assert drawn.conf_low == pytest.approx(exact.conf_low, abs=0.1)
    assert drawn.conf_high == pytest.approx(exact.conf_high, abs=0.1)


def test_the_observed_labelling_counts_among_the_draws():
    one = np.array([np.pi, 8.1, 9.3, 8.7, 9.9, 8.4, 9.1, 8.2, 9.7, 8.8])

    test = permutation_test(one + 90, one, draws=999, seed=1)

    assert test.p_value == pytest.approx(1 / 1000)
    assert test.p_value_error == pytest.approx(np.sqrt(0.001 * 0.999 / 999))


def test_ties_of_random_relabellings_count_despite_rounding():
    # Two values only, off any grid with the third: most relabellings tie with the observed one.
    one, other = np.array([0.1, 0.1, 0.3]), np.array([0.3, 0.1, 0.1 + np.pi * 1e-3])

    exact = np.mean(
        [
            abs(sum(part) - 0.9 / 2 - 0.5e-3 * np.pi) >= abs(0.5 - 0.45 - 0.5e-3 * np.pi) - 1e-12
            for part in combinations([*one, *other], 3)
        ]
    )
    drawn = permutation_test(one, other, seed=4)

    assert drawn.p_value == pytest.approx(exact, abs=5 * drawn.p_value_error)


def test_the_far_tail_keeps_its_digits():
    apart = np.arange(200.0)

    test = permutation_test(apart[100:], apart[:100])

    assert test.p_value == pytest.approx(2 / comb(200, 100), rel=1e-11)
    pairs = sign_flip_test(np.zeros(200), apart + 1)
    assert pairs.p_value == pytest.approx(2 / 2**200, rel=1e-11)


def test_a_shift_and_a_scale_move_only_what_they_should():
    one, other = np.array([1.0, 2, 2, 5, 7]), np.array([2.0, 4, 9, 9])
    base = permutation_test(one, other)

    moved = permutation_test(1e9 + one, 1e9 + other)
    scaled = permutation_test(1e-7 * one, 1e-7 * other)

    assert moved.p_value == scaled.p_value == base.p_value
    np.testing.assert_allclose([moved.conf_low, moved.conf_high], [base.conf_low, base.conf_high])
    np.testing.assert_allclose(
        [scaled.conf_low, scaled.conf_high], [1e-7 * base.conf_low, 1e-7 * base.conf_high]
    )


def test_one_person_an_arm_rejects_nothing():
    test = permutation_test(np.array([3.0]), np.array([5.0]))

    assert test.p_value == 1.0
    assert (test.conf_low, test.conf_high) == (-np.inf, np.inf)


def test_what_cannot_be_tested_is_refused():
    five = np.full(4, 5.0)
    for attempt in (
        lambda: permutation_test(five, five),
        lambda: sign_flip_test(five, five),
        lambda: sign_flip_test(np.array([0.3]), np.array([0.1 + 0.2])),
        lambda: permutation_test(five, np.array([])),
        lambda: sign_flip_test(np.array([]), np.array([])),
    ):
        with pytest.raises(NotEstimableError):
            attempt()


def test_without_a_grid_a_seed_is_needed():
    off = np.array([0.0, 1.0, np.e, *np.sqrt(np.arange(2.0, 18.0))])

    with pytest.raises(SpecificationError, match="not on a grid"):
        permutation_test(off, off + 1)
    with pytest.raises(SpecificationError, match="not on a grid"):
        sign_flip_test(off, off * np.pi)
    with pytest.raises(SpecificationError, match="out of reach"):
        permutation_test(np.arange(1200.0), np.arange(1200.0))
    with pytest.raises(SpecificationError, match="draws: expected a whole number of at least 1"):
        permutation_test(off, off + 1, draws=0, seed=1)
