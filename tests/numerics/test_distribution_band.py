"""Bands of cumulative curves: Kolmogorov's own probabilities, coverage, and the largest gap."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.distribution_band import (
    band_limits,
    largest_gap,
    order_statistics_probability,
    pointwise_level,
)
from trialkit.numerics.proportions import Counts


@pytest.mark.parametrize("n", [1, 2, 5, 20, 100])
@pytest.mark.parametrize("width", [0.6, 1.0, 1.36])
def test_a_band_of_equal_width_is_kolmogorovs(n: int, width: float):
    ranks, d = np.arange(1, n + 1), width / np.sqrt(n)
    low, high = np.clip(ranks / n - d, 0, 1), np.clip((ranks - 1) / n + d, 0, 1)

    actual = order_statistics_probability(low, high) if np.all(low < high) else 0.0

    assert actual == pytest.approx(stats.kstwo.cdf(d, n), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 12, 60])
def test_the_band_covers_what_it_says(n: int):
    level = pointwise_level(n, 0.9)
    ranks, tail = np.arange(1, n + 1), (1 - level) / 2
    uniform = np.sort(np.random.default_rng(8).random((20_000, n)), axis=1)
    low = stats.beta.ppf(tail, ranks, n - ranks + 1)
    high = stats.beta.isf(tail, ranks, n - ranks + 1)

    covered = np.mean(np.all((low <= uniform) & (uniform <= high), axis=1))

    assert covered == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 20_000))


def test_one_person_needs_no_correction():
    assert pointwise_level(1, 0.95) == pytest.approx(0.95, rel=1e-10)


def test_limits_hold_the_share_and_widen_with_the_level():
    for events in range(13):
        arm = Counts(events=events, n=12)
        narrow, wide = (band_limits(arm, conf_level=level) for level in (0.8, 0.95))
        assert 0 <= wide.conf_low <= narrow.conf_low <= arm.proportion
        assert arm.proportion <= narrow.conf_high <= wide.conf_high <= 1


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_gap_agrees_with_scipy_without_ties(shift: float):
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=23), rng.normal(size=31) + shift

    distance, p = largest_gap(one, other)

    expected = stats.ks_2samp(one, other, method="exact")
    assert distance == pytest.approx(expected.statistic, rel=1e-12)
    assert p == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_gap_with_ties_is_counted_over_every_sharing_out():
    pooled = np.array([0.0, 0, 1, 1, 1, 2, 3, 3, 4])
    one, other = pooled[[1, 2, 3, 0]], pooled[[4, 5, 6, 7, 8]]
    distance, p = largest_gap(one, other)

    gaps = []
    for chosen in combinations(range(9), 4):
        rest = [position for position in range(9) if position not in chosen]
        gaps.append(largest_gap(pooled[list(chosen)], pooled[rest])[0])
    assert p == pytest.approx(np.mean(np.array(gaps) >= distance - 1e-12), rel=1e-12)


def test_a_far_tail_keeps_its_digits():
    _, p = largest_gap(np.arange(60.0), np.arange(60.0) + 100)

    assert p == pytest.approx(2 / stats.binom(120, 0.5).pmf(60) / 2.0**120, rel=1e-9)


def test_equal_curves_and_infinite_values():
    assert largest_gap(np.ones(4), np.ones(7)) == (0.0, 1.0)
    distance, _ = largest_gap(np.array([-np.inf, 1.0]), np.array([-np.inf, 1.0, 1.0, -np.inf]))
    assert distance == 0.0


def test_nobody_is_refused():
    with pytest.raises(NotEstimableError):
        largest_gap(np.array([]), np.ones(3))
    with pytest.raises(NotEstimableError):
        pointwise_level(0, 0.95)
