"""How well a linear model fits its records: leverage, influence, unequal variances."""

from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.robust_covariance import FULL_LEVERAGE, influence
from trialkit.numerics.tails import ChiSquare, chi_square_test


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordDiagnostics:
    """Leverage, internally studentised residual and Cook's distance; shape (n,) each."""

    leverage: FloatArray
    std_residual: FloatArray
    cooks_distance: FloatArray


def record_diagnostics(X: FloatArray, residual: FloatArray, sigma2: float) -> RecordDiagnostics:
    """Return leverages, studentised residuals and Cook's distances e^2 h / (k s^2 (1 - h)^2).

    A record of leverage 1 is fitted whatever its value; its distance is infinite.
    Equals R's ``hatvalues``, ``rstandard`` and ``cooks.distance``.

    Parameters
    ----------
    X : array, shape (n, k)
        Full rank.
    residual : array, shape (n,)
    sigma2 : float
        Residual variance.

    Raises
    ------
    NotEstimableError
        If the model fits exactly.

    References
    ----------
    Cook RD (1977). Technometrics 19:15-18.
    """
    if not sigma2 > 0:
        raise NotEstimableError("the model fits exactly, so no record stands out")
    h = influence(X).leverage
    alone = h >= FULL_LEVERAGE
    left = 1 - np.where(alone, 0.0, h)
    distance = np.where(alone, np.inf, residual**2 * h / left**2 / (X.shape[1] * sigma2))
    return RecordDiagnostics(
        leverage=h, std_residual=residual / np.sqrt(sigma2 * left), cooks_distance=distance
    )


def breusch_pagan(X: FloatArray, residual: FloatArray) -> ChiSquare:
    """Regress squared residuals on the design; n R^2 is chi-square on k - 1.

    Koenker's studentised form, which does not need normal errors. Equals R's
    ``lmtest::bptest``.

    Parameters
    ----------
    X : array, shape (n, k)
        Full rank, with a constant column.
    residual : array, shape (n,)

    Raises
    ------
    NotEstimableError
        If all squared residuals are equal, or the design is the constant alone.

    References
    ----------
    Breusch TS, Pagan AR (1979). Econometrica 47:1287-1294. Koenker R (1981). J
    Econometrics 17:107-112.
    """
    df = X.shape[1] - 1
    if df == 0:
        raise NotEstimableError("a model without terms has nothing that the variance follows")
    fit = fit_least_squares(X, residual**2)
    if np.isnan(fit.r_squared):
        raise NotEstimableError("all residuals have one size, so their variance follows nothing")
    statistic = len(X) * max(fit.r_squared, 0.0)
    return chi_square_test(statistic, df)
