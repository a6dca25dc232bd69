"""Permutation test of a difference of means: exact on a grid or for few people, else drawn."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING, sample_moments
from trialkit.numerics.random_streams import (
    REPLICATES_A_BLOCK,
    Seed,
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

Whole = NDArray[np.int64]
# Relabellings of scores off a grid that are gone through one by one; beyond, they are drawn.
MOST_ENUMERATED = 100_000


def permutation_test(
    treatment: FloatArray,
    reference: FloatArray,
    *,
    alternative: str = "two_sided",
    conf_level: float = 0.95,
    draws: int = 99_999,
    seed: Seed | None = None,
) -> RelabellingTest:
    """Test a difference of means by relabelling who was in which arm.

    Exact if all scores lie on one grid (``on_grid``, ``on_decimals``) and the two tables of
    subset sums can be afforded (``counts_are_affordable``), or if there are at most
    ``MOST_ENUMERATED`` relabellings; otherwise by ``draws`` random relabellings with
    p = (b + 1) / (draws + 1), the observed labelling being one of them. Two-sided: the
    share of relabellings whose difference is at least as large as the observed one.

    The interval holds the shifts that the two one-sided tests, at half the error rate each,
    do not reject when they are taken off the treatment arm. A one-sided alternative gives
    a one-sided interval.

    Parameters
    ----------
    treatment, reference : array, shape (n1,) and (n0,)
        Not empty, no missing values.
    alternative : "two_sided", "less" or "greater"
        Of treatment minus reference.
    conf_level : float
        In (0, 1).
    draws : int
        Random relabellings, if the exact distribution is out of reach.
    seed : int or numpy.random.Generator, optional
        Needed for random relabellings only.

    Raises
    ------
    NotEstimableError
        If an arm is empty, or no score differs from another.
    SpecificationError
        If relabellings must be drawn and no seed is given.

    References
    ----------
    Ernst MD (2004). Statist Sci 19:676-685. Streitberg B, Röhmel J (1986). Statist Softw
    Newsl 12:10-17. R: ``coin::oneway_test(distribution = "exact")``.
    """
    whole_draws(draws)
    scale, recorded = unit_scale(treatment, reference), np.concatenate([treatment, reference])
    treatment, reference = np.ldexp(treatment, -scale), np.ldexp(reference, -scale)
    statistic = standardised_difference(treatment, reference)
    estimate = sample_moments(treatment).mean - sample_moments(reference).mean
    grid = grid_of(recorded, scale)
    enumerated = 0
    if grid is not None and is_affordable(grid, treatment.size):
        p_value, low, high = exact_test(
            *np.split(grid.whole, [treatment.size]), alternative=alternative, conf_level=conf_level
        )
        low, high, error, draws = low * grid.step, high * grid.step, 0.0, 0
    else:
        labellings = comb(recorded.size, treatment.size)
        if labellings <= MOST_ENUMERATED:
            enumerated, draws, known = labellings, 0, None
        else:
            known = required_seed(seed, draws=draws, on_a_grid=grid is not None)
        p_value, error, low, high = drawn_test(
            treatment,
            reference,
            alternative=alternative,
            conf_level=conf_level,
            draws=draws,
            seed=known,
        )
    return RelabellingTest(
        estimate=float(np.ldexp(estimate, scale)),
        statistic=statistic,
        p_value=p_value,
        conf_low=float(np.ldexp(low, scale)),
        conf_high=float(np.ldexp(high, scale)),
        draws=draws,
        p_value_error=error,
        enumerated=enumerated,
    )


def grid_of(recorded: FloatArray, scale: int) -> GridScores | None:
    """Return the grid of the scores over 2^scale, or None if they have none."""
    pooled = np.ldexp(recorded, -scale)
    grid = on_grid(pooled, size=float(np.abs(pooled).max()))
    if grid is not None or (decimal := on_decimals(recorded)) is None:
        return grid
    return GridScores(whole=decimal.whole, step=float(np.ldexp(decimal.step, -scale)))


def standardised_difference(treatment: FloatArray, reference: FloatArray) -> float:
    """Return the sum of the treatment arm, standardised by its permutation mean and variance.

    (S - n1 mean) / sqrt(n1 n0 / (N (N - 1)) sum (y - mean)^2); asymptotically standard
    normal under the null hypothesis. coin prints it as Z.

    Raises
    ------
    NotEstimableError
        If an arm is empty, or no score differs from another.
    """
    n1, n0 = treatment.size, reference.size
    if not n1 or not n0:
        raise NotEstimableError(tell("an arm without values has no mean"))
    everyone = sample_moments(np.concatenate([treatment, reference]))
    if not everyone.std_dev > 0:
        raise NotEstimableError(
            tell("no value differs from another, so every relabelling is the same")
        )
    difference = sample_moments(treatment).mean - sample_moments(reference).mean
    n = n1 + n0
    return float(difference / everyone.std_dev * np.sqrt(n1 * n0 / n))


def is_affordable(grid: GridScores, treated: int) -> bool:
    """Return whether the tables of both arms keep within their bounds."""
    arms = np.split(grid.whole, [treated])
    most = min(arm.size for arm in arms)
    return all(counts_are_affordable(arm, most) for arm in arms)


def exact_test(
    treatment: Whole, reference: Whole, *, alternative: str, conf_level: float
) -> tuple[float, float, float]:
    """Return the exact p-value and limits, these in steps of the grid."""
    exchanges = ArmExchanges.between(treatment, reference)
    total = int(treatment.sum() + reference.sum())
    expected = Fraction(treatment.size * total, treatment.size + reference.size)
    p_value = exact_p_value(
        exchanges, excess=int(treatment.sum()) - expected, alternative=alternative
    )
    low, high = exact_limits(
        exchanges,
        lowest=int(treatment.min() - reference.max()),
        highest=int(treatment.max() - reference.min()),
        alternative=alternative,
        conf_level=conf_level,
    )
    return p_value, low, high


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubsetSums:
    """Distributions of the sum of r people out of one arm, for r = 0, 1, ...

    ``share[r][i]`` is P(sum = lowest[r] + i), ``rest[r][i]`` is P(sum >= lowest[r] + i).
    """

    lowest: list[int]
    share: list[FloatArray]
    rest: list[FloatArray]

    @classmethod
    def of(cls, scores: Whole, most: int) -> "SubsetSums":
        """Return the distributions for up to ``most`` people."""
        counts = subset_sum_counts(scores, most)
        counts /= counts.sum(axis=1, keepdims=True)
        ordered = np.sort(scores)
        below = np.concatenate([[0], np.cumsum(ordered)])
        above = np.concatenate([[0], np.cumsum(ordered[::-1])])
        sizes = (above - below)[: most + 1] + 1
        return cls(
            lowest=below[: most + 1].tolist(),
            share=[row[:size] for row, size in zip(counts, sizes, strict=True)],
            rest=[
                np.cumsum(row[size - 1 :: -1] if size == row.size else row[:size][::-1])[::-1]
                for row, size in zip(counts, sizes, strict=True)
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmExchanges:
    """Exchanges of equal numbers between two arms; the loss is who left less who came.

    ``weight[r]`` is the share of relabellings that exchange r people.
    """

    most: int
    weight: list[float]
    leaving: SubsetSums
    coming: SubsetSums

    @classmethod
    def between(cls, treatment: Whole, reference: Whole) -> "ArmExchanges":
        """Return the distribution over all relabellings of two arms."""
        n1, n0 = treatment.size, reference.size
        most = min(n1, n0)
        everything = comb(n1 + n0, n1)
        return cls(
            most=most,
            weight=[comb(n1, r) * comb(n0, r) / everything for r in range(most + 1)],
            leaving=SubsetSums.of(treatment, most),
            coming=SubsetSums.of(reference, most),
        )

    def at_most(self, bounds: Bounds) -> float:
        """Return P(loss <= bound of the number exchanged)."""
        return self.share(self.leaving, self.coming, bounds)

    def at_least(self, bounds: Bounds) -> float:
        """Return P(loss >= bound of the number exchanged)."""
        return self.share(self.coming, self.leaving, [-bound for bound in bounds])

    def share(self, one: SubsetSums, other: SubsetSums, bounds: Bounds) -> float:
        """Return P(sum of one - sum of other <= bound): a product of a row and a tail for each r.

        All terms are positive; sums of ``one`` that need nothing of the other count in full.
        """
        total = 0.0
        for r, weight in enumerate(self.weight):
            row, tail = one.share[r], other.rest[r]
            # With the i-th sum of one, the other's must be its (i + ahead)-th at least.
            ahead = one.lowest[r] - other.lowest[r] - bounds[r]
            free = min(max(-ahead, 0), row.size)
            stop = min(max(tail.size - ahead, free), row.size)
            share = float(row[free:stop] @ tail[free + ahead : stop + ahead])
            total += weight * (share + float(row[:free].sum()))
        return total


def drawn_test(
    treatment: FloatArray,
    reference: FloatArray,
    *,
    alternative: str,
    conf_level: float,
    draws: int,
    seed: Seed | None,
) -> tuple[float, float, float, float]:
    """Return p-value, its Monte-Carlo error and limits from random relabellings, or from all.

    Without a seed every relabelling is gone through, and nothing is left to chance.
    People are drawn for the smaller arm, from values in ascending order, so that neither
    the order of rows nor which arm is the reference changes what is drawn.
    """
    pooled = np.concatenate([treatment, reference])
    centre = pooled.mean()
    arms = [np.sort(arm - centre) for arm in (treatment, reference)]
    flipped = (arms[1].size, arms[1].tolist()) < (arms[0].size, arms[0].tolist())
    smaller, larger = arms[::-1] if flipped else arms
    if seed is None:
        sums, moved = other_subsets(smaller, larger)
    else:
        sums, moved = random_subsets(smaller, larger, draws=draws, seed=seed)
    sign = -1.0 if flipped else 1.0
    loss = sign * (float(smaller.sum()) - sums)
    excess = sign * float(smaller.sum() - smaller.size * (pooled - centre).mean())
    p_value, error = drawn_p_value(
        loss,
        excess=excess,
        rounding=float(pooled.size * ROUNDING * np.abs(pooled).max()),
        alternative=alternative,
    )
    low, high = drawn_limits(loss, moved, alternative=alternative, conf_level=conf_level)
    return p_value, error if draws else 0.0, low, high


def other_subsets(smaller: FloatArray, larger: FloatArray) -> tuple[FloatArray, Whole]:
    """Return the sum of every subset but the smaller arm itself, and how many it moved."""
    values = np.concatenate([smaller, larger])
    n, size = values.size, smaller.size
    # The first is the arm as it was.
    others = np.array(list(combinations(range(n), size))[1:], dtype=np.int64)
    return values[others].sum(axis=1), np.count_nonzero(others >= size, axis=1).astype(np.int64)


def random_subsets(
    smaller: FloatArray, larger: FloatArray, *, draws: int, seed: Seed
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the sum of each random subset as large as the smaller arm, and how many it moved.

    The first steps of a Fisher-Yates shuffle, one step of all draws of a block at a time.
    """
    values = np.concatenate([smaller, larger])
    n, size = values.size, smaller.size
    sums, moved = np.empty(draws), np.empty(draws, dtype=np.int64)
    which = np.arange(REPLICATES_A_BLOCK)
    for part, generator in replicate_blocks(seed, draws):
        people = np.repeat(np.arange(n, dtype=np.int32)[:, np.newaxis], REPLICATES_A_BLOCK, axis=1)
        for step in range(size):
            taken = generator.integers(step, n, size=REPLICATES_A_BLOCK)
            chosen = people[taken, which]
            people[taken, which] = people[step]
            people[step] = chosen
        kept = people[:size, : part.stop - part.start]
        sums[part] = values[kept].sum(axis=0)
        moved[part] = np.count_nonzero(kept >= size, axis=0)
    return sums, moved
