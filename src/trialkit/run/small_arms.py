"""Comparisons that would show what one or two people of an arm scored.

The mean of an arm of fewer than three people is withheld; beside the other arm's mean a
difference would give it away, and a curve of such an arm is its people's own changes.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_count
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.study.method_rules import FROM_BASELINE
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    PARAMETER_CODE,
    USUBJID,
    VALUE,
    VISIT_NUMBER,
    Method,
    Quantity,
    population_flag,
)

FEWEST: Final = 3
# Counts of people at one threshold stay, however few they are.
OF_COUNTS: Final[frozenset[Method]] = frozenset(
    {"responders", "stratified_responders", "paired_responders", "logistic"}
)
CURVE: Final[Method] = "cumulative_responders"
# What is made of the scores of one arm alone: for one person it is that person's own.
OF_ONE_ARM: Final[frozenset[Quantity]] = frozenset(
    {
        *("change", "percent_change", "median_difference", "correlation", "effect_size"),
        *("bayes_factor", "equivalence", "margin_test", "assumption_test"),
    }
)
Place = tuple[str, str, str]  # endpoint, visit, arm


def without_small_arms(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> AnalysisResult:
    """Return a result without rows that would show what fewer than three people scored.

    Raises
    ------
    NotEstimableError
        If its question is about such an arm.
    """
    if analysis.method in OF_COUNTS:
        return result
    people = people_in(result, analysis, estimand, dataset)
    alone = {row.arm for row in result.estimates if of_few_alone(row, estimand, people)}
    shown = tuple(
        row
        for row in result.estimates
        if not small_arms(row, analysis, estimand, people)
        and not of_small_arm(row, estimand, people)
        and not of_few_alone(row, estimand, people)
    )
    if len(shown) == len(result.estimates):
        return result
    if not shown or alone & {estimand.treatment, estimand.reference}:
        require_more_people(estimand, people)
        raise NotEstimableError(
            tell(
                "fewer than {fewest} people of an arm have what this needs: its figures would "
                "show what they scored",
                fewest=FEWEST,
            )
        )
    require_more_people(estimand, people)
    hidden = alone.union(*(small_arms(row, analysis, estimand, people) for row in result.estimates))
    figures = tuple(each for each in result.fit if not any(names(each.name, arm) for arm in hidden))
    return replace(result, estimates=shown, fit=figures)


def names(figure: str, arm: str | None) -> bool:
    """Return whether a figure about the fit is of an arm alone or beside another."""
    return bool(arm) and re.search(rf"(?<![\w-]){re.escape(str(arm))}(?![\w-])", figure) is not None


def people_in(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> dict[Place, int]:
    """Return how many people each endpoint, visit and arm has in a result."""
    people = people_with_value(analysis, estimand, dataset)
    for row in result.estimates:
        if row.quantity in {"mean", "ls_mean"} and row.arm and row.n_subjects:
            place = (*place_of(row, estimand), row.arm)
            people[place] = min(row.n_subjects, people.get(place, row.n_subjects))
    return people


def of_few_alone(row: Estimate, estimand: Estimand, people: Mapping[Place, int]) -> bool:
    """Return whether a row is made of the scores of one or two people of one arm alone.

    ``n_subjects`` of a row may be fewer than the arm has: those with a baseline, say.
    """
    if row.quantity not in OF_ONE_ARM or row.arm is None or row.reference_arm is not None:
        return False
    own = row.n_subjects if row.n_subjects is not None else FEWEST
    return 0 < min(own, people.get((*place_of(row, estimand), row.arm), own)) < FEWEST


def require_more_people(estimand: Estimand, people: Mapping[Place, int]) -> None:
    """Raise if an arm that the question is about has fewer than three people."""
    for arm in filter(None, (estimand.treatment, estimand.reference)):
        n = people.get((estimand.endpoint, estimand.visit, arm), 0)
        if 0 < n < FEWEST:
            raise NotEstimableError(
                tell_count(
                    n,
                    "arm {arm} has {n} person with a value: a comparison with fewer than {fewest} "
                    "would show what they scored",
                    "arm {arm} has {n} people with a value: a comparison with fewer than {fewest} "
                    "would show what they scored",
                    arm=arm,
                    fewest=FEWEST,
                )
            )


def people_with_value(analysis: Analysis, estimand: Estimand, dataset: Dataset) -> dict[Place, int]:
    """Return how many people an analysis can use, by endpoint, visit and arm."""
    visits = {visit.order: visit.id for visit in dataset.study.visits}
    seen = usable_records(analysis, estimand, dataset)
    keys = [PARAMETER_CODE, VISIT_NUMBER, ARM_CODE]
    counts = seen.groupby(keys, observed=True)[USUBJID].nunique().rename("n").reset_index()
    counts = counts[counts[VISIT_NUMBER].isin(list(visits))]
    places = zip(
        counts[PARAMETER_CODE].astype(str),
        counts[VISIT_NUMBER].map(visits),
        counts[ARM_CODE].astype(str),
        strict=True,
    )
    return dict(zip(places, map(int, counts["n"]), strict=True))


def usable_records(analysis: Analysis, estimand: Estimand, dataset: Dataset) -> pd.DataFrame:
    """Return the records of a population with a value and all else that an analysis needs.

    That is every covariate, and the value before treatment where it is about the change.
    """
    frame = dataset.frame
    named = set(re.findall(r"\w+", analysis.covariates or ""))
    if analysis.method in FROM_BASELINE or analysis.outcome == "change":
        named.add(BASELINE)
    needed = [column for column in frame.columns if column in named]
    inside = frame[population_flag(estimand.population)].eq("Y") & frame[VALUE].notna()
    return frame[inside].dropna(subset=needed)


def small_arms(
    row: Estimate, analysis: Analysis, estimand: Estimand, people: Mapping[Place, int]
) -> tuple[str, ...]:
    """Return the arms that a row compares, or whose curve it is, with fewer than three people."""
    if row.reference_arm is None and analysis.method != CURVE:
        return ()
    place = place_of(row, estimand)
    arms = filter(None, (row.arm, row.reference_arm))
    return tuple(arm for arm in arms if 0 < people.get((*place, arm), 0) < FEWEST)


def place_of(row: Estimate, estimand: Estimand) -> tuple[str, str]:
    """Return the endpoint and the visit that a row is about."""
    return row.parameter or estimand.endpoint, row.visit or estimand.visit


def of_small_arm(row: Estimate, estimand: Estimand, people: Mapping[Place, int]) -> bool:
    """Return whether a row is the coefficient of an arm that has fewer than three people."""
    if row.quantity != "coefficient" or row.term is None:
        return False
    return any(
        0 < n < FEWEST and f"{ARM_CODE}[{arm}]" in row.term.split(":")
        for (endpoint, visit, arm), n in people.items()
        if (endpoint, visit) == (estimand.endpoint, estimand.visit)
    )
