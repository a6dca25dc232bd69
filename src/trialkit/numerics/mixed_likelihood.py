"""The likelihood of a linear model with correlated errors, and its exact derivatives."""

from dataclasses import dataclass

import numpy as np

from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.covariance_structures import Local
from trialkit.numerics.subject_blocks import Blocks

LOG_2_PI = float(np.log(2 * np.pi))
# Dimensions of covariance matrices, and of their derivatives, that patterns do not share.
V_BY_PATTERN, D_BY_PATTERN = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likelihood:
    """The likelihood of each trial at one Sigma, maximised over the coefficients.

    Attributes
    ----------
    value : array, shape (b,)
        Minus the (restricted) log-likelihood; infinite where Sigma is not positive definite.
    root : array, shape (b, k, m, t)
        C^-1 M L for each pattern, with C and L the Cholesky factors of M Sigma M' and Sigma:
        its rows are orthonormal, however near to singular Sigma is. (C^-1 M where patterns
        share no Sigma.)
    frame : array, shape (b, t, t), or None
        L^-1, by which derivatives of Sigma are turned to the same coordinates.
    whitened : array, shape (b, r, m, p + 1)
        The columns C^-1 X K^-T, orthonormal over all records, and the residual C^-1 e.
    K : array, shape (b, p, p)
        Cholesky factor of X' V^-1 X.
    beta : array, shape (b, p)
        Coefficients of X.
    """

    value: FloatArray
    root: FloatArray
    frame: FloatArray | None
    whitened: FloatArray
    K: FloatArray
    beta: FloatArray

    def trials(self, chosen: BoolArray) -> "Likelihood":
        """Return the likelihood of some of the trials."""
        return Likelihood(
            value=self.value[chosen],
            root=self.root[chosen],
            frame=None if self.frame is None else self.frame[chosen],
            whitened=self.whitened[chosen],
            K=self.K[chosen],
            beta=self.beta[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derivatives:
    """First and second derivatives of minus the log-likelihood, and what they are made of.

    Attributes
    ----------
    gradient : array, shape (b, h)
    hessian : array, shape (b, h, h)
    moved : array, shape (b, h, p, p)
        K^-1 X' V^-1 D V^-1 X K^-T for the derivative D of V by each parameter: minus the
        derivative of X' V^-1 X where that is the identity.
    """

    gradient: FloatArray
    hessian: FloatArray
    moved: FloatArray


def likelihood(blocks: Blocks, Sigma: FloatArray, *, reml: bool) -> Likelihood:
    """Evaluate the likelihood of each trial.

    -2 l = sum log|V_i| + e' V^-1 e + N log 2 pi, and for REML + log|X' V^-1 X| - p log 2 pi,
    with V_i = M_i Sigma M_i' divided by the records' weights.

    Parameters
    ----------
    blocks : Blocks
    Sigma : array, shape (b, t, t), or (b, k, t, t) where patterns do not share one
    reml : bool
        Restricted likelihood.

    References
    ----------
    Harville DA (1977). J Am Statist Assoc 72:320-338. SAS ``PROC MIXED``.
    """
    p = blocks.n_coefficients
    M = blocks.incidence
    each = Sigma if Sigma.ndim == V_BY_PATTERN else Sigma[:, np.newaxis]
    L, definite = cholesky(each)
    if definite.all():
        root, C_inverse, log_det, inside = whitening(M @ L, blocks.absent)
    else:  # A component without variance leaves M Sigma M' definite all the same.
        L = np.asarray(np.broadcast_to(np.eye(Sigma.shape[-1]), L.shape), dtype=np.float64)
        C, inside = cholesky(M @ each @ np.swapaxes(M, -1, -2) + blocks.absent)
        C_inverse, log_det = np.asarray(np.linalg.inv(C)), log_determinant(C)
        root = np.asarray(C_inverse @ M)
    whitened = C_inverse[:, blocks.pattern] @ blocks.A
    trials = len(whitened)
    flat = whitened.reshape(trials, -1, p + 1)
    X, y = flat[..., :p], flat[..., p]
    orthonormal, K, full = orthonormalise(X)
    K_inverse = np.linalg.inv(K)
    projected = (np.swapaxes(orthonormal, 1, 2) @ y[..., np.newaxis])[..., 0]
    residual = y - (orthonormal @ projected[..., np.newaxis])[..., 0]
    n = blocks.n_records - (p if reml else 0)
    twice = (blocks.counts * log_det).sum(axis=1) + (residual**2).sum(axis=1) + n * LOG_2_PI
    if reml:
        twice += 2 * np.log(np.diagonal(K, axis1=-2, axis2=-1)).sum(axis=-1)
    value = np.where(inside & full, (twice - blocks.log_weights) / 2, np.inf)
    columns = np.concatenate([orthonormal, residual[..., np.newaxis]], axis=-1)
    return Likelihood(
        value=value,
        root=root @ np.linalg.inv(L) if each is Sigma else root,
        frame=None if each is Sigma else np.asarray(np.linalg.inv(L[:, 0]), dtype=np.float64),
        whitened=columns.reshape(whitened.shape),
        K=K,
        beta=(projected[:, np.newaxis] @ K_inverse)[:, 0],
    )


def whitening(
    factors: FloatArray, absent: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Return what turns the records of each pattern to independent errors of variance 1.

    Parameters
    ----------
    factors : array, shape (b, k, m, t)
        F with F F' the covariance of a pattern's records; zero rows without a record.
    absent : array, shape (k, m, m)
        Identity on the rows without a record.

    Returns
    -------
    root : array, shape (b, k, m, t)
        C^-1 F with orthonormal rows. The Cholesky factor C of F F' has lost as many digits as
        F is near to singular; that of the nearly orthonormal rows wins them back.
    C_inverse : array, shape (b, k, m, m)
    log_det : array, shape (b, k)
        Of F F'.
    inside : array, shape (b,)
        Whether all of them are positive definite.
    """
    first, inside = cholesky(factors @ np.swapaxes(factors, -1, -2) + absent)
    turned = np.linalg.inv(first)
    root = turned @ factors
    second, _ = cholesky(root @ np.swapaxes(root, -1, -2) + absent)
    back = np.linalg.inv(second)
    log_det = log_determinant(first) + log_determinant(second)
    return back @ root, back @ turned, log_det, inside


def log_determinant(C: FloatArray) -> FloatArray:
    """Return log|C C'|, shape (b, k)."""
    return np.asarray(2 * np.log(np.diagonal(C, axis1=-2, axis2=-1)).sum(axis=-1))


def orthonormalise(X: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return Q and K with X = Q K', and for each trial whether X has full rank.

    Cholesky twice, as ``whitening``: the second time wins back the digits that the product of
    nearly dependent columns has lost.

    Parameters
    ----------
    X : array, shape (b, n, p)
    """
    first, full = cholesky((np.swapaxes(X, 1, 2) @ X)[:, np.newaxis])
    Q = X @ np.swapaxes(np.linalg.inv(first[:, 0]), 1, 2)
    second, _ = cholesky((np.swapaxes(Q, 1, 2) @ Q)[:, np.newaxis])
    Q = Q @ np.swapaxes(np.linalg.inv(second[:, 0]), 1, 2)
    return Q, first[:, 0] @ second[:, 0], full


def cholesky(V: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return Cholesky factors, and for each trial whether all its matrices have one.

    A matrix without one gets the identity.

    Parameters
    ----------
    V : array, shape (b, k, m, m)
    """
    inside = np.ones(len(V), dtype=bool)
    try:
        return np.asarray(np.linalg.cholesky(V)), inside
    except np.linalg.LinAlgError:
        factors = np.broadcast_to(np.eye(V.shape[-1]), V.shape).copy()
    for trial, matrices in enumerate(V):
        try:
            factors[trial] = np.linalg.cholesky(matrices)
        except np.linalg.LinAlgError:
            inside[trial] = False
    return factors, inside


def projected_rows(blocks: Blocks, at: Likelihood) -> FloatArray:
    """Return L' M' V^-1 times the orthonormal columns and the residual, (b, r, t, p + 1)."""
    return np.asarray(np.swapaxes(at.root, -1, -2)[:, blocks.pattern] @ at.whitened)


def inverse_by_pattern(at: Likelihood) -> FloatArray:
    """Return L' M' V^-1 M L for each pattern, shape (b, k, t, t)."""
    return np.asarray(np.swapaxes(at.root, -1, -2) @ at.root)


def in_frame(at: Likelihood, D: FloatArray) -> FloatArray:
    """Return L^-1 D L^-T for derivatives of Sigma, shape (b, ..., t, t)."""
    if at.frame is None:
        return D
    frame = at.frame.reshape(len(D), *([1] * (D.ndim - 3)), *at.frame.shape[1:])
    return np.asarray(frame @ D @ np.swapaxes(frame, -1, -2))


def moment_by_pair(rows: FloatArray, columns: slice) -> FloatArray:
    """Return the cross-products of rows by pairs of visits, shape (b, t, t, c, c)."""
    chosen = rows[..., columns]
    trials, r, t, c = chosen.shape
    flat = chosen.reshape(trials, r, t * c)
    products = (np.swapaxes(flat, 1, 2) @ flat).reshape(trials, t, c, t, c)
    return np.swapaxes(products, 2, 3)


def products_by_entry(W: FloatArray, inner: FloatArray, entries: IntArray) -> FloatArray:
    """Return sums over patterns of W[b, c] inner[d, a] for entries (a, b) and (c, d).

    Entries are places of Sigma, counted along its rows. Where many matrices stand side by side
    few of them move, and only these are formed.

    Parameters
    ----------
    W, inner : array, shape (b, k, t, t)
    entries : array of int, shape (e,)

    Returns
    -------
    array, shape (b, e, e)
    """
    trials, _, t, _ = W.shape
    if len(entries) < t * t:
        a, b = np.divmod(entries, t)
        turned = inner[:, :, b, a[:, np.newaxis]]
        return np.asarray(np.einsum("bkij,bkij->bij", W[:, :, b[:, np.newaxis], a], turned))
    pairs = np.swapaxes(W.reshape(trials, -1, t * t), 1, 2) @ inner.reshape(trials, -1, t * t)
    # The products stand at (b, c, d, a).
    return np.moveaxis(pairs.reshape(trials, t, t, t, t), 4, 1).reshape(trials, t * t, t * t)


def derivatives(blocks: Blocks, at: Likelihood, local: Local, *, reml: bool) -> Derivatives:
    """Differentiate the likelihood twice along the working parameters of a structure.

    With W = M' V^-1 M, R the residual and X the design after M' V^-1, D the derivatives of
    Sigma (all in coordinates in which Sigma is the identity) and Phi = (X' V^-1 X)^-1, minus l has

    gradient_h = 1/2 sum { c tr(W D_h) - tr(Phi X' D_h X) - R' D_h R },
    hessian_hj = sum { -c/2 tr(W D_h W D_j) + tr(Phi X' D_h W D_j X) + R' D_h W D_j R }
                 - 1/2 tr(Phi X' D_h X Phi X' D_j X) - R' D_h X Phi X' D_j R
                 + second derivatives of Sigma,

    without the terms in Phi under maximum likelihood, but for the last.

    References
    ----------
    Lindstrom MJ, Bates DM (1988). J Am Statist Assoc 83:1014-1022. Wolfinger R, Tobias R,
    Sall J (1994). SIAM J Sci Comput 15:1294-1310.
    """
    if local.first.ndim == D_BY_PATTERN:
        return derivatives_by_block(blocks, at, local, reml=reml)
    p = blocks.n_coefficients
    trials, h, t, _ = local.first.shape
    rows = projected_rows(blocks, at)
    W = inverse_by_pattern(at)
    used = rows if reml else rows[..., p:]
    spread = blocks.by_pattern(used @ np.swapaxes(used, -1, -2))
    counts = blocks.counts[:, :, np.newaxis, np.newaxis]
    Gamma = ((counts * W).sum(axis=1) - spread.sum(axis=1)) / 2
    J = in_frame(at, local.first).reshape(trials, h, t * t)
    gradient = (J @ Gamma.reshape(trials, t * t, 1))[..., 0]
    inner = spread - counts * W / 2
    entries = np.flatnonzero(J.any(axis=(0, 1)))
    used_J = J if len(entries) == t * t else J[..., entries]
    moments = moment_by_pair(rows, slice(None)).reshape(trials, t * t, (p + 1) ** 2)
    moved = (J @ moments).reshape(trials, h, p + 1, p + 1)
    by_residual = moved[:, :, :p, p]
    by_design = np.ascontiguousarray(moved[:, :, :p, :p])
    metric = products_by_entry(W, inner, entries)
    hessian = used_J @ metric @ np.swapaxes(used_J, 1, 2)
    hessian -= by_residual @ np.swapaxes(by_residual, 1, 2)
    if reml:
        flat = by_design.reshape(trials, h, p * p)
        hessian -= flat @ np.swapaxes(flat, 1, 2) / 2
    if at.frame is not None:
        Gamma = np.swapaxes(at.frame, 1, 2) @ Gamma @ at.frame
    hessian += local.curvature(Gamma)
    return Derivatives(
        gradient=gradient,
        hessian=(hessian + np.swapaxes(hessian, 1, 2)) / 2,
        moved=by_design,
    )


def derivatives_by_block(
    blocks: Blocks, at: Likelihood, local: Local, *, reml: bool
) -> Derivatives:
    """Differentiate the likelihood twice where every pattern has derivatives of its own.

    As ``derivatives``, with D_h a matrix for each pattern.
    """
    p = blocks.n_coefficients
    rows = projected_rows(blocks, at)
    W = inverse_by_pattern(at)
    used = slice(None) if reml else slice(p, None)
    spread = blocks.by_pattern(rows[..., used] @ np.swapaxes(rows[..., used], -1, -2))
    Gamma = (blocks.counts[:, :, np.newaxis, np.newaxis] * W - spread) / 2
    D = local.first
    gradient = np.einsum("bkst,bkhst->bh", Gamma, D, optimize=True)
    turned = D[:, blocks.pattern] @ rows[:, :, np.newaxis]
    moved = np.einsum("brsp,brhsq->bhpq", rows, turned, optimize=True)
    half = W[:, :, np.newaxis] @ D
    hessian = -np.einsum("bk,bkhst,bkjts->bhj", blocks.counts, half, half, optimize=True) / 2
    chosen = turned[..., used]
    hessian += np.einsum(
        "brhsq,brst,brjtq->bhj", chosen, W[:, blocks.pattern], chosen, optimize=True
    )
    by_residual = moved[:, :, :p, p]
    by_design = np.ascontiguousarray(moved[:, :, :p, :p])
    hessian -= by_residual @ np.swapaxes(by_residual, 1, 2)
    if reml:
        flat = by_design.reshape(*by_design.shape[:2], p * p)
        hessian -= flat @ np.swapaxes(flat, 1, 2) / 2
    hessian += local.curvature(Gamma)
    return Derivatives(
        gradient=gradient,
        hessian=(hessian + np.swapaxes(hessian, 1, 2)) / 2,
        moved=by_design,
    )
