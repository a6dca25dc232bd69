"""Harms by arm: as a table, and in one line for page one. Both say so where nobody knows."""

from collections.abc import Mapping, Sequence
from typing import Final

from trialkit.language.speech import later, say, say_count
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_count, format_integer, format_percent
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import arm_label, list_in_words
from trialkit.result.flow import people_at
from trialkit.result.study_results import StudyResults
from trialkit.study.reporting import Harm
from trialkit.terms import Harms, HarmScope

# Any harm first, then any serious one, then kind by kind as the plan lists them.
ORDER: Final[tuple[HarmScope, ...]] = ("any", "any_serious", "one_kind")
SILENCE: Final[Mapping[Harms | None, str]] = {
    "collected": later("Harms were collected, and the plan lists none of them."),
    "not_collected": later("Harms were not collected."),
    "not_in_data": later("Harms are not in the data."),
    None: later("The plan says nothing of harms."),
}


def silence(results: StudyResults) -> str | None:
    """Return why nothing can be said of harms; None where something can."""
    return None if results.study.harm else say(SILENCE[results.study.study.harms])


def people_in(results: StudyResults, harm: Harm, arm: str) -> int | None:
    """Return out of how many people of an arm a harm is counted: as stated, else all of it."""
    counted = people_at(results.flow, "allocated", "in_data", arm=arm)
    return harm.of.get(arm, counted)


def harms_table(results: StudyResults) -> Table:
    """Return how many people of each arm had each harm."""
    study = results.study
    listed = sorted(study.harm, key=lambda harm: ORDER.index(harm.covers))
    return Table(
        id="harms",
        title=say("Harms by arm"),
        columns=(
            Column(label=say("Harm")),
            Column(label=say("Serious")),
            *(Column(label=arm.label, align="right") for arm in study.arm),
        ),
        rows=tuple(
            (
                harm.label,
                seriousness(harm),
                *(harm_cell(results, harm, arm.id) for arm in study.arm),
            )
            for harm in listed
        ),
        footnotes=(
            say("People with the harm, of all those asked; no test is made."),
            *(
                [say("A person can stand in several lines, so the lines do not add up.")]
                if len(listed) > 1
                else []
            ),
            *sources(listed),
        ),
    )


def seriousness(harm: Harm) -> str:
    """Return whether a harm is a serious one, as far as the plan says."""
    if harm.covers == "any_serious" or harm.serious:
        return say("yes")
    return MISSING if harm.serious is None else say("no")


def harm_cell(results: StudyResults, harm: Harm, arm: str) -> str:
    """Return the people of an arm with a harm, of how many; a dash where nobody says."""
    n = harm.people.get(arm)
    if n is None:
        return MISSING
    whole = people_in(results, harm, arm)
    return format_count(n, whole) if whole else format_integer(n)


def sources(listed: Sequence[Harm]) -> tuple[str, ...]:
    """Return where the counts were read, each place once."""
    named = dict.fromkeys(harm.source.rstrip(".") for harm in listed)
    return tuple(say("Read in: {source}.", source=source) for source in named)


def harms_sentences(results: StudyResults, arms: Sequence[str] = ()) -> tuple[str, ...]:
    """Return people with any harm and with a serious one, in some arms or in all."""
    study = results.study
    asked = [arm.id for arm in study.arm if not arms or arm.id in arms]
    said = []
    for harm in sorted(study.harm, key=lambda harm: ORDER.index(harm.covers)):
        if harm.covers == "one_kind":
            continue
        counts = list_in_words([harm_in_arm(results, harm, arm) for arm in asked])
        if harm.covers == "any_serious":
            said.append(say("Any serious harm: {arms}.", arms=counts))
        else:
            said.append(say("Any harm: {arms}.", arms=counts))
    kinds = sum(harm.covers == "one_kind" for harm in study.harm)
    if not said and kinds:
        said.append(
            say_count(
                kinds,
                "{n} kind of harm is counted by arm further on; how many people had any harm is "
                "not stated.",
                "{n} kinds of harm are counted by arm further on; how many people had any harm is "
                "not stated.",
            )
        )
    return tuple(said)


def harm_in_arm(results: StudyResults, harm: Harm, arm: str) -> str:
    """Return how many people of an arm had a harm, in words."""
    label, n = mid_sentence(arm_label(results.study, arm)), harm.people.get(arm)
    whole = people_in(results, harm, arm)
    if n is None:
        return say("not stated for {arm}", arm=label)
    if not whole:
        return say("{n} with {arm}", n=format_integer(n), arm=label)
    return say(
        "{n} of {whole} ({percent}) with {arm}",
        n=format_integer(n),
        whole=format_integer(whole),
        percent=format_percent(n, whole, 1),
        arm=label,
    )
