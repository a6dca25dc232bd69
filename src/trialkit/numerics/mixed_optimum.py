"""Safeguarded Newton steps to the maximum of the likelihood, for many trials at once."""

from dataclasses import dataclass

import numpy as np

from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.covariance_structures import CovarianceStructure
from trialkit.numerics.mixed_likelihood import (
    Derivatives,
    Likelihood,
    derivatives,
    likelihood,
)
from trialkit.numerics.subject_blocks import Blocks

MOST_ITERATIONS = 150
MOST_HALVINGS = 40
# Longest step in a log variance or a correlation.
LONGEST_STEP = 1.0
# g' H^-1 g is twice what the log-likelihood can still gain. The first value ends the search;
# from the second on, it ends when a step brings nothing more.
ENOUGH = 1e-22
NEARLY = 1e-12
# Share of the predicted gain that a step must bring, and the rounding of a likelihood.
SUFFICIENT = 1e-4
ROUNDING = 1e-13
# Eigenvalues of a Hessian below this share of the largest are taken as this share.
FLAT = 1e-8


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
        Largest entry of the gradient of the log-likelihood in the working parameters.
    iterations : array, shape (b,)
    converged : array, shape (b,)
    """

    point: FloatArray
    value: FloatArray
    start_value: FloatArray
    decrement: FloatArray
    gradient_norm: FloatArray
    iterations: FloatArray
    converged: BoolArray


def maximise(
    blocks: Blocks, structure: CovarianceStructure, start: FloatArray, *, reml: bool
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

    References
    ----------
    Nocedal J, Wright SJ (2006). Numerical Optimization, 2nd ed., chapters 3 and 6.
    """
    trials = len(start)
    point = start.copy()
    value, decrement = np.full(trials, np.inf), np.full(trials, np.inf)
    norm, iterations = np.full(trials, np.inf), np.zeros(trials)
    converged, active = np.zeros(trials, dtype=bool), np.arange(trials)
    here_blocks = blocks
    at = likelihood(blocks, structure.covariance(point), reml=reml)
    value[:] = at.value
    start_value = value.copy()
    for _ in range(MOST_ITERATIONS):
        slopes = derivatives(here_blocks, at, structure.local(point[active]), reml=reml)
        step, gain, convex = newton_step(slopes)
        norm[active] = np.abs(slopes.gradient).max(axis=1)
        stalled = (gain <= NEARLY) & (gain > decrement[active] / 4)
        done = convex & ((gain <= ENOUGH) | stalled)
        decrement[active] = gain
        converged[active[done]] = True
        iterations[active[~done]] += 1
        going = ~done & np.isfinite(at.value)
        if not going.any():
            break
        if not going.all():
            active, step, gain = active[going], step[going], gain[going]
            here_blocks, at = here_blocks.trials(going), at.trials(going)
        moved, at, rose = line_search(
            here_blocks, structure, point[active], step, gain, at, reml=reml
        )
        point[active], value[active] = moved, at.value
        if not rose.all():
            active, here_blocks, at = active[rose], here_blocks.trials(rose), at.trials(rose)
            if not rose.any():
                break
    return Optimum(
        point=point,
        value=value,
        start_value=start_value,
        decrement=decrement,
        gradient_norm=norm,
        iterations=iterations,
        converged=converged,
    )


def newton_step(slopes: Derivatives) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the step, twice the gain that it promises, and whether the Hessian is convex."""
    values, vectors = np.linalg.eigh(slopes.hessian)
    largest = np.abs(values).max(axis=1, keepdims=True)
    convex = values[:, 0] > 0
    curvature = np.maximum(np.abs(values), FLAT * largest)
    along = (np.swapaxes(vectors, 1, 2) @ slopes.gradient[..., np.newaxis])[..., 0]
    step = -(vectors @ (along / curvature)[..., np.newaxis])[..., 0]
    gain = (along**2 / curvature).sum(axis=1)
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
