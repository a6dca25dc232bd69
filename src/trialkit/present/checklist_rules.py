"""Whether a report says what a reporting guideline asks for: one small rule a question.

A rule reads the plan and the stored results, and answers with what is there, what is
missing and how to add it. It never judges whether enough is said: that is the reader's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from trialkit.language.speech import say
from trialkit.present.harms import silence
from trialkit.result.flow import counts_at, people_at
from trialkit.result.study_results import StudyResults
from trialkit.terms import Quantity

State = Literal["filled", "partly", "unfilled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How far an item is filled, what is to be said of it, and at which anchors it stands."""

    state: State
    said: str = ""
    places: tuple[str, ...] = ()


Rule = Callable[[StudyResults], Answer]

HEADER: Final = "[study]"
REPORTING: Final = "[reporting]"
ABSOLUTE: Final[frozenset[Quantity]] = frozenset({"risk_difference"})
RELATIVE: Final[frozenset[Quantity]] = frozenset({"risk_ratio", "odds_ratio"})


def to_add(key: str, table: str = REPORTING) -> str:
    """Return that the plan is silent, and which key would say it."""
    return say("The plan does not say; add {key} to {table}.", key=key, table=table)


def filled(*places: str, said: str = "") -> Answer:
    """Return that an item is filled, and where."""
    return Answer(state="filled", said=said, places=places)


def partly(said: str, *places: str) -> Answer:
    """Return that an item is filled in part: what is lacking, and where the rest stands."""
    return Answer(state="partly", said=said, places=places)


def unfilled(said: str) -> Answer:
    """Return that an item cannot be filled here, and why."""
    return Answer(state="unfilled", said=said)


def stated(key: str) -> Rule:
    """Return the rule of an item that one key of [reporting] fills."""

    def rule(results: StudyResults) -> Answer:
        there = getattr(results.study.reporting, key) is not None
        return filled("conduct") if there else unfilled(to_add(key))

    return rule


def stated_in_header(key: str) -> Rule:
    """Return the rule of an item that one key of [study] fills."""

    def rule(results: StudyResults) -> Answer:
        there = getattr(results.study.study, key) is not None
        return filled("design") if there else unfilled(to_add(key, HEADER))

    return rule


def helped(key: str, said: str, *places: str) -> Rule:
    """Return the rule of an item that stands here in part, and whole with a key of [reporting]."""

    def rule(results: StudyResults) -> Answer:
        if getattr(results.study.reporting, key) is not None:
            return filled(*places, "conduct")
        return partly(joined(say(said), to_add(key)), *places)

    return rule


def joined(*sentences: str) -> str:
    """Return sentences one behind the other, the empty ones left out."""
    return " ".join(filter(None, sentences))


def always(*places: str, said: str = "") -> Rule:
    """Return the rule of an item that every report fills."""
    return lambda _: filled(*places, said=say(said) if said else "")


def summary(results: StudyResults) -> Answer:
    """Answer for the abstract: page one sums the study up, in an order of its own."""
    del results
    return partly(say("Page one sums the study up; it is no structured abstract."), "top")


def registration(results: StudyResults) -> Answer:
    """Answer for the number in a registry, and whether it came before the start."""
    header = results.study.study
    if header.registration is None:
        return unfilled(to_add("registration", HEADER))
    if header.registered_before_start is None:
        return partly(
            joined(
                say("The number is there; whether it came before the start is not."),
                to_add("registered_before_start", HEADER),
            ),
            "design",
        )
    return filled("design")


def protocol(results: StudyResults) -> Answer:
    """Answer for where the protocol is; the plan of analysis is in the report itself."""
    places = ("analyses-planned", "planned")
    if results.study.reporting.protocol is not None:
        return filled("conduct", *places)
    said = say("The plan of analysis is in this report; where the protocol is, it does not say.")
    return partly(
        joined(said, say("Add {key} to {table}.", key="protocol", table=REPORTING)), *places
    )


def sharing(results: StudyResults) -> Answer:
    """Answer for where data, dictionary and code can be had."""
    places = ("data", "rerun")
    if results.study.reporting.data_sharing is not None:
        return filled("conduct", *places)
    return partly(
        joined(
            say("What was read, the dictionary and the commands are here."),
            to_add("data_sharing"),
        ),
        *places,
    )


def objectives(results: StudyResults) -> Answer:
    """Answer for the question, and the objectives of benefit and of harm."""
    if results.study.reporting.objectives is not None:
        return filled("top", "conduct")
    said = say("The question is there; objectives for benefit and harm are not.")
    return partly(joined(said, to_add("objectives")), "top", "estimands")


def treatments(results: StudyResults) -> Answer:
    """Answer for what was done in each arm."""
    silent = [arm.label for arm in results.study.arm if not arm.description]
    if len(silent) == len(results.study.arm):
        return unfilled(to_add("description", "[[arm]]"))
    if silent:
        said = say("Not described: {arms}.", arms=", ".join(silent))
        add = say("Add {key} to {table}.", key="description", table="[[arm]]")
        return partly(joined(said, add), "arms")
    return filled("arms")


def outcomes(results: StudyResults) -> Answer:
    """Answer for each outcome with its scale, visit and summary."""
    if results.study.estimand:
        return filled("outcomes", "estimands")
    said = say("The outcomes are there; at which visit and how they are summed up is not.")
    return partly(joined(said, say("Add {table}.", table="[[estimand]]")), "outcomes")


