"""The funnel of a meta-analysis: estimates against their standard errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from matplotlib.patches import Polygon

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    SMALL,
    Across,
    Sheet,
    axis_across,
    axis_down,
    dots,
    drawing,
    lines_height,
    new_sheet,
    put,
    stroke,
    ticks_width,
    wrap,
    write,
    write_beside,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import format_number, format_p_equation
from trialkit.present.palette import EMPTY, INK, LINE, MUTED
from trialkit.present.pooled import (
    FILLED,
    Figures,
    Pair,
    PooledReading,
    pooled_average,
    read_pooled,
)
from trialkit.present.pooled_axis import ratio_axis_ticks, tick_labels
from trialkit.present.scale import Scale, round_ticks
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

WIDTH: Final = 330.0
HEIGHT: Final = 190.0
RADIUS: Final = 2.9
NAME_ROOM: Final = 34.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What a funnel shows, on the scale of the estimates (of ratios, logarithms).

    ``reach`` is the half width of the funnel per unit of standard error; ``line`` is
    Egger's: its limit and its slope, or None.
    """

    points: tuple[Estimate, ...]
    filled: tuple[Estimate, ...]
    centre: float
    reach: float
    line: tuple[float, float] | None
    tests: str
    in_print: Callable[[float], float]

    @property
    def deepest(self) -> float:
        """The largest standard error."""
        return max(row.std_error or 0.0 for row in (*self.points, *self.filled))


def funnel_figure(
    results: StudyResults,
    record: AnalysisRecord,
    pair: Pair | None = None,
    *,
    egger: bool = True,
) -> Figure:
    """Draw the trials by estimate and standard error, the precise ones on top.

    The tinted triangle is where estimates would lie (at the level of the intervals) if all
    trials shared the average and differed by sampling error only. The dashed line is
    Egger's regression. Trials filled in by trim and fill are rings.

    Raises
    ------
    SpecificationError
        If the record holds no pooled estimate, or no trial with a standard error.
    """
    reading = read_pooled(results, record, pair)
    funnel = read_funnel(record, reading, pair, egger=egger)
    figure_id = f"figure-funnel-{record.analysis}"
    with drawing():
        svg = funnel_svg(reading, funnel, figure_id)
    return Figure(
        id=figure_id,
        title=say("{title}: funnel", title=reading.title),
        svg=svg,
        alt=funnel_words(reading, funnel),
        data=funnel_table(reading, funnel, figure_id),
    )


def read_funnel(
    record: AnalysisRecord, reading: PooledReading, pair: Pair | None, *, egger: bool
) -> Funnel:
    """Return the points of a funnel, its triangle and Egger's line."""
    average = pooled_average(record, pair)
    if record.result is None or average.estimate is None:
        raise SpecificationError(f"analysis {record.analysis!r} holds no funnel to draw")
    figures = Figures(result=record.result, pair=(average.arm, average.reference_arm))
    rows = [row for row in figures.rows("trial_estimate") if row.std_error]
    if not rows:
        raise SpecificationError(f"analysis {record.analysis!r} holds no trial to draw")
    first = rows[0]
    reach = ((first.conf_high or 0.0) - (first.conf_low or 0.0)) / 2 / (first.std_error or 1.0)
    slope, limit = figures.row("asymmetry_test", "egger"), figures.fit("egger_limit")
    line = None
    if egger and slope and slope.estimate is not None and isinstance(limit, int | float):
        line = float(limit), slope.estimate
    is_filled = [str(row.term).startswith(FILLED) for row in rows]
    return Funnel(
        points=tuple(row for row, filled in zip(rows, is_filled, strict=True) if not filled),
        filled=tuple(row for row, filled in zip(rows, is_filled, strict=True) if filled),
        centre=average.estimate,
        reach=reach,
        line=line,
        tests=tests_text(figures),
        in_print=exp if reading.ratio else float,
    )


def tests_text(figures: Figures) -> str:
    """Return the tests of asymmetry in words."""
    names = {"egger": say("Egger's regression"), "begg": say("Begg's rank test")}
    parts = [
        f"{name} {format_p_equation(row.p_value)}"
        for term, name in names.items()
        if (row := figures.row("asymmetry_test", term)) is not None
    ]
    return f"{', '.join(parts)}." if parts else ""


def funnel_words(reading: PooledReading, funnel: Funnel) -> str:
    """Return in words what a funnel shows."""
    inside = sum(
        abs((row.estimate or 0.0) - funnel.centre) <= funnel.reach * (row.std_error or 0.0)
        for row in funnel.points
    )
    parts = [
        say("{title}. {axis}, against the standard error.", title=reading.title, axis=reading.axis),
        say(
            "Inside the {level} funnel around the average, {average}: {inside} of {total} trials.",
            level=reading.level,
            average=reading.average.number,
            inside=inside,
            total=len(funnel.points),
        ),
        say("{n} filled in by trim and fill.", n=len(funnel.filled)) if funnel.filled else "",
        funnel.tests,
    ]
    return " ".join(filter(None, parts))


def funnel_table(reading: PooledReading, funnel: Funnel, figure_id: str) -> Table:
    """Return the numbers in a funnel."""
    numbers = {row.label: row.number for row in reading.trials}
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Trial")),
            Column(label=reading.axis, align="decimal"),
            Column(label=error_title(reading), align="decimal"),
        ),
        rows=tuple(
            (str(row.term), numbers[str(row.term)], format_number(row.std_error, 3))
            for row in (*funnel.points, *funnel.filled)
        ),
    )


def error_title(reading: PooledReading) -> str:
    """Return what the axis of standard errors says."""
    if reading.ratio:
        return say("standard error of the logarithm")
    return say("standard error")


