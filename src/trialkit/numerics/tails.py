"""Tail probabilities and quantiles; the only module that turns a statistic into a p-value."""

import numpy as np
from scipy import stats

from trialkit.numerics.arrays import FloatArray


def two_sided_p_value(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return P(|T| >= |statistic|) for T with ``df`` degrees of freedom.

    Evaluates the survival function: 1 - cdf cancels, and for the normal is exactly 0
    from 8.3 standard errors on, where the probability is 1e-16.

    Parameters
    ----------
    statistic : array, shape (m,)
        Estimate over standard error; dimensionless. NaN gives NaN.
    df : array, shape (m,)
        Positive; ``inf`` selects the normal distribution.

    Returns
    -------
    array, shape (m,)
    """
    return np.asarray(2 * stats.t.sf(np.abs(statistic), df), dtype=np.float64)


def t_quantile(conf_level: float, df: FloatArray) -> FloatArray:
    """Return the half width of a two-sided interval in standard errors.

    Parameters
    ----------
    conf_level : float
        Coverage, in (0, 1).
    df : array, shape (m,)
        Positive; ``inf`` selects the normal distribution.
    """
    return np.asarray(stats.t.isf((1 - conf_level) / 2, df), dtype=np.float64)


def chi_square_p_value(statistic: float, df: int) -> float:
    """Return P(X >= statistic) for X chi-square with ``df`` degrees of freedom."""
    return float(stats.chi2.sf(statistic, df))
