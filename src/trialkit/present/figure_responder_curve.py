"""How many people improve by at least x %, for every x: a falling curve an arm."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Final

from matplotlib.patches import Polygon

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    axis_down,
    dots,
    drawing,
    lines_height,
    new_sheet,
    put,
    stroke,
    text_width,
    ticks_width,
    wrap,
    write_beside,
    write_lines,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import (
    format_interval,
    format_level,
    format_number,
    format_p_equation,
    format_proportion,
    format_ticks,
    n_equals,
)
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import arm_label, contrast_label, list_in_words, row_endpoint
from trialkit.present.palette import LINE, MUTED, arm_colours, asked_about, text_colour
from trialkit.present.scale import Scale, limit_ticks, spread_apart
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

PLOT_HEIGHT: Final = 156.0
LABEL_ROOM: Final = 112.0
TITLE_GAP: Final = 10.0
LEADER_FROM: Final = 3.0
# Reductions that people in pain call meaningful and substantial.
MARKED: Final = (30.0, 50.0)
MOST_BANDS: Final = 2  # more would hide each other; the table has them all
BAND: Final = "simultaneous band"
TERM: Final = re.compile(r"at least (-?[\d.]+(?:e-?\d+)?) %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One arm: its share of people at each threshold, with the band around them."""

    arm: str | None
    label: str
    colour: str
    band: dict[float, Estimate]
    pointwise: dict[float, Estimate]

    @property
    def people(self) -> int:
        """How many people the curve is made of."""
        return next(iter(self.band.values())).n_subjects or 0

    def marked(self, threshold: float) -> Estimate:
        """Return the share at a threshold with its pointwise interval, if that is stored."""
        return self.pointwise.get(threshold, self.band[threshold])


def responder_curve_figure(results: StudyResults, record: AnalysisRecord) -> Figure:
    """Draw, an arm a curve, how many people improve by at least each percentage.

    The shaded band holds the whole curve at once with the stated level; beside more than
    two arms only those of the question are shaded. Shares at 30 % and 50 % are marked and
    stand under the axis; people who get worse are the gap above the curve's left end.

    Raises
    ------
    SpecificationError
        If the record holds no curve of at least two thresholds.
    """
    curves = read_curves(results, record)
    if not curves:
        raise SpecificationError(f"analysis {record.analysis!r} holds no responder curve to draw")
    figure_id = f"figure-responder-curve-{record.analysis}"
    with drawing():
        svg = curve_svg(curves, improvement_words(results, record, curves), figure_id)
    outcome = outcome_words(results, record, curves)
    return Figure(
        id=figure_id,
        title=say("{outcome}: people who improve by at least x %, by arm", outcome=outcome),
        svg=svg,
        alt=curve_sentence(results, record, curves, outcome),
        data=curve_data(curves, figure_id),
        footnotes=(band_note(curves),),
    )


def read_curves(results: StudyResults, record: AnalysisRecord) -> list[Curve]:
    """Return the curves of a record, the arms of the question first."""
    rows = record.result.select(quantity="proportion") if record.result else ()
    colours = arm_colours(results.study)
    arms = list(dict.fromkeys(row.arm for row in rows))
    order = [*asked_about(results.study), *(arm.id for arm in results.study.arm)]
    arms.sort(key=lambda arm: order.index(arm) if arm in order else len(order))
    curves = [
        Curve(
            arm=arm,
            label=arm_label(results.study, arm),
            colour=colours.get(arm or "", MUTED),
            band=by_threshold([row for row in rows if row.arm == arm], band=True),
            pointwise=by_threshold([row for row in rows if row.arm == arm], band=False),
        )
        for arm in arms
    ]
    return [curve for curve in curves if len(curve.band) > 1]


def by_threshold(rows: Sequence[Estimate], *, band: bool) -> dict[float, Estimate]:
    """Return the rows of one kind of interval by their threshold, rising."""
    found = {
        float(match[1]): row
        for row in rows
        if row.method.startswith(BAND) is band and (match := TERM.fullmatch(row.term or ""))
    }
    return dict(sorted(found.items()))


def outcome_words(results: StudyResults, record: AnalysisRecord, curves: Sequence[Curve]) -> str:
    """Return the label of the endpoint that improves."""
    first = next(iter(curves[0].band.values()))
    endpoint = row_endpoint(results, record.analysis, first)
    return say("Improvement") if endpoint is None else endpoint.label


def improvement_words(
    results: StudyResults, record: AnalysisRecord, curves: Sequence[Curve]
) -> str:
    """Return what the thresholds are percentages of."""
    first = next(iter(curves[0].band.values()))
    endpoint = row_endpoint(results, record.analysis, first)
    if endpoint is None:
        return say("Improvement from baseline, % (lower or higher than before)")
    if endpoint.better == "lower":
        return say("Improvement from baseline, % (lower than before)")
    return say("Improvement from baseline, % (higher than before)")


