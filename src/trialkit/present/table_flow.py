"""The table behind the flow diagram: a row a step and reason, a column an arm."""

from collections.abc import Iterator, Sequence

from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.present.flow import PARTS, Flow, Line, Lines, read_flow, stored_flow
from trialkit.present.format import MISSING, format_integer
from trialkit.present.labels import arm_label
from trialkit.result.study_results import FlowCount, StudyResults

Row = tuple[str, ...]


def flow_table(results: StudyResults) -> Table:
    """Return how many people stood at each step, from enrolment to analysis.

    Below these stand the people of every population. The last column has everyone: the sum
    of the arms where all are known.
    """
    study, flow = results.study, read_flow(results)
    rows = stage_rows(results) if flow is None else (*step_rows(flow), *population_rows(results))
    return Table(
        id="flow",
        title=say("People at each step of the study"),
        columns=(
            Column(label=say("Step")),
            Column(label=say("Reason")),
            *(Column(label=arm.label, align="right") for arm in study.arm),
            Column(label=arm_label(study, None), align="right"),
        ),
        rows=rows,
        footnotes=() if rows else (say("No participant flow is stored."),),
    )


def step_rows(flow: Flow) -> Iterator[Row]:
    """Yield the rows of the steps, in the order of the diagram."""
    blanks = (MISSING,) * len(flow.arms)
    for lines in (flow.assessed, flow.not_entered, flow.entered, flow.not_in_data):
        for key, line in keyed(lines):
            yield (*key, *blanks, line.number)
    for part in PARTS:
        columns = [dict(keyed(path.lines(part))) for path in flow.arms]
        for key in dict.fromkeys(key for column in columns for key in column):
            found = [column.get(key) for column in columns]
            yield (*key, *(line.number if line else MISSING for line in found), sum_cell(found))


def keyed(lines: Lines) -> Iterator[tuple[tuple[str, str], Line]]:
    """Yield lines under their step and reason; a reason stands under the step before it."""
    step = ""
    for line in lines:
        step = step if line.is_reason else line.label
        yield (step, line.label if line.is_reason else MISSING), line


def sum_cell(lines: Sequence[Line | None]) -> str:
    """Return the people of all arms, where each arm has a count."""
    counts = [line.n for line in lines if line is not None and line.n is not None]
    return format_integer(sum(counts)) if len(counts) == len(lines) else MISSING


def population_rows(results: StudyResults) -> Iterator[Row]:
    """Yield the people of each population."""
    flow = [item for item in stored_flow(results) if item.step == "population"]
    for stage in dict.fromkeys(count.stage for count in flow):
        found = {count.arm: count for count in flow if count.stage == stage}
        cells = [found.get(arm.id) for arm in results.study.arm]
        yield (
            stage,
            MISSING,
            *(MISSING if cell is None else format_integer(cell.n_subjects) for cell in cells),
            sum_cell([as_line(cell) for cell in cells]),
        )


def stage_rows(results: StudyResults) -> tuple[Row, ...]:
    """Return the rows of counts that name no step, as files of before the diagram store them."""
    flow = [count for count in results.flow if count.step is None]
    arms: list[str | None] = [*(arm.id for arm in results.study.arm), None]
    by_place = {(count.stage, count.reason, count.arm): count.n_subjects for count in flow}
    stages = dict.fromkeys((count.stage, count.reason) for count in flow)
    return tuple(
        (
            stage,
            reason or MISSING,
            *(format_integer(by_place.get((stage, reason, arm))) for arm in arms),
        )
        for stage, reason in stages
    )


def as_line(count: FlowCount | None) -> Line | None:
    """Return a stored count as a line."""
    return None if count is None else Line(label=count.stage, n=count.n_subjects)
