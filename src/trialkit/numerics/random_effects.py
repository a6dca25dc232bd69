"""Linear models with random effects: variances that may be zero, and predicted effects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.covariance_structures import (
    CovarianceStructure,
    DirectSum,
    Local,
    Unstructured,
)
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed, require_converged
from trialkit.numerics.mixed_likelihood import derivatives
from trialkit.numerics.random_blocks import (
    RandomBlocks,
    RandomTerm,
    nested_levels,
    random_blocks,
    require_apart_from_fixed,
)
from trialkit.numerics.random_determined import require_determined, require_estimable
from trialkit.numerics.random_structures import (
    Factored,
    Repeated,
    in_given_units,
    in_own_units,
    single_terms,
)

# A variance below this share of the residual one is tried as zero,
NEARLY_ZERO = 1e-6
# and is zero unless the likelihood rises faster than this as it leaves zero.
RISE = 1e-7
# A residual variance below this share of the outcome's is rounding.
NO_RESIDUAL = 1e-10
MOST_REDUCTIONS = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomFit:
    """A fitted model with random effects.

    Attributes
    ----------
    fit : MixedFit
        Of one trial; coefficients, likelihood and inference are its.
    levels : tuple of tuple of RandomTerm
        The outermost factor first; independent coefficients as a term each.
    G : tuple of tuple of array, shape (k, k)
        Covariance of each term's random effects, squared unit of the outcome.
    ranks : tuple of tuple of int
        Number of directions in which each term's effects vary; below k on the boundary.
    residual_variance : float
    free : DirectSum
        The structure in which no variance is held at zero.
    """

    fit: MixedFit
    levels: tuple[tuple[RandomTerm, ...], ...]
    G: tuple[tuple[FloatArray, ...], ...]
    ranks: tuple[tuple[int, ...], ...]
    residual_variance: float
    free: DirectSum

    @property
    def singular(self) -> bool:
        """Whether a variance is zero, or a correlation 1 or -1."""
        return any(
            rank < len(term.columns)
            for terms, ranks in zip(self.levels, self.ranks, strict=True)
            for term, rank in zip(terms, ranks, strict=True)
        )


def fit_random_effects(
    X: FloatArray,
    y: FloatArray,
    terms: Sequence[RandomTerm],
    *,
    reml: bool = True,
    names: Sequence[str] | None = None,
) -> RandomFit:
    """Fit y = X beta + Z u + e by (restricted) maximum likelihood.

    A variance that the data would make negative is zero: where the likelihood does not rise
    as it leaves zero, the model without it is fitted. Likewise a covariance matrix whose best
    fit has a correlation of 1 or -1 has fewer directions.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
    terms : sequence of RandomTerm
        Of factors nested in each other.
    reml : bool
    names : sequence of str, length p, optional
        Of the columns of ``X``, for messages.

    Raises
    ------
    SpecificationError
        If factors are crossed.
    NotEstimableError
        If the random effects are not fewer than the records or fit them exactly, their
        variances cannot be told apart, or as ``standardise``.
    ConvergenceError
        If the search ends elsewhere than at a maximum.

    References
    ----------
    Laird NM, Ware JH (1982). Biometrics 38:963-974. R ``lme4::lmer``; SAS ``PROC MIXED``,
    ``RANDOM``.
    """
    given = nested_levels([part for term in terms for part in single_terms(term)])
    require_estimable(given, len(y))
    levels = tuple(tuple(in_own_units(term) for term in level) for level in given)
    if reml:
        require_apart_from_fixed(X, levels)
    model = random_blocks(X, y, levels)
    require_determined(information_at_random(model, levels), levels)
    ranks = tuple(tuple(len(term.columns) for term in level) for level in levels)
    fit = fitted(model, levels, ranks, start=starting(X, y, model), reml=reml, names=names)
    for _ in range(MOST_REDUCTIONS):
        lower = lower_ranks(fit, model, levels, ranks)
        if lower == ranks:
            break
        reduced = fitted(model, levels, lower, start=fit.Sigma, reml=reml, names=names)
        if leaves_zero(reduced, model, levels, lower):
            break
        fit, ranks = reduced, lower
    require_residuals(fit, model, levels)
    require_determined(fit.slopes.hessian[0], levels)
    require_converged(fit, tell("random effects"))
    G, residual = components(fit, model, levels)
    return RandomFit(
        fit=fit,
        levels=given,
        G=tuple(
            tuple(
                in_given_units(matrix, term) for term, matrix in zip(level, matrices, strict=True)
            )
            for level, matrices in zip(given, G, strict=True)
        ),
        ranks=ranks,
        residual_variance=residual,
        free=structure_of(
            model, levels, [[len(term.columns) for term in level] for level in levels]
        ),
    )


def structure_of(
    model: RandomBlocks, levels: Sequence[Sequence[RandomTerm]], ranks: Sequence[Sequence[int]]
) -> DirectSum:
    """Return the covariance of all random effects and residuals at given ranks."""
    parts: list[CovarianceStructure] = []
    for level, own, copies in zip(levels, ranks, model.copies, strict=True):
        pieces: list[CovarianceStructure] = [
            Factored(len(term.columns), rank) for term, rank in zip(level, own, strict=True)
        ]
        parts.append(Repeated(DirectSum(pieces), copies))
    return DirectSum([*parts, Repeated(Unstructured(1), model.residuals)])


def starting(X: FloatArray, y: FloatArray, model: RandomBlocks) -> FloatArray:
    """Return a covariance in which every random coefficient varies as much as the residuals."""
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    variance = max(float(np.mean((y - X @ beta) ** 2)), np.finfo(np.float64).tiny)
    return variance / 2 * np.eye(model.blocks.incidence.shape[2])[np.newaxis]


def fitted(
    model: RandomBlocks,
    levels: Sequence[Sequence[RandomTerm]],
    ranks: Sequence[Sequence[int]],
    *,
    start: FloatArray,
    reml: bool,
    names: Sequence[str] | None,
) -> MixedFit:
    """Return the fit at given ranks."""
    structure = structure_of(model, levels, ranks)
    return fit_mixed(model.blocks, structure, reml=reml, names=names, start=start)


def components(
    fit: MixedFit, model: RandomBlocks, levels: Sequence[Sequence[RandomTerm]]
) -> tuple[tuple[tuple[FloatArray, ...], ...], float]:
    """Return the covariance of each term, and the residual variance."""
    Sigma, start, whole = fit.Sigma[0], 0, []
    for level, copies in zip(levels, model.copies, strict=True):
        own, place = [], start
        for term in level:
            rows = slice(place, place + len(term.columns))
            own.append(Sigma[rows, rows])
            place = rows.stop
        whole.append(tuple(own))
        start += copies * (place - start)
    return tuple(whole), float(Sigma[start, start])


def lower_ranks(
    fit: MixedFit,
    model: RandomBlocks,
    levels: Sequence[Sequence[RandomTerm]],
    ranks: tuple[tuple[int, ...], ...],
) -> tuple[tuple[int, ...], ...]:
    """Return in how many directions each term's effects vary more than nearly not."""
    G, residual = components(fit, model, levels)
    lowered = []
    for matrices, own in zip(G, ranks, strict=True):
        kept = []
        for matrix, rank in zip(matrices, own, strict=True):
            values = np.linalg.eigvalsh(matrix)
            kept.append(min(rank, int(np.sum(values > NEARLY_ZERO * residual))))
        lowered.append(tuple(kept))
    return tuple(lowered)


