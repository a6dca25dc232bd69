"""A comparison with each person left out in turn, to see whether one of them decides it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import ROUNDING, Inference
from trialkit.numerics.least_squares import LeastSquaresFit, residuals
from trialkit.numerics.means import Moments, mean_inference, sample_moments
from trialkit.numerics.robust_covariance import FULL_LEVERAGE, influence
from trialkit.numerics.tails import t_quantile

Difference = Callable[[Moments, Moments], Inference]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOut:
    """An estimate and its interval without each record; shape (n,) each.

    NaN where nothing can be estimated without the record.
    """

    estimate: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray

    def crossings(self, *, contains: bool, null: float = 0.0) -> int:
        """Return without how many records the interval changes whether it contains ``null``."""
        known = ~np.isnan(self.conf_low)
        inside = (self.conf_low <= null) & (null <= self.conf_high)
        return int(np.count_nonzero(known & (inside != contains)))


def model_left_out(
    X: FloatArray, y: FloatArray, fit: LeastSquaresFit, row: FloatArray, *, conf_level: float
) -> LeftOut:
    """Return a linear function of the coefficients as refitted without each record.

    Without record i, l'b changes by -l'(X'X)^-1 x_i e_i / (1 - h_i), the residual sum of
    squares by -e_i^2 / (1 - h_i), and l'(X'X)^-1 l by +(l'(X'X)^-1 x_i)^2 / (1 - h_i), so
    that no model is fitted again. A record of leverage 1 is the only one that determines
    its coefficient: without it that coefficient falls away and the rest stays as it is.

    Parameters
    ----------
    X : array, shape (n, k)
        Full rank.
    y : array, shape (n,)
    fit : LeastSquaresFit
        Of y on X.
    row : array, shape (k,)
        The linear function l, which does not depend on the records.
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If no residual degree of freedom is left without a record, or the model fits exactly.

    References
    ----------
    Belsley DA, Kuh E, Welsch RE (1980). Regression Diagnostics. Wiley, section 2.1.
    """
    if fit.df_residual < 2 or not fit.sigma2 > 0:
        raise NotEstimableError(tell("without one record the model has no spread to estimate"))
    residual = residuals(X, y, fit.beta)
    own = influence(X)
    pull = own.rows @ row
    alone = own.leverage >= FULL_LEVERAGE
    left = np.where(alone, 1.0, 1 - own.leverage)
    squares = fit.residual_squares - np.where(alone, 0.0, residual**2 / left)
    df = fit.df_residual - np.where(alone, 0.0, 1.0)
    size = float(row @ fit.vcov @ row) / fit.sigma2
    variance = np.maximum(squares, 0.0) / df * (size + np.where(alone, 0.0, pull**2 / left))
    # A record that alone determines a coefficient of the function takes the function with it.
    needed = alone & (np.abs(pull) > ROUNDING * np.sqrt(size))
    estimate = float(row @ fit.beta) - np.where(alone, 0.0, pull * residual / left)
    return with_limits(
        np.where(needed, np.nan, estimate), np.sqrt(variance), df, conf_level=conf_level
    )


def difference_left_out(
    treatment: FloatArray, reference: FloatArray, difference: Difference
) -> LeftOut:
    """Return a difference of two means without each record, those of the treatment first.

    Parameters
    ----------
    treatment, reference : array, shape (n1,) and (n0,)
    difference : function
        Of the moments of both arms, such as Welch's.
    """
    whole = sample_moments(treatment), sample_moments(reference)
    pairs = [
        *((moments, whole[1]) for moments in moments_left_out(treatment)),
        *((whole[0], moments) for moments in moments_left_out(reference)),
    ]
    return stacked([attempt(partial(difference, *pair)) for pair in pairs])


def mean_left_out(values: FloatArray, *, conf_level: float) -> LeftOut:
    """Return a mean, with Student's interval, without each value; shape (n,)."""
    return stacked(
        [
            attempt(partial(mean_inference, moments, conf_level=conf_level))
            for moments in moments_left_out(values)
        ]
    )


def moments_left_out(values: FloatArray) -> list[Moments]:
    """Return the moments of a sample without each of its values."""
    if values.size < 2:
        return [Moments(n=0, mean=np.nan, std_dev=np.nan)] * int(values.size)
    return [sample_moments(np.delete(values, position)) for position in range(values.size)]


def attempt(infer: Callable[[], Inference]) -> Inference | None:
    """Return an inference, or None where it cannot be made."""
    try:
        return infer()
    except NotEstimableError:
        return None


def stacked(parts: list[Inference | None]) -> LeftOut:
    """Return single inferences as one record of arrays."""
    columns = {
        name: np.array([np.nan if part is None else getattr(part, name)[0] for part in parts])
        for name in ("estimate", "std_error", "conf_low", "conf_high")
    }
    return LeftOut(**columns)


def with_limits(
    estimate: FloatArray, std_error: FloatArray, df: FloatArray, *, conf_level: float
) -> LeftOut:
    """Return estimates with Student's limits."""
    half = t_quantile(conf_level, df) * std_error
    return LeftOut(
        estimate=estimate,
        std_error=np.where(np.isnan(estimate), np.nan, std_error),
        conf_low=estimate - half,
        conf_high=estimate + half,
    )
