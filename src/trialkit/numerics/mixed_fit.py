"""The linear model with correlated errors, fitted: coefficients, covariances, likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg

from trialkit.errors import ConvergenceError, NotEstimableError, OptimisationRecord
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.covariance_structures import CovarianceStructure
from trialkit.numerics.distance_structures import Distances
from trialkit.numerics.least_squares import DEPENDENCE_TOLERANCE, EXACT_FIT
from trialkit.numerics.mixed_determined import (
    people_by_pair,
    require_determined,
    require_known,
    require_variances,
    residual_freedom,
    selects_visits,
)
from trialkit.numerics.mixed_likelihood import (
    V_BY_PATTERN,
    Derivatives,
    Likelihood,
    derivatives,
    likelihood,
)
from trialkit.numerics.mixed_optimum import Optimum, maximise
from trialkit.numerics.mixed_search import ENDINGS, borders_marked, search
from trialkit.numerics.subject_blocks import Blocks

# Ratio of the visits' variances from which residuals are weighted, and how often.
UNEVEN = 5.0
REWEIGHTINGS = 3
# Records less coefficients of a visit, from which its residuals tell something of its variance.
TELLING = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedFit:
    """A fitted model, for one trial or several of the same layout.

    Attributes
    ----------
    beta : array, shape (b, p)
        In the unit of the outcome per unit of the column.
    basis : array, shape (b, p, p)
        G with G G' the model-based covariance of the coefficients.
    Sigma : array, shape (b, t, t)
        Squared unit of the outcome.
    log_likelihood : array, shape (b,)
        Restricted for REML; nothing left out (as ``logLik`` of mmrm, nlme; -1/2 of SAS's
        -2 Res Log Likelihood).
    reml : bool
    optimum : Optimum
    structure : CovarianceStructure
    blocks : Blocks
        With orthonormal columns and the outcome's residual in units of ``scale``.
    at : Likelihood
        At the optimum, in those units.
    slopes : Derivatives
        At the optimum, in those units.
    scale : array, shape (b,)
    """

    beta: FloatArray
    basis: FloatArray
    Sigma: FloatArray
    log_likelihood: FloatArray
    reml: bool
    optimum: Optimum
    structure: CovarianceStructure
    blocks: Blocks
    at: Likelihood
    slopes: Derivatives
    scale: FloatArray

    @property
    def vcov(self) -> FloatArray:
        """Model-based covariance of the coefficients, (X' V^-1 X)^-1, shape (b, p, p)."""
        return self.basis @ np.swapaxes(self.basis, 1, 2)

    @property
    def parameter_covariance(self) -> FloatArray:
        """Inverse of the observed information about the working parameters, (b, h, h)."""
        return np.asarray(np.linalg.inv(self.slopes.hessian))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standardised:
    """Blocks with orthonormal columns and a residual of size 1, and the way back."""

    blocks: Blocks
    beta: FloatArray
    R_inverse: FloatArray
    scale: FloatArray


def standardise(blocks: Blocks, names: Sequence[str] | None = None) -> Standardised:
    """Rotate the design to orthonormal columns and take the least-squares fit off the outcome.

    After this, neither the units of a covariate nor the level of the outcome cost digits.

    Raises
    ------
    NotEstimableError
        If a column is a linear combination of those before it (named), if records do not
        outnumber coefficients, or if the least-squares fit is exact.
    """
    p = blocks.n_coefficients
    if np.any(blocks.n_records <= p):
        raise NotEstimableError(
            tell(
                "{n} complete records cannot determine {p} coefficients and a covariance matrix; "
                "leave out covariates",
                n=int(blocks.n_records.min()),
                p=p,
            )
        )
    trials, shape = len(blocks.A), blocks.A.shape
    flat = blocks.A.reshape(trials, -1, p + 1)
    X, y = flat[..., :p], flat[..., p]
    length = np.linalg.norm(X, axis=1)
    unit = np.where(length > 0, length, 1.0)
    Q, R = orthonormal_columns(X / unit[:, np.newaxis])
    require_full_rank(R, length, names)
    R_inverse = np.linalg.inv(R)
    beta = np.zeros((trials, p))
    residual = y
    for _ in range(2):  # The second time wins back digits that a badly scaled y costs.
        projected = (np.swapaxes(Q, 1, 2) @ residual[..., np.newaxis])[..., 0]
        beta = beta + (R_inverse @ projected[..., np.newaxis])[..., 0]
        residual = residual - (Q @ projected[..., np.newaxis])[..., 0]
    size = np.linalg.norm(residual, axis=1)
    if np.any(size <= EXACT_FIT * np.linalg.norm(y, axis=1)):
        raise NotEstimableError(
            tell("the covariates, arms and visits fit every record exactly, so no variance is left")
        )
    scale = size / np.sqrt(blocks.n_records - p)
    A = np.concatenate([Q, (residual / scale[:, np.newaxis])[..., np.newaxis]], axis=-1)
    return Standardised(
        blocks=replace(blocks, A=A.reshape(shape)),
        beta=beta / unit,
        R_inverse=R_inverse / unit[..., np.newaxis],
        scale=scale,
    )


def orthonormal_columns(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Q and R of each trial."""
    if len(X) > 1:
        Q, R = np.linalg.qr(X)
        return Q, R
    Q, R = linalg.qr(X[0], mode="economic", check_finite=False)
    return Q[np.newaxis], R[np.newaxis]


def require_full_rank(R: FloatArray, length: FloatArray, names: Sequence[str] | None) -> None:
    """Raise, with names, if a column is a combination of the columns before it."""
    p = R.shape[-1]
    diagonal = np.abs(np.diagonal(R, axis1=-2, axis2=-1))
    short = np.asarray((diagonal <= DEPENDENCE_TOLERANCE) | (length == 0)).any(axis=-1)
    if short.any():
        dependent = dependent_columns(R[np.argmax(short)])
        labels = list(names) if names is not None else [tell("column {j}", j=j) for j in range(p)]
        named = dict.fromkeys(labels[j] for j in np.flatnonzero(dependent))
        raise NotEstimableError(
            tell(
                "{terms}: a linear combination of the terms before it (rank {rank} of {k}); "
                "leave it out of the covariates",
                terms=tell_list(named),
                rank=p - int(dependent.sum()),
                k=p,
            )
        )


def dependent_columns(R: FloatArray) -> BoolArray:
    """Return whether each column, of length 1 or 0, is a combination of those before it.

    Behind a dependent column the diagonal of a triangle says nothing: a later column can
    have lost its own direction to it.
    """
    dependent = np.zeros(R.shape[1], dtype=bool)
    basis = np.zeros((len(R), 0))
    for position, column in enumerate(R.T):
        rest = column
        for _ in range(2):  # The second time wins back orthogonality.
            rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        dependent[position] = size <= DEPENDENCE_TOLERANCE
        if not dependent[position]:
            basis = np.column_stack([basis, rest / size])
    return dependent


def residual_moments(blocks: Blocks) -> FloatArray:
    """Return the mean product of residuals of each two visits, shape (b, t, t).

    From the least-squares residuals of the subjects who have both; 0 where nobody has.
    """
    places = np.swapaxes(blocks.incidence, -1, -2)
    rows = (places[blocks.pattern] @ blocks.A[..., -1:])[..., 0]
    products = np.swapaxes(rows, 1, 2) @ rows
    seen = np.asarray(blocks.incidence.any(axis=1))
    both = seen[:, :, np.newaxis] & seen[:, np.newaxis, :]
    people = np.tensordot(blocks.counts, both, axes=1)
    return np.asarray(products / np.maximum(people, 1.0))


def starting_moments(blocks: Blocks, *, reml: bool) -> FloatArray:
    """Return moments to start from, of weighted residuals where visits vary very differently.

    Least squares lets the noisiest visits decide what all visits share, and leaves that error
    in the residuals of the quiet ones.
    """
    telling = residual_freedom(blocks) >= TELLING
    both = telling[:, :, np.newaxis] & telling[:, np.newaxis, :]
    moments = residual_moments(blocks) * both
    for _ in range(REWEIGHTINGS):
        variances = np.diagonal(moments, axis1=1, axis2=2)
        if not telling.any(axis=1).all():
            break
        seen = np.where(variances > 0, variances, np.nan)
        apart = np.nanmax(seen, axis=1) > UNEVEN * np.nanmin(seen, axis=1)
        if not apart.any():
            break
        own = np.where(variances > 0, variances, 1.0)
        diagonal = own[:, :, np.newaxis] * np.eye(own.shape[1])
        at = likelihood(blocks, diagonal, reml=reml)
        X, y = blocks.A[..., :-1], blocks.A[..., -1:]
        left = y - X @ at.beta[:, np.newaxis, :, np.newaxis]
        again = residual_moments(replace(blocks, A=np.concatenate([X, left], axis=-1)))
        moments = np.where(apart[:, np.newaxis, np.newaxis], again * both, moments)
    return moments if telling.all() else filled_variances(blocks, moments, telling)


def filled_variances(blocks: Blocks, moments: FloatArray, telling: BoolArray) -> FloatArray:
    """Return moments with the variance of all records at visits that coefficients fit nearly.

    Their residuals are no measure of their variance. Where no visit tells, all residuals do.
    """
    records = np.diagonal(people_by_pair(blocks), axis1=1, axis2=2)
    variances = np.diagonal(moments, axis1=1, axis2=2)
    weight = (records * telling).sum(axis=1)
    pooled = (records * variances).sum(axis=1) / np.where(weight > 0, weight, 1.0)
    # Residuals of all records have mean square 1 after ``standardise``.
    pooled = np.where(pooled > 0, pooled, 1.0)
    own = np.eye(moments.shape[1]) * ~telling[:, np.newaxis]
    return np.asarray(moments + pooled[:, np.newaxis, np.newaxis] * own)


def fit_mixed(
    blocks: Blocks,
    structure: CovarianceStructure,
    *,
    reml: bool = True,
    names: Sequence[str] | None = None,
    start: FloatArray | None = None,
    visits: Sequence[str] | None = None,
    spread: FloatArray | None = None,
) -> MixedFit:
    """Fit y = X beta + e with V_i = M_i Sigma M_i' by (restricted) maximum likelihood.

    Parameters
    ----------
    blocks : Blocks
        As ``visit_blocks`` makes them.
    structure : CovarianceStructure
        Of size t.
    reml : bool
        Restricted likelihood (the default) or the plain one.
    names : sequence of str, length p, optional
        Of the columns, for messages.
    start : array, shape (b, t, t), optional
        Covariance matrices to climb from, squared unit of the outcome; by default the
        moments of the least-squares residuals, and further ones as ``search`` says.
    visits : sequence of str, length t, optional
        Names of the rows of Sigma, for messages.
    spread : array, shape (t,), optional
        Range of the outcome at each visit, beside which a residual can be nothing.

    Returns
    -------
    MixedFit
        Whether it converged is in ``optimum.converged``; ``require_converged`` raises if not.

    Raises
    ------
    NotEstimableError
        As ``standardise``; if the records do not determine some parameter of the covariance, or
        the model fits a visit that has a variance of its own exactly.

    References
    ----------
    Patterson HD, Thompson R (1971). Biometrika 58:545-554. SAS ``PROC MIXED``, ``REPEATED``;
    R ``mmrm::mmrm``.
    """
    standard = standardise(blocks, names)
    units = standard.scale[:, np.newaxis, np.newaxis]
    by_visit = selects_visits(blocks) and not isinstance(structure, Distances)
    if by_visit:
        require_determined(
            blocks,
            standard.blocks,
            structure,
            standard.scale,
            reml=reml,
            spread=spread,
            labels=visits,
        )
    if start is None:
        moments = starting_moments(standard.blocks, reml=reml)
        optimum = search(standard.blocks, structure, moments, reml=reml)
    else:
        first = structure.start(start / units**2)
        climb = maximise(standard.blocks, structure, first, reml=reml)
        optimum = borders_marked(standard.blocks, structure, climb)
    Sigma = structure.covariance(optimum.point)
    if by_visit:
        require_variances(units**2 * Sigma, structure, spread=spread, labels=visits)
    at = likelihood(standard.blocks, Sigma, reml=reml)
    local = structure.local(optimum.point)
    slopes = derivatives(standard.blocks, at, local, reml=reml)
    if by_visit and optimum.converged.all():
        require_known(slopes.hessian, at, local, visits)
    back = standard.R_inverse @ np.swapaxes(np.linalg.inv(at.K), 1, 2)
    p = blocks.n_coefficients
    turned = (standard.R_inverse @ at.beta[..., np.newaxis])[..., 0]
    freed = blocks.n_records - (p if reml else 0)
    log_likelihood = -at.value - freed * np.log(standard.scale)
    if reml:
        log_likelihood += np.log(np.abs(np.diagonal(standard.R_inverse, axis1=1, axis2=2))).sum(1)
    return MixedFit(
        beta=standard.beta + standard.scale[:, np.newaxis] * turned,
        basis=units * back,
        Sigma=units**2 * Sigma,
        log_likelihood=log_likelihood,
        reml=reml,
        optimum=optimum,
        structure=structure,
        blocks=standard.blocks,
        at=at,
        slopes=slopes,
        scale=standard.scale,
    )


def smallest_eigenvalue(fit: MixedFit, trial: int = 0) -> float:
    """Return the smallest eigenvalue of Sigma, or of any pattern's where they share none."""
    Sigma = fit.Sigma[trial]
    if Sigma.ndim == V_BY_PATTERN - 1:
        M = fit.blocks.incidence
        largest = float(np.max(np.diagonal(Sigma, axis1=-2, axis2=-1)))
        Sigma = M @ Sigma @ np.swapaxes(M, -1, -2) + largest * fit.blocks.absent
    return float(np.linalg.eigvalsh(Sigma).min())


def optimisation_record(fit: MixedFit, trial: int = 0) -> OptimisationRecord:
    """Return how the search for the maximum of a trial's likelihood went."""
    optimum = fit.optimum
    ended = float(fit.log_likelihood[trial])
    started = -np.inf
    if np.isfinite(optimum.start_value[trial]) and np.isfinite(optimum.value[trial]):
        started = ended - float(optimum.start_value[trial] - optimum.value[trial])
    return OptimisationRecord(
        start_log_likelihood=started,
        log_likelihood=ended,
        iterations=int(optimum.iterations[trial]),
        gradient_norm=float(optimum.gradient_norm[trial]),
        smallest_eigenvalue=smallest_eigenvalue(fit, trial),
        reason=ENDINGS[str(optimum.reason[trial])],
    )


def require_converged(fit: MixedFit, what: str) -> None:
    """Raise ConvergenceError, with the record of the search, unless a fit has converged."""
    if fit.optimum.converged.all():
        return
    record = optimisation_record(fit, int(np.argmin(fit.optimum.converged)))
    raise ConvergenceError(
        tell(
            "{what}: expected a maximum of the likelihood, found none ({reason}; {iterations} "
            "iterations, gradient {gradient:.1e}); choose a covariance with fewer parameters, or "
            "a ladder of them",
            what=what,
            reason=record.reason,
            iterations=record.iterations,
            gradient=record.gradient_norm,
        ),
        record,
    )
