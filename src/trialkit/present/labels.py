"""Ids to the words a reader sees: arms, visits, endpoints, quantities, rules.

Labels are printed as the study's author typed them. An id that the study does not have
(a result of a verb called by hand keeps the words of its frame) stands for itself.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from trialkit.language.speech import later, say, say_again, say_as
from trialkit.language.told import Told
from trialkit.present.format import MINUS, NO_BREAK, format_ticks, span
from trialkit.present.retold import retold, retold_of
from trialkit.present.vocabulary import (
    BEFORE_AND_AFTER,
    EFFECT_SIZES,
    EXPECTED,
    METHODS,
    OF_CHANGES,
    OF_SUMMARIES,
    QUANTITIES,
    RESPONDER_QUANTITIES,
    TERMS,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults
from trialkit.study.method_rules import BY_RULE, OF_TRIALS
from trialkit.study.plan import Analysis
from trialkit.study.specification import Endpoint, Responder
from trialkit.study.study import Study, responder_rule
from trialkit.terms import Better, Quantity

Labelled = TypeVar("Labelled")

EVERYONE: Final = later("Everyone")

RULES_IN_WORDS: Final[Mapping[str, str]] = {
    "percent_reduction": later("at least {size} lower than at baseline"),
    "reduction": later("at least {size} lower than at baseline"),
    "at_most": later("{size} or less"),
    "at_least": later("{size} or more"),
    "above": later("above {size}"),
}

# Effect measures of people who met a rule; the others are of means.
OF_PEOPLE: Final = frozenset({"risk_ratio", "odds_ratio", "risk_difference"})
OF_MEDIANS: Final[Mapping[Quantity, str]] = {
    "median_difference": later("difference in medians"),
    "change": later("median change"),
}
# What is pooled over trials, on the scale of the measure.
OF_POOLED: Final = frozenset({"trial_estimate", "pooled_estimate", "prediction"})


def label_or_id(find: Callable[[str], Labelled], wanted: str | None) -> str:
    """Return the label of a part of the study, or the id where the study has no such part."""
    if wanted is None:
        return ""
    try:
        return str(getattr(find(wanted), "label", wanted))
    except KeyError:
        return wanted


def arm_label(study: Study, arm: str | None) -> str:
    """Return the label of an arm; None is everyone."""
    return say(EVERYONE) if arm is None else label_or_id(study.find_arm, arm)


def visit_label(study: Study, visit: str | None) -> str:
    """Return the label of a visit."""
    return label_or_id(study.find_visit, visit)


def endpoint_label(study: Study, endpoint: str | None) -> str:
    """Return the label of an endpoint."""
    return label_or_id(study.find_endpoint, endpoint)


def contrast_label(study: Study, arm: str | None, reference_arm: str | None) -> str:
    """Return the words for a row: an arm, or a treatment minus its reference."""
    if reference_arm is None:
        return arm_label(study, arm)
    return f"{arm_label(study, arm)} {MINUS} {arm_label(study, reference_arm)}"


def typeset_range(text: str) -> str:
    """Write ranges of numbers with an en dash, as print does.

    >>> typeset_range("points (0-10 numeric rating)")
    'points (0–10 numeric rating)'
    """
    return re.sub(r"(?<=\d)-(?=\d)", "–", text)


def unit_text(endpoint: Endpoint) -> str:
    """Return the unit of an endpoint as print writes it."""
    bare, bracket, remark = typeset_range(endpoint.scale.unit).partition(" (")
    return f"{say_as('unit', bare)}{bracket}{remark}"


def short_unit(endpoint: Endpoint) -> str:
    """Return the unit without what stands in brackets, for heads and axes of differences."""
    return unit_text(endpoint).partition(" (")[0]


def scale_text(endpoint: Endpoint) -> str:
    """Return the limits of an endpoint's scale in words."""
    minimum, maximum = endpoint.scale.minimum, endpoint.scale.maximum
    if minimum is not None and maximum is not None:
        return span(*format_ticks([minimum, maximum]))
    if minimum is not None:
        return say("from {limit}, no upper limit", limit=format_ticks([minimum])[0])
    if maximum is not None:
        return say("up to {limit}, no lower limit", limit=format_ticks([maximum])[0])
    return say("no limits declared")


def axis_text(endpoint: Endpoint) -> str:
    """Return what an axis of an endpoint's values says: scale and unit."""
    return f"{endpoint.label}, {unit_text(endpoint)}"


def responder_text(rule: Responder) -> str:
    r"""Return a responder rule in words: its own label, else its threshold.

    >>> responder_text(Responder(percent_reduction=30))
    'at least 30\xa0% lower than at baseline'
    """
    if rule.label is not None:
        return rule.label
    name, value = rule.rule
    number = format_ticks([value])[0]
    size = f"{number}{NO_BREAK}%" if name == "percent_reduction" else number
    return say(RULES_IN_WORDS[name], size=size)


def analysis_endpoint(study: Study, analysis: Analysis) -> Endpoint:
    """Return the endpoint that a planned analysis is about."""
    return study.find_endpoint(study.find_estimand(analysis.estimand).endpoint)


