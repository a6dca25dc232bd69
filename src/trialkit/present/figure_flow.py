"""The flow diagram: who was assessed, who entered, what became of each arm, who is analysed.

Arms stand side by side. Up to two fit the width of a phone at a size that can be read; more
take the width of the page, with the names of the parts in a margin of their own.
"""

from dataclasses import dataclass, field
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    FULL_WIDTH,
    Sheet,
    drawing,
    new_sheet,
    stroke,
    write,
)
from trialkit.present.exhibit import Figure
from trialkit.present.flow import PARTS, Flow, Part, read_flow
from trialkit.present.flow_boxes import (
    PADDING,
    Box,
    arrow_down,
    arrow_right,
    draw_box,
    made_box,
)
from trialkit.present.flow_words import flow_footnotes, flow_sentences
from trialkit.present.palette import MUTED, arm_colours, text_colour
from trialkit.present.table_flow import flow_table
from trialkit.result.study_results import StudyResults

NARROW: Final = 250.0
MARGIN: Final = 60.0
TALLEST: Final = 600.0  # of a page, with room for the caption and the notes
MOST_NARROW: Final = 2
COLUMN_GAP: Final = 8.0
ROW_GAP: Final = 20.0
WIDEST_TOP: Final = 140.0
WIDEST_ARM: Final = 200.0
LARGEST: Final = 9.2
SMALLEST: Final = 7.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where everything stands across, and how large the type is."""

    width: float
    margin: float
    size: float
    lefts: tuple[float, ...]
    column: float
    shades: dict[str, str] = field(default_factory=dict)

    @property
    def centre(self) -> float:
        """The middle of the columns."""
        return (self.lefts[0] + self.lefts[-1] + self.column) / 2


def flow_figure(results: StudyResults) -> Figure:
    """Draw the way of the people from assessment to analysis, as CONSORT 2025 asks.

    What is not known is said to be not reported. A single arm, and arms that chance did
    not form, have the same diagram without the words of randomisation.

    Raises
    ------
    SpecificationError
        If no count of the study's people is stored.
    """
    flow = read_flow(results)
    if flow is None:
        raise SpecificationError(f"no flow of people is stored for {results.study.id}")
    shades = {arm: text_colour(shade) for arm, shade in arm_colours(results.study).items()}
    with drawing():
        svg = flow_svg(flow, shades)
    return Figure(
        id="figure-flow",
        title=say("The way of the people through the study"),
        svg=svg,
        alt=" ".join(flow_sentences(flow)),
        data=flow_table(results),
        footnotes=flow_footnotes(results),
    )


def has_flow(results: StudyResults) -> bool:
    """Return whether there is a flow to draw."""
    return read_flow(results) is not None


def plan_of(flow: Flow, shades: dict[str, str]) -> Plan:
    """Return the narrow plan where it fits on a page, else that of the page's width."""
    if len(flow.arms) <= MOST_NARROW:
        narrow = columns_of(flow, shades, narrow=True)
        if fsum(heights_of(flow, narrow)) <= TALLEST:
            return narrow
    return columns_of(flow, shades, narrow=False)


def columns_of(flow: Flow, shades: dict[str, str], *, narrow: bool) -> Plan:
    """Return where the columns stand; the type shrinks as the arms grow in number."""
    arms = len(flow.arms)
    width, margin = (NARROW, 0.0) if narrow else (FULL_WIDTH, MARGIN)
    column = (width - margin - COLUMN_GAP * (arms - 1)) / arms
    column = min(column, WIDEST_TOP if narrow else WIDEST_ARM)
    taken = column * arms + COLUMN_GAP * (arms - 1)
    first = margin + (width - margin - taken) / 2
    size = LARGEST if narrow else max(SMALLEST, LARGEST - 0.4 * (arms - MOST_NARROW))
    return Plan(
        width=width,
        margin=margin,
        size=size,
        lefts=tuple(first + position * (column + COLUMN_GAP) for position in range(arms)),
        column=column,
        shades=shades,
    )


def flow_svg(flow: Flow, shades: dict[str, str]) -> str:
    """Return the drawing; its height is that of its boxes."""
    plan = plan_of(flow, shades)
    before, *heights = heights_of(flow, plan)
    height = before + fsum(heights)
    # What is too tall for a page gets a wider sheet: whoever fits it to the page shrinks it.
    sheet = new_sheet(max(plan.width, FULL_WIDTH * height / TALLEST * (height > TALLEST)), height)
    y = draw_split(sheet, plan, draw_top(sheet, flow, plan, top_boxes(flow, plan)))
    for part, taken in zip(PARTS, heights, strict=True):
        part_name(sheet, plan, flow.parts[part], y)
        below = y + taken - ROW_GAP
        for box in arm_boxes(flow, plan, part):
            draw_box(sheet, box, y, below - y)
            if part != PARTS[-1]:
                arrow_down(sheet, box.centre, below, below + ROW_GAP)
        y += taken
    return sheet.to_svg("figure-flow")


