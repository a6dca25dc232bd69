"""Several arms or visits by ranks: Kruskal-Wallis, Friedman, Quade, Fligner-Killeen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.ranks import doubled_ranks, equal_but_for_rounding
from trialkit.numerics.tails import chi_square_p_value, f_p_value

EQUAL_VALUES = tell("all values are equal, so their ranks tell nothing apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRankTest:
    """A test of several arms or visits at once.

    ``df_num`` is None for a chi-square statistic, whose only degrees of freedom are
    ``df``. ``effect_size`` is epsilon squared (Kruskal-Wallis) or Kendall's W (Friedman),
    NaN where there is none.
    """

    statistic: float
    df: float
    p_value: float
    df_num: float | None = None
    effect_size: float = float("nan")


def kruskal_wallis(arms: Sequence[FloatArray]) -> JointRankTest:
    """Test that several arms come from one distribution.

    H = (N - 1) sum_i n_i (mean rank_i - (N + 1) / 2)^2 / sum (rank - (N + 1) / 2)^2, which
    corrects for ties, against chi-square on (arms - 1) degrees of freedom. The effect size
    is epsilon squared, H / (N - 1).

    Parameters
    ----------
    arms : sequence of array
        At least two, none empty.

    Raises
    ------
    NotEstimableError
        With fewer than two arms, an empty arm, or equal values only.

    References
    ----------
    Kruskal WH, Wallis WA (1952). J Am Statist Assoc 47:583-621. Tomczak M, Tomczak E
    (2014). Trends Sport Sci 1:19-25 (epsilon squared). R: ``kruskal.test``; SAS:
    ``PROC NPAR1WAY WILCOXON``.
    """
    require_arms(arms)
    ranks = doubled_ranks(np.concatenate(list(arms)))
    scores = np.asarray(ranks / 2, dtype=np.float64)
    return between_scores(scores, [arm.size for arm in arms])


def between_scores(scores: FloatArray, sizes: Sequence[int]) -> JointRankTest:
    """Return the chi-square of scores that differ between arms, given all scores.

    (N - 1) times the sum of squares between arms over the total sum of squares.
    """
    n = scores.size
    centred = scores - scores.mean()
    total = float(centred @ centred)
    if not total > 0:
        raise NotEstimableError(EQUAL_VALUES)
    parts = np.split(centred, np.cumsum(sizes)[:-1])
    between = sum(float(part.sum()) ** 2 / part.size for part in parts)
    share = between / total
    df = len(sizes) - 1
    statistic = (n - 1) * share
    return JointRankTest(
        statistic=statistic,
        df=df,
        p_value=chi_square_p_value(statistic, df),
        effect_size=share,
    )


def fligner_killeen(arms: Sequence[FloatArray], *, ties: str = "rounded") -> JointRankTest:
    """Test that several arms have the same spread, by normal scores of distances.

    The distances from the median of the own arm are ranked together; with the scores
    Phi^-1(1/2 + rank / (2 (N + 1))), the statistic is (N - 1) times their sum of squares
    between arms over the total, against chi-square on (arms - 1) degrees of freedom.

    Parameters
    ----------
    arms : sequence of array
        At least two, none empty.
    ties : "rounded" or "bitwise"
        Whether distances tie that rounding alone tells apart (the default), or only those
        equal in every bit, as R's ``fligner.test`` has it. On scores to two decimals the two
        differ in the third digit: |7.1 - 6.3| and |5.5 - 6.3| are 0.8 both, but not in doubles.

    Raises
    ------
    NotEstimableError
        With fewer than two arms, an empty arm, or no distance that differs.

    References
    ----------
    Fligner MA, Killeen TJ (1976). J Am Statist Assoc 71:210-213. Conover WJ, Johnson ME,
    Johnson MM (1981). Technometrics 23:351-361 (median-centred form). R: ``fligner.test``.
    """
    require_arms(arms)
    size = float(max(np.max(np.abs(arm)) for arm in arms))
    distances = np.concatenate([np.abs(arm - np.median(arm)) for arm in arms])
    if ties == "rounded":
        distances = equal_but_for_rounding(distances, size=size)
    ranks = doubled_ranks(distances)
    scores = special.ndtri((1 + ranks / (2 * (distances.size + 1))) / 2)
    if np.all(ranks == ranks[0]):
        raise NotEstimableError(tell("every value lies equally far from its arm's median"))
    test = between_scores(np.asarray(scores), [arm.size for arm in arms])
    return JointRankTest(statistic=test.statistic, df=test.df, p_value=test.p_value)


def friedman(values: FloatArray) -> JointRankTest:
    """Test that no visit is higher than another, ranking within people.

    The squared distances of the visits' rank sums from their mean, over the variance under
    permutation within people, which corrects for ties; against chi-square on (visits - 1)
    degrees of freedom. The effect size is Kendall's W = statistic / (n (k - 1)).

    Parameters
    ----------
    values : array, shape (n, k)
        A row a person, a column a visit; complete.

    Raises
    ------
    NotEstimableError
        With fewer than two visits or nobody, or if every person's values are all equal.

    References
    ----------
    Friedman M (1937). J Am Statist Assoc 32:675-701. Kendall MG, Babington Smith B (1939).
    Ann Math Statist 10:275-287. R: ``friedman.test``.
    """
    ranks = ranks_within(values)
    n, k = ranks.shape
    centred = ranks - (k + 1) / 2
    spread = float((centred**2).sum())
    if not spread > 0:
        raise NotEstimableError(tell("nobody's values differ between visits"))
    statistic = (k - 1) * float((centred.sum(axis=0) ** 2).sum()) / spread
    return JointRankTest(
        statistic=statistic,
        df=k - 1,
        p_value=chi_square_p_value(statistic, k - 1),
        effect_size=statistic / (n * (k - 1)),
    )


def quade(values: FloatArray, *, ties: str = "bitwise") -> JointRankTest:
    """Test as ``friedman``, giving people with a wider range more weight.

    S = (rank of the person's range) * (rank within the person - (k + 1) / 2); F = (n - 1) B /
    (A - B), with A the sum of squares of S and B = sum over visits of (sum of S)^2 / n, on
    k - 1 and (n - 1)(k - 1) degrees of freedom.

    Parameters
    ----------
    values : array, shape (n, k)
        As for ``friedman``.
    ties : "bitwise" or "rounded"
        Whether only ranges that are equal in every bit tie (the default, as in R's
        ``quade.test``), or also those that rounding alone tells apart: 7.1 - 6.3 and
        6.3 - 5.5. Within people values are ranked as recorded and nothing is rounded.

    Raises
    ------
    NotEstimableError
        As ``friedman``; also with one person, or if everyone orders the visits the same way
        with the same range (F is infinite).

    References
    ----------
    Quade D (1979). J Am Statist Assoc 74:680-683. R: ``quade.test``.
    """
    ranks = ranks_within(values)
    n, k = ranks.shape
    ranges = ranges_of(values, ties=ties)
    weighted = doubled_ranks(ranges)[:, np.newaxis] / 2 * (ranks - (k + 1) / 2)
    total = float((weighted**2).sum())
    if not total > 0:
        raise NotEstimableError(tell("nobody's values differ between visits"))
    between = float((weighted.sum(axis=0) ** 2).sum()) / n
    if n < 2 or total - between <= 1e-12 * total:
        raise NotEstimableError(
            tell(
                "everyone orders the visits the same way with the same range, so nothing is left "
                "for an error"
            )
        )
    statistic = (n - 1) * between / (total - between)
    df_num, df = float(k - 1), float((n - 1) * (k - 1))
    return JointRankTest(
        statistic=statistic,
        df_num=df_num,
        df=df,
        p_value=f_p_value(statistic, df_num, df),
    )


def ranges_of(values: FloatArray, *, ties: str) -> FloatArray:
    """Return each person's largest value less the smallest, with the ties asked for."""
    ranges = np.asarray(values.max(axis=1) - values.min(axis=1), dtype=np.float64)
    if ties == "bitwise":
        return ranges
    return equal_but_for_rounding(ranges, size=float(np.max(np.abs(values))))


def ranges_split_by_rounding(values: FloatArray) -> int:
    """Return how many ranges differ from another by rounding error alone."""
    exact, merged = (ranges_of(values, ties=ties) for ties in ("bitwise", "rounded"))
    runs: dict[float, set[float]] = {}
    for one, other in zip(exact.tolist(), merged.tolist(), strict=True):
        runs.setdefault(other, set()).add(one)
    return sum(len(runs[other]) > 1 for other in merged.tolist())


def ranks_within(values: FloatArray) -> FloatArray:
    """Return the midranks of each person's values, shape (n, k)."""
    n, k = values.shape
    if n < 1 or k < 2:
        raise NotEstimableError(
            tell(
                "{n} people with every one of {k} visits; expected at least one person and two "
                "visits",
                n=n,
                k=k,
            )
        )
    rows = [doubled_ranks(row) for row in values]
    return np.asarray(np.vstack(rows) / 2, dtype=np.float64)


def require_arms(arms: Sequence[FloatArray]) -> None:
    """Raise unless there are two arms, each with a value."""
    if len(arms) < 2:
        raise NotEstimableError(tell("{n} arm; a comparison needs at least two", n=len(arms)))
    if any(not arm.size for arm in arms):
        raise NotEstimableError(tell("an arm without values cannot be ranked against the others"))
