"""Tests of what a comparison of means assumes, for the record and not for the choice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from trialkit.analysis import _pingouin
from trialkit.analysis.estimates import call, number
from trialkit.analysis.frames import require_conf_level, require_two_arms
from trialkit.analysis.samples import arm_samples
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.assumptions import (
    AssumptionTest,
    kolmogorov_smirnov,
    variance_ratio,
)
from trialkit.numerics.means import sample_moments
from trialkit.numerics.rank_k import fligner_killeen as rank_test_of_spread
from trialkit.result.analysis_result import AnalysisResult, Estimate

# Sizes for which pingouin and Royston's algorithm make the Shapiro-Wilk test.
NORMALITY_SIZES = range(4, 5001)
NOT_A_CHOICE = tell(
    "no test may be chosen by these: a choice made on the same data changes the error rates of "
    "the comparison that follows"
)


def assumption_checks(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test equal variances, normality and equal distributions of arms, for the record.

    A test must not be chosen by these. Choosing between Welch and Student, or between means
    and ranks, by a test of the same data changes the error rates of the comparison that
    follows, and in a small trial the tests see little while in a large one they see what
    does not matter. Plan the method; Welch's t needs no equal variances.

    The first use imports pingouin, which takes about two seconds.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str, optional
        The arm that the others are compared with; the first one if none is named.
    conf_level : float
        Coverage of the interval of a variance ratio, in (0, 1).

    Returns
    -------
    AnalysisResult
        Rows ``assumption_test``. Of each arm against the reference: "variance ratio F" (the
        ratio with its interval) and "Kolmogorov-Smirnov" (the largest distance; exact, ties
        included). Of all arms: "Bartlett", "Levene (means)", "Brown-Forsythe (medians)" and
        "Fligner-Killeen", where distances from the centre differ within an arm. Of each
        arm: "Shapiro-Wilk" for 4 to 5000 people. An arm without spread has no variance ratio
        and no Shapiro-Wilk test, and Bartlett's is not made. Notes name what is not made.

    Raises
    ------
    SpecificationError
        If a column or the reference arm does not exist.
    NotEstimableError
        If there is one arm, or no arm varies.

    References
    ----------
    Zimmerman DW (2004). Br J Math Stat Psychol 57:173-181. R: ``var.test``,
    ``bartlett.test``, ``car::leveneTest``, ``fligner.test``, ``shapiro.test``, ``ks.test``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "pain": [5.0, 6, 7, 4, 2, 3, 8, 9]})
    >>> result = assumption_checks(frame, outcome="pain", arm="arm")
    >>> round(result.select(term="variance ratio F")[0].estimate, 2)
    7.4
    """
    require_conf_level(conf_level)
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    arms = samples.outcomes
    require_two_arms(tuple(arms))
    first, *others = arms
    still = [level for level, values in arms.items() if not sample_moments(values).std_dev > 0]
    if len(still) == len(arms):
        raise NotEstimableError(tell("no spread to test in arm {arms}", arms=tell_list(still)))
    varying = {level: values for level, values in arms.items() if level not in still}
    spread_rows, unmade = spreads(list(arms.values()), still=still)
    rows = [
        *(row for other in others for row in against(other, first, arms, still, conf_level)),
        *spread_rows,
        *normality(varying),
    ]
    untested = [level for level, values in varying.items() if not has_normality_test(values)]
    notes = [
        *(
            tell("no spread in {arm}: variance ratio and Shapiro-Wilk not made", arm=level)
            for level in still
        ),
        *(
            tell("Shapiro-Wilk needs 4 to 5000 people: not made in {arm}", arm=level)
            for level in untested
        ),
    ]
    return AnalysisResult(
        method=tell("Tests of assumptions, for the record"),
        estimates=tuple(rows),
        notes=(*samples.notes, *unmade, *notes, NOT_A_CHOICE),
        provenance=call(
            "assumption_checks",
            outcome=outcome,
            arm=arm,
            reference=reference,
            conf_level=conf_level,
        ),
    )


