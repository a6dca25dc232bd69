"""Logic flags: faults of reasoning that stand beside a verdict, found by rule."""

from collections.abc import Sequence
from typing import Final

from trialkit.language.told import tell
from trialkit.result.study_results import StudyResults
from trialkit.study.article import Claim, Link
from trialkit.study.method_rules import RULES
from trialkit.study.study import Study

# Methods that look at each arm alone.
WITHIN_ARMS: Final = frozenset(name for name, rule in RULES.items() if rule.compares == "before")


def logic_flags(claim: Claim, studies: Sequence[Study]) -> tuple[str, ...]:
    """Return every fault of reasoning that the claim's figures and links show.

    Parameters
    ----------
    claim : Claim
        As read from its article.
    studies : sequence of Study
        The studies that its links name, as far as they are at hand.
    """
    checks = (
        arms_that_do_not_add_up(claim),
        cause_without_comparator(claim, studies),
        other_species(claim),
        mediator_without_mediation(claim, studies),
        significance_for_difference(claim, studies),
        within_person_threshold(claim, studies),
        figures_without_denominator(claim),
    )
    return tuple(flag for flag in checks if flag)


def arms_that_do_not_add_up(claim: Claim) -> str:
    """Flag arm sizes whose sum is not the total quoted beside them."""
    reported = claim.reported
    if reported is None or reported.n_total is None or not reported.n_arms:
        return ""
    total = sum(reported.n_arms)
    if total == reported.n_total:
        return ""
    arms = " + ".join(map(str, reported.n_arms))
    return tell(
        "The arms do not add up: {arms} = {total}, the article says {quoted}.",
        arms=arms,
        total=total,
        quoted=reported.n_total,
    )


def cause_without_comparator(claim: Claim, studies: Sequence[Study]) -> str:
    """Flag a causal claim that rests on a study without a comparator."""
    single = [study for study in studies if study.is_single_arm]
    if claim.kind != "causal" or not single:
        return ""
    return tell(
        "Causal words for a single-arm design: without a comparator, time, expectation and "
        "regression to the mean are in the change as well."
    )


def other_species(claim: Claim) -> str:
    """Flag animal or cell evidence that is read as evidence in people."""
    if claim.subjects not in {"animals", "cells"} or claim.claimed_in != "people":
        return ""
    return tell(
        "Seen in animals, told of people."
        if claim.subjects == "animals"
        else "Seen in cells, told of people."
    )


def mediator_without_mediation(claim: Claim, studies: Sequence[Study]) -> str:
    """Flag a mechanism that no linked analysis tests as one."""
    if claim.kind != "mechanism" or claim.subjects in {"animals", "cells"} or not studies:
        return ""
    if any("mediation" in linked_method(link, studies) for link in claim.links):
        return ""
    return tell(
        "A mechanism is claimed, and no linked analysis tests mediation: a difference in the "
        "outcome does not say what carried it."
    )


def significance_for_difference(claim: Claim, studies: Sequence[Study]) -> str:
    """Flag a comparison that rests only on changes within arms."""
    methods = [method for link in claim.links for method in linked_method(link, studies)]
    if claim.kind != "comparison" or not methods or not set(methods) <= WITHIN_ARMS:
        return ""
    return tell(
        "A difference in significance is no significant difference: changes within arms do not "
        "compare the arms."
    )


def linked_method(link: Link, studies: Sequence[Study]) -> tuple[str, ...]:
    """Return the method of a linked analysis, if its study is at hand."""
    return tuple(
        analysis.method
        for study in studies
        if study.id == link.study
        for analysis in study.analysis
        if analysis.id == link.analysis
    )


def within_person_threshold(claim: Claim, studies: Sequence[Study]) -> str:
    """Flag a comparison of groups whose endpoint declares a within-person margin."""
    if claim.kind != "comparison":
        return ""
    for link in claim.links:
        for study in studies:
            if study.id != link.study or all(item.id != link.analysis for item in study.analysis):
                continue
            estimand = study.find_estimand(study.find_analysis(link.analysis).estimand)
            margin = study.find_endpoint(estimand.endpoint).margin
            if margin is not None and margin.kind == "within_person":
                return tell(
                    "The declared margin is a within-person threshold; it is no yardstick for a "
                    "difference between group means and was not used."
                )
    return ""


def figures_without_denominator(claim: Claim) -> str:
    """Flag percentages that are quoted without the people they are of."""
    reported = claim.reported
    if reported is None or not reported.values or reported.n_total is not None:
        return ""
    if claim.figures_published is False:
        return tell("Percentages are quoted without the number of people they are of.")
    return ""


def studies_of(results: Sequence[StudyResults]) -> tuple[Study, ...]:
    """Return the studies that results belong to."""
    return tuple(result.study for result in results)
