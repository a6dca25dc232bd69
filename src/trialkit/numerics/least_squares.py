"""Ordinary least squares on prepared arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray

# A residual this small beside the outcome, in units of machine epsilon, is rounding: the
# fit is exact and the error variance 0. NIST's hardest problem with noise (SmLs07) has 450.
EXACT_FIT = 8 * np.finfo(np.float64).eps
# Share of a column's length left after projecting out the columns before it. The worst
# design of NIST's collection that is of full rank (Filip) leaves 2e-10 of its last column.
DEPENDENCE_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastSquaresFit:
    """Coefficients of a full-rank linear model, and their covariance.

    Attributes
    ----------
    beta : array, shape (k,)
    vcov : array, shape (k, k)
        sigma2 (X'X)^-1.
    sigma2 : float
        Residual variance on ``df_residual``, squared unit of the outcome.
    df_residual : int
        n - k.
    r_squared : float
        1 - RSS / TSS about the mean of y; NaN where y is constant.
    residual_squares : float
        RSS, squared unit of the outcome.
    """

    beta: FloatArray
    vcov: FloatArray
    sigma2: float
    df_residual: int
    r_squared: float
    residual_squares: float


def fit_least_squares(
    X: FloatArray, y: FloatArray, names: Sequence[str] | None = None
) -> LeastSquaresFit:
    """Fit y = X beta + error by Householder QR.

    With small residuals QR loses about log10(cond(X)) of 16 digits; forming X'X would
    lose twice as many. Columns are scaled to unit length first, so that a covariate in
    large units costs nothing.

    Parameters
    ----------
    X : array, shape (n, k)
        Design matrix, n > k. Columns may differ in scale.
    y : array, shape (n,)
        Outcome, no missing values.
    names : sequence of str, length k, optional
        Names of the columns, for the error message.

    Returns
    -------
    LeastSquaresFit
        ``beta`` in units of y per unit of the column; ``sigma2`` in squared units of y.

    Raises
    ------
    NotEstimableError
        If n <= k, or if a column is a linear combination of the columns before it; the
        message names it.

    References
    ----------
    Golub GH, Van Loan CF (2013). Matrix Computations, 4th ed., section 5.3.
    """
    n, k = X.shape
    labels = list(names) if names is not None else [tell("column {j}", j=j) for j in range(k)]
    if n <= k:
        raise NotEstimableError(
            tell(
                "{n} complete records cannot determine {k} coefficients and an error variance; "
                "leave out covariates",
                n=n,
                k=k,
            )
        )
    length = np.linalg.norm(X, axis=0)
    scale = np.where(length > 0, length, 1.0)
    Q, R = linalg.qr(X / scale, mode="economic")
    dependent = np.flatnonzero((np.abs(np.diag(R)) <= DEPENDENCE_TOLERANCE) | (length == 0))
    if dependent.size:
        named = dict.fromkeys(labels[j] for j in dependent)
        raise NotEstimableError(
            tell(
                "{terms}: a linear combination of the terms before it (rank {rank} of {k}); "
                "leave it out of the covariates",
                terms=tell_list(named),
                rank=k - dependent.size,
                k=k,
            )
        )
    beta = linalg.solve_triangular(R, Q.T @ y)
    residual = y - (X / scale) @ beta
    # One step of refinement wins back digits that a badly scaled y costs.
    beta = beta + linalg.solve_triangular(R, Q.T @ residual)
    residual = y - (X / scale) @ beta
    exact = np.linalg.norm(residual) <= EXACT_FIT * np.linalg.norm(y)
    sigma2 = 0.0 if exact else float(residual @ residual) / (n - k)
    R_inverse = linalg.solve_triangular(R, np.eye(k)) / scale[:, np.newaxis]
    total = float(np.sum((y - y.mean()) ** 2))
    squares = float(residual @ residual)
    return LeastSquaresFit(
        beta=beta / scale,
        vcov=sigma2 * R_inverse @ R_inverse.T,
        sigma2=sigma2,
        df_residual=n - k,
        r_squared=1 - squares / total if total > 0 else float("nan"),
        residual_squares=squares,
    )


def residuals(X: FloatArray, y: FloatArray, beta: FloatArray) -> FloatArray:
    """Return y - X beta, exactly 0 where what is left is rounding.

    A part of the records can be fitted exactly (an arm in which everyone is alike), while
    the fit as a whole is not: noise of that part must not pass for spread.

    Parameters
    ----------
    X : array, shape (n, k)
    y : array, shape (n,)
    beta : array, shape (k,)

    Returns
    -------
    array, shape (n,)
    """
    residual = y - X @ beta
    size = np.abs(y) + np.abs(X) @ np.abs(beta) + np.max(np.abs(residual), initial=0.0)
    return np.where(np.abs(residual) <= EXACT_FIT * size, 0.0, residual)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitFigures:
    """What is printed about a linear model with an intercept as a whole.

    The log likelihood is the normal one at its maximum; its AIC and BIC count the residual
    variance as a parameter, as R's ``logLik`` does. A figure that does not exist is NaN.
    """

    adjusted_r_squared: float
    F: float
    F_df: int
    log_likelihood: float
    aic: float
    bic: float


def fit_figures(fit: LeastSquaresFit) -> FitFigures:
    """Return adjusted R squared, the F test of all terms, log likelihood, AIC and BIC."""
    k = fit.beta.size
    n = fit.df_residual + k
    left = 1 - fit.r_squared
    inside = fit.sigma2 > 0
    log_likelihood = (
        -n / 2 * (np.log(2 * np.pi * fit.residual_squares / n) + 1) if inside else float("nan")
    )
    explained = fit.r_squared / (k - 1) if k > 1 else float("nan")
    return FitFigures(
        adjusted_r_squared=1 - left * (n - 1) / fit.df_residual,
        F=explained / (left / fit.df_residual) if inside else float("nan"),
        F_df=k - 1,
        log_likelihood=float(log_likelihood),
        aic=float(-2 * log_likelihood + 2 * (k + 1)),
        bic=float(-2 * log_likelihood + np.log(n) * (k + 1)),
    )
