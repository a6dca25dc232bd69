"""Pearson's and Spearman's correlation with a t test and an interval on Fisher's scale."""

from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import moments_beside
from trialkit.numerics.tails import normal_quantile, two_sided_p_value

# A correlation this close to 1 is a straight line but for rounding.
STRAIGHT = 4e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A correlation of n pairs.

    On a straight line (or, for ranks, in the same order throughout) there is neither a test
    nor an interval: NaN. With three pairs there is no interval.
    """

    n: int
    estimate: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


def pearson(x: FloatArray, y: FloatArray, *, conf_level: float) -> Correlation:
    """Return the product-moment correlation.

    t = r sqrt((n - 2) / (1 - r^2)) on n - 2 degrees of freedom; limits tanh(atanh r +- z /
    sqrt(n - 3)).

    Parameters
    ----------
    x, y : array, shape (n,)
        No missing values.
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If there are fewer than three pairs, or one side does not vary.

    References
    ----------
    Fisher RA (1921). Metron 1:3-32. R: ``cor.test``; SAS: ``PROC CORR FISHER``.
    """
    return with_inference(*correlate(x, y), spread=1.0, conf_level=conf_level)


def spearman(x: FloatArray, y: FloatArray, *, conf_level: float) -> Correlation:
    """Return the rank correlation: Pearson's, of the midranks.

    The same t, which for ranks is an approximation; limits on Fisher's scale with standard
    error sqrt((1 + r^2 / 2) / (n - 3)).

    References
    ----------
    Bonett DG, Wright TA (2000). Psychometrika 65:23-28. R: ``cor.test(method = "spearman",
    exact = FALSE)`` for estimate and p-value.
    """
    r, n = correlate(stats.rankdata(x), stats.rankdata(y))
    return with_inference(r, n, spread=sqrt(1 + r**2 / 2), conf_level=conf_level)


def correlate(x: FloatArray, y: FloatArray) -> tuple[float, int]:
    """Return the correlation and the number of pairs."""
    n = int(x.size)
    if n < 3:
        raise NotEstimableError(tell("a correlation needs at least three pairs, found {n}", n=n))
    if not all(moments_beside(v, size=float(np.abs(v).max())).std_dev > 0 for v in (x, y)):
        raise NotEstimableError(tell("one side does not vary, so there is no correlation"))
    u, v = (centred(values) for values in (x, y))
    return float(np.clip(u @ v / (np.linalg.norm(u) * np.linalg.norm(v)), -1.0, 1.0)), n


def centred(values: FloatArray) -> FloatArray:
    """Return the residuals from the mean, corrected by their own mean, in units of the largest."""
    residual = values - values.mean()
    residual = residual - residual.mean()
    return np.asarray(residual / np.abs(residual).max())


def with_inference(r: float, n: int, *, spread: float, conf_level: float) -> Correlation:
    """Return test and limits of a correlation; ``spread`` multiplies 1 / sqrt(n - 3)."""
    df = n - 2.0
    if 1 - abs(r) < STRAIGHT:
        nan = float("nan")
        line = float(np.sign(r))
        return Correlation(
            n=n, estimate=line, df=df, statistic=nan, p_value=nan, conf_low=nan, conf_high=nan
        )
    statistic = r * sqrt(df / ((1 - r) * (1 + r)))
    low = high = float("nan")
    if n > 3:
        half = normal_quantile(conf_level) * spread / sqrt(n - 3)
        low, high = tanh(atanh(r) - half), tanh(atanh(r) + half)
    return Correlation(
        n=n,
        estimate=r,
        df=df,
        statistic=statistic,
        p_value=float(two_sided_p_value(np.array([statistic]), np.array([df]))[0]),
        conf_low=low,
        conf_high=high,
    )
