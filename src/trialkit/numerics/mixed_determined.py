"""What records of repeated visits determine of a covariance matrix, and what they do not."""

from collections.abc import Sequence

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.covariance_structures import (
    CovarianceStructure,
    DirectSum,
    Local,
    Scaled,
    Unstructured,
)
from trialkit.numerics.least_squares import EXACT_FIT
from trialkit.numerics.mixed_likelihood import (
    Likelihood,
    in_frame,
    inverse_by_pattern,
    likelihood,
    projected_rows,
)
from trialkit.numerics.subject_blocks import Blocks

# Subjects who share two visits, per visit, below which data are thin.
FEW_SUBJECTS = 3
# Information about a parameter, in subjects with every visit, below which there is none.
NO_INFORMATION = 1e-10
# Correlation of neighbours at which information is looked at: every pattern moves there.
GENERIC = 0.5
# Part of the outcome's spread at a visit below which what the model leaves is rounding.
EXPLAINED = 1e-8
# Records less coefficients spent on them, below which all are spent.
SPENT = 1e-6
# Share of the largest entry from which an undetermined direction names a pair of visits.
NAMED = 0.1
MOST_NAMED = 3
# Numbers that stand in memory at once; beyond, only the Hessian at the end is looked at.
MOST_WORK = 10_000_000


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


def by_visit(blocks: Blocks, columns: slice) -> FloatArray:
    """Return the sums of squares of columns over the records of each visit, shape (b, t)."""
    squares = (blocks.A[..., columns] ** 2).sum(axis=-1)
    return np.asarray(np.einsum("brm,rmt->bt", squares, blocks.incidence[blocks.pattern]))


def residual_freedom(blocks: Blocks) -> FloatArray:
    """Return records of each visit less the coefficients they pay for, shape (b, t).

    The blocks are those of ``standardise``, whose orthonormal columns hold the leverages.
    """
    records = np.diagonal(people_by_pair(blocks), axis1=1, axis2=2)
    return np.asarray(records - by_visit(blocks, slice(None, -1)))


def own_variances(structure: CovarianceStructure) -> BoolArray:
    """Return whether each visit has a variance parameter of its own, shape (t,)."""
    if isinstance(structure, DirectSum):
        return np.concatenate([own_variances(part) for part in structure.parts])
    own = isinstance(structure, Unstructured) or (
        isinstance(structure, Scaled) and structure.heterogeneous
    )
    return np.full(structure.size, own)


def visit_label(visit: int, labels: Sequence[str] | None) -> str:
    """Return what a visit is called in messages."""
    return tell("visit {n} (in order)", n=int(visit) + 1) if labels is None else labels[visit]


def require_determined(
    given: Blocks,
    standard: Blocks,
    structure: CovarianceStructure,
    scale: FloatArray,
    *,
    reml: bool,
    spread: FloatArray | None,
    labels: Sequence[str] | None,
) -> None:
    """Raise if the records leave some parameter of a covariance matrix open.

    Parameters
    ----------
    given, standard : Blocks
        Before and after ``standardise``; each record has one visit's variance.
    structure : CovarianceStructure
    scale : array, shape (b,)
    reml : bool
    spread : array, shape (t,), optional
        Of the outcome at each visit.
    labels : sequence of str, length t, optional

    Raises
    ------
    NotEstimableError
        With the names of the visits.
    """
    require_residuals_at_visits(given, standard, structure, scale, spread=spread, labels=labels)
    require_seen(given, structure, labels=labels)
    if thin(given).any():
        require_information(standard, structure, reml=reml, labels=labels)


