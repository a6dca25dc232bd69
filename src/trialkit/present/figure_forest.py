"""Every analysis of one question on one axis, the main one on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say
from trialkit.present.canvas import (
    BODY,
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    drawing,
    lines_height,
    new_sheet,
    stroke,
    text_width,
    wrap,
    write,
    write_lines,
)
from trialkit.present.contrast import (
    Contrast,
    margin_sentence,
    side_sentence,
    where_text,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.figure_contrast import (
    contrast_scale,
    draw_interval,
    draw_references,
    tick_labels,
    write_sides,
)
from trialkit.present.forest_rows import (
    ForestRow,
    Question,
    read_question,
)
from trialkit.present.format import format_p_value
from trialkit.present.grammar import sentence_start
from trialkit.present.labels import analysis_label, contrast_label
from trialkit.present.palette import EMPTY, LINE, MUTED
from trialkit.present.retold import reason_text
from trialkit.result.study_results import AnalysisRecord, StudyResults

LABELS: Final = 158.0
COLUMN_GAP: Final = 12.0
ROW_GAP: Final = 7.0
EDGE: Final = 14.0
OTHER_SCALES: Final = later("Answers of another kind, not on this axis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the columns of a forest begin and end, in points."""

    left: float
    right: float
    number: float
    interval: float


def forest_figure(results: StudyResults, records: Sequence[AnalysisRecord]) -> Figure:
    """Draw what every analysis of a question estimates, the first one foremost.

    The question is that of the first record that has a contrast: its first contrast between
    the arms of its estimand. Of every other record the row of the same arms, endpoint and
    visit is taken: on the axis where it is in the same unit, else as numbers below it.
    What was not run is named under the figure with the reason.

    Raises
    ------
    SpecificationError
        If no record holds a contrast.
    """
    question = read_question(results, records)
    if not question.on_axis:
        raise SpecificationError("none of the analyses holds a contrast to draw")
    first = question.on_axis[0]
    figure_id = f"figure-forest-{first.record.analysis}"
    with drawing():
        svg = forest_svg(question, figure_id)
    return Figure(
        id=figure_id,
        title=forest_title(results, question),
        svg=svg,
        alt=forest_sentence(results, question),
        data=forest_data(figure_id, question),
        footnotes=tuple(forest_notes(results, question)),
    )


def forest_title(results: StudyResults, question: Question) -> str:
    """Return outcome, visit and arms."""
    main = question.on_axis[0]
    first = main.estimate
    return say(
        "{outcome}: {contrast}, every analysis of this question",
        outcome=sentence_start(where_text(results, main.record, first)),
        contrast=contrast_label(results.study, first.arm, first.reference_arm),
    )


def forest_notes(results: StudyResults, question: Question) -> list[str]:
    """Return what the picture leaves out, and why."""
    notes = [
        say(
            "Not run: {analysis} ({reason}).",
            analysis=analysis_label(results.study, record.analysis),
            reason=reason_text(results.study, record),
        )
        for record in question.not_run
    ]
    without = [analysis_label(results.study, record.analysis) for record in question.without]
    if without:
        notes.append(
            say("Without an estimate of this contrast: {names}.", names="; ".join(without))
        )
    return notes


def forest_sentence(results: StudyResults, question: Question) -> str:
    """Return in words what a forest shows."""
    main, shown = question.on_axis[0], question.on_axis[0].shown
    level = say(" ({level} intervals)", level=shown.level) if shown.level else ""
    rows = (*question.on_axis, *question.elsewhere)
    said = [
        say(
            "{analysis} ({mark}): {numbers}", analysis=row.label, mark=row.mark, numbers=row.numbers
        )
        for row in rows
    ]
    contrast = contrast_label(results.study, main.estimate.arm, main.estimate.reference_arm)
    parts = (
        f"{contrast}, {shown.title}{level}. {'; '.join(said)}.",
        say("{analysis}: {side}", analysis=main.label, side=side_sentence(shown)),
        margin_sentence(shown),
    )
    return " ".join(filter(None, parts))


def forest_data(figure_id: str, question: Question) -> Table:
    """Return the numbers of the drawing, those on other scales last."""
    shown = question.on_axis[0].shown
    level = say("{level} interval", level=shown.level) if shown.level else say("Interval")
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Analysis")),
            Column(label=say("Role and data")),
            Column(label=shown.title, align="decimal"),
            Column(label=level, align="right"),
            Column(label="p", align="decimal"),
        ),
        rows=tuple(
            (
                row.label if row.words is None else f"{row.label}: {row.words}",
                row.mark,
                row.shown.number,
                row.shown.interval,
                format_p_value(row.estimate.p_value),
            )
            for row in (*question.on_axis, *question.elsewhere)
        ),
    )


def forest_svg(question: Question, figure_id: str) -> str:
    """Return the drawing: rows on the axis, then those on another scale as numbers."""
    rows, others = question.on_axis, question.elsewhere
    places = column_places([*rows, *others])
    below = rows_height(rows, places)
    heights = [row_height(row, main=False) for row in others]
    extra = lines_height([""]) + 12 + fsum(heights) if others else 0.0
    sheet = new_sheet(FULL_WIDTH, below + extra)
    draw_rows(sheet, rows, places, top=0.0, others_grey=True)
    if others:
        write_others(sheet, others, heights, places, top=below + 6)
    return sheet.to_svg(figure_id)


