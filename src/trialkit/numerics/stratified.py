"""Two arms within strata: the Cochran-Mantel-Haenszel test and Mantel-Haenszel estimates."""

from collections.abc import Sequence
from math import inf, nan, sqrt

from scipy import optimize

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.proportions import Counts, Interval, log_interval, require_people
from trialkit.numerics.score_intervals import difference_interval
from trialkit.numerics.tails import ChiSquare, chi_square_test, normal_quantile

Tables = Sequence[tuple[Counts, Counts]]


def require_tables(tables: Tables) -> None:
    """Raise unless there is a stratum, and each has people in both arms."""
    if not tables:
        raise NotEstimableError(tell("no stratum has people in both arms"))
    for pair in tables:
        require_people(*pair)


def cochran_mantel_haenszel(tables: Tables, *, corrected: bool = False) -> ChiSquare:
    """Test whether response goes with the arm within strata.

    The treated people's events, summed over strata, are compared with what the margins of
    each stratum lead one to expect. ``corrected`` takes half a person off the distance,
    where it is at least that. Where every stratum is all or none the statistic is 0.

    References
    ----------
    Mantel N, Haenszel W (1959). J Natl Cancer Inst 22:719-748. R: ``mantelhaen.test``
    (``correct = TRUE`` is its default). SAS: ``PROC FREQ; CMH`` (uncorrected).
    """
    require_tables(tables)
    distance = variance = 0.0
    for treatment, reference in tables:
        n, events = treatment.n + reference.n, treatment.events + reference.events
        distance += treatment.events - treatment.n * events / n
        variance += treatment.n * reference.n * events * (n - events) / (n * n * max(n - 1, 1))
    if variance <= 0:
        return ChiSquare(statistic=0.0, df=1, p_value=1.0)
    half = 0.5 if corrected and abs(distance) >= 0.5 else 0.0
    statistic = (abs(distance) - half) ** 2 / variance
    return chi_square_test(statistic, 1)


def mantel_haenszel_weights(tables: Tables) -> list[float]:
    """Return n1 n0 / N of each stratum."""
    return [
        treatment.n * reference.n / (treatment.n + reference.n) for treatment, reference in tables
    ]


