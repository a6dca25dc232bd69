"""Standardised differences of means, named by their standardiser, with noncentral t limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING, Moments, change_moments, require_two, sample_moments
from trialkit.numerics.noncentral_t import noncentrality_limits
from trialkit.numerics.proportions import Interval

# What the spread of changes must exceed that of a straight line by, beside the size of the values,
# for 1 - r to be more than the rounding of three standard deviations.
STRAIGHT = 100 * ROUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Moments of two measurements of the same people, and of the changes between them."""

    before: Moments
    after: Moments
    change: Moments

    @property
    def lack_of_correlation(self) -> float:
        """One minus Pearson's correlation, without the cancellation of 1 - r near r = 1.

        0 where the spread of the changes is that of a straight line but for rounding.
        """
        a, b, d = self.after.std_dev, self.before.std_dev, self.change.std_dev
        # No value lies further from its mean than sqrt(n) standard deviations.
        size = max(abs(one.mean) + one.std_dev * sqrt(one.n) for one in (self.before, self.after))
        if d - abs(a - b) <= STRAIGHT * size:
            return 0.0
        return (d - (a - b)) * (d + (a - b)) / (2 * a * b)


def paired_moments(before: FloatArray, after: FloatArray) -> Pairs:
    """Return the moments of pairs, arrays of shape (n,)."""
    return Pairs(
        before=sample_moments(before),
        after=sample_moments(after),
        change=change_moments(before, after),
    )


def hedges_correction(df: float) -> float:
    """Return Hedges' J = Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2)), exactly.

    Raises
    ------
    NotEstimableError
        If there is no more than one degree of freedom: d has no expectation then.
    """
    if not df > 1:
        raise NotEstimableError(
            tell(
                "Hedges' correction needs more than 1 degree of freedom, found {df:g}; "
                "Cohen's d is without it",
                df=df,
            )
        )
    # One beta function: the difference of two log gammas would lose the digits of large df.
    return float(sqrt(2 * np.pi / df) / special.beta((df - 1) / 2, 0.5))


def standardised(
    difference: float, standardiser: float, *, scale: float, df: float, conf_level: float
) -> Interval:
    """Return difference / standardiser with the limits of a noncentral t.

    Parameters
    ----------
    difference, standardiser : float
        In the unit of the outcome.
    scale : float
        Standard error of the difference over the standardiser, so that estimate / scale is
        the t statistic; the limits of its noncentrality are multiplied by it.
    df : float
        Degrees of freedom of that t.
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If the standardiser or the scale is zero: nothing varies.
    """
    if not (standardiser > 0 and scale > 0):
        raise NotEstimableError(
            tell(
                "the standardising deviation is zero: the outcome does not vary, so there is no "
                "standardised difference"
            )
        )
    estimate = difference / standardiser
    low, high = noncentrality_limits(estimate / scale, df, conf_level=conf_level)
    return Interval(
        estimate=estimate, std_error=np.nan, conf_low=low * scale, conf_high=high * scale
    )


def shrunk(interval: Interval, df: float) -> Interval:
    """Return an effect size times Hedges' J, the limits too."""
    J = hedges_correction(df)
    return Interval(
        estimate=J * interval.estimate,
        std_error=np.nan,
        conf_low=J * interval.conf_low,
        conf_high=J * interval.conf_high,
    )


def cohen_d_s(treatment: Moments, reference: Moments, *, conf_level: float) -> Interval:
    """Return the difference over the pooled standard deviation, on n1 + n0 - 2 df.

    References
    ----------
    Cohen J (1988). Statistical power analysis for the behavioral sciences, 2nd ed.
    Lakens D (2013). Front Psychol 4:863, equation 1. R: ``effectsize::cohens_d``.
    """
    require_two(treatment, reference)
    df = treatment.n + reference.n - 2
    squares = sum((arm.n - 1) * arm.std_dev**2 for arm in (treatment, reference))
    return standardised(
        treatment.mean - reference.mean,
        sqrt(squares / df),
        scale=sqrt(1 / treatment.n + 1 / reference.n),
        df=df,
        conf_level=conf_level,
    )


def hedges_g_s(treatment: Moments, reference: Moments, *, conf_level: float) -> Interval:
    """Return ``cohen_d_s`` times the exact J, limits included.

    References
    ----------
    Hedges LV (1981). J Educ Stat 6:107-128, equation 6e. R: ``effectsize::hedges_g``.
    """
    d = cohen_d_s(treatment, reference, conf_level=conf_level)
    return shrunk(d, treatment.n + reference.n - 2)


def glass_delta(treatment: Moments, reference: Moments, *, conf_level: float) -> Interval:
    """Return the difference over the standard deviation of the reference arm, on n0 - 1 df.

    The statistic behind the limits is Welch's t, referred to the noncentral t on the
    degrees of freedom of the standardiser.

    References
    ----------
    Glass GV (1976). Educ Res 5(10):3-8. R: ``effectsize::glass_delta``.
    """
    require_two(treatment, reference)
    if not reference.std_dev > 0:
        raise NotEstimableError(
            tell("the reference arm does not vary, so Glass' delta has no standardiser")
        )
    ratio = (treatment.std_dev / reference.std_dev) ** 2
    return standardised(
        treatment.mean - reference.mean,
        reference.std_dev,
        scale=sqrt(ratio / treatment.n + 1 / reference.n),
        df=reference.n - 1,
        conf_level=conf_level,
    )


