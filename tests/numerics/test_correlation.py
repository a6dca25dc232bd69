"""Correlations against scipy, and where they have no test."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.correlation import pearson, spearman


@pytest.fixture
def scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(13)
    x = rng.integers(0, 11, 25).astype(float)
    return x, np.round(0.4 * x + rng.normal(0, 2, 25))


def test_pearson_agrees_with_scipy(scores):
    found = pearson(*scores, conf_level=0.9)

    expected = stats.pearsonr(*scores)
    limits = expected.confidence_interval(0.9)
    np.testing.assert_allclose(
        [found.estimate, found.p_value, found.conf_low, found.conf_high],
        [expected.statistic, expected.pvalue, limits.low, limits.high],
        rtol=1e-11,
    )


def test_spearman_agrees_with_scipy(scores):
    found = spearman(*scores, conf_level=0.95)

    expected = stats.spearmanr(*scores)
    np.testing.assert_allclose(
        [found.estimate, found.p_value], [expected.statistic, expected.pvalue], rtol=1e-11
    )


def test_spearman_sees_the_order_alone(scores):
    x, y = scores

    assert spearman(np.exp(x), y**3, conf_level=0.95) == spearman(x, y, conf_level=0.95)


def test_a_far_tail_keeps_its_digits():
    x = np.arange(100.0)
    y = x + np.tile([1.0, -1.0], 50)

    found = pearson(x, y, conf_level=0.95)

    assert 0 < found.p_value < 1e-120


def test_a_straight_line_has_neither_test_nor_interval():
    found = pearson(np.array([1.0, 2, 3, 5]), np.array([-0.1, -0.2, -0.3, -0.5]), conf_level=0.95)

    assert found.estimate == -1.0
    assert np.isnan([found.statistic, found.p_value, found.conf_low, found.conf_high]).all()


def test_three_pairs_have_a_test_and_no_interval():
    found = pearson(np.array([1.0, 2, 3]), np.array([1.0, 3, 2]), conf_level=0.95)

    assert found.p_value == pytest.approx(2 / 3)  # t on one degree of freedom, r = 0.5
    assert np.isnan(found.conf_low)


def test_a_common_part_costs_no_correlation():
    rng = np.random.default_rng(1)
    x, y = (np.round(rng.normal(5, 2, 30) * 64) / 64 for _ in range(2))

    moved = pearson(x + 1e9, y - 1e9, conf_level=0.95)

    assert moved.estimate == pytest.approx(pearson(x, y, conf_level=0.95).estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [([1.0, 2], [2.0, 1], "three pairs"), ([1.0, 1, 1], [1.0, 2, 3], "does not vary")],
)
def test_what_has_no_correlation_is_refused(x: list[float], y: list[float], reason: str):
    with pytest.raises(NotEstimableError, match=reason):
        pearson(np.array(x), np.array(y), conf_level=0.95)
