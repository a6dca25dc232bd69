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


def t_p_value(statistic: FloatArray, df: FloatArray, *, alternative: str) -> FloatArray:
    """Return the p-value of a t statistic: "two_sided", or of the tail "less" or "greater".

    Parameters
    ----------
    statistic, df : array, shape (m,)
        As in ``two_sided_p_value``.
    alternative : str
        "less" is P(T <= statistic), "greater" P(T >= statistic); both by the survival
        function.
    """
    if alternative == "two_sided":
        return two_sided_p_value(statistic, df)
    towards = {"less": -1.0, "greater": 1.0}[alternative]
    return np.asarray(stats.t.sf(towards * statistic, df), dtype=np.float64)


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


def f_p_value(statistic: float, df_num: float, df_den: float) -> float:
    """Return P(F >= statistic) for F with ``df_num`` and ``df_den`` degrees of freedom."""
    return float(stats.f.sf(statistic, df_num, df_den))
