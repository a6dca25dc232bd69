"""Covariance of the coefficients of a mixed model that holds whatever the subjects' covariance."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.mixed_inference import JointTest, joint_test, pooled_df
from trialkit.numerics.robust_covariance import SINGULAR
from trialkit.numerics.subject_blocks import distinct_patterns

# The power of I - H by which the residuals of a subject are corrected.
POWERS = {"CR0": 0.0, "CR2": -0.5, "CR3": -1.0}
# A share of a function's variance beyond this, fitted exactly, leaves its error unknown.
UNKNOWN_SHARE = 1e-9
# Variances of uncorrelated functions below this share of the largest are none.
RANK = np.sqrt(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubjectRecords:
    """The records of a trial, one row each, in any order.

    Attributes
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
        Unit of the outcome.
    subject : array of int, shape (n,)
        Any codes; a subject has each visit at most once.
    visit : array of int, shape (n,)
        0 to n_visits - 1.
    n_visits : int
    group : array of int, shape (n,), optional
        Which covariance matrix a record has; one per subject.
    weights : array, shape (n,), optional
        Positive; a record's variance is divided by its weight.
    """

    X: FloatArray
    y: FloatArray
    subject: IntArray
    visit: IntArray
    n_visits: int
    group: IntArray | None = None
    weights: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """Subjects with equally many records, rotated to independent errors of variance 1.

    Attributes
    ----------
    Q : array, shape (c, m, p)
        Records of the design in the basis of the coefficients; over all subjects the columns
        are orthonormal, and Q_i Q_i' is the leverage H_ii of subject i.
    weight : array, shape (c, m, m), or None
        Power of I - H_ii by which residuals are corrected; None is the identity.
    """

    Q: FloatArray
    weight: FloatArray | None

    def corrected(self, rows: FloatArray) -> FloatArray:
        """Return the weight of each subject times its entries of ``rows``, shape (c, m)."""
        if self.weight is None:
            return rows
        return np.asarray((self.weight @ rows[..., np.newaxis])[..., 0])

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return Q_i' times entries of shape (c, m), shape (c, p)."""
        return np.asarray((rows[:, np.newaxis] @ self.Q)[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RobustCovariance:
    """A cluster-robust covariance and what its degrees of freedom are made of.

    Attributes
    ----------
    vcov : array, shape (p, p)
    kind : str
    n_subjects : int
    n_exact : int
        Subjects of whose records the model fits some direction exactly.
    basis : array, shape (p, p)
        G with G G' the model-based covariance.
    exact : array, shape (p, p)
        Sum over subjects of the projections, in that basis, on what is fitted exactly.
    bundles : tuple of Bundle
    meat : array, shape (p, p)
        Covariance of the coefficients in that basis: vcov = G meat G'.
    """

    vcov: FloatArray
    kind: str
    n_subjects: int
    n_exact: int
    basis: FloatArray
    exact: FloatArray
    bundles: tuple[Bundle, ...]
    meat: FloatArray

    def unknown(self, L: FloatArray) -> BoolArray:
        """Return which linear functions rest on what one subject alone determines.

        Such a subject has no residual, so nothing is known of its error, and the variance
        of the function would be too small.

        Parameters
        ----------
        L : array, shape (m, p)

        Returns
        -------
        array of bool, shape (m,)
        """
        turned = L @ self.basis
        share = np.sum((turned @ self.exact) * turned, axis=1)
        return np.asarray(share > UNKNOWN_SHARE * np.sum(turned**2, axis=1))


def robust_covariance(
    records: SubjectRecords,
    *,
    beta: FloatArray,
    Sigma: FloatArray,
    basis: FloatArray,
    kind: str,
) -> RobustCovariance:
    """Return the sandwich covariance of the coefficients, subjects being the clusters.

    G (sum_i z_i z_i') G' with z_i = Q_i' (I - H_ii)^s e_i, where e_i and Q_i are residuals and
    design of a subject, rotated by the root of its fitted covariance to independent errors,
    and s = 0 (CR0), -1/2 (CR2, unbiased where the fitted covariance is right) or -1 (CR3, the
    jackknife without its factor (N - 1) / N).

    Parameters
    ----------
    records : SubjectRecords
    beta : array, shape (p,)
    Sigma : array, shape (t, t)
        t = n_visits, or n_visits times the groups, one block a group.
    basis : array, shape (p, p)
        G with G G' = (X' V^-1 X)^-1.
    kind : "CR0", "CR2" or "CR3"

    Returns
    -------
    RobustCovariance
        Directions that are fitted exactly (I - H_ii singular) count nothing; which functions
        rest on them, ``unknown`` tells.

    Raises
    ------
    SpecificationError
        If the kind is unknown.
    NotEstimableError
        If there are fewer than two subjects.

    References
    ----------
    Liang KY, Zeger SL (1986). Biometrika 73:13-22. Bell RM, McCaffrey DF (2002). Surv Methodol
    28:169-181. Mancl LA, DeRouen TA (2001). Biometrics 57:126-134. R ``mmrm(vcov =
    "Empirical")``, ``"Empirical-Bias-Reduced"``, ``"Empirical-Jackknife"``; SAS ``PROC MIXED
    EMPIRICAL`` (CR0).
    """
    if kind not in POWERS:
        raise SpecificationError(f"vcov: expected one of {', '.join(POWERS)}, found {kind!r}")
    p = beta.size
    meat, exact = np.zeros((p, p)), np.zeros((p, p))
    bundles: list[Bundle] = []
    n_subjects = n_exact = 0
    for rows in rotated_bundles(records, beta=beta, Sigma=Sigma, basis=basis):
        Q, residual = rows[..., :p], rows[..., p]
        share, fitted = fitted_exactly(Q)
        bundle = Bundle(Q=Q, weight=correction(Q, POWERS[kind]))
        score = bundle.scores(bundle.corrected(residual))
        meat += score.T @ score
        exact += share
        n_exact += fitted
        n_subjects += len(Q)
        bundles.append(bundle)
    if n_subjects < 2:
        raise NotEstimableError(tell("one subject alone says nothing of how subjects vary"))
    return RobustCovariance(
        vcov=basis @ meat @ basis.T,
        kind=kind,
        n_subjects=n_subjects,
        n_exact=n_exact,
        basis=basis,
        exact=exact,
        bundles=tuple(bundles),
        meat=meat,
    )


def rotated_bundles(
    records: SubjectRecords, *, beta: FloatArray, Sigma: FloatArray, basis: FloatArray
) -> Iterator[FloatArray]:
    """Yield design (in the basis) and residual of the subjects with 1, 2, ... records.

    Each array has shape (c, m, p + 1); errors are independent with variance 1 under the
    fitted covariance.
    """
    order = np.lexsort((records.visit, records.subject))
    subject, visit = records.subject[order], records.visit[order]
    first = np.flatnonzero(np.diff(subject, prepend=subject[:1] - 1))
    sizes = np.diff(first, append=subject.size)
    seen = np.zeros((first.size, records.n_visits), dtype=bool)
    seen[np.repeat(np.arange(first.size), sizes), visit] = True
    group = np.zeros(first.size, dtype=np.int64)
    if records.group is not None:
        group = records.group[order[first]].astype(np.int64)
    patterns, which = distinct_patterns(seen, group)
    for m in np.unique(sizes):
        parts = []
        for k in np.flatnonzero(sizes[patterns] == m):
            places = np.flatnonzero(seen[patterns[k]]) + group[patterns[k]] * records.n_visits
            root = np.linalg.inv(np.linalg.cholesky(Sigma[np.ix_(places, places)]))
            members = order[first[which == k][:, np.newaxis] + np.arange(m)]
            parts.append(root @ weighted_rows(records, members, beta=beta, basis=basis))
        yield np.concatenate(parts)


def weighted_rows(
    records: SubjectRecords, members: IntArray, *, beta: FloatArray, basis: FloatArray
) -> FloatArray:
    """Return X G and y - X beta of some records, times the roots of their weights.

    Parameters
    ----------
    members : array of int, shape (c, m)

    Returns
    -------
    array, shape (c, m, p + 1)
    """
    flat = members.ravel()
    X = records.X[flat]
    rows = np.empty((flat.size, beta.size + 1))
    rows[:, :-1] = X @ basis
    rows[:, -1] = records.y[flat] - X @ beta
    if records.weights is not None:
        rows *= np.sqrt(records.weights[flat])[:, np.newaxis]
    return rows.reshape(*members.shape, -1)


def correction(Q: FloatArray, power: float) -> FloatArray | None:
    """Return (I - Q_i Q_i')^power of each subject; directions fitted exactly are left out.

    Parameters
    ----------
    Q : array, shape (c, m, p)

    Returns
    -------
    array, shape (c, m, m), or None for power 0
    """
    if power == 0:
        return None
    free, vectors = np.linalg.eigh(np.eye(Q.shape[1]) - Q @ np.swapaxes(Q, 1, 2))
    root = np.where(free > SINGULAR, np.abs(free), np.inf) ** power
    return np.asarray((vectors * root[:, np.newaxis]) @ np.swapaxes(vectors, 1, 2))


def fitted_exactly(Q: FloatArray) -> tuple[FloatArray, int]:
    """Return the sum of projections on what is fitted exactly, and how many subjects have it.

    Parameters
    ----------
    Q : array, shape (c, m, p)

    Returns
    -------
    share : array, shape (p, p)
    n_exact : int
    """
    p = Q.shape[-1]
    # Only a subject with leverages that sum to 1 can have an eigenvalue 1.
    heavy = Q[np.einsum("cmp,cmp->c", Q, Q) >= 1 - 2 * SINGULAR]
    if not len(heavy):
        return np.zeros((p, p)), 0
    free, vectors = np.linalg.eigh(np.eye(Q.shape[1]) - heavy @ np.swapaxes(heavy, 1, 2))
    fixed = free <= SINGULAR
    directions = np.swapaxes(vectors * fixed[:, np.newaxis], 1, 2) @ heavy
    flat = directions.reshape(-1, p)
    return flat.T @ flat, int(fixed.any(axis=1).sum())


def robust_df(robust: RobustCovariance, L: FloatArray) -> FloatArray:
    """Return the degrees of freedom of linear functions under a cluster-robust covariance.

    The variance estimate is sum_i (p_i' e)^2 for some vectors p_i; if the fitted covariance is
    right, df = (sum p_i'p_i)^2 / sum_ij (p_i'p_j)^2.

    Parameters
    ----------
    robust : RobustCovariance
    L : array, shape (m, p)

    Returns
    -------
    array, shape (m,)
        NaN where ``robust.unknown(L)``, and for a row of zeros.

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181. Pustejovsky JE, Tipton E (2018). J
    Bus Econ Stat 36:672-683. R ``mmrm`` with ``method = "Satterthwaite"``.
    """
    turned = L @ robust.basis
    df = np.array([function_df(robust.bundles, c) for c in turned])
    return np.where(robust.unknown(L), np.nan, df)


def function_df(bundles: tuple[Bundle, ...], c: FloatArray) -> float:
    """Return the degrees of freedom of one function, given in the basis, shape (p,).

    p_i'p_j = [i = j] a_i'a_i - s_i's_j with a_i the corrected Q_i c and s_i = Q_i'a_i, so that
    sum_ij (p_i'p_j)^2 needs no more than the p by p matrix sum_i s_i s_i'.
    """
    p = c.size
    mean = squares = 0.0
    shared = np.zeros((p, p))
    for bundle in bundles:
        a = bundle.corrected(bundle.Q @ c)
        own = np.sum(a**2, axis=1)
        s = bundle.scores(a)
        length = np.sum(s**2, axis=1)
        mean += float(np.sum(own - length))
        squares += float(np.sum(own * (own - 2 * length)))
        shared += s.T @ s
    squares += float(np.sum(shared**2))
    return mean**2 / squares if squares > 0 else np.nan


def robust_test(robust: RobustCovariance, *, beta: FloatArray, L: FloatArray) -> JointTest:
    """Test that every row of L beta is zero.

    The F statistic is split into t tests of functions that are uncorrelated under the robust
    covariance, and their degrees of freedom are pooled. Rows that depend on others (or vary
    with them exactly) are counted once.

    Parameters
    ----------
    robust : RobustCovariance
    beta : array, shape (p,)
    L : array, shape (m, p)

    Returns
    -------
    JointTest
        NaN, but for ``df_num``, where a row is ``unknown``.

    Raises
    ------
    NotEstimableError
        If no row of L varies.

    References
    ----------
    Fai AH, Cornelius PL (1996). J Stat Comput Simul 54:363-378. R ``mmrm::df_md``.
    """
    turned = L @ robust.basis
    values, vectors = np.linalg.eigh(turned @ robust.meat @ turned.T)
    kept = values > RANK * max(values[-1], 0.0)
    if not kept.any():
        raise NotEstimableError(tell("the functions to be tested do not vary"))
    along = vectors[:, kept].T @ L
    if robust.unknown(L).any():
        return joint_test(np.nan, len(along), np.nan)
    squares = (along @ beta) ** 2 / values[kept]
    return joint_test(float(squares.mean()), len(along), pooled_df(robust_df(robust, along)))
