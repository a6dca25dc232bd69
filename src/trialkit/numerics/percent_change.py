"""Percent change of a mean within people, with Fieller's limits for the ratio."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.effect_sizes import Pairs
from trialkit.numerics.means import mean_inference
from trialkit.numerics.tails import t_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentChange:
    """100 (mean after / mean before - 1), in percent; limits are NaN where unbounded.

    Attributes
    ----------
    std_error : float
        By the delta method; the limits are not made of it.
    df, statistic, p_value : float
        The paired t test of no change, with which Fieller's interval agrees.
    """

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


def percent_change_of_means(pairs: Pairs, *, conf_level: float) -> PercentChange:
    """Return the percent change of the mean with Fieller's interval.

    A ratio rho lies in the interval if mean after - rho mean before is within t standard
    errors of zero, the covariance of the two means included. The interval is bounded only
    if the mean before is itself more than t standard errors above zero.

    Parameters
    ----------
    pairs : Pairs
        Moments of values on a scale with a true zero.
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If the mean before is not above zero, there are fewer than two pairs, or everyone
        changed by the same amount.

    References
    ----------
    Fieller EC (1954). J R Stat Soc B 16:175-185.
    """
    before, after = pairs.before, pairs.after
    if not before.mean > 0:
        raise NotEstimableError(
            tell(
                "the mean before is {mean:g}: a percent change needs one above zero",
                mean=before.mean,
            )
        )
    test = mean_inference(pairs.change, conf_level=conf_level)
    n = pairs.change.n
    v_before, v_after = before.std_dev**2 / n, after.std_dev**2 / n
    covariance = (v_before + v_after - pairs.change.std_dev**2 / n) / 2
    ratio = after.mean / before.mean
    variance = v_after - 2 * ratio * covariance + ratio**2 * v_before
    t = float(t_quantile(conf_level, test.df)[0])
    low, high = fieller_limits(
        after.mean, before.mean, v_after, v_before, covariance=covariance, t=t
    )
    return PercentChange(
        estimate=100 * pairs.change.mean / before.mean,
        std_error=100 * sqrt(max(variance, 0.0)) / before.mean,
        df=float(test.df[0]),
        statistic=float(test.statistic[0]),
        p_value=float(test.p_value[0]),
        conf_low=100 * (low - 1),
        conf_high=100 * (high - 1),
    )


def fieller_limits(
    numerator: float,
    denominator: float,
    v_numerator: float,
    v_denominator: float,
    *,
    covariance: float,
    t: float,
) -> tuple[float, float]:
    """Return the roots of (num - rho den)^2 = t^2 Var(num - rho den), NaN if unbounded."""
    a = denominator**2 - t**2 * v_denominator
    if a <= 0:
        return np.nan, np.nan
    b = numerator * denominator - t**2 * covariance
    c = numerator**2 - t**2 * v_numerator
    root = sqrt(max(b**2 - a * c, 0.0))
    # The root with the larger numerator first: the other follows from their product c / a.
    far = (b + root if b >= 0 else b - root) / a
    near = c / (a * far) if far else 0.0
    return min(near, far), max(near, far)
