"""Sign-flip test of a mean change: exact on a grid or for few people, drawn otherwise."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING, change_moments
from trialkit.numerics.random_streams import (
    REPLICATES_A_BLOCK,
    Seed,
    people_at_once,
    replicate_blocks,
    whole_draws,
)
from trialkit.numerics.relabelling import (
    Bounds,
    RelabellingTest,
    drawn_limits,
    drawn_p_value,
    exact_limits,
    exact_p_value,
    required_seed,
    unit_scale,
)
from trialkit.numerics.score_grid import GridScores, on_decimals, on_grid
from trialkit.numerics.shift_algorithm import counts_are_affordable, subset_sum_counts

# People whose every pattern of signs is gone through, if their changes are off a grid.
MOST_FLIPPED = 16


def sign_flip_test(
    before: FloatArray,
    after: FloatArray,
    *,
    alternative: str = "two_sided",
    conf_level: float = 0.95,
    draws: int = 99_999,
    seed: Seed | None = None,
) -> RelabellingTest:
    """Test a mean change by flipping the signs of the changes, each with probability 1/2.

    The null hypothesis is that changes are symmetric about 0. Exact if the changes and 0
    lie on one grid and the table of subset sums can be afforded, or if there are at most
    ``MOST_FLIPPED`` people; otherwise by ``draws`` random patterns of signs with
    p = (b + 1) / (draws + 1). Two-sided: the share of
    patterns whose mean is at least as far from 0 as the observed one. The interval holds
    the centres of symmetry that the two one-sided tests do not reject.

    Parameters
    ----------
    before, after : array, shape (n,)
        Not empty, no missing values; the same people in the same order.
    alternative, conf_level, draws, seed
        As in ``permutation_test``; the alternative is that of after minus before.

    Raises
    ------
    NotEstimableError
        If there is nobody, or nobody changed.
    SpecificationError
        If patterns must be drawn and no seed is given.

    References
    ----------
    Fisher RA (1935). The Design of Experiments, section 21. Hartigan JA (1969). J Am Statist
    Assoc 64:1303-1317. R: ``exactRankTests::perm.test(paired = TRUE)``.
    """
    if not before.size:
        raise NotEstimableError(tell("nobody has both values, so there is no change"))
    whole_draws(draws)
    scale, recorded = unit_scale(before, after), np.concatenate([before, after])
    before, after = np.ldexp(before, -scale), np.ldexp(after, -scale)
    size = float(max(np.abs(before).max(), np.abs(after).max()))
    changes = after - before
    if not np.any(np.abs(changes) > ROUNDING * size):
        raise NotEstimableError(tell("nobody changed, so every pattern of signs is the same"))
    grid = changes_on_grid(recorded, scale)
    enumerated = 0
    if grid is not None and counts_are_affordable(grid.whole, changes.size):
        p_value, low, high = exact_test(grid.whole, alternative=alternative, conf_level=conf_level)
        low, high, error, draws = low * grid.step, high * grid.step, 0.0, 0
    else:
        if changes.size <= MOST_FLIPPED:
            enumerated, draws = 2**changes.size, 0
            loss, moved = other_flips(np.sort(changes))
        else:
            known = required_seed(seed, draws=draws, on_a_grid=grid is not None)
            loss, moved = random_flips(np.sort(changes), draws=draws, seed=known)
        p_value, error = drawn_p_value(
            loss,
            excess=float(changes.sum()) / 2,
            rounding=changes.size * ROUNDING * size,
            alternative=alternative,
        )
        error = error if draws else 0.0
        low, high = drawn_limits(loss, moved, alternative=alternative, conf_level=conf_level)
    return RelabellingTest(
        estimate=float(np.ldexp(change_moments(before, after).mean, scale)),
        statistic=float(changes.sum() / np.sqrt(changes @ changes)),
        p_value=p_value,
        conf_low=float(np.ldexp(low, scale)),
        conf_high=float(np.ldexp(high, scale)),
        draws=draws,
        p_value_error=error,
        enumerated=enumerated,
    )


def changes_on_grid(recorded: FloatArray, scale: int) -> GridScores | None:
    """Return changes as whole numbers of a step over 2^scale, or None if there is none.

    Zero is on the grid too: a change without its sign must be one of its points.
    """
    before, after = np.split(np.ldexp(recorded, -scale), 2)
    size = float(max(np.abs(before).max(), np.abs(after).max()))
    grid = on_grid(np.concatenate([[0.0], after - before]), size=size)
    if grid is not None:
        return GridScores(whole=grid.whole[1:] - grid.whole[0], step=grid.step)
    decimal = on_decimals(recorded)
    if decimal is None:
        return None
    first, last = np.split(decimal.whole, 2)
    return GridScores(whole=last - first, step=float(np.ldexp(decimal.step, -scale)))


def exact_test(
    changes: NDArray[np.int64], *, alternative: str, conf_level: float
) -> tuple[float, float, float]:
    """Return the exact p-value and limits, these in steps of the grid."""
    flips = Flips.of(changes)
    # A flip takes a change out of the sum twice; half the sum is what the loss is held against.
    p_value = exact_p_value(flips, excess=Fraction(int(changes.sum()), 2), alternative=alternative)
    low, high = exact_limits(
        flips,
        lowest=int(changes.min()),
        highest=int(changes.max()),
        alternative=alternative,
        conf_level=conf_level,
    )
    return p_value, low, high


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flips:
    """How many people a pattern of signs flips, and the sum of their changes (the loss).

    ``up_to[k][i]`` is the probability of flipping k people whose changes add up to at most
    ``lowest[k] + i``, and ``from_there[k][i]`` to at least that.
    """

    most: int
    lowest: list[int]
    up_to: list[FloatArray]
    from_there: list[FloatArray]

    @classmethod
    def of(cls, changes: NDArray[np.int64]) -> "Flips":
        """Return the distribution over all patterns of signs."""
        n = changes.size
        counts = subset_sum_counts(changes, n)
        weight = [comb(n, k) / 2**n for k in range(n + 1)]
        counts *= (np.array(weight) / counts.sum(axis=1))[:, np.newaxis]
        return cls(
            most=n,
            lowest=[0, *np.cumsum(np.sort(changes)).tolist()],
            up_to=list(np.cumsum(counts, axis=1)),
            from_there=list(np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]),
        )

    def at_most(self, bounds: Bounds) -> float:
        """Return P(loss <= bound of the number flipped)."""
        places = (bound - low for bound, low in zip(bounds, self.lowest, strict=True))
        return sum(
            float(row[min(place, row.size - 1)])
            for place, row in zip(places, self.up_to, strict=True)
            if place >= 0
        )

    def at_least(self, bounds: Bounds) -> float:
        """Return P(loss >= bound of the number flipped)."""
        places = (bound - low for bound, low in zip(bounds, self.lowest, strict=True))
        return sum(
            float(row[max(place, 0)])
            for place, row in zip(places, self.from_there, strict=True)
            if place < row.size
        )


def other_flips(changes: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return as ``random_flips`` every pattern of signs but the observed one."""
    loss, moved = np.zeros(1), np.zeros(1, dtype=np.int64)
    for change in changes.tolist():
        loss = np.concatenate([loss, loss + change])
        moved = np.concatenate([moved, moved + 1])
    return loss[1:], moved[1:]


def random_flips(
    changes: FloatArray, *, draws: int, seed: Seed
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return, for each random pattern of signs, the sum of the flipped changes and their number."""
    loss, moved = np.zeros(draws), np.zeros(draws, dtype=np.int64)
    for part, generator in replicate_blocks(seed, draws):
        for people in people_at_once(changes.size):
            size = (people.stop - people.start, REPLICATES_A_BLOCK)
            flipped = generator.integers(0, 2, size=size, dtype=np.int8)
            count = part.stop - part.start
            loss[part] += (changes[people] @ flipped)[:count]
            moved[part] += flipped.sum(axis=0)[:count]
    return loss, moved
