"""A panel of p-values on a logarithmic axis, with what each must not exceed."""

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say, say_count
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    dots,
    drawing,
    lines_height,
    new_sheet,
    stroke,
    text_width,
    wrap,
    write,
    write_beside,
)
from trialkit.present.exhibit import Figure
from trialkit.present.format import (
    format_integer,
    format_p_equation,
    format_p_value,
    format_power,
    format_ticks,
)
from trialkit.present.p_value_panel import PanelRow, panel_rows, step_thresholds
from trialkit.present.palette import INK, LINE, MUTED, TEAL
from trialkit.present.scale import Scale, decade_below, decade_ticks
from trialkit.present.table_outcomes import p_value_panel_table
from trialkit.present.table_plan import family_size
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.terms import Procedure

LABEL_ROOM: Final = 190.0
ROW_GAP: Final = 3.5
SMALLEST: Final = 1e-16
LISTED: Final = 12  # tests named in the words for the picture


def p_value_figure(results: StudyResults, records: Sequence[AnalysisRecord]) -> Figure:
    """Draw the p-values of several tests, smallest first, on a logarithmic axis.

    A short upright line in each row is what its p-value must not exceed under the
    family's procedure; it is drawn only where all tests of the family are in the panel.
    A filled dot is a difference that stands after adjustment, a ring one that does not.

    Raises
    ------
    SpecificationError
        If no record holds a p-value.
    """
    rows = sorted(panel_rows(results, records), key=lambda row: row.p_value)
    if not rows:
        raise SpecificationError("none of the analyses holds a p-value to draw")
    alpha, procedure = family_rule(records)
    limits = row_limits(results, records, rows)
    figure_id = f"figure-p-values-{records[0].analysis}"
    with drawing():
        svg = panel_svg(rows, limits, alpha, figure_id)
    table = p_value_panel_table(results, records)
    return Figure(
        id=figure_id,
        title=say("P-values side by side"),
        svg=svg,
        alt=panel_sentence(rows, alpha, procedure),
        data=table,
        footnotes=panel_notes(limits, procedure, alpha, adjusted=any_adjusted(rows)),
    )


def any_adjusted(rows: Sequence[PanelRow]) -> bool:
    """Return whether any p-value of the panel belongs to a family."""
    return any(row.p_adjusted is not None for row in rows)


STOPS: Final[Mapping[Procedure, str]] = {
    "holm": later("Holm's procedure stops at the first p-value beyond its line."),
    "hochberg": later("Hochberg's procedure keeps every p-value up to the last within its line."),
    "benjamini_hochberg": later("It keeps every p-value up to the last within its line."),
    "benjamini_yekutieli": later("It keeps every p-value up to the last within its line."),
}


def family_rule(records: Sequence[AnalysisRecord]) -> tuple[float, Procedure | None]:
    """Return the level and the procedure of the records, if they share one."""
    levels = {record.alpha for record in records if record.alpha is not None}
    procedures = {record.procedure for record in records if record.procedure is not None}
    alpha = levels.pop() if len(levels) == 1 else 0.05
    return alpha, procedures.pop() if len(procedures) == 1 else None


def row_limits(
    results: StudyResults, records: Sequence[AnalysisRecord], rows: Sequence[PanelRow]
) -> list[float | None]:
    """Return what each p-value must not exceed; None where that cannot be told."""
    named = {record.analysis for record in records}
    families = {item.family for item in results.study.analysis if item.id in named and item.family}
    alpha, procedure = family_rule(records)
    members = [row for row in rows if row.p_adjusted is not None]
    if procedure is None or len(families) != 1:
        return [None] * len(rows)
    if family_size(results, families.pop()) != len(members):
        return [None] * len(rows)
    steps = iter(step_thresholds(len(members), alpha=alpha, procedure=procedure))
    return [None if row.p_adjusted is None else next(steps) for row in rows]


def stands(row: PanelRow, alpha: float) -> bool:
    """Return whether a test is below its level after adjustment, if it has one."""
    return (row.p_value if row.p_adjusted is None else row.p_adjusted) <= alpha


def panel_sentence(rows: Sequence[PanelRow], alpha: float, procedure: Procedure | None) -> str:
    """Return in words which tests stand; of a long panel only the smallest are listed."""
    kept = [row for row in rows if stands(row, alpha)]
    told = [f"{row.label}: {format_p_equation(row.p_value)}" for row in rows[:LISTED]]
    if len(rows) > LISTED:
        told.append(say("{n} more in the table", n=format_integer(len(rows) - LISTED)))
    values = {
        "n": format_integer(len(kept)),
        "total": format_integer(len(rows)),
        "level": format_ticks([alpha])[0],
        "told": "; ".join(told),
    }
    if procedure is None:
        return say_count(
            len(kept),
            "{n} of {total} p-values is at most {level}. From the smallest: {told}.",
            "{n} of {total} p-values are at most {level}. From the smallest: {told}.",
            **values,
        )
    return say_count(
        len(kept),
        "{n} of {total} p-values is at most {level} after adjustment ({procedure}). From the "
        "smallest: {told}.",
        "{n} of {total} p-values are at most {level} after adjustment ({procedure}). From the "
        "smallest: {told}.",
        procedure=say(PROCEDURES[procedure]),
        **values,
    )


