"""The forest of a meta-analysis: trials, average, and where a further trial may lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Final, Literal

from matplotlib.patches import Polygon

from trialkit.language.speech import later, say, say_count
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    arrow_head,
    axis_across,
    drawing,
    lines_height,
    new_sheet,
    put,
    stroke,
    text_width,
    wrap,
    write,
    write_beside,
    write_lines,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import format_number
from trialkit.present.palette import EMPTY, INK, LINE, MUTED
from trialkit.present.pooled import Pair, PooledReading, PooledRow, read_pooled
from trialkit.present.pooled_axis import forest_scale, tick_labels
from trialkit.present.scale import Scale
from trialkit.result.study_results import AnalysisRecord, StudyResults

LABEL_ROOM: Final = 150.0
GAP: Final = 10.0
ROW: Final = 12.5
GROUP_GAP: Final = 7.0
INDENT: Final = 8.0
LARGEST: Final = 5.2  # half the side of the square of the heaviest trial, in points
SMALLEST: Final = 1.3
DIAMOND: Final = 4.6
WEIGHT_HEAD: Final = later("weight, %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where the columns stand, in points: right edges of n and numbers, the axis between."""

    labels: float
    n: float
    left: float
    right: float
    numbers: float
    weights: float


def meta_forest_figure(
    results: StudyResults, record: AnalysisRecord, pair: Pair | None = None
) -> Figure:
    """Draw the trials of a meta-analysis, their average and its prediction interval.

    Squares have areas in proportion to the weights; the diamond spans the interval of the
    average; the bar below it is where a further trial is expected. An interval that
    reaches far beyond the others ends in an arrow head; its numbers stand beside it.

    Parameters
    ----------
    results : StudyResults
    record : AnalysisRecord
        Of a meta-analysis, or of trials pooled in two stages.
    pair : (arm, reference arm), optional
        Which comparison; the first by default.

    Raises
    ------
    SpecificationError
        If the record holds no pooled estimate.
    """
    reading = read_pooled(results, record, pair)
    figure_id = f"figure-meta-forest-{record.analysis}"
    with drawing():
        svg = forest_svg(reading, figure_id)
    return Figure(
        id=figure_id,
        title=say("{title}: forest", title=reading.title),
        svg=svg,
        alt=forest_words(reading),
        data=forest_table(reading, figure_id),
    )


def forest_words(reading: PooledReading) -> str:
    """Return in words what a forest shows."""
    lows = [row.estimate for row in reading.trials if not row.filled]
    filled = len(reading.trials) - len(lows)
    below = sum(value < reading.null for value in lows)
    average = reading.average
    limits = average.interval
    if reading.level:
        limits = say("{level} interval {limits}", level=reading.level, limits=limits)
    counts = {"total": len(lows)}
    sentences = [
        f"{reading.title}. {reading.axis}.",
        f"{average.label}: {average.number}, {limits}, {reading.p_value}.",
        say_count(
            below,
            "The estimate of {n} of {total} trials lies below no difference, on the side “{side}”.",
            "Estimates of {n} of {total} trials lie below no difference, on the side “{side}”.",
            side=reading.left.text,
            **counts,
        )
        if reading.left.text
        else say_count(
            below,
            "The estimate of {n} of {total} trials lies below no difference.",
            "Estimates of {n} of {total} trials lie below no difference.",
            **counts,
        ),
        say(
            "{n} filled in by trim and fill; average with filled trials: {average}.",
            n=filled,
            average=reading.with_filled.text,
        )
        if reading.with_filled
        else "",
        say("A further trial is expected at {limits}.", limits=reading.prediction.interval)
        if reading.prediction
        else "",
        *(
            f"{group.name}: {group.average.text}."
            for group in reading.groups
            if group.name and group.average
        ),
        reading.spread,
    ]
    return " ".join(filter(None, sentences))


def forest_table(reading: PooledReading, figure_id: str) -> Table:
    """Return the numbers in a forest."""
    has_groups = any(group.name for group in reading.groups)
    rows = []
    for group in reading.groups:
        rows += [table_row(row, group.name if has_groups else None) for row in group.trials]
        if group.average and group.name:
            rows.append(table_row(group.average, group.name))
    rows.append(table_row(reading.average, None))
    if reading.with_filled:
        rows.append(table_row(reading.with_filled, None))
    if reading.prediction:
        rows.append((reading.prediction.label, "", "", reading.prediction.interval, ""))
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Trial")),
            Column(label="n", align="right"),
            Column(label=reading.axis, align="decimal"),
            Column(label=say("{level} interval", level=reading.level).strip(), align="right"),
            Column(label=say("Weight, %"), align="decimal"),
        ),
        rows=tuple(rows),
    )


