"""The table of a model of several visits: whose values it has, and what is known of the others."""

from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_count, format_integer
from trialkit.present.grammar import people
from trialkit.present.labels import analysis_label, arm_label, visit_label
from trialkit.result.study_results import AnalysisRecord, StudyResults, VisitCompletion

SEEN_LATER: Final = later(
    "Seen later: no value at this visit, but one at a later visit of the model; the others were "
    "not seen again."
)
NO_REASONS: Final = later("The plan names no column with reasons for missing values.")


def visit_completion_table(results: StudyResults, record: AnalysisRecord) -> Table | None:
    """Return whose values a model of several visits has, by visit and arm; None without counts.

    A row a visit and arm: the people of the population, those with a value, those whose value
    is in the model (a covariate may be missing), those without one, how many of these have a
    later one, and the reasons that the data give.
    """
    counts = [count for count in results.completions if count.analysis == record.analysis]
    if record.result is None or not counts:
        return None
    study = results.study
    reasons = any(count.reasons for count in counts)
    return Table(
        id=f"visits-{record.analysis}",
        title=say(
            "{analysis}: whose values are there", analysis=analysis_label(study, record.analysis)
        ),
        columns=(
            Column(label=say("Visit")),
            Column(label=say("Arm")),
            Column(label=say("With a value, n/N (%)"), align="right"),
            Column(label=say("In the model"), align="right"),
            Column(label=say("Missing"), align="right"),
            Column(label=say("Seen later"), align="right"),
            *(Column(label=say("Reason for missing")) for _ in range(reasons)),
        ),
        rows=tuple(
            (
                visit_label(study, count.visit),
                arm_label(study, count.arm),
                format_count(count.n_with_value, count.n_subjects),
                in_model(record, count),
                format_integer(count.n_subjects - count.n_with_value),
                format_integer(count.n_seen_later),
                *(reasons_text(count) for _ in range(reasons)),
            )
            for count in counts
        ),
        footnotes=completion_notes(results, record, counts, reasons=reasons),
    )


def in_model(record: AnalysisRecord, count: VisitCompletion) -> str:
    """Return how many people of an arm have a value in the model at a visit."""
    rows = record.result.select(quantity="ls_mean") if record.result is not None else ()
    for row in rows:
        if (row.arm, row.visit) == (count.arm, count.visit):
            return format_integer(row.n_subjects)
    return MISSING


def reasons_text(count: VisitCompletion) -> str:
    """Return the reasons of an arm at a visit, each with its people."""
    known = sum(number for _, number in count.reasons)
    missing = count.n_subjects - count.n_with_value
    unknown = [(say("not stated"), missing - known)] if missing > known else []
    said = [f"{name} {format_integer(number)}" for name, number in (*count.reasons, *unknown)]
    return "; ".join(said) or MISSING


def completion_notes(
    results: StudyResults,
    record: AnalysisRecord,
    counts: list[VisitCompletion],
    *,
    reasons: bool,
) -> tuple[str, ...]:
    """Return who is in the model at all, and how to read the columns."""
    study = results.study
    estimand = study.find_estimand(study.find_analysis(record.analysis).estimand)
    population = study.find_population(estimand.population).label
    first = counts[0].visit
    everyone = sum(count.n_subjects for count in counts if count.visit == first)
    fitted = {item.name: item.value for item in record.result.fit} if record.result else {}
    in_it = fitted.get("n_subjects")
    said = [say("N: {population}, {people}.", population=population, people=people(everyone))]
    if isinstance(in_it, int | float) and everyone > in_it:
        said.append(
            say(
                "{people} without a value at any of these visits (or without a covariate) cannot "
                "enter the model.",
                people=people(int(everyone - in_it)),
            )
        )
    return (*said, say(SEEN_LATER), *(() if reasons else (say(NO_REASONS),)))
