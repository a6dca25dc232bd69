"""Exact null distributions of sums of integer scores, by adding shifted copies of a table."""

from itertools import accumulate
from math import gcd

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import FloatArray

# Cells of the table of counts (8 bytes each), and additions of one cell to another. A table at
# either bound takes 256 MB and a few seconds.
LARGEST_TABLE = 2**25
MOST_ADDITIONS = 8 * 10**9
# Among 1000 scores no count of subsets passes the largest double; counts at most double with
# each score, so those of more scores are scaled down in time.
MOST_UNSCALED = 1000
SCORES_BETWEEN_SCALINGS = 512

Integers = NDArray[np.integer]


def subset_sum_pmf(scores: Integers, size: int) -> tuple[int, FloatArray]:
    """Return the distribution of the sum of ``size`` scores drawn without replacement.

    This is the null distribution of the rank sum (midranks doubled, so that they are whole
    numbers), and of the sum of one arm's outcome under random relabelling. With f_j(k, s) the
    number of ways to choose k of the first j scores with sum s,
    f_j(k, s) = f_{j-1}(k, s) + f_{j-1}(k - 1, s - score_j): one copy of the table, shifted, is
    added to itself for each score. All terms are positive, so nothing cancels: each
    probability carries a relative error of N machine epsilons at most, however small it is.

    Parameters
    ----------
    scores : array of int, shape (N,)
        Any sign; ties allowed. No missing values.
    size : int
        Scores drawn, 0 to N.

    Returns
    -------
    lowest : int
        The smallest sum possible.
    probabilities : array, shape (highest - lowest + 1,)
        P(sum = lowest + i); they add up to 1. Sums that cannot occur have probability 0.

    Raises
    ------
    SpecificationError
        If the scores are not whole numbers, ``size`` is out of range, or the table would
        pass ``LARGEST_TABLE`` cells or ``MOST_ADDITIONS`` additions.

    References
    ----------
    Streitberg B, Röhmel J (1986). Exact distributions for permutation and rank tests: an
    introduction to some recently published algorithms. Statist Softw Newsl 12:10-17. R:
    ``exactRankTests::dperm``, coin's ``exact(algorithm = "shift")``.

    Examples
    --------
    >>> lowest, probabilities = subset_sum_pmf(np.array([1, 2, 3, 4]), 2)
    >>> lowest, [round(float(p) * 6) for p in probabilities]
    (3, [1, 1, 2, 1, 1])
    """
    require_whole(scores)
    if not 0 <= size <= scores.size:
        raise SpecificationError(f"size: expected 0 to {scores.size} scores, found {size}")
    if 2 * size > scores.size:
        # What is drawn and what is left add up to the total.
        rest_lowest, rest = subset_sum_pmf(scores, scores.size - size)
        return int(scores.sum()) - rest_lowest - (rest.size - 1), rest[::-1].copy()
    step = gcd(*from_zero(scores)) or 1
    ordered = [score // step for score in from_zero(scores)]
    table = subset_counts(ordered, fewest=size, most=size)[size]
    width = highest_sum(ordered, size) - sum(ordered[:size])
    lowest = int(np.sort(scores)[:size].sum())
    probabilities = np.zeros(width * step + 1)
    probabilities[::step] = table[: width + 1] / table.sum()
    return lowest, probabilities


def subset_sum_counts(scores: Integers, most: int) -> FloatArray:
    """Return, for every size up to ``most``, how often each sum occurs among the subsets.

    Row k holds the counts of the subsets of k scores, from the sum of the k smallest scores
    on: ``counts[k, i]`` subsets have the sum (sum of the k smallest) + i. A row adds up to
    the binomial coefficient.

    Parameters
    ----------
    scores : array of int, shape (n,)
        Any sign; ties allowed. Best divided by their greatest common step beforehand.
    most : int
        Largest subset, 0 to n.

    Returns
    -------
    array, shape (most + 1, w)

    Raises
    ------
    SpecificationError
        As ``subset_sum_pmf``; also if there are more than ``MOST_UNSCALED`` scores, whose
        counts need not be doubles.

    Examples
    --------
    >>> subset_sum_counts(np.array([1, 2, 4]), 3).astype(int)
    array([[1, 0, 0, 0],
           [1, 1, 0, 1],
           [1, 0, 1, 1],
           [1, 0, 0, 0]])
    """
    require_whole(scores)
    if scores.size > MOST_UNSCALED:
        raise SpecificationError(
            f"expected at most {MOST_UNSCALED} scores for a table of every size, "
            f"found {scores.size}"
        )
    return subset_counts(from_zero(scores), fewest=0, most=most)


def counts_are_affordable(scores: Integers, most: int) -> bool:
    """Return whether ``subset_sum_counts`` would keep within its bounds."""
    width, additions = table_size(from_zero(scores), fewest=0, most=most)
    return (
        scores.size <= MOST_UNSCALED
        and (most + 1) * width <= LARGEST_TABLE
        and additions <= MOST_ADDITIONS
    )


def sign_sum_pmf(scores: Integers) -> FloatArray:
    """Return the distribution of the sum of the scores that get a plus, each sign being fair.

    This is the null distribution of the signed-rank statistic and of sign flips. A score
    of 0 changes nothing, so zeros may stand in ``scores`` or be left out.

    Parameters
    ----------
    scores : array of int, shape (n,)
        Not negative; ties allowed. No missing values.

    Returns
    -------
    array, shape (scores.sum() + 1,)
        P(sum = i); adds up to 1, symmetric about half the total.

    Raises
    ------
    SpecificationError
        If a score is negative or no whole number, or the table would pass the bounds.

    References
    ----------
    Streitberg B, Röhmel J (1986), as in ``subset_sum_pmf``. R: ``exactRankTests::dperm``
    with one sample.

    Examples
    --------
    >>> sign_sum_pmf(np.array([1, 2])).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    require_whole(scores)
    if scores.size and scores.min() < 0:
        raise SpecificationError(f"expected no negative score, found {scores.min()}")
    positive = np.sort(scores[scores > 0]).tolist()
    step = gcd(*positive) or 1
    reduced = [score // step for score in positive]
    total = sum(reduced)
    require_bounds(cells=total + 1, additions=sum(accumulate(reduced)))
    counts = np.zeros(total + 1)
    counts[0] = 1.0
    reached = 0
    for done, score in enumerate(reduced, start=1):
        shifted = counts[: reached + 1].copy()
        reached += score
        counts[score : reached + 1] += shifted
        if done % SCORES_BETWEEN_SCALINGS == 0:
            counts *= 2.0**-SCORES_BETWEEN_SCALINGS
    counts *= 2.0 ** -(len(reduced) % SCORES_BETWEEN_SCALINGS)
    probabilities = np.zeros(total * step + 1)
    probabilities[::step] = counts
    return probabilities


def require_whole(scores: Integers) -> None:
    """Raise unless scores are a vector of integers."""
    if scores.ndim != 1 or not np.issubdtype(scores.dtype, np.integer):
        raise SpecificationError(
            f"expected a vector of whole-number scores, found {scores.ndim} dimensions of "
            f"{scores.dtype}"
        )


def require_bounds(*, cells: int, additions: int) -> None:
    """Raise if the table would be too large to hold or to fill."""
    if cells > LARGEST_TABLE or additions > MOST_ADDITIONS:
        raise SpecificationError(
            f"expected an exact distribution of at most {LARGEST_TABLE} cells and "
            f"{MOST_ADDITIONS} additions, found {cells} and {additions}; draw at random "
            "with a seed, or record the scores on a coarser grid"
        )


def from_zero(scores: Integers) -> list[int]:
    """Return the scores ascending, less the smallest.

    Python integers: a difference of two 64-bit scores need not fit 64 bits.
    """
    values = sorted(scores.tolist())
    return [value - values[0] for value in values]


def highest_sum(ordered: list[int], size: int) -> int:
    """Return the sum of the ``size`` largest of ascending scores."""
    return sum(ordered[len(ordered) - size :])


def table_size(ordered: list[int], *, fewest: int, most: int) -> tuple[int, int]:
    """Return the width of the table of counts, and a bound of the additions it takes."""
    n = len(ordered)
    below = [0, *accumulate(ordered)]
    width = 1 + max(below[n] - below[n - k] - below[k] for k in range(most + 1))
    steps = most * (n - fewest) if fewest == most else most * n
    return width, steps * width


def subset_counts(ordered: list[int], *, fewest: int, most: int) -> FloatArray:
    """Return counts of subset sums, row k from the sum of the k smallest scores on.

    Only rows ``fewest`` to ``most`` are complete; the others stop where they can no longer
    lead to these. Rows are added one by one, over just the sums that can occur, from the
    largest subsets down, so that a score is never used twice.

    With more than ``MOST_UNSCALED`` scores an entry is instead the probability of its subset
    and sum when each score is taken with probability p = most / n: proportional to the counts
    within a row, and below 1e-308 only where the result is.
    """
    n = len(ordered)
    width, additions = table_size(ordered, fewest=fewest, most=most)
    require_bounds(cells=(most + 1) * width, additions=additions)
    counts = np.zeros((most + 1, width))
    counts[0, 0] = 1.0
    rows = list(counts)
    below = [0, *accumulate(ordered)]
    scaled = n > MOST_UNSCALED
    odds = most / (n - most) if scaled else 1.0
    for j, score in enumerate(ordered):
        for k in range(min(j, most - 1), max(0, fewest - (n - j)) - 1, -1):
            reach = below[j] - below[j - k] - below[k] + 1
            shift = score - ordered[k]
            target, source = rows[k + 1][shift : shift + reach], rows[k][:reach]
            np.add(target, odds * source if scaled else source, out=target)
        if scaled and (j + 1) % SCORES_BETWEEN_SCALINGS == 0:
            counts *= (1 - most / n) ** SCORES_BETWEEN_SCALINGS
    return counts