def side_lines(shown: Contrast, places: Places) -> list[list[str]]:
    """Return the names of the two sides of no difference, broken to their halves."""
    room = (places.right - places.left) / 2 - 4
    return [wrap(side.text, room) if side else [] for side in (shown.left, shown.right)]


def rows_top(shown: Contrast, places: Places) -> float:
    """Return how much the names of the sides and of the margin take above the rows."""
    names = side_lines(shown, places)
    return max(lines_height(lines) for lines in names) + (14 if shown.margin else 6)


def rows_height(rows: Sequence[ForestRow], places: Places) -> float:
    """Return how tall rows on their axis are, its title included."""
    title = wrap(rows[0].shown.title, places.right - places.left)
    heights = [row_height(row, main=row is rows[0]) for row in rows]
    return rows_top(rows[0].shown, places) + fsum(heights) + 22 + lines_height(title)


def draw_rows(
    sheet: Sheet, rows: Sequence[ForestRow], places: Places, *, top: float, others_grey: bool
) -> None:
    """Draw contrasts one below the other on one axis, with their numbers beside them.

    The first is the main one; the others are grey, or in the colours of their arms.
    """
    first = rows[0].shown
    heights = [row_height(row, main=row is rows[0]) for row in rows]
    begin = top + rows_top(first, places)
    axis = begin + fsum(heights) + 4
    scale, ticks = contrast_scale([row.shown for row in rows], places.left, places.right)
    names = side_lines(first, places)
    write_sides(sheet, first, names, left=places.left, right=places.right, top=top)
    draw_references(sheet, scale, first, top=begin, bottom=axis)
    write_heads(sheet, first, places, y=begin - 3)
    edge = begin + 2
    for row, height in zip(rows, heights, strict=True):
        main = row is rows[0]
        y = write_row(sheet, row, places, top=edge, height=height, main=main)
        colour = LINE if others_grey and not main else row.shown.colour
        draw_interval(sheet, scale, row.shown, y=y, colour=colour, weight=2.6 if main else 1.8)
        edge += height
    title = wrap(first.title, places.right - places.left)
    axis_across(sheet, scale, axis, ticks, title=title, labels=tick_labels(first, ticks))


def write_others(
    sheet: Sheet,
    others: Sequence[ForestRow],
    heights: Sequence[float],
    places: Places,
    *,
    top: float,
) -> None:
    """Write the analyses on another scale as lines of numbers, each with what it estimates."""
    stroke(sheet, [0, FULL_WIDTH], [top, top], colour=EMPTY, width=0.6)
    edge = write_lines(sheet, 0, top + 2, [say(OTHER_SCALES)], colour=MUTED, size=SMALL) + 4
    for row, height in zip(others, heights, strict=True):
        y = write_row(sheet, row, places, top=edge, height=height, main=False)
        words = wrap(row.words or "", places.right - places.left, size=SMALL)
        first = y - BODY * 0.6
        write_lines(sheet, places.left, first, words, colour=MUTED, size=SMALL)
        edge += height


def column_places(rows: Sequence[ForestRow]) -> Places:
    """Return where label, axis, estimate and interval stand, as wide as their widest text."""
    interval = max(text_width(row.shown.interval, bold=True) for row in rows)
    number = max(text_width(row.shown.number, bold=True) for row in rows)
    head = max(text_width(say("estimate"), size=SMALL), number)
    interval_edge = FULL_WIDTH - max(interval, text_width(interval_word(rows[0].shown), size=SMALL))
    number_edge = interval_edge - COLUMN_GAP
    return Places(
        left=LABELS + 10,
        right=number_edge - head - COLUMN_GAP,
        number=number_edge,
        interval=FULL_WIDTH,
    )


def interval_word(shown: Contrast) -> str:
    """Return the head of the column of intervals."""
    return say("{level} interval", level=shown.level) if shown.level else say("interval")


def write_heads(sheet: Sheet, shown: Contrast, places: Places, *, y: float) -> None:
    """Write what the two columns of numbers are."""
    for text, x in ((say("estimate"), places.number), (interval_word(shown), places.interval)):
        write(sheet, x, y, text, colour=MUTED, size=SMALL, across="right")


def label_lines(row: ForestRow, *, main: bool) -> list[str]:
    """Return the label of a row, broken to its column."""
    return wrap(row.label, LABELS, bold=main)


def mark_lines(row: ForestRow) -> list[str]:
    """Return the role and data of a row, broken to its column."""
    return wrap(row.mark, LABELS, size=SMALL) if row.mark else []


def row_height(row: ForestRow, *, main: bool) -> float:
    """Return the height of a row: its label and, below it, its role and data."""
    lines = lines_height(label_lines(row, main=main))
    mark = lines_height(mark_lines(row), size=SMALL)
    words = lines_height(wrap(row.words, 150.0, size=SMALL), size=SMALL) if row.words else 0.0
    return max(lines + mark, words) + ROW_GAP


def write_row(
    sheet: Sheet, row: ForestRow, places: Places, *, top: float, height: float, main: bool
) -> float:
    """Write the words and numbers of a row; return the height at which its interval stands."""
    below = write_lines(sheet, 0, top, label_lines(row, main=main), bold=main)
    write_lines(sheet, 0, below, mark_lines(row), colour=MUTED, size=SMALL)
    y = top + (height - ROW_GAP) / 2
    base = y + BODY * 0.33
    interval = row.shown.interval
    write(sheet, places.number, base, row.shown.number, bold=main, across="right")
    write(sheet, places.interval, base, interval, bold=main, across="right")
    return y
