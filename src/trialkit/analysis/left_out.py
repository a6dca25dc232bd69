"""Without how many people, each left out alone, a comparison would read differently."""

from collections.abc import Callable
from typing import Final

import pandas as pd

from trialkit.analysis.model_records import model_records
from trialkit.analysis.samples import arm_samples, paired_samples
from trialkit.design.linear import build_design, crossed
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.left_out import (
    LeftOut,
    difference_left_out,
    mean_left_out,
    model_left_out,
)
from trialkit.numerics.means import student_difference, welch_difference
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import NO_DIFFERENCE, MeanDifferenceMethod

Refit = Callable[[pd.DataFrame], AnalysisResult]

REACHES: Final = tell("people without whom the interval contains no difference")
CLEARS: Final = tell("people without whom the interval is clear of no difference")
TERM: Final = tell("one person left out")


def model_left_out_row(
    frame: pd.DataFrame,
    whole: Estimate,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
) -> Estimate:
    """Count who decides a difference of adjusted means alone.

    ``whole`` is that difference as ``ancova`` estimates it from everyone, with one residual
    variance; the model is refitted without each person.

    Raises
    ------
    NotEstimableError
        If the arms have slopes of their own: the people then are part of what is estimated;
        or if the model fits exactly.
    """
    records = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates
    )
    if crossed(records.terms, arm):
        raise NotEstimableError(tell("with slopes of its own an arm has no one difference"))
    design = build_design(records.frame, arm=arm, arms=records.levels, terms=records.terms)
    means = dict(zip(records.levels, design.L, strict=True))
    row = means[whole.arm or ""] - means[whole.reference_arm or ""]
    fit = fit_least_squares(design.X, records.y, design.names)
    left = model_left_out(design.X, records.y, fit, row, conf_level=whole.conf_level or 0.95)
    return counted(left, whole)


def means_left_out_row(
    frame: pd.DataFrame,
    whole: Estimate,
    *,
    outcome: str,
    arm: str,
    reference: str,
    method: MeanDifferenceMethod,
) -> Estimate:
    """Count who decides a difference of means alone; ``whole`` is as ``mean_difference``'s."""
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference).outcomes
    level = whole.conf_level or 0.95
    compare = {"welch": welch_difference, "student": student_difference}[method]
    left = difference_left_out(
        samples[whole.arm or ""],
        samples[whole.reference_arm or ""],
        lambda one, other: compare(one, other, conf_level=level),
    )
    return counted(left, whole)


def change_left_out_row(
    frame: pd.DataFrame, whole: Estimate, *, outcome: str, baseline: str, arm: str
) -> Estimate:
    """Count who decides a mean change alone; ``whole`` is as ``paired_change``'s."""
    people = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm).arms
    own = next(item for item in people if item.arm == whole.arm)
    left = mean_left_out(own.after - own.before, conf_level=whole.conf_level or 0.95)
    return counted(left, whole)


def responders_left_out_row(
    frame: pd.DataFrame, whole: Estimate, *, response: str, arm: str, refit: Refit
) -> Estimate:
    """Count who decides a difference of shares alone.

    People of one arm with one response are alike, so the shares are compared again without
    one of each kind, by the verb and the options of the plan.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    whole : Estimate
        The difference of everyone.
    response, arm : str
        Columns of ``frame``; a person without a response is one of a third kind.
    refit : function
        A frame to the result of ``responders`` on it.
    """
    contains = holds_null(whole)
    turned = people = 0
    for _, alike in frame.groupby([arm, response], observed=True, dropna=False):
        people += len(alike)
        try:
            again = refit(frame.drop(index=alike.index[0]))
        except NotEstimableError:
            continue
        rows = again.select(
            quantity=whole.quantity, arm=whole.arm, reference_arm=whole.reference_arm
        )
        turned += sum(len(alike) for row in rows[:1] if holds_null(row) != contains)
    return count_row(whole, people=people, turned=turned, contains=contains)


def counted(left: LeftOut, whole: Estimate) -> Estimate:
    """Return the row that says how many people turn the reading of an interval."""
    contains = holds_null(whole)
    turned = left.crossings(contains=contains, null=NO_DIFFERENCE[whole.quantity])
    return count_row(whole, people=left.estimate.size, turned=turned, contains=contains)


def holds_null(row: Estimate) -> bool:
    """Return whether the interval of a contrast contains no difference."""
    low, high = row.conf_low, row.conf_high
    if low is None or high is None:
        raise NotEstimableError(tell("without an interval nobody can turn its reading"))
    return low <= NO_DIFFERENCE[row.quantity] <= high


def count_row(whole: Estimate, *, people: int, turned: int, contains: bool) -> Estimate:
    """Return the row of a count.

    The count alone is kept: a changed estimate would give away the value of the person left
    out.
    """
    return Estimate(
        quantity="sensitivity",
        parameter=whole.parameter,
        visit=whole.visit,
        arm=whole.arm,
        reference_arm=whole.reference_arm,
        term=TERM,
        n_subjects=people,
        estimate=float(turned),
        conf_level=whole.conf_level,
        method=CLEARS if contains else REACHES,
    )