def leaves_zero(
    fit: MixedFit,
    model: RandomBlocks,
    levels: Sequence[Sequence[RandomTerm]],
    ranks: Sequence[Sequence[int]],
) -> bool:
    """Return whether the likelihood rises as a variance leaves zero.

    The derivative of the log-likelihood by a covariance matrix, in the directions in which
    nothing varies, is negative semi-definite at a maximum on the boundary.
    """
    free, local = entries(model, levels)
    h = free.n_parameters
    flat = replace(local, curvature=lambda Gamma: np.zeros((len(Gamma), h, h)))
    gradient = derivatives(fit.blocks, fit.at, flat, reml=fit.reml).gradient[0]
    G, residual = components(fit, model, levels)
    place = 0
    for level, matrices, own in zip(levels, G, ranks, strict=True):
        for term, matrix, rank in zip(level, matrices, own, strict=True):
            k = len(term.columns)
            slopes = gradient[place : place + k * (k + 1) // 2]
            place += slopes.size
            if rank == k:
                continue
            S = np.zeros((k, k))
            S[np.tril_indices(k)] = slopes
            S = (S + S.T) / 2 * residual / fit.scale[0] ** 2
            _, vectors = np.linalg.eigh(matrix)
            null = vectors[:, : k - rank]
            if np.linalg.eigvalsh(null.T @ S @ null)[0] < -RISE:
                return True
    return False


def entries(model: RandomBlocks, levels: Sequence[Sequence[RandomTerm]]) -> tuple[DirectSum, Local]:
    """Return the structure whose parameters are all variances and covariances, at identity."""
    free = DirectSum(
        [
            Repeated(DirectSum([Unstructured(len(term.columns)) for term in level]), copies)
            for level, copies in zip(levels, model.copies, strict=True)
        ]
        + [Repeated(Unstructured(1), model.residuals)]
    )
    # At the identity the steps of unstructured matrices are the entries themselves.
    return free, free.local(free.start(np.eye(free.size)[np.newaxis]))


def information_at_random(
    model: RandomBlocks, levels: Sequence[Sequence[RandomTerm]]
) -> FloatArray:
    """Return the information about variances and covariances where all effects are alike."""
    M = model.blocks.incidence
    V = M @ np.swapaxes(M, 1, 2) + model.blocks.absent
    W = np.swapaxes(M, 1, 2) @ np.linalg.solve(V, M)
    _, local = entries(model, levels)
    turned = W[:, np.newaxis] @ local.first
    return np.asarray(
        np.einsum("k,khst,kjts->hj", model.blocks.counts[0] / 2, turned, turned, optimize=True)
    )


def require_residuals(
    fit: MixedFit, model: RandomBlocks, levels: Sequence[Sequence[RandomTerm]]
) -> None:
    """Raise if the random effects fit every record, so that the likelihood has no bound."""
    _, residual = components(fit, model, levels)
    if residual <= NO_RESIDUAL * fit.scale[0] ** 2:
        raise NotEstimableError(
            tell(
                "random: the records of a group of {factor} are fitted exactly, so no residual "
                "variance is left; take one record per group, or leave the effects of {factor} out",
                factor=levels[-1][0].factor,
            )
        )


def predicted_effects(
    model: RandomFit, X: FloatArray, y: FloatArray
) -> tuple[tuple[FloatArray, ...], ...]:
    """Return the best linear unbiased predictions of the random effects.

    u = G Z' V^-1 (y - X beta), with the estimated G and V (BLUP, shrunken to 0).

    Parameters
    ----------
    model : RandomFit
        Of the records ``X`` and ``y``.

    Returns
    -------
    tuple of tuple of array, shape (groups, k)
        For each level and term.

    References
    ----------
    Henderson CR (1975). Biometrics 31:423-447. R ``lme4::ranef``.
    """
    residual = y - X @ model.fit.beta[0]
    effects = [
        [np.zeros((term.n_groups, len(term.columns))) for term in level] for level in model.levels
    ]
    if not model.levels:
        return ()
    outermost = model.levels[0][0].group
    for cluster in range(model.levels[0][0].n_groups):
        rows = np.flatnonzero(outermost == cluster)
        columns, places = [], []
        for position, (level, matrices) in enumerate(zip(model.levels, model.G, strict=True)):
            for index, (term, G) in enumerate(zip(level, matrices, strict=True)):
                values, vectors = np.linalg.eigh(G)
                root = vectors * np.sqrt(np.maximum(values, 0.0))
                for group in np.unique(term.group[rows]):
                    inside = (term.group[rows] == group)[:, np.newaxis]
                    columns.append(term.Z[rows] * inside @ root)
                    places.append((position, index, group, root))
        B = np.hstack(columns) / np.sqrt(model.residual_variance)
        scaled = residual[rows] / np.sqrt(model.residual_variance)
        u = np.linalg.solve(np.eye(B.shape[1]) + B.T @ B, B.T @ scaled)
        start = 0
        for position, index, group, root in places:
            k = len(root)
            effects[position][index][group] = root @ u[start : start + k]
            start += k
    return tuple(map(tuple, effects))