def marked_thresholds(curves: Sequence[Curve]) -> list[float]:
    """Return which of 30 % and 50 % every curve has."""
    return [mark for mark in MARKED if all(mark in curve.band for curve in curves)]


def share_words(row: Estimate) -> str:
    """Return a share with its interval, in people out of a hundred."""
    share = format_proportion(row.estimate)
    return f"{share} ({format_interval(row.conf_low, row.conf_high, 0, factor=100)})"


def curve_sentence(
    results: StudyResults, record: AnalysisRecord, curves: Sequence[Curve], outcome: str
) -> str:
    """Return in words how many people of each arm improve how much, and the test."""
    parts = []
    for curve in curves:
        shares = [
            say(
                "{share} by at least {mark} %",
                share=share_words(curve.marked(mark)),
                mark=format_ticks([mark])[0],
            )
            for mark in marked_thresholds(curves) or list(curve.band)[:1]
        ]
        parts.append(f"{curve.label}, {n_equals(curve.people)}: {list_in_words(shares)}")
    tests = gap_sentence(results, record)
    said = say(
        "People whose {outcome} improves. {parts}.",
        outcome=mid_sentence(outcome),
        parts="; ".join(parts),
    )
    return f"{said}{tests}"


def gap_sentence(results: StudyResults, record: AnalysisRecord) -> str:
    """Return the largest distance between curves and its p-value, a contrast a sentence."""
    rows = record.result.select(quantity="joint_test", term="whole curve") if record.result else ()
    return "".join(
        " "
        + say(
            "{compared}: the curves are at most {share} of people apart, {p}.",
            compared=contrast_label(results.study, row.arm, row.reference_arm),
            share=format_proportion(row.estimate),
            p=format_p_equation(row.p_value),
        )
        for row in rows
    )


def band_note(curves: Sequence[Curve]) -> str:
    """Return what the shaded band means."""
    level = next(iter(curves[0].band.values())).conf_level
    band = say("band") if level is None else say("{level} band", level=format_level(level))
    if len(curves) > MOST_BANDS:
        band = f"{band} ({list_in_words(names_of(curves))})"
    return say(
        "Shaded: a {band} that holds at every percentage at once. Intervals at {marks} hold for "
        "that percentage alone.",
        band=band,
        marks=list_in_words([f"{mark} %" for mark in format_ticks(MARKED)]),
    )


def names_of(curves: Sequence[Curve]) -> list[str]:
    """Return the labels of the arms whose band is shaded."""
    return [curve.label for curve in curves[:MOST_BANDS]]


def curve_svg(curves: Sequence[Curve], across: str, figure_id: str) -> str:
    """Return the drawing of the curves."""
    thresholds = sorted({threshold for curve in curves for threshold in curve.band})
    names = [wrap(curve.label, LABEL_ROOM, bold=True) for curve in curves]
    marks = marked_thresholds(curves)
    up = limit_ticks(0, 100, at_most=6)
    left, right = ticks_width(up) + 4, FULL_WIDTH - LABEL_ROOM - 12
    title = wrap(say("People who improve by at least x, %"), FULL_WIDTH)
    top = lines_height(title) + TITLE_GAP
    base = top + PLOT_HEIGHT
    table = base + 20 + lines_height([across]) + 8
    heights = [lines_height(lines, size=SMALL) + 2 for lines in names]
    sheet = new_sheet(FULL_WIDTH, table + (lines_height([""], size=SMALL) + fsum(heights)))
    horizontal = Scale(low=thresholds[0], high=thresholds[-1], start=left, stop=right)
    vertical = Scale(low=0, high=100, start=base, stop=top)
    write_lines(sheet, 0, 0, title, colour=MUTED)
    axis_down(sheet, vertical, left, up)
    ticks = limit_ticks(thresholds[0], thresholds[-1], at_most=11)
    axis_across(sheet, horizontal, base, ticks, title=[across])
    for mark in marks:
        x = horizontal.place(mark)
        stroke(sheet, [x, x], [top, base], colour=LINE, width=0.7, dashes=(3, 3))
    for curve in curves[:MOST_BANDS]:
        draw_band(sheet, curve, horizontal, vertical)
    for curve in curves:
        draw_curve(sheet, curve, horizontal, vertical, marks)
    label_curves(sheet, curves, names, vertical, right)
    write_shares(sheet, curves, names, heights, horizontal, table, marks)
    return sheet.to_svg(figure_id)


def stairs(
    points: Sequence[tuple[float, float]], *, early: bool
) -> tuple[list[float], list[float]]:
    """Return a falling staircase through points; it falls at the start or end of each step."""
    xs, ys = [points[0][0]], [points[0][1]]
    for (x0, y0), (x1, y1) in pairwise(points):
        xs += [x0, x1] if early else [x1, x1]
        ys += [y1, y1] if early else [y0, y1]
    return xs, ys


