"""One contrast drawn against no difference, as a strip; and the marks a forest shares with it."""

from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import say
from trialkit.present.canvas import (
    SMALL,
    Sheet,
    arrow_head,
    axis_across,
    dots,
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
    contrast_sentence,
    margin_sentence,
    ratio_limit,
    ratio_ticks,
    read_contrast,
    symmetric_limit,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import format_p_value, format_ticks
from trialkit.present.labels import contrast_label
from trialkit.present.palette import INK, MUTED
from trialkit.present.scale import Scale, round_ticks, value_limits
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint

STRIP_WIDTH: Final = 300.0
STRIP_EDGE: Final = 14.0
CERTAIN: Final = 100.0  # a chance in print


def interval_figure(results: StudyResults, record: AnalysisRecord, estimate: Estimate) -> Figure:
    """Draw an estimate with its interval against no difference, both sides named.

    The axis is symmetric about no difference, so that neither side looks nearer; a margin
    between groups, where one is declared, is drawn on both sides. A limit at infinity ends
    in an arrow head.

    Raises
    ------
    SpecificationError
        If the row holds no estimate.
    """
    shown = read_contrast(results, record, estimate)
    position = record.result.estimates.index(estimate) if record.result else 0
    figure_id = f"figure-interval-{record.analysis}-{position}"
    with drawing():
        svg = strip_svg(shown, figure_id)
    compared = contrast_label(results.study, estimate.arm, estimate.reference_arm)
    return Figure(
        id=figure_id,
        title=f"{compared}: {shown.title}",
        svg=svg,
        alt=" ".join(
            filter(None, (contrast_sentence(results, record, estimate), margin_sentence(shown)))
        ),
        data=contrast_data(figure_id, say("Contrast"), [(compared, shown, estimate)]),
    )


def contrast_data(
    figure_id: str, head: str, rows: Sequence[tuple[str, Contrast, Estimate]]
) -> Table:
    """Return the numbers of a drawing of contrasts."""
    level = next((shown.level for _, shown, _ in rows if shown.level), "")
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=head),
            Column(label=rows[0][1].title, align="decimal"),
            Column(label=say("{level} interval", level=level).strip(), align="right"),
            Column(label="p", align="decimal"),
        ),
        rows=tuple(
            (label, shown.number, shown.interval, format_p_value(row.p_value))
            for label, shown, row in rows
        ),
    )


def strip_svg(shown: Contrast, figure_id: str) -> str:
    """Return the drawing of one interval."""
    room = STRIP_WIDTH / 2 - STRIP_EDGE
    names = [wrap(side.text, room) if side else [] for side in (shown.left, shown.right)]
    title = wrap(shown.title, STRIP_WIDTH)
    top = max(lines_height(lines) for lines in names) + (14 if shown.margin else 4)
    axis = top + 34
    sheet = new_sheet(STRIP_WIDTH, axis + 18 + lines_height(title))
    scale, ticks = contrast_scale([shown], STRIP_EDGE, STRIP_WIDTH - STRIP_EDGE)
    write_sides(sheet, shown, names, left=0.0, right=STRIP_WIDTH, top=0.0)
    draw_references(sheet, scale, shown, top=top, bottom=axis)
    draw_interval(sheet, scale, shown, y=top + 17, colour=shown.colour, weight=3.0)
    axis_across(sheet, scale, axis, ticks, title=title, labels=tick_labels(shown, ticks))
    return sheet.to_svg(figure_id)


def contrast_scale(
    contrasts: Sequence[Contrast], start: float, stop: float
) -> tuple[Scale, list[float]]:
    """Return the axis that holds the contrasts, and its ticks."""
    first = contrasts[0]
    if first.null is None:
        low, high = value_limits(PLAIN_ENDPOINT, [v for item in contrasts for v in item.finite])
        high = 100.0 if first.quantity == "proportion" else high
        scale = Scale(low=low, high=high, start=start, stop=stop)
        return scale, round_ticks(low, high, at_most=6)
    if first.null == 1:
        limit = ratio_limit(contrasts)
        scale = Scale(low=1 / limit, high=limit, start=start, stop=stop, logarithmic=True)
        return scale, ratio_ticks(limit)
    if first.null == CERTAIN / 2:
        return Scale(low=0.0, high=CERTAIN, start=start, stop=stop), [
            0.0,
            25.0,
            50.0,
            75.0,
            CERTAIN,
        ]
    limit = symmetric_limit(contrasts)
    scale = Scale(low=-limit, high=limit, start=start, stop=stop)
    return scale, round_ticks(-limit, limit, at_most=7)


# A scale of which nothing is declared: the axis follows the values.
PLAIN_ENDPOINT: Final = Endpoint(id="any", label="any", better="lower")


def tick_labels(shown: Contrast, ticks: Sequence[float]) -> list[str]:
    """Return the tick labels; those of a ratio each with the decimals it needs."""
    if shown.null == 1:
        return [format_ticks([tick])[0] for tick in ticks]
    return format_ticks(ticks)


def write_sides(
    sheet: Sheet,
    shown: Contrast,
    names: Sequence[Sequence[str]],
    *,
    left: float,
    right: float,
    top: float,
) -> None:
    """Name the two sides of no difference, each over its own half."""
    if shown.left is None or shown.right is None:
        return
    write_lines(sheet, left, top, names[0], colour=shown.left.colour)
    write_lines(sheet, right, top, names[1], colour=shown.right.colour, across="right")


def draw_references(
    sheet: Sheet, scale: Scale, shown: Contrast, *, top: float, bottom: float
) -> None:
    """Draw no difference, and the margin on both sides of it."""
    if shown.null is None:
        return
    zero = scale.place(shown.null)
    stroke(sheet, [zero, zero], [top, bottom], colour=INK, width=0.9)
    if shown.margin is None:
        return
    for margin in (-shown.margin, shown.margin):
        x = scale.place(margin)
        stroke(sheet, [x, x], [top, bottom], colour=MUTED, width=0.8, dashes=(2.5, 2.0))
    label = say("margin ±{size}", size=format_ticks([shown.margin])[0])
    x = scale.place(shown.margin)
    x = min(x, sheet.width - text_width(label, size=SMALL) / 2)
    write(sheet, x, top - 3, label, colour=MUTED, size=SMALL, across="center")


def draw_interval(
    sheet: Sheet, scale: Scale, shown: Contrast, *, y: float, colour: str, weight: float
) -> None:
    """Draw an interval and its estimate; without an interval the estimate is hollow."""
    radius = 1.7 * weight
    if shown.low is not None and shown.high is not None:
        ends = [scale.place(shown.low), scale.place(shown.high)]
        stroke(sheet, ends, [y, y], colour=colour, width=weight)
        for limit, x in zip((shown.low, shown.high), ends, strict=True):
            if not scale.contains(limit):
                arrow_head(sheet, x, y, colour=colour, to_the_left=limit < scale.low)
    x = scale.place(shown.estimate)
    dots(sheet, [x], [y], colour=colour, radius=radius, hollow=shown.low is None)
