"""Averages over an estimated standard deviation: from normal tails to studentised ones.

A t-like statistic is a normal one divided by s = sqrt(chi-square / df). The probability
that it passes c is the mean, over s, of the probability that the normal one passes c s.
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

from trialkit.numerics.arrays import FloatArray

# From bounds, shape (k,), to the probability that the normal statistic passes each.
Tail = Callable[[FloatArray], FloatArray]

# Step of the trapezoidal rule in standard deviations of log s, and never longer than this.
STEP, LONGEST_STEP = 0.3, 0.1
# What is left out weighs less than exp(-NEGLIGIBLE) beside the largest part.
NEGLIGIBLE = 42.0
# Beyond this bound the tail of a range of normals is 0 in double precision.
FARTHEST = 56.0
# A double cannot hold exp(-UNDERFLOW).
UNDERFLOW = 700.0
ROOT_TOLERANCE = 1e-13


def studentised_tail(tail: Tail, c: float, df: float) -> float:
    """Return the mean of ``tail(c s)`` over s, for s^2 a chi-square on ``df`` over ``df``.

    The trapezoidal rule in log s converges exponentially, because the integrand is smooth
    and vanishes at both ends. The nodes cover the bulk of s and the part that decides a
    far tail, where s is small; nothing is subtracted from 1, so far tails keep their
    digits.

    Parameters
    ----------
    tail : function
        Vectorised; probabilities of the normal statistic.
    c : float
        Bound, at least 0.
    df : float
        Positive; ``inf`` is the normal case itself.
    """
    if np.isinf(df):
        return float(tail(np.array([min(c, FARTHEST)]))[0])
    x, weight = log_scale_rule(c, df)
    bound = np.minimum(c * np.exp(x), FARTHEST)
    return min(float(weight @ tail(bound)), 1.0)


def log_scale_rule(c: float, df: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes in log s and weights that sum to 1.

    The density of x = log s is proportional to exp(df (x - exp(2 x) / 2)). Weighted with a
    tail at c it peaks near log sqrt(df / (df + c^2)).
    """
    spread = np.sqrt(NEGLIGIBLE / df) + NEGLIGIBLE / df
    low = -0.5 * np.log1p((c**2) / df) - spread
    low = max(low, -(np.sqrt(UNDERFLOW / df) + UNDERFLOW / df))
    high = 0.5 * np.log1p((2 * np.sqrt(NEGLIGIBLE * df) + 2 * NEGLIGIBLE) / df)
    step = min(STEP / np.sqrt(2 * df), LONGEST_STEP)
    x = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
    weight = np.exp(df * (x - np.expm1(2 * x) / 2))
    return x, weight / weight.sum()


def bound_of_tail(
    tail: Callable[[float], float], probability: float, *, df: float, tests: int
) -> float:
    """Return the bound c at which a decreasing tail has the given probability.

    Parameters
    ----------
    tail : function
        Probability that any of ``tests`` studentised statistics passes c on either side.
    probability : float
        In (0, 1).
    df : float
        Of the statistics; brackets the root between one t test and Bonferroni's bound.
    tests : int
        At least 1.
    """
    low = float(stats.t.isf(probability / 2, df))
    high = float(stats.t.isf(probability / (2 * tests), df))

    def gap(c: float) -> float:
        return float(np.log(tail(c)) - np.log(probability))

    # A tail known to 7 digits may stray over the bracket by as much.
    low, high = low * (1 - 1e-5), high * (1 + 1e-5)
    return float(optimize.brentq(gap, low, high, xtol=ROOT_TOLERANCE, rtol=4 * ROOT_TOLERANCE))