def table_row(row: PooledRow, group: str | None) -> tuple[str, str, str, str, str]:
    """Return one line of the table."""
    label = f"{group}: {row.label}" if group else row.label
    return label, row.n, row.number, row.interval, weight_text(row)


def weight_text(row: PooledRow) -> str:
    """Return a weight in percent; empty for an average."""
    return "" if row.weight is None else format_number(row.weight, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the drawing: a heading without a row, or a row of one kind."""

    kind: Literal["heading", "trial", "average", "total", "prediction"]
    label: str
    row: PooledRow | None
    indent: float = 0.0

    @property
    def bold(self) -> bool:
        """Whether the line is set in bold."""
        return self.kind in {"heading", "total"}


def lines_of(reading: PooledReading) -> list[Line]:
    """Return the lines of a forest from top to bottom."""
    lines = []
    for group in reading.groups:
        indent = INDENT if group.name else 0.0
        if group.name:
            lines.append(Line(kind="heading", label=group.name, row=None))
        lines += [
            Line(kind="trial", label=row.label, row=row, indent=indent) for row in group.trials
        ]
        if group.name and group.average:
            label = group.average.label
            lines.append(Line(kind="average", label=label, row=group.average, indent=indent))
    lines.append(Line(kind="total", label=reading.average.label, row=reading.average))
    if reading.with_filled:
        label = reading.with_filled.label
        lines.append(Line(kind="average", label=label, row=reading.with_filled))
    if reading.prediction:
        label = reading.prediction.label
        lines.append(Line(kind="prediction", label=label, row=reading.prediction))
    return lines


def columns_of(lines: Sequence[Line]) -> Columns:
    """Return where the columns stand: as narrow as their text, the axis taking the rest."""
    labels = max(
        min(text_width(line.label, bold=line.bold) + line.indent, LABEL_ROOM) for line in lines
    )
    rows = [line.row for line in lines if line.row]
    n = max(text_width(row.n, bold=True) for row in rows)
    weight = max(text_width(weight_text(row)) for row in rows)
    numbers = max(text_width(row.text, bold=True) for row in rows)
    weights = FULL_WIDTH if weight else FULL_WIDTH + GAP
    number_edge = (
        weights - max(weight, text_width(say(WEIGHT_HEAD), size=SMALL) * bool(weight)) - GAP
    )
    n_edge = labels + (GAP + n if n else 0.0)
    return Columns(
        labels=labels,
        n=n_edge,
        left=n_edge + GAP + 4,
        right=number_edge - numbers - GAP,
        numbers=number_edge,
        weights=weights,
    )


def forest_svg(reading: PooledReading, figure_id: str) -> str:
    """Return the drawing of a forest."""
    lines = lines_of(reading)
    at = columns_of(lines)
    wrapped = [wrap(line.label, at.labels - line.indent, bold=line.bold) for line in lines]
    scale, ticks = forest_scale(reading, at.left, at.right)
    zero = scale.place(reading.null)
    sides = [
        wrap(reading.left.text, zero - at.left) if reading.left.text else [],
        wrap(reading.right.text, at.right - zero) if reading.right.text else [],
    ]
    title = wrap(reading.axis, at.right - at.left + 60)
    spread = wrap(reading.spread, FULL_WIDTH, size=SMALL)
    top = max(lines_height(words) for words in sides) + 14
    heights = [
        max(ROW, lines_height(words) + 2) + gap_above(line, position)
        for position, (line, words) in enumerate(zip(lines, wrapped, strict=True))
    ]
    axis = top + fsum(heights) + 5
    below = axis + 20 + lines_height(title)
    sheet = new_sheet(FULL_WIDTH, below + lines_height(spread, size=SMALL))
    write_lines(sheet, zero - 5, 0, sides[0], colour=reading.left.colour, across="right")
    write_lines(sheet, zero + 5, 0, sides[1], colour=reading.right.colour)
    write_heads(sheet, reading, at, y=top - 4)
    stroke(sheet, [0, FULL_WIDTH], [top, top], colour=LINE, width=0.5)
    stroke(sheet, [zero, zero], [top, axis], colour=INK, width=0.9)
    middle = scale.place(reading.average.estimate)
    stroke(sheet, [middle, middle], [top, axis], colour=MUTED, width=0.7, dashes=(2.5, 2.0))
    edge = top
    for position, (line, words) in enumerate(zip(lines, wrapped, strict=True)):
        gap = gap_above(line, position)
        y = edge + gap + (heights[position] - gap) / 2
        draw_line(sheet, reading, scale, at, line, words, y=y)
        edge += heights[position]
    axis_across(sheet, scale, axis, ticks, title=title, labels=tick_labels(reading, ticks))
    write_lines(sheet, 0, below, spread, colour=MUTED, size=SMALL)
    return sheet.to_svg(figure_id)


def gap_above(line: Line, position: int) -> float:
    """Return the room above a line that begins a new part."""
    return GROUP_GAP if position and line.kind in {"heading", "total"} else 1.0


def write_heads(sheet: Sheet, reading: PooledReading, at: Columns, *, y: float) -> None:
    """Write the heads of the columns."""
    head = say("estimate")
    if reading.level:
        head = say("estimate ({level} interval)", level=reading.level)
    heads = [
        (at.numbers, head),
        *([(at.n, "n")] if any(row.n for row in reading.trials) else []),
        *([(at.weights, say(WEIGHT_HEAD))] if any(row.weight for row in reading.trials) else []),
    ]
    write(sheet, 0, y, say("trial"), colour=MUTED, size=SMALL)
    for x, text in heads:
        write(sheet, x, y, text, colour=MUTED, size=SMALL, across="right")


def draw_line(
    sheet: Sheet,
    reading: PooledReading,
    scale: Scale,
    at: Columns,
    line: Line,
    words: Sequence[str],
    *,
    y: float,
) -> None:
    """Draw one line: its label, its mark, its numbers."""
    muted = line.kind == "prediction"
    colour = MUTED if muted else INK
    write_beside(sheet, line.indent, y, words, bold=line.bold, colour=colour)
    row = line.row
    if row is None:
        return
    text = row.interval if muted else row.text
    write_beside(sheet, at.numbers, y, [text], bold=line.bold, colour=colour, across="right")
    if row.n:
        write_beside(sheet, at.n, y, [row.n], bold=line.bold, across="right")
    if row.weight is not None:
        write_beside(sheet, at.weights, y, [weight_text(row)], across="right")
    if line.kind == "trial":
        draw_trial(sheet, reading, scale, row, y=y)
    elif line.kind == "prediction":
        draw_bar(sheet, scale, row, y=y, colour=reading.colour)
    else:
        draw_diamond(sheet, scale, row, y=y, colour=reading.colour, filled=line.kind == "total")


def draw_trial(
    sheet: Sheet, reading: PooledReading, scale: Scale, row: PooledRow, *, y: float
) -> None:
    """Draw a trial's interval, and its estimate as a square of its weight; hollow if filled."""
    ends = [scale.place(row.low), scale.place(row.high)]
    stroke(sheet, ends, [y, y], colour=LINE, width=1.1)
    for limit, x in zip((row.low, row.high), ends, strict=True):
        if not scale.contains(limit):
            arrow_head(sheet, x, y, colour=LINE, to_the_left=limit < scale.low)
    heaviest = max((other.weight or 0.0 for other in reading.trials), default=0.0)
    share = (row.weight or 0.0) / heaviest if heaviest else 0.25
    half = max(LARGEST * sqrt(share), SMALLEST)
    face = EMPTY if row.filled else reading.colour
    x = scale.place(row.estimate)
    corners = [
        (x - half, y - half),
        (x + half, y - half),
        (x + half, y + half),
        (x - half, y + half),
    ]
    edge = reading.colour if row.filled else "none"
    put(sheet, Polygon(corners, closed=True, facecolor=face, edgecolor=edge, zorder=3))


def draw_diamond(
    sheet: Sheet, scale: Scale, row: PooledRow, *, y: float, colour: str, filled: bool
) -> None:
    """Draw an average as a diamond as wide as its interval; a subgroup's is hollow."""
    left, x, right = (scale.place(value) for value in (row.low, row.estimate, row.high))
    corners = [(left, y), (x, y - DIAMOND), (right, y), (x, y + DIAMOND)]
    put(
        sheet,
        Polygon(
            corners,
            closed=True,
            facecolor=colour if filled else "none",
            edgecolor=colour,
            linewidth=0.0 if filled else 1.2,
            zorder=3,
        ),
    )


def draw_bar(sheet: Sheet, scale: Scale, row: PooledRow, *, y: float, colour: str) -> None:
    """Draw a prediction interval as a bar with ends."""
    ends = [scale.place(row.low), scale.place(row.high)]
    stroke(sheet, ends, [y, y], colour=colour, width=1.6)
    for limit, x in zip((row.low, row.high), ends, strict=True):
        if scale.contains(limit):
            stroke(sheet, [x, x], [y - 3, y + 3], colour=colour, width=1.6)
        else:
            arrow_head(sheet, x, y, colour=colour, to_the_left=limit < scale.low)
