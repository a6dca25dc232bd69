"""What tests by relabelling share: their p-value, and the shifts that they do not reject.

A relabelling takes ``moved`` people out of their place (into the other arm, or to the other
sign), which lowers the tested sum by ``loss``. With a shift d taken off the treatment first, the
loss is loss - moved * d; so the relabellings whose sum is at least the observed one are those
with loss <= moved * d, and one table serves every shift.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.random_streams import Seed, whole_draws

# Probabilities that differ by this little beside their size differ by rounding only.
PROBABILITY_ROUNDING = 1e-12

Bounds = list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelabellingTest:
    """A test by relabelling, with the interval of the shifts that it does not reject.

    Attributes
    ----------
    estimate : float
        Difference of means, or mean change.
    statistic : float
        Distance from the mean of the relabelling distribution, in its standard deviations.
    p_value : float
        In (0, 1].
    conf_low, conf_high : float
        In the unit of the scores; infinite where no shift is far enough to be rejected.
    draws : int
        Random relabellings; 0 if the distribution is exact.
    p_value_error : float
        Monte-Carlo standard error of the p-value; 0 if exact.
    enumerated : int
        All relabellings, if each was worked out; 0 if they were drawn, or the exact
        distribution came from the shift algorithm.
    """

    estimate: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    draws: int
    p_value_error: float
    enumerated: int = 0


class Exchanges(Protocol):
    """The joint distribution of moved and loss over all relabellings, in whole numbers.

    ``bounds`` holds a bound of the loss for each ``moved`` from 0 to ``most``.
    """

    @property
    def most(self) -> int:
        """The largest number moved."""

    def at_most(self, bounds: Bounds) -> float:
        """Return P(loss <= bound of moved)."""

    def at_least(self, bounds: Bounds) -> float:
        """Return P(loss >= bound of moved)."""


def exact_p_value(exchanges: Exchanges, *, excess: Fraction, alternative: str) -> float:
    """Return the exact p-value.

    Parameters
    ----------
    exchanges : Exchanges
    excess : Fraction
        Observed sum less its mean over all relabellings.
    alternative : "two_sided", "less" or "greater"
        Two-sided: the share of relabellings as far from the mean as the observed sum, on
        either side.
    """
    same: Bounds = [0] * (exchanges.most + 1)
    if alternative == "greater":
        return min(1.0, exchanges.at_most(same))
    if alternative == "less":
        return min(1.0, exchanges.at_least(same))
    if excess == 0:
        return 1.0
    if excess > 0:
        mirrored = [ceil(2 * excess)] * len(same)
        return min(1.0, exchanges.at_most(same) + exchanges.at_least(mirrored))
    mirrored = [floor(2 * excess)] * len(same)
    return min(1.0, exchanges.at_least(same) + exchanges.at_most(mirrored))


def exact_limits(
    exchanges: Exchanges, *, lowest: int, highest: int, alternative: str, conf_level: float
) -> tuple[float, float]:
    """Return the smallest and the largest shift that the one-sided tests do not reject.

    Limits are exact: each is the ratio of a loss to the number moved.

    Parameters
    ----------
    exchanges : Exchanges
    lowest, highest : int
        No ratio lies outside them.
    alternative, conf_level
        Two-sided: half the error rate at each limit; otherwise all at one, and the other
        is infinite.
    """
    tail = tail_of(conf_level, alternative=alternative) * (1 + PROBABILITY_ROUNDING)
    moved = range(exchanges.most + 1)
    low, high = -inf, inf
    if alternative != "less":
        low = smallest_accepted(
            lambda shift: exchanges.at_most([floor(r * shift) for r in moved]) > tail,
            lowest=lowest,
            highest=highest,
            most=exchanges.most,
        )
    if alternative != "greater":
        high = -smallest_accepted(
            lambda shift: exchanges.at_least([ceil(-r * shift) for r in moved]) > tail,
            lowest=-highest,
            highest=-lowest,
            most=exchanges.most,
        )
    return low, high


def smallest_accepted(
    accepted: Callable[[Fraction], bool], *, lowest: int, highest: int, most: int
) -> float:
    """Return the smallest ratio with a denominator up to ``most`` at which a test accepts.

    The test accepts from some ratio in [lowest, highest] on. Halving goes on until one
    ratio at most can lie in the bracket: different ones are 1 / most^2 apart.
    """
    low, high = Fraction(lowest - 1), Fraction(highest)
    if accepted(low):
        return -inf
    while high - low >= Fraction(1, 2 * most * most):
        middle = (low + high) / 2
        low, high = (low, middle) if accepted(middle) else (middle, high)
    return float(((low + high) / 2).limit_denominator(most))


def drawn_p_value(
    loss: FloatArray, *, excess: float, rounding: float, alternative: str
) -> tuple[float, float]:
    """Return p = (b + 1) / (draws + 1) and its Monte-Carlo standard error.

    With every relabelling but the observed one in ``loss`` this p is exact, as are then the
    limits of ``drawn_limits``.

    Parameters
    ----------
    loss : array, shape (draws,)
        Of each random relabelling.
    excess, alternative
        As in ``exact_p_value``.
    rounding : float
        Sums that differ by no more are equal.

    References
    ----------
    Phipson B, Smyth GK (2010). Stat Appl Genet Mol Biol 9:39.
    """
    if alternative == "greater":
        extreme = loss <= rounding
    elif alternative == "less":
        extreme = loss >= -rounding
    else:
        extreme = np.abs(excess - loss) >= abs(excess) - rounding
    p_value = (int(np.count_nonzero(extreme)) + 1) / (loss.size + 1)
    return p_value, sqrt(p_value * (1 - p_value) / loss.size)


def drawn_limits(
    loss: FloatArray, moved: NDArray[np.int64], *, alternative: str, conf_level: float
) -> tuple[float, float]:
    """Return the limits that random relabellings give, at their own p-values (b + 1) / (m + 1).

    Each draw rejects or not at every shift at once, so the limits are order statistics of
    loss / moved; a draw that moves nobody never tells against a shift.
    """
    changed = moved > 0
    ratios = loss[changed] / moved[changed]
    tail = tail_of(conf_level, alternative=alternative)
    # A small excess over a whole number is rounding of the level: 0.05 of 1000 is 50.
    rank = floor(tail * (loss.size + 1) * (1 + PROBABILITY_ROUNDING)) - (loss.size - ratios.size)
    if rank < 1:
        return -inf, inf
    rank = min(rank, ratios.size)
    wanted = np.partition(ratios, sorted({rank - 1, ratios.size - rank}))
    return (
        -inf if alternative == "less" else float(wanted[rank - 1]),
        inf if alternative == "greater" else float(wanted[ratios.size - rank]),
    )


def unit_scale(*samples: FloatArray) -> int:
    """Return the power of two by which values are scaled to 1, so that no square is lost.

    Scaling by it changes no digit; the squares of 1e-200 would vanish.
    """
    return int(np.frexp(max(float(np.abs(values).max(initial=0.0)) for values in samples))[1])


def tail_of(conf_level: float, *, alternative: str) -> float:
    """Return the error rate at one limit."""
    return (1 - conf_level) / (2 if alternative == "two_sided" else 1)


def required_seed(seed: Seed | None, *, draws: int, on_a_grid: bool) -> Seed:
    """Return the seed of random relabellings, or say why they must be drawn and cannot be."""
    whole_draws(draws)
    if seed is None:
        reason = (
            "the exact distribution of so many scores on so fine a grid is out of reach"
            if on_a_grid
            else "the scores are not on a grid (whole numbers of a common step) and too many to "
            "go through every relabelling"
        )
        raise SpecificationError(
            f"seed: expected a whole number, because {reason} and relabellings must be drawn "
            "at random; found none. Give a seed, or round the scores to the step in which "
            "they were recorded"
        )
    return seed
