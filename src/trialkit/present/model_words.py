"""What a model is made of, and what becomes of missing values, in sentences by rule."""

import re
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import (
    analysis_endpoint,
    endpoint_label,
    list_in_words,
    visit_label,
)
from trialkit.present.retold import NAMED, OF_ENDPOINT
from trialkit.study.method_rules import BY_RULE, FROM_BASELINE, RULES
from trialkit.study.plan import Analysis
from trialkit.study.study import Study, responder_rule
from trialkit.terms import BASELINE

ROUNDED: Final = later(
    "Rounded for print only, halves away from zero; results.json holds every digit."
)
ROUNDING: Final = later(
    "Numbers are rounded for print only, halves away from zero: a mean or median as declared for "
    "its outcome, a difference, a standard deviation and a standard error to one decimal more, "
    "shares to a tenth of a percent, p-values to the fourth decimal. Nothing is computed from "
    "rounded numbers; results.json holds every digit."
)
PUBLISHED: Final = later("as the publication treated them; nothing more is known here")
IN_LIKELIHOOD: Final = later(
    "not filled in; a person with a value at any visit of the model counts with the visits they "
    "came to, which assumes that those who missed one fared like people of their arm with the "
    "same other values"
)
EVERY_VISIT: Final = later("people without a value at every visit are left out")
BOTH: Final = later("people without a value before or after are left out")
NO_VALUE: Final = later("people without a value are left out")
LEFT_OUT: Final = later("people without a value, or without a covariate, are left out")
NO_RESPONSE: Final = later("a person without a value counts as not meeting the rule")
HAD_EVENT: Final = later("a person without a value counts as having the event")
NO_GAIN: Final = later("a person without a value counts as not improving")
CATEGORY: Final = re.compile(r"C\((?P<column>[^()]+)\)")


def model_sentence(study: Study, analysis: Analysis) -> str:
    """Return what is modelled and what it is adjusted for, in the words of the plan."""
    outcome = outcome_words(study, analysis)
    if "covariates" not in RULES[analysis.method].options:
        return say("Outcome: {outcome}.", outcome=outcome)
    if not analysis.covariates:
        return say("Outcome: {outcome}. Covariates: none.", outcome=outcome)
    return say(
        "Outcome: {outcome}. Covariates: {covariates}.",
        outcome=outcome,
        covariates=covariate_words(study, analysis),
    )


def outcome_words(study: Study, analysis: Analysis) -> str:
    """Return what an analysis takes as its outcome, and when."""
    estimand = study.find_estimand(analysis.estimand)
    endpoint = mid_sentence(endpoint_label(study, estimand.endpoint))
    visit = mid_sentence(visit_label(study, estimand.visit))
    if RULES[analysis.method].compares == "arms_by_visit":
        visit = say("at each visit (asked about: {visit})", visit=visit)
    if analysis.outcome == "change":
        return say("change in {outcome}, {visit}", outcome=endpoint, visit=visit)
    return say("{outcome}, {visit}", outcome=endpoint, visit=visit)


def covariate_words(study: Study, analysis: Analysis) -> str:
    """Return the terms of a formula by their labels; a term no label is known for as it is."""
    terms = (term.strip() for term in (analysis.covariates or "").split("+"))
    return list_in_words([term_words(study, analysis, term) for term in terms if term])


def term_words(study: Study, analysis: Analysis, term: str) -> str:
    """Return one term of a formula by its label; two with a colon act together."""
    parts = [part.strip() for part in term.split(":")]
    if len(parts) > 1:
        first, *others = (term_words(study, analysis, part) for part in parts)
        return say("{first} by {second}", first=first, second=" × ".join(others))
    category = CATEGORY.fullmatch(term)
    if category is not None:
        inner = term_words(study, analysis, category["column"].strip())
        return say("{variable} (as categories)", variable=inner)
    if term == BASELINE:
        return before_words(study, analysis)
    if term in NAMED:
        return say(NAMED[term])
    labels = {item.column: item.label for item in study.characteristic}
    return mid_sentence(labels.get(term, term))


def before_words(study: Study, analysis: Analysis) -> str:
    """Return what the value before treatment is called."""
    endpoint = mid_sentence(analysis_endpoint(study, analysis).label)
    return say(OF_ENDPOINT[BASELINE], outcome=endpoint)


def missing_words(study: Study, analysis: Analysis) -> str:
    """Return what becomes of a missing value in an analysis."""
    rule = RULES[analysis.method]
    if analysis.data == "published_figures":
        return say(PUBLISHED)
    if rule.compares == "arms_by_visit":
        return say(IN_LIKELIHOOD)
    if rule.compares == "visits":
        return say(EVERY_VISIT)
    if "missing_as" in rule.options and analysis.missing_as != "observed":
        return say(counted_as(study, analysis))
    if analysis.method in FROM_BASELINE or (
        analysis.method in BY_RULE and needs_baseline(study, analysis)
    ):
        return say(BOTH)
    return say(LEFT_OUT if analysis.covariates else NO_VALUE)


def counted_as(study: Study, analysis: Analysis) -> str:
    """Return as what people without a value count."""
    if analysis.method == "cumulative_responders":
        return NO_GAIN
    endpoint = analysis_endpoint(study, analysis)
    rule = responder_rule(endpoint, analysis.responder)
    return NO_RESPONSE if rule.is_benefit(endpoint.better) else HAD_EVENT


def needs_baseline(study: Study, analysis: Analysis) -> bool:
    """Return whether the rule of an analysis compares with the value before treatment."""
    endpoint = analysis_endpoint(study, analysis)
    if not endpoint.responder:
        return False
    return responder_rule(endpoint, analysis.responder).needs_baseline


def missing_sentence(study: Study, analysis: Analysis) -> str:
    """Return what becomes of a missing value in an analysis, as a sentence."""
    return say("Missing values: {handling}.", handling=missing_words(study, analysis))
