"""Two answers of the same people: McNemar's test and the difference of paired proportions."""

from dataclasses import dataclass
from math import inf, nan, sqrt

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.proportions import (
    Counts,
    Interval,
    clopper_pearson,
    wilson,
)
from trialkit.numerics.score_intervals import difference_where, standardised
from trialkit.numerics.tails import ChiSquare, chi_square_test, even_chance_p_value, normal_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """People by their answer before and after: yes both times, gained, lost, no both times."""

    both: int
    gained: int
    lost: int
    neither: int

    @property
    def n(self) -> int:
        """Everyone."""
        return self.both + self.gained + self.lost + self.neither

    @property
    def before(self) -> Counts:
        """Those who said yes before."""
        return Counts(events=self.both + self.lost, n=self.n)

    @property
    def after(self) -> Counts:
        """Those who said yes after."""
        return Counts(events=self.both + self.gained, n=self.n)


def require_pairs(pairs: PairedCounts) -> None:
    """Raise if nobody answered twice."""
    if pairs.n < 1:
        raise NotEstimableError(tell("nobody has both answers, so nothing can be compared"))


def mcnemar(pairs: PairedCounts, *, corrected: bool = False) -> ChiSquare:
    """Test whether as many people gained as lost, by chi-square.

    ``corrected`` takes one person off the difference (Edwards), where there is one.
    Without anyone who changed the statistic is 0 and p is 1.

    References
    ----------
    McNemar Q (1947). Psychometrika 12:153-157. Edwards AL (1948). Psychometrika
    13:185-187. R: ``mcnemar.test`` (corrected by default). SAS: ``PROC FREQ; AGREE``.
    """
    require_pairs(pairs)
    changed, difference = pairs.gained + pairs.lost, abs(pairs.gained - pairs.lost)
    if changed == 0:
        return ChiSquare(statistic=0.0, df=1, p_value=1.0)
    statistic = (difference - (1 if corrected and difference else 0)) ** 2 / changed
    return chi_square_test(statistic, 1)


def mcnemar_exact(pairs: PairedCounts) -> float:
    """Return the exact p-value: of those who changed, half are expected to gain.

    R: ``binom.test(gained, gained + lost)``. SAS: ``PROC FREQ; EXACT MCNEM``.
    """
    require_pairs(pairs)
    return even_chance_p_value(pairs.gained, pairs.lost)


def paired_difference(pairs: PairedCounts, *, conf_level: float) -> Interval:
    """Give the share after minus the share before its score interval (Tango).

    The limits are the differences that the score test just does not reject; at 0 that test
    is McNemar's. It stays in [-1, 1] and needs no filled cells.

    References
    ----------
    Tango T (1998). Stat Med 17:891-908. R: ``PropCIs::scoreci.mp``.
    """
    require_pairs(pairs)
    n, gained, lost = pairs.n, pairs.gained, pairs.lost
    difference = (gained - lost) / n

    def score(theta: float) -> float:
        variance = (2 * lost_rate(pairs, theta) + theta * (1 - theta)) / n
        return standardised(difference - theta, variance)

    z = normal_quantile(conf_level)
    return Interval(
        estimate=difference,
        std_error=paired_std_error(pairs),
        conf_low=difference_where(score, z),
        conf_high=difference_where(score, -z),
    )


def lost_rate(pairs: PairedCounts, theta: float) -> float:
    """Return the maximum-likelihood share of people who lose, the difference being given."""
    n, gained, lost = pairs.n, pairs.gained, pairs.lost
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * theta
    c = -lost * theta * (1 - theta)
    square_root = sqrt(max(b * b - 4 * a * c, 0.0))
    # Of the two forms of the root, the one that does not subtract near-equal numbers.
    rate = (square_root - b) / (2 * a) if b <= 0 else -2 * c / (b + square_root)
    return max(rate, -theta, 0.0)


def paired_std_error(pairs: PairedCounts) -> float:
    """Return the standard error of a difference of paired proportions, from the sample."""
    n, gained, lost = pairs.n, pairs.gained, pairs.lost
    return sqrt(max(gained + lost - (gained - lost) ** 2 / n, 0.0)) / n


def paired_difference_newcombe(pairs: PairedCounts, *, conf_level: float) -> Interval:
    """Give a difference of paired proportions the square-and-add interval.

    References
    ----------
    Newcombe RG (1998). Stat Med 17:2635-2650, method 10.
    """
    require_pairs(pairs)
    one = wilson(pairs.after, conf_level=conf_level)
    zero = wilson(pairs.before, conf_level=conf_level)
    phi = paired_correlation(pairs)
    p1, p0 = pairs.after.proportion, pairs.before.proportion
    below = p1 - one.conf_low, zero.conf_high - p0
    above = one.conf_high - p1, p0 - zero.conf_low
    reach = [sqrt(max(u * u - 2 * phi * u * v + v * v, 0.0)) for u, v in (below, above)]
    difference = (pairs.gained - pairs.lost) / pairs.n
    return Interval(
        estimate=difference,
        std_error=paired_std_error(pairs),
        conf_low=difference - reach[0],
        conf_high=difference + reach[1],
    )


def paired_correlation(pairs: PairedCounts) -> float:
    """Return the correlation of the answers; a positive one is moved towards 0 by n / 2.

    Newcombe's continuity correction, for positive numerators only; 0 where an answer does
    not vary.
    """
    yes, no = pairs.before.events, pairs.n - pairs.before.events
    later_yes, later_no = pairs.after.events, pairs.n - pairs.after.events
    product = yes * no * later_yes * later_no
    if product == 0:
        return 0.0
    numerator = float(pairs.both * pairs.neither - pairs.gained * pairs.lost)
    if numerator > 0:
        numerator = max(numerator - pairs.n / 2, 0.0)
    return numerator / sqrt(product)


def paired_odds_ratio(pairs: PairedCounts, *, conf_level: float) -> Interval:
    """Give the conditional odds ratio, gained over lost, its exact interval.

    The limits are those of Clopper and Pearson for the share of gains among changes, as
    odds. Without changes: NaN, and (0, inf).
    """
    require_pairs(pairs)
    gained, lost = pairs.gained, pairs.lost
    if gained + lost == 0:
        return Interval(estimate=nan, std_error=nan, conf_low=0.0, conf_high=inf)
    share = clopper_pearson(Counts(events=gained, n=gained + lost), conf_level=conf_level)
    return Interval(
        estimate=odds(gained / (gained + lost)) if lost == 0 else gained / lost,
        std_error=sqrt(1 / gained + 1 / lost) if gained and lost else nan,
        conf_low=odds(share.conf_low),
        conf_high=odds(share.conf_high),
    )


def odds(share: float) -> float:
    """Return share / (1 - share), infinite for 1."""
    return inf if share >= 1 else share / (1 - share)
