"""Small samples off a grid are gone through whole, and no scale or offset loses exactness."""

from itertools import combinations, product

import numpy as np
import pytest

from trialkit.errors import SpecificationError
from trialkit.numerics.permutation import permutation_test
from trialkit.numerics.score_grid import on_decimals
from trialkit.numerics.sign_flip import sign_flip_test

RNG = np.random.default_rng(20)
ONE, OTHER = RNG.normal(size=7) + 0.8, RNG.normal(size=9)
GRID = np.round(RNG.uniform(0, 20, 24), 2)


@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_every_relabelling_is_gone_through(alternative: str):
    pooled = np.concatenate([ONE, OTHER])
    gaps = np.array(
        [
            pooled[list(some)].mean() - np.delete(pooled, some).mean()
            for some in combinations(range(16), 7)
        ]
    )
    observed = gaps[0]
    reached = {
        "two_sided": np.abs(gaps) >= abs(observed) - 1e-12,
        "less": gaps <= observed + 1e-12,
        "greater": gaps >= observed - 1e-12,
    }[alternative]

    test = permutation_test(ONE, OTHER, alternative=alternative)

    assert test.enumerated == 11440
    assert (test.draws, test.p_value_error) == (0, 0.0)
    assert test.p_value == pytest.approx(reached.mean(), rel=1e-14)


@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_every_pattern_of_signs_is_gone_through(alternative: str):
    after = ONE + RNG.normal(size=7) - 0.5
    changes = after - ONE
    sums = np.array([changes @ signs for signs in product([1, -1], repeat=7)])
    reached = {
        "two_sided": np.abs(sums) >= abs(sums[0]) - 1e-12,
        "less": sums <= sums[0] + 1e-12,
        "greater": sums >= sums[0] - 1e-12,
    }[alternative]

    test = sign_flip_test(ONE, after, alternative=alternative)

    assert test.enumerated == 128
    assert test.p_value == pytest.approx(reached.mean(), rel=1e-14)


def test_the_limits_are_those_of_the_grid_beside():
    # The shift algorithm gives the limits of scores on a grid; a hair off it they are as good.
    one, other = np.array([5.0, 9, 4, 8, 7, 6]), np.array([3.0, 2, 6, 4, 1])
    exact = permutation_test(one, other)

    near = permutation_test(one + 1e-7 * np.sin(one), other)

    assert (exact.enumerated, near.enumerated) == (0, 462)
    assert near.conf_low == pytest.approx(exact.conf_low, abs=1e-6)
    assert near.conf_high == pytest.approx(exact.conf_high, abs=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e200])
def test_no_scale_loses_the_squares(scale: float):
    one, other = GRID[:12], GRID[12:]
    base, tiny = permutation_test(one, other), permutation_test(scale * one, scale * other)
    flips, small = sign_flip_test(one, other), sign_flip_test(scale * one, scale * other)

    for plain, moved in ((base, tiny), (flips, small)):
        assert moved.p_value == pytest.approx(plain.p_value, rel=1e-12)
        assert moved.statistic == pytest.approx(plain.statistic, rel=1e-12)
        assert moved.estimate / scale == pytest.approx(plain.estimate, rel=1e-12)
        assert moved.conf_low / scale == pytest.approx(plain.conf_low, rel=1e-12)


def test_a_large_common_part_loses_no_exactness():
    base = permutation_test(GRID[:12], GRID[12:])
    flips = sign_flip_test(GRID[:12], GRID[12:])

    # Twelve an arm are too many to go through, so without its grid this would need a seed.
    far = permutation_test(1e9 + GRID[:12], 1e9 + GRID[12:])
    there = sign_flip_test(1e9 + GRID[:12], 1e9 + GRID[12:])

    assert (far.draws, far.enumerated, there.enumerated) == (0, 0, 0)
    assert (far.p_value, there.p_value) == (base.p_value, flips.p_value)
    assert far.conf_low == pytest.approx(base.conf_low, abs=1e-9)
    assert there.conf_high == pytest.approx(flips.conf_high, abs=1e-9)


def test_decimals_as_fine_as_the_doubles_are_no_grid():
    assert on_decimals(1e9 + RNG.normal(size=20)) is None
    assert on_decimals(np.array([1e16, 1e16 + 2])) is None


@pytest.mark.parametrize("draws", [1000.0, 200.5, "9", 0, -5, True, None])
def test_draws_are_checked_where_nothing_is_drawn(draws: object):
    whole = np.array([1.0, 2, 4])
    with pytest.raises(SpecificationError, match="draws: expected a whole number"):
        permutation_test(whole, whole + 1, draws=draws)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="draws: expected a whole number"):
        sign_flip_test(whole, whole * 2, draws=draws)  # type: ignore[arg-type]
