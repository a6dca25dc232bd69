"""Brunner and Munzel's test against scipy, and its permutation form against enumeration."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics import brunner_munzel as module
from trialkit.numerics.brunner_munzel import brunner_munzel, brunner_munzel_permutation

SAMPLES = [
    pytest.param(np.array([1.0, 4, 4, 7, 9]), np.array([2.0, 3, 4, 5]), id="ties"),
    pytest.param(
        np.random.default_rng(1).normal(size=30),
        np.random.default_rng(2).normal(0.4, 3, size=17),
        id="unequal",
    ),
    pytest.param(np.array([1e9 + 1, 1e9 + 3, 1e9 + 5]), 1e9 + np.array([2.0, 4, 0]), id="offset"),
]
TIED = np.array([1.0, 4, 4, 7, 9]), np.array([2.0, 3, 4, 0])


@pytest.mark.parametrize(("x", "y"), SAMPLES)
def test_agrees_with_scipy(x: np.ndarray, y: np.ndarray):
    # scipy's statistic is positive where its second sample is higher.
    expected = stats.brunnermunzel(x, y)

    test = brunner_munzel(x, y)

    assert (-test.statistic, test.p_value) == pytest.approx(tuple(expected), rel=1e-10)
    wins = np.sign(np.subtract.outer(x, y)).mean() / 2 + 0.5
    assert test.estimate == pytest.approx(wins, rel=1e-14)


def test_the_permutation_p_is_the_share_of_relabellings():
    x, y = TIED
    pooled = np.concatenate(TIED)

    def statistic(chosen: tuple[int, ...]) -> float:
        member = np.isin(np.arange(pooled.size), chosen)
        test = stats.brunnermunzel(pooled[member], pooled[~member], distribution="normal")
        return test.statistic

    with np.errstate(divide="ignore", invalid="ignore"):
        every = np.array([statistic(c) for c in combinations(range(9), 5)])
    share = np.mean(np.abs(every) >= abs(every[0]) - 1e-9)

    test = brunner_munzel_permutation(x, y)

    assert (test.p_value, test.relabellings, test.enumerated) == (share, 126, True)
    assert test.df is None


def test_a_clean_sweep_has_no_t_but_a_permutation_p():
    x, y = np.array([7.0, 8, 9, 9]), np.array([1.0, 2, 3])

    with pytest.raises(NotEstimableError, match='distribution="permutation"'):
        brunner_munzel(x, y)
    test = brunner_munzel_permutation(x, y)

    # The observed relabelling and the one that gives the three highest ... to the reference.
    assert test.p_value == pytest.approx(2 / 35)
    assert (test.statistic, test.conf_low, test.conf_high) == (np.inf, -np.inf, np.inf)


def test_draws_need_a_seed_and_repeat_with_it():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=20), rng.normal(0.7, 1, size=20)

    with pytest.raises(SpecificationError, match="seed"):
        brunner_munzel_permutation(x, y)
    first = brunner_munzel_permutation(x, y, draws=500, seed=3)

    assert first == brunner_munzel_permutation(x, y, draws=500, seed=3)
    assert first.p_value * 501 == pytest.approx(round(first.p_value * 501))
    assert not first.enumerated
    with pytest.raises(SpecificationError, match="draws"):
        brunner_munzel_permutation(x, y, draws=0, seed=3)


def test_a_draw_depends_on_the_seed_and_its_own_number_alone():
    few, many = (
        np.concatenate(list(module.random_members(20, 8, draws, seed=4))) for draws in (300, 2500)
    )

    assert (few == many[:300]).all()
    assert (many.sum(axis=1) == 8).all()
    assert many.mean(axis=0) == pytest.approx(8 / 20, abs=0.05)


def test_drawn_p_comes_near_the_enumerated_one(monkeypatch: pytest.MonkeyPatch):
    exact = brunner_munzel_permutation(*TIED)
    monkeypatch.setattr(module, "MOST_RELABELLINGS", 10)

    drawn = brunner_munzel_permutation(*TIED, draws=20_000, seed=1)

    assert not drawn.enumerated
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * 0.5 / np.sqrt(20_000))


def test_an_arm_of_one_and_equal_values_are_refused():
    with pytest.raises(NotEstimableError, match="at least two"):
        brunner_munzel(np.array([1.0]), np.array([2.0, 3]))
    with pytest.raises(NotEstimableError, match="all values are equal"):
        brunner_munzel(np.array([2.0, 2]), np.array([2.0, 2]))