def require_residuals_at_visits(
    given: Blocks,
    standard: Blocks,
    structure: CovarianceStructure,
    scale: FloatArray,
    *,
    spread: FloatArray | None,
    labels: Sequence[str] | None,
) -> None:
    """Raise if the least-squares fit leaves nothing at a visit that has its own variance."""
    own = own_variances(structure)
    if not own.any():
        return
    records = np.diagonal(people_by_pair(given), axis1=1, axis2=2)
    spent = own & (records > 0) & (residual_freedom(standard) < SPENT)
    if spent.any():
        trial, visit = np.argwhere(spent)[0]
        raise NotEstimableError(
            tell(
                "{visit}: expected more records than coefficients, found {n} that are fitted "
                "exactly, so its variance is not determined; leave the visit out, or choose a "
                "covariance with one variance for all",
                visit=visit_label(visit, labels),
                n=int(records[trial, visit]),
            )
        )
    count = np.maximum(records, 1.0)
    left = scale[:, np.newaxis] * np.sqrt(by_visit(standard, slice(-1, None)) / count)
    size = np.sqrt(by_visit(given, slice(-1, None)) / count)
    floor = EXACT_FIT * size.max(axis=1, keepdims=True)
    if spread is not None:
        floor = np.maximum(floor, EXPLAINED * spread)
    refuse_explained(own & (records > 0) & (left <= floor), labels)


def require_variances(
    Sigma: FloatArray,
    structure: CovarianceStructure,
    *,
    spread: FloatArray | None,
    labels: Sequence[str] | None,
) -> None:
    """Raise if a fit leaves no variance at a visit whose outcomes differ.

    Parameters
    ----------
    Sigma : array, shape (b, t, t)
        Squared unit of the outcome.
    structure : CovarianceStructure
    spread : array, shape (t,), optional
    labels : sequence of str, length t, optional
    """
    if spread is None:
        return
    left = np.sqrt(np.diagonal(Sigma, axis1=-2, axis2=-1))
    refuse_explained(own_variances(structure) & (left <= EXPLAINED * spread), labels)


def refuse_explained(explained: BoolArray, labels: Sequence[str] | None) -> None:
    """Raise if some visit of some trial is fitted exactly."""
    if not explained.any():
        return
    visits = np.flatnonzero(explained.any(axis=0))
    raise NotEstimableError(
        tell(
            "{visits}: the model fits the outcome exactly, so no variance is left there; leave out "
            "the visit, or the covariate that repeats its outcome",
            visits=tell_list(visit_label(int(visit), labels) for visit in visits),
        )
    )


def require_seen(
    blocks: Blocks, structure: CovarianceStructure, *, labels: Sequence[str] | None
) -> None:
    """Raise if some parameter moves only covariances of visits that no subject shares."""
    people = people_by_pair(blocks)
    if np.all(people > 0):
        return
    first = structure.local(generic_point(blocks, structure)).first
    for shared, moved in zip(people > 0, first, strict=True):
        flat = (moved * shared).reshape(len(moved), -1)
        if np.linalg.matrix_rank(flat) == len(flat):
            continue
        free = np.any(moved != 0, axis=0) & ~shared
        one, other = np.argwhere(np.triu(free))[0]
        if one == other:
            raise NotEstimableError(
                tell(
                    "covariance: no subject has a record at {visit}, so its variance is not "
                    "determined; leave the visit out",
                    visit=visit_label(one, labels),
                )
            )
        raise NotEstimableError(
            tell(
                "covariance: no subject has records at both {visit} and {other}, so their "
                "covariance is not determined; choose a covariance with fewer parameters",
                visit=visit_label(one, labels),
                other=visit_label(other, labels),
            )
        )


def generic_point(blocks: Blocks, structure: CovarianceStructure) -> FloatArray:
    """Return points at which every parameter moves the matrix, shape (b, w)."""
    visits = np.arange(structure.size)
    falling = GENERIC ** np.abs(visits[:, np.newaxis] - visits)
    return structure.start(np.broadcast_to(falling, (len(blocks.A), *falling.shape)))


def require_information(
    blocks: Blocks,
    structure: CovarianceStructure,
    *,
    reml: bool,
    labels: Sequence[str] | None,
) -> None:
    """Raise if the expected information about some direction of the parameters is none.

    At one matrix that has nothing to do with the outcome: records that say nothing there,
    because coefficients fit them exactly, say nothing anywhere.
    """
    work = len(blocks.incidence) * structure.n_parameters * structure.size**2
    if work > MOST_WORK:
        return
    point = generic_point(blocks, structure)
    at = likelihood(blocks, structure.covariance(point), reml=reml)
    moved = structure.local(point).first
    first = in_frame(at, moved)
    refuse_flat(expected_information(blocks, at, first, reml=reml), first, moved, labels)


