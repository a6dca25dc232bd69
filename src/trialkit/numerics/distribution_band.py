"""Cumulative distributions: a band that holds everywhere at once, and the largest gap of two."""

from functools import lru_cache

import numpy as np
from scipy import optimize, special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.proportions import Counts, Interval, clopper_pearson


def band_limits(arm: Counts, *, conf_level: float) -> Interval:
    """Give one point of a cumulative curve the limits of a band that holds at every point.

    They are Clopper and Pearson's limits at a higher level, the same for every point of a
    curve of n people, chosen so that all points hold at once with ``conf_level``.

    References
    ----------
    Owen AB (1995). J Am Statist Assoc 90:516-521. Aldor-Noiman S and others (2013). Am
    Statist 67:249-260.
    """
    return clopper_pearson(arm, conf_level=pointwise_level(arm.n, conf_level))


@lru_cache(maxsize=1024)
def pointwise_level(n: int, conf_level: float) -> float:
    """Return the level of Clopper-Pearson limits that hold over a whole curve at once.

    The level is exact for values without ties and holds at least with them; no
    simulation is involved.

    Parameters
    ----------
    n : int
        People behind the curve.
    conf_level : float
        Simultaneous coverage, in (0, 1).

    Examples
    --------
    >>> round(pointwise_level(20, 0.95), 6)
    0.995229
    """
    if n < 1:
        raise NotEstimableError(tell("a curve without people has no band"))
    ranks = np.arange(1, n + 1, dtype=np.float64)

    def excess(log_tail: float) -> float:
        tail = np.exp(log_tail)
        low = special.betaincinv(ranks, n - ranks + 1, tail)
        high = special.betainccinv(ranks, n - ranks + 1, tail)
        return order_statistics_probability(low, high) - conf_level

    tail = (1 - conf_level) / 2
    # Bonferroni over both ends of n intervals is enough; one interval's own level is not.
    bracket = np.log(tail / n) - 1e-9, np.log(tail) + 1e-9
    root = optimize.brentq(excess, *bracket, xtol=1e-13)
    return float(1 - 2 * np.exp(root))


def order_statistics_probability(low: FloatArray, high: FloatArray) -> float:
    """Return P(low_i <= U_(i) <= high_i for all i) for ordered uniform variables.

    The number of variables below t is a Poisson process of rate n given that it ends at
    n. Its distribution is carried from limit to limit; paths that break a limit are
    dropped. Every term is positive, so nothing cancels.

    Parameters
    ----------
    low, high : array, shape (n,)
        Not falling, in [0, 1], low_i < high_i.

    References
    ----------
    Moscovich A, Nadler B (2017). Statist Probab Lett 123:177-182.
    """
    n = len(low)
    times = np.unique(np.concatenate([low, high, [1.0]]))
    most = np.searchsorted(low, times, side="left")
    least = np.searchsorted(high, times, side="right")
    least[-1] = most[-1] = n
    first, mass, before = 0, np.ones(1), 0.0
    for time, fewest, highest in zip(times, least, most, strict=True):
        steps = np.arange(highest - first + 1, dtype=np.float64)
        rate = n * (time - before)
        arrivals = np.exp(special.xlogy(steps, rate) - rate - special.gammaln(steps + 1))
        mass = np.convolve(mass, arrivals)[: highest - first + 1][max(fewest - first, 0) :]
        first, before = max(int(fewest), first), float(time)
        if mass.size == 0:
            return 0.0
    ends = np.exp(special.xlogy(n, n) - n - special.gammaln(n + 1))
    return float(mass[-1] / ends)


def largest_gap(one: FloatArray, other: FloatArray) -> tuple[float, float]:
    """Return the largest vertical gap of two cumulative curves and its exact p-value.

    The Kolmogorov-Smirnov statistic against its distribution over all ways to share the
    pooled values out between the arms; ties are part of that distribution.

    Parameters
    ----------
    one, other : array, shape (m,), (n,)
        Values; infinite ones are the lowest or highest of all.

    Raises
    ------
    NotEstimableError
        If an arm is empty.

    References
    ----------
    Schröer G, Trenkler D (1995). Comput Statist Data Anal 20:185-202. R:
    ``ks.test(exact = TRUE)`` (4.2 or later with ties).
    """
    m, n = len(one), len(other)
    if not (m and n):
        raise NotEstimableError(tell("a curve without people has no distance to another"))
    pooled = np.sort(np.concatenate([one, other]))
    ends = np.flatnonzero(np.append(pooled[1:] != pooled[:-1], True)) + 1
    values = pooled[ends - 1]
    below = np.searchsorted(np.sort(one), values, side="right")
    gaps = np.abs(below * n - (ends - below) * m)
    reached = int(gaps.max())
    return reached / (m * n), gap_probability(m, n, reached, frozenset(ends.tolist()))


def gap_probability(m: int, n: int, reached: int, ends: frozenset[int]) -> float:
    """Return the probability that a random sharing-out reaches a gap of ``reached`` / (m n).

    The number of the first arm's values among the k lowest is carried from k to k + 1;
    what first reaches the gap, at an end of tied values, is added up and set aside.
    """
    if reached <= 0:
        return 1.0
    taken = np.arange(m + 1, dtype=np.float64)
    mass = np.zeros(m + 1)
    mass[0], absorbed = 1.0, 0.0
    for k in range(1, m + n + 1):
        left = m + n - k + 1
        stayed = mass * np.clip(n - (k - 1 - taken), 0, None) / left
        moved = mass * (m - taken) / left
        mass = stayed
        mass[1:] += moved[:-1]
        if k in ends:
            far = np.abs(taken * n - (k - taken) * m) >= reached
            absorbed += float(mass[far].sum())
            mass[far] = 0.0
    return min(absorbed, 1.0)