def common_risk_difference(tables: Tables, *, conf_level: float) -> Interval:
    """Give the Mantel-Haenszel risk difference a Wald interval with Sato's standard error.

    The standard error holds both for few large strata and for many small ones.

    References
    ----------
    Sato T (1989). Biometrics 45:1323-1324. R: ``metafor::rma.mh(measure = "RD")``. SAS:
    ``PROC FREQ; COMMONRISKDIFF(CL=MH)``.
    """
    require_tables(tables)
    weights = mantel_haenszel_weights(tables)
    total = sum(weights)
    parts = list(zip(weights, tables, strict=True))
    estimate = sum(w * (one.proportion - zero.proportion) for w, (one, zero) in parts) / total
    slope = level = 0.0
    for treatment, reference in tables:
        n1, n0, n = treatment.n, reference.n, treatment.n + reference.n
        x1, x0 = treatment.events, reference.events
        slope += (n1 * n1 * x0 - n0 * n0 * x1 + n1 * n0 * (n0 - n1) / 2) / (n * n)
        level += (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
    std_error = sqrt(max(estimate * slope + level, 0.0)) / total
    half = normal_quantile(conf_level) * std_error
    return Interval(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - half,
        conf_high=estimate + half,
    )


def common_risk_difference_score(tables: Tables, *, conf_level: float) -> Interval:
    """Give the Mantel-Haenszel risk difference Miettinen and Nurminen's score interval.

    Weights n1 n0 / N at every difference; each stratum's variance at its own restricted
    rates, times N / (N - 1). At a difference of 0 its test is Cochran, Mantel and
    Haenszel's. The standard error is that of ``common_risk_difference``.

    References
    ----------
    Miettinen O, Nurminen M (1985). Stat Med 4:213-226. R:
    ``ratesci::scoreci(stratified = TRUE, skew = FALSE, weighting = "MH")``.
    """
    require_tables(tables)
    score = difference_interval(
        tables, mantel_haenszel_weights(tables), small_sample=True, conf_level=conf_level
    )
    wald = common_risk_difference(tables, conf_level=conf_level)
    return Interval(
        estimate=wald.estimate,
        std_error=wald.std_error,
        conf_low=score.conf_low,
        conf_high=score.conf_high,
    )


def common_risk_ratio(tables: Tables, *, conf_level: float) -> Interval:
    """Give the Mantel-Haenszel risk ratio its interval on the log scale.

    The standard error is that of the logarithm. Without events in an arm of any stratum
    the ratio is 0 or infinite and has no interval short of (0, inf).

    References
    ----------
    Greenland S, Robins JM (1985). Biometrics 41:55-68. R: ``metafor::rma.mh(measure =
    "RR")``. SAS: ``PROC FREQ; CMH``.
    """
    require_tables(tables)
    treated = control = spread = 0.0
    for treatment, reference in tables:
        n = treatment.n + reference.n
        treated += treatment.events * reference.n / n
        control += reference.events * treatment.n / n
        events = treatment.events + reference.events
        spread += treatment.n * reference.n * events / n**2
        spread -= treatment.events * reference.events / n
    return ratio_interval(treated, control, spread / (treated * control or nan), conf_level)


def common_odds_ratio(tables: Tables, *, conf_level: float) -> Interval:
    """Give the Mantel-Haenszel odds ratio its interval on the log scale.

    References
    ----------
    Robins J, Breslow N, Greenland S (1986). Biometrics 42:311-323. R:
    ``mantelhaen.test``. SAS: ``PROC FREQ; CMH``.
    """
    require_tables(tables)
    R = S = PR = mixed = QS = 0.0
    for treatment, reference in tables:
        n = treatment.n + reference.n
        a, b = treatment.events, treatment.n - treatment.events
        c, d = reference.events, reference.n - reference.events
        p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
        R, S = R + r, S + s
        PR, mixed, QS = PR + p * r, mixed + p * s + q * r, QS + q * s
    if R <= 0 or S <= 0:
        return ratio_interval(R, S, nan, conf_level)
    variance = PR / (2 * R * R) + mixed / (2 * R * S) + QS / (2 * S * S)
    return ratio_interval(R, S, variance, conf_level)


def ratio_interval(above: float, below: float, variance: float, conf_level: float) -> Interval:
    """Return a ratio with its interval on the log scale, or (0, inf) where it has none."""
    if above <= 0 or below <= 0:
        estimate = 0.0 if below > 0 else inf if above > 0 else nan
        return Interval(estimate=estimate, std_error=nan, conf_low=0.0, conf_high=inf)
    return log_interval(above / below, sqrt(max(variance, 0.0)), conf_level=conf_level)


def breslow_day(tables: Tables) -> ChiSquare:
    """Test whether the strata share one odds ratio: Breslow and Day's test, Tarone's form.

    In each stratum the treated events are compared with those expected at the common
    (Mantel-Haenszel) odds ratio; Tarone's term corrects for its being estimated.

    Raises
    ------
    NotEstimableError
        If there is no common odds ratio, or fewer than two strata have both outcomes.

    References
    ----------
    Breslow NE, Day NE (1980). IARC Sci Publ 32, section 4.4. Tarone RE (1985). Biometrika
    72:91-95. R: ``DescTools::BreslowDayTest(correct = TRUE)``. SAS: ``PROC FREQ; CMH(BDT)``.
    """
    require_tables(tables)
    telling = [
        pair for pair in tables if 0 < pair[0].events + pair[1].events < pair[0].n + pair[1].n
    ]
    ratio = common_odds_ratio(tables, conf_level=0.95).estimate
    if len(telling) < 2 or not 0 < ratio < inf:
        raise NotEstimableError(
            tell(
                "homogeneity of odds ratios needs two strata with both outcomes and a common odds "
                "ratio that is neither 0 nor infinite"
            )
        )
    statistic = distances = variances = 0.0
    for treatment, reference in telling:
        events = treatment.events + reference.events
        expected = expected_events(treatment, reference, ratio)
        cells = (
            expected,
            treatment.n - expected,
            events - expected,
            reference.n - events + expected,
        )
        variance = 1 / sum(1 / cell for cell in cells)
        distance = treatment.events - expected
        statistic += distance**2 / variance
        distances, variances = distances + distance, variances + variance
    statistic -= distances**2 / variances
    df = len(telling) - 1
    return chi_square_test(statistic, df)


def expected_events(treatment: Counts, reference: Counts, ratio: float) -> float:
    """Return the treated events at which a table with these margins has an odds ratio."""
    events = treatment.events + reference.events
    low, high = max(0, events - reference.n), min(treatment.n, events)

    def excess(x: float) -> float:
        return x * (reference.n - events + x) - ratio * (treatment.n - x) * (events - x)

    return float(optimize.brentq(excess, low, high, xtol=1e-14, rtol=1e-14))
