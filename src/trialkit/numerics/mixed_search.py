"""The highest maximum of a likelihood that may have several, or none."""

from dataclasses import replace

import numpy as np

from trialkit.language.told import tell
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.covariance_structures import (
    CovarianceStructure,
    DirectSum,
    Scaled,
    Unstructured,
)
from trialkit.numerics.distance_structures import Distances
from trialkit.numerics.mixed_determined import selects_visits, thin
from trialkit.numerics.mixed_likelihood import V_BY_PATTERN
from trialkit.numerics.mixed_optimum import (
    CONVERGED,
    DEGENERATE,
    EXHAUSTED,
    NO_SPREAD,
    SINGULAR,
    STUCK,
    VANISHED,
    Optimum,
    correlation_eigenvalue,
    maximise,
)
from trialkit.numerics.subject_blocks import Blocks

# Distance of the moments from a pattern from which it fits badly.
FAR = 0.2
# Correlations of neighbours with which a search starts, and further random matrices.
NEIGHBOURS = (0.9, 0.5, -0.6)
RANDOM_STARTS = 10
SEED = 20260
MOST_ROUNDS = 6
# What is left of the correlations of a maximum when the search starts again from there.
LEFT = 0.7
# Correlation near 1 from which a climb goes on to 1 if nothing holds it.
NEAR_ONE = 0.9999
# Starts of moments near to singular, and a share of a variance that is none.
MOST_SINGULAR = 6
TINY = 1e-12
# Numbers that a step of all climbs together may take, and starts that are made at any rate.
MOST_WORK = 10_000_000
FEWEST_STARTS = 5
# Steps that many climbs make together, before those that have not arrived go on alone.
STEPS_OF_MANY = 40
# Correlation of the nearest records below which the range is zero: its maximum lies there.
NO_CORRELATION = 1e-8
RANGE_ZERO = tell("the range goes to 0: records are uncorrelated")
# Ends that show a likelihood without a maximum inside, if they lie higher than every maximum.
# A climb that is not over after all steps creeps along such a border.
BORDERS = (DEGENERATE, VANISHED, RANGE_ZERO, EXHAUSTED)
# An array of texts forgets what they were made of.
ENDINGS = {str(ending): ending for ending in (CONVERGED, STUCK, *BORDERS)}
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
    """
    optimum = maximise(blocks, structure, structure.start(moments), reml=reml)
    optimum = borders_marked(blocks, structure, optimum)
    if not isinstance(structure, Unstructured | Scaled | DirectSum):
        return optimum
    doubtful = thin(blocks) | misfitting(structure, moments) | ~optimum.converged
    for trial in np.flatnonzero(doubtful & selects_visits(blocks)):
        optimum = best_of_many(blocks, structure, moments[trial], optimum, int(trial), reml=reml)
    return optimum


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
    brings nothing. Very large matrices whose first climb fails are not climbed again.
    """
    most = max(FEWEST_STARTS, MOST_WORK // structure.size**4)
    if most == FEWEST_STARTS and not optimum.converged[trial]:
        return optimum
    one = blocks.trials(np.array([trial]))
    starts = structure.start(several_starts(moments, structure))
    if isinstance(structure, Unstructured | DirectSum):
        starts = np.concatenate([starts, structure.start(nearly_singular(one, moments))])
    if optimum.converged[trial]:
        point = optimum.point[[trial]]
        starts = np.concatenate([starts, around(structure, point)])
        if thin(one).all() and isinstance(structure, Scaled):
            starts = np.concatenate([starts, steep(structure, point)])
    rounds = 1 if one_correlation(structure) or most < len(starts) else MOST_ROUNDS
    for _ in range(rounds):
        found = highest_climb(blocks, structure, starts[:most], trial, reml=reml)
        if not better(found, 0, optimum, trial):
            break
        optimum = optimum.replaced(trial, found, 0)
        if not optimum.converged[trial]:
            break
        starts = around(structure, optimum.point[[trial]])
    return optimum


def highest_climb(
    blocks: Blocks,
    structure: CovarianceStructure,
    starts: FloatArray,
    trial: int,
    *,
    reml: bool,
) -> Optimum:
    """Return the highest end of climbs from several starts for one trial.

    All climb together for some steps; the few that have not arrived then go on alone.
    """
    copies = blocks.trials(np.full(len(starts), trial))
    climbs = maximise(copies, structure, starts, reml=reml, iterations_allowed=STEPS_OF_MANY)
    climbs = borders_marked(copies, structure, climbs)
    best = best_climb(climbs)
    late = climbs.reason == EXHAUSTED
    if late.any():
        late |= np.arange(len(starts)) == best
        copies = copies.trials(late)
        climbs = maximise(copies, structure, climbs.point[late], reml=reml)
        climbs = borders_marked(copies, structure, climbs)
        best = best_climb(climbs)
    return climbs.trials(np.array([best]))


def best_climb(climbs: Optimum) -> int:
    """Return the highest maximum, or a climb to a border that passes it."""
    usable = climbs.converged | np.isin(climbs.reason, BORDERS)
    return int(np.argmin(np.where(usable & np.isfinite(climbs.value), climbs.value, np.inf)))


def better(climbs: Optimum, best: int, optimum: Optimum, trial: int) -> bool:
    """Return whether a climb ends higher than what is known, or as high and at a maximum."""
    here, there = optimum.value[trial], climbs.value[best]
    same = SAME * (1 + abs(there))
    won = climbs.converged[best] and not optimum.converged[trial] and there <= here + same
    ended = climbs.converged[best] or climbs.reason[best] in BORDERS
    return bool(won or (ended and there + same < here))


def one_correlation(structure: CovarianceStructure) -> bool:
    """Return whether a pattern has a single correlation, so that few starts are enough."""
    return isinstance(structure, Scaled) and structure.correlation.n_parameters == 1


def several_starts(moments: FloatArray, structure: CovarianceStructure) -> FloatArray:
    """Return covariance matrices with the moments' variances to start from, shape (s, t, t)."""
    t = len(moments)
    scale = products_of_spreads(moments)
    visits = np.arange(t)
    apart = np.abs(visits[:, np.newaxis] - visits)
    correlations = [
        np.eye(t),
        (moments / scale + np.eye(t)) / 2,
        *(rho**apart for rho in NEIGHBOURS),
        *(() if one_correlation(structure) else random_correlations(t)),
    ]
    return np.asarray(scale * np.array(correlations))


def nearly_singular(blocks: Blocks, moments: FloatArray) -> FloatArray:
    """Return moments with those of fewer subjects in places where these are nearest to singular.

    A function of the visits that coefficients fit exactly in all subjects who have these visits
    lets the likelihood grow without bound. It shows in the residuals of these subjects alone.

    Parameters
    ----------
    blocks : Blocks
        Of one trial.
    moments : array, shape (t, t)

    Returns
    -------
    array, shape (s, t, t)
    """
    seen = np.asarray(blocks.incidence.any(axis=1))
    rows = (np.swapaxes(blocks.incidence, 1, 2)[blocks.pattern] @ blocks.A[0]).astype(np.float64)
    found = [(1.0, moments)]
    for visits in seen[blocks.counts[0] > 0]:
        having = np.asarray((seen | ~visits).all(axis=1)) & (blocks.counts[0] > 0)
        chosen = rows[having[blocks.pattern]][:, visits]
        X, y = chosen[..., :-1].reshape(-1, chosen.shape[-1] - 1), chosen[..., -1].ravel()
        left = (y - X @ np.linalg.lstsq(X, y, rcond=None)[0]).reshape(len(chosen), -1)
        own = left.T @ left / blocks.counts[0, having].sum()
        spread = np.sqrt(np.diagonal(own))
        if len(own) < 2 or np.any(spread**2 <= TINY * np.diagonal(moments)[visits]):
            continue
        scale = np.sqrt(np.diagonal(moments)[visits]) / spread
        whole = moments.copy()
        whole[np.ix_(visits, visits)] = own * scale[:, np.newaxis] * scale
        found.append((float(correlation_eigenvalue(own)), whole))
    found.sort(key=lambda each: each[0])
    return np.array([each for _, each in found[:MOST_SINGULAR]])


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
    points = [turned(structure, point), structure.start(mixed)]
    return np.concatenate(points)


def steep(structure: Scaled, point: FloatArray) -> FloatArray:
    """Return points with each correlation in turn near 1 and near -1, shape (2 c, w)."""
    if structure.correlation.motion != "arctanh":
        return point
    c = structure.correlation.n_parameters
    points = np.repeat(point, 2 * c, axis=0)
    points[np.arange(2 * c), structure.n_variances + np.arange(2 * c) // 2] = np.tile(
        [NEAR_ONE, -NEAR_ONE], c
    )
    return points


def turned(structure: CovarianceStructure, point: FloatArray) -> FloatArray:
    """Return points with correlations shrunk and one or two turned round, shape (s, w).

    One parameter of a pattern, or two neighbours; without a pattern, all correlations across
    one gap between visits.
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
        one = np.eye(c)
        # A visit's sign is that of its correlations with the visits before and after.
        signs = 1 - 2 * np.concatenate([one, one[:-1] + one[1:]])
        if structure.correlation.motion == "factor":
            signs = np.ones((1, c))
        correlations = structure.inside(LEFT * signs * point[:, v:])
        variances = np.broadcast_to(point[:, :v], (len(correlations), v))
        return np.concatenate([variances, correlations], axis=1)
    Sigma = structure.covariance(point)[0]
    visits = np.arange(len(Sigma))
    side = np.where(visits > visits[:-1, np.newaxis], -1.0, 1.0)
    signs = side[:, :, np.newaxis] * side[:, np.newaxis, :]
    return structure.start(LEFT * Sigma * signs + (1 - LEFT) * np.diag(np.diag(Sigma)))


def borders_marked(blocks: Blocks, structure: CovarianceStructure, optimum: Optimum) -> Optimum:
    """Return the optimum with trials that ended on a border not converged.

    The records of no subject need show it: a matrix that is only bounded by being one, where
    few subjects share visits, ends on that bound.
    """
    apart = nearest_correlation(structure, optimum.point) < NO_CORRELATION
    reason = np.where((optimum.reason == CONVERGED) & apart, RANGE_ZERO, optimum.reason)
    Sigma = structure.covariance(optimum.point)
    if Sigma.ndim < V_BY_PATTERN and selects_visits(blocks):
        variances = np.diagonal(Sigma, axis1=1, axis2=2)
        gone = variances.min(axis=1) < NO_SPREAD**2 * variances.max(axis=1)
        reason = np.where(correlation_eigenvalue(Sigma) < SINGULAR, DEGENERATE, reason)
        reason = np.where(gone, VANISHED, reason)
    return replace(optimum, reason=reason)


def nearest_correlation(structure: CovarianceStructure, point: FloatArray) -> FloatArray:
    """Return the correlation of the nearest records where it has a range, else 1, (b,)."""
    if isinstance(structure, DirectSum):
        parts = [
            nearest_correlation(part, point[:, width])
            for part, width in zip(structure.parts, structure.widths, strict=True)
        ]
        return np.asarray(np.min(parts, axis=0))
    if isinstance(structure, Distances):
        return structure.nearest_correlation(point)
    if isinstance(structure, Scaled) and structure.correlation.motion == "factor":
        R = structure.correlation.evaluate(point[:, structure.n_variances :]).R
        apart = np.triu_indices(structure.size, 1)
        return np.asarray(R[:, apart[0], apart[1]].max(axis=1))
    return np.ones(len(point))