def heights_of(flow: Flow, plan: Plan) -> list[float]:
    """Return the heights of everything before the arms and of each row, gaps included."""
    top = top_boxes(flow, plan)
    before = fsum(box.height + ROW_GAP for box in top.all) + top.side_gaps - ROW_GAP + 2
    rows = (max(box.height for box in arm_boxes(flow, plan, part)) for part in PARTS)
    return [before, *(row + ROW_GAP for row in rows)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The boxes before the arms, in their order, and which stand to the side."""

    all: tuple[Box, ...]
    sides: tuple[bool, ...]

    @property
    def side_gaps(self) -> float:
        """What the rows to the side save: they stand in the gap of those around them."""
        return -fsum(ROW_GAP / 2 for side in self.sides if side)


def top_boxes(flow: Flow, plan: Plan) -> Top:
    """Return the boxes of everyone, and to the right of the line those who leave it."""
    wide = min(WIDEST_TOP, plan.width - plan.margin)
    middle = plan.centre - wide / 2
    beside = plan.centre + 14
    room = min(plan.width - beside, 1.3 * WIDEST_TOP)
    boxes: list[Box] = []
    sides: list[bool] = []
    for lines, side in (
        (flow.assessed, False),
        (flow.not_entered, True),
        (flow.entered, False),
        (flow.not_in_data, True),
    ):
        if lines:
            left, width = (beside, room) if side else (middle, wide)
            boxes.append(made_box(lines, left, width, plan.size, leads=not side))
            sides.append(side)
    return Top(all=tuple(boxes), sides=tuple(sides))


def arm_boxes(flow: Flow, plan: Plan, part: Part) -> list[Box]:
    """Return the boxes of one part, an arm each; the first names the arm."""
    boxes = []
    for left, path in zip(plan.lefts, flow.arms, strict=True):
        shade = plan.shades[path.arm]
        title = path.label if part == "allocation" else ""
        boxes.append(
            made_box(
                path.lines(part),
                left,
                plan.column,
                plan.size,
                leads=part != "follow_up",
                title=title,
                shade=shade,
            )
        )
    return boxes


def draw_top(sheet: Sheet, flow: Flow, plan: Plan, top: Top) -> float:
    """Draw everyone and those who leave before the arms; return where the next line begins."""
    part_name(sheet, plan, flow.parts["enrolment"], 0.0)
    y, last = 0.0, 0.0
    for box, side in zip(top.all, top.sides, strict=True):
        if side:
            y -= ROW_GAP / 2
            middle = y + box.height / 2
            arrow_right(sheet, plan.centre, box.left, middle)
        elif last:
            arrow_down(sheet, plan.centre, last, y)
        draw_box(sheet, box, y, box.height)
        if not side:
            last = y + box.height
        y += box.height + ROW_GAP
    if top.sides[-1]:
        stroke(sheet, [plan.centre] * 2, [last, y - ROW_GAP])
        last = y - ROW_GAP
    return last


def draw_split(sheet: Sheet, plan: Plan, y: float) -> float:
    """Draw the line from everyone to the arms; return where their boxes begin."""
    centres = [left + plan.column / 2 for left in plan.lefts]
    bend = y + ROW_GAP / 2
    if len(centres) > 1:
        stroke(sheet, [plan.centre] * 2, [y, bend])
        stroke(sheet, [centres[0], centres[-1]], [bend, bend])
    for centre in centres:
        arrow_down(sheet, centre, bend if len(centres) > 1 else y, y + ROW_GAP)
    return y + ROW_GAP


def part_name(sheet: Sheet, plan: Plan, name: str, y: float) -> None:
    """Write the name of a part in the margin, or above the row where there is none."""
    size = plan.size * 0.9
    if plan.margin:
        write(sheet, 0, y + PADDING + size, name, size=size, colour=MUTED)
    elif y:
        write(sheet, 0, y - ROW_GAP / 2 + size * 0.7, name, size=size, colour=MUTED)
    else:
        write(sheet, 0, PADDING + size, name, size=size, colour=MUTED)