def analysis_label(study: Study, analysis_id: str) -> str:
    """Return the label of a planned analysis, made from its plan where it has none."""
    try:
        analysis = study.find_analysis(analysis_id)
    except KeyError:
        return analysis_id
    if analysis.label is not None:
        return analysis.label
    estimand = study.find_estimand(analysis.estimand)
    parts = endpoint_label(study, estimand.endpoint), visit_label(study, estimand.visit)
    return f"{say(METHODS[analysis.method])}: {', '.join(parts)}"


def quantity_words(study: Study, analysis_id: str, row: Estimate) -> str:
    """Return the words for what a row of an analysis estimates, changes named as such."""
    if row.method in BEFORE_AND_AFTER:
        return say(row.method)
    if row.quantity in {"sensitivity", "assumption_test"}:
        return retold_of(study, analysis_id, row.method)
    if row.method.startswith(EXPECTED):
        return say("change expected from regression to the mean alone")
    if row.quantity == "proportion" and row.method.startswith("sign test"):
        return say("rose, of those who changed")
    if row.quantity == "effect_size":
        return effect_size_words(row.method)
    planned = [analysis for analysis in study.analysis if analysis.id == analysis_id]
    named = named_by_plan(planned[0], row) if planned else None
    named = OF_SUMMARIES.get((row.term or "", row.quantity), named)
    if named is not None:
        return say(named)
    of_changes = row.term == "change" or (
        bool(planned) and (planned[0].outcome == "change" or planned[0].method == "panel")
    )
    if of_changes and row.quantity in OF_CHANGES:
        return say(OF_CHANGES[row.quantity])
    return say(QUANTITIES[row.quantity])


def effect_size_words(name: str) -> str:
    """Return what an effect size is called."""
    if name in EFFECT_SIZES:
        return say(EFFECT_SIZES[name])
    return say_again(name) if isinstance(name, Told) else name.replace("_", " ")


def named_by_plan(analysis: Analysis, row: Estimate) -> str | None:
    """Return what a row is called because of its method's statistic; None for the usual name."""
    if row.quantity == "equivalence" and analysis.method == "paired_equivalence":
        return later("mean change")
    if analysis.statistic == "median":
        return OF_MEDIANS.get(row.quantity)
    return None


def row_endpoint(results: StudyResults, analysis_id: str, estimate: Estimate) -> Endpoint | None:
    """Return the endpoint an estimate is about: the one it names, else its analysis's."""
    study = results.study
    for endpoint in study.endpoint:
        if endpoint.id == estimate.parameter:
            return endpoint
    planned = [analysis for analysis in study.analysis if analysis.id == analysis_id]
    return analysis_endpoint(study, planned[0]) if planned else None


def row_decimals(endpoint: Endpoint | None) -> int:
    """Return the decimals of an endpoint; two where there is none to ask."""
    return 2 if endpoint is None else endpoint.decimals


def lower_is_better(results: StudyResults, analysis_id: str, estimate: Estimate) -> bool:
    """Return whether a negative contrast speaks for the treatment.

    For responders it depends on the rule: fewer people with any pain is good, fewer people
    with relief is not. So it does where trials are pooled by their responders.
    """
    endpoint = row_endpoint(results, analysis_id, estimate)
    better: Better = "lower" if endpoint is None else endpoint.better
    rule = analysis_rule(results.study, analysis_id)
    if rule is None or estimate.quantity not in RESPONDER_QUANTITIES | OF_POOLED:
        return better == "lower"
    return not rule.is_benefit(better)


def analysis_rule(study: Study, analysis_id: str) -> Responder | None:
    """Return the responder rule of a planned analysis, or None if it has none."""
    planned = [analysis for analysis in study.analysis if analysis.id == analysis_id]
    if not planned or planned[0].method not in BY_RULE:
        return None
    endpoint = analysis_endpoint(study, planned[0])
    if planned[0].method in OF_TRIALS and not (
        planned[0].measure in OF_PEOPLE and endpoint.responder
    ):
        return None
    return responder_rule(endpoint, planned[0].responder)


def list_in_words(items: list[str]) -> str:
    """Join words as prose does.

    >>> list_in_words(["a", "b", "c"]), list_in_words(["a"])
    ('a, b and c', 'a')
    """
    if len(items) < 2:
        return "".join(items)
    return say("{items} and {last}", items=", ".join(items[:-1]), last=items[-1])


def term_label(study: Study, term: str | None) -> str:
    """Return what tells rows of one quantity apart; the id of an endpoint becomes its label."""
    if term is None:
        return ""
    if term in TERMS:
        return say(TERMS[term]) if TERMS[term] else ""
    if isinstance(term, Told):
        return retold(study, term)
    level = re.fullmatch(r"arm(?:: |\[)(.+?)\]?", term)
    if level is not None:
        return arm_label(study, level[1])
    before, colon, name = term.rpartition(": ")
    return f"{before}{colon}{endpoint_label(study, name)}"
