"""Exact inference on 2 x 2 tables given their margins: Fisher's test, one table or strata."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log1p, nan

import numpy as np
from scipy import optimize, special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.proportions import Counts, Interval

# Tables as improbable as the observed one but for rounding count as equally improbable.
EQUALLY_PROBABLE = 1e-7
FARTHEST_LOG_RATIO = 700.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConditionalEvents:
    """The distribution of the treated people's events, given every margin.

    Attributes
    ----------
    support : array, shape (m,)
        The numbers of events that the margins allow, rising by 1.
    log_weights : array, shape (m,)
        Logarithm of the number of tables with as many, up to a constant.
    observed : int
        The number that occurred.
    """

    support: FloatArray
    log_weights: FloatArray
    observed: int

    def log_probabilities(self, log_ratio: float = 0.0) -> FloatArray:
        """Return the logarithm of each probability at an odds ratio."""
        tilted = self.log_weights + log_ratio * (self.support - self.observed)
        return np.asarray(tilted - special.logsumexp(tilted), dtype=np.float64)

    def at_most(self, log_ratio: float = 0.0) -> float:
        """Return the probability of no more events than occurred."""
        logs = self.log_probabilities(log_ratio)
        return float(np.sum(np.exp(logs[self.support <= self.observed])))

    def at_least(self, log_ratio: float = 0.0) -> float:
        """Return the probability of no fewer events than occurred."""
        logs = self.log_probabilities(log_ratio)
        return float(np.sum(np.exp(logs[self.support >= self.observed])))

    def mean(self, log_ratio: float) -> float:
        """Return the expected number of events at an odds ratio."""
        return float(self.support @ np.exp(self.log_probabilities(log_ratio)))


def condition_on_margins(tables: Sequence[tuple[Counts, Counts]]) -> ConditionalEvents:
    """Return the distribution of the treated people's events over all strata together.

    Parameters
    ----------
    tables : sequence of (treatment, reference)
        One pair a stratum; one pair alone gives Fisher's hypergeometric distribution.

    Raises
    ------
    NotEstimableError
        If there is no stratum.
    """
    if not tables:
        raise NotEstimableError(tell("no stratum has people in both arms"))
    low, weights = 0, np.zeros(1)
    for treatment, reference in tables:
        first, logs = one_table(treatment, reference)
        low, weights = low + first, convolved(weights, logs)
    return ConditionalEvents(
        support=np.arange(low, low + len(weights), dtype=np.float64),
        log_weights=weights,
        observed=sum(treatment.events for treatment, _ in tables),
    )


def one_table(treatment: Counts, reference: Counts) -> tuple[int, FloatArray]:
    """Return the fewest treated events that the margins allow, and all log weights.

    Neighbouring weights are ratios of small whole numbers, so their logarithms are summed
    and no factorial is formed.
    """
    events = treatment.events + reference.events
    low, high = max(0, events - reference.n), min(treatment.n, events)
    k = np.arange(low, high, dtype=np.float64)
    up = np.log(treatment.n - k) + np.log(events - k)
    down = np.log(k + 1) + np.log(reference.n - events + k + 1)
    return low, np.concatenate([[0.0], np.cumsum(up - down)])


def convolved(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the log weights of a sum of two independent counts; nothing underflows."""
    shorter, longer = sorted((one, other), key=len)
    total = np.full(len(one) + len(other) - 1, -np.inf)
    for shift, weight in enumerate(shorter):
        part = slice(shift, shift + len(longer))
        total[part] = np.logaddexp(total[part], weight + longer)
    return total


def exact_p_value(tables: Sequence[tuple[Counts, Counts]], alternative: str = "two_sided") -> float:
    """Return the exact p-value of no association, given the margins of every stratum.

    Two-sided, it sums the tables no more probable than the observed one (within a relative
    1e-7, as R does), not twice a tail.

    Parameters
    ----------
    tables : sequence of (treatment, reference)
    alternative : "two_sided", "less" or "greater"
        ``greater``: the odds are higher under treatment.

    References
    ----------
    Fisher RA (1935). J R Statist Soc 98:39-82. R: ``fisher.test``,
    ``mantelhaen.test(exact = TRUE)``. SAS: ``PROC FREQ; FISHER``.
    """
    margins = condition_on_margins(tables)
    if alternative == "less":
        return min(margins.at_most(), 1.0)
    if alternative == "greater":
        return min(margins.at_least(), 1.0)
    logs = margins.log_probabilities()
    limit = logs[margins.support == margins.observed] + log1p(EQUALLY_PROBABLE)
    return min(float(np.sum(np.exp(logs[logs <= limit]))), 1.0)


def conditional_odds_ratio(
    tables: Sequence[tuple[Counts, Counts]], *, conf_level: float
) -> Interval:
    """Give the common odds ratio its conditional maximum-likelihood estimate and exact limits.

    The estimate is the odds ratio under which as many treated events are expected as
    occurred; it lies nearer to 1 than the sample odds ratio. At a limit a tail of the
    conditional distribution has probability (1 - conf_level) / 2. Where the margins allow
    one table only, nothing is known: NaN, and (0, inf). ``std_error`` is NaN.

    References
    ----------
    Cornfield J (1956). Proc Third Berkeley Symp 4:135-148. R: ``fisher.test`` (whose
    estimate and limits stop at a tolerance of 1e-4).
    """
    margins = condition_on_margins(tables)
    observed, tail = float(margins.observed), (1 - conf_level) / 2
    lowest, highest = margins.support[0], margins.support[-1]
    if lowest == highest:
        return Interval(estimate=nan, std_error=nan, conf_low=0.0, conf_high=inf)
    if observed in (lowest, highest):
        estimate = 0.0 if observed == lowest else inf
    else:
        estimate = crossing(lambda u: margins.mean(u) - observed)
    low = 0.0 if observed == lowest else crossing(lambda u: margins.at_least(u) - tail)
    high = inf if observed == highest else crossing(lambda u: tail - margins.at_most(u))
    return Interval(estimate=estimate, std_error=nan, conf_low=low, conf_high=high)


def crossing(rising: Callable[[float], float]) -> float:
    """Return the ratio at which a rising function of the log ratio is zero."""
    low, high = -1.0, 1.0
    while rising(low) > 0 and low > -FARTHEST_LOG_RATIO:
        low *= 2
    while rising(high) < 0 and high < FARTHEST_LOG_RATIO:
        high *= 2
    return exp(float(optimize.brentq(rising, low, high, xtol=1e-14, rtol=1e-14)))
