"""How well a linear model fits its records: leverage, influence, unequal variances."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.robust_covariance import FULL_LEVERAGE, influence
from trialkit.numerics.tails import ChiSquare, chi_square_test

# Royston's approximation of the Shapiro-Wilk test is made for these sizes.
NORMALITY_SIZES = range(4, 5001)


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
        raise NotEstimableError(tell("the model fits exactly, so no record stands out"))
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
        raise NotEstimableError(tell("a model without terms has nothing that the variance follows"))
    fit = fit_least_squares(X, residual**2)
    if np.isnan(fit.r_squared):
        raise NotEstimableError(
            tell("all residuals have one size, so their variance follows nothing")
        )
    statistic = len(X) * max(fit.r_squared, 0.0)
    return chi_square_test(statistic, df)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalityTest:
    """Shapiro and Wilk's W, 1 for a perfectly normal order, and its p-value."""

    statistic: float
    p_value: float


def shapiro_wilk(values: FloatArray) -> NormalityTest:
    """Test normality by Royston's algorithm. Equals R's ``shapiro.test``.

    Parameters
    ----------
    values : array, shape (n,)
        4 to 5000 values that are not all equal.

    Raises
    ------
    NotEstimableError
        If there are fewer or more, or they do not vary.

    References
    ----------
    Royston P (1995). Appl Stat 44:547-551, algorithm AS R94.
    """
    if values.size not in NORMALITY_SIZES or not np.ptp(values) > 0:
        raise NotEstimableError(
            tell(
                "the Shapiro-Wilk test needs 4 to 5000 values that vary, "
                "found {n} with a range of {spread:g}",
                n=values.size,
                spread=float(np.ptp(values)) if values.size else 0.0,
            )
        )
    test = stats.shapiro(values)
    return NormalityTest(statistic=float(test.statistic), p_value=float(test.pvalue))


def skewness(values: FloatArray) -> float:
    """Return the moment coefficient of skewness m3 / m2^1.5, with divisors n.

    0 for symmetric values, positive where the upper tail is the longer one; NaN for values
    that do not vary.
    """
    centred = values - values.mean()
    second = float(np.mean(centred**2))
    return float(np.mean(centred**3)) / second**1.5 if second > 0 else float("nan")
