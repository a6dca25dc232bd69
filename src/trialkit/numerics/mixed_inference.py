"""Small-sample inference in a fitted model: Satterthwaite, Kenward and Roger."""

from dataclasses import dataclass

import numpy as np

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.covariance_structures import Local
from trialkit.numerics.mixed_fit import MixedFit
from trialkit.numerics.mixed_likelihood import (
    D_BY_PATTERN,
    in_frame,
    inverse_by_pattern,
    moment_by_pair,
    projected_rows,
)
from trialkit.numerics.tails import f_p_value

# Degrees of freedom that differ by less than this are the same.
SAME_DF = 1e-8
# Kenward and Roger's two sums are in Hotelling's ratio, but for rounding.
SAME_RATIO = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointTest:
    """An F test that several linear functions are zero."""

    statistic: float
    df_num: float
    df: float
    p_value: float


def satterthwaite_df(fit: MixedFit, L: FloatArray) -> FloatArray:
    """Return the degrees of freedom of each linear function of the coefficients.

    df = 2 v^2 / (g' A g), with v = l' Phi l, g its gradient in the covariance parameters and
    A the inverse of their observed information. The value does not depend on which
    parameters are used.

    Parameters
    ----------
    fit : MixedFit
    L : array, shape (m, p)

    Returns
    -------
    array, shape (b, m)

    References
    ----------
    Giesbrecht FG, Burns JC (1985). Biometrics 41:477-486. Fai AH, Cornelius PL (1996). J Stat
    Comput Simul 54:363-378. SAS ``DDFM=SATTERTHWAITE``.
    """
    turned = L @ fit.basis
    return variance_df(fit, turned)


def variance_df(fit: MixedFit, turned: FloatArray) -> FloatArray:
    """Return the degrees of freedom of functions given on the basis of the coefficients."""
    variance = (turned**2).sum(axis=-1)
    moved = fit.slopes.moved
    rows = turned[:, np.newaxis]
    gradient = np.swapaxes((rows @ moved * rows).sum(axis=-1), 1, 2)
    spread = (gradient @ fit.parameter_covariance * gradient).sum(axis=-1)
    return np.asarray(2 * variance**2 / spread)


def kenward_roger_basis(fit: MixedFit, *, linear: bool) -> FloatArray:
    """Return the Kenward-Roger covariance of the coefficients over the model-based one.

    Phi_A = G (I + 2 Lambda) G' with G G' = Phi and

    Lambda = sum_hj A_hj (Q_hj - P_h P_j - R_hj / 4)

    in the basis G, where P_h, Q_hj and R_hj come from the first derivatives, their products and
    the second derivatives of V in the natural parameters.

    Parameters
    ----------
    fit : MixedFit
    linear : bool
        Leave out the second derivatives; the result then does not depend on the parameters.

    Returns
    -------
    array, shape (b, p, p)
        I + 2 Lambda.

    References
    ----------
    Kenward MG, Roger JH (1997). Biometrics 53:983-997, formula (2); (2009) Comput Stat Data
    Anal 53:2583-2595. SAS ``DDFM=KR`` and ``KR(LINEAR)``.
    """
    A = fit.parameter_covariance
    moved = fit.slopes.moved
    local = fit.structure.local(fit.optimum.point)
    products = (
        products_by_block(fit, local, A)
        if local.first.ndim == D_BY_PATTERN
        else shared_products(fit, local, A)
    )
    trials, h, p, _ = moved.shape
    weighted = (A @ moved.reshape(trials, h, p * p)).reshape(moved.shape)
    Lambda = products - (moved @ weighted).sum(axis=1)
    natural = fit.structure.natural(fit.optimum.point)
    if not linear and natural.second is not None:
        scaled = A * natural.rate[:, :, np.newaxis] * natural.rate[:, np.newaxis, :]
        Lambda -= curvature_products(fit, scaled, natural.second) / 4
    Lambda = (Lambda + np.swapaxes(Lambda, 1, 2)) / 2
    return np.asarray(np.eye(p) + 2 * Lambda)


def shared_products(fit: MixedFit, local: Local, A: FloatArray) -> FloatArray:
    """Return sum_hj A_hj Q_hj where all patterns share the derivatives of one Sigma."""
    trials, h, t, _ = local.first.shape
    J = in_frame(fit.at, local.first).reshape(trials, h, t * t)
    rows = projected_rows(fit.blocks, fit.at)[..., : fit.blocks.n_coefficients]
    W = inverse_by_pattern(fit.at).reshape(trials, -1, t * t)
    # sum_hj A_hj D_h[a, b] D_j[c, d], by (a, d) and (b, c).
    pairs = (np.swapaxes(J, 1, 2) @ A @ J).reshape(trials, t, t, t, t)
    outer = np.moveaxis(pairs, 4, 2).reshape(trials, t * t, t * t)
    middle = np.swapaxes(outer @ np.swapaxes(W, 1, 2), 1, 2).reshape(trials, -1, t, t)
    products = np.swapaxes(rows, -1, -2) @ middle[:, fit.blocks.pattern] @ rows
    return np.asarray(products.sum(axis=1))


def products_by_block(fit: MixedFit, local: Local, A: FloatArray) -> FloatArray:
    """Return sum_hj A_hj Q_hj where every pattern has derivatives of its own."""
    pattern = fit.blocks.pattern
    rows = projected_rows(fit.blocks, fit.at)[..., : fit.blocks.n_coefficients]
    turned = local.first[:, pattern] @ rows[:, :, np.newaxis]
    W = inverse_by_pattern(fit.at)[:, pattern]
    return np.asarray(np.einsum("brhsp,bhj,brst,brjtq->bpq", turned, A, W, turned, optimize=True))


