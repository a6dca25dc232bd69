"""Comparisons that would show what one or two people of an arm scored.

The mean of an arm of fewer than three people is withheld; beside the other arm's mean a
difference would give it away, and a curve of such an arm is its people's own changes.
"""

from collections.abc import Mapping
from typing import Final

from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell_count
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import (
    ARM_CODE,
    PARAMETER_CODE,
    USUBJID,
    VALUE,
    VISIT_NUMBER,
    Method,
    population_flag,
)

FEWEST: Final = 3
# Counts of people at one threshold stay, however few they are.
OF_COUNTS: Final[frozenset[Method]] = frozenset(
    {"responders", "stratified_responders", "paired_responders", "logistic"}
)
CURVE: Final[Method] = "cumulative_responders"
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
    people = people_with_value(dataset, estimand)
    for row in result.estimates:
        if row.quantity in {"mean", "ls_mean"} and row.arm and row.n_subjects:
            place = (*place_of(row, estimand), row.arm)
            people[place] = min(row.n_subjects, people.get(place, row.n_subjects))
    shown = tuple(
        row
        for row in result.estimates
        if not small_arms(row, analysis, estimand, people)
        and not of_small_arm(row, estimand, people)
    )
    if len(shown) == len(result.estimates):
        return result
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
    return result.with_estimates(shown)


def people_with_value(dataset: Dataset, estimand: Estimand) -> dict[Place, int]:
    """Return how many people of a population have a value, by endpoint, visit and arm."""
    visits = {visit.order: visit.id for visit in dataset.study.visits}
    frame = dataset.frame
    seen = frame[frame[population_flag(estimand.population)].eq("Y") & frame[VALUE].notna()]
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
