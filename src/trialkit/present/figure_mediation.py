"""Mediation as a diagram: from the arms through each mediator to the outcome, and past them."""

from collections.abc import Sequence
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say
from trialkit.present.canvas import (
    FULL_WIDTH,
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
from trialkit.present.exhibit import Figure
from trialkit.present.format import format_level
from trialkit.present.labels import list_in_words, visit_label
from trialkit.present.mediation import (
    Number,
    Panel,
    Passage,
    mediation_table,
    panel_sentence,
    read_panel,
    robustness,
)
from trialkit.present.palette import INK, LINE, MUTED, text_colour
from trialkit.result.study_results import AnalysisRecord, StudyResults

# The sheet from left to right: box of the arms, arrow, box of the mediator, arrow, outcome.
ARMS: Final = (0.0, 104.0)
MEDIATOR: Final = (196.0, 306.0)
OUTCOME: Final = (398.0, FULL_WIDTH)
PADDING: Final = 6.0
BOX: Final = 26.0
BELOW: Final = 1.6 * SMALL
ROW_GAP: Final = 12.0
DIRECT: Final = 34.0
HEADING: Final = 18.0
PANEL_GAP: Final = 20.0
DASHES: Final = (3.0, 2.0)
HOW_TO_READ: Final = later(
    "A dashed arrow has an interval that contains zero. An arrow into the outcome is per unit of "
    "the mediator and the same in every arm."
)


def mediation_figure(results: StudyResults, record: AnalysisRecord) -> Figure:
    """Draw a mediation, one panel for each arm against the reference.

    Arrows carry the coefficient above and its interval below; an arrow whose interval
    contains zero is dashed. Under each mediator stands the part of the difference that
    goes through it.

    Raises
    ------
    SpecificationError
        If the record holds no mediation.
    """
    rows = record.result.estimates if record.result else ()
    arms = [row for row in rows if row.quantity == "total_effect"]
    if not arms:
        raise SpecificationError(f"analysis {record.analysis!r} holds no mediation to draw")
    panels = [read_panel(results, record, row) for row in arms]
    level = format_level(arms[0].conf_level) if arms[0].conf_level is not None else ""
    figure_id = f"figure-mediation-{record.analysis}"
    with drawing():
        svg = panels_svg(panels, level, figure_id)
    where = ", ".join(filter(None, (panels[0].outcome, visit_label(results.study, arms[0].visit))))
    mediators = list_in_words([passage.label for passage in panels[0].passages])
    return Figure(
        id=figure_id,
        title=say(
            "{outcome}: how much of the difference goes through {mediators}",
            outcome=where,
            mediators=mediators,
        ),
        svg=svg,
        alt=" ".join(panel_sentence(panel, level) for panel in panels),
        data=mediation_table(results, record, figure_id, level),
        footnotes=(
            say(HOW_TO_READ),
            *robustness(results.study, rows, panels[0].outcome),
        ),
    )


def panels_svg(panels: Sequence[Panel], level: str, figure_id: str) -> str:
    """Return the drawing of all panels, one below the other."""
    heights = [panel_height(panel, level) for panel in panels]
    sheet = new_sheet(FULL_WIDTH, fsum(heights) + PANEL_GAP * (len(panels) - 1) + 4)
    top = 0.0
    for panel, height in zip(panels, heights, strict=True):
        draw_panel(sheet, panel, level, top=top)
        top += height + PANEL_GAP
    return sheet.to_svg(figure_id)


def box_lines(span: tuple[float, float], texts: Sequence[str]) -> list[list[str]]:
    """Return texts broken to the width of a box; empty ones are left out."""
    return [wrap(text, span[1] - span[0] - 2 * PADDING, size=SMALL) for text in texts if text]


def text_height(parts: Sequence[Sequence[str]]) -> float:
    """Return the height of the texts of a box."""
    return fsum(lines_height(lines, size=SMALL) for lines in parts)


def row_height(panel: Panel, passage: Passage) -> float:
    """Return the height of a mediator's row: its box, and the line below it."""
    lines = box_lines(MEDIATOR, (passage.label, panel.measured_in(passage.unit)))
    return max(BOX, text_height(lines) + PADDING) + BELOW


def side_height(panel: Panel) -> float:
    """Return the height of the boxes at both sides."""
    rows = fsum(row_height(panel, passage) + ROW_GAP for passage in panel.passages) + DIRECT
    texts = (
        (ARMS, (panel.arm, say("instead of {arm}", arm=panel.reference))),
        (OUTCOME, (panel.outcome, panel.measured_in(panel.unit))),
    )
    needed = [text_height(box_lines(*text)) for text in texts]
    return max(rows, *(height + 2 * PADDING for height in needed))


def panel_height(panel: Panel, level: str) -> float:
    """Return the height of a panel."""
    return heading_height(panel, level) + side_height(panel)


def whole_text(panel: Panel, level: str) -> str:
    """Return the whole difference, as the heading of a panel gives it."""
    unit = f" {panel.unit}" if panel.unit else ""
    return say(
        "whole difference {total} ({interval})",
        total=f"{panel.total.estimate}{unit}",
        interval=say("{level} interval {limits}", level=level, limits=panel.total.interval).strip(),
    )


def heading_lines(panel: Panel, level: str) -> tuple[list[str], bool]:
    """Return the lines of the comparison, and whether the difference fits beside them."""
    lines = wrap(panel.compared, FULL_WIDTH, bold=True)
    taken = text_width(panel.compared, bold=True) + text_width(whole_text(panel, level))
    return lines, taken <= FULL_WIDTH - HEADING


def heading_height(panel: Panel, level: str) -> float:
    """Return the height of a panel's heading."""
    lines, beside = heading_lines(panel, level)
    return lines_height(lines) + (0.0 if beside else lines_height([""])) + HEADING / 2


def draw_heading(sheet: Sheet, panel: Panel, level: str, *, top: float) -> None:
    """Write what is compared, and the whole difference beside or below it."""
    lines, beside = heading_lines(panel, level)
    accent = text_colour(panel.colour)
    below = write_lines(sheet, 0, top, lines, colour=accent, bold=True)
    whole = [whole_text(panel, level)]
    if beside:
        write_lines(sheet, FULL_WIDTH, top, whole, across="right")
    else:
        write_lines(sheet, 0, below, whole)


def draw_panel(sheet: Sheet, panel: Panel, level: str, *, top: float) -> None:
    """Draw one arm's panel."""
    accent = text_colour(panel.colour)
    draw_heading(sheet, panel, level, top=top)
    top, height = top + heading_height(panel, level), side_height(panel)
    draw_box(
        sheet,
        ARMS,
        top,
        height,
        (panel.arm, say("instead of {arm}", arm=panel.reference)),
        colour=accent,
    )
    draw_box(
        sheet, OUTCOME, top, height, (panel.outcome, panel.measured_in(panel.unit)), colour=INK
    )
    edge = top + ROW_GAP / 2
    for passage in panel.passages:
        draw_passage(sheet, panel, passage, top=edge)
        edge += row_height(panel, passage) + ROW_GAP
    draw_direct(sheet, panel, y=edge + DIRECT / 2 - 4)


def draw_passage(sheet: Sheet, panel: Panel, passage: Passage, *, top: float) -> None:
    """Draw a mediator between its two arrows, and below it what goes through it."""
    height = row_height(panel, passage) - BELOW
    middle = top + height / 2
    draw_box(
        sheet, MEDIATOR, top, height, (passage.label, panel.measured_in(passage.unit)), colour=INK
    )
    draw_arrow(sheet, ARMS[1], MEDIATOR[0], middle, passage.a, colour=panel.colour)
    draw_arrow(sheet, MEDIATOR[1], OUTCOME[0], middle, passage.b, colour=panel.colour)
    centre = fsum(MEDIATOR) / 2
    text = say("through it: {size}", size=passage.through.text)
    write(
        sheet,
        centre,
        top + height + SMALL * 1.3,
        text,
        size=SMALL,
        bold=passage.through.is_apart,
        across="center",
    )


def draw_direct(sheet: Sheet, panel: Panel, *, y: float) -> None:
    """Draw the arrow past the mediators."""
    draw_arrow(
        sheet, ARMS[1], OUTCOME[0], y, None, colour=panel.colour, apart=panel.direct.is_apart
    )
    text = say("not through the mediators: {size}", size=panel.direct.text)
    centre = (ARMS[1] + OUTCOME[0]) / 2
    bold = panel.direct.is_apart
    write(sheet, centre, y + SMALL * 1.4, text, size=SMALL, bold=bold, across="center")


def draw_arrow(
    sheet: Sheet,
    start: float,
    stop: float,
    y: float,
    number: Number | None,
    *,
    colour: str,
    apart: bool = True,
) -> None:
    """Draw an arrow to the right with its coefficient above and the interval below."""
    apart = number.is_apart if number else apart
    ends = [start + 2, stop - 5]
    stroke(sheet, ends, [y, y], colour=colour, width=1.4, dashes=None if apart else DASHES)
    arrow_head(sheet, stop - 4, y, colour=colour, to_the_left=False)
    if number is None:
        return
    centre = (start + stop) / 2
    write(sheet, centre, y - 4, number.estimate, size=SMALL, bold=apart, across="center")
    interval = f"({number.interval})"
    write(sheet, centre, y + SMALL * 1.25, interval, size=SMALL, colour=MUTED, across="center")


def draw_box(
    sheet: Sheet,
    span: tuple[float, float],
    top: float,
    height: float,
    texts: Sequence[str],
    *,
    colour: str,
) -> None:
    """Draw a box with its name and, muted, a second text, both in the middle."""
    left, right = span[0] + 0.5, span[1] - 0.5
    corners = [left, right, right, left, left], [top, top, top + height, top + height, top]
    stroke(sheet, *corners, colour=LINE, width=0.8)
    parts = box_lines(span, texts)
    edge = top + (height - text_height(parts)) / 2
    for position, lines in enumerate(parts):
        shade = colour if position == 0 else MUTED
        edge = write_lines(
            sheet,
            (left + right) / 2,
            edge,
            lines,
            colour=shade,
            size=SMALL,
            bold=position == 0,
            across="center",
        )
