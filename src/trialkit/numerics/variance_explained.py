"""Shares of variance that a term explains: eta, omega and epsilon squared."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from trialkit.numerics.tails import f_p_value

ROOT_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShare:
    """A share of variance and its one-sided interval, which runs up to 1."""

    estimate: float
    conf_low: float
    conf_high: float = 1.0


def eta_squared(F: float, df_num: float, df: float, *, conf_level: float) -> VarianceShare:
    """Return SS_term / (SS_term + SS_error), the (partial) eta squared.

    It overstates the share in the population; omega and epsilon squared correct for it.
    Equals R's ``effectsize::eta_squared(partial = TRUE)``.

    Parameters
    ----------
    F : float
        Test statistic of the term.
    df_num, df : float
        Degrees of freedom of the term and of the error.
    conf_level : float
        Coverage of the lower limit, in (0, 1). With 0.95 it is above 0 exactly where the
        F test has p < 0.05.

    References
    ----------
    Steiger JH (2004). Psychol Methods 9:164-182.
    """
    return VarianceShare(
        estimate=F * df_num / (F * df_num + df), conf_low=lower_share(F, df_num, df, conf_level)
    )


def omega_squared(F: float, df_num: float, df: float, *, conf_level: float) -> VarianceShare:
    """Return (SS_term - df_num MS_error) / (SS_term + (N - df_num) MS_error), at least 0.

    N = df_num + df + 1 is for one term in a model with an intercept. The lower limit is the
    one of an F test whose eta squared is the estimate, which is R's ``effectsize`` (0.8).

    References
    ----------
    Hays WL (1963). Statistics for Psychologists. Olejnik S, Algina J (2003). Psychol
    Methods 8:434-447.
    """
    estimate = max((F - 1) * df_num / ((F - 1) * df_num + df + df_num + 1), 0.0)
    return VarianceShare(estimate=estimate, conf_low=limit_of(estimate, df_num, df, conf_level))


def epsilon_squared(F: float, df_num: float, df: float, *, conf_level: float) -> VarianceShare:
    """Return (SS_term - df_num MS_error) / (SS_term + SS_error), at least 0.

    For one term it is the adjusted R squared. Limit as for ``omega_squared``.

    References
    ----------
    Kelley TL (1935). Proc Natl Acad Sci 21:554-559.
    """
    estimate = max((F - 1) * df_num / (F * df_num + df), 0.0)
    return VarianceShare(estimate=estimate, conf_low=limit_of(estimate, df_num, df, conf_level))


def limit_of(share: float, df_num: float, df: float, conf_level: float) -> float:
    """Return the lower limit that belongs to a share taken for an eta squared."""
    return lower_share(share / df_num / ((1 - share) / df), df_num, df, conf_level)


def lower_share(F: float, df_num: float, df: float, conf_level: float) -> float:
    """Return ncp / (ncp + df) for the noncentrality at which F is the conf_level quantile.

    0 where F is not significant at 1 - conf_level.
    """
    alpha = 1 - conf_level
    if not np.isfinite(F) or f_p_value(F, df_num, df) >= alpha:
        return 0.0

    def gap(ncp: float) -> float:
        return float(conf_level - special.ncfdtr(df_num, df, ncp, F))

    high = max(F * df_num, 1.0)
    while gap(high) < 0:
        high *= 2
    ncp = optimize.brentq(gap, 0.0, high, xtol=ROOT_TOLERANCE, rtol=4 * ROOT_TOLERANCE)
    return float(ncp / (ncp + df))
