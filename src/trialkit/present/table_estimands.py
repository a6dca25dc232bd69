"""What is asked: a sheet for the main estimands, a short list for the others."""

from collections.abc import Callable, Sequence
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING
from trialkit.present.grammar import mid_sentence, sentence_start
from trialkit.present.labels import (
    analysis_label,
    arm_label,
    endpoint_label,
    unit_text,
    visit_label,
)
from trialkit.present.model_words import missing_words
from trialkit.present.vocabulary import STRATEGIES, SUMMARIES
from trialkit.result.study_results import StudyResults
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.study.study import Study

SIDE_BY_SIDE: Final = 2
MOST_SHEETS: Final = 4
SHEET_NOTE: Final = later(
    "The first five lines are the attributes of an estimand (ICH E9(R1)); the lines after them "
    "say by which analyses this report answers it."
)


def estimand_sheets(results: StudyResults) -> tuple[Table, ...]:
    """Return the main questions, two side by side, attribute by attribute.

    Where no analysis is main, the first estimand of the plan has the sheet; of very many
    main ones the first four have one, and the others stand with the rest.
    """
    study = results.study
    chosen = main_estimands(study)
    pairs = [chosen[at : at + SIDE_BY_SIDE] for at in range(0, len(chosen), SIDE_BY_SIDE)]
    return tuple(sheet(results, pair, number=number) for number, pair in enumerate(pairs, start=1))


def main_estimands(study: Study) -> list[Estimand]:
    """Return the estimands that have a sheet: those of the main analyses, in their order."""
    asked = dict.fromkeys(analysis.estimand for analysis in study.main_analyses)
    found = [study.find_estimand(name) for name in asked]
    return found[:MOST_SHEETS] or list(study.estimand[:1])


def sheet(results: StudyResults, estimands: Sequence[Estimand], *, number: int) -> Table:
    """Return the attributes of one or two estimands, a line an attribute that any has."""
    study = results.study
    lines: tuple[tuple[str, Callable[[Estimand], str]], ...] = (
        (say("Population"), lambda item: study.find_population(item.population).label),
        (say("Treatments"), lambda item: treatments_text(study, item)),
        (say("Variable"), lambda item: variable_text(study, item)),
        (say("Intercurrent events"), lambda item: sentence_start(events_text(item))),
        (say("Summary"), lambda item: sentence_start(say(SUMMARIES[item.summary]))),
        (say("Main analysis"), lambda item: main_text(results, item)),
        (say("A missing value"), lambda item: missing_text(study, item)),
        (say("Sensitivity analyses"), lambda item: sensitivity_text(study, item)),
        (say("Other analyses"), lambda item: others_text(study, item)),
    )
    rows = [(name, *(cell(item) for item in estimands)) for name, cell in lines]
    return Table(
        id="estimands" if number == 1 else f"estimands-{number}",
        title=say("What is asked first"),
        columns=(
            Column(label=say("Estimand")),
            *(Column(label=estimand.id) for estimand in estimands),
        ),
        rows=tuple(row for row in rows if set(row[1:]) != {MISSING}),
        footnotes=(say(SHEET_NOTE),),
    )


def treatments_text(study: Study, estimand: Estimand) -> str:
    """Return the treatments an estimand compares."""
    named = [arm_label(study, arm) for arm in (estimand.treatment, estimand.reference) if arm]
    if not named:
        return say("all arms")
    if len(named) == 1:
        return named[0]
    return say("{treatment} v {reference}", treatment=named[0], reference=named[1])


def variable_text(study: Study, estimand: Estimand) -> str:
    """Return what is measured when, with its unit."""
    return say(
        "{outcome}, {visit}, in {unit}",
        outcome=endpoint_label(study, estimand.endpoint),
        visit=mid_sentence(visit_label(study, estimand.visit)),
        unit=unit_text(study.find_endpoint(estimand.endpoint)),
    )


def events_text(estimand: Estimand) -> str:
    """Return the intercurrent events with their strategies."""
    events = [
        say("{event}: {strategy}", event=item.event, strategy=say(STRATEGIES[item.strategy]))
        for item in estimand.intercurrent_events
    ]
    return "; ".join(events) or say("none declared")


def planned_for(study: Study, estimand: Estimand) -> list[Analysis]:
    """Return the analyses of an estimand but those that stand in for another."""
    return [
        item
        for item in study.analysis
        if item.estimand == estimand.id and item.stands_in_for is None
    ]


def main_text(results: StudyResults, estimand: Estimand) -> str:
    """Return the main analyses of an estimand; one that did not run says so, and what did."""
    study = results.study
    wanted = [item for item in planned_for(study, estimand) if item.role == "main"]
    return "; ".join(ran_text(results, item) for item in wanted) or MISSING


