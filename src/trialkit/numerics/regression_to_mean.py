"""What selection alone changes: people entered for a high value come back nearer the mean."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A population whose entry value decides who is studied, and what to expect of them.

    Attributes
    ----------
    share : float
        Part of the population that meets the rule.
    entry_mean, entry_std_dev : float
        Of the entry value among those who meet it, in the unit of the outcome.
    later_mean : float
        Expected mean of a later value with no treatment and no trend.
    change : float
        ``later_mean`` minus ``entry_mean``.
    """

    share: float
    entry_mean: float
    entry_std_dev: float
    later_mean: float
    change: float


def expected_selection(
    *,
    mean: float,
    std_dev: float,
    correlation: float,
    low: float = -np.inf,
    high: float = np.inf,
    measurements: int = 1,
) -> Selection:
    """Return the expected regression to the mean under an entry rule.

    One value of a person is normal with the population's mean and standard deviation, and
    two values of one person correlate by ``correlation``. The entry value is the mean of
    ``measurements`` such values; people enter if it lies between ``low`` and ``high``.

    Parameters
    ----------
    mean, std_dev : float
        Of one value in the population that is screened, before selection; unit of the
        outcome, ``std_dev`` positive.
    correlation : float
        Test-retest correlation over the interval of the study, in [0, 1].
    low, high : float
        Limits of the entry value, ``low < high``; infinite where there is none.
    measurements : int
        Values averaged for the entry value.

    Raises
    ------
    NotEstimableError
        If next to nobody of the population meets the rule.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498. Barnett AG, van der Pols JC, Dobson AJ
    (2005). Int J Epidemiol 34:215-220.
    """
    between = correlation * std_dev**2
    spread = float(np.sqrt(between + (std_dev**2 - between) / measurements))
    a, b = (low - mean) / spread, (high - mean) / spread
    share, shift, variance = truncated_normal(a, b)
    if not share > 0:
        raise NotEstimableError(
            tell(
                "nobody of a population with mean {mean:g} and standard deviation {spread:g} of "
                "the entry value meets the rule",
                mean=mean,
                spread=spread,
            )
        )
    # A later value shares with the entry value only what differs between people.
    later = between / spread * shift
    entry = spread * shift
    return Selection(
        share=share,
        entry_mean=mean + entry,
        entry_std_dev=spread * float(np.sqrt(variance)),
        later_mean=mean + later,
        change=later - entry,
    )


def truncated_normal(a: float, b: float) -> tuple[float, float, float]:
    """Return share, mean and variance of a standard normal between a and b.

    In the upper tail everything is turned about zero, and densities are divided by the
    share as logarithms, so that a rule met by one in a billion keeps its digits.
    """
    if a > 0 and b > 0:
        share, mean, variance = truncated_normal(-b, -a)
        return share, -mean, variance
    log_share = log_difference(float(special.log_ndtr(a)), float(special.log_ndtr(b)))
    if log_share == -np.inf:
        return 0.0, float("nan"), float("nan")
    at_a, at_b = (float(np.exp(stats.norm.logpdf(x) - log_share)) for x in (a, b))
    mean = at_a - at_b
    ends = sum(x * at for x, at in ((a, at_a), (-b, at_b)) if np.isfinite(x))
    return float(np.exp(log_share)), mean, max(1 + ends - mean**2, 0.0)


def log_difference(low: float, high: float) -> float:
    """Return log(exp(high) - exp(low)) for low <= high."""
    if low >= high:
        return -np.inf
    return high + float(np.log1p(-np.exp(low - high)))
