"""Midranks, the null distribution of a sum of ranks, and limits from its quantiles."""

from dataclasses import dataclass
from math import floor, inf, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.proportions import Interval
from trialkit.numerics.tails import normal_p_value, normal_quantile

IntArray = NDArray[np.int64]

# Twice the largest difference that rounding makes between two equal differences of doubles,
# beside the size of the numbers that they were taken from.
ROUNDING = 4 * np.finfo(np.float64).eps
# Two tail probabilities that ought to be equal may differ by this much.
PROBABILITY_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest:
    """A sum of ranks with its null distribution's moments and its p-value.

    ``z`` is (statistic - expected) / std_dev, without continuity correction, whichever
    distribution ``p_value`` comes from.
    """

    statistic: float
    expected: float
    std_dev: float
    z: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationShift:
    """A median of pairwise differences or averages with its limits; these may be infinite."""

    estimate: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NullDistribution:
    """P(T = lowest + i) of a sum T of whole-number scores, symmetric or not.

    ``twice_expected`` is twice its mean, a whole number.
    """

    lowest: int
    probabilities: FloatArray
    twice_expected: int


def equal_but_for_rounding(differences: FloatArray, *, size: float) -> FloatArray:
    """Return differences with those that rounding alone tells apart made equal.

    5.1 - 4.1 and 3.1 - 2.1 differ in the last digit and are both 1, so their ranks tie.
    Neighbours in ascending order within 4 machine epsilons of ``size`` of each other take
    the lowest value of their run; a run around 0 becomes 0.

    Values as they were recorded need nothing of the kind: equal decimals are equal doubles.

    Parameters
    ----------
    differences : array, shape (n,)
        No missing values.
    size : float
        The largest absolute value among the numbers that the differences were taken from.
    """
    if not differences.size:
        return differences
    near = ROUNDING * size
    order = np.argsort(differences, kind="stable")
    ordered = differences[order]
    starts = np.concatenate([[True], np.diff(ordered) > near])
    first = ordered[np.flatnonzero(starts)]
    run = np.cumsum(starts) - 1
    first[np.unique(run[np.abs(ordered) <= near])] = 0.0
    merged = np.empty_like(differences)
    merged[order] = first[run]
    return merged


def tie_sizes(values: FloatArray) -> IntArray:
    """Return how often each distinct value occurs, in ascending order of the values."""
    return np.asarray(np.unique(values, return_counts=True)[1], dtype=np.int64)


def doubled_ranks(values: FloatArray) -> IntArray:
    """Return twice the midrank of each value, which is a whole number.

    Tied values share the mean of the ranks that they take up. Only bitwise equal values
    tie; ``equal_but_for_rounding`` goes before where differences are ranked.

    Parameters
    ----------
    values : array, shape (n,)
        No missing values.

    Examples
    --------
    >>> doubled_ranks(np.array([0.5, 2.0, 2.0, -1.0])).tolist()
    [4, 7, 7, 2]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    above = np.cumsum(counts)
    return np.asarray((2 * above - counts + 1)[inverse], dtype=np.int64)


def approximate_p_value(
    difference: float, std_dev: float, *, alternative: str, corrected: bool
) -> float:
    """Return the normal tail of a statistic that lies ``difference`` from its mean.

    The continuity correction takes 1/2 off the distance towards the mean: off its size for
    the two-sided test (never past 0), and off the tested side for a one-sided one.

    Raises
    ------
    NotEstimableError
        If the statistic cannot vary.
    """
    if not std_dev > 0:
        raise NotEstimableError(tell("all values are equal, so their ranks tell nothing apart"))
    half = 0.5 if corrected else 0.0
    if alternative == "two_sided":
        distance = max(abs(difference) - half, 0.0)
        return normal_p_value(distance / std_dev)
    towards = difference if alternative == "greater" else -difference
    return normal_p_value((towards - half) / std_dev, alternative="greater")


def exact_p_value(observed: int, null: NullDistribution, *, alternative: str) -> float:
    """Return the exact tail probability of an observed sum of scores.

    Two-sided: P(|T - E| >= |t - E|), the sum over both tails at the observed distance from
    the mean. For a symmetric distribution (no ties, equal arms, sign flips) it is twice
    the smaller tail. Distances are compared as whole numbers, so equal ones are equal.
    """
    sums = null.lowest + np.arange(null.probabilities.size, dtype=np.int64)
    if alternative == "two_sided":
        distance = np.abs(2 * sums - null.twice_expected)
        inside = distance >= abs(2 * observed - null.twice_expected)
    else:
        inside = sums >= observed if alternative == "greater" else sums <= observed
    return min(1.0, float(null.probabilities[inside].sum()))


def exact_rank(probabilities: FloatArray, *, tail: float) -> int:
    """Return the smallest k with P(T <= k) >= tail, for T on 0, 1, 2, ...

    With limits at the k-th order statistics from either end the interval keeps the shifts
    that a test of that tail does not reject.
    """
    below = np.cumsum(probabilities)
    return int(np.searchsorted(below, tail * (1 - PROBABILITY_ROUNDING)))


def normal_rank(pairs: int, std_dev: float, *, tail: float, corrected: bool) -> int:
    """Return the smallest k in 0, 1, ... that the normal test of that tail does not reject.

    As ``exact_rank``, with T normal around pairs / 2.
    """
    reach = float(-special.ndtri(tail)) * std_dev + (0.5 if corrected else 0.0)
    return max(pairs - floor(pairs / 2 + reach), 0)


def order_statistics(differences: FloatArray, rank: int, *, alternative: str) -> LocationShift:
    """Return the median of the differences and the rank-th ones from either end as limits.

    Rank 0 means that even the extreme differences do not reach the level: the limit is
    infinite. A one-sided interval is open on the side of its alternative.
    """
    m = differences.size
    middle = ((m - 1) // 2, m // 2)
    wanted = {*middle, *((rank - 1, m - rank) if rank else ())}
    ordered = np.partition(differences, sorted(wanted))
    estimate = float(ordered[middle[0]])
    if middle[0] != middle[1]:
        estimate += (float(ordered[middle[1]]) - estimate) / 2
    low, high = (float(ordered[rank - 1]), float(ordered[m - rank])) if rank else (-inf, inf)
    return LocationShift(
        estimate=estimate,
        conf_low=-inf if alternative == "less" else low,
        conf_high=inf if alternative == "greater" else high,
    )


def correlation_interval(correlation: float, std_error: float, *, conf_level: float) -> Interval:
    """Give a correlation-like effect size limits on Fisher's inverse-tanh scale.

    ``std_error`` is that of the transformed value, so it does not go with the estimate. At -1
    and 1 the transformation has no value, so there are no limits: NaN.
    """
    low = high = float("nan")
    if abs(correlation) < 1:
        half = normal_quantile(conf_level) * std_error
        centre = float(np.arctanh(correlation))
        low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return Interval(estimate=correlation, std_error=float("nan"), conf_low=low, conf_high=high)


def root(value: float) -> float:
    """Return a square root; rounding below 0 counts as 0."""
    return sqrt(max(value, 0.0))
