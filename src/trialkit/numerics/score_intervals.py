"""Score intervals of two proportions: difference, risk ratio and odds ratio."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import copysign, exp, inf, isfinite, isnan, log, nan, sqrt

from scipy import optimize

from trialkit.numerics.proportions import (
    Counts,
    Interval,
    difference_std_error,
    odds_ratio_estimate,
    require_people,
)
from trialkit.numerics.tails import normal_quantile

Score = Callable[[float], float]

# Newton's steps from the pooled rate; ten are the rule, bisection saves the rest.
MOST_STEPS = 200
# Log ratios beyond which a limit is 0 or infinite for every number of people.
FARTHEST_LOG_RATIO = 300.0
# Stands for an infinite score where a root-finder needs a number.
HUGE = 1e9


def risk_difference_miettinen_nurminen(
    treatment: Counts, reference: Counts, *, conf_level: float
) -> Interval:
    """Give the difference of two proportions its score interval.

    The limits are the differences that the score test just does not reject, its variance
    at the maximum-likelihood rates under that difference, times N / (N - 1). Exact
    coverage of the 95 % interval, mean and least over rates of 0.05 to 0.95 in both arms:
    95.5 % and 93.1 % with 12 people an arm, 95.1 % and 94.2 % with 60.

    References
    ----------
    Miettinen O, Nurminen M (1985). Stat Med 4:213-226, formulas 8 and 9. SAS:
    ``RISKDIFF(CL=MN)``; R: ``ratesci::scoreci(skew = FALSE)``.
    """
    return difference_interval(
        [(treatment, reference)], [1.0], small_sample=True, conf_level=conf_level
    )


def risk_difference_mee(treatment: Counts, reference: Counts, *, conf_level: float) -> Interval:
    """Give the difference its score interval without the factor N / (N - 1).

    References
    ----------
    Mee RW (1984). Biometrics 40:1175-1176. R: ``ratesci::scoreci(skew = FALSE, bcf = FALSE)``.
    """
    return difference_interval(
        [(treatment, reference)], [1.0], small_sample=False, conf_level=conf_level
    )


def risk_difference_skewness_corrected(
    treatment: Counts, reference: Counts, *, conf_level: float
) -> Interval:
    """Give the difference the score interval corrected for the skewness of the score.

    The estimate is the difference whose corrected score is zero: median-unbiased to second
    order, and not the difference of the sample proportions.

    References
    ----------
    Laud PJ (2017). Pharm Stat 16:334-348. R: ``ratesci::scoreci(skew = TRUE)``.
    """
    require_people(treatment, reference)

    def score(theta: float) -> float:
        return skewness_corrected_score(treatment, reference, theta)

    z = normal_quantile(conf_level)
    return Interval(
        estimate=difference_where(score, 0.0),
        std_error=difference_std_error(treatment, reference),
        conf_low=difference_where(score, z),
        conf_high=difference_where(score, -z),
    )


def difference_interval(
    tables: Sequence[tuple[Counts, Counts]],
    weights: Sequence[float],
    *,
    small_sample: bool,
    conf_level: float,
) -> Interval:
    """Give a weighted mean of risk differences its score interval.

    Parameters
    ----------
    tables : sequence of (treatment, reference)
        One pair a stratum.
    weights : sequence of float
        Positive, one a stratum, of any scale; they stay as they are at every difference.
    small_sample : bool
        Whether each stratum's variance is multiplied by N / (N - 1).
    conf_level : float
        Coverage, in (0, 1).
    """
    for pair in tables:
        require_people(*pair)
    shares = [weight / sum(weights) for weight in weights]
    differences = [one.proportion - zero.proportion for one, zero in tables]
    estimate = sum(share * value for share, value in zip(shares, differences, strict=True))

    def score(theta: float) -> float:
        variance = sum(
            share * share * difference_variance(*pair, theta, small_sample=small_sample)
            for share, pair in zip(shares, tables, strict=True)
        )
        return standardised(estimate - theta, variance)

    z = normal_quantile(conf_level)
    squares = [
        (share * difference_std_error(*pair)) ** 2
        for share, pair in zip(shares, tables, strict=True)
    ]
    return Interval(
        estimate=estimate,
        std_error=sqrt(sum(squares)),
        conf_low=min(difference_where(score, z), estimate),
        conf_high=max(difference_where(score, -z), estimate),
    )


def standardised(distance: float, variance: float) -> float:
    """Return distance over its standard error; infinite where that is zero."""
    if distance == 0:
        return 0.0
    if variance <= 0:
        return copysign(inf, distance)
    return distance / sqrt(variance)


def difference_variance(
    treatment: Counts, reference: Counts, theta: float, *, small_sample: bool
) -> float:
    """Return the variance of the risk difference if it truly were ``theta``."""
    p1, p0 = rates_with_difference(treatment, reference, theta)
    variance = p1 * (1 - p1) / treatment.n + p0 * (1 - p0) / reference.n
    return variance * small_sample_factor(treatment, reference) if small_sample else variance


def small_sample_factor(treatment: Counts, reference: Counts) -> float:
    """Return N / (N - 1) of all people of two arms."""
    n = treatment.n + reference.n
    return n / (n - 1)


def skewness_corrected_score(treatment: Counts, reference: Counts, theta: float) -> float:
    """Return the score of a difference after the correction for its skewness.

    With the score s and a sixth of its skewness a, the corrected z solves
    a z^2 + z = s + a.
    """
    p1, p0 = rates_with_difference(treatment, reference, theta)
    factor = small_sample_factor(treatment, reference)
    variance = factor * (p1 * (1 - p1) / treatment.n + p0 * (1 - p0) / reference.n)
    distance = treatment.proportion - reference.proportion - theta
    if variance <= 0:
        return standardised(distance, variance)
    third = (
        p1 * (1 - p1) * (1 - 2 * p1) / treatment.n**2
        - p0 * (1 - p0) * (1 - 2 * p0) / reference.n**2
    )
    a = third / (6 * variance**1.5)
    raised: float = distance / sqrt(variance) + a
    return 2 * raised / (1 + sqrt(max(1 + 4 * a * raised, 0.0)))


def difference_where(score: Score, target: float) -> float:
    """Return the difference in [-1, 1] at which a falling score takes a value."""
    if bounded(score(-1.0)) <= target:
        return -1.0
    if bounded(score(1.0)) >= target:
        return 1.0
    return root(score, target, -1.0, 1.0)


def root(score: Score, target: float, low: float, high: float) -> float:
    """Return where a score takes a value between two ends that lie either side of it."""
    return float(
        optimize.brentq(
            lambda theta: bounded(score(theta)) - target, low, high, xtol=1e-15, rtol=1e-14
        )
    )


def bounded(value: float) -> float:
    """Return a score with infinities cut to numbers."""
    return min(max(value, -HUGE), HUGE)


def rates_with_difference(
    treatment: Counts, reference: Counts, theta: float
) -> tuple[float, float]:
    """Return the maximum-likelihood rates of two arms that differ by ``theta``.

    Miettinen and Nurminen solve a cubic by cosines, which loses half the digits where two
    of its roots meet; the same root is found here as the zero of a falling function, by
    Newton's steps inside a bracket.
    """
    low, high = max(0.0, -theta), min(1.0, 1 - theta)
    if high <= low or rate_slope(treatment, reference, theta, low) <= 0:
        return min(max(low + theta, 0.0), 1.0), low
    if rate_slope(treatment, reference, theta, high) >= 0:
        return min(max(high + theta, 0.0), 1.0), high
    n = treatment.n + reference.n
    rate = (treatment.events + reference.events - treatment.n * theta) / n
    for _ in range(MOST_STEPS):
        if not low < rate < high:
            rate = (low + high) / 2
        slope = rate_slope(treatment, reference, theta, rate)
        low, high = (rate, high) if slope > 0 else (low, rate)
        step = slope / rate_curvature(treatment, reference, theta, rate)
        if slope == 0 or abs(step) <= 1e-16 or high - low <= 1e-16:
            break
        rate += step
    return min(max(rate + theta, 0.0), 1.0), min(max(rate, 0.0), 1.0)


def rate_slope(treatment: Counts, reference: Counts, theta: float, rate: float) -> float:
    """Return the slope of the log-likelihood in the reference rate at a given difference."""
    other = rate + theta
    return (
        per(treatment.events, other)
        - per(treatment.n - treatment.events, 1 - other)
        + per(reference.events, rate)
        - per(reference.n - reference.events, 1 - rate)
    )


def rate_curvature(treatment: Counts, reference: Counts, theta: float, rate: float) -> float:
    """Return minus the second derivative of that log-likelihood; positive."""
    other = rate + theta
    return (
        per(per(treatment.events, other), other)
        + per(per(treatment.n - treatment.events, 1 - other), 1 - other)
        + per(per(reference.events, rate), rate)
        + per(per(reference.n - reference.events, 1 - rate), 1 - rate)
    )


def per(count: float, rate: float) -> float:
    """Return count / rate; nobody counts nothing at any rate, anybody infinitely at 0."""
    if count == 0:
        return 0.0
    return inf if rate <= 0 else count / rate


def risk_ratio_miettinen_nurminen(
    treatment: Counts, reference: Counts, *, conf_level: float
) -> Interval:
    """Give the ratio of two proportions its score interval, which needs no filled cells.

    Without events in the treatment arm the ratio and its lower limit are 0, without
    events in the reference arm the upper limit is infinite. ``std_error`` is NaN.

    References
    ----------
    Miettinen O, Nurminen M (1985). Stat Med 4:213-226, formulas 10 to 12. R:
    ``ratesci::scoreci(contrast = "RR", skew = FALSE)``.
    """
    require_people(treatment, reference)
    p1, p0 = treatment.proportion, reference.proportion
    factor = small_sample_factor(treatment, reference)

    def score(log_ratio: float) -> float:
        ratio = exp(log_ratio)
        rate1, rate0 = rates_with_ratio(treatment, reference, ratio)
        variance = factor * (
            rate1 * (1 - rate1) / treatment.n + ratio * ratio * rate0 * (1 - rate0) / reference.n
        )
        return standardised(p1 - p0 * ratio, variance)

    if p0 == 0:
        return ratio_interval(nan if p1 == 0 else inf, score, conf_level, open_low=p1 == 0)
    return ratio_interval(p1 / p0, score, conf_level)


def rates_with_ratio(treatment: Counts, reference: Counts, ratio: float) -> tuple[float, float]:
    """Return the maximum-likelihood rates of two arms whose ratio is given."""
    events = treatment.events + reference.events
    a = (treatment.n + reference.n) * ratio
    b = treatment.n * ratio + treatment.events + reference.n + reference.events * ratio
    rate0 = 2 * events / (b + sqrt(max(b * b - 4 * a * events, 0.0)))
    return min(rate0 * ratio, 1.0), min(rate0, 1.0)


def odds_ratio_miettinen_nurminen(
    treatment: Counts, reference: Counts, *, conf_level: float, bias_corrected: bool = False
) -> Interval:
    """Give the ratio of two odds its score interval, which needs no filled cells.

    The estimate is the sample odds ratio; ``std_error`` is NaN; limits are 0 or infinite
    where a cell is empty on that side. ``bias_corrected`` subtracts from the score its
    bias, which pulls limits and estimate (where the corrected score is 0) towards 1 and
    leaves the test of 1 as it is.

    References
    ----------
    Miettinen O, Nurminen M (1985). Stat Med 4:213-226, section 2. Gart JJ (1985).
    Biometrika 72:673-677 (bias). R: ``ratesci::scoreci(contrast = "OR", skew = FALSE)``,
    which corrects the bias unless ``ORbias = FALSE``.
    """
    require_people(treatment, reference)
    estimate = odds_ratio_estimate(treatment, reference)
    nothing = treatment.events + reference.events in (0, treatment.n + reference.n)
    score = odds_score(treatment, reference, bias_corrected=bias_corrected)
    interval = ratio_interval(estimate, score, conf_level, open_low=nothing)
    if not bias_corrected or not 0 < estimate < inf:
        return interval
    limits = log(interval.conf_low), log(interval.conf_high)
    return replace(interval, estimate=exp(root(score, 0.0, *limits)))


def odds_score(treatment: Counts, reference: Counts, *, bias_corrected: bool) -> Score:
    """Return the score of a log odds ratio, with or without Gart's correction."""
    factor = small_sample_factor(treatment, reference)

    def score(log_ratio: float) -> float:
        (p1, q1), (p0, q0) = rates_with_odds_ratio(treatment, reference, exp(log_ratio))
        one, zero = treatment.n * p1 * q1, reference.n * p0 * q0
        variance = factor * (per(1, one) + per(1, zero))
        plain = standardised(treatment.events - treatment.n * p1, factor**2 / variance)
        if not bias_corrected or one + zero <= 0:
            return plain
        return plain - (p1 - p0) / (one + zero) / sqrt(variance)

    return score


