"""The highest maximum of a likelihood that may have several, or none."""

from dataclasses import replace

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.covariance_structures import (
    CovarianceStructure,
    DirectSum,
    Scaled,
    Unstructured,
)
from trialkit.numerics.mixed_likelihood import V_BY_PATTERN
from trialkit.numerics.mixed_optimum import (
    DEGENERATE,
    SINGULAR,
    Optimum,
    correlation_eigenvalue,
    maximise,
)
from trialkit.numerics.subject_blocks import Blocks

# Subjects who share two visits, per visit, below which data are thin.
FEW_SUBJECTS = 3
# Distance of the moments from a pattern from which it fits badly.
FAR = 0.2
# Correlations of neighbours with which a search starts, and further random matrices.
NEIGHBOURS = (0.9, 0.5, -0.6)
RANDOM_STARTS = 10
SEED = 20260
MOST_ROUNDS = 6
# What is left of the correlations of a maximum when the search starts again from there.
LEFT = 0.7
# A log-likelihood higher by less than this is the same maximum.
SAME = 1e-7


def search(
    blocks: Blocks, structure: CovarianceStructure, moments: FloatArray, *, reml: bool
) -> Optimum:
    """Climb from the moments; from many starts where one may not be enough.

    More starts are taken, by a rule that looks at the data alone, where fewer than three
    subjects a visit share some two visits, where a pattern of correlations is far from
    the moments, and where the climb from the moments fails. A climb to a singular matrix that
    passes every maximum shows that the likelihood has none.

    Parameters
    ----------
    blocks : Blocks
    structure : CovarianceStructure
    moments : array, shape (b, t, t)
    reml : bool

    Raises
    ------
    NotEstimableError
        If a covariance is free that no subject's records bear on.
    """
    require_determined(blocks, structure, moments)
    optimum = maximise(blocks, structure, structure.start(moments), reml=reml)
    optimum = singular_marked(blocks, structure, optimum)
    if not isinstance(structure, Unstructured | Scaled | DirectSum):
        return optimum
    doubtful = thin(blocks) | misfitting(structure, moments) | ~optimum.converged
    for trial in np.flatnonzero(doubtful & selects_visits(blocks)):
        optimum = best_of_many(blocks, structure, moments[trial], optimum, int(trial), reml=reml)
    return optimum


def selects_visits(blocks: Blocks) -> bool:
    """Return whether every record has one visit's variance (no random effects)."""
    M = blocks.incidence
    return bool(np.all((M == 0) | (M == 1)) and np.all(M.sum(axis=-1) <= 1))


def people_by_pair(blocks: Blocks) -> FloatArray:
    """Return how many subjects have both of each two visits, shape (b, t, t)."""
    seen = np.asarray(blocks.incidence.any(axis=1))
    both = seen[:, :, np.newaxis] & seen[:, np.newaxis, :]
    return np.asarray(np.tensordot(blocks.counts, both, axes=1))


def thin(blocks: Blocks) -> BoolArray:
    """Return whether fewer than ``FEW_SUBJECTS`` subjects a visit share some two visits."""
    people = people_by_pair(blocks)
    fewest = np.where(people > 0, people, np.inf).min(axis=(1, 2))
    visits = int(blocks.incidence.any(axis=-1).sum(axis=-1).max())
    return np.asarray(fewest < FEW_SUBJECTS * visits)


def misfitting(structure: CovarianceStructure, moments: FloatArray) -> BoolArray:
    """Return whether moments are far from every matrix of a pattern of correlations.

    The root mean square of the differences, in units of the larger of the two variances.
    """
    if isinstance(structure, DirectSum):
        parts = [
            misfitting(part, moments[:, rows, rows])
            for part, rows in zip(structure.parts, structure.rows, strict=True)
        ]
        return np.asarray(np.any(parts, axis=0))
    if not isinstance(structure, Scaled):
        return np.zeros(len(moments), dtype=bool)
    Sigma = structure.covariance(structure.start(moments))
    variances = [np.diagonal(each, axis1=1, axis2=2) for each in (Sigma, moments)]
    spread = np.sqrt(np.maximum(*variances))
    apart = (Sigma - moments) / spread[:, :, np.newaxis] / spread[:, np.newaxis, :]
    return np.asarray((apart**2).mean(axis=(1, 2)) > FAR**2)


def best_of_many(
    blocks: Blocks,
    structure: CovarianceStructure,
    moments: FloatArray,
    optimum: Optimum,
    trial: int,
    *,
    reml: bool,
) -> Optimum:
    """Return the optimum with one trial's end replaced by the best of many climbs.

    After the starts, each round climbs from matrices around the best maximum, until a round
    brings nothing.
    """
    starts = structure.start(several_starts(moments))
    if optimum.converged[trial]:
        starts = np.concatenate([starts, around(structure, optimum.point[[trial]])])
    for _ in range(MOST_ROUNDS):
        copies = blocks.trials(np.full(len(starts), trial))
        climbs = maximise(copies, structure, starts, reml=reml)
        climbs = singular_marked(copies, structure, climbs)
        best = best_climb(climbs)
        if not better(climbs, best, optimum, trial):
            break
        optimum = optimum.replaced(trial, climbs, best)
        if not optimum.converged[trial]:
            break
        starts = around(structure, optimum.point[[trial]])
    return optimum


def best_climb(climbs: Optimum) -> int:
    """Return the highest maximum, or a climb to a singular matrix that passes it."""
    usable = climbs.converged | (climbs.reason == DEGENERATE)
    return int(np.argmin(np.where(usable & np.isfinite(climbs.value), climbs.value, np.inf)))


