"""People out of a hundred: what a proportion means, one dot a person."""

from collections.abc import Sequence
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    FULL_WIDTH,
    HALF_WIDTH,
    Sheet,
    dots,
    drawing,
    lines_height,
    new_sheet,
    text_width,
    wrap,
    write_lines,
)
from trialkit.present.contrast import where_text
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import (
    format_count,
    format_integer,
    format_interval,
    format_level,
    out_of_hundred,
)
from trialkit.present.labels import (
    arm_label,
    list_in_words,
)
from trialkit.present.palette import EMPTY, MUTED, arm_colours, asked_about, text_colour
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

COLUMNS: Final = 20
ROWS: Final = 5
PITCH: Final = 9.4
RADIUS: Final = 3.5
NUMBER_SIZE: Final = 13.0
PANEL_GAP: Final = 14.0


def people_figure(results: StudyResults, record: AnalysisRecord) -> Figure:
    """Draw a hundred people for each arm of a responder analysis.

    Filled dots are the proportion, rounded to whole people; the words beside them hold
    the count it comes from and its interval. The treatment asked about comes first.

    Raises
    ------
    SpecificationError
        If the record holds no proportion.
    """
    rows = proportion_rows(results, record)
    if not rows:
        raise SpecificationError(f"analysis {record.analysis!r} holds no proportion to draw")
    meaning = where_text(results, record, rows[0])
    figure_id = f"figure-people-{record.analysis}"
    with drawing():
        svg = people_svg(results, rows, figure_id)
    sentences = [person_sentence(results, row) for row in rows]
    return Figure(
        id=figure_id,
        title=say("Out of 100 people: {rule}", rule=meaning),
        svg=svg,
        alt=say(
            "Out of 100 people, {rule}: {shares}.", rule=meaning, shares=list_in_words(sentences)
        ),
        data=people_data(results, rows, figure_id),
    )


def proportion_rows(results: StudyResults, record: AnalysisRecord) -> list[Estimate]:
    """Return the proportions of a record, the arms of the question first."""
    rows = record.result.select(quantity="proportion") if record.result else ()
    order = [*asked_about(results.study), *(arm.id for arm in results.study.arm)]
    known = [row for row in rows if row.estimate is not None]
    return sorted(known, key=lambda row: order.index(row.arm) if row.arm in order else len(order))


def people_counted(row: Estimate) -> str:
    """Return the count behind a proportion and its interval, in people out of 100."""
    proportion, n = row.estimate or 0.0, row.n_subjects or 0
    values = {"n": format_integer(proportion * n), "total": format_integer(n)}
    if row.conf_low is None or row.conf_high is None:
        return say("{n} of {total}", **values)
    limits = format_interval(row.conf_low, row.conf_high, 0, factor=100)
    return say("{n} of {total}; interval {limits}", limits=limits, **values)


def person_sentence(results: StudyResults, row: Estimate) -> str:
    """Return an arm's share in words."""
    arm = arm_label(results.study, row.arm)
    return say(
        "{n} with {arm} ({counted})",
        n=out_of_hundred(row.estimate or 0.0),
        arm=arm,
        counted=people_counted(row),
    )


def people_svg(results: StudyResults, rows: Sequence[Estimate], figure_id: str) -> str:
    """Return the panels: one below the other, in two columns from three arms on."""
    columns = 1 if len(rows) < 3 else 2
    width = HALF_WIDTH if columns == 1 else FULL_WIDTH
    step = (width + PANEL_GAP) / columns
    heads = [panel_head(results, row, step - PANEL_GAP) for row in rows]
    lines = [heads[first : first + columns] for first in range(0, len(heads), columns)]
    heights = [max(head_height(head) for head in line) + ROWS * PITCH + PANEL_GAP for line in lines]
    sheet = new_sheet(width, fsum(heights) - PANEL_GAP)
    for position, row in enumerate(rows):
        line, column = divmod(position, columns)
        top = fsum(heights[:line])
        grid = top + heights[line] - ROWS * PITCH - PANEL_GAP
        draw_panel(sheet, results, row, heads[position], column * step, top, grid)
    return sheet.to_svg(figure_id)


Head = tuple[str, list[str], list[str]]


def panel_head(results: StudyResults, row: Estimate, width: float) -> Head:
    """Return the words over a panel: the number, the arm, and the count behind it."""
    number = str(out_of_hundred(row.estimate or 0.0))
    room = width - text_width(number, size=NUMBER_SIZE, bold=True) - 6
    arm = wrap(arm_label(results.study, row.arm), room, bold=True)
    return number, arm, wrap(people_counted(row), room)


def head_height(head: Head) -> float:
    """Return the height of the words over a panel."""
    return lines_height([*head[1], *head[2]]) + 5


def draw_panel(
    sheet: Sheet,
    results: StudyResults,
    row: Estimate,
    head: Head,
    left: float,
    top: float,
    grid: float,
) -> None:
    """Draw one arm: its words, then its hundred people in rows of twenty."""
    colour = arm_colours(results.study).get(row.arm or "", MUTED)
    number, arm, counted = head
    shade = text_colour(colour)
    write_lines(sheet, left, top - 1, [number], colour=shade, size=NUMBER_SIZE, bold=True)
    beside = left + text_width(number, size=NUMBER_SIZE, bold=True) + 6
    below = write_lines(sheet, beside, top, arm, colour=shade, bold=True)
    write_lines(sheet, beside, below, counted, colour=MUTED)
    filled = out_of_hundred(row.estimate or 0.0)
    places = [
        (left + RADIUS + column * PITCH, grid + RADIUS + line * PITCH)
        for line in range(ROWS)
        for column in range(COLUMNS)
    ]
    for some, shade in ((places[:filled], colour), (places[filled:], EMPTY)):
        if some:
            xs, ys = zip(*some, strict=True)
            dots(sheet, xs, ys, colour=shade, radius=RADIUS)


def people_data(results: StudyResults, rows: Sequence[Estimate], figure_id: str) -> Table:
    """Return the numbers of the pictogram."""
    level = next((row.conf_level for row in rows if row.conf_level is not None), None)
    head = (
        say("Interval, %")
        if level is None
        else say("{level} interval, %", level=format_level(level))
    )
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Arm")),
            Column(label=say("Out of 100"), align="right"),
            Column(label="n/N (%)", align="right"),
            Column(label=head, align="right"),
        ),
        rows=tuple(
            (
                arm_label(results.study, row.arm),
                str(out_of_hundred(row.estimate or 0.0)),
                format_count((row.estimate or 0.0) * (row.n_subjects or 0), row.n_subjects or 0),
                format_interval(row.conf_low, row.conf_high, 1, factor=100),
            )
            for row in rows
        ),
    )
