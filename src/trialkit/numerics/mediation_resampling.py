"""Indirect effects of resampled people, or of simulated paths: all draws at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.mediation import MediationData, MediationFit, indirect_effects
from trialkit.numerics.random_streams import REPLICATES_A_BLOCK, Seed, replicate_blocks, seed_number

# Share of a column's sum of squares, within one resample, below which nothing is left of it.
SINGULAR = 1e-10
# A leverage this near to 1: the record alone holds its column up.
ALONE = 1e-9
# Cells of the table of draws x people that are made at a time.
CELLS = 1_000_000
# Of the resamples, at most this share may be without an estimate and drawn again.
MOST_REDRAWN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Basis:
    """People in orthonormal coordinates, so that no resample is badly conditioned.

    The columns covariates, arms, mediators, outcome, each of unit length, are Q R.
    ``people`` is sqrt(n) Q with the people in the order of their own values: the order
    of the records cannot matter. ``sizes`` is (covariates, arms, mediators); ``lengths``
    are those of the columns.
    """

    people: FloatArray
    R: FloatArray
    lengths: FloatArray
    sizes: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Indirect effects of resampled people, shape (draws, k, p + 1); how many were redrawn."""

    effects: FloatArray
    redrawn: int


def make_basis(data: MediationData) -> Basis:
    """Return the orthonormal coordinates of people whose models can be fitted."""
    columns = np.column_stack([data.covariates, data.arms, data.mediators, data.outcome])
    keys = np.column_stack([data.covariates, data.arms, data.mediators[:, ::-1], data.outcome])
    columns = columns[np.lexsort(keys.T)]
    lengths = np.linalg.norm(columns, axis=0)
    Q, R = linalg.qr(columns / lengths, mode="economic")
    return Basis(
        people=Q * np.sqrt(len(Q)),
        R=R,
        lengths=lengths,
        sizes=(data.covariates.shape[1], data.arms.shape[1], data.mediators.shape[1]),
    )


def bootstrap_effects(basis: Basis, *, draws: int, seed: Seed) -> Draws:
    """Return the indirect effects of ``draws`` resamples of people.

    Whole people are drawn with replacement from everyone, whatever their arm. A resample
    is a count a person, and its cross-products are one matrix product away; factoring
    them needs no loop over the draws. A resample that has lost an arm, or whose mediators
    have become dependent, has no estimate: it is drawn again from the next stream of its
    seed. A category of a covariate that a resample has lost is left out of its model.

    Raises
    ------
    NotEstimableError
        If more than a fifth of the resamples have no estimate.
    """
    entropy = seed_number(seed)
    k, p = basis.sizes[1:]
    effects = np.full((draws, k, p + 1), np.nan)
    valid = np.zeros(draws, dtype=bool)
    redrawn, stream = 0, 0
    while not valid.all():
        for rows, counts in resampled_counts(entropy, draws, len(basis.people), stream=stream):
            lost = ~valid[rows]
            if lost.any():
                found, estimable = estimate_all(basis, counts[lost])
                places = rows.start + np.flatnonzero(lost)
                effects[places], valid[places] = found, estimable
        redrawn += int(np.sum(~valid))
        if redrawn > MOST_REDRAWN * draws:
            raise NotEstimableError(
                tell(
                    "{n} of {draws} resamples of {people} people have lost an arm or leave a "
                    "mediator without variation of its own; ask for the interval 'delta' or "
                    "'monte_carlo'",
                    n=redrawn,
                    draws=draws,
                    people=len(basis.people),
                )
            )
        stream += 1
    return Draws(effects=effects, redrawn=redrawn)


