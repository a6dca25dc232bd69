"""Resampled statistics have their exact distributions, and intervals their definitions."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.bootstrap import (
    acceleration,
    acceleration_without_sizes,
    bootstrap,
    summarise,
)
from trialkit.numerics.resampling import (
    mean_influence,
    median_influence,
    resampled_means,
    resampled_medians,
)

DRAWS = 400_000
RESAMPLED = {"mean": (resampled_means, np.mean), "median": (resampled_medians, np.median)}


@pytest.mark.parametrize("statistic", RESAMPLED)
@pytest.mark.parametrize(
    "values", [[0.0, 1.0], [0.0, 1.0, 5.0], [0.0, 1.0, 1.0, 4.0], [0.0, 0.5, 2.0, 3.0, 7.0]]
)
def test_replicates_have_the_distribution_of_every_resample(statistic: str, values: list[float]):
    resampled, of = RESAMPLED[statistic]
    everything = [of(sample) - of(values) for sample in product(values, repeat=len(values))]
    points, counts = np.unique(np.round(everything, 9), return_counts=True)

    found = np.round(resampled(np.array(values), DRAWS, 1, 0), 9)

    observed = np.array([np.count_nonzero(found == point) for point in points])
    assert observed.sum() == DRAWS
    expected = counts / counts.sum() * DRAWS
    assert stats.chisquare(observed, expected).pvalue > 1e-4


@pytest.mark.parametrize("n", [7, 40, 200, 1001])
def test_means_of_larger_samples_have_their_moments(n: int):
    values = np.random.default_rng(n).exponential(size=n) + 1e6
    centred = values - values.mean()
    std_error = np.sqrt(np.mean(centred**2) / n)

    found = resampled_means(values, DRAWS, 1, 0)

    assert found.mean() == pytest.approx(0, abs=5 * std_error / np.sqrt(DRAWS))
    assert found.std() == pytest.approx(std_error, rel=0.01)
    assert stats.skew(found) == pytest.approx(stats.skew(values) / np.sqrt(n), abs=0.02)


@pytest.mark.parametrize("n", [2, 3, 4, 9, 10])
def test_influence_is_the_jackknife_by_leaving_each_out(n: int):
    values = np.random.default_rng(n).normal(size=n)
    for influence, of in ((mean_influence, np.mean), (median_influence, np.median)):
        without = np.array([of(np.delete(values, i)) for i in range(n)])

        found = influence(values)

        expected = (n - 1) * (without.mean() - without)
        np.testing.assert_allclose(np.sort(found), np.sort(expected), atol=1e-12)


def test_acceleration_is_a_sixth_of_the_skewness_of_the_difference():
    one, other = np.array([1.0, 2, 2, 9]), np.array([0.0, 3, 3, 4, 5, 5, 20])
    third = sum(sign * stats.moment(y, 3) / y.size**2 for sign, y in ((1, one), (-1, other)))
    variance = sum(np.var(y) / y.size for y in (one, other))

    influence = [mean_influence(one), -mean_influence(other)]

    assert acceleration(influence) == pytest.approx(third / variance**1.5 / 6, rel=1e-12)
    same_size = [mean_influence(one), -mean_influence(other[:4])]
    assert acceleration(same_size) == pytest.approx(acceleration_without_sizes(same_size))


def test_intervals_follow_their_definitions():
    deviations = np.sort(np.random.default_rng(3).gamma(2.0, size=999) - 2.0)
    low, high = deviations[24], deviations[974]  # the 25th and 975th of 999: no interpolation

    percentile = summarise(
        deviations, estimate=5.0, acceleration=0.0, interval="percentile", conf_level=0.95
    )
    basic = summarise(deviations, estimate=5.0, acceleration=0.0, interval="basic", conf_level=0.95)
    bca = summarise(deviations, estimate=5.0, acceleration=0.05, interval="bca", conf_level=0.95)

    assert (percentile.conf_low, percentile.conf_high) == pytest.approx((5 + low, 5 + high))
    assert (basic.conf_low, basic.conf_high) == pytest.approx((5 - high, 5 - low))
    z0 = stats.norm.ppf(np.mean(deviations < 0))
    assert bca.bias_correction == pytest.approx(z0)
    shares = [
        stats.norm.cdf(z0 + (z0 + z) / (1 - 0.05 * (z0 + z)))
        for z in stats.norm.ppf([0.025, 0.975])
    ]
    expected = 5 + np.quantile(deviations, shares, method="weibull")
    np.testing.assert_allclose([bca.conf_low, bca.conf_high], expected, rtol=1e-9)


@pytest.mark.parametrize("interval", ["bca", "percentile", "basic"])
def test_the_error_of_a_limit_is_its_spread_over_seeds(interval: str):
    values = np.random.default_rng(8).exponential(size=40)
    results = [
        bootstrap([values], [1.0], interval=interval, draws=2000, seed=seed, size=10.0)
        for seed in range(200)
    ]

    for limit, error in (("conf_low", "low_error"), ("conf_high", "high_error")):
        spread = np.std([getattr(result, limit) for result in results], ddof=1)
        promised = np.mean([getattr(result, error) for result in results])
        assert promised == pytest.approx(spread, rel=0.25)


def test_bca_agrees_with_scipy():
    rng = np.random.default_rng(5)
    one, other = rng.exponential(size=15), rng.exponential(2.0, size=40)
    peer = stats.bootstrap(
        (one, other),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        vectorized=True,
        n_resamples=100_000,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval

    found = bootstrap([one, other], [1.0, -1.0], draws=100_000, seed=1, size=20.0)

    assert found.conf_low == pytest.approx(peer.low, abs=6 * found.low_error)
    assert found.conf_high == pytest.approx(peer.high, abs=6 * found.high_error)


@pytest.mark.parametrize("statistic", RESAMPLED)
@pytest.mark.parametrize("interval", ["bca", "percentile", "basic"])
def test_exchanging_samples_flips_the_interval_even_with_ties(statistic: str, interval: str):
    one, other = np.array([1.0, 2, 2, 5, 7, 7, 3]), np.array([2.0, 4, 9, 9, 0])
    options = {"statistic": statistic, "interval": interval, "seed": 9, "size": 9.0}

    result = bootstrap([one, other], [1.0, -1.0], **options)
    flipped = bootstrap([other, one], [1.0, -1.0], **options)

    assert flipped.conf_low == pytest.approx(-result.conf_high, abs=1e-12)
    assert flipped.conf_high == pytest.approx(-result.conf_low, abs=1e-12)
    assert flipped.bias_correction == pytest.approx(-result.bias_correction, abs=1e-12)


def test_a_large_common_part_costs_no_digits():
    values = np.array([1.0, 2, 2, 5, 7, 7, 3])
    base = bootstrap([values], [1.0], seed=1, size=7.0)

    moved = bootstrap([1e9 + values], [1.0], seed=1, size=1e9 + 7)

    assert moved.std_error == pytest.approx(base.std_error, rel=1e-9)
    assert moved.bias_correction == base.bias_correction
    assert moved.conf_low - 1e9 == pytest.approx(base.conf_low, abs=1e-6)


def test_what_has_no_interval_is_refused():
    vary = np.array([1.0, 2, 4])
    for samples, message in (
        ([np.full(5, 0.3)], "no value differs"),
        ([np.array([0.1 + 0.2, 0.3, 0.3])], "no value differs"),
        ([vary, np.array([4.0])], "at least two values"),
        ([np.array([])], "at least two values"),
    ):
        with pytest.raises(NotEstimableError, match=message):
            bootstrap(samples, [1.0, -1.0][: len(samples)], seed=1, size=4.0)
    with pytest.raises(NotEstimableError, match="one side"):
        summarise(
            np.array([1.0, 2.0, 3.0]),
            estimate=0.0,
            acceleration=0.0,
            interval="bca",
            conf_level=0.5,
        )
    with pytest.raises(NotEstimableError, match="too large for a BCa"):
        summarise(
            np.linspace(-1, 1, 999), estimate=0.0, acceleration=0.9, interval="bca", conf_level=0.95
        )
    mostly_equal = np.array([0.0] * 4000 + [1.0])
    with pytest.raises(NotEstimableError, match="every resample gives the same"):
        bootstrap([mostly_equal], [1.0], statistic="median", draws=100, seed=1, size=1.0)


def test_too_few_draws_are_refused():
    vary = np.array([1.0, 2, 4])

    with pytest.raises(SpecificationError, match="at least 40 for intervals"):
        bootstrap([vary], [1.0], draws=30, seed=1, size=4.0)
    with pytest.raises(SpecificationError, match="draws: expected at least"):
        summarise(
            np.linspace(-1, 1, 50), estimate=0.0, acceleration=-0.3, interval="bca", conf_level=0.95
        )
