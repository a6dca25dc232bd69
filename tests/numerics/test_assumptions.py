"""Tests of assumptions against enumeration and against scipy."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics.assumptions import kolmogorov_smirnov, variance_ratio
from trialkit.numerics.means import Moments, sample_moments


def distance(x: np.ndarray, y: np.ndarray) -> float:
    """Return the largest distance of two distribution functions."""
    return max(abs(np.mean(x <= value) - np.mean(y <= value)) for value in [*x, *y])


@pytest.mark.parametrize("seed", range(6))
def test_kolmogorov_smirnov_is_the_share_of_all_orders(seed: int):
    rng = np.random.default_rng(seed)
    n1, n0 = rng.integers(2, 6, 2)
    pooled = rng.integers(0, 5, n1 + n0).astype(float)  # many ties
    observed = distance(pooled[:n1], pooled[n1:])
    shares = [
        distance(pooled[list(chosen)], np.delete(pooled, list(chosen))) >= observed - 1e-9
        for chosen in combinations(range(n1 + n0), n1)
    ]

    found = kolmogorov_smirnov(pooled[:n1], pooled[n1:])

    assert found.statistic == pytest.approx(observed, rel=1e-14)
    assert found.p_value == pytest.approx(np.mean(shares), rel=1e-13)


def test_kolmogorov_smirnov_without_ties_agrees_with_scipy():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=40), rng.normal(0.8, 1, 31)

    found = kolmogorov_smirnov(x, y)

    expected = stats.ks_2samp(x, y, method="exact")
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert kolmogorov_smirnov(y, x).p_value == pytest.approx(found.p_value, rel=1e-13)


def test_kolmogorov_smirnov_of_samples_apart_is_one_order_each_way():
    assert kolmogorov_smirnov(np.arange(3.0), np.arange(5.0, 9.0)).p_value == pytest.approx(2 / 35)
    assert kolmogorov_smirnov(np.ones(4), np.ones(6)).p_value == 1.0


def test_variance_ratio_turns_with_its_arms():
    a, b = Moments(n=9, mean=0.0, std_dev=2.0), Moments(n=14, mean=0.0, std_dev=1.5)

    found = variance_ratio(a, b, conf_level=0.9)
    turned = variance_ratio(b, a, conf_level=0.9)

    assert turned.p_value == pytest.approx(found.p_value, rel=1e-12)
    assert turned.conf_low == pytest.approx(1 / found.conf_high, rel=1e-12)
    assert found.conf_low < found.estimate < found.conf_high


def test_variances_that_are_none_are_refused():
    still = sample_moments(np.ones(4))

    with pytest.raises(NotEstimableError, match="no ratio of variances"):
        variance_ratio(still, Moments(n=5, mean=0.0, std_dev=1.0), conf_level=0.95)
