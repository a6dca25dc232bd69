"""Scores on a grid are found whatever their rounding, and others are not forced on one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.numerics.score_grid import on_grid

wholes = st.lists(st.integers(min_value=-1000, max_value=1000), min_size=1, max_size=60)
STEPS = [1.0, 0.5, 0.1, 0.05, 0.01, 0.001, 2.0, 1 / 3, 1 / 7, 1e-6, 1e6]


def size_of(values: np.ndarray) -> float:
    return float(np.abs(values).max())


@given(
    whole=wholes,
    step=st.sampled_from(STEPS),
    origin=st.sampled_from([0.0, 0.25, -3.7, 100.0]),
)
def test_whole_numbers_come_back_from_multiples_of_a_step(whole, step, origin):
    scores = np.array(whole)
    values = origin * step + scores * step

    grid = on_grid(values, size=size_of(values))

    assert grid is not None
    distances = scores - scores.min()
    common = np.gcd.reduce(distances) or 1
    np.testing.assert_array_equal(grid.whole, distances // common)
    if np.any(distances):
        assert grid.step == pytest.approx(step * common, rel=1e-9)


def test_tenths_printed_in_decimals_are_whole_numbers():
    values = np.array([float(f"{k / 10:.1f}") for k in range(101)])

    grid = on_grid(values[::-1], size=10.0)

    assert grid.whole.tolist() == list(range(100, -1, -1))


def test_a_large_common_part_does_not_hide_the_grid():
    values = 1e9 + np.array([0.1, 0.2, 0.4, 1.5])

    grid = on_grid(values, size=size_of(values))

    assert grid.whole.tolist() == [0, 1, 3, 14]


def test_thousandths_with_long_remainders():
    # Euclid's algorithm on rounded remainders fails here: 0.008 and 1.303 are 8 and 1303 steps.
    values = np.array([5.442, 5.833, 2.479, 4.217, 5.093, 1.176, 6.359, 5.26, 2.676, 4.584])

    grid = on_grid(values, size=6.359)

    np.testing.assert_array_equal(grid.whole, np.rint(1000 * values).astype(int) - 1176)


def test_equal_scores_are_on_a_grid_of_one_point():
    grid = on_grid(np.array([0.1 + 0.2, 0.3, 0.3]), size=0.3)

    assert grid.whole.tolist() == [0, 0, 0]


@given(seed=st.integers(min_value=0, max_value=10**6), n=st.integers(min_value=4, max_value=40))
def test_continuous_scores_are_on_no_grid(seed: int, n: int):
    assert on_grid(np.random.default_rng(seed).normal(size=n), size=5.0) is None


def test_a_grid_finer_than_rounding_is_none():
    values = 1e9 + np.array([0.0, 1e-5, 3e-5, 1.0])

    assert on_grid(values, size=1e9 + 1) is None