def curvature_products(fit: MixedFit, A: FloatArray, second: FloatArray) -> FloatArray:
    """Return sum_hj A_hj R_hj.

    Parameters
    ----------
    A : array, shape (b, h, h)
        Covariance of the natural parameters.
    second : array, shape (b, h, h, t, t), or (b, k, h, h, t, t) by pattern
    """
    rows = projected_rows(fit.blocks, fit.at)[..., : fit.blocks.n_coefficients]
    if second.ndim == D_BY_PATTERN:
        bent = in_frame(fit.at, np.einsum("bhj,bhjst->bst", A, second, optimize=True))
        return np.asarray(
            np.einsum("bst,bstpq->bpq", bent, moment_by_pair(rows, slice(None)), optimize=True)
        )
    by_pattern = np.einsum("bhj,bkhjst->bkst", A, second, optimize=True)
    products = np.swapaxes(rows, -1, -2) @ by_pattern[:, fit.blocks.pattern] @ rows
    return np.asarray(products.sum(axis=1))


def satterthwaite_test(fit: MixedFit, L: FloatArray) -> JointTest:
    """Test that every row of L beta is zero, with the Satterthwaite denominator.

    The F statistic is split into t tests of uncorrelated functions, whose degrees of freedom
    nu give E = sum nu / (nu - 2) and the denominator 2 E / (E - l).

    Parameters
    ----------
    fit : MixedFit
        Of one trial.
    L : array, shape (l, p)
        Rows that are linearly independent.

    References
    ----------
    Fai AH, Cornelius PL (1996). J Stat Comput Simul 54:363-378. R ``lmerTest``; SAS ``DDFM =
    SATTERTHWAITE``.
    """
    turned = L @ fit.basis[0]
    estimate = L @ fit.beta[0]
    values, vectors = np.linalg.eigh(turned @ turned.T)
    along = vectors.T @ turned
    squares = (vectors.T @ estimate) ** 2 / values
    df = pooled_df(variance_df(fit, along[np.newaxis])[0])
    return joint_test(float(squares.mean()), len(L), df)


def pooled_df(each: FloatArray) -> float:
    """Return the denominator df of an F that is the mean of squared t with df of their own."""
    if np.ptp(each) < SAME_DF:
        return float(each.mean())
    if np.any(each <= 2):
        return 2.0
    E = float(np.sum(each / (each - 2)))
    return 2 * E / (E - len(each))


def joint_test(statistic: float, df_num: int, df: float) -> JointTest:
    """Return an F test with its p-value."""
    return JointTest(
        statistic=statistic,
        df_num=float(df_num),
        df=df,
        p_value=f_p_value(statistic, float(df_num), df),
    )


def wald_statistic(estimate: FloatArray, covariance: FloatArray) -> float:
    """Return e' V^-1 e over the number of its entries."""
    return float(estimate @ np.linalg.solve(covariance, estimate)) / estimate.size


def kenward_roger_test(fit: MixedFit, L: FloatArray, adjusted: FloatArray) -> JointTest:
    """Test that every row of L beta is zero, by Kenward and Roger's scaled F.

    Parameters
    ----------
    fit : MixedFit
        Of one trial.
    L : array, shape (l, p)
    adjusted : array, shape (p, p)
        What ``kenward_roger_basis`` gives.

    References
    ----------
    Kenward MG, Roger JH (1997). Biometrics 53:983-997, section 3. R ``pbkrtest::KRmodcomp``.
    """
    turned = L @ fit.basis[0]
    Theta = turned.T @ np.linalg.solve(turned @ turned.T, turned)
    moved, A = fit.slopes.moved[0], fit.parameter_covariance[0]
    inside = Theta @ moved
    trace = np.trace(inside, axis1=1, axis2=2)
    A1 = float(trace @ A @ trace)
    A2 = float(np.sum(np.tensordot(A, inside, axes=1) * np.swapaxes(inside, 1, 2)))
    scale, df = scaled_f(len(L), A1, A2)
    wald = wald_statistic(L @ fit.beta[0], turned @ adjusted @ turned.T)
    return joint_test(scale * wald, len(L), df)


def scaled_f(rows: int, A1: float, A2: float) -> tuple[float, float]:
    """Return by what the Wald statistic is multiplied, and the denominator df.

    Both are matched to the first two moments of the statistic, such that they are exact
    where an exact F exists (Hotelling's T, one-way analyses), be its df as few as 1. NaN
    where too little is known of the covariance: the statistic has no mean, or F on these df
    has none.
    """
    m = rows * (rows + 1) / A2
    if abs(A1 * (rows + 1) - 2 * A2) <= SAME_RATIO * A2:
        # Hotelling's T on m df (Student's for one row); the formulas below are 0 / 0 at 2 df.
        return ((m - rows + 1) / m, m - rows + 1) if m > rows - 1 else (np.nan, np.nan)
    B = (A1 + 6 * A2) / (2 * rows)
    g = ((rows + 1) * A1 - (rows + 4) * A2) / ((rows + 2) * A2)
    below = 3 * rows + 2 * (1 - g)
    c1, c2, c3 = g / below, (rows - g) / below, (rows + 2 - g) / below
    share = 1 - A2 / rows
    # rows * rho = above / under; under is 0 where the df are 4.
    above = (1 + c1 * B) * share**2
    under = (1 - c2 * B) ** 2 * (1 - c3 * B)
    df = 4 + (rows + 2) * under / (above - under)
    return (df * share / (df - 2), df) if share > 0 and df > 2 else (np.nan, np.nan)