def ran_text(results: StudyResults, analysis: Analysis) -> str:
    """Return the label of an analysis, and what stands in its place where it did not run."""
    study = results.study
    name = analysis_label(study, analysis.id)
    if has_run(results, analysis):
        return name
    instead = [
        analysis_label(study, item.id)
        for item in study.analysis
        if item.stands_in_for == analysis.id and has_run(results, item)
    ]
    if not instead:
        return say("{analysis} (not run)", analysis=name)
    return say(
        "{analysis} (not run; in its place: {others})", analysis=name, others="; ".join(instead)
    )


def has_run(results: StudyResults, analysis: Analysis) -> bool:
    """Return whether a planned analysis has a result."""
    record = results.find_record(analysis.id)
    return record is not None and record.result is not None


def sensitivity_text(study: Study, estimand: Estimand) -> str:
    """Return the sensitivity analyses of an estimand.

    One may have an estimand of its own on the same outcome, treatments and visit (its change
    in place of its value); it is named with the main one.
    """
    wanted = [item for item in planned_for(study, estimand) if item.role == "sensitivity"]
    wanted += [item for item in beside(study, estimand) if item not in wanted]
    return "; ".join(analysis_label(study, item.id) for item in wanted) or MISSING


def beside(study: Study, estimand: Estimand) -> list[Analysis]:
    """Return sensitivity analyses of the same comparison under another, not a main, estimand."""
    mains = main_estimands(study)
    same = [
        item
        for item in study.estimand
        if item not in mains and comparison(item) == comparison(estimand)
    ]
    return [
        analysis
        for other in same
        for analysis in planned_for(study, other)
        if analysis.role == "sensitivity"
    ]


def comparison(estimand: Estimand) -> tuple[str, str, str | None, str | None]:
    """Return what an estimand compares: outcome, visit and treatments."""
    return estimand.endpoint, estimand.visit, estimand.treatment, estimand.reference


def others_text(study: Study, estimand: Estimand) -> str:
    """Return the supplementary and exploratory analyses of an estimand."""
    wanted = [
        item
        for item in planned_for(study, estimand)
        if item.role in {"supplementary", "exploratory"}
    ]
    return "; ".join(analysis_label(study, item.id) for item in wanted) or MISSING


def missing_text(study: Study, estimand: Estimand) -> str:
    """Return what becomes of a missing value in the main analysis."""
    planned = planned_for(study, estimand)
    leading = [item for item in planned if item.role == "main"] or planned
    return sentence_start(missing_words(study, leading[0])) if leading else MISSING


def other_estimands_table(results: StudyResults) -> Table | None:
    """Return the other questions, grouped by whom they are about; None where there are none."""
    study = results.study
    mains = main_estimands(study)
    groups: dict[tuple[str, str, str], list[Estimand]] = {}
    for item in study.estimand:
        if item not in mains:
            groups.setdefault(group_key(study, item), []).append(item)
    if not groups:
        return None
    rows: list[tuple[str, ...]] = []
    inset: list[int] = []
    alike = {events for _, _, events in groups}
    for key, members in groups.items():
        rows.append((group_head(*key, with_events=len(alike) > 1), "", ""))
        for item in members:
            inset.append(len(rows))
            outcome = endpoint_label(study, item.endpoint)
            visit = mid_sentence(visit_label(study, item.visit))
            variable = say("{outcome}, {visit}", outcome=outcome, visit=visit)
            rows.append((variable, say(SUMMARIES[item.summary]), item.id))
    return Table(
        id="other-estimands",
        title=say("What else is asked"),
        columns=(
            Column(label=say("Variable")),
            Column(label=say("Summary")),
            Column(label=say("Estimand")),
        ),
        rows=tuple(rows),
        footnotes=tuple(
            say("Intercurrent events, in all of these: {events}.", events=events)
            for events in alike
            if len(alike) == 1
        ),
        inset=tuple(inset),
    )


def group_head(population: str, treatments: str, events: str, *, with_events: bool) -> str:
    """Return what heads the estimands about the same people, treatments and events."""
    if not with_events:
        return say("{population}; {treatments}", population=population, treatments=treatments)
    return say(
        "{population}; {treatments}; intercurrent events: {events}",
        population=population,
        treatments=treatments,
        events=events,
    )


def group_key(study: Study, estimand: Estimand) -> tuple[str, str, str]:
    """Return whom an estimand is about: population, treatments, intercurrent events."""
    population = study.find_population(estimand.population).label
    return population, treatments_text(study, estimand), events_text(estimand)
