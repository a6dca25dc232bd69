"""Bootstrap intervals of means, medians and their differences: BCa, percentile, basic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING
from trialkit.numerics.random_streams import Seed, whole_draws
from trialkit.numerics.resampling import STATISTICS

# Replicates nearer to the estimate than this part of their standard deviation are equal to it.
TIED = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapResult:
    """An estimate with its bootstrap interval, and how it came about.

    Attributes
    ----------
    estimate, std_error, bias : float
        In the unit of the outcome; standard error (divisor B - 1) and bias of the replicates.
    conf_low, conf_high : float
    low_error, high_error : float
        Monte-Carlo standard errors of the limits, in the unit of the outcome.
    bias_correction, acceleration : float
        z0 and a of the BCa interval, whichever interval was asked for.
    ideal_std_error : float or None
        What infinitely many resamples would give, for means; None for medians.
    acceleration_without_sizes : float
        What R's boot.ci prints for a; not used.
    """

    estimate: float
    std_error: float
    bias: float
    conf_low: float
    conf_high: float
    low_error: float
    high_error: float
    bias_correction: float
    acceleration: float
    ideal_std_error: float | None = None
    acceleration_without_sizes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Share of replicates below a limit, with the variance that simulation adds to it."""

    share: float
    variance: float


def bootstrap(
    samples: Sequence[FloatArray],
    signs: Sequence[float],
    *,
    statistic: str = "mean",
    interval: str = "bca",
    draws: int = 10_000,
    seed: Seed,
    conf_level: float = 0.95,
    size: float,
) -> BootstrapResult:
    """Estimate a signed sum of one statistic of independent samples, with an interval.

    One sample of changes with sign 1 gives the mean change; two arms with signs 1 and -1
    give the difference. Each sample is resampled on its own, to its own size, from its
    values in ascending order, so that the order of rows changes nothing.

    Parameters
    ----------
    samples : sequence of array, shape (n_j,)
        At least two values each, no missing values. Their order does not matter.
    signs : sequence of float
        Weight of each sample's statistic.
    statistic : "mean" or "median"
    interval : "bca", "percentile" or "basic"
    draws : int
        Resamples; so many that at least one is expected beyond each limit.
    seed : int or numpy.random.Generator
    conf_level : float
        In (0, 1).
    size : float
        Largest size of the numbers that the samples were computed from: values that differ
        by 8 machine epsilons of it are equal.

    Raises
    ------
    NotEstimableError
        If a sample has fewer than two values, nothing varies, or every replicate lies on
        one side of the estimate (BCa).
    SpecificationError
        If there are too few draws for the confidence level.

    References
    ----------
    Efron B (1987). J Am Statist Assoc 82:171-185. Davison AC, Hinkley DV (1997). Bootstrap
    Methods and their Application, sections 3.2 and 5.3. R: ``boot`` with ``strata``, then
    ``boot.ci``.
    """
    draws = whole_draws(draws)
    if draws * (1 - conf_level) / 2 < 1:
        raise SpecificationError(
            f"draws: expected at least {int(np.ceil(2 / (1 - conf_level)))} for intervals of "
            f"level {conf_level}, found {draws}"
        )
    for values in samples:
        if values.size < 2:
            raise NotEstimableError(
                tell(
                    "a sample of {n} cannot be resampled; it needs at least two values",
                    n=values.size,
                )
            )
    if all(np.ptp(values) <= ROUNDING * size for values in samples):
        raise NotEstimableError(
            tell("no value differs from another, so every resample is the same")
        )
    summary = STATISTICS[statistic]
    ordered = [np.sort(values) for values in samples]
    terms = sorted(zip(ordered, signs, strict=True), key=lambda term: (term[0].size, *term[0]))
    parts = [
        sign * summary.resampled(values, draws, seed, stream)
        for stream, (values, sign) in enumerate(terms)
    ]
    influence = [sign * summary.influence(values) for values, sign in terms]
    result = summarise(
        np.sum(parts, axis=0),
        estimate=sum(sign * summary.of(values) for values, sign in terms),
        acceleration=acceleration(influence),
        interval=interval,
        conf_level=conf_level,
    )
    return replace(
        result,
        ideal_std_error=ideal_std_error(influence) if statistic == "mean" else None,
        acceleration_without_sizes=acceleration_without_sizes(influence),
    )


def summarise(
    deviations: FloatArray,
    *,
    estimate: float,
    acceleration: float,
    interval: str,
    conf_level: float,
) -> BootstrapResult:
    """Return the interval that replicates give.

    Parameters
    ----------
    deviations : array, shape (B,)
        Replicates less the estimate; any order.
    estimate : float
    acceleration : float
        a of the BCa interval; 0 leaves its bias correction alone.
    interval : "bca", "percentile" or "basic"
    conf_level : float

    Raises
    ------
    NotEstimableError
        If the replicates do not vary, or for BCa if all lie on one side of the estimate or
        the acceleration is too large for the level.
    SpecificationError
        If a BCa limit lies beyond the last replicate: more draws are needed.
    """
    ordered = np.sort(deviations)
    std_error = float(ordered.std(ddof=1))
    if not std_error > 0:
        raise NotEstimableError(
            tell("every resample gives the same statistic, so it has no interval")
        )
    z0 = bias_correction(ordered, rounding=TIED * std_error)
    levels = [(1 - conf_level) / 2, (1 + conf_level) / 2]
    shares = [plain_level(p, draws=ordered.size) for p in levels]
    if interval == "bca":
        shares = [
            bca_level(p, z0=z0, acceleration=acceleration, draws=ordered.size) for p in levels
        ]
    low, high = (quantile(ordered, level.share) for level in shares)
    low_error, high_error = (quantile_error(ordered, level) for level in shares)
    if interval == "basic":
        low, high, low_error, high_error = -high, -low, high_error, low_error
    return BootstrapResult(
        estimate=estimate,
        std_error=std_error,
        bias=float(ordered.mean()),
        conf_low=estimate + low,
        conf_high=estimate + high,
        low_error=low_error,
        high_error=high_error,
        bias_correction=z0,
        acceleration=acceleration,
    )


