"""Tail probabilities and quantiles; the only module that turns a statistic into a p-value.

Distributions that are counted out or drawn (ranks, relabellings, tables) are no business of
this module: they have their own tails.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy import special, stats

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


def normal_p_value(statistic: float, *, alternative: str = "two_sided") -> float:
    """Return the p-value of a standard normal statistic; ``alternative`` as in ``t_p_value``."""
    return float(t_p_value(np.array([statistic]), np.array([inf]), alternative=alternative)[0])


def normal_quantile(conf_level: float) -> float:
    """Return the half width of a two-sided normal interval in standard errors."""
    return float(t_quantile(conf_level, np.array([inf]))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """A chi-square statistic, its degrees of freedom and its p-value."""

    statistic: float
    df: int
    p_value: float


def chi_square_test(statistic: float, df: int) -> ChiSquare:
    """Return a chi-square statistic with its p-value."""
    return ChiSquare(statistic=statistic, df=df, p_value=chi_square_p_value(statistic, df))


def chi_square_p_value(statistic: float, df: int) -> float:
    """Return P(X >= statistic) for X chi-square with ``df`` degrees of freedom."""
    return float(stats.chi2.sf(statistic, df))


def f_p_value(statistic: float, df_num: float, df_den: float) -> float:
    """Return P(F >= statistic) for F with ``df_num`` and ``df_den`` degrees of freedom."""
    return float(stats.f.sf(statistic, df_num, df_den))


def joint_p_values(squares: FloatArray, df_num: float, df: FloatArray) -> FloatArray:
    """Return the tails of sums of ``df_num`` squares over a variance on ``df``.

    F for squares / df_num; chi-square where ``df`` is infinite. Shape (m,).
    """
    known = stats.chi2.sf(squares, df_num)
    tail = np.where(np.isinf(df), known, stats.f.sf(squares / df_num, df_num, df))
    return np.asarray(tail, dtype=np.float64)


def variance_ratio_p_value(ratio: float, df_num: float, df_den: float) -> float:
    """Return twice the smaller tail of F, for a ratio of variances that may fall either way."""
    upper = f_p_value(ratio, df_num, df_den)
    return min(1.0, 2 * min(upper, float(stats.f.cdf(ratio, df_num, df_den))))


def even_chance_p_value(first: int, second: int) -> float:
    """Return the exact two-sided p of a count that falls either way with probability 1/2.

    Twice the smaller binomial tail, which for probability 1/2 is the sum of all outcomes no
    likelier than the observed one.
    """
    if first == second:
        return 1.0
    fewer, more = sorted((first, second))
    return min(1.0, 2 * float(special.betaincc(fewer + 1, more, 0.5)))
