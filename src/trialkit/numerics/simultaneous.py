"""Several differences at once: adjusted p-values and the simultaneous intervals that fit them.

Each procedure has one critical value for all statistics (or one a contrast, where the
degrees of freedom differ), so that an interval leaves out 0 exactly where the adjusted
p-value is below 1 - conf_level.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference
from trialkit.numerics.max_t import max_t_bound, max_t_sf
from trialkit.numerics.multiplicity import bonferroni, sidak
from trialkit.numerics.studentized_range import studentized_range_bound, studentized_range_sf
from trialkit.numerics.tails import joint_p_values, two_sided_p_value

ROOT_TWO = np.sqrt(2.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """What a procedure needs to know of its contrasts beside their t statistics.

    Attributes
    ----------
    correlation : array, shape (m, m)
        Of the contrasts' estimates.
    arms : int
        Arms of the trial, whether or not each is in a contrast.
    """

    correlation: FloatArray
    arms: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simultaneous:
    """Adjusted p-values, critical values and simultaneous limits; every array has shape (m,)."""

    p_adjusted: FloatArray
    critical: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


# From |t|, df and the family to p-values; from the error rate, df and the family to bounds.
PValues = Callable[[FloatArray, FloatArray, Family], FloatArray]
Bounds = Callable[[float, FloatArray, Family], FloatArray]


def simultaneous(
    inference: Inference, family: Family, *, procedure: str, conf_level: float
) -> Simultaneous:
    """Adjust p-values and limits of one family of contrasts.

    Parameters
    ----------
    inference : Inference
        The contrasts, each on its own.
    family : Family
        Their correlation and the number of arms.
    procedure : str
        ``"tukey_kramer"`` (every pair of arms; with a row's own df also Games and
        Howell's), ``"dunnett"`` (the largest of these correlated t), ``"scheffe"`` (every
        contrast of the arms), ``"bonferroni"`` or ``"sidak"``.
    conf_level : float
        Of all intervals together, in (0, 1).

    Raises
    ------
    SpecificationError
        If the procedure is unknown.
    NotEstimableError
        If ``"dunnett"`` meets contrasts with different degrees of freedom, or contrasts
        that depend on each other linearly in more than two dimensions.

    References
    ----------
    Hochberg Y, Tamhane AC (1987). Multiple Comparison Procedures. Wiley, ch. 3.
    """
    if procedure not in PROCEDURES:
        raise SpecificationError(
            f"procedure: expected one of {', '.join(PROCEDURES)}, found {procedure!r}"
        )
    p_values, bounds = PROCEDURES[procedure]
    critical = bounds(1 - conf_level, inference.df, family)
    half_width = critical * inference.std_error
    return Simultaneous(
        p_adjusted=np.minimum(p_values(np.abs(inference.statistic), inference.df, family), 1.0),
        critical=critical,
        conf_low=inference.estimate - half_width,
        conf_high=inference.estimate + half_width,
    )


def correlation_of(L: FloatArray, vcov: FloatArray) -> FloatArray:
    """Return the correlation of linear functions of coefficients.

    Parameters
    ----------
    L : array, shape (m, k)
        One linear function a row.
    vcov : array, shape (k, k)
        Covariance of the coefficients.

    Raises
    ------
    NotEstimableError
        If one of them has no variance.
    """
    covariance = L @ vcov @ L.T
    scale = np.sqrt(np.diag(covariance))
    if not np.all(scale > 0):
        raise NotEstimableError(
            tell("a difference without variance has no correlation with others")
        )
    return np.asarray(covariance / np.outer(scale, scale), dtype=np.float64)


def step_down_max_t(inference: Inference, correlation: FloatArray) -> FloatArray:
    """Return Dunnett's adjusted p-values stepped down from the largest statistic.

    The i-th largest |t| is held against the largest of itself and the smaller ones, and no
    p-value is below the one before it. More powerful than the single step, and without
    simultaneous limits. R: ``multcomp`` with ``adjusted("free")``.

    References
    ----------
    Dunnett CW, Tamhane AC (1991). Stat Med 10:939-947.
    """
    df = common_df(inference.df)
    t = np.abs(inference.statistic)
    order = np.argsort(-t, kind="stable")
    left = [order[i:] for i in range(len(order))]
    stepped = [max_t_sf(t[rest[0]], correlation[np.ix_(rest, rest)], df) for rest in left]
    adjusted = np.empty_like(t)
    adjusted[order] = np.maximum.accumulate(stepped)
    return adjusted


def tukey_p(t: FloatArray, df: FloatArray, family: Family) -> FloatArray:
    """Return the tails of the studentised range of all arms at sqrt(2) |t|."""
    pairs = zip(t, df, strict=True)
    return np.array([studentized_range_sf(s * ROOT_TWO, family.arms, nu) for s, nu in pairs])


def tukey_bound(alpha: float, df: FloatArray, family: Family) -> FloatArray:
    """Return the bounds of the studentised range over sqrt(2)."""
    bound = {nu: studentized_range_bound(alpha, family.arms, nu) for nu in set(df.tolist())}
    return np.array([bound[nu] / ROOT_TWO for nu in df.tolist()])


def dunnett_p(t: FloatArray, df: FloatArray, family: Family) -> FloatArray:
    """Return the tails of the largest of the correlated t statistics."""
    nu = common_df(df)
    return np.array([max_t_sf(float(s), family.correlation, nu) for s in t])


def dunnett_bound(alpha: float, df: FloatArray, family: Family) -> FloatArray:
    """Return the bound of the largest of the correlated t statistics."""
    return np.full(df.shape, max_t_bound(alpha, family.correlation, common_df(df)))


def scheffe_p(t: FloatArray, df: FloatArray, family: Family) -> FloatArray:
    """Return the tails of F with arms - 1 and df degrees of freedom at t^2 / (arms - 1)."""
    rank = family.arms - 1
    return joint_p_values(t**2, rank, df)


def scheffe_bound(alpha: float, df: FloatArray, family: Family) -> FloatArray:
    """Return sqrt((arms - 1) F)."""
    rank = family.arms - 1
    squared = np.where(
        np.isinf(df), stats.chi2.isf(alpha, rank), rank * stats.f.isf(alpha, rank, df)
    )
    return np.asarray(np.sqrt(squared), dtype=np.float64)


def bonferroni_p(t: FloatArray, df: FloatArray, _: Family) -> FloatArray:
    """Return m times the p-values."""
    return bonferroni(two_sided_p_value(t, df))


def bonferroni_bound(alpha: float, df: FloatArray, _: Family) -> FloatArray:
    """Return the t quantiles at alpha / m."""
    return np.asarray(stats.t.isf(alpha / (2 * df.size), df), dtype=np.float64)


def sidak_p(t: FloatArray, df: FloatArray, _: Family) -> FloatArray:
    """Return 1 - (1 - p)^m."""
    return sidak(np.minimum(two_sided_p_value(t, df), 1.0))


def sidak_bound(alpha: float, df: FloatArray, _: Family) -> FloatArray:
    """Return the t quantiles at 1 - (1 - alpha)^(1 / m)."""
    each = -np.expm1(np.log1p(-alpha) / df.size)
    return np.asarray(stats.t.isf(each / 2, df), dtype=np.float64)


def common_df(df: FloatArray) -> float:
    """Return the degrees of freedom that all contrasts share; raise if they differ."""
    if np.any(df != df[0]):
        raise NotEstimableError(
            tell(
                "Dunnett's procedure needs one variance estimate for all contrasts; found degrees "
                "of freedom from {low:g} to {high:g}",
                low=float(df.min()),
                high=float(df.max()),
            )
        )
    return float(df[0])


PROCEDURES: Mapping[str, tuple[PValues, Bounds]] = {
    "tukey_kramer": (tukey_p, tukey_bound),
    "dunnett": (dunnett_p, dunnett_bound),
    "scheffe": (scheffe_p, scheffe_bound),
    "bonferroni": (bonferroni_p, bonferroni_bound),
    "sidak": (sidak_p, sidak_bound),
}
