"""The reporting checklist of a study: which items its report fills, and where.

CONSORT for randomised comparisons, TREND for everything else. The items are told in our own
words; each has a rule, and the two tables below are the only place where items meet rules.

TREND has 22 items (Des Jarlais and others 2004). Items 1 to 8 were read in copies of the list,
18 to 22 in a restatement of it: "TREND. Guía para la elaboración de manuscritos de
intervenciones no aleatorizadas", in Medicina Basada en la Evidencia, Evidencias en Pediatría,
page 363. No text of items 9 to 17 could be read, so they are not here.
"""

from dataclasses import dataclass
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present import checklist_rules as rules
from trialkit.present.checklist_rules import Answer, Rule, State, helped, stated, stated_in_header
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a guideline: its number, what it asks for, and the rule that answers."""

    number: str
    topic: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """A reporting guideline: its name and paper, and its items under their headings."""

    name: str
    designs: str
    paper: str
    issue: str
    doi: str | None
    parts: tuple[tuple[str, tuple[Item, ...]], ...]
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item with its answer."""

    number: str
    topic: str
    answer: Answer


def item(number: str, topic: str, rule: Rule) -> Item:
    """Return an item of a guideline."""
    return Item(number=number, topic=topic, rule=rule)


STATES: Final[dict[State, str]] = {
    "filled": later("filled"),
    "partly": later("partly"),
    "unfilled": later("cannot be filled"),
}
CONSORT: Final = Guideline(
    name="CONSORT 2025",
    designs=later("randomised trials"),
    paper="Hopewell and others, PLOS Med",
    issue="2025;22:e1004587",
    doi="10.1371/journal.pmed.1004587",
    remark=later(
        "The last four items, of ancillary results and discussion among them, were read in public "
        "restatements of the list."
    ),
    parts=(
        (
            later("Title and abstract"),
            (
                item(
                    "1a",
                    later("Called randomised"),
                    rules.always(
                        "top", said=later("A badge of page one says how the groups were formed.")
                    ),
                ),
                item("1b", later("Structured abstract"), rules.summary),
            ),
        ),
        (
            later("Open science"),
            (
                item("2", later("Registry, number and date"), rules.registration),
                item("3", later("Where protocol and plan of analysis are"), rules.protocol),
                item("4", later("Where data, dictionary and code are"), rules.sharing),
                item("5a", later("Funding"), stated_in_header("funding")),
                item("5b", later("Interests of the authors"), stated_in_header("interests")),
            ),
        ),
        (
            later("Introduction"),
            (
                item("6", later("Background and reasons"), stated("background")),
                item("7", later("Objectives for benefit and harm"), rules.objectives),
            ),
        ),
        (
            later("Methods"),
            (
                item("8", later("Part of patients or public"), stated("patient_involvement")),
                item(
                    "9",
                    later("Design, ratio of the arms, framework"),
                    helped("framework", later("Kind of design and arms are there."), "design"),
                ),
                item(
                    "10",
                    later("Changes after the start; what was not planned"),
                    helped(
                        "changes",
                        later("Departures from the plan of analysis are listed."),
                        "planned",
                    ),
                ),
                item("11", later("Setting and places"), stated_in_header("setting")),
                item("12a", later("Who could enter"), stated("eligibility")),
                item("12b", later("Which sites and staff could take part"), stated("sites")),
                item("13", later("Each treatment, so that it can be repeated"), rules.treatments),
                item(
                    "14",
                    later("Outcomes: measure, summary, time point"),
                    rules.outcomes,
                ),
                item(
                    "15", later("How harms were defined and asked for"), stated("harms_assessment")
                ),
                item("16a", later("Sample size and its assumptions"), stated("sample_size")),
                item("16b", later("Interim looks and rules for stopping"), stated("interim_looks")),
                item("17a", later("How the random sequence was made"), stated("sequence")),
                item("17b", later("Kind of randomisation and limits on it"), stated("restriction")),
                item("18", later("How the next arm was kept hidden"), stated("concealment")),
                item("19", later("Who could see the sequence"), stated("implementation")),
                item("20a", later("Who was blind"), rules.masked),
                item("20b", later("How blinding was achieved"), rules.masked_how),
                item("21a", later("Methods of analysis, harms included"), rules.methods),
                item(
                    "21b",
                    later("Who is in each analysis, and in which group"),
                    rules.always("estimands", "planned"),
                ),
                item("21c", later("What is done about missing data"), rules.missing_values),
                item(
                    "21d",
                    later("Additional analyses, marked as planned or not"),
                    rules.always(
                        "planned",
                        said=later("The role of each analysis tells what was planned as main."),
                    ),
                ),
            ),
        ),
        (
            later("Results"),
            (
                item(
                    "22a",
                    later("People by arm: randomised, treated, analysed"),
                    rules.numbers_by_arm,
                ),
                item("22b", later("Losses and exclusions by arm, with reasons"), rules.losses),
                item("23a", later("Dates of recruitment and follow-up"), stated("dates")),
                item("23b", later("Why the trial ended or was stopped"), stated("stopping")),
                item("24a", later("Treatment as given: adherence, fidelity"), stated("delivery")),
                item("24b", later("Other care during the trial"), stated("concomitant_care")),
                item("25", later("People before treatment, by arm"), rules.baseline),
                item(
                    "26",
                    later("Each outcome by arm: numbers, result, interval"),
                    rules.estimates,
                ),
                item("27", later("All harms by arm"), rules.harms),
                item(
                    "28",
                    later("Other analyses, planned and not"),
                    rules.always("results", "planned"),
                ),
            ),
        ),
        (
            later("Discussion"),
            (
                item(
                    "29",
                    later("Interpretation, benefit and harm weighed"),
                    helped(
                        "interpretation",
                        later("Page one says by rule how firm the result is."),
                        "top",
                        "firm",
                    ),
                ),
                item(
                    "30", later("Limits: bias, imprecision, whom it holds for"), rules.limitations
                ),
            ),
        ),
    ),
)
TREND: Final = Guideline(
    name="TREND",
    designs=later("studies without randomisation"),
    paper="Des Jarlais and others, Am J Public Health",
    issue="2004;94:361-366",
    doi="10.2105/ajph.94.3.361",
    remark=later(
        "Of the twenty-two items of this guideline the ninth to the seventeenth could not be read "
        "for this report; nothing is said of them. The last five were read in a public restatement "
        "of the list (Medicina Basada en la Evidencia, Evidencias en Pediatría)."
    ),
    parts=(
        (
            later("Title and background"),
            (
                item(
                    "1",
                    later("How groups were formed, and who was meant, in title or abstract"),
                    rules.always(
                        "top", said=later("A badge of page one says how the groups were formed.")
                    ),
                ),
                item("2", later("Background and theory"), stated("background")),
            ),
        ),
        (
            later("Methods"),
            (
                item(
                    "3",
                    later("People: who could enter, how they were found, where"),
                    rules.eligibility_and_recruitment,
                ),
                item(
                    "4",
                    later("Each treatment: what, how, by whom, where, how much"),
                    rules.treatments,
                ),
                item("5", later("Objectives"), rules.objectives),
                item(
                    "6",
                    later("Outcomes, and how well they are measured"),
                    helped(
                        "measures",
                        later("The outcomes and their scales are there."),
                        "outcomes",
                        "estimands",
                    ),
                ),
                item("7", later("Sample size"), stated("sample_size")),
                item(
                    "8",
                    later("How people came to their group; steps against selection"),
                    stated("assignment"),
                ),
            ),
        ),
        (
            later("Results"),
            (
                item(
                    "18",
                    later("Other analyses, planned and not"),
                    rules.always("results", "planned"),
                ),
                item(
                    "19",
                    later("Adverse or unexpected events: how many, how large, what was done"),
                    rules.harms_and_what_was_done,
                ),
            ),
        ),
        (
            later("Discussion"),
            (
                item(
                    "20",
                    later("Interpretation: bias, imprecision, how the treatment may work"),
                    helped(
                        "interpretation",
                        later("Page one says by rule how firm the result is."),
                        "top",
                        "firm",
                        "cannot-tell",
                    ),
                ),
                item(
                    "21",
                    later("For whom else it holds"),
                    helped(
                        "generalisability",
                        later("What the design leaves open is there."),
                        "cannot-tell",
                    ),
                ),
                item("22", later("What is known from other studies"), stated("other_evidence")),
            ),
        ),
    ),
)


def guideline_of(study: Study) -> Guideline:
    """Return the guideline for a study's design."""
    return CONSORT if study.study.randomised and not study.is_single_arm else TREND


def checklist(results: StudyResults) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Return the items of the study's guideline with their answers, under their headings."""
    return tuple(
        (
            say(heading),
            tuple(
                Line(number=entry.number, topic=say(entry.topic), answer=entry.rule(results))
                for entry in entries
            ),
        )
        for heading, entries in guideline_of(results.study).parts
    )


def checklist_summary(results: StudyResults) -> str:
    """Return how many items the report fills, fills in part, and cannot fill."""
    states = [line.answer.state for _, lines in checklist(results) for line in lines]
    counts = {state: states.count(state) for state in STATES}
    return say(
        "Filled: {filled} of {n} items; in part: {partly}; cannot be filled here: {unfilled}.",
        n=len(states),
        **counts,
    )