def panel_notes(
    limits: Sequence[float | None], procedure: Procedure | None, alpha: float, *, adjusted: bool
) -> tuple[str, ...]:
    """Return how to read the panel."""
    level = format_ticks([alpha])[0]
    notes = [
        say(
            "Filled dot: at most {level} (after adjustment, where there is one); ring: above it.",
            level=level,
        )
        if adjusted
        else say("Filled dot: at most {level} (unadjusted); ring: above it.", level=level)
    ]
    if procedure and any(limits):
        name = say(PROCEDURES[procedure])
        notes.append(
            say("Upright line: what this p-value must not exceed ({procedure}).", procedure=name)
        )
    if procedure is not None and procedure in STOPS:
        notes.append(say(STOPS[procedure]))
    return tuple(notes)


def panel_svg(
    rows: Sequence[PanelRow], limits: Sequence[float | None], alpha: float, figure_id: str
) -> str:
    """Return the drawing: a row a test, smallest p-value first."""
    names = [wrap(row.label, LABEL_ROOM) for row in rows]
    heights = [lines_height(lines) + ROW_GAP for lines in names]
    adjusted = any_adjusted(rows)
    room = (text_width(">0.9999") + 10) * (2 if adjusted else 1)
    left = min(LABEL_ROOM, max(text_width(line) for lines in names for line in lines)) + 14
    scale, ticks = p_scale(rows, left, FULL_WIDTH - room - 8)
    top = 12.0
    axis = top + fsum(heights) + 4
    sheet = new_sheet(FULL_WIDTH, axis + 18 + lines_height(["p"]))
    write_heads(sheet, top - 3, adjusted=adjusted)
    edge = top
    for row, limit, lines, height in zip(rows, limits, names, heights, strict=True):
        y = edge + height / 2
        write_beside(sheet, 0, y, lines)
        draw_row(sheet, scale, row, limit, y, alpha)
        write_values(sheet, row, y, adjusted=adjusted)
        edge += height
    labels = [format_power(tick) for tick in ticks]
    title = [say("p-value, smaller to the right")]
    axis_across(sheet, scale, axis, ticks, title=title, labels=labels)
    return sheet.to_svg(figure_id)


def p_scale(rows: Sequence[PanelRow], left: float, right: float) -> tuple[Scale, list[float]]:
    """Return the axis from 1 on the left to a power of ten below the smallest p-value."""
    smallest = max(min(row.p_value for row in rows), SMALLEST)
    low = min(decade_below(smallest), 0.01)
    # Smaller to the right: the ends of the axis change places.
    return Scale(low=low, high=1.0, start=right, stop=left, logarithmic=True), decade_ticks(
        low, 1.0
    )


def write_heads(sheet: Sheet, y: float, *, adjusted: bool) -> None:
    """Write the heads of the numbers beside the panel."""
    step = text_width(">0.9999") + 10
    heads = ("p", say("adjusted")) if adjusted else ("p",)
    for position, head in enumerate(reversed(heads)):
        x = sheet.width - position * step
        write(sheet, x, y, head, colour=MUTED, size=SMALL, across="right")


def write_values(sheet: Sheet, row: PanelRow, y: float, *, adjusted: bool) -> None:
    """Write the p-values of a row beside it."""
    step = text_width(">0.9999") + 10
    values = (row.p_value, row.p_adjusted) if adjusted else (row.p_value,)
    for position, value in enumerate(reversed(values)):
        x = sheet.width - position * step
        write_beside(sheet, x, y, [format_p_value(value)], across="right")


def draw_row(
    sheet: Sheet, scale: Scale, row: PanelRow, limit: float | None, y: float, alpha: float
) -> None:
    """Draw one test: a thread from 1 to its p-value, its dot, its threshold."""
    kept = stands(row, alpha)
    colour = TEAL if kept else LINE
    x = scale.place(row.p_value)
    stroke(sheet, [scale.place(1.0), x], [y, y], colour=colour, width=1.0, alpha=0.6)
    if limit is not None:
        at = scale.place(limit)
        stroke(sheet, [at, at], [y - 6, y + 6], colour=INK, width=1.0)
    dots(sheet, [x], [y], colour=colour, radius=3.8, hollow=not kept)
