"""Sign-flip test of a mean change: exact for changes on a grid, drawn otherwise."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import NotEstimableError
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING, change_moments
from trialkit.numerics.random_streams import (
    REPLICATES_A_BLOCK,
    Seed,
    people_at_once,
    replicate_blocks,
)
from trialkit.numerics.relabelling import (
    Bounds,
    RelabellingTest,
    drawn_limits,
    drawn_p_value,
    exact_limits,
    exact_p_value,
    required_seed,
)
from trialkit.numerics.score_grid import on_grid
from trialkit.numerics.shift_algorithm import counts_are_affordable, subset_sum_counts


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
    lie on one grid and the table of subset sums can be afforded; otherwise by ``draws``
    random patterns of signs with p = (b + 1) / (draws + 1). Two-sided: the share of
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
        raise NotEstimableError("nobody has both values, so there is no change")
    size = float(max(np.abs(before).max(), np.abs(after).max()))
    changes = after - before
    if not np.any(np.abs(changes) > ROUNDING * size):
        raise NotEstimableError("nobody changed, so every pattern of signs is the same")
    # Zero is on the grid too: a change without its sign must be one of its points.
    grid = on_grid(np.concatenate([[0.0], changes]), size=size)
    whole = None if grid is None else grid.whole[1:] - grid.whole[0]
    if grid is not None and whole is not None and counts_are_affordable(whole, whole.size):
        p_value, low, high = exact_test(whole, alternative=alternative, conf_level=conf_level)
        low, high, error, draws = low * grid.step, high * grid.step, 0.0, 0
    else:
        known = required_seed(seed, draws=draws, on_a_grid=grid is not None)
        loss, moved = random_flips(np.sort(changes), draws=draws, seed=known)
        p_value, error = drawn_p_value(
            loss,
            excess=float(changes.sum()) / 2,
            rounding=changes.size * ROUNDING * size,
            alternative=alternative,
        )
        low, high = drawn_limits(loss, moved, alternative=alternative, conf_level=conf_level)
    return RelabellingTest(
        estimate=change_moments(before, after).mean,
        statistic=float(changes.sum() / np.sqrt(changes @ changes)),
        p_value=p_value,
        conf_low=low,
        conf_high=high,
        draws=draws,
        p_value_error=error,
    )


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