def require_known(
    hessian: FloatArray, at: Likelihood, local: Local, labels: Sequence[str] | None
) -> None:
    """Raise if the observed information at a maximum is none about some direction."""
    own = np.sqrt(np.diagonal(local.Sigma, axis1=1, axis2=2))[:, np.newaxis, :]
    entries = local.first / own[..., np.newaxis] / own[:, :, np.newaxis]
    refuse_flat(hessian, in_frame(at, local.first), entries, labels)


def expected_information(
    blocks: Blocks, at: Likelihood, first: FloatArray, *, reml: bool
) -> FloatArray:
    """Return 1/2 tr(P D_h P D_j), shape (b, h, h), with P = V^-1 under ML."""
    trials, h = first.shape[:2]
    W = inverse_by_pattern(at)
    between = first[:, np.newaxis] @ W[:, :, np.newaxis]
    weights = blocks.counts[:, :, np.newaxis, np.newaxis, np.newaxis] / 2
    turned = np.swapaxes(between, -1, -2).reshape(trials, W.shape[1], h, -1)
    flat = (weights * between).reshape(trials, W.shape[1], h, -1)
    information = (flat @ np.swapaxes(turned, -1, -2)).sum(axis=1)
    if reml:
        rows = projected_rows(blocks, at)[..., :-1]
        spread = blocks.by_pattern(rows @ np.swapaxes(rows, -1, -2))
        taken = np.swapaxes(first[:, np.newaxis] @ spread[:, :, np.newaxis], -1, -2)
        inner = np.swapaxes(taken.reshape(trials, W.shape[1], h, -1), -1, -2)
        information -= (between.reshape(trials, W.shape[1], h, -1) @ inner).sum(axis=1)
        moved = np.einsum("brsp,bhst,brtq->bhpq", rows, first, rows, optimize=True)
        products = moved.reshape(trials, h, -1)
        information += products @ np.swapaxes(products, 1, 2) / 2
    return np.asarray(information + np.swapaxes(information, 1, 2)) / 2


def refuse_flat(
    information: FloatArray,
    first: FloatArray,
    entries: FloatArray,
    labels: Sequence[str] | None,
) -> None:
    """Raise if there is less than ``NO_INFORMATION`` about some direction.

    The unit is what one subject with every visit would tell, which no choice of parameters
    changes.

    Parameters
    ----------
    information : array, shape (b, h, h)
    first : array, shape (b, h, t, t)
        Derivatives of Sigma in coordinates in which it is the identity.
    entries : array, shape (b, h, t, t)
        Derivatives of the correlations and log variances of Sigma.
    labels : sequence of str, length t, optional
    """
    trials, h, t, _ = first.shape
    flat = first.reshape(trials, h, t * t)
    values, vectors = np.linalg.eigh(flat @ np.swapaxes(flat, 1, 2) / 2)
    share = np.finfo(np.float64).eps * values[:, -1:]
    known = vectors / np.sqrt(np.maximum(values, share))[:, np.newaxis]
    told, along = np.linalg.eigh(np.swapaxes(known, 1, 2) @ information @ known)
    if np.all(told[:, 0] > NO_INFORMATION):
        return
    trial = int(np.argmin(told[:, 0]))
    free = (known[trial] @ along[trial])[:, told[trial] <= NO_INFORMATION]
    moved = np.abs(np.tensordot(free.T, entries[trial], axes=1)).max(axis=0)
    raise NotEstimableError(
        tell(
            "covariance: the records do not determine {entries}, because coefficients fit the "
            "few records there exactly; leave the visit out, or choose a covariance with fewer "
            "parameters",
            entries=undetermined(moved, labels),
        )
    )


def undetermined(moved: FloatArray, labels: Sequence[str] | None) -> str:
    """Return words for the entries of a covariance matrix that a free direction moves."""
    pairs = np.argwhere(np.triu(moved > NAMED * moved.max()))
    named = tell_list(
        tell("the variance at {visit}", visit=visit_label(one, labels))
        if one == other
        else tell(
            "the covariance of {visit} and {other}",
            visit=visit_label(one, labels),
            other=visit_label(other, labels),
        )
        for one, other in pairs[:MOST_NAMED]
    )
    return tell("{entries} and others", entries=named) if len(pairs) > MOST_NAMED else named
