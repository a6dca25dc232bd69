"""Resampled means and medians, and the influence of each value on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import sample_moments
from trialkit.numerics.random_streams import (
    REPLICATES_A_BLOCK,
    Seed,
    people_at_once,
    replicate_blocks,
)

# Sums of several people are looked up at once, in a table that the processor's cache holds.
LARGEST_LOOKUP = 2**15

Resampled = Callable[[FloatArray, int, Seed, int], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResampledStatistic:
    """A statistic, its replicates less itself, and its jackknife influence values."""

    of: Callable[[FloatArray], float]
    resampled: Resampled
    influence: Callable[[FloatArray], FloatArray]


def resampled_means(values: FloatArray, draws: int, seed: Seed, stream: int) -> FloatArray:
    """Return means of resamples less the mean of the sample.

    ``together`` people are drawn by one random number, from a table of the sums of all
    ordered tuples: the same distribution as one by one, in a fraction of the time.
    """
    n = values.size
    centred = centre(values)
    together = 1
    while n ** (together + 1) <= LARGEST_LOOKUP and together < n:
        together += 1
    whole, rest = divmod(n, together)
    tables = [(tuple_sums(centred, together), whole)]
    if rest:
        tables.append((tuple_sums(centred, rest), 1))
    sums = np.zeros(draws)
    for part, generator in replicate_blocks(seed, draws, stream=stream):
        for table, rows in tables:
            for drawn in people_at_once(rows):
                size = (drawn.stop - drawn.start, REPLICATES_A_BLOCK)
                chosen = generator.integers(0, table.size, size=size)
                sums[part] += table[chosen].sum(axis=0)[: part.stop - part.start]
    return sums / n


def tuple_sums(values: FloatArray, together: int) -> FloatArray:
    """Return the sums of all ordered tuples of values, with repetition."""
    sums = values
    for _ in range(together - 1):
        sums = np.add.outer(sums, values).ravel()
    return sums


def resampled_medians(values: FloatArray, draws: int, seed: Seed, stream: int) -> FloatArray:
    """Return medians of resamples less the median of the sample.

    The k-th smallest of n uniform numbers is a beta variate, and the resampled person at
    that rank stands at its place in the ordered sample; so the middle one (or two) is
    drawn without drawing the others.
    """
    n = values.size
    ordered = np.sort(values)
    lower = (n + 1) // 2
    medians = np.empty(draws)
    for part, generator in replicate_blocks(seed, draws, stream=stream):
        place = generator.beta(lower, n - lower + 1, size=REPLICATES_A_BLOCK)
        middle = at_place(ordered, place)
        if n % 2 == 0:
            next_place = place + (1 - place) * generator.beta(1, n - lower, size=place.size)
            middle = (middle + at_place(ordered, next_place)) / 2
        medians[part] = middle[: part.stop - part.start]
    return medians - float(np.median(ordered))


def at_place(ordered: FloatArray, place: FloatArray) -> FloatArray:
    """Return the ordered values at places in [0, 1)."""
    index = np.minimum((place * ordered.size).astype(np.int64), ordered.size - 1)
    return ordered[index]


def mean_influence(values: FloatArray) -> FloatArray:
    """Return jackknife influence values of the mean: each value less the mean."""
    return centre(values)


def centre(values: FloatArray) -> FloatArray:
    """Return values less their mean; twice, because a large mean is itself rounded."""
    centred = values - values.mean()
    return np.asarray(centred - centred.mean())


def median_influence(values: FloatArray) -> FloatArray:
    """Return jackknife influence values of the median, (n - 1) (their mean - median without i).

    The jackknife is not consistent for the spread of a median (Efron 1979); it serves the
    acceleration only, as in other programs.
    """
    ordered, n = np.sort(values), values.size
    half = n // 2
    if n % 2:
        below, above = ordered[half - 1], ordered[half + 1]
        without = np.full(n, (below + ordered[half]) / 2)
        without[:half] = (ordered[half] + above) / 2
        without[half] = (below + above) / 2
    else:
        without = np.full(n, ordered[half - 1])
        without[:half] = ordered[half]
    return np.asarray((n - 1) * (without.mean() - without))


STATISTICS: Mapping[str, ResampledStatistic] = {
    "mean": ResampledStatistic(
        of=lambda values: sample_moments(values).mean,
        resampled=resampled_means,
        influence=mean_influence,
    ),
    "median": ResampledStatistic(
        of=lambda values: float(np.median(values)),
        resampled=resampled_medians,
        influence=median_influence,
    ),
}