def better(climbs: Optimum, best: int, optimum: Optimum, trial: int) -> bool:
    """Return whether a climb ends higher than what is known, or as high and at a maximum."""
    here, there = optimum.value[trial], climbs.value[best]
    same = SAME * (1 + abs(here))
    won = climbs.converged[best] and not optimum.converged[trial] and there <= here + same
    higher = there < here - same and (climbs.converged[best] or degenerate(climbs, best))
    return bool(won or higher)


def degenerate(optimum: Optimum, trial: int) -> bool:
    """Return whether a climb went to a singular matrix."""
    return bool(optimum.reason[trial] == DEGENERATE)


def several_starts(moments: FloatArray) -> FloatArray:
    """Return covariance matrices with the moments' variances to start from, shape (s, t, t)."""
    t = len(moments)
    scale = products_of_spreads(moments)
    visits = np.arange(t)
    apart = np.abs(visits[:, np.newaxis] - visits)
    correlations = [
        np.eye(t),
        (moments / scale + np.eye(t)) / 2,
        *(rho**apart for rho in NEIGHBOURS),
        *random_correlations(t),
    ]
    return np.asarray(scale * np.array(correlations))


def products_of_spreads(Sigma: FloatArray) -> FloatArray:
    """Return the products of each two standard deviations, shape (t, t)."""
    spread = np.sqrt(np.maximum(np.diagonal(Sigma), np.finfo(np.float64).tiny))
    return np.asarray(spread[:, np.newaxis] * spread)


def random_correlations(t: int) -> FloatArray:
    """Return the same few correlation matrices for every trial of t visits."""
    factors = np.random.default_rng(SEED).standard_normal((RANDOM_STARTS, t, t + 2))
    products = factors @ np.swapaxes(factors, 1, 2)
    length = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    return np.asarray(products / length[:, :, np.newaxis] / length[:, np.newaxis, :])


def around(structure: CovarianceStructure, point: FloatArray) -> FloatArray:
    """Return points that differ from one much, shape (s, w).

    One correlation has its sign changed, or all are averaged with ``random_correlations``.
    """
    Sigma = structure.covariance(point)[0]
    mixed = (Sigma + products_of_spreads(Sigma) * random_correlations(len(Sigma))) / 2
    return np.concatenate([turned(structure, point), structure.start(mixed)])


def turned(structure: CovarianceStructure, point: FloatArray) -> FloatArray:
    """Return points with correlations shrunk and one turned round, shape (s, w).

    One parameter of a pattern; without a pattern, all correlations across one gap between
    visits.
    """
    if isinstance(structure, DirectSum):
        own = [
            (width, turned(part, point[:, width]))
            for part, width in zip(structure.parts, structure.widths, strict=True)
        ]
        whole = np.repeat(point, sum(len(points) for _, points in own), axis=0)
        first = 0
        for width, points in own:
            whole[first : first + len(points), width] = points
            first += len(points)
        return whole
    if isinstance(structure, Scaled):
        v, c = structure.n_variances, structure.correlation.n_parameters
        signs = 1 - 2 * np.eye(c) if structure.correlation.motion != "factor" else np.ones((1, c))
        correlations = structure.inside(LEFT * signs * point[:, v:])
        variances = np.broadcast_to(point[:, :v], (len(correlations), v))
        return np.concatenate([variances, correlations], axis=1)
    Sigma = structure.covariance(point)[0]
    visits = np.arange(len(Sigma))
    side = np.where(visits > visits[:-1, np.newaxis], -1.0, 1.0)
    signs = side[:, :, np.newaxis] * side[:, np.newaxis, :]
    return structure.start(LEFT * Sigma * signs + (1 - LEFT) * np.diag(np.diag(Sigma)))


def singular_marked(blocks: Blocks, structure: CovarianceStructure, optimum: Optimum) -> Optimum:
    """Return the optimum with trials whose covariance matrix is singular not converged.

    The records of no subject need show it: a matrix that is only bounded by being one, where
    few subjects share visits, ends on that bound.
    """
    Sigma = structure.covariance(optimum.point)
    if Sigma.ndim == V_BY_PATTERN or not selects_visits(blocks):
        return optimum
    singular = correlation_eigenvalue(Sigma) < SINGULAR
    if not singular.any():
        return optimum
    return replace(optimum, reason=np.where(singular, DEGENERATE, optimum.reason))


def require_determined(blocks: Blocks, structure: CovarianceStructure, moments: FloatArray) -> None:
    """Raise if some parameter moves only covariances of visits that no subject shares."""
    people = people_by_pair(blocks)
    if np.all(people > 0) or not selects_visits(blocks):
        return
    point = structure.start(np.broadcast_to(np.eye(structure.size), moments.shape))
    first = structure.local(point).first
    if first.ndim == V_BY_PATTERN + 1:
        return
    for shared, moved in zip(people > 0, first, strict=True):
        flat = (moved * shared).reshape(len(moved), -1)
        if np.linalg.matrix_rank(flat) == len(flat):
            continue
        free = np.any(moved != 0, axis=0) & ~shared
        one, other = np.argwhere(np.triu(free))[0] + 1
        raise NotEstimableError(
            f"covariance: no subject has records at both visit {one} and visit {other} (in "
            "order), so their covariance is not determined; choose a covariance with fewer "
            "parameters"
        )
