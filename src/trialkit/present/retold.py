"""Sentences that verbs stored in English, in the language of the report and with labels."""

from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import later, say, say_again
from trialkit.present.grammar import mid_sentence
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    BASELINE_OF,
    CHANGE,
    PERCENT_CHANGE,
    RESPONSE,
    VALUE,
    VISIT_LABEL,
)

# Columns that hold the same in every study, and those made of an endpoint's values.
NAMED: Final[Mapping[str, str]] = {VISIT_LABEL: later("visit"), ARM_CODE: later("arm")}
OF_ENDPOINT: Final[Mapping[str, str]] = {
    BASELINE: later("{outcome} before treatment"),
    CHANGE: later("change in {outcome}"),
    PERCENT_CHANGE: later("percent change in {outcome}"),
}


def retold(study: Study, text: str, endpoint: Endpoint | None = None) -> str:
    """Return a stored sentence in the language that is spoken, ids by their labels.

    ``endpoint`` is what the sentence is about: the columns of its values are called by it.
    """
    return say_again(text, names(study, endpoint))


def retold_of(study: Study, analysis_id: str, text: str) -> str:
    """Return a sentence that is stored with an analysis, by the names of its plan if it has one."""
    planned = [item for item in study.analysis if item.id == analysis_id]
    if not planned:
        return retold(study, text)
    estimand = study.find_estimand(planned[0].estimand)
    return retold(study, text, study.find_endpoint(estimand.endpoint))


def reason_text(study: Study, record: AnalysisRecord) -> str:
    """Return why an analysis did not run."""
    if not record.reason:
        return say("no reason is stored")
    return retold_of(study, record.analysis, record.reason)


def names(study: Study, endpoint: Endpoint | None) -> dict[str, str]:
    """Return what stands for each id and column of a study inside a sentence.

    An id that two of them have, an arm called as a column say, stands as it is typed.
    """
    outcomes = {item.column: mid_sentence(item.label) for item in study.characteristic}
    outcomes |= {item.id: mid_sentence(item.label) for item in study.endpoint}
    visits = {item.id: mid_sentence(item.label) for item in study.visits}
    arms = {item.id: mid_sentence(item.label) for item in study.arm}
    arms |= {f"{ARM_CODE}: {name}": label for name, label in arms.items()}
    return unambiguous(outcomes, visits, arms, columns_made(study, endpoint))


def columns_made(study: Study, endpoint: Endpoint | None) -> dict[str, str]:
    """Return the words for columns that no study file has: they are made of what it has."""
    known = {column: say(word) for column, word in NAMED.items()}
    for item in study.endpoint:
        outcome = mid_sentence(item.label)
        known[BASELINE_OF.format(item.id)] = say(OF_ENDPOINT[BASELINE], outcome=outcome)
    if endpoint is not None:
        outcome = mid_sentence(endpoint.label)
        known |= {column: say(word, outcome=outcome) for column, word in OF_ENDPOINT.items()}
        known |= dict.fromkeys((VALUE, RESPONSE), outcome)
    return known


def unambiguous(*kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the names of several kinds of things, without those that two kinds have."""
    known = {name: label for kind in kinds for name, label in kind.items()}
    return {
        name: label
        for name, label in known.items()
        if all(kind.get(name, label) == label for kind in kinds)
    }
