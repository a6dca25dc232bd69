"""Safeguarded Newton steps to the maximum of the likelihood, for many trials at once."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from trialkit.language.told import tell
from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.covariance_structures import CovarianceStructure
from trialkit.numerics.mixed_likelihood import (
    V_BY_PATTERN,
    Derivatives,
    Likelihood,
    derivatives,
    likelihood,
)
from trialkit.numerics.subject_blocks import Blocks

WordArray = NDArray[np.str_]

MOST_ITERATIONS = 150
MOST_HALVINGS = 40
# Longest step in a log variance or the inverse hyperbolic tangent of a correlation.
LONGEST_STEP = 1.0
# g' H^-1 g is twice what the log-likelihood can still gain. The first value ends the search;
# from the second on, it ends when a step brings nothing more.
ENOUGH = 1e-22
NEARLY = 1e-12
# Share of the predicted gain that a step must bring, and the rounding of a likelihood.
SUFFICIENT = 1e-4
ROUNDING = 1e-13
# Eigenvalues of a Hessian of unit diagonal below this share of the largest are none.
FLAT = 1e-13
# Smallest eigenvalue that a correlation matrix may have, and from which step on it is looked at.
SINGULAR = 1e-10
WATCHED_FROM = 12
# Standard deviation of a record, as a share of the largest, below which it is none.
NO_SPREAD = 1e-12
# Why a search ended.
CONVERGED = tell("gradient below tolerance")
STUCK = tell("no step raises the likelihood")
DEGENERATE = tell("covariance matrix becomes singular")
EXHAUSTED = tell("iterations exhausted")
VANISHED = tell("variance of a visit becomes zero")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimum:
    """Where the search ended, for each trial.

    Attributes
    ----------
    point : array, shape (b, w)
        Of the covariance structure.
    value : array, shape (b,)
        Minus the log-likelihood.
    start_value : array, shape (b,)
    decrement : array, shape (b,)
        g' H^-1 g: twice what one more Newton step promises.
    gradient_norm : array, shape (b,)
        Largest entry of the gradient of the log-likelihood, each working parameter in units
        of its standard error given the others.
    iterations : array, shape (b,)
    reason : array of str, shape (b,)
        Why the search ended.
    """

    point: FloatArray
    value: FloatArray
    start_value: FloatArray
    decrement: FloatArray
    gradient_norm: FloatArray
    iterations: FloatArray
    reason: WordArray

    @property
    def converged(self) -> BoolArray:
        """Whether each search ended at a maximum."""
        return np.asarray(self.reason == CONVERGED)

    def trials(self, chosen: IntArray) -> "Optimum":
        """Return the ends of some of the trials."""
        return Optimum(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})

    def replaced(self, trial: int, other: "Optimum", chosen: int) -> "Optimum":
        """Return this optimum with one trial's end taken from another search."""
        changed = {}
        for field in fields(self):
            values = getattr(self, field.name).copy()
            values[trial] = getattr(other, field.name)[chosen]
            changed[field.name] = values
        return Optimum(**changed)


def maximise(
    blocks: Blocks,
    structure: CovarianceStructure,
    start: FloatArray,
    *,
    reml: bool,
    iterations_allowed: int = MOST_ITERATIONS,
) -> Optimum:
    """Climb from a start to a maximum of the likelihood.

    Each step is Newton's with the exact Hessian, whose negative eigenvalues are turned round,
    cut to a longest step and halved until the likelihood rises enough.

    Parameters
    ----------
    blocks : Blocks
    structure : CovarianceStructure
    start : array, shape (b, w)
    reml : bool
    iterations_allowed : int

    References
    ----------
    Nocedal J, Wright SJ (2006). Numerical Optimization, 2nd ed., chapters 3 and 6.
    """
    trials = len(start)
    point = start.copy()
    decrement, norm = np.full(trials, np.inf), np.full(trials, np.inf)
    iterations, active = np.zeros(trials), np.arange(trials)
    reason = np.full(trials, EXHAUSTED, dtype="<U40")
    here = blocks
    at = likelihood(blocks, structure.covariance(point), reml=reml)
    value = at.value.copy()
    start_value = value.copy()
    for iteration in range(iterations_allowed):
        slopes = derivatives(here, at, structure.local(point[active]), reml=reml)
        step, gain, convex = newton_step(slopes)
        norm[active] = np.abs(slopes.gradient / units(slopes.hessian)).max(axis=1)
        stalled = (gain <= NEARLY) & (gain > decrement[active] / 4)
        done = convex & ((gain <= ENOUGH) | stalled)
        decrement[active] = gain
        reason[active[done]] = CONVERGED
        ends = np.where(np.isfinite(at.value), "", DEGENERATE)
        if iteration >= WATCHED_FROM:
            border = border_reasons(here, structure.covariance(point[active]))
            ends = np.where(done | (ends != ""), ends, border)
        lost = ends != ""
        reason[active[lost]] = ends[lost]
        iterations[active[~done]] += 1
        going = ~done & ~lost
        if not going.any():
            break
        if not going.all():
            active, step, gain = active[going], step[going], gain[going]
            here, at = here.trials(going), at.trials(going)
        moved, at, rose = line_search(here, structure, point[active], step, gain, at, reml=reml)
        point[active], value[active] = moved, at.value
        if not rose.all():
            reason[active[~rose]] = STUCK
            active, here, at = active[rose], here.trials(rose), at.trials(rose)
            if not rose.any():
                break
    return Optimum(
        point=point,
        value=value,
        start_value=start_value,
        decrement=decrement,
        gradient_norm=norm,
        iterations=iterations,
        reason=reason,
    )


