"""One-way analysis of variance: one test of the means of several arms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING, Moments
from trialkit.numerics.tails import f_p_value


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWayTest:
    """An F test of equal means."""

    F: float
    df_num: float
    df: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceTable:
    """The classical table: sums of squares, degrees of freedom, and the test."""

    between: float
    within: float
    df_between: int
    df_within: int
    test: OneWayTest


def classic_one_way(samples: Sequence[FloatArray]) -> VarianceTable:
    """Split the sum of squares into between and within arms.

    One value is subtracted from all first, and the means are corrected by the mean of
    their residuals: the large common part of NIST's hard problems costs no more digits
    than writing it as a double did.

    Parameters
    ----------
    samples : sequence of array
        The outcome of each arm, no missing values.

    Returns
    -------
    VarianceTable
        Sums of squares in the squared unit of the outcome.

    Raises
    ------
    NotEstimableError
        If there are fewer than two arms, no arm has two values, or no arm varies.

    References
    ----------
    Fisher RA (1925). Statistical Methods for Research Workers. Chan TF, Golub GH, LeVeque
    RJ (1983). Am Statist 37:242-247. R: ``oneway.test(var.equal = TRUE)``, ``aov``.
    """
    k, n = len(samples), sum(sample.size for sample in samples)
    require_arms(k)
    if n <= k:
        raise NotEstimableError(tell("no arm has two values, so nothing says how people vary"))
    size = max(float(np.max(np.abs(sample))) for sample in samples)
    origin = float(np.concatenate(list(samples)).mean())
    # Squares of very large or small values leave the range of a double: in units of a power
    # of two, which changes no digit.
    unit = power_of_two(max(float(np.max(np.abs(sample - origin))) for sample in samples))
    parts = [centred((sample - origin) / unit) for sample in samples]
    if all(np.all(np.abs(residual) <= ROUNDING * (size / unit)) for _, residual in parts):
        raise NotEstimableError(tell("no arm varies, so the differences have no standard error"))
    grand = sum(residual.size * mean for mean, residual in parts) / n
    between = sum(residual.size * (mean - grand) ** 2 for mean, residual in parts)
    within = sum(float(residual @ residual) for _, residual in parts)
    F = between / (k - 1) / (within / (n - k))
    return VarianceTable(
        between=between * unit * unit,
        within=within * unit * unit,
        df_between=k - 1,
        df_within=n - k,
        test=OneWayTest(F=F, df_num=k - 1, df=n - k, p_value=f_p_value(F, k - 1, n - k)),
    )


def power_of_two(size: float) -> float:
    """Return the power of two next above a size; 1 for 0."""
    return float(np.ldexp(1.0, int(np.frexp(size)[1]))) if size > 0 else 1.0


def centred(values: FloatArray) -> tuple[float, FloatArray]:
    """Return the mean, corrected by the mean of the residuals, and the residuals."""
    mean = float(values.mean())
    mean += float((values - mean).mean())
    return mean, values - mean


def welch_one_way(samples: Sequence[Moments]) -> OneWayTest:
    """Test equal means without equal variances.

    With w_i = n_i / s_i^2, W their sum and a = sum (1 - w_i / W)^2 / (n_i - 1):
    F = sum w_i (m_i - m)^2 / (k - 1) / (1 + 2 (k - 2) a / (k^2 - 1)), on k - 1 and
    (k^2 - 1) / (3 a) degrees of freedom.

    Parameters
    ----------
    samples : sequence of Moments
        Of each arm.

    Raises
    ------
    NotEstimableError
        If there are fewer than two arms, or an arm has fewer than two values or does not
        vary.

    References
    ----------
    Welch BL (1951). Biometrika 38:330-336. R: ``oneway.test``.
    """
    k = len(samples)
    require_arms(k)
    if any(sample.n < 2 or not sample.std_dev > 0 for sample in samples):
        raise NotEstimableError(
            tell(
                "Welch's test needs two values or more that vary in every arm; "
                'variances = "equal" pools them'
            )
        )
    n = np.array([sample.n for sample in samples], dtype=np.float64)
    means = np.array([sample.mean for sample in samples])
    weight = n / np.array([sample.std_dev for sample in samples]) ** 2
    share = weight / weight.sum()
    centre = means[0] + float(share @ (means - means[0]))
    a = float(np.sum((1 - share) ** 2 / (n - 1)))
    F = float(weight @ (means - centre) ** 2) / (k - 1) / (1 + 2 * (k - 2) * a / (k**2 - 1))
    df = (k**2 - 1) / (3 * a)
    return OneWayTest(F=F, df_num=k - 1, df=df, p_value=f_p_value(F, k - 1, df))


def require_arms(k: int) -> None:
    """Raise unless there are two arms to compare."""
    if k < 2:
        raise NotEstimableError(tell("{k} arm cannot differ from others", k=k))
