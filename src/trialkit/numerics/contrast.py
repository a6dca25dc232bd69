"""Linear functions of coefficients: estimate, test and interval, whatever the model."""

from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import t_p_value, t_quantile

# A variance this small beside the squared size of its terms is what their rounding leaves.
ROUNDING = 64 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """Estimates with their t tests and intervals; every array has shape (m,)."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def infer(
    estimate: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    *,
    conf_level: float,
    alternative: str = "two_sided",
    must_vary: bool = True,
) -> Inference:
    """Test each estimate against zero and give its interval.

    Parameters
    ----------
    estimate, std_error : array, shape (m,)
        In the unit of the outcome.
    df : array, shape (m,)
        Degrees of freedom; ``inf`` for the normal reference.
    conf_level : float
        Coverage, in (0, 1).
    alternative : "two_sided", "less" or "greater"
        A one-sided test has a one-sided interval: "less" has no lower limit (minus
        infinity), "greater" no upper one.
    must_vary : bool
        Whether a row without a standard error is refused; else its estimate stands alone
        and its other figures are NaN.

    Raises
    ------
    NotEstimableError
        If a standard error is zero or not a number: nothing varies, so no interval exists.
    """
    if not must_vary:
        std_error = np.where(std_error == 0, np.nan, std_error)
    elif not np.all(std_error > 0):
        raise NotEstimableError(
            tell("the standard error is zero: the outcome does not vary within the compared groups")
        )
    statistic = estimate / std_error
    # One tail of 1 - c is the half width of the two-sided interval at level 2 c - 1.
    level = conf_level if alternative == "two_sided" else 2 * conf_level - 1
    half_width = t_quantile(level, df) * std_error
    unbounded = np.full_like(estimate, np.inf)
    return Inference(
        estimate=estimate,
        std_error=std_error,
        df=np.where(np.isnan(std_error), np.nan, df),
        statistic=statistic,
        p_value=t_p_value(statistic, df, alternative=alternative),
        conf_low=-unbounded if alternative == "less" else estimate - half_width,
        conf_high=unbounded if alternative == "greater" else estimate + half_width,
    )


def evaluate_contrasts(
    L: FloatArray,
    *,
    beta: FloatArray,
    vcov: FloatArray,
    df: FloatArray,
    conf_level: float,
    must_vary: bool = True,
) -> Inference:
    """Estimate and test each row of ``L`` as a linear function of ``beta``.

    The function knows nothing of the model: models differ only in the ``vcov`` and ``df``
    that they pass.

    Parameters
    ----------
    L : array, shape (m, k)
        One linear function per row.
    beta : array, shape (k,)
        Coefficients, in the unit of the outcome per unit of the regressor.
    vcov : array, shape (k, k)
        Covariance of ``beta``; symmetric, positive semi-definite.
    df : array, shape (m,)
        Degrees of freedom per row; ``inf`` for the normal reference.
    conf_level : float
        Coverage, in (0, 1).
    must_vary : bool
        As in ``infer``.

    Returns
    -------
    Inference
        One entry per row of ``L``, in the same order.

    Raises
    ------
    NotEstimableError
        If a standard error is zero (unless ``must_vary`` is False).

    References
    ----------
    Searle SR, Gruber MHJ (2017). Linear Models, 2nd ed. Wiley, ch. 3.
    """
    std_error = np.sqrt(np.diag(covariance_of(L, vcov)))
    return infer(L @ beta, std_error, df, conf_level=conf_level, must_vary=must_vary)


def covariance_of(L: FloatArray, vcov: FloatArray) -> FloatArray:
    """Return L V L', 0 where it is no more than the rounding of its terms.

    A linear function without spread has terms that cancel, to a remainder of either sign.

    Parameters
    ----------
    L : array, shape (m, k)
    vcov : array, shape (k, k)

    Returns
    -------
    array, shape (m, m)
    """
    covariance = L @ vcov @ L.T
    size = np.abs(L) @ np.sqrt(np.diag(vcov))
    return np.where(np.abs(covariance) <= ROUNDING * np.outer(size, size), 0.0, covariance)
