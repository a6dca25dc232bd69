"""Many endpoints at once: the moments and tests of every column of a matrix."""

from dataclasses import dataclass

import numpy as np

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING
from trialkit.numerics.tails import t_quantile, two_sided_p_value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PanelMoments:
    """Size, mean and variance (divisor n - 1) of each column; every array has shape (m,).

    A mean of nobody and a variance of one person are NaN.
    """

    n: FloatArray
    mean: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PanelInference:
    """A t test and an interval for each column; every array has shape (m,).

    A column that cannot be tested, with fewer than two people or nothing that varies, has
    its estimate and NaN elsewhere.
    """

    n: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def change_panel(after: FloatArray, before: FloatArray | None) -> PanelMoments:
    """Return the moments of the changes in each column, after minus before.

    Each column is taken about its mean and corrected by the mean of the residuals, as
    ``means.sample_moments`` does for one. Changes that differ only by the rounding of the
    values they are made of count as equal.

    Parameters
    ----------
    after, before : array, shape (n, m)
        A row a person, a column an endpoint; a person who lacks either value (NaN) counts
        out in that column alone. Without ``before``, ``after`` holds the changes.
    """
    change = after if before is None else after - before
    n, residual, mean = residuals(change)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        shift = residual.sum(axis=0) / n
        squares = np.einsum("ij,ij->j", residual, residual) - n * shift**2
        variance = np.where(n > 1, np.maximum(squares, 0.0) / (n - 1), np.nan)
        spread = np.sqrt(variance / n)
    values = (after,) if before is None else (after, before)
    # Only a column whose spread is small beside the largest value of all can be one of equal
    # values, so the size of each column is asked for few.
    bound = max((float(largest(matrix, axis=None)) for matrix in values), default=0.0)
    suspects = np.flatnonzero(spread <= ROUNDING * bound)
    if suspects.size:
        size = np.max([largest(matrix[:, suspects], axis=0) for matrix in values], axis=0)
        equal = np.abs(residual[:, suspects]).max(axis=0) <= ROUNDING * size
        variance[suspects[equal]] = 0.0
    return PanelMoments(n=n, mean=mean + shift, variance=variance)


def residuals(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each column's size, what is left about its mean (0 for NaN), and the mean."""
    absent = np.isnan(values)
    if not absent.any():
        mean = values.mean(axis=0) if len(values) else np.full(values.shape[1], np.nan)
        return np.full(values.shape[1], float(len(values))), values - mean, mean
    n = len(values) - absent.sum(axis=0).astype(np.float64)
    with np.errstate(invalid="ignore"):  # a column of nobody: 0 / 0 is NaN, as it should be
        mean = np.where(absent, 0.0, values).sum(axis=0) / n
    return n, np.where(absent, 0.0, values - mean), mean


def largest(values: FloatArray, *, axis: int | None) -> FloatArray:
    """Return the largest absolute values along an axis, NaN passed over; 0 where all are."""
    low = np.fmin.reduce(values, axis=axis, initial=0.0)
    high = np.fmax.reduce(values, axis=axis, initial=0.0)
    return np.asarray(np.maximum(high, -low), dtype=np.float64)


def paired_panel(changes: PanelMoments, *, conf_level: float) -> PanelInference:
    """Test each mean change against zero by the paired t test on n - 1 degrees of freedom.

    References
    ----------
    Student (1908). Biometrika 6:1-25.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        std_error = np.sqrt(changes.variance / changes.n)
    return infer_panel(changes.n, changes.mean, std_error, changes.n - 1, conf_level=conf_level)


def welch_panel(
    treatment: PanelMoments, reference: PanelMoments, *, conf_level: float
) -> PanelInference:
    """Compare the mean changes of two arms in each column, variances not assumed equal.

    References
    ----------
    Welch BL (1947). Biometrika 34:28-35.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (sample.variance / sample.n for sample in (treatment, reference))
        df = (a + b) ** 2 / (a**2 / (treatment.n - 1) + b**2 / (reference.n - 1))
        std_error = np.sqrt(a + b)
    return infer_panel(
        treatment.n + reference.n,
        treatment.mean - reference.mean,
        std_error,
        df,
        conf_level=conf_level,
    )


def infer_panel(
    n: FloatArray, estimate: FloatArray, std_error: FloatArray, df: FloatArray, *, conf_level: float
) -> PanelInference:
    """Return the t test and interval of each estimate; NaN where no error can be told."""
    testable = (std_error > 0) & np.isfinite(std_error)
    error = std_error if testable.all() else np.where(testable, std_error, np.nan)
    freedom = df if testable.all() else np.where(testable, df, np.nan)
    statistic = estimate / error
    half_width = quantiles(conf_level, freedom) * error
    return PanelInference(
        n=n,
        estimate=estimate,
        std_error=error,
        df=freedom,
        statistic=statistic,
        p_value=two_sided_p_value(statistic, freedom),
        conf_low=estimate - half_width,
        conf_high=estimate + half_width,
    )


def quantiles(conf_level: float, df: FloatArray) -> FloatArray:
    """Return the t quantile of each column, computed once for each df that occurs."""
    if df.size and np.all(df == df[0]):
        return np.broadcast_to(t_quantile(conf_level, df[:1]), df.shape)
    different, position = np.unique(df, return_inverse=True)
    return t_quantile(conf_level, different)[position]