def resampled_counts(
    entropy: int, draws: int, n: int, *, stream: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Yield some replicates at a time, with how often each person is in each, shape (m, n)."""
    chunk = min(REPLICATES_A_BLOCK, max(1, CELLS // n))
    for block, generator in replicate_blocks(entropy, draws, stream=stream):
        for start in range(block.start, block.stop, chunk):
            stop = min(start + chunk, block.stop)
            yield slice(start, stop), draw_counts(generator, stop - start, n)


def draw_counts(rng: np.random.Generator, draws: int, n: int) -> FloatArray:
    """Return how often each person is in each resample, shape (draws, n)."""
    index = rng.integers(0, n, size=(draws, n))
    index += n * np.arange(draws)[:, np.newaxis]
    return np.bincount(index.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)


def estimate_all(basis: Basis, counts: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """Return the indirect effects of every resample, and which have an estimate."""
    size = basis.people.shape[1]
    rows, cols = np.triu_indices(size)
    products = basis.people[:, rows] * basis.people[:, cols]
    gram = np.empty((size, size, len(counts)))
    gram[rows, cols] = gram[cols, rows] = products.T @ counts.T
    U, valid = factor_all(gram, nuisance=basis.sizes[0])
    a, b = paths_of_factors(basis, U)
    return indirect_effects(a, b), valid


def factor_all(gram: FloatArray, *, nuisance: int) -> tuple[FloatArray, np.ndarray]:
    """Return the Cholesky factors U'U of many small matrices, and which have full rank.

    A column of the first ``nuisance`` that depends on those before it is passed over; any
    other but the last that does so leaves its matrix without an estimate.

    Parameters
    ----------
    gram : array, shape (s, s, m)
        Overwritten.
    nuisance : int

    Returns
    -------
    U : array, shape (s, s, m)
        Upper triangles.
    valid : boolean array, shape (m,)
    """
    size, _, m = gram.shape
    U = np.zeros_like(gram)
    valid = np.ones(m, dtype=bool)
    whole = np.einsum("iim->im", gram).copy()
    for j in range(size):
        pivot = gram[j, j]
        kept = pivot > SINGULAR * whole[j]
        if nuisance <= j < size - 1:
            valid &= kept
        root = np.sqrt(np.where(kept, pivot, 1.0))
        U[j, j:] = np.where(kept, gram[j, j:] / root, 0.0)
        U[j, j] = root
        gram[j + 1 :, j + 1 :] -= U[j, j + 1 :, np.newaxis] * U[j, np.newaxis, j + 1 :]
    return U, valid


def paths_of_factors(basis: Basis, U: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the a and b paths of resamples from the factors of their cross-products.

    In the coordinates of the basis a resample's coefficients are those of everyone plus a
    correction that the factor gives; R and the lengths of the columns take them back.
    """
    c, k, p = basis.sizes
    arm, mediator = slice(c, c + k), slice(c + k, c + k + p)
    R, last = basis.R, c + k + p
    shift_a = solve_upper(U[arm, arm], U[arm, mediator])
    shift_b = solve_upper(U[mediator, mediator], U[mediator, last : last + 1])[:, 0]
    in_basis = R[arm, mediator, np.newaxis] + np.einsum(
        "kim,ij->kjm", shift_a, R[mediator, mediator]
    )
    a = np.einsum("ij,jpm->mip", inverse(R[arm, arm]), in_basis)
    of_outcome = R[mediator, last, np.newaxis] + shift_b * R[last, last]
    b = (inverse(R[mediator, mediator]) @ of_outcome).T
    lengths = basis.lengths
    a = a * lengths[mediator] / lengths[arm, np.newaxis]
    b = b * lengths[last] / lengths[mediator]
    return a, b


def inverse(triangle: FloatArray) -> FloatArray:
    """Return the inverse of a small upper triangle."""
    return np.asarray(linalg.solve_triangular(triangle, np.eye(len(triangle))), dtype=np.float64)


def solve_upper(U: FloatArray, right: FloatArray) -> FloatArray:
    """Solve U x = right for many small upper triangles; shapes (s, s, m) and (s, t, m)."""
    x = np.empty_like(right)
    for row in reversed(range(len(U))):
        rest = np.einsum("jm,jtm->tm", U[row, row + 1 :], x[row + 1 :])
        x[row] = (right[row] - rest) / U[row, row]
    return x


def jackknife_effects(basis: Basis) -> FloatArray:
    """Return the indirect effects without each person in turn, shape (n, k, p + 1).

    Taking out one record moves least-squares coefficients by a term of rank one, so none
    of the n fits is made. A person who alone holds up a category of a covariate is fitted
    exactly, and leaving them out changes no path.

    Raises
    ------
    NotEstimableError
        If an arm, or what a mediator has of its own, rests on one person.
    """
    c, k, p = basis.sizes
    Q = basis.people / np.sqrt(len(basis.people))
    R, last = basis.R, c + k + p
    share = np.cumsum(Q**2, axis=1)
    singled_out = share[:, c - 1] > 1 - ALONE
    if np.any(~singled_out & (share[:, last - 1] > 1 - ALONE)):
        raise NotEstimableError(
            tell(
                "an arm, or a mediator's own variation, rests on one person, so the acceleration "
                "of a BCa interval does not exist; ask for 'percentile', 'monte_carlo' or 'delta'"
            )
        )
    without = np.where(singled_out, 0.0, 1.0)[:, np.newaxis]
    left_w = np.where(singled_out, 1.0, 1 - share[:, c + k - 1])[:, np.newaxis]
    left_x = np.where(singled_out, 1.0, 1 - share[:, last - 1])[:, np.newaxis]
    arm, mediator = slice(c, c + k), slice(c + k, last)
    residual = without * (Q[:, mediator] @ R[mediator, mediator]) / left_w
    error = without * (Q[:, last:] * R[last, last]) / left_x
    to_arm, to_mediator = inverse(R[arm, arm]), inverse(R[mediator, mediator])
    a = to_arm @ R[arm, mediator]
    b = to_mediator @ R[mediator, last]
    a_without = a - np.einsum("nk,np->nkp", Q[:, arm] @ to_arm.T, residual)
    b_without = b - (Q[:, mediator] @ to_mediator.T) * error
    lengths = basis.lengths
    return indirect_effects(
        a_without * lengths[mediator] / lengths[arm, np.newaxis],
        b_without * lengths[last] / lengths[mediator],
    )


def simulated_effects(fit: MediationFit, *, draws: int, seed: Seed) -> FloatArray:
    """Return indirect effects of paths drawn from their estimated normal distributions.

    The a paths of one arm are drawn together, and so are the b paths, with the covariances
    that the fits give; a and b are independent. No effect combines two arms, so that every
    arm takes the same normal numbers, away from zero on the side of its own a paths: its
    limits depend neither on its name nor on the other arms, and mirror when the arm and the
    reference change places.

    Returns
    -------
    array, shape (draws, k, p + 1)

    References
    ----------
    MacKinnon DP, Lockwood CM, Williams J (2004). Multivariate Behav Res 39:99-128.
    """
    k, p = fit.a.shape
    root_b, *roots_a = (linalg.cholesky(vcov) for vcov in (fit.b_vcov, *fit.a_vcov))
    sides = np.where((fit.a / fit.a_std_error).sum(axis=1) < 0, -1.0, 1.0)
    effects = np.empty((draws, k, p + 1))
    for block, generator in replicate_blocks(seed, draws):
        normal = generator.standard_normal((REPLICATES_A_BLOCK, 2, p))[: block.stop - block.start]
        shift_a = np.stack(
            [side * (normal[:, 1] @ root) for side, root in zip(sides, roots_a, strict=True)],
            axis=1,
        )
        effects[block] = indirect_effects(fit.a + shift_a, fit.b + normal[:, 0] @ root_b)
    return effects
