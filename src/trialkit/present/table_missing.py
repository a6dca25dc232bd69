"""Whose value of a main endpoint is there, by visit and arm, and why the others have none."""

from collections.abc import Callable, Sequence
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_count, format_integer, n_equals
from trialkit.present.grammar import mid_sentence, people
from trialkit.present.labels import arm_label, endpoint_label, visit_label
from trialkit.result.people import MissingCount
from trialkit.result.study_results import StudyResults

ANOTHER: Final = later("another reason")  # as the run stores it for rare ones
NO_REASONS: Final = later("The plan names no column with reasons for missing values.")
OUTSIDE: Final = later(
    "Counted here as well: {people} whom this population leaves out because it requires a value "
    "that they lack."
)
ALL_THERE: Final = later("Everybody's value is there at every visit.")

Cell = Callable[[MissingCount], str]


def missing_tables(results: StudyResults) -> dict[str, Table]:
    """Return a table for each endpoint of a main question, by its id."""
    endpoints = dict.fromkeys(count.endpoint for count in results.missing)
    return {endpoint: missing_table(results, endpoint) for endpoint in endpoints}


def missing_table(results: StudyResults, endpoint: str) -> Table:
    """Return whose value of one endpoint is there: a head a visit, a column an arm.

    Under a visit at which values are missing stand how many, how many of these people have
    a value at a later visit, and the reasons that the data give.
    """
    study = results.study
    counts = endpoint_counts(results, endpoint)
    arms = [arm.id for arm in study.arm if any(count.arm == arm.id for count in counts)]
    rows: list[tuple[str, ...]] = []
    inset: list[int] = []
    for visit in dict.fromkeys(count.visit for count in counts):
        here = {count.arm: count for count in counts if count.visit == visit}
        for position, (label, cell) in enumerate(visit_lines(tuple(here.values()))):
            if position:
                inset.append(len(rows))
            name = label or visit_label(study, visit)
            rows.append((name, *(cell(here[arm]) if arm in here else MISSING for arm in arms)))
    sizes = {count.arm: count.n_subjects for count in counts}
    return Table(
        id=f"missing-{endpoint}",
        title=say("{outcome}: whose values are there", outcome=endpoint_label(study, endpoint)),
        columns=(
            Column(label=say("With a value, n/N (%)")),
            *(
                Column(label=f"{arm_label(study, arm)} ({n_equals(sizes[arm])})", align="right")
                for arm in arms
            ),
        ),
        rows=tuple(rows),
        footnotes=missing_notes(results, counts),
        inset=tuple(inset),
    )


def endpoint_counts(results: StudyResults, endpoint: str) -> list[MissingCount]:
    """Return the stored counts of one endpoint."""
    return [count for count in results.missing if count.endpoint == endpoint]


def visit_lines(counts: Sequence[MissingCount]) -> list[tuple[str, Cell]]:
    """Return the lines of one visit: what each is called and its cell in an arm."""
    lines: list[tuple[str, Cell]] = [("", with_value)]
    if not any(map(lacking, counts)):
        return lines
    lines.append((say("no value"), lambda count: format_integer(lacking(count))))
    if any(count.n_seen_later for count in counts):
        seen = say("of these, with a value at a later visit")
        lines.append((seen, lambda count: format_integer(count.n_seen_later)))
    names = dict.fromkeys(name for count in counts for name, _ in count.reasons)
    lines.extend(
        (say("reason: {reason}", reason=reason_name(name)), reason_cell(name)) for name in names
    )
    if names and any(map(unexplained, counts)):
        lines.append((say("no reason stated"), lambda count: format_integer(unexplained(count))))
    return lines


def with_value(count: MissingCount) -> str:
    """Return the people with a value, of all in the arm."""
    return format_count(count.n_with_value, count.n_subjects)


def lacking(count: MissingCount) -> int:
    """Return how many people of an arm have no value."""
    return count.n_subjects - count.n_with_value


def unexplained(count: MissingCount) -> int:
    """Return how many people without a value have no reason in the data."""
    return lacking(count) - sum(number for _, number in count.reasons)


def reason_name(reason: str) -> str:
    """Return a reason as the data give it; what stands for rare ones in the language spoken."""
    return say(ANOTHER) if reason == ANOTHER else reason


def reason_cell(reason: str) -> Cell:
    """Return how a reason is counted in an arm."""
    return lambda count: format_integer(dict(count.reasons).get(reason, 0))


def missing_notes(results: StudyResults, counts: Sequence[MissingCount]) -> tuple[str, ...]:
    """Return whose values are counted, and what is not known of the missing ones."""
    if not counts:
        return ()
    study = results.study
    population = mid_sentence(study.find_population(counts[0].population).label)
    said = [say("People: {population}.", population=population)]
    first = counts[0].visit
    outside = sum(count.n_outside for count in counts if count.visit == first)
    if outside:
        said.append(say(OUTSIDE, people=people(outside)))
    if not any(map(lacking, counts)):
        said.append(say(ALL_THERE))
    elif not any(count.reasons for count in counts):
        said.append(say(NO_REASONS))
    return tuple(said)
