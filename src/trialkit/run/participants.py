"""Planned analyses of participants: each method to its verb, on the records it is about."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from trialkit.analysis.ancova import ancova
from trialkit.analysis.before_after import paired_change
from trialkit.analysis.descriptive import describe
from trialkit.analysis.responders import responders
from trialkit.analysis.two_arms import mean_difference
from trialkit.dataset.dataset import Dataset
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.frames import (
    RESPONSE,
    outcome_column,
    records,
    required_reference,
    responses,
)
from trialkit.run.options import given
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import ARM_CODE, BASELINE, VALUE, Method

Verb = Callable[..., AnalysisResult]
CarryOut = Callable[[Dataset, Analysis, Estimand], AnalysisResult]


def between_arms(verb: Verb, **fixed: Any) -> CarryOut:
    """Return how a verb that compares arms with a reference arm is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=outcome_column(analysis, dataset),
            arm=ARM_CODE,
            reference=required_reference(estimand),
            **fixed,
            **given(analysis),
        )

    return carry_out


def among_arms(verb: Verb) -> CarryOut:
    """Return how a verb about all arms at once is carried out; none is the reference."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=outcome_column(analysis, dataset),
            arm=ARM_CODE,
            **given(analysis),
        )

    return carry_out


def within_people(verb: Verb) -> CarryOut:
    """Return how a verb that compares people with their own baseline is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=VALUE,
            baseline=BASELINE,
            arm=ARM_CODE,
            **given(analysis),
        )

    return carry_out


def by_response(verb: Verb) -> CarryOut:
    """Return how a verb on a response of yes or no is carried out, everyone counted."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        frame, notes = responses(dataset, analysis, estimand)
        strata = {"strata": analysis.strata} if analysis.strata is not None else {}
        result = verb(
            frame,
            response=RESPONSE,
            arm=ARM_CODE,
            reference=estimand.reference,
            **strata,
            **given(analysis),
        )
        return replace(result, notes=(*result.notes, *notes))

    return carry_out


FROM_PARTICIPANTS: Mapping[Method, CarryOut] = {
    "descriptive": among_arms(describe),
    "welch": between_arms(mean_difference, method="welch"),
    "student": between_arms(mean_difference, method="student"),
    "ancova": between_arms(ancova),
    "paired_change": within_people(paired_change),
    "responders": by_response(responders),
}
