"""The noncentral t distribution by quadrature, and limits of its centre by inversion."""

from math import log, sqrt

import numpy as np
from scipy import optimize, special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import t_quantile

# Points of Gauss-Legendre quadrature in each panel.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(30)
# Panels across the density of the standard deviation, and their finer ones towards zero.
PANELS = 10
HALVINGS = 24
# Where half of this, as the power of 1/e, is left of the density of S: below 1e-21 of its peak.
EXTENT = 100.0
# Standard normal deviates between which the integrand changes.
TURN = np.array([-9.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0])


def noncentral_t_tails(statistic: float, df: float, centre: float) -> tuple[float, float]:
    """Return P(T <= statistic) and P(T >= statistic) for T noncentral t.

    T = (Z + centre) / S with Z standard normal and df S^2 chi-square, so that
    P(T <= t) is the mean of Phi(t S - centre) over S. Both tails are sums of positive
    terms by Gauss-Legendre quadrature in panels about the peak of the density of S and
    about the turn of Phi: relative errors are near 1e-13 while the tail is above 1e-20.

    Parameters
    ----------
    statistic : float
    df : float
        At least 1; need not be whole.
    centre : float
        The noncentrality.

    References
    ----------
    Owen DB (1968). Technometrics 10:445-478, equation 2.3.
    """
    scale, weight = scale_quadrature(statistic, df, centre)
    deviate = statistic * scale - centre
    return float(weight @ special.ndtr(deviate)), float(weight @ special.ndtr(-deviate))


def scale_quadrature(statistic: float, df: float, centre: float) -> tuple[FloatArray, FloatArray]:
    """Return points of S = sqrt(chi-square / df) and their weights, which sum to one."""
    mode = sqrt(max(df - 1.0, 0.0) / df)
    reach = sqrt(EXTENT / df)
    low, high = max(mode - reach, 0.0), mode + reach
    edges = np.linspace(low, high, PANELS + 1)
    if low == 0.0:  # a fractional power of S at zero needs ever smaller panels
        edges = np.concatenate([edges, edges[1] * 0.5 ** np.arange(1.0, HALVINGS)])
    if statistic:
        edges = np.concatenate([edges, (centre + TURN) / statistic])
    edges = np.unique(np.clip(edges, low, high))
    half = np.diff(edges) / 2
    scale = ((edges[:-1] + half)[:, None] + half[:, None] * NODES).ravel()
    weight = (half[:, None] * WEIGHTS).ravel() * np.exp(log_scale_density(scale, df, mode))
    return scale, weight / weight.sum()


def log_scale_density(scale: FloatArray, df: float, mode: float) -> FloatArray:
    """Return the log density of S beside its peak; normalised by whoever sums it."""
    if mode == 0.0:
        return -df * scale**2 / 2
    beside = scale - mode
    return (df - 1.0) * np.log1p(beside / mode) - df * beside * (scale + mode) / 2


def noncentrality_limits(statistic: float, df: float, *, conf_level: float) -> tuple[float, float]:
    """Return the centres at which the statistic is the upper and the lower tail quantile.

    The lower limit is the centre under which P(T >= statistic) = (1 - conf_level) / 2, the
    upper the one under which P(T <= statistic) is. The logarithm of the tail is solved,
    by Brent's method, so that rare tails keep their digits.

    Parameters
    ----------
    statistic : float
        The t statistic; its limits are the mirror image of those of its negative.
    df : float
        At least 1.
    conf_level : float
        Coverage, in (0, 1).

    Returns
    -------
    tuple of float
        Right to 1e-10, relative to the statistic where that is above 1.

    Raises
    ------
    NotEstimableError
        If the statistic is not finite or there is less than one degree of freedom.

    References
    ----------
    Steiger JH, Fouladi RT (1997). In: What if there were no significance tests?, 221-257.
    R: ``effectsize::cohens_d`` and ``MBESS::conf.limits.nct``.
    """
    if not np.isfinite(statistic) or not df >= 1:
        raise NotEstimableError(
            tell(
                "a standardised difference has no interval: expected a finite t on at least 1 "
                "degree of freedom, found t = {statistic}, df = {df}",
                statistic=statistic,
                df=df,
            )
        )
    if statistic < 0:
        low, high = noncentrality_limits(-statistic, df, conf_level=conf_level)
        return -high, -low
    tail = (1 - conf_level) / 2
    return (
        centre_with_tail(statistic, df, tail=tail, upper=True),
        centre_with_tail(statistic, df, tail=tail, upper=False),
    )


def centre_with_tail(statistic: float, df: float, *, tail: float, upper: bool) -> float:
    """Return the centre under which one tail beyond the statistic has a given probability."""

    def excess(centre: float) -> float:
        probability = noncentral_t_tails(statistic, df, centre)[int(upper)]
        return log(max(probability, 1e-300)) - log(tail)

    step = 2.0 * (1.0 + sqrt(1.0 + statistic**2 / (2.0 * df)))
    # P(T >= t) grows with the centre, P(T <= t) falls.
    low, high = statistic - step, statistic + step
    while (excess(low) < 0) != upper:
        low -= step
        step *= 2
    while (excess(high) > 0) != upper:
        high += step
        step *= 2
    return float(optimize.brentq(excess, low, high, xtol=1e-15, rtol=1e-14, maxiter=200))


def t_test_power(centre: float, df: float, *, alpha: float) -> float:
    """Return the probability that a two-sided t test rejects when its statistic is noncentral.

    Parameters
    ----------
    centre : float
        d_z sqrt(n) for a paired test of n people; d_s sqrt(n1 n0 / (n1 + n0)) for two arms.
    df : float
        n - 1, or n1 + n0 - 2.
    alpha : float
        Level of the test, in (0, 1).

    References
    ----------
    Cohen J (1988). Statistical power analysis, 2nd ed., chapter 2. R: ``power.t.test(strict =
    TRUE)``; SAS: ``PROC POWER; PAIREDMEANS``.
    """
    critical = float(t_quantile(1 - alpha, np.array([df]))[0])
    below = noncentral_t_tails(-critical, df, centre)[0]
    above = noncentral_t_tails(critical, df, centre)[1]
    return below + above