def bias_correction(ordered: FloatArray, *, rounding: float) -> float:
    """Return z0: the normal quantile of the share of replicates below the estimate.

    Replicates equal to the estimate count half, so that exchanging the arms turns z0 into
    -z0; R's boot counts none of them, scipy half. Without ties there is no difference.
    """
    below = np.searchsorted(ordered, -rounding, side="left")
    not_above = np.searchsorted(ordered, rounding, side="right")
    return float(special.ndtri((below + not_above) / (2 * ordered.size)))


def acceleration(influence: Sequence[FloatArray]) -> float:
    """Return a: a sixth of the skewness of the statistic, from influence values.

    sum_j sum_i l_ij^3 / n_j^3 over 6 (sum_j sum_i l_ij^2 / n_j^2)^1.5, for the samples j.
    Where no single value moves the statistic (the median of tied ratings) a is 0.

    Parameters
    ----------
    influence : sequence of array, shape (n_j,)
        Each sample's, signed.

    References
    ----------
    Davison AC, Hinkley DV (1997), section 5.3.2. scipy's ``bootstrap`` does the same; R's
    ``boot.ci`` does not: ``acceleration_without_sizes``.
    """
    return sixth_of_skewness(np.concatenate([values / values.size for values in influence]))


def acceleration_without_sizes(influence: Sequence[FloatArray]) -> float:
    """Return the acceleration of R's ``boot.ci``, which leaves out the sizes of the samples.

    The same for one sample or equal sizes. Otherwise a value of the larger sample counts as
    much as one of the smaller, though it moves the difference less, and the sign may be
    wrong; no interval is made with it here.
    """
    return sixth_of_skewness(np.concatenate(influence))


def sixth_of_skewness(influence: FloatArray) -> float:
    """Return sum l^3 / (6 (sum l^2)^1.5), or 0 where nothing has influence."""
    squares = float(np.sum(influence**2))
    return float(np.sum(influence**3)) / (6 * squares**1.5) if squares > 0 else 0.0


def plain_level(share: float, *, draws: int) -> Level:
    """Return a level of the percentile or basic interval."""
    return Level(share=share, variance=share * (1 - share) / draws)


def bca_level(share: float, *, z0: float, acceleration: float, draws: int) -> Level:
    """Return the corrected level: Phi(z0 + (z0 + z) / (1 - a (z0 + z))).

    Its variance counts that z0 and the quantile are estimated from the same replicates.

    References
    ----------
    Efron B (1987), equation 2.3.
    """
    if not np.isfinite(z0):
        raise NotEstimableError(
            tell(
                "every resample lies on one side of the estimate, so there is no BCa interval; "
                'ask for interval="percentile"'
            )
        )
    from_centre = z0 + float(special.ndtri(share))
    slope = 1 - acceleration * from_centre
    if slope <= 0:
        raise NotEstimableError(
            tell(
                "the acceleration {acceleration:.3g} is too large for a BCa interval of this "
                'level; ask for interval="percentile"',
                acceleration=acceleration,
            )
        )
    corrected = z0 + from_centre / slope
    level, below = float(special.ndtr(corrected)), float(special.ndtr(z0))
    weight = float(np.exp((z0**2 - corrected**2) / 2)) * (1 + slope**-2)
    together = min(below, level) - below * level
    variance = weight**2 * below * (1 - below) + level * (1 - level) - 2 * weight * together
    beyond = min(level, float(special.ndtr(-corrected)))
    if beyond * (draws + 1) < 1:
        needed = f"at least {int(1 / beyond)}" if beyond > 0 else "infinitely many"
        raise SpecificationError(
            f"draws: expected {needed}, because a limit of the BCa interval lies where a share of "
            f"{beyond:.2g} of the resamples is beyond it, found {draws}; take more, or "
            'interval="percentile"'
        )
    return Level(share=level, variance=max(variance, 0.0) / draws)


def quantile(ordered: FloatArray, share: float) -> float:
    """Return the (B + 1) share-th replicate in order, between two by linear interpolation.

    Definition 6 of Hyndman and Fan (1996). R's boot.ci interpolates on the normal scale.
    """
    place = min(max((ordered.size + 1) * share - 1, 0.0), ordered.size - 1.0)
    below = min(int(place), ordered.size - 2)
    return float(ordered[below] + (place - below) * (ordered[below + 1] - ordered[below]))


def quantile_error(ordered: FloatArray, level: Level) -> float:
    """Return the Monte-Carlo standard error of a limit: that of its level, in its unit."""
    error = sqrt(level.variance)
    width = quantile(ordered, level.share + error) - quantile(ordered, level.share - error)
    return width / 2


def ideal_std_error(influence: Sequence[FloatArray]) -> float:
    """Return the standard error that infinitely many resamples of means would give.

    sqrt(sum_j sum_i l_ij^2 / n_j^2): variances have the divisor n, not n - 1.
    """
    return sqrt(sum(float(np.sum((values / values.size) ** 2)) for values in influence))
