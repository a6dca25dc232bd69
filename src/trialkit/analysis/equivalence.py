"""Equivalence within margins: two one-sided tests, between arms and within people."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from trialkit.analysis.estimates import call
from trialkit.analysis.frames import require_word
from trialkit.analysis.options import finite_number
from trialkit.analysis.samples import arm_samples, paired_samples
from trialkit.analysis.summaries import PRINTED_FIGURES, arm_moments, reference_first
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.contrast import Inference
from trialkit.numerics.equivalence import MarginTest, matching_level, two_one_sided_tests
from trialkit.numerics.means import (
    Moments,
    change_moments,
    mean_inference,
    sample_moments,
    student_difference,
    welch_difference,
)
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate
from trialkit.terms import ContrastFamily, Variances, allowed

TESTS: dict[str, Callable[..., Inference]] = {
    "unequal": welch_difference,
    "equal": student_difference,
}
NAMES = {
    "unequal": tell("two one-sided Welch t tests"),
    "equal": tell("two one-sided Student t tests"),
}
LOWER_MARGIN, UPPER_MARGIN = tell("lower margin"), tell("upper margin")


def equivalence(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    margin_low: float,
    margin_high: float,
    variances: Variances = "unequal",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test that two arms differ by less than the margins, by two one-sided tests.

    Both tests are made at alpha = 1 - ``conf_level``; the arms are equivalent at that level
    where the larger p-value is below alpha, which is where the interval at level
    1 - 2 alpha (90 % by default) lies inside the margins.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    margin_low, margin_high : float
        In the unit of the outcome, for treatment minus reference; need not be symmetric.
    variances : "unequal" or "equal"
        Welch's or Student's t, never chosen by the data.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    conf_level : float
        One minus the level of each test, above 0.5.

    Returns
    -------
    AnalysisResult
        For each contrast one row ``equivalence`` (the difference, the larger p-value and
        its statistic, the interval with ``conf_level`` 1 - 2 alpha) and two ``margin_test``
        (terms "lower margin" and "upper margin": the distance from the margin and its
        one-sided test).

    Raises
    ------
    SpecificationError
        If a column, the reference arm or a contrast does not exist, the margins are not
        finite and in order, or ``conf_level`` is not in (0.5, 1).
    NotEstimableError
        If an arm has fewer than two values, or nothing varies.

    References
    ----------
    Schuirmann DJ (1987). J Pharmacokinet Biopharm 15:657-680. SAS: ``PROC TTEST;
    TOST(low, high)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "pain": [5.0, 6, 7, 6, 5, 6, 7, 7]})
    >>> result = equivalence(frame, outcome="pain", arm="arm", reference="a",
    ...                      margin_low=-1.0, margin_high=2.0)
    >>> row = result.select(quantity="equivalence")[0]
    >>> round(row.p_value, 3), row.conf_level
    (0.048, 0.9)
    """
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    return equivalence_of_arms(
        {level: sample_moments(values) for level, values in samples.outcomes.items()},
        reference=reference,
        margins=(margin_low, margin_high),
        variances=variances,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=samples.notes,
        provenance=call(
            "equivalence",
            outcome=outcome,
            arm=arm,
            reference=reference,
            margin_low=margin_low,
            margin_high=margin_high,
            variances=variances,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def equivalence_from_summary(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    n: str = "n",
    mean: str = "mean",
    std_dev: str = "std_dev",
    reference: str,
    margin_low: float,
    margin_high: float,
    variances: Variances = "unequal",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test printed means for equivalence: as ``equivalence``, from n, mean and SD of each arm.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, mean, std_dev : str
        Columns: the arm, its number of people, their mean and standard deviation
        (divisor n - 1) in the unit of the outcome.
    reference, margin_low, margin_high, variances, contrasts, conf_level
        As in ``equivalence``.

    Returns
    -------
    AnalysisResult
        As ``equivalence``; unrounded figures give the same result as participants.

    Raises
    ------
    SpecificationError, DataError, NotEstimableError
        As ``equivalence``; DataError also if an arm has two rows or a figure is absent.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["sham", "mindfulness"], "n": [40, 41],
    ...                       "mean": [4.1, 4.2], "std_dev": [1.2, 1.1]})
    >>> result = equivalence_from_summary(table, reference="sham", margin_low=-0.5,
    ...                                   margin_high=1.0)
    >>> round(result.estimates[0].p_value, 4)
    0.0108
    """
    samples = arm_moments(frame, arm=arm, n=n, mean=mean, std_dev=std_dev)
    return equivalence_of_arms(
        reference_first(samples, reference),
        reference=reference,
        margins=(margin_low, margin_high),
        variances=variances,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "equivalence_from_summary",
            arm=arm,
            n=n,
            mean=mean,
            std_dev=std_dev,
            reference=reference,
            margin_low=margin_low,
            margin_high=margin_high,
            variances=variances,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def paired_equivalence(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    margin_low: float,
    margin_high: float,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test that the mean change from baseline lies within the margins, by arm if one is named.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    margin_low, margin_high, conf_level
        As in ``equivalence``, for outcome minus baseline.

    Returns
    -------
    AnalysisResult
        ``equivalence`` and two ``margin_test`` of each arm, as in ``equivalence``.

    Raises
    ------
    SpecificationError
        If a column does not exist, the margins are not finite and in order, or
        ``conf_level`` is not in (0.5, 1).
    NotEstimableError
        If an arm has fewer than two complete people, or all changed by the same amount.

    References
    ----------
    Schuirmann DJ (1987). J Pharmacokinet Biopharm 15:657-680. SAS: ``PROC TTEST; PAIRED``
    with ``TOST``.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7, 6], "after": [5.5, 6, 6.5, 6]})
    >>> result = paired_equivalence(frame, outcome="after", baseline="before",
    ...                             margin_low=-1.0, margin_high=1.0)
    >>> round(result.estimates[0].p_value, 4)
    0.0081
    """
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    level = matching_level(conf_level)
    rows = [
        row
        for people in samples.arms
        for row in equivalence_rows(
            mean_inference(change_moments(people.before, people.after), conf_level=level),
            margins=(margin_low, margin_high),
            level=level,
            method=tell("two one-sided paired t tests"),
            labels={"arm": people.arm, "n_subjects": int(people.before.size)},
        )
    ]
    return AnalysisResult(
        method=tell("Equivalence of before and after, two one-sided paired t tests"),
        estimates=tuple(rows),
        notes=samples.notes,
        provenance=call(
            "paired_equivalence",
            outcome=outcome,
            baseline=baseline,
            arm=arm,
            margin_low=margin_low,
            margin_high=margin_high,
            conf_level=conf_level,
        ),
    )


def equivalence_of_arms(
    samples: dict[str, Moments],
    *,
    reference: str,
    margins: tuple[float, float],
    variances: Variances,
    contrasts: ContrastFamily | Sequence[str],
    conf_level: float,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the tests of each contrast."""
    require_word(variances, allowed(Variances), option="variances")
    level = matching_level(conf_level)
    method = NAMES[variances]
    rows = [
        row
        for treatment, other in contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
        for row in equivalence_rows(
            TESTS[variances](samples[treatment], samples[other], conf_level=level),
            margins=margins,
            level=level,
            method=method,
            labels={
                "arm": treatment,
                "reference_arm": other,
                "n_subjects": samples[treatment].n + samples[other].n,
            },
        )
    ]
    return AnalysisResult(
        method=tell("Equivalence of means, {tests}", tests=method),
        estimates=tuple(rows),
        notes=notes,
        provenance=provenance,
    )


def equivalence_rows(
    difference: Inference,
    *,
    margins: tuple[float, float],
    level: float,
    method: str,
    labels: dict[str, Any],
) -> list[Estimate]:
    """Return the decision and the test of each margin."""
    low, high = (
        finite_number(margin, option=option)
        for margin, option in zip(margins, ("margin_low", "margin_high"), strict=True)
    )
    tests = two_one_sided_tests(difference, margin_low=low, margin_high=high)

    def numbers(test: MarginTest) -> dict[str, Any]:
        return {
            "std_error": test.std_error,
            "df": test.df,
            "statistic": test.statistic,
            "p_value": test.p_value,
        }

    decision = Estimate(
        quantity="equivalence",
        estimate=float(difference.estimate[0]),
        conf_low=float(difference.conf_low[0]),
        conf_high=float(difference.conf_high[0]),
        conf_level=level,
        method=tell("{tests}, margins {low:g} to {high:g}", tests=method, low=low, high=high),
        **numbers(tests.decisive),
        **labels,
    )
    return [
        decision,
        *(
            Estimate(
                quantity="margin_test",
                term=term,
                estimate=test.estimate,
                method=tell("one-sided t test against {margin:g}", margin=margin),
                **numbers(test),
                **labels,
            )
            for term, margin, test in (
                (LOWER_MARGIN, low, tests.lower),
                (UPPER_MARGIN, high, tests.upper),
            )
        ),
    ]