def draw_band(sheet: Sheet, curve: Curve, across: Scale, up: Scale) -> None:
    """Shade the band: below, the limit of the next threshold; above, that of the one before.

    A share can only fall from one threshold to the next, so the band holds between them.
    """
    low, high = (
        stairs(
            [
                (across.place(at), up.place(100 * (getattr(row, side) or 0.0)))
                for at, row in curve.band.items()
            ],
            early=side == "conf_low",
        )
        for side in ("conf_low", "conf_high")
    )
    corners = [*zip(*high, strict=True), *reversed(list(zip(*low, strict=True)))]
    put(sheet, Polygon(corners, closed=True, facecolor=curve.colour, edgecolor="none", alpha=0.13))


def draw_curve(
    sheet: Sheet, curve: Curve, across: Scale, up: Scale, marks: Sequence[float]
) -> None:
    """Draw the staircase of one arm, with a dot at each marked threshold."""
    points = [
        (across.place(at), up.place(100 * (row.estimate or 0.0))) for at, row in curve.band.items()
    ]
    stroke(sheet, *stairs(points, early=True), colour=curve.colour, width=1.6)
    xs = [across.place(mark) for mark in marks]
    ys = [up.place(100 * (curve.band[mark].estimate or 0.0)) for mark in marks]
    dots(sheet, xs, ys, colour=curve.colour, radius=3.2)


def label_curves(
    sheet: Sheet,
    curves: Sequence[Curve],
    names: Sequence[Sequence[str]],
    up: Scale,
    right: float,
) -> None:
    """Write each arm's name at the end of its curve, moved apart where names would touch."""
    wanted = [up.place(100 * (list(curve.band.values())[-1].estimate or 0.0)) for curve in curves]
    heights = [lines_height(lines) + 3 for lines in names]
    moved = spread_apart(wanted, heights, low=up.stop - 6, high=up.start + 6)
    for curve, lines, y, end in zip(curves, names, moved, wanted, strict=True):
        if abs(y - end) > LEADER_FROM:
            stroke(sheet, [right + 2, right + 9], [end, y], colour=curve.colour, width=0.5)
        write_beside(sheet, right + 12, y, lines, colour=text_colour(curve.colour), bold=True)


def write_shares(
    sheet: Sheet,
    curves: Sequence[Curve],
    names: Sequence[Sequence[str]],
    heights: Sequence[float],
    across: Scale,
    top: float,
    marks: Sequence[float],
) -> None:
    """Write under the axis, a line an arm, the share at each marked threshold."""
    places = share_places(curves, across, marks)
    for mark, x in places.items():
        head = say("at least {mark} %", mark=format_ticks([mark])[0])
        write_lines(sheet, x, top, [head], colour=MUTED, size=SMALL, across="center")
    edge = top + lines_height([""], size=SMALL)
    for curve, lines, height in zip(curves, names, heights, strict=True):
        colour = text_colour(curve.colour)
        for mark, x in places.items():
            words = share_words(curve.marked(mark))
            write_lines(sheet, x, edge, [words], colour=colour, size=SMALL, across="center")
        write_lines(sheet, across.start, edge, [n_equals(curve.people)], colour=colour, size=SMALL)
        write_lines(sheet, across.stop + 12, edge, lines, colour=colour, size=SMALL)
        edge += height


def share_places(
    curves: Sequence[Curve], across: Scale, marks: Sequence[float]
) -> dict[float, float]:
    """Return where the shares of each marked threshold stand, far enough apart to be read."""
    if not marks:
        return {}
    widths = [
        max(text_width(share_words(curve.marked(mark)), size=SMALL) for curve in curves) + 10
        for mark in marks
    ]
    room = max(text_width(n_equals(curve.people), size=SMALL) for curve in curves) + 8
    places = spread_apart(
        [across.place(mark) for mark in marks],
        widths,
        low=across.start + room,
        high=across.stop + 8,
    )
    return dict(zip(marks, places, strict=True))


def curve_data(curves: Sequence[Curve], figure_id: str) -> Table:
    """Return the share and band of each arm at each threshold."""
    thresholds = sorted({threshold for curve in curves for threshold in curve.band})
    columns = [Column(label=say("Improvement of at least"), align="right")]
    for curve in curves:
        columns += [
            Column(label=f"{curve.label}, {n_equals(curve.people)}: %", align="right"),
            Column(label=say("{arm}: band, %", arm=curve.label), align="right"),
        ]
    rows = [
        (
            f"{format_ticks([threshold])[0]} %",
            *(cell for curve in curves for cell in share_cells(curve.band.get(threshold))),
        )
        for threshold in thresholds
    ]
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=tuple(columns),
        rows=tuple(rows),
    )


def share_cells(row: Estimate | None) -> tuple[str, str]:
    """Return a share and its band as cells; both empty where there is none."""
    if row is None:
        return "", ""
    return (
        format_number(row.estimate, 1, factor=100),
        format_interval(row.conf_low, row.conf_high, 1, factor=100),
    )