def rates_with_odds_ratio(
    treatment: Counts, reference: Counts, ratio: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the maximum-likelihood rates, each with its complement, at a given odds ratio."""
    events = treatment.events + reference.events
    a = reference.n * (ratio - 1)
    b = treatment.n * ratio + reference.n - events * (ratio - 1)
    square_root = sqrt(max(b * b + 4 * a * events, 0.0))
    # Of the two forms of the root, the one that does not subtract near-equal numbers.
    rate0 = 2 * events / (b + square_root) if b >= 0 else (square_root - b) / (2 * a)
    rate0 = min(rate0, 1.0)
    total = 1 + rate0 * (ratio - 1)
    return (rate0 * ratio / total, (1 - rate0) / total), (rate0, 1 - rate0)


def ratio_interval(
    estimate: float, score: Score, conf_level: float, *, open_low: bool = False
) -> Interval:
    """Return the ratios that a falling score, a function of the log ratio, does not reject."""
    z = normal_quantile(conf_level)
    centre = log(estimate) if estimate > 0 and isfinite(estimate) else 0.0
    no_estimate = isnan(estimate) or open_low
    low = 0.0 if estimate == 0 or no_estimate else ratio_limit(score, z, centre, step=-1.0)
    high = inf if estimate == inf or no_estimate else ratio_limit(score, -z, centre, step=1.0)
    return Interval(estimate=estimate, std_error=nan, conf_low=low, conf_high=high)


def ratio_limit(score: Score, target: float, centre: float, *, step: float) -> float:
    """Return the ratio, on one side of the estimate, at which the score takes a value."""
    near, far = centre, centre + step
    # Without an estimate of its own the centre may lie beyond the limit.
    while (score(near) - target) * step < 0 and abs(near) < FARTHEST_LOG_RATIO:
        near -= 2 * (far - near)
    while (score(far) - target) * step > 0:
        if abs(far) > FARTHEST_LOG_RATIO:
            return 0.0 if step < 0 else inf
        near, far = far, centre + 2 * (far - centre)
    return exp(root(score, target, *sorted((near, far))))
