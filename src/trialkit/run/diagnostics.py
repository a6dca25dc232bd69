"""How well the model of each main analysis fits its people, and whether one of them decides it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd

from trialkit.analysis.left_out import (
    change_left_out_row,
    means_left_out_row,
    model_left_out_row,
    responders_left_out_row,
)
from trialkit.analysis.model_coefficients import model_diagnostics
from trialkit.analysis.normality import change_normality
from trialkit.analysis.responders import responders
from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.result.analysis_result import AnalysisResult, Estimate, FitStatistic
from trialkit.result.answering import answering_rows
from trialkit.result.study_results import AnalysisRecord
from trialkit.run.frames import (
    outcome_column,
    records,
    required_reference,
    responses,
)
from trialkit.run.options import given
from trialkit.run.planned import labelled
from trialkit.run.small_joint import without_small_joint
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.study.study import Study
from trialkit.terms import ARM_CODE, BASELINE, NO_DIFFERENCE, RESPONSE, VALUE, Method

Check = Callable[[Dataset, Analysis, Estimand], AnalysisResult]
Count = Callable[[Dataset, Analysis, Estimand, Estimate], Estimate]

# With the fit's own figures, the largest residual or leverage would be one person's value.
OF_ONE_PERSON: Final = frozenset(
    {"largest_leverage", "largest_cooks_distance", "largest_std_residual"}
)


def main_diagnostics(
    study: Study, dataset: Dataset, done: tuple[AnalysisRecord, ...]
) -> tuple[AnalysisResult, ...]:
    """Return the diagnostics of each main analysis of participants that compares means or shares.

    Counts and tests only: no figure in them is one person's.
    """
    mains = {item.id: item for item in study.main_analyses if item.data == "participants"}
    return tuple(
        result
        for record in done
        if record.analysis in mains and record.result is not None
        for result in diagnosed(study, dataset, mains[record.analysis], record)
    )


def diagnosed(
    study: Study, dataset: Dataset, analysis: Analysis, record: AnalysisRecord
) -> Iterator[AnalysisResult]:
    """Yield the diagnostics of one analysis; none for a method of another kind."""
    check = CHECKS.get(analysis.method)
    if check is None:
        return
    estimand = study.find_estimand(analysis.estimand)
    try:
        result = without_small_joint(
            check(dataset, analysis, estimand), analysis, estimand, dataset
        )
    except NotEstimableError:  # a model that fits exactly has no diagnostics
        return
    rows = (*result.estimates, *left_out_rows(study, dataset, analysis, record))
    figures = tuple(figure for figure in result.fit if figure.name not in OF_ONE_PERSON)
    whole = replace(result.with_estimates(rows), fit=figures)
    yield labelled(whole, analysis, estimand, study)


def left_out_rows(
    study: Study, dataset: Dataset, analysis: Analysis, record: AnalysisRecord
) -> Iterator[Estimate]:
    """Yield, for each answer of an analysis, how many people decide its reading alone."""
    count = COUNTS.get(analysis.method)
    estimand = study.find_estimand(analysis.estimand)
    if count is None or not is_plain(analysis):
        return
    for row in answering_rows(study, record):
        if row.estimate is None or row.conf_low is None or row.quantity not in NO_DIFFERENCE:
            continue
        try:
            yield count(dataset, analysis, estimand, row)
        except NotEstimableError:
            continue


def is_plain(analysis: Analysis) -> bool:
    """Return whether a model has one residual variance, and means that depend on no people."""
    own_errors = analysis.vcov not in {None, "model"}
    one_sided = analysis.alternative not in {None, "two_sided"}
    slopes = getattr(analysis, "model", None) not in {None, "ancova"}
    simultaneous = getattr(analysis, "adjust", None) not in {None, "none"}
    return not (own_errors or one_sided or slopes or simultaneous)


def check_model(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Return the diagnostics of a linear model; without covariates it is of the arms' means."""
    return model_diagnostics(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        covariates=analysis.covariates or "1",
    )


def check_change(dataset: Dataset, _analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Return the diagnostics of a change within people."""
    frame = records(dataset, estimand)
    return change_normality(frame, outcome=VALUE, baseline=BASELINE, arm=ARM_CODE)


def check_responders(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Return how many people two shares are of: counts of people have no residuals."""
    whole = compare_responders(dataset, analysis, estimand)
    people = len(responding(dataset, analysis, estimand))
    figures = (FitStatistic(name="n_subjects", value=people),)
    return replace(whole, estimates=(), fit=figures)


def compare_responders(
    dataset: Dataset, analysis: Analysis, estimand: Estimand, frame: pd.DataFrame | None = None
) -> AnalysisResult:
    """Compare the shares of responders in a frame, by the options of the plan."""
    return responders(
        responding(dataset, analysis, estimand) if frame is None else frame,
        response=RESPONSE,
        arm=ARM_CODE,
        reference=estimand.reference,
        **given(analysis),
    )


def responding(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> pd.DataFrame:
    """Return the people whose response counts: with one, or everyone where its want counts."""
    frame, _ = responses(dataset, analysis, estimand)
    return frame[frame[RESPONSE].notna()] if analysis.missing_as == "observed" else frame


def count_responders(
    dataset: Dataset, analysis: Analysis, estimand: Estimand, row: Estimate
) -> Estimate:
    """Count who decides a difference of shares."""
    return responders_left_out_row(
        responding(dataset, analysis, estimand),
        row,
        response=RESPONSE,
        arm=ARM_CODE,
        refit=partial(compare_responders, dataset, analysis, estimand),
    )


def count_model(
    dataset: Dataset, analysis: Analysis, estimand: Estimand, row: Estimate
) -> Estimate:
    """Count who decides a difference of adjusted means."""
    return model_left_out_row(
        records(dataset, estimand),
        row,
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        covariates=analysis.covariates or "1",
    )


def count_means(
    dataset: Dataset, analysis: Analysis, estimand: Estimand, row: Estimate
) -> Estimate:
    """Count who decides a difference of means."""
    return means_left_out_row(
        records(dataset, estimand),
        row,
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        method="welch" if analysis.method == "welch" else "student",
    )


def count_change(
    dataset: Dataset, _analysis: Analysis, estimand: Estimand, row: Estimate
) -> Estimate:
    """Count who decides a mean change."""
    frame = records(dataset, estimand)
    return change_left_out_row(frame, row, outcome=VALUE, baseline=BASELINE, arm=ARM_CODE)


CHECKS: Final[Mapping[Method, Check]] = {
    "ancova": check_model,
    "welch": check_model,
    "student": check_model,
    "paired_change": check_change,
    "responders": check_responders,
}
COUNTS: Final[Mapping[Method, Count]] = {
    "ancova": count_model,
    "welch": count_means,
    "student": count_means,
    "paired_change": count_change,
    "responders": count_responders,
}
