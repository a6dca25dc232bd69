"""Effect measures of trials: from the figures of two arms to an estimate and its variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray

# Added to all four cells of a table in which one of them is empty, and to no other table.
CONTINUITY = 0.5
# Gamma(x + 1/2) / Gamma(x) = sqrt(x) times these coefficients of 1 / x (Tricomi, Erdelyi 1951).
HALF_STEP = (1, -1 / 8, 1 / 128, 5 / 1024, -21 / 32768, -399 / 262144, 869 / 4194304)
SERIES_FROM = 150


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """Estimates of k trials with their sampling variances; both arrays have shape (k,)."""

    estimate: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmMeans:
    """Size, mean and standard deviation (divisor n - 1) of one arm in k trials."""

    n: FloatArray
    mean: FloatArray
    std_dev: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """Two-by-two tables of k trials; every array has shape (k,).

    ``a`` and ``b`` are the people of the treatment arm with and without the event, ``c``
    and ``d`` those of the reference arm.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @property
    def n_treatment(self) -> FloatArray:
        """People of the treatment arm."""
        return self.a + self.b

    @property
    def n_reference(self) -> FloatArray:
        """People of the reference arm."""
        return self.c + self.d

    @property
    def has_empty_cell(self) -> FloatArray:
        """1.0 where a cell of the table is empty, else 0.0."""
        cells = np.stack([self.a, self.b, self.c, self.d])
        return np.asarray(np.any(cells == 0, axis=0), dtype=np.float64)

    @property
    def tells_ratio(self) -> NDArray[np.bool_]:
        """Whether a table holds both people with and people without the event."""
        return np.asarray((self.a + self.c > 0) & (self.b + self.d > 0), dtype=np.bool_)


def mean_difference(treatment: ArmMeans, reference: ArmMeans) -> Effects:
    """Return mean differences, treatment minus reference; variance s1^2/n1 + s0^2/n0.

    R: metafor ``escalc("MD")``.
    """
    require_sizes(treatment, reference, least=1)
    return Effects(
        estimate=treatment.mean - reference.mean,
        variance=treatment.std_dev**2 / treatment.n + reference.std_dev**2 / reference.n,
    )


def standardised_mean_difference(
    treatment: ArmMeans, reference: ArmMeans, *, unbiased_variance: bool = False
) -> Effects:
    """Return Hedges' g: the difference over the pooled SD, with the exact correction J(m).

    m = n1 + n0 - 2 and J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)). The variance is
    1/n1 + 1/n0 + g^2 / (2 (n1 + n0)), the large-sample form (metafor ``vtype = "LS"``), or
    with ``unbiased_variance`` 1/n1 + 1/n0 + (1 - (m-2) / (m J^2)) g^2 (``"UB"``).

    Raises
    ------
    NotEstimableError
        If an arm has no person, both together have fewer than four, or no arm varies.

    References
    ----------
    Hedges LV (1981). J Educ Stat 6:107-128, equations 6b and 9.
    """
    require_sizes(treatment, reference, least=1)
    n1, n0 = treatment.n, reference.n
    m = n1 + n0 - 2
    if np.any(m < 2):
        raise NotEstimableError(tell("a standardised difference needs four people in the two arms"))
    pooled = np.sqrt(((n1 - 1) * treatment.std_dev**2 + (n0 - 1) * reference.std_dev**2) / m)
    if not np.all(pooled > 0):
        raise NotEstimableError(
            tell("neither arm of a trial varies, so no standardised difference")
        )
    correction = gamma_correction(m)
    g = correction * (treatment.mean - reference.mean) / pooled
    share = 1 - (m - 2) / (m * correction**2) if unbiased_variance else 1 / (2 * (n1 + n0))
    return Effects(estimate=g, variance=1 / n1 + 1 / n0 + share * g**2)


def gamma_correction(m: FloatArray) -> FloatArray:
    """Return Hedges' exact small-sample factor J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)).

    Through the beta function where m is small, which keeps the digits that a difference of
    two log-gammas would lose; from ``SERIES_FROM`` on by the asymptotic series of
    Gamma(x + 1/2) / Gamma(x), exact there to the last digit.
    """
    x = (m - 1) / 2
    beta = np.sqrt(np.pi) / special.beta(x, 0.5)
    series = np.sqrt(x) * np.polynomial.polynomial.polyval(1 / x, HALF_STEP)
    ratio = np.where(m < SERIES_FROM, beta, series)
    return np.asarray(ratio / np.sqrt(m / 2), dtype=np.float64)


def risk_ratio(tables: Tables) -> Effects:
    """Return log risk ratios; variance 1/a - 1/n1 + 1/c - 1/n0."""
    t = without_empty_cells(tables)
    return Effects(
        estimate=np.log(t.a / t.n_treatment) - np.log(t.c / t.n_reference),
        variance=1 / t.a - 1 / t.n_treatment + 1 / t.c - 1 / t.n_reference,
    )


def odds_ratio(tables: Tables) -> Effects:
    """Return log odds ratios; variance 1/a + 1/b + 1/c + 1/d."""
    t = without_empty_cells(tables)
    return Effects(
        estimate=np.log(t.a / t.b) - np.log(t.c / t.d),
        variance=1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d,
    )


def risk_difference(tables: Tables) -> Effects:
    """Return risk differences; variance p1 (1 - p1) / n1 + p0 (1 - p0) / n0."""
    t = without_empty_cells(tables)
    p1, p0 = t.a / t.n_treatment, t.c / t.n_reference
    return Effects(
        estimate=p1 - p0,
        variance=p1 * (1 - p1) / t.n_treatment + p0 * (1 - p0) / t.n_reference,
    )


def arcsine_difference(tables: Tables) -> Effects:
    """Return differences of arcsine square roots; variance 1/(4 n1) + 1/(4 n0).

    No cell is added to: the transformation needs none (Ruecker et al. 2009, Stat Med
    28:721-738).
    """
    require_people(tables)
    p1, p0 = tables.a / tables.n_treatment, tables.c / tables.n_reference
    return Effects(
        estimate=np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p0)),
        variance=1 / (4 * tables.n_treatment) + 1 / (4 * tables.n_reference),
    )


def without_empty_cells(tables: Tables) -> Tables:
    """Return the tables with one half added to every cell of those that have an empty one."""
    require_people(tables)
    add = CONTINUITY * tables.has_empty_cell
    return Tables(a=tables.a + add, b=tables.b + add, c=tables.c + add, d=tables.d + add)


def require_people(tables: Tables) -> None:
    """Raise unless both arms of every trial have people."""
    if not np.all((tables.n_treatment > 0) & (tables.n_reference > 0)):
        raise NotEstimableError(tell("an arm of a trial has no people"))


def require_sizes(treatment: ArmMeans, reference: ArmMeans, *, least: int) -> None:
    """Raise unless both arms of every trial have at least so many people."""
    if not np.all((treatment.n >= least) & (reference.n >= least)):
        raise NotEstimableError(tell("an arm of a trial has no people"))
