"""Brunner and Munzel's test of the probability of superiority, by t or by permutation."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import ceil, comb, inf

import numpy as np
from numpy.typing import NDArray

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import infer
from trialkit.numerics.random_streams import REPLICATES_A_BLOCK, Seed, replicate_blocks

# Relabellings that are enumerated one by one; beyond, they are drawn.
MOST_RELABELLINGS = 100_000
# Relabellings enumerated at once, times people.
CHUNK_CELLS = 2_000_000
# Two statistics that ought to be equal may differ by this much beside their size.
STATISTIC_ROUNDING = 1e-10
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Superiority:
    """P(X > Y) + P(X = Y) / 2 with its studentised test.

    ``df`` is None for the permutation test. ``relabellings`` counts those compared, 0 for
    the t distribution; ``enumerated`` says whether they were all there are.
    """

    estimate: float
    std_error: float
    df: float | None
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    relabellings: int = 0
    enumerated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """Both arms in ascending order of their values.

    Attributes
    ----------
    treated : array of bool, shape (n,)
    below, up_to : array of int, shape (n,)
        How many values lie below each person's, and below or level with it.
    """

    treated: BoolArray
    below: NDArray[np.intp]
    up_to: NDArray[np.intp]


def brunner_munzel(
    treatment: FloatArray, reference: FloatArray, *, conf_level: float = 0.95
) -> Superiority:
    """Test that either arm is equally likely to have the higher value, without equal spread.

    With the placement of a person the share of the other arm below them (ties count half),
    p is the mean placement of the treated, V the sum of var(placements) / n over the arms,
    and (p - 1/2) / sqrt(V) is referred to t with Welch's and Satterthwaite's degrees of
    freedom. The interval is p -+ t sqrt(V); it is not cut at 0 and 1.

    At 95 % it covers 94 to 95 % with 60 people an arm, and with 12 near p = 1/2; with 12 it
    covers 92 to 93 % at p = 0.75 and 87 % at p = 0.92 (93 % with 60).

    Parameters
    ----------
    treatment, reference : array, shapes (n1,), (n0,)
        No missing values.

    Raises
    ------
    NotEstimableError
        If an arm has fewer than two values, or no placement varies: every value of one arm
        lies above every value of the other, or all are equal.

    References
    ----------
    Brunner E, Munzel U (2000). Biom J 42:17-25. R: ``brunnermunzel::brunnermunzel.test``,
    which prints P(X < Y) of its first sample.
    """
    pooled = pool(treatment, reference)
    estimate, variances = placements(pooled, pooled.treated[np.newaxis])
    n = np.array([treatment.size, reference.size], dtype=np.float64)
    parts = variances[0] / n
    total = float(parts.sum())
    if not total > 0:
        raise NotEstimableError(
            tell(
                "every value of one arm lies above every value of the other, so the probability of "
                'superiority has no standard error; use distribution="permutation" or the rank sum'
            )
        )
    # infer tests against 0, and the interval moves with the estimate.
    test = infer(
        estimate - 0.5,
        np.array([np.sqrt(total)]),
        np.array([total**2 / float((parts**2 / (n - 1)).sum())]),
        conf_level=conf_level,
    )
    return Superiority(
        estimate=float(estimate[0]),
        std_error=float(test.std_error[0]),
        df=float(test.df[0]),
        statistic=float(test.statistic[0]),
        p_value=float(test.p_value[0]),
        conf_low=float(test.conf_low[0]) + 0.5,
        conf_high=float(test.conf_high[0]) + 0.5,
    )


def brunner_munzel_permutation(
    treatment: FloatArray,
    reference: FloatArray,
    *,
    draws: int = 10_000,
    seed: Seed | None = None,
    conf_level: float = 0.95,
) -> Superiority:
    """Refer Brunner and Munzel's statistic to its distribution over relabellings.

    Every way to choose the treated is enumerated where there are at most
    ``MOST_RELABELLINGS``, which depends on the sizes of the arms alone; else ``draws`` are
    made at random and p = (b + 1) / (draws + 1), b those at least as far from 0. A
    relabelling without variance counts as infinitely far. The interval is p -+ c sqrt(V),
    c the matching quantile of the absolute statistics; it covers as the t interval does.

    Parameters
    ----------
    treatment, reference : array, shapes (n1,), (n0,)
    draws : int
        At least 1.
    seed : int or Generator, optional
        Needed where relabellings are drawn.

    Raises
    ------
    SpecificationError
        If relabellings must be drawn and there is no seed.
    NotEstimableError
        If an arm has fewer than two values, or all values are equal.

    References
    ----------
    Neubert K, Brunner E (2007). Comput Stat Data Anal 51:5192-5204. R:
    ``brunnermunzel::brunnermunzel.permutation.test``.
    """
    pooled = pool(treatment, reference)
    n1, n = treatment.size, pooled.treated.size
    estimate, variances = placements(pooled, pooled.treated[np.newaxis])
    (observed,) = studentised(estimate, variances, n1=n1, n=n)
    count = comb(n, n1)
    enumerated = count <= MOST_RELABELLINGS
    members = all_members(n, n1) if enumerated else random_members(n, n1, draws, seed)
    sizes = np.abs(
        np.concatenate([studentised(*placements(pooled, m), n1=n1, n=n) for m in members])
    )
    reached = int((sizes >= abs(observed) * (1 - STATISTIC_ROUNDING)).sum())
    p_value = reached / count if enumerated else (reached + 1) / (draws + 1)
    std_error = float(np.sqrt(variances[0] @ (1 / np.array([n1, n - n1]))))
    k = ceil(conf_level * sizes.size) - 1
    quantile = float(np.partition(sizes, k)[k])
    half = quantile * std_error if std_error > 0 else inf
    return Superiority(
        estimate=float(estimate[0]),
        std_error=std_error,
        df=None,
        statistic=float(observed),
        p_value=p_value,
        conf_low=float(estimate[0]) - half,
        conf_high=float(estimate[0]) + half,
        relabellings=sizes.size,
        enumerated=enumerated,
    )


def pool(treatment: FloatArray, reference: FloatArray) -> Pooled:
    """Return both arms in ascending order, or refuse arms without spread."""
    smallest = min(treatment.size, reference.size)
    if smallest < 2:  # the variance of placements needs two
        raise NotEstimableError(
            tell("an arm has {n} value; the spread of its ranks needs at least two", n=smallest)
        )
    values = np.concatenate([treatment, reference])
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    below = np.searchsorted(ordered, ordered, side="left")
    if not below.any():
        raise NotEstimableError(tell("all values are equal, so their ranks tell nothing apart"))
    return Pooled(
        treated=order < treatment.size,
        below=below,
        up_to=np.searchsorted(ordered, ordered, side="right"),
    )


def placements(pooled: Pooled, member: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the probability of superiority and the variances of placements.

    Sums of whole numbers are exact (below 2^53: some thousands of people), so that equal
    relabellings give equal figures.

    Parameters
    ----------
    pooled : Pooled
    member : array of bool, shape (b, n)
        Whether a person counts as treated, in ascending order of the values, a relabelling
        a row; n1 in each row.

    Returns
    -------
    probability : array, shape (b,)
    variances : array, shape (b, 2)
        Of the placements of the treated and of the others (divisor n - 1).
    """
    n = member.shape[1]
    n1 = int(member[0].sum())
    treated_so_far = np.zeros((member.shape[0], n + 1), dtype=np.int64)
    np.cumsum(member, axis=1, out=treated_so_far[:, 1:])
    # Twice the count of treated, and of the others, that each person lies above.
    of_treated = treated_so_far[:, pooled.below] + treated_so_far[:, pooled.up_to]
    of_others = (pooled.below + pooled.up_to) - of_treated
    wins = np.where(member, of_others, 0)
    variances = [
        # own * sum(c^2) - sum(c)^2 in whole numbers, before any division.
        (own * (counts**2).sum(axis=1) - counts.sum(axis=1) ** 2)
        / (own * (own - 1) * (2.0 * other) ** 2)
        for counts, own, other in (
            (wins.astype(np.float64), n1, n - n1),
            (np.where(member, 0.0, of_treated), n - n1, n1),
        )
    ]
    probability = wins.sum(axis=1) / (2 * n1 * (n - n1))
    return np.asarray(probability, dtype=np.float64), np.column_stack(variances)


