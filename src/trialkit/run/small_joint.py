"""Figures of all arms together that would show what one or two people of an arm scored.

A test of all arms, and the share of variance that they explain, are made of the arms' means.
Where the means of the other arms are stored the one that is withheld follows from them; the
categories of an ordinal scale are so few that each can be tried in turn.
"""

from dataclasses import replace
from typing import Final

from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.run.small_arms import FEWEST, people_in
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import ARM_CODE, Method

# Their question is about all arms at once.
OF_ALL_ARMS: Final[frozenset[Method]] = frozenset(
    {
        *("one_way", "kruskal_wallis", "model_terms", "repeated_measures_anova"),
        "proportional_odds",
    }
)
# Figures about the fit in which the means of all arms stand.
OF_MEANS: Final = frozenset(
    {"r_squared", "adjusted_r_squared", "f_statistic", "sum_of_squares_between"}
)


def without_small_joint(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> AnalysisResult:
    """Return a result without figures of all arms, where one has one or two people.

    Raises
    ------
    NotEstimableError
        If its question is about all arms.
    """
    joint = analysis.method in OF_ALL_ARMS
    if not joint and not any(map(of_arms, result.estimates)) and not of_means(result):
        return result
    few = arms_of_few(result, analysis, estimand, dataset)
    if not few:
        return result
    if joint:
        raise NotEstimableError(
            tell(
                "fewer than {fewest} people with a value in {arms}: a test of all arms would "
                "show what they scored",
                fewest=FEWEST,
                arms=tell_list(few),
            )
        )
    note = tell(
        "tests and shares of variance of all arms together are left out: fewer than {fewest} "
        "people with a value in {arms}",
        fewest=FEWEST,
        arms=tell_list(few),
    )
    return replace(
        result,
        estimates=tuple(row for row in result.estimates if not of_arms(row)),
        fit=tuple(figure for figure in result.fit if figure.name not in OF_MEANS),
        notes=(*result.notes, note),
    )


def of_arms(row: Estimate) -> bool:
    """Return whether a row tests all arms at once."""
    whole = row.arm is None and row.reference_arm is None
    factors = set((row.term or "").split(":"))
    return row.quantity == "joint_test" and whole and not factors.isdisjoint({ARM_CODE, "arm"})


def of_means(result: AnalysisResult) -> bool:
    """Return whether a figure about the fit is made of the means of all arms."""
    return any(figure.name in OF_MEANS for figure in result.fit)


def arms_of_few(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> tuple[str, ...]:
    """Return the arms of which one or two people are in an analysis, at any of its visits."""
    visits = asked_visits(analysis, estimand, dataset)
    small = {
        arm
        for (endpoint, visit, arm), n in people_in(result, analysis, estimand, dataset).items()
        if endpoint == estimand.endpoint and visit in visits and 0 < n < FEWEST
    }
    return tuple(arm.id for arm in dataset.study.arm if arm.id in small)


def asked_visits(analysis: Analysis, estimand: Estimand, dataset: Dataset) -> frozenset[str]:
    """Return the visits that an analysis is about: its own, or all of a model of visits."""
    if analysis.method not in {"mmrm", "repeated_measures_anova"}:
        return frozenset({estimand.visit})
    every = (visit.id for visit in dataset.study.visits)
    return frozenset(analysis.visits or every)
