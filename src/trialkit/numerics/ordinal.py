"""Ordered outcomes: the proportional odds model, its assumption, and Mantel's trend test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.newton import (
    LocalLikelihood,
    LogLikelihood,
    Maximum,
    covariance,
    maximise,
    profile_deviance,
    profile_limits,
    steepest,
)
from trialkit.numerics.separation import refuse_separation
from trialkit.numerics.standardise import standardise
from trialkit.numerics.tails import ChiSquare, chi_square_test

# Distances to a threshold beyond which separation is looked into.
FAR = 16.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CumulativeFit:
    """A cumulative logit model: logit P(Y <= k) = threshold k - x beta.

    Attributes
    ----------
    beta : array, shape (p,)
        Log odds ratios of a higher category per unit of the regressor.
    thresholds : array, shape (K - 1,)
        Rising.
    vcov : array, shape (p + K - 1, p + K - 1)
        Of ``beta``, then ``thresholds``.
    log_likelihood : float
    max_gradient : float
        Largest slope at the estimate, in standardised regressors.
    steps : int
        Newton's steps.
    """

    beta: FloatArray
    thresholds: FloatArray
    vcov: FloatArray
    log_likelihood: float
    max_gradient: float
    steps: int
    likelihood: LogLikelihood
    maximum: Maximum
    scale: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds:
    """The linear functions of the parameters that bound each person's category.

    Attributes
    ----------
    upper, lower : array, shape (n, k)
        Rows of zeros where the category has no upper or no lower bound.
    has_upper, has_lower : array of bool, shape (n,)
    """

    upper: FloatArray
    lower: FloatArray
    has_upper: np.ndarray
    has_lower: np.ndarray


def fit_proportional_odds(
    regressors: FloatArray, codes: np.ndarray, names: Sequence[str]
) -> CumulativeFit:
    """Fit the proportional odds model by Newton's steps with exact second derivatives.

    Parameters
    ----------
    regressors : array, shape (n, p)
        Without a column of ones.
    codes : array of int, shape (n,)
        Categories 0 .. K - 1, each of which occurs; K at least 2.
    names : sequence of str, length p

    Raises
    ------
    NotEstimableError
        If only one category occurs, a regressor depends on others, or some terms order
        the categories without overlap (their names are in the message).

    References
    ----------
    McCullagh P (1980). J R Statist Soc B 42:109-142. R: ``ordinal::clm``, ``MASS::polr``.
    SAS: ``PROC LOGISTIC; DESCENDING`` gives the same odds ratios.
    """
    categories = int(codes.max()) + 1
    if categories < 2:
        raise NotEstimableError(tell("everyone is in one category, so there is nothing to order"))
    columns = standardise(regressors, names)
    p = len(names)
    bounds = category_bounds(columns.Z, codes, categories)
    start = np.concatenate([np.zeros(p), marginal_thresholds(codes, categories)])
    likelihood = cumulative_likelihood(bounds)
    maximum = fit_or_refuse(likelihood, bounds, start, [*names, *[""] * (categories - 1)])
    back = np.diag(np.concatenate([1 / columns.scale, np.ones(categories - 1)]))
    back[p:, :p] = columns.shift / columns.scale
    at = back @ maximum.at
    return CumulativeFit(
        beta=at[:p],
        thresholds=at[p:],
        vcov=back @ covariance(maximum) @ back.T,
        log_likelihood=maximum.local.value,
        max_gradient=steepest(maximum.local),
        steps=maximum.steps,
        likelihood=likelihood,
        maximum=maximum,
        scale=columns.scale,
    )


def fit_or_refuse(
    likelihood: LogLikelihood, bounds: Bounds, start: FloatArray, names: Sequence[str]
) -> Maximum:
    """Return the maximum, or raise with the terms that put it at infinity."""
    maximum = maximise(likelihood, start)
    far = max(
        np.max(np.abs(bounds.upper @ maximum.at), initial=0.0),
        np.max(np.abs(bounds.lower @ maximum.at), initial=0.0),
    )
    if not maximum.converged or far > FAR:
        inequalities = np.vstack([bounds.upper[bounds.has_upper], -bounds.lower[bounds.has_lower]])
        refuse_separation(inequalities, names, what=tell("higher categories from lower ones"))
    if not maximum.converged:
        raise NotEstimableError(
            tell("the proportional odds model has no finite maximum; simplify it")
        )
    return maximum


def category_bounds(
    Z: FloatArray, codes: np.ndarray, categories: int, varying: Sequence[int] = ()
) -> Bounds:
    """Return the bounds of each person's category, in (beta, thresholds, departures).

    The columns ``varying`` of ``Z`` have, besides their common coefficient, one departure
    from it at each threshold but the first.
    """
    n = len(codes)
    thresholds = np.arange(categories - 1)
    sides = []
    for at in (codes, codes - 1):
        inside = (at >= 0) & (at < categories - 1)
        picked = (at[:, np.newaxis] == thresholds).astype(np.float64)
        departures = [-Z[:, [column]] * picked[:, 1:] for column in varying if categories > 2]
        rows = np.hstack([-Z * inside[:, np.newaxis], picked, *departures])
        sides.append((rows, inside))
    (upper, has_upper), (lower, has_lower) = sides
    if len(upper) != n:
        raise NotEstimableError(tell("nobody has a category"))
    return Bounds(upper=upper, lower=lower, has_upper=has_upper, has_lower=has_lower)


def marginal_thresholds(codes: np.ndarray, categories: int) -> FloatArray:
    """Return the logits of the cumulative shares: the fit without regressors."""
    counts = np.bincount(codes, minlength=categories)
    return np.asarray(special.logit(np.cumsum(counts)[:-1] / len(codes)), dtype=np.float64)


def cumulative_likelihood(bounds: Bounds) -> LogLikelihood:
    """Return the log-likelihood of ordered categories as a function of the parameters.

    With a above b, F(a) - F(b) = F(a) F(-b) (1 - exp(b - a)) for the logistic F: nothing
    is subtracted that is nearly equal, and the derivatives are those of three logarithms.
    """
    U, L = bounds.upper, bounds.lower

    def local(at: FloatArray) -> LocalLikelihood:
        a = np.where(bounds.has_upper, U @ at, np.inf)
        b = np.where(bounds.has_lower, L @ at, -np.inf)
        gap = a - b
        k = len(at)
        if np.any(gap <= 0):
            return LocalLikelihood(value=-np.inf, gradient=np.zeros(k), information=np.eye(k))
        ratio = np.exp(-gap) / -np.expm1(-gap)  # 0 without both bounds
        bend = ratio * (1 + ratio)
        slope_a, slope_b = special.expit(-a) + ratio, -special.expit(b) - ratio
        curve_a = special.expit(a) * special.expit(-a) + bend
        curve_b = special.expit(b) * special.expit(-b) + bend
        crossed = (U * bend[:, np.newaxis]).T @ L
        value = special.log_expit(a) + special.log_expit(-b) + np.log(-np.expm1(-gap))
        return LocalLikelihood(
            value=float(np.sum(value)),
            gradient=U.T @ slope_a + L.T @ slope_b,
            information=(U * curve_a[:, np.newaxis]).T @ U
            + (L * curve_b[:, np.newaxis]).T @ L
            - crossed
            - crossed.T,
        )

    return local


def coefficient_limits(
    fit: CumulativeFit, coefficient: int, *, conf_level: float
) -> tuple[float, float]:
    """Return the profile-likelihood limits of a log odds ratio. R: ``confint(clm)``."""
    low, high = profile_limits(fit.likelihood, fit.maximum, coefficient, conf_level=conf_level)
    scale = float(fit.scale[coefficient])
    return low / scale, high / scale


def likelihood_ratio(fit: CumulativeFit, coefficient: int) -> float:
    """Return the likelihood-ratio statistic (1 df) of a log odds ratio being 0."""
    return profile_deviance(fit.likelihood, fit.maximum, coefficient, 0.0)


def proportionality_test(
    fit: CumulativeFit,
    regressors: FloatArray,
    codes: np.ndarray,
    names: Sequence[str],
    varying: Sequence[int],
) -> ChiSquare:
    """Test by likelihood ratio whether regressors act alike at every threshold.

    The wider model gives each column ``varying`` a coefficient of its own at each of the
    K - 1 thresholds.

    Raises
    ------
    NotEstimableError
        If there are only two categories, or the wider model has no finite maximum (a
        category that only one arm has, say).

    References
    ----------
    Peterson B, Harrell FE (1990). Appl Statist 39:205-217. R: ``ordinal::nominal_test``.
    """
    categories = int(codes.max()) + 1
    if categories < 3:
        raise NotEstimableError(
            tell("two categories have one threshold, so nothing can vary over it")
        )
    columns = standardise(regressors, names)
    bounds = category_bounds(columns.Z, codes, categories, varying)
    departures = len(varying) * (categories - 2)
    start = np.concatenate([fit.maximum.at, np.zeros(departures)])
    labels = [*names, *[""] * (categories - 1)]
    labels += [names[column] for column in varying for _ in range(categories - 2)]
    wider = fit_or_refuse(cumulative_likelihood(bounds), bounds, start, labels)
    statistic = max(2 * (wider.local.value - fit.log_likelihood), 0.0)
    return chi_square_test(statistic, departures)


def mantel_trend(x: FloatArray, y: FloatArray) -> ChiSquare:
    """Test for a linear trend of ordered scores over ordered arms: (n - 1) r^2 on 1 df.

    Parameters
    ----------
    x, y : array, shape (n,)
        Scores of the arm (0 and 1, or a dose) and of the outcome's category.

    Raises
    ------
    NotEstimableError
        If either does not vary.

    References
    ----------
    Mantel N (1963). J Am Statist Assoc 58:690-700. SAS: ``PROC FREQ; CMH1`` (non-zero
    correlation). R: ``coin::lbl_test``.
    """
    u, v = x - x.mean(), y - y.mean()
    if not (np.any(u) and np.any(v)):
        raise NotEstimableError(tell("a trend needs arms and outcomes that vary"))
    statistic = float((len(x) - 1) * (u @ v) ** 2 / ((u @ u) * (v @ v)))
    return chi_square_test(statistic, 1)
