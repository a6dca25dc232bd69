"""Bayes factors of Student's t under a Cauchy prior on the standardised difference."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite, log, sqrt

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import t_p_value

# The prior scale that Rouder's programs call medium.
MEDIUM = sqrt(2) / 2
# Step of the trapezoid rule on the log scale, halved until two sums agree to the tolerance.
FIRST_STEP = 0.2
TOLERANCE = 1e-13
SMALLEST_STEP = 1e-3
# Below its bend the integrand falls as x^2, so this far down on the log scale it is nothing.
FAR_BELOW = 25.0
# Past x = 40 the weight exp(-x^2 / 2) of the prior is nothing.
LARGEST = log(40.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesFactor:
    """How many times likelier the data are under the alternative than under no difference.

    Attributes
    ----------
    log_bf10 : float
        Natural logarithm; finite even where the factor itself exceeds a double.
    relative_error : float
        Estimated relative error of the factor, from halving the step of the quadrature.
    """

    log_bf10: float
    relative_error: float

    @property
    def bf10(self) -> float:
        """The factor; infinite above 1.8e308."""
        return float(np.exp(self.log_bf10)) if self.log_bf10 < 709.0 else inf


def jzs_bayes_factor(
    statistic: float,
    *,
    df: float,
    size: float,
    prior_scale: float = MEDIUM,
    alternative: str = "two_sided",
) -> BayesFactor:
    """Return the JZS Bayes factor of a Student t against a difference of exactly zero.

    The standardised difference has a Cauchy prior of scale r, the variance Jeffreys' prior.
    The Cauchy is a normal whose variance is r^2 / x^2 with x standard normal, so the factor
    is one integral over x; on the scale of log x the trapezoid rule converges geometrically.

    Parameters
    ----------
    statistic : float
        Student's t: paired, one-sample or two-sample with pooled variance. A Welch t does
        not belong here: its likelihood is another one.
    df : float
        n - 1, or n1 + n0 - 2.
    size : float
        Effective sample size: n, or n1 n0 / (n1 + n0).
    prior_scale : float
        r, the quartile of the size of the standardised difference under the alternative.
    alternative : "two_sided", "less" or "greater"
        "less" keeps the half of the prior below zero, and doubles it.

    Raises
    ------
    NotEstimableError
        If the statistic is not finite, or a one-sided factor lies below a double.

    References
    ----------
    Rouder JN et al (2009). Psychon Bull Rev 16:225-237, equation 1. Morey RD, Wagenmakers
    E-J (2014). Stat Probab Lett 92:121-124 (one-sided). R: ``BayesFactor::ttestBF``.
    """
    if not isfinite(statistic) or df < 1:
        raise NotEstimableError(
            tell(
                "no Bayes factor of t = {statistic} on {df:g} degrees of freedom",
                statistic=statistic,
                df=df,
            )
        )
    tail = {"two_sided": 0.0, "less": -1.0, "greater": 1.0}[alternative]
    scale = size * prior_scale**2

    def log_integrand(u: FloatArray) -> FloatArray:
        return log_terms(u, statistic=statistic, df=df, scale=scale, tail=tail)

    lowest = min(log(scale) / 2 - np.log1p(abs(statistic)), 0.0) - FAR_BELOW
    before, after = -inf, trapezoid(log_integrand, lowest, FIRST_STEP)
    step = FIRST_STEP
    while abs(after - before) > TOLERANCE * max(1.0, abs(after)) and step > SMALLEST_STEP:
        step /= 2
        before, after = after, trapezoid(log_integrand, lowest, step)
    if not isfinite(after):
        raise NotEstimableError(tell("the one-sided Bayes factor lies below the smallest double"))
    return BayesFactor(log_bf10=after, relative_error=abs(after - before))


def trapezoid(
    log_integrand: Callable[[FloatArray], FloatArray], lowest: float, step: float
) -> float:
    """Return the log of the integral over the log scale, from ``lowest`` to ``LARGEST``."""
    points = np.arange(lowest, LARGEST + step, step)
    return float(special.logsumexp(log_integrand(points)) + log(step))


def log_terms(
    u: FloatArray, *, statistic: float, df: float, scale: float, tail: float
) -> FloatArray:
    """Return the log of the integrand at x = exp(u), the prior's variance being r^2 / x^2.

    ``scale`` is N r^2; ``tail`` is 0, or the sign of the differences that are allowed.
    """
    square = np.exp(2 * u)
    kept = square / (square + scale)  # 1 / (1 + N g)
    ratio = statistic**2 / df
    terms = (
        0.5 * log(2 / np.pi)
        - square / 2
        + u
        + np.log(kept) / 2
        + (df + 1) / 2 * (np.log1p(ratio) - np.log1p(ratio * kept))
    )
    if tail:
        # Given g the posterior of the difference is a t on df + 1 degrees of freedom.
        centre = statistic * np.sqrt((1 - kept) * (df + 1) / (df + statistic**2 * kept))
        with np.errstate(divide="ignore"):
            allowed = t_p_value(tail * centre, np.array(df + 1), alternative="less")
            terms = terms + log(2) + np.log(allowed)
    return np.asarray(terms)