def border_reasons(blocks: Blocks, Sigma: FloatArray) -> WordArray:
    """Return why a climb ends on the border of the covariance matrices, or nothing, (b,)."""
    singular = np.where(record_eigenvalue(blocks, Sigma) < SINGULAR, DEGENERATE, "")
    return np.where(record_spread(blocks, Sigma) < NO_SPREAD, VANISHED, singular)


def record_eigenvalue(blocks: Blocks, Sigma: FloatArray) -> FloatArray:
    """Return the smallest eigenvalue of each trial's correlations of records, shape (b,).

    Over the patterns that the trial has.
    """
    M = blocks.incidence
    each = Sigma if Sigma.ndim == V_BY_PATTERN else Sigma[:, np.newaxis]
    smallest = correlation_eigenvalue(M @ each @ np.swapaxes(M, -1, -2) + blocks.absent)
    return np.asarray(np.where(blocks.counts > 0, smallest, 1.0).min(axis=1))


def record_spread(blocks: Blocks, Sigma: FloatArray) -> FloatArray:
    """Return the smallest standard deviation of a record as a share of the largest, (b,)."""
    M = blocks.incidence
    each = Sigma if Sigma.ndim == V_BY_PATTERN else Sigma[:, np.newaxis]
    variances = ((M @ each) * M).sum(axis=-1)
    used = M.any(axis=-1) & (blocks.counts > 0)[..., np.newaxis]
    smallest = np.where(used, variances, np.inf).min(axis=(1, 2))
    return np.asarray(np.sqrt(smallest / np.where(used, variances, 0.0).max(axis=(1, 2))))


def correlation_eigenvalue(V: FloatArray) -> FloatArray:
    """Return the smallest eigenvalue of covariance matrices scaled to correlations."""
    variances = np.diagonal(V, axis1=-2, axis2=-1)
    spread = np.sqrt(np.maximum(variances, np.finfo(np.float64).tiny))
    R = V / spread[..., :, np.newaxis] / spread[..., np.newaxis, :]
    return np.asarray(np.linalg.eigvalsh(R)[..., 0])


def units(hessian: FloatArray) -> FloatArray:
    """Return the roots of the diagonal of the Hessian: of the information, at a maximum."""
    own = np.abs(np.diagonal(hessian, axis1=1, axis2=2))
    return np.asarray(np.sqrt(np.maximum(own, FLAT * own.max(axis=1, keepdims=True))))


def newton_step(slopes: Derivatives) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the step, twice the gain that it promises, and whether the Hessian is convex."""
    unit = units(slopes.hessian)
    scaled = slopes.hessian / unit[:, :, np.newaxis] / unit[:, np.newaxis, :]
    values, vectors = np.linalg.eigh(scaled)
    largest = np.abs(values).max(axis=1, keepdims=True)
    own = np.diagonal(slopes.hessian, axis1=1, axis2=2)
    bent = own.min(axis=1) > FLAT * own.max(axis=1)
    convex = bent & (values[:, 0] > FLAT * largest[:, 0])
    curvature = np.maximum(np.abs(values), FLAT * largest)
    along = (np.swapaxes(vectors, 1, 2) @ (slopes.gradient / unit)[..., np.newaxis])[..., 0]
    # No direction, least of all one in which the likelihood is flat, takes up the whole step.
    reach = np.abs(vectors / unit[:, :, np.newaxis]).max(axis=1)
    lengths = np.clip(along / curvature, -LONGEST_STEP / reach, LONGEST_STEP / reach)
    step = -(vectors @ lengths[..., np.newaxis])[..., 0] / unit
    gain = (along * lengths).sum(axis=1)
    longest = np.abs(step).max(axis=1)
    shortened = np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))
    return step * shortened[:, np.newaxis], gain * shortened, convex


def line_search(
    blocks: Blocks,
    structure: CovarianceStructure,
    point: FloatArray,
    step: FloatArray,
    gain: FloatArray,
    at: Likelihood,
    *,
    reml: bool,
) -> tuple[FloatArray, Likelihood, BoolArray]:
    """Halve steps until the likelihood rises; return points, likelihoods, and who rose."""
    share = np.ones(len(point))
    noise = ROUNDING * (1 + np.abs(at.value))
    for _ in range(MOST_HALVINGS):
        moved = structure.move(point, share[:, np.newaxis] * step)
        there = likelihood(blocks, structure.covariance(moved), reml=reml)
        enough = there.value <= at.value - SUFFICIENT * share * gain + noise
        if enough.all():
            return moved, there, enough
        share = np.where(enough, share, share / 2)
    moved = np.where(enough[:, np.newaxis], moved, point)
    return moved, likelihood(blocks, structure.covariance(moved), reml=reml), enough