def against(
    arm: str,
    reference: str,
    arms: dict[str, FloatArray],
    still: Sequence[str],
    conf_level: float,
) -> Iterator[Estimate]:
    """Yield the rows that compare an arm with the reference; no ratio where either is still."""
    labels: dict[str, Any] = {
        "arm": arm,
        "reference_arm": reference,
        "n_subjects": arms[arm].size + arms[reference].size,
    }
    if arm not in still and reference not in still:
        moments = sample_moments(arms[arm]), sample_moments(arms[reference])
        ratio = variance_ratio(*moments, conf_level=conf_level)
        yield assumption_row(
            ratio,
            term=tell("variance ratio F"),
            method=tell("F test"),
            conf_level=conf_level,
            **labels,
        )
    distance = kolmogorov_smirnov(arms[arm], arms[reference])
    yield assumption_row(
        distance, term="Kolmogorov-Smirnov", method=tell("exact two-sample test"), **labels
    )


def spreads(
    arms: Sequence[FloatArray], *, still: Sequence[str]
) -> tuple[list[Estimate], list[str]]:
    """Return the rows that compare the spreads of all arms, and why one is not made."""
    n = sum(values.size for values in arms)
    rows: list[Estimate] = []
    notes: list[str] = []
    for term, (test_of, method) in SPREADS.items():
        if term == "Bartlett" and still:
            notes.append(
                tell(
                    "Bartlett: not made, it takes logarithms and {arm} has no variance",
                    arm=still[0],
                )
            )
            continue
        try:
            rows.append(assumption_row(test_of(arms), term=term, method=method, n_subjects=n))
        except NotEstimableError as error:
            notes.append(tell("{test}: not made, {reason}", test=term, reason=error.args[0]))
    return rows, notes


def fligner_killeen(arms: Sequence[FloatArray]) -> AssumptionTest:
    """Return the rank test of equal spread with the ties that R's ``fligner.test`` sees."""
    test = rank_test_of_spread(arms, ties="bitwise")
    return AssumptionTest(df=test.df, statistic=test.statistic, p_value=test.p_value)


SPREADS: Mapping[str, tuple[Callable[[Sequence[FloatArray]], AssumptionTest], str]] = {
    "Bartlett": (_pingouin.bartlett, tell("chi-square test")),
    tell("Levene (means)"): (
        partial(_pingouin.levene, centre="mean"),
        tell("F test of the distances from the means"),
    ),
    tell("Brown-Forsythe (medians)"): (
        partial(_pingouin.levene, centre="median"),
        tell("F test of the distances from the medians"),
    ),
    "Fligner-Killeen": (fligner_killeen, tell("rank test about the medians")),
}


def normality(arms: dict[str, FloatArray]) -> Iterator[Estimate]:
    """Yield the Shapiro-Wilk test of each arm that has one."""
    for level, values in arms.items():
        if has_normality_test(values):
            test = _pingouin.shapiro_wilk(values)
            yield assumption_row(
                test,
                term="Shapiro-Wilk",
                method=tell("test of normality"),
                arm=level,
                n_subjects=values.size,
            )


def has_normality_test(values: FloatArray) -> bool:
    """Return whether the Shapiro-Wilk test is made for a sample of this size."""
    return values.size in NORMALITY_SIZES


def assumption_row(
    test: AssumptionTest,
    *,
    term: str,
    method: str,
    n_subjects: int,
    arm: str | None = None,
    reference_arm: str | None = None,
    conf_level: float | None = None,
) -> Estimate:
    """Return one test as a row; what it does not have is None."""
    return Estimate(
        quantity="assumption_test",
        term=term,
        method=method,
        arm=arm,
        reference_arm=reference_arm,
        n_subjects=int(n_subjects),
        estimate=number(test.estimate),
        df_num=number(test.df_num),
        df=number(test.df),
        statistic=number(test.statistic),
        p_value=number(test.p_value),
        conf_low=number(test.conf_low),
        conf_high=number(test.conf_high),
        conf_level=conf_level,
    )