def cohen_d_unpooled(treatment: Moments, reference: Moments, *, conf_level: float) -> Interval:
    """Return the difference over sqrt((s1^2 + s0^2) / 2), with Welch's t and df for the limits.

    References
    ----------
    Delacre M et al (2021). PsyArXiv, tu6mp. R: ``effectsize::cohens_d(pooled_sd = FALSE)``.
    """
    require_two(treatment, reference)
    a, b = (arm.std_dev**2 / arm.n for arm in (treatment, reference))
    standardiser = root_mean_square(treatment.std_dev, reference.std_dev)
    if not standardiser > 0:
        raise NotEstimableError(tell("neither arm varies, so there is no standardised difference"))
    return standardised(
        treatment.mean - reference.mean,
        standardiser,
        scale=sqrt(a + b) / standardiser,
        df=(a + b) ** 2 / (a**2 / (treatment.n - 1) + b**2 / (reference.n - 1)),
        conf_level=conf_level,
    )


def superiority_of_normals(d: Interval) -> Interval:
    """Return P(X > Y) of two normals of equal variance, Phi(d / sqrt 2), from ``cohen_d_s``.

    References
    ----------
    McGraw KO, Wong SP (1992). Psychol Bull 111:361-365. R: ``effectsize::p_superiority``.
    """
    estimate, low, high = special.ndtr(
        np.array([d.estimate, d.conf_low, d.conf_high]) / sqrt(2)
    ).tolist()
    return Interval(estimate=estimate, std_error=np.nan, conf_low=low, conf_high=high)


def cohen_d_z(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return the mean change over the standard deviation of the changes, on n - 1 df.

    References
    ----------
    Lakens D (2013). Front Psychol 4:863, equation 6. R: ``effectsize::cohens_d(after - before)``.
    """
    return over_own_deviation(pairs, pairs.change.std_dev, conf_level=conf_level)


def hedges_g_z(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return ``cohen_d_z`` times the exact J, limits included."""
    return shrunk(cohen_d_z(pairs, conf_level=conf_level), pairs.change.n - 1)


def cohen_d_av(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return the mean change over the mean of the two standard deviations.

    References
    ----------
    Cumming G (2012). Understanding the new statistics, p. 291. Lakens D (2013). Front
    Psychol 4:863, equation 10. Limits: Algina J, Keselman HJ (2003). Educ Psychol Meas
    63:537-553.
    """
    standardiser = (pairs.before.std_dev + pairs.after.std_dev) / 2
    return over_own_deviation(pairs, standardiser, conf_level=conf_level)


def cohen_d_av_rms(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return the mean change over the root mean square of the two standard deviations.

    References
    ----------
    Algina J, Keselman HJ (2003). Educ Psychol Meas 63:537-553.
    """
    standardiser = root_mean_square(pairs.before.std_dev, pairs.after.std_dev)
    return over_own_deviation(pairs, standardiser, conf_level=conf_level)


def cohen_d_rm(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return d_z sqrt(2 (1 - r)), the change in units of the spread between people.

    References
    ----------
    Morris SB, DeShon RP (2002). Psychol Methods 7:105-125. Lakens D (2013). Front Psychol
    4:863, equation 9.
    """
    require_two(pairs.change)
    if not (pairs.before.std_dev > 0 and pairs.after.std_dev > 0):
        raise NotEstimableError(
            tell("a measurement does not vary between people, so its correlation does not exist")
        )
    apart = pairs.lack_of_correlation
    if not apart > 0:
        raise NotEstimableError(
            tell("before and after are perfectly correlated: d_rm divides by zero")
        )
    return over_own_deviation(pairs, pairs.change.std_dev / sqrt(2 * apart), conf_level=conf_level)


def over_baseline_deviation(pairs: Pairs, *, conf_level: float) -> Interval:
    """Return the mean change over the standard deviation before (Becker's and Glass' form).

    References
    ----------
    Becker BJ (1988). Br J Math Stat Psychol 41:257-278.
    """
    return over_own_deviation(pairs, pairs.before.std_dev, conf_level=conf_level)


def over_own_deviation(pairs: Pairs, standardiser: float, *, conf_level: float) -> Interval:
    """Return the mean change over a standardiser, with scaled limits of the paired t.

    The noncentrality limits of t on n - 1 degrees of freedom times
    s_change / (sqrt(n) standardiser): exact for d_z, else approximate, and a little too
    wide where the correlation is low and the effect is large.
    """
    require_two(pairs.change)
    if not standardiser > 0:
        raise NotEstimableError(
            tell(
                "the standardising deviation is zero: the outcome does not vary, so there is no "
                "standardised change"
            )
        )
    return standardised(
        pairs.change.mean,
        standardiser,
        scale=pairs.change.std_dev / (sqrt(pairs.change.n) * standardiser),
        df=pairs.change.n - 1,
        conf_level=conf_level,
    )


def root_mean_square(first: float, second: float) -> float:
    """Return sqrt((a^2 + b^2) / 2) of two standard deviations."""
    return float(np.hypot(first, second)) / sqrt(2)


BETWEEN: Mapping[str, Callable[..., Interval]] = {
    "hedges_g_s": hedges_g_s,
    "cohen_d_s": cohen_d_s,
    "glass_delta": glass_delta,
}
WITHIN: Mapping[str, Callable[..., Interval]] = {
    "hedges_g_z": hedges_g_z,
    "cohen_d_z": cohen_d_z,
    "cohen_d_av": cohen_d_av,
    "cohen_d_rm": cohen_d_rm,
}
