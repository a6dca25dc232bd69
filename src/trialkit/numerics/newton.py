"""Maximum likelihood by Newton's steps, with profile-likelihood limits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray

MOST_STEPS = 200
MOST_HALVINGS = 60
# Newton's decrement (the distance to the maximum in standard errors) at which to stop;
# the step taken from there squares it.
CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalLikelihood:
    """A log-likelihood at one point.

    Attributes
    ----------
    value : float
        The log-likelihood; minus infinity outside of its domain.
    gradient : array, shape (k,)
    information : array, shape (k, k)
        Minus the matrix of second derivatives.
    """

    value: float
    gradient: FloatArray
    information: FloatArray


LogLikelihood = Callable[[FloatArray], LocalLikelihood]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where a log-likelihood is largest.

    Attributes
    ----------
    at : array, shape (k,)
    local : LocalLikelihood
        Value, gradient and information there.
    steps : int
        Newton's steps taken.
    converged : bool
        Whether the last step was shorter than a billionth of a standard error.
    """

    at: FloatArray
    local: LocalLikelihood
    steps: int
    converged: bool


def maximise(likelihood: LogLikelihood, start: FloatArray) -> Maximum:
    """Climb a concave log-likelihood by Newton's steps, halved where they do not climb.

    Stops where the distance to go is a billionth of a standard error, one step further.
    The caller decides what it means if that never happens (``converged`` is False).

    Parameters
    ----------
    likelihood : function of an array of shape (k,)
    start : array, shape (k,)
        A point of the domain.
    """
    at = np.asarray(start, dtype=np.float64)
    local = likelihood(at)
    for steps in range(1, MOST_STEPS + 1):
        step = newton_step(local)
        if step is None:
            return Maximum(at=at, local=local, steps=steps, converged=False)
        decrement = max(float(step @ local.gradient), 0.0) ** 0.5
        moved, there = climb(likelihood, at, step, local)
        if decrement <= CLOSE_ENOUGH:
            # The last step only sharpens: keep it unless rounding made it worse.
            if steepest(there) <= steepest(local):
                at, local = moved, there
            return Maximum(at=at, local=local, steps=steps, converged=True)
        if there is local:
            return Maximum(at=at, local=local, steps=steps, converged=False)
        at, local = moved, there
    return Maximum(at=at, local=local, steps=MOST_STEPS, converged=False)


def steepest(local: LocalLikelihood) -> float:
    """Return the largest slope."""
    return float(np.max(np.abs(local.gradient), initial=0.0))


def newton_step(local: LocalLikelihood) -> FloatArray | None:
    """Return the step to the top of the local parabola, or None where it has none."""
    if local.gradient.size == 0:
        return local.gradient
    try:
        factor = linalg.cho_factor(local.information)
    except (linalg.LinAlgError, ValueError):
        return None
    return np.asarray(linalg.cho_solve(factor, local.gradient), dtype=np.float64)


def climb(
    likelihood: LogLikelihood, at: FloatArray, step: FloatArray, local: LocalLikelihood
) -> tuple[FloatArray, LocalLikelihood]:
    """Take a step, halved until the log-likelihood does not fall by more than rounding."""
    slack = 1e-12 * (1 + abs(local.value))
    for _ in range(MOST_HALVINGS):
        there = likelihood(at + step)
        if there.value >= local.value - slack:
            return at + step, there
        step = step / 2
    return at, local


def covariance(maximum: Maximum) -> FloatArray:
    """Return the inverse of the observed information."""
    k = len(maximum.at)
    return np.asarray(linalg.cho_solve(linalg.cho_factor(maximum.local.information), np.eye(k)))


def restricted(likelihood: LogLikelihood, fixed: int, value: float) -> LogLikelihood:
    """Return the log-likelihood of the other parameters, one being held at a value."""

    def others(at: FloatArray) -> LocalLikelihood:
        local = likelihood(np.insert(at, fixed, value))
        return LocalLikelihood(
            value=local.value,
            gradient=np.delete(local.gradient, fixed),
            information=np.delete(np.delete(local.information, fixed, 0), fixed, 1),
        )

    return others


def profile_deviance(
    likelihood: LogLikelihood, maximum: Maximum, parameter: int, value: float
) -> float:
    """Return twice the log-likelihood lost by holding one parameter at a value.

    Raises
    ------
    NotEstimableError
        If the others cannot be fitted beside that value.
    """
    start = conditional_start(maximum, parameter, value)
    held = restricted(likelihood, parameter, value)
    # A point carried along the ridge may leave the domain of ordered thresholds.
    if not np.isfinite(held(start).value):
        start = np.delete(maximum.at, parameter)
    constrained = maximise(held, start)
    if not constrained.converged:
        raise NotEstimableError(
            tell(
                "the likelihood has no maximum once a coefficient is held, so there is no profile "
                "interval or likelihood-ratio test; ask for the Wald interval"
            )
        )
    return max(2 * (maximum.local.value - constrained.local.value), 0.0)


def conditional_start(maximum: Maximum, parameter: int, value: float) -> FloatArray:
    """Return the other parameters where the local parabola is highest beside a held value."""
    information = np.delete(maximum.local.information, parameter, 0)
    column = information[:, parameter]
    rest = np.delete(information, parameter, 1)
    others = np.delete(maximum.at, parameter)
    if others.size == 0:
        return others
    shift = linalg.solve(rest, column, assume_a="pos") * (value - maximum.at[parameter])
    return np.asarray(others - shift, dtype=np.float64)


def profile_limits(
    likelihood: LogLikelihood, maximum: Maximum, parameter: int, *, conf_level: float
) -> tuple[float, float]:
    """Return the values of one parameter at which the deviance rises by a chi-square quantile.

    Both limits are roots to about 1e-13 of a standard error, not points of an interpolated
    profile.

    Raises
    ------
    NotEstimableError
        If the profile never rises that far.

    References
    ----------
    Venzon DJ, Moolgavkar SH (1988). Appl Statist 37:87-94.
    """
    rise = float(stats.chi2.isf(1 - conf_level, 1))
    std_error = float(np.sqrt(covariance(maximum)[parameter, parameter]))
    estimate = float(maximum.at[parameter])

    def excess(value: float) -> float:
        return profile_deviance(likelihood, maximum, parameter, value) - rise

    ends = []
    for side in (-1.0, 1.0):
        near, reach = estimate, np.sqrt(rise) * std_error
        while excess(estimate + side * reach) < 0:
            near, reach = estimate + side * reach, 1.5 * reach
            if reach > 1e4 * std_error:
                raise NotEstimableError(
                    tell(
                        "the profile likelihood never falls far enough to give a limit; ask for "
                        "the Wald interval"
                    )
                )
        bracket = sorted((near, estimate + side * reach))
        ends.append(float(optimize.brentq(excess, *bracket, xtol=1e-14 * (1 + abs(estimate)))))
    return ends[0], ends[1]
