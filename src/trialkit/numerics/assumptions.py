"""Tests of what a comparison of means assumes: equal variances and equal distributions."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import Moments, require_two
from trialkit.numerics.tails import variance_ratio_p_value


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionTest:
    """A test of an assumption; what a test does not have is NaN."""

    estimate: float = np.nan
    df_num: float = np.nan
    df: float = np.nan
    statistic: float
    p_value: float
    conf_low: float = np.nan
    conf_high: float = np.nan


def variance_ratio(treatment: Moments, reference: Moments, *, conf_level: float) -> AssumptionTest:
    """Return the ratio of two variances, its F test (two-sided) and interval.

    References
    ----------
    R: ``var.test``.
    """
    require_two(treatment, reference)
    if not (treatment.std_dev > 0 and reference.std_dev > 0):
        raise NotEstimableError(tell("an arm does not vary, so there is no ratio of variances"))
    ratio = (treatment.std_dev / reference.std_dev) ** 2
    df_num, df = treatment.n - 1.0, reference.n - 1.0
    quantile = stats.f.isf((1 - conf_level) / 2, [df_num, df], [df, df_num])
    return AssumptionTest(
        estimate=ratio,
        df_num=df_num,
        df=df,
        statistic=ratio,
        p_value=variance_ratio_p_value(ratio, df_num, df),
        conf_low=float(ratio / quantile[0]),
        conf_high=float(ratio * quantile[1]),
    )


def kolmogorov_smirnov(treatment: FloatArray, reference: FloatArray) -> AssumptionTest:
    """Return the two-sample Kolmogorov-Smirnov test, exact also with ties.

    The p-value is the share of the orders of the two arms, given the pooled values, whose
    largest distance is at least the observed one. It is a sum of positive terms over the
    lattice of paths, so that far tails keep their digits.

    Parameters
    ----------
    treatment, reference : array, shape (n1,) and (n0,)

    References
    ----------
    Schroer G, Trenkler D (1995). Comput Stat Data Anal 20:185-202. R: ``ks.test(exact =
    TRUE)`` of R 4.2 and later.
    """
    n1, n0 = treatment.size, reference.size
    if not (n1 and n0):
        raise NotEstimableError(
            tell("an arm has no values, so there are no distributions to compare")
        )
    pooled = np.concatenate([treatment, reference])
    order = np.argsort(pooled, kind="stable")
    # A distance counts only where the next value is another one.
    ends = np.append(np.diff(pooled[order]) > 0, True)
    risen = np.cumsum(order < n1)
    steps = np.arange(1, n1 + n0 + 1)
    # Distances in units of 1 / (n1 n0), which are whole numbers.
    distance = np.abs(risen * n0 - (steps - risen) * n1)
    largest = int(distance[ends].max())
    crossed = np.zeros(n1 + 1)  # probability of having crossed, by the number of treated so far
    treated = np.arange(n1 + 1)
    for step, end in zip(steps, ends, strict=True):
        others = step - treated
        moved = np.concatenate([[0.0], crossed[:-1]])
        crossed = (treated * moved + others * crossed) / step
        crossed[(others < 0) | (others > n0)] = 0.0
        if end:
            crossed[np.abs(treated * n0 - others * n1) >= largest] = 1.0
            crossed[(others < 0) | (others > n0)] = 0.0
    return AssumptionTest(
        estimate=largest / (n1 * n0), statistic=largest / (n1 * n0), p_value=float(crossed[n1])
    )
