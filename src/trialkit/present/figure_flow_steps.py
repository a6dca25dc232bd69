"""The flow on page one: three or four steps in a line, the last of them by arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    BODY,
    HALF_WIDTH,
    LEADING,
    SMALL,
    Sheet,
    arrow_head,
    drawing,
    lines_height,
    new_sheet,
    stroke,
    text_width,
    wrap,
    write,
    write_lines,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.flow import Flow, Line, read_flow
from trialkit.present.format import format_integer
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import list_in_words
from trialkit.present.palette import LINE, MUTED, arm_colours, text_colour
from trialkit.result.study_results import StudyResults

FIGURE: Final = "figure-flow-steps"
NUMBER: Final = 13.0
ARROW: Final = 20.0
FEWEST_STEPS: Final = 2
WIDEST_STEP: Final = 52.0
CROWDED: Final = 3
MOST_ARMS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """The people of one arm at the last step, in the arm's colour."""

    label: str
    n: int
    colour: str


def flow_steps_figure(results: StudyResults) -> Figure:
    """Draw the way of the people in one line, for page one.

    Steps whose count is not known are passed over. The last step tells the arms apart, up
    to four of them; more would not fit page one.

    Raises
    ------
    SpecificationError
        If fewer than two steps have a count.
    """
    flow = read_flow(results)
    if flow is None or not has_steps(results):
        raise SpecificationError(f"the flow of {results.study.id} has no two steps to draw")
    steps, arms = known_steps(flow), analysed_arms(results, flow)
    if len(arms) > MOST_ARMS:
        label = say("analysed in {n} arms", n=len(arms))
        steps, arms = [*steps, Line(label=label, n=sum(arm.n for arm in arms))], []
    with drawing():
        svg = steps_svg(steps, arms)
    return Figure(
        id=FIGURE,
        title=say("From the people assessed to the people analysed"),
        svg=svg,
        alt=steps_sentence(steps, arms),
        data=steps_table(steps, arms),
    )


def has_steps(results: StudyResults) -> bool:
    """Return whether there are two steps to draw."""
    flow = read_flow(results)
    if flow is None:
        return False
    return len(known_steps(flow)) + bool(analysed_arms(results, flow)) >= FEWEST_STEPS


def known_steps(flow: Flow) -> list[Line]:
    """Return the steps before the arms, those with a count only."""
    entered, *_ = flow.entered
    assessed, *_ = flow.assessed
    steps = [Line(label=say("assessed"), n=assessed.n), as_step(entered)]
    if flow.not_in_data and entered.n is not None:
        absent, *_ = flow.not_in_data
        steps.append(Line(label=say("in the data"), n=entered.n - (absent.n or 0)))
    return [line for line in steps if line.n is not None]


def as_step(line: Line) -> Line:
    """Return a line as it stands inside the row of steps."""
    return Line(label=mid_sentence(line.label), n=line.n)


def analysed_arms(results: StudyResults, flow: Flow) -> list[Arm]:
    """Return the arms with people in the main analysis."""
    colours = arm_colours(results.study)
    return [
        Arm(label=path.label, n=path.analysis[0].n, colour=text_colour(colours[path.arm]))
        for path in flow.arms
        if path.analysis[0].n
    ]


def steps_sentence(steps: Sequence[Line], arms: Sequence[Arm]) -> str:
    """Return the row of steps in words."""
    said = [say("{n} {step}", n=format_integer(step.n), step=step.label) for step in steps]
    if arms:
        total = format_integer(sum(arm.n for arm in arms))
        counts = [say("{n} in “{arm}”", n=format_integer(arm.n), arm=arm.label) for arm in arms]
        by_arm = list_in_words(counts)
        said.append(say("{n} analysed ({arms})", n=total, arms=by_arm))
    return say("{steps}.", steps=say(", then ").join(said))


def steps_table(steps: Sequence[Line], arms: Sequence[Arm]) -> Table:
    """Return the numbers of the row of steps."""
    rows = [(step.label, format_integer(step.n)) for step in steps]
    rows += [
        (say("analysed: {arm}", arm=mid_sentence(arm.label)), format_integer(arm.n)) for arm in arms
    ]
    return Table(
        id=f"{FIGURE}-data",
        title=say("The numbers in the figure"),
        columns=(Column(label=say("Step")), Column(label=say("People"), align="right")),
        rows=tuple(rows),
    )


