"""Covariance of least-squares coefficients without equal or independent errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import ROUNDING
from trialkit.numerics.least_squares import LeastSquaresFit, residuals

# A leverage this near to 1 leaves its residual no freedom.
FULL_LEVERAGE = 1 - 1e-10
# Eigenvalues of I - H below this are directions that the model fits exactly.
SINGULAR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """What each record weighs in a least-squares fit.

    Attributes
    ----------
    leverage : array, shape (n,)
        Diagonal of the hat matrix X (X'X)^-1 X'.
    rows : array, shape (n, k)
        X (X'X)^-1: what one unit of a residual adds to each coefficient.
    basis : array, shape (n, k)
        Orthonormal columns that span those of X; the hat matrix is basis basis'.
    """

    leverage: FloatArray
    rows: FloatArray
    basis: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterCovariance:
    """A cluster-robust covariance and what its degrees of freedom are made of.

    Attributes
    ----------
    vcov : array, shape (k, k)
    own, shared : array, shape (clusters, k, k)
        a_j'a_j and Q_j'a_j, with a_j what the errors of cluster j weigh in its score and
        Q_j its rows of an orthonormal basis of the design.
    """

    vcov: FloatArray
    own: FloatArray
    shared: FloatArray


def influence(X: FloatArray) -> Influence:
    """Return leverages and influence rows of a design of full rank, shape (n, k).

    By QR of columns scaled to unit length, so that units cost no digits.
    """
    length = np.linalg.norm(X, axis=0)
    Q, R = linalg.qr(X / length, mode="economic")
    rows = linalg.solve_triangular(R, Q.T).T
    rows = without_rounding(rows, beside=rows) / length
    return Influence(leverage=np.sum(Q**2, axis=1), rows=rows, basis=Q)


def without_rounding(rows: FloatArray, *, beside: FloatArray) -> FloatArray:
    """Return influence rows, 0 where no more than rounding beside the largest of a column.

    A record without influence on a coefficient must not lend it its residual.
    """
    largest = np.max(np.abs(beside), axis=0)
    return np.where(np.abs(rows) <= ROUNDING * largest, 0.0, rows)


def heteroscedastic_covariance(X: FloatArray, residual: FloatArray, kind: str) -> FloatArray:
    """Return the sandwich covariance of least-squares coefficients.

    (X'X)^-1 X' diag(w_i e_i^2) X (X'X)^-1 with w_i = 1 (HC0), n / (n - k) (HC1),
    1 / (1 - h_i) (HC2), 1 / (1 - h_i)^2 (HC3) or (1 - h_i)^-min(4, n h_i / k) (HC4).
    Equals R's ``sandwich::vcovHC``.

    Parameters
    ----------
    X : array, shape (n, k)
        Full rank.
    residual : array, shape (n,)
    kind : "HC0", "HC1", "HC2", "HC3" or "HC4"

    Returns
    -------
    array, shape (k, k)

    Raises
    ------
    SpecificationError
        If the kind is unknown.
    NotEstimableError
        If a record has leverage 1 and the kind divides by 1 - h.

    References
    ----------
    MacKinnon JG, White H (1985). J Econometrics 29:305-325. Cribari-Neto F (2004). Comput
    Stat Data Anal 45:215-233.
    """
    if kind not in HC_WEIGHTS:
        raise SpecificationError(f"vcov: expected one of {', '.join(HC_WEIGHTS)}, found {kind!r}")
    parts = influence(X)
    if kind not in {"HC0", "HC1"} and np.any(parts.leverage >= FULL_LEVERAGE):
        raise NotEstimableError(
            tell(
                "{kind}: {n} record(s) determine a coefficient alone (leverage 1), so their error "
                'is unknown; choose "HC1", or leave out the covariate',
                kind=kind,
                n=int(np.sum(parts.leverage >= FULL_LEVERAGE)),
            )
        )
    root = np.sqrt(HC_WEIGHTS[kind](parts.leverage, X.shape[1])) * residual
    meat = parts.rows * root[:, np.newaxis]
    return np.asarray(meat.T @ meat, dtype=np.float64)


def cluster_covariance(
    X: FloatArray, residual: FloatArray, cluster: np.ndarray, kind: str
) -> ClusterCovariance:
    """Return the covariance of coefficients when records of one cluster go together.

    The sum over clusters of the squared score A_j e_j, with A_j = 1 (CR0),
    sqrt(J / (J - 1)) (CR1), or (I - H_jj)^(-1/2) (CR2: Bell and McCaffrey's, unbiased when
    errors are equal and independent). Equals R's ``clubSandwich::vcovCR`` of an ``lm``.

    Parameters
    ----------
    X : array, shape (n, k)
        Full rank.
    residual : array, shape (n,)
    cluster : array, shape (n,)
        Labels.
    kind : "CR0", "CR1" or "CR2"

    Raises
    ------
    SpecificationError
        If the kind is unknown.
    NotEstimableError
        If there are fewer than two clusters.

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181. Pustejovsky JE, Tipton E (2018).
    J Bus Econ Stat 36:672-683.
    """
    if kind not in {"CR0", "CR1", "CR2"}:
        raise SpecificationError(f"cluster_vcov: expected one of CR0, CR1, CR2, found {kind!r}")
    labels = list(dict.fromkeys(cluster.tolist()))
    if len(labels) < 2:
        raise NotEstimableError(tell("one cluster alone says nothing of how clusters vary"))
    parts = influence(X)
    scores, own, shared = [], [], []
    for label in labels:
        members = np.flatnonzero(cluster == label)
        basis = parts.basis[members]
        weight = adjust_cluster(basis, parts.rows[members], kind, clusters=len(labels))
        weight = without_rounding(weight, beside=parts.rows)
        scores.append(residual[members] @ weight)
        own.append(weight.T @ weight)
        shared.append(basis.T @ weight)
    score = np.array(scores)
    return ClusterCovariance(vcov=score.T @ score, own=np.array(own), shared=np.array(shared))


def adjust_cluster(basis: FloatArray, rows: FloatArray, kind: str, *, clusters: int) -> FloatArray:
    """Return A_j times the influence rows of one cluster."""
    if kind == "CR0":
        return rows
    if kind == "CR1":
        return np.asarray(np.sqrt(clusters / (clusters - 1)) * rows)
    values, vectors = np.linalg.eigh(np.eye(len(basis)) - basis @ basis.T)
    root = np.where(values > SINGULAR, np.abs(values), np.inf) ** -0.5
    return np.asarray((vectors * root) @ (vectors.T @ rows), dtype=np.float64)


def satterthwaite_df(robust: ClusterCovariance, function: FloatArray) -> float:
    """Return the degrees of freedom of a linear function under a cluster-robust covariance.

    The variance estimate is the sum over clusters of (p_j' e)^2; with equal independent
    errors as working model, df = (sum p_j'p_j)^2 / sum_ij (p_i'p_j)^2.

    Parameters
    ----------
    robust : ClusterCovariance
    function : array, shape (k,)

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181.
    """
    # p_i'p_j = [i = j] a_j'a_j - (Q_i'a_i)'(Q_j'a_j)
    shared = robust.shared @ function
    gram = np.diag(function @ robust.own @ function) - shared @ shared.T
    return float(np.trace(gram) ** 2 / np.sum(gram**2))


def hc4_weight(leverage: FloatArray, k: int) -> FloatArray:
    """Return (1 - h)^-min(4, n h / k)."""
    power = np.minimum(4.0, leverage.size * leverage / k)
    return np.asarray((1 - leverage) ** -power, dtype=np.float64)


HC_WEIGHTS: Mapping[str, Callable[[FloatArray, int], FloatArray]] = {
    "HC0": lambda h, _: np.ones_like(h),
    "HC1": lambda h, k: np.full_like(h, h.size / (h.size - k)),
    "HC2": lambda h, _: 1 / (1 - h),
    "HC3": lambda h, _: 1 / (1 - h) ** 2,
    "HC4": hc4_weight,
}


def coefficient_covariance(
    X: FloatArray, y: FloatArray, fit: LeastSquaresFit, kind: str
) -> FloatArray:
    """Return the covariance of the coefficients of a fit: the model's, or a sandwich.

    Parameters
    ----------
    X : array, shape (n, k)
    y : array, shape (n,)
    fit : LeastSquaresFit
        Of y on X.
    kind : "model", "HC0", "HC1", "HC2", "HC3" or "HC4"

    Returns
    -------
    array, shape (k, k)
        All 0 where the fit is exact.
    """
    if kind == "model" or fit.sigma2 == 0:
        return fit.vcov
    return heteroscedastic_covariance(X, residuals(X, y, fit.beta), kind)