def masked(results: StudyResults) -> Answer:
    """Answer for who did not know the arm."""
    return stated_in_header("masking")(results)


def masked_how(results: StudyResults) -> Answer:
    """Answer for how the arm was kept unknown, which nobody asks where it was not."""
    if results.study.study.masking == "none":
        return filled("design", said=say("Nobody was masked."))
    return stated("blinding")(results)


def methods(results: StudyResults) -> Answer:
    """Answer for the methods for benefit and for harm."""
    if not results.study.analysis:
        return unfilled(say("The plan has no analysis; add {table}.", table="[[analysis]]"))
    if results.study.harm:
        said = say("Harms are counted, not tested.")
        return filled("analyses-planned", "harms", "glossary", said=said)
    said = say("The methods for the outcomes are there; for harms there are none.")
    return partly(joined(said, silence(results) or ""), "analyses-planned", "glossary")


def missing_values(results: StudyResults) -> Answer:
    """Answer for how many values are missing, and what each analysis does about it."""
    if results.missing or results.completions:
        return filled("people", "analyses-planned")
    said = say("What each analysis leaves out is in its notes; the missing values are not counted.")
    return partly(said, "results")


def numbers_by_arm(results: StudyResults) -> Answer:
    """Answer for people of each arm who entered it, were treated and are analysed."""
    flow, arms = results.flow, [arm.id for arm in results.study.arm]
    if not flow:
        return unfilled(say("There are no counts of people; add {table}.", table="[flow]"))
    places = ("people",)
    lacking = {
        "allocated": [
            arm for arm in arms if people_at(flow, "allocated", "in_data", arm=arm) is None
        ],
        "received": [arm for arm in arms if people_at(flow, "received", arm=arm) is None],
        "analysed": [arm for arm in arms if people_at(flow, "analysed", arm=arm) is None],
    }
    keys = [key for key, without in lacking.items() if without]
    if not keys:
        return filled(*places)
    said = say(
        "Not known for every arm: {keys}. Add them to {table}.",
        keys=", ".join(keys),
        table="[[flow.arm]]",
    )
    return partly(said, *places)


def losses(results: StudyResults) -> Answer:
    """Answer for people lost in each arm, with reasons."""
    flow, arms = results.flow, [arm.id for arm in results.study.arm]
    if any(people_at(flow, "lost", arm=arm) is None for arm in arms):
        return unfilled(to_add("lost", "[[flow.arm]]"))
    lost = [count for arm in arms for count in counts_at(flow, "lost", arm=arm)]
    if all(count.reason for count in lost if count.n_subjects):
        return filled("people")
    said = say("Losses are counted by arm; their reasons are not known.")
    add = say("Add {key} to {table}.", key="reason", table="[[flow.arm]]")
    return partly(joined(said, add), "people")


def baseline(results: StudyResults) -> Answer:
    """Answer for the people before treatment, by arm."""
    if results.characteristics:
        return filled("people")
    return unfilled(say("There are no people's own data to describe."))


def estimates(results: StudyResults) -> Answer:
    """Answer for each outcome with its interval; shares in absolute and relative terms."""
    rows = [row for item in results.analyses if item.result for row in item.result.estimates]
    if not rows:
        return unfilled(say("No planned analysis ran."))
    if all(row.conf_low is None for row in rows):
        return partly(say("There are p-values and no intervals."), "results")
    quantities = {row.quantity for row in rows}
    if quantities & ABSOLUTE and not quantities & RELATIVE:
        return partly(say("Shares are compared in absolute terms alone."), "results")
    if quantities & RELATIVE and not quantities & ABSOLUTE:
        return partly(say("Shares are compared in relative terms alone."), "results")
    return filled("results")


def harms(results: StudyResults) -> Answer:
    """Answer for harms by arm."""
    why = silence(results)
    if why is None:
        return filled("harms")
    if results.study.study.harms in {"not_collected", "not_in_data"}:
        return unfilled(joined(why, say("Where they are known, add {table}.", table="[[harm]]")))
    return unfilled(joined(why, say("Add {table}.", table="[[harm]]")))


def harms_and_what_was_done(results: StudyResults) -> Answer:
    """Answer for harms by arm where how they were met and how large they are is asked too."""
    answer = harms(results)
    if answer.state == "unfilled":
        return answer
    said = say("Harms are counted by arm; what was done about them, and intervals, are not there.")
    return partly(said, *answer.places)


def limitations(results: StudyResults) -> Answer:
    """Answer for what the study cannot tell."""
    if results.study.study.limits:
        return filled("cannot-tell")
    said = say("Rules alone say what the design leaves open.")
    return partly(joined(said, to_add("limits", HEADER)), "cannot-tell")


def eligibility_and_recruitment(results: StudyResults) -> Answer:
    """Answer for who could enter, how people were found, and where."""
    study = results.study
    there = {
        "eligibility": study.reporting.eligibility,
        "recruitment": study.reporting.recruitment,
        "setting": study.study.setting,
    }
    lacking = [key for key, text in there.items() if text is None]
    places = ("conduct",) * (len(lacking) < 3 and lacking != ["eligibility", "recruitment"])
    if not lacking:
        return filled("design", *places)
    said = say("The plan does not say: {keys}.", keys=", ".join(lacking))
    add = say("Add them to {tables}.", tables=f"{HEADER}, {REPORTING}")
    if len(lacking) == len(there):
        return unfilled(joined(said, add))
    return partly(joined(said, add), "design", *places)