def studentised(probability: FloatArray, variances: FloatArray, *, n1: int, n: int) -> FloatArray:
    """Return (p - 1/2) over its standard error; infinite where nothing varies."""
    std_error = np.sqrt(variances @ np.array([1 / n1, 1 / (n - n1)]))
    distance = probability - 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = distance / std_error
    # Without spread one arm lies wholly above the other: distance is 1/2, never 0.
    return np.asarray(np.where(std_error > 0, statistic, np.copysign(inf, distance)))


def all_members(n: int, n1: int) -> Iterator[BoolArray]:
    """Yield every choice of n1 among n, some rows at a time."""
    rows = max(CHUNK_CELLS // n, 1)
    choices = combinations(range(n), n1)
    while chunk := list(islice(choices, rows)):
        member = np.zeros((len(chunk), n), dtype=bool)
        np.put_along_axis(member, np.array(chunk), values=True, axis=1)
        yield member


def random_members(n: int, n1: int, draws: int, seed: Seed | None) -> Iterator[BoolArray]:
    """Yield random choices of n1 among n, keyed by the seed and their own number."""
    if seed is None:
        raise SpecificationError(
            f"seed: {comb(n, n1)} relabellings are too many to enumerate, so they are drawn; "
            "expected a whole number, found None"
        )
    for part, generator in replicate_blocks(seed, draws):
        keys = generator.random((REPLICATES_A_BLOCK, n))[: part.stop - part.start]
        chosen = np.argpartition(keys, n1 - 1, axis=1)[:, :n1]
        member = np.zeros(keys.shape, dtype=bool)
        np.put_along_axis(member, chosen, values=True, axis=1)
        yield member
