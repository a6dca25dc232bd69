"""Variance between trials (tau squared): nine estimators, its interval, I squared, H squared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, log, nan, pi, sqrt

import numpy as np
from scipy import linalg, optimize, stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray

# Residuals this small beside the largest estimate are rounding: the trials agree exactly.
ROUNDING = 8 * np.finfo(np.float64).eps
# Share of a column's length left after projecting out the columns before it.
DEPENDENCE_TOLERANCE = 1e-11
RELATIVE_TOLERANCE = 4 * np.finfo(np.float64).eps
GRID = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedFit:
    """Weighted least squares of k trials on p columns with weights 1 / (v + tau squared).

    Attributes
    ----------
    weights, residual, leverage : array, shape (k,)
    beta : array, shape (p,)
    unscaled : array, shape (p, p)
        (X'WX)^-1.
    basis : array, shape (k, p)
        Orthonormal columns that span W^(1/2) X.
    log_determinant : float
        Of X'WX.
    """

    weights: FloatArray
    residual: FloatArray
    leverage: FloatArray
    beta: FloatArray
    unscaled: FloatArray
    basis: FloatArray
    log_determinant: float

    @property
    def q(self) -> float:
        """Weighted sum of squared residuals."""
        return float(self.weights @ self.residual**2)

    @property
    def trace(self) -> float:
        """Trace of P = W - W X (X'WX)^-1 X'W."""
        return float(self.weights @ (1 - self.leverage))

    @property
    def projection(self) -> FloatArray:
        """P itself, shape (k, k)."""
        root = np.sqrt(self.weights)
        inner = np.eye(root.size) - self.basis @ self.basis.T
        return np.asarray(root[:, np.newaxis] * inner * root, dtype=np.float64)


def weighted_fit(y: FloatArray, v: FloatArray, X: FloatArray, tau_squared: float) -> WeightedFit:
    """Fit y = X beta by weighted least squares, through QR with one step of refinement.

    Raises
    ------
    NotEstimableError
        If a column of X is a linear combination of those before it.
    """
    weights = 1 / (v + tau_squared)
    root = np.sqrt(weights)
    Z = root[:, np.newaxis] * X
    length = np.linalg.norm(Z, axis=0)
    if not np.all(length > 0):
        raise NotEstimableError(tell("a moderator is zero in every trial"))
    Q, R = linalg.qr(Z / length, mode="economic")
    if X.shape[0] < X.shape[1] or np.any(np.abs(np.diag(R)) <= DEPENDENCE_TOLERANCE):
        raise NotEstimableError(
            tell(
                "{k} trials do not determine {p} coefficients: a moderator is a "
                "linear combination of the others or the same in every trial",
                k=X.shape[0],
                p=X.shape[1],
            )
        )
    beta = linalg.solve_triangular(R, Q.T @ (root * y)) / length
    beta = beta + linalg.solve_triangular(R, Q.T @ (root * (y - X @ beta))) / length
    residual = y - X @ beta
    if np.all(np.abs(residual) <= ROUNDING * np.max(np.abs(y), initial=0.0)):
        residual = np.zeros_like(residual)
    R_inverse = linalg.solve_triangular(R, np.eye(X.shape[1])) / length[:, np.newaxis]
    return WeightedFit(
        weights=weights,
        residual=residual,
        leverage=np.sum(Q**2, axis=1),
        beta=beta,
        unscaled=R_inverse @ R_inverse.T,
        basis=Q,
        log_determinant=2 * float(np.sum(np.log(np.abs(np.diag(R)) * length))),
    )


def log_likelihood(
    y: FloatArray, v: FloatArray, X: FloatArray, tau_squared: float, *, restricted: bool
) -> float:
    """Return the log-likelihood at tau squared, all constants included.

    The restricted one is that of k - p error contrasts, with log |X'X| / 2 added, as R's
    metafor and lme4 do.
    """
    fit = weighted_fit(y, v, X, tau_squared)
    value = float(np.sum(np.log(fit.weights))) / 2 - fit.q / 2
    if not restricted:
        return value - y.size / 2 * log(2 * pi)
    plain = weighted_fit(y, np.ones_like(v), X, 0.0).log_determinant
    return value - residual_df(X) / 2 * log(2 * pi) + (plain - fit.log_determinant) / 2


def residual_df(X: FloatArray) -> int:
    """Return the trials less the coefficients, k - p."""
    return int(X.shape[0]) - int(X.shape[1])


def hedges(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return the unweighted moment estimate (Hedges and Olkin 1985)."""
    plain = weighted_fit(y, np.ones_like(v), X, 0.0)
    return (plain.q - float(v @ (1 - plain.leverage))) / residual_df(X)


def dersimonian_laird(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return the moment estimate with weights 1 / v (DerSimonian and Laird 1986)."""
    fit = weighted_fit(y, v, X, 0.0)
    return (fit.q - residual_df(X)) / fit.trace


def hunter_schmidt(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return (Q - k) / sum of the weights (Schmidt and Hunter 2015); biased downwards."""
    fit = weighted_fit(y, v, X, 0.0)
    return (fit.q - y.size) / float(np.sum(fit.weights))


def sidik_jonkman(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return Sidik and Jonkman's (2005) estimate; positive unless all estimates are equal."""
    start = sidik_jonkman_start(y)
    if start == 0:
        return 0.0
    return start * weighted_fit(y, v, X, start).q / residual_df(X)


def sidik_jonkman_start(y: FloatArray) -> float:
    """Return the crude variance of the estimates, divisor k; 0 where they are equal."""
    plain = weighted_fit(y, np.ones_like(y), np.ones((y.size, 1)), 0.0)
    return plain.q / y.size


def paule_mandel(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return the tau squared at which Q equals its expectation k - p (Paule and Mandel 1982).

    Q falls with tau squared, so the root is the only one; Morris's empirical Bayes
    estimate solves the same equation.
    """
    return q_root(y, v, X, float(residual_df(X)))


def q_root(y: FloatArray, v: FloatArray, X: FloatArray, target: float) -> float:
    """Return the tau squared at which Q equals ``target``; 0 where Q is never so large."""

    def excess(tau_squared: float) -> float:
        return weighted_fit(y, v, X, tau_squared).q - target

    if excess(0.0) <= 0:
        return 0.0
    # Q <= residual sum of squares / tau squared.
    high = weighted_fit(y, np.ones_like(v), X, 0.0).q / target
    return find_root(excess, 0.0, 2 * high)


def maximum_likelihood(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return the maximum of the likelihood over tau squared >= 0."""
    return likelihood_maximum(y, v, X, restricted=False)


def restricted_maximum_likelihood(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return the maximum of the restricted likelihood over tau squared >= 0."""
    return likelihood_maximum(y, v, X, restricted=True)


def likelihood_maximum(y: FloatArray, v: FloatArray, X: FloatArray, *, restricted: bool) -> float:
    """Return the highest of the maxima that a scan of the score finds.

    The likelihood of tau squared can have two maxima, one of them at 0; an iteration that
    climbs from one start would find either. Each change of the score's sign is therefore
    bracketed on a logarithmic grid and solved to machine precision.
    """

    def score(tau_squared: float) -> float:
        fit = weighted_fit(y, v, X, tau_squared)
        pulled = fit.trace if restricted else float(np.sum(fit.weights))
        return float(fit.weights**2 @ fit.residual**2) - pulled

    spread = weighted_fit(y, np.ones_like(v), X, 0.0).q
    spread /= residual_df(X) if restricted else y.size
    if spread == 0:
        return 0.0
    # Beyond this value the score is negative, whatever the variances.
    high = (spread + sqrt(spread**2 + 4 * spread * float(np.max(v)))) / 2
    low = min(float(np.min(v)), high) * 1e-6
    grid = np.concatenate([[0.0], np.geomspace(low, 1.01 * high, GRID)])
    signs = scores(y, v, X, grid, restricted=restricted) > 0
    rises = np.flatnonzero(signs[:-1] & ~signs[1:])
    maxima = [find_root(score, float(grid[i]), float(grid[i + 1])) for i in rises]
    if not signs[0]:
        maxima.append(0.0)
    return max(maxima, key=lambda t: log_likelihood(y, v, X, t, restricted=restricted))


def scores(
    y: FloatArray, v: FloatArray, X: FloatArray, grid: FloatArray, *, restricted: bool
) -> FloatArray:
    """Return the score of tau squared (twice the slope of the likelihood) on a grid at once."""
    weights = 1 / (v + grid[:, np.newaxis])
    root = np.sqrt(weights)
    Q = np.linalg.qr(root[:, :, np.newaxis] * X)[0]
    z = root * y
    residual = z - np.einsum("gkp,gp->gk", Q, np.einsum("gkp,gk->gp", Q, z))
    pulled = weights * (1 - np.sum(Q**2, axis=2)) if restricted else weights
    return np.asarray(np.sum(weights * residual**2 - pulled, axis=1), dtype=np.float64)


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a falling function between two values, by Brent's method.

    Where rounding puts an end on the other side of the root, that end is the root.

    Raises
    ------
    NotEstimableError
        If the method does not settle.
    """
    if function(low) <= 0 or function(high) >= 0:
        return low if function(low) <= 0 else high
    try:
        root = optimize.brentq(
            function, low, high, xtol=1e-300, rtol=RELATIVE_TOLERANCE, maxiter=500
        )
    except (ValueError, RuntimeError) as error:
        raise NotEstimableError(
            tell("the variance between trials was not found: {error}", error=str(error))
        ) from error
    return float(root)


def no_heterogeneity(_y: FloatArray, _v: FloatArray, _X: FloatArray) -> float:
    """Return 0: every trial estimates the same effect."""
    return 0.0


ESTIMATORS: Mapping[str, Callable[[FloatArray, FloatArray, FloatArray], float]] = {
    "equal_effects": no_heterogeneity,
    "dersimonian_laird": dersimonian_laird,
    "restricted_maximum_likelihood": restricted_maximum_likelihood,
    "paule_mandel": paule_mandel,
    "maximum_likelihood": maximum_likelihood,
    "hedges": hedges,
    "hunter_schmidt": hunter_schmidt,
    "sidik_jonkman": sidik_jonkman,
    "empirical_bayes": paule_mandel,
}


def estimate_tau_squared(y: FloatArray, v: FloatArray, X: FloatArray, *, estimator: str) -> float:
    """Estimate the variance between trials; a negative estimate becomes 0.

    Parameters
    ----------
    y, v : array, shape (k,)
        Estimates and their sampling variances, all positive.
    X : array, shape (k, p)
        An intercept, and moderators if there are any; k > p.
    estimator : str
        A key of ``ESTIMATORS``.

    Returns
    -------
    float
        In squared units of y.
    """
    # In units of the mean sampling variance, so that the scale of y never matters.
    unit = float(np.mean(v))
    return max(0.0, ESTIMATORS[estimator](y / sqrt(unit), v / unit, X)) * unit


def tau_squared_std_error(
    y: FloatArray, v: FloatArray, X: FloatArray, *, estimator: str, tau_squared: float
) -> float:
    """Return the standard error of tau squared, from the estimator's own large-sample variance.

    Moment estimators: the variance of a quadratic form of normal errors (metafor's forms;
    Viechtbauer 2005, J Educ Behav Stat 30:261-293). Likelihoods: the expected information.
    """
    if estimator == "equal_effects":
        return nan
    df = residual_df(X)
    at_zero = weighted_fit(y, v, X, 0.0)
    at_estimate = weighted_fit(y, v, X, tau_squared)
    if estimator == "maximum_likelihood":
        return sqrt(2 / float(np.sum(at_estimate.weights**2)))
    if estimator == "restricted_maximum_likelihood":
        return sqrt(2 / float(np.sum(at_estimate.projection**2)))
    if estimator in {"paule_mandel", "empirical_bayes"}:
        return sqrt(2 * y.size**2 / df) / float(np.sum(at_estimate.weights))
    if estimator == "hedges":
        plain = weighted_fit(y, np.ones_like(v), X, 0.0).projection
        return quadratic_form_std_error(plain, v, tau_squared) / df
    if estimator == "sidik_jonkman":
        start = sidik_jonkman_start(y)
        P = weighted_fit(y, v, X, start).projection
        return start * quadratic_form_std_error(P, v, tau_squared) / df
    divisor = at_zero.trace if estimator == "dersimonian_laird" else float(np.sum(1 / v))
    return quadratic_form_std_error(at_zero.projection, v, tau_squared) / divisor


def quadratic_form_std_error(P: FloatArray, v: FloatArray, tau_squared: float) -> float:
    """Return the standard deviation of y'Py for normal y with variances v + tau squared."""
    PV = P * (v + tau_squared)
    return sqrt(2 * float(np.sum(PV * PV.T)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a variance; ``empty`` where both lie below 0 and are given as 0."""

    low: float
    high: float
    empty: bool = False


def q_profile(y: FloatArray, v: FloatArray, X: FloatArray, *, conf_level: float) -> Limits:
    """Return the values of tau squared that Q, a chi-square on k - p df, does not reject.

    The interval is exact for normal estimates with known variances, whichever estimator
    is used; it is not symmetric about the estimate and need not contain it.

    References
    ----------
    Viechtbauer W (2007). Stat Med 26:37-52.
    """
    df = residual_df(X)
    if df < 1:
        return Limits(low=nan, high=nan)
    unit = float(np.mean(v))
    tail = (1 - conf_level) / 2
    low, high = (
        q_root(y / sqrt(unit), v / unit, X, float(target)) * unit
        for target in (stats.chi2.isf(tail, df), stats.chi2.ppf(tail, df))
    )
    return Limits(low=low, high=high, empty=high == 0)


def typical_variance(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """Return (k - p) / trace(P): the sampling variance that I squared compares with."""
    return residual_df(X) / weighted_fit(y, v, X, 0.0).trace


def i_squared(tau_squared: float, typical: float) -> float:
    """Return the percentage of the total variance that lies between trials.

    Higgins JPT, Thompson SG (2002). Stat Med 21:1539-1558, equation 9.
    """
    return 100.0 if tau_squared == inf else 100 * tau_squared / (tau_squared + typical)


def h_squared(tau_squared: float, typical: float) -> float:
    """Return the total variance over the sampling variance."""
    return tau_squared / typical + 1
