"""Several arms or visits by ranks: Kruskal-Wallis, Friedman and Quade."""

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, number, plain
from trialkit.analysis.frames import require_word
from trialkit.analysis.profiles import EVERYONE, complete_profiles
from trialkit.analysis.sample_rows import NAMES, arm_rows
from trialkit.analysis.samples import arm_samples
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.rank_k import JointRankTest, ranges_split_by_rounding
from trialkit.numerics.rank_k import friedman as friedman_test
from trialkit.numerics.rank_k import kruskal_wallis as kruskal_wallis_test
from trialkit.numerics.rank_k import quade as quade_test
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import TieRule, VisitRankTest, allowed


def kruskal_wallis(frame: pd.DataFrame, *, outcome: str, arm: str) -> AnalysisResult:
    """Test whether any of several arms differs, by ranks.

    Pairs of arms follow by ``rank_sum(contrasts="pairwise")`` and ``adjust_p_values``.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.

    Returns
    -------
    AnalysisResult
        ``median`` of each arm; ``joint_test`` (H corrected for ties, chi-square on arms - 1
        degrees of freedom); ``effect_size`` with the method ``epsilon_squared``, H / (N - 1).

    Raises
    ------
    SpecificationError
        If a column does not exist.
    NotEstimableError
        If fewer than two arms occur, or all values are equal.

    References
    ----------
    Kruskal WH, Wallis WA (1952). J Am Statist Assoc 47:583-621. R: ``kruskal.test``; SAS:
    ``PROC NPAR1WAY WILCOXON``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbbccc"), "pain": [5.0, 6, 7, 2, 3, 4, 4, 5, 6]})
    >>> result = kruskal_wallis(frame, outcome="pain", arm="arm")
    >>> row = result.select(quantity="joint_test")[0]
    >>> round(row.statistic, 4), row.df, round(row.p_value, 4)
    (5.6296, 2.0, 0.0599)
    """
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=None)
    samples = people.outcomes
    test = kruskal_wallis_test(list(samples.values()))
    n = sum(values.size for values in samples.values())
    return AnalysisResult(
        method=tell("Kruskal-Wallis test, chi-square approximation corrected for ties"),
        estimates=(
            *arm_rows(samples, statistic="median"),
            joint_row(test, n=n, method=tell("Kruskal-Wallis, corrected for ties")),
            plain("effect_size", test.effect_size, arm=None, n=n, method="epsilon_squared"),
        ),
        notes=people.notes,
        provenance=call("kruskal_wallis", outcome=outcome, arm=arm),
    )


def friedman(
    frame: pd.DataFrame,
    *,
    outcome: str,
    subject: str,
    visit: str,
    test: VisitRankTest = "friedman",
    ties: TieRule = "bitwise",
) -> AnalysisResult:
    """Test whether any of several visits differs, by ranks within people.

    Parameters
    ----------
    frame : DataFrame
        One row per subject and visit. A person without a value at every visit is left out;
        ``notes`` counts them by the visit missed.
    outcome, subject, visit : str
        Columns of ``frame``; the outcome is numeric.
    test : "friedman" or "quade"
        Friedman's chi-square, or Quade's F, which weights people by the rank of their range.
    ties : "bitwise" or "rounded"
        Of Quade's ranges: whether 7.1 - 6.3 and 6.3 - 5.5, which differ in the last bit, rank
        apart as in R's ``quade.test`` (the default), or tie. Where there are such ranges a
        note counts them and says which was done. Friedman's test ranks values as recorded.

    Returns
    -------
    AnalysisResult
        ``median`` of each visit; ``joint_test``; with Friedman's test also ``effect_size``
        with the method ``kendall_w`` (0 no agreement, 1 all order the visits alike).

    Raises
    ------
    SpecificationError
        If a column or an option does not exist.
    DataError
        If a person has two rows for a visit, or a row lacks its person or visit.
    NotEstimableError
        If nobody is complete, there is one visit, or nobody's values differ.

    References
    ----------
    Friedman M (1937). J Am Statist Assoc 32:675-701. Quade D (1979). J Am Statist Assoc
    74:680-683. R: ``friedman.test``, ``quade.test``.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": [1, 1, 1, 2, 2, 2, 3, 3, 3], "week": [0, 4, 8] * 3,
    ...                       "pain": [7.0, 5, 3, 6, 6, 2, 8, 4, 5]})
    >>> result = friedman(frame, outcome="pain", subject="id", visit="week")
    >>> round(result.select(quantity="joint_test")[0].statistic, 4)
    3.8182
    """
    require_word(test, allowed(VisitRankTest), option="test")
    require_word(ties, allowed(TieRule), option="ties")
    people = complete_profiles(frame, outcome=outcome, subject=subject, visit=visit, arm=None)
    profiles = people.samples[EVERYONE]
    joint = friedman_test(profiles) if test == "friedman" else quade_test(profiles, ties=ties)
    n = len(profiles)
    name = tell("Friedman, corrected for ties" if test == "friedman" else "Quade")
    medians = tuple(
        Estimate(
            quantity="median",
            visit=level,
            estimate=float(median),
            n_subjects=n,
            method=NAMES["median"],
        )
        for level, median in zip(people.visits, np.median(profiles, axis=0), strict=True)
    )
    agreement = number(joint.effect_size)
    return AnalysisResult(
        method=tell("{test} test of {n} visits", test=name, n=len(people.visits)),
        estimates=(
            *medians,
            joint_row(joint, n=n, method=name),
            *(
                (plain("effect_size", agreement, arm=None, n=n, method="kendall_w"),)
                if agreement is not None
                else ()
            ),
        ),
        notes=(*people.notes, *(range_notes(profiles, ties=ties) if test == "quade" else ())),
        provenance=call(
            "friedman", outcome=outcome, subject=subject, visit=visit, test=test, ties=ties
        ),
    )


def range_notes(profiles: FloatArray, *, ties: TieRule) -> tuple[str, ...]:
    """Return a note that counts ranges which rounding alone tells apart, where there are any."""
    split = ranges_split_by_rounding(profiles)
    if not split:
        return ()
    note = tell(
        "{n} ranges of people differ from another by rounding error alone; they tie "
        "(ties='rounded')"
        if ties == "rounded"
        else "{n} ranges of people differ from another by rounding error alone; they are ranked "
        "apart (ties='bitwise')",
        n=split,
    )
    return (note,)


def joint_row(test: JointRankTest, *, n: int, method: str) -> Estimate:
    """Return a joint test as a row."""
    return Estimate(
        quantity="joint_test",
        n_subjects=n,
        df_num=test.df_num,
        df=float(test.df),
        statistic=test.statistic,
        p_value=test.p_value,
        method=method,
    )