def funnel_svg(reading: PooledReading, funnel: Funnel, figure_id: str) -> str:
    """Return the drawing of a funnel."""
    down_ticks = round_ticks(0.0, funnel.deepest * 1.06, at_most=6)
    left = ticks_width(down_ticks) + 8
    title = wrap(reading.axis, WIDTH - left)
    top = 16.0
    axis = top + HEIGHT
    down = Scale(low=0.0, high=funnel.deepest * 1.08, start=top, stop=axis)
    across, ticks = across_scale(reading, funnel, down.high, start=left, stop=WIDTH - 6)
    note = wrap(funnel.tests, WIDTH, size=SMALL) if funnel.tests else []
    below = axis + 20 + lines_height(title)
    sheet = new_sheet(WIDTH, below + lines_height(note, size=SMALL))

    def place(value: float, std_error: float) -> tuple[float, float]:
        return across.place(funnel.in_print(value)), down.place(std_error)

    draw_triangle(sheet, funnel, place, deepest=down.high)
    draw_lines(sheet, reading, funnel, place, across, down)
    for rows, hollow in ((funnel.points, False), (funnel.filled, True)):
        for row in rows:
            x, y = place(row.estimate or 0.0, row.std_error or 0.0)
            dots(sheet, [x], [y], colour=reading.colour, radius=RADIUS, alpha=0.85, hollow=hollow)
    write(sheet, 0, top - 7, error_title(reading), colour=MUTED, size=SMALL)
    axis_down(sheet, down, left, down_ticks)
    axis_across(sheet, across, axis, ticks, title=title, labels=tick_labels(reading, ticks))
    for position, words in enumerate(note):
        write(sheet, 0, below + 7 + position * SMALL * 1.22, words, colour=MUTED, size=SMALL)
    return sheet.to_svg(figure_id)


Place = Callable[[float, float], tuple[float, float]]


def across_scale(
    reading: PooledReading, funnel: Funnel, deepest: float, *, start: float, stop: float
) -> tuple[Scale, list[float]]:
    """Return the axis that holds every point and the foot of the triangle, and its ticks."""
    foot = funnel.reach * deepest
    values = [row.estimate or 0.0 for row in (*funnel.points, *funnel.filled)]
    low = min(*values, funnel.centre - foot)
    high = max(*values, funnel.centre + foot)
    edge = 0.04 * (high - low)
    low, high = low - edge, high + edge
    if not reading.ratio:
        low, high = (funnel.in_print(value) for value in (low, high))
        return Scale(low=low, high=high, start=start, stop=stop), round_ticks(low, high, at_most=7)
    scale = Scale(low=exp(low), high=exp(high), start=start, stop=stop, logarithmic=True)
    return scale, ratio_axis_ticks(scale)


def draw_triangle(sheet: Sheet, funnel: Funnel, place: Place, *, deepest: float) -> None:
    """Tint where estimates lie that differ from the average by sampling error only."""
    foot = funnel.reach * deepest
    corners = [
        place(funnel.centre, 0.0),
        place(funnel.centre + foot, deepest),
        place(funnel.centre - foot, deepest),
    ]
    put(sheet, Polygon(corners, closed=True, facecolor=EMPTY, edgecolor="none", alpha=0.55))
    for corner in corners[1:]:
        xs, ys = zip(corners[0], corner, strict=True)
        stroke(sheet, xs, ys, colour=LINE, width=0.6)


def draw_lines(
    sheet: Sheet,
    reading: PooledReading,
    funnel: Funnel,
    place: Place,
    across: Scale,
    down: Scale,
) -> None:
    """Draw the average, no difference, and Egger's line down to the axis."""
    if across.contains(reading.null):
        x = across.place(reading.null)
        stroke(sheet, [x, x], [down.start, down.stop], colour=INK, width=0.6)
    xs, ys = zip(*(place(funnel.centre, value) for value in (0.0, down.high)), strict=True)
    stroke(sheet, xs, ys, colour=reading.colour, width=1.2)
    write(sheet, xs[0], down.start - 3, "average", colour=MUTED, size=SMALL, across="center")
    if funnel.line is None:
        return
    limit, slope = funnel.line
    ends = line_ends(limit, slope, across, funnel, down.high)
    xs, ys = zip(*(place(limit + slope * value, value) for value in ends), strict=True)
    stroke(sheet, xs, ys, colour=INK, width=1.0, dashes=(3.0, 2.0))
    name_line(sheet, xs, ys, left=across.start)


def name_line(sheet: Sheet, xs: Sequence[float], ys: Sequence[float], *, left: float) -> None:
    """Write Egger's name beside the foot of the line, on the side that it leans away from."""
    leans_right = xs[0] >= xs[-1]
    side: Across = "right" if leans_right and xs[-1] > left + NAME_ROOM else "left"
    step = -5 if side == "right" else 5
    x, y = (xs[-1], ys[-1] - 7) if side == "right" or not leans_right else (xs[0], ys[0] + 8)
    write_beside(sheet, x + step, y, ["Egger"], colour=MUTED, size=SMALL, across=side)


def line_ends(
    limit: float, slope: float, across: Scale, funnel: Funnel, deepest: float
) -> Sequence[float]:
    """Return the standard errors between which Egger's line lies on the sheet."""
    back = log if funnel.in_print is exp else float
    ends = [0.0, deepest]
    if slope:
        crossings = sorted((back(edge) - limit) / slope for edge in (across.low, across.high))
        ends = [max(0.0, crossings[0]), min(deepest, crossings[1])]
    return ends