def steps_svg(steps: Sequence[Line], arms: Sequence[Arm]) -> str:
    """Return the drawing: a number over its step, arrows between, the arms one below the other."""
    gap, widths = arrow_width(steps), step_widths(steps)
    last = arms_width(steps)
    words = [wrap(step.label, width, size=SMALL) for step, width in zip(steps, widths, strict=True)]
    tallest = max(lines_height(part, size=SMALL) for part in words) if words else 0.0
    height = max(NUMBER + 3 + tallest, arms_height(arms, last) if arms else 0.0) + 2
    sheet = new_sheet(HALF_WIDTH, height)
    x = 0.0
    for position, (step, width) in enumerate(zip(steps, widths, strict=True)):
        write(sheet, x, NUMBER * 0.8, format_integer(step.n), size=NUMBER, bold=True)
        write_lines(sheet, x, NUMBER + 1, words[position], colour=MUTED, size=SMALL)
        x += width
        if arms or position + 1 < len(steps):
            arrow(sheet, x + gap / 5, x + gap * 4 / 5)
            x += gap
    if arms:
        draw_arms(sheet, arms, x, last)
    return sheet.to_svg(FIGURE)


def arrow_width(steps: Sequence[Line]) -> float:
    """Return the room of an arrow; three steps before the arms leave it less."""
    return ARROW if len(steps) < CROWDED else ARROW * 0.7


def step_widths(steps: Sequence[Line]) -> list[float]:
    """Return the room of each step: that of its number and, up to a limit, of its words."""
    widest = WIDEST_STEP if len(steps) < CROWDED else WIDEST_STEP * 0.8
    return [
        max(
            text_width(format_integer(step.n), size=NUMBER, bold=True),
            min(text_width(step.label, size=SMALL), widest),
        )
        for step in steps
    ]


def arms_width(steps: Sequence[Line]) -> float:
    """Return the room that the steps leave to the arms."""
    return HALF_WIDTH - fsum(step_widths(steps)) - arrow_width(steps) * len(steps)


def numbers_width(arms: Sequence[Arm]) -> float:
    """Return the room of the numbers of the arms."""
    return max(text_width(format_integer(arm.n), size=NUMBER, bold=True) for arm in arms)


def arm_lines(arms: Sequence[Arm], width: float) -> list[list[str]]:
    """Return the names of the arms, broken to the room beside their numbers."""
    room = width - numbers_width(arms) - 5
    return [wrap(arm.label, room, size=BODY) for arm in arms]


def arm_height(lines: Sequence[str]) -> float:
    """Return the height of one arm of the last step."""
    return max(NUMBER, NUMBER * 0.8 - BODY * 0.94 + lines_height(lines)) + 2


def arms_height(arms: Sequence[Arm], width: float) -> float:
    """Return the height of the last step."""
    return fsum(map(arm_height, arm_lines(arms, width))) + 1 + SMALL * LEADING


def draw_arms(sheet: Sheet, arms: Sequence[Arm], left: float, width: float) -> None:
    """Draw the last step: the people of each arm beside its name, then what they are."""
    y, taken = 0.0, numbers_width(arms)
    for arm, lines in zip(arms, arm_lines(arms, width), strict=True):
        number, base = format_integer(arm.n), y + NUMBER * 0.8
        place = left + taken
        write(sheet, place, base, number, size=NUMBER, bold=True, colour=arm.colour, across="right")
        write_lines(sheet, place + 5, base - BODY * 0.94, lines, colour=arm.colour)
        y += arm_height(lines)
    write_lines(sheet, left, y, [say("analysed")], colour=MUTED, size=SMALL)


def arrow(sheet: Sheet, start: float, stop: float) -> None:
    """Draw the arrow between two steps, at the height of the numbers."""
    y = NUMBER * 0.5
    stroke(sheet, [start, stop - 4], [y, y], colour=LINE)
    arrow_head(sheet, stop - 3, y, colour=LINE, to_the_left=False)
