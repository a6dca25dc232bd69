"""People before and after: thin lines from score to score, the means on top."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say
from trialkit.present.canvas import (
    FULL_WIDTH,
    HALF_WIDTH,
    Sheet,
    axis_down,
    dots,
    drawing,
    lines_height,
    new_sheet,
    stroke,
    ticks_width,
    wrap,
    write_lines,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import format_integer, format_ticks, n_equals
from trialkit.present.grammar import people
from trialkit.present.labels import arm_label, axis_text, list_in_words, short_unit, visit_label
from trialkit.present.palette import MUTED, arm_colours, text_colour
from trialkit.present.profile_drawing import draw_upright, mean_words, row_numbers
from trialkit.present.scale import Scale, limit_ticks, value_limits
from trialkit.present.table_descriptives import descriptive_rows
from trialkit.present.wording import better_words
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults, Transition
from trialkit.study.specification import Endpoint

PLOT_HEIGHT: Final = 140.0
PANEL_GAP: Final = 22.0
HEAD_GAP: Final = 12.0
WIDEST_PANEL: Final = 168.0
# At the foot of a page: as wide as it, and low.
LOW_HEIGHT: Final = 92.0
ACROSS: Final = 4
MEANS_NOTE: Final = later(
    "The bold line joins the means, with their intervals, of all who have a value at each visit."
)
THIN, THICK = 0.7, 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One arm: how people moved, and the means at both visits."""

    transition: Transition
    label: str
    colour: str
    means: tuple[Estimate | None, Estimate | None]

    @property
    def people(self) -> int:
        """How many people have a value at both visits."""
        return sum(count for _, _, count in self.transition.cells)


def pairs_figure(
    results: StudyResults, endpoint_id: str, visit_id: str, *, low: bool = False
) -> Figure:
    """Draw every person's way from baseline to a visit, a panel an arm, means on top.

    A line joins the bin before with the bin after and is as thick as the people on it are
    many; the means are of everyone with a value at each of the two visits. All panels
    share one axis. A ``low`` figure spreads over the width of the page instead.

    Raises
    ------
    SpecificationError
        If no before-and-after counts are stored.
    """
    endpoint = results.study.find_endpoint(endpoint_id)
    panels = pair_panels(results, endpoint_id, visit_id)
    if not panels:
        raise SpecificationError(
            f"no before-and-after counts of {endpoint_id!r} at visit {visit_id!r} are stored"
        )
    figure_id = f"figure-pairs-{endpoint_id}-{visit_id}"
    visits = baseline_label(results), visit_label(results.study, visit_id)
    with drawing():
        svg = pairs_svg(endpoint, panels, visits, figure_id, low=low)
    width = format_ticks([panels[0].transition.width])[0]
    return Figure(
        id=figure_id,
        title=say(
            "{outcome}: each person from {before} to {after}",
            outcome=endpoint.label,
            before=visits[0],
            after=visits[1],
        ),
        svg=svg,
        alt=pairs_sentence(endpoint, panels, visits),
        data=pairs_data(figure_id, endpoint, panels, visits),
        footnotes=(
            say("Values in bins of width {width}; a thicker line is more people.", width=width),
            say(MEANS_NOTE),
        ),
    )


def baseline_label(results: StudyResults) -> str:
    """Return the label of the visit before treatment."""
    baseline = results.study.baseline_visit
    return say("Before") if baseline is None else baseline.label


def pair_panels(results: StudyResults, endpoint_id: str, visit_id: str) -> list[Panel]:
    """Return the arms that have before-and-after counts, in the order of the study."""
    study = results.study
    found = {
        item.arm: item
        for item in results.transitions
        if (item.endpoint, item.visit) == (endpoint_id, visit_id) and item.cells
    }
    rows = descriptive_rows(results, endpoint_id)
    baseline = study.baseline_visit
    before = None if baseline is None else baseline.id
    colours = arm_colours(study)
    return [
        Panel(
            transition=found[arm.id],
            label=arm_label(study, arm.id),
            colour=colours[arm.id],
            means=(
                rows.get((arm.id, before), {}).get("mean"),
                rows.get((arm.id, visit_id), {}).get("mean"),
            ),
        )
        for arm in study.arm
        if arm.id in found
    ]


def moved(transition: Transition) -> tuple[int, int, int]:
    """Return how many people went down, stayed in their bin, and went up."""
    cells = transition.cells
    return (
        sum(count for before, after, count in cells if after < before),
        sum(count for before, after, count in cells if after == before),
        sum(count for before, after, count in cells if after > before),
    )


def pairs_sentence(endpoint: Endpoint, panels: Sequence[Panel], visits: tuple[str, str]) -> str:
    """Return in words how many people moved which way in each arm."""
    parts = []
    for panel in panels:
        down, same, up = map(format_integer, moved(panel.transition))
        means = [mean_words(row, endpoint) for row in panel.means if row is not None]
        counted = say(
            "{arm}: of {people} {down} went down, {same} stayed, {up} went up",
            arm=panel.label,
            people=people(panel.people),
            down=down,
            same=same,
            up=up,
        )
        if len(means) == len(panel.means):
            before, after = means
            counted = say(
                "{counted}; mean {before} to {after}", counted=counted, before=before, after=after
            )
        parts.append(counted)
    return say(
        "{outcome}, from {before} to {after} ({better}). {said}.",
        outcome=axis_text(endpoint),
        before=visits[0],
        after=visits[1],
        better=better_words(endpoint),
        said=". ".join(parts),
    )


def means_words(panel: Panel, endpoint: Endpoint, visits: tuple[str, str]) -> str:
    """Return the means of an arm, each with its visit."""
    return list_in_words(
        [
            f"{mean_words(row, endpoint)} ({visit})"
            for row, visit in zip(panel.means, visits, strict=True)
            if row is not None
        ]
    )


def pairs_data(
    figure_id: str, endpoint: Endpoint, panels: Sequence[Panel], visits: tuple[str, str]
) -> Table:
    """Return the counts behind the lines, and the means."""
    unit = short_unit(endpoint)
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Arm")),
            Column(label=f"{visits[0]}, {unit}", align="right"),
            Column(label=f"{visits[1]}, {unit}", align="right"),
            Column(label=say("People"), align="right"),
        ),
        rows=tuple(
            (panel.label, *format_ticks([before]), *format_ticks([after]), format_integer(count))
            for panel in panels
            for before, after, count in panel.transition.cells
        ),
        footnotes=tuple(
            say("{arm}: mean {means}.", arm=panel.label, means=means_words(panel, endpoint, visits))
            for panel in panels
            if any(panel.means)
        ),
    )


def pairs_svg(
    endpoint: Endpoint,
    panels: Sequence[Panel],
    visits: tuple[str, str],
    figure_id: str,
    *,
    low: bool,
) -> str:
    """Return the drawing: panels side by side, at most four in a row."""
    values = [value for panel in panels for cell in panel.transition.cells for value in cell[:2]]
    means = [row for panel in panels for row in panel.means if row is not None]
    least, highest = value_limits(endpoint, [*values, *row_numbers(means)])
    tall, widest = (LOW_HEIGHT, FULL_WIDTH) if low else (PLOT_HEIGHT, WIDEST_PANEL)
    ticks = limit_ticks(least, highest, at_most=4 if low else 6)
    axis = ticks_width(ticks) + 4
    columns = min(len(panels), ACROSS)
    width = min((FULL_WIDTH - axis - (columns - 1) * PANEL_GAP) / columns, widest)
    total = max(axis + columns * width + (columns - 1) * PANEL_GAP, HALF_WIDTH)
    title = wrap(axis_text(endpoint), total)
    heads = [panel_head(panel, width) for panel in panels]
    feet = [wrap(visit, 0.44 * width) for visit in visits]
    head = max(map(lines_height, heads)) + HEAD_GAP
    height = head + tall + 8 + max(map(lines_height, feet))
    lines = -(-len(panels) // columns)
    first = lines_height(title) + 6
    sheet = new_sheet(total, first + lines * (height + 14) - 14)
    write_lines(sheet, 0, 0, title, colour=MUTED)
    most = max(count for panel in panels for _, _, count in panel.transition.cells)
    for position, panel in enumerate(panels):
        line, column = divmod(position, columns)
        top = first + line * (height + 14) + head
        left = axis + column * (width + PANEL_GAP)
        scale = Scale(low=least, high=highest, start=top + tall, stop=top)
        if column == 0:
            axis_down(sheet, scale, left, ticks)
        colour = text_colour(panel.colour)
        write_lines(sheet, left + 8, top - head, heads[position], colour=colour, bold=True)
        draw_pairs(sheet, panel, scale, left, width, most)
        write_feet(sheet, feet, left, width, top + tall)
    return sheet.to_svg(figure_id)


def panel_head(panel: Panel, width: float) -> list[str]:
    """Return the words over a panel."""
    return wrap(f"{panel.label} ({n_equals(panel.people)})", width - 8, bold=True)


def ends(left: float, width: float) -> tuple[float, float]:
    """Return where before and after stand within a panel."""
    return left + 0.22 * width, left + 0.78 * width


def write_feet(
    sheet: Sheet, feet: Sequence[Sequence[str]], left: float, width: float, y: float
) -> None:
    """Draw the axis of the two visits."""
    stroke(sheet, [left, left + width], [y, y])
    for x, words in zip(ends(left, width), feet, strict=True):
        stroke(sheet, [x, x], [y, y + 3])
        write_lines(sheet, x, y + 5, words, colour=MUTED, across="center")


def draw_pairs(
    sheet: Sheet, panel: Panel, scale: Scale, left: float, width: float, most: int
) -> None:
    """Draw the people of one arm, then the means over them."""
    before, after = ends(left, width)
    step = 0.0 if most == 1 else (THICK - THIN) / (most - 1)
    # The more lines, the fainter each, so that the means stay on top.
    alpha = min(0.4, max(0.15, 14 / len(panel.transition.cells)))
    for start, end, count in panel.transition.cells:
        ys = [scale.place(start), scale.place(end)]
        thickness = THIN + min(step, THIN) * (count - 1)
        stroke(sheet, [before, after], ys, colour=panel.colour, width=thickness, alpha=alpha)
    draw_bins(sheet, panel, scale, before, after, most)
    draw_means(sheet, panel, scale, before, after)


def draw_bins(
    sheet: Sheet, panel: Panel, scale: Scale, before: float, after: float, most: int
) -> None:
    """Draw a dot a bin at both visits, its area in proportion to the people in it."""
    counts: Counter[tuple[float, float]] = Counter()
    for start, end, count in panel.transition.cells:
        counts[before, start] += count
        counts[after, end] += count
    unit = min(1.5, 4.5 / sqrt(max(*counts.values(), most)))
    for (x, value), count in sorted(counts.items()):
        radius = unit * sqrt(count)
        dots(sheet, [x], [scale.place(value)], colour=panel.colour, radius=radius, alpha=0.5)


def draw_means(sheet: Sheet, panel: Panel, scale: Scale, before: float, after: float) -> None:
    """Draw the two means with their intervals, joined by the thick line."""
    shown = [
        (x, row)
        for x, row in zip((before, after), panel.means, strict=True)
        if row is not None and row.estimate is not None
    ]
    xs = [x for x, _ in shown]
    ys = [scale.place(row.estimate or 0.0) for _, row in shown]
    for x, row in shown:
        draw_upright(sheet, scale, row, x=x, colour=panel.colour, width=2.4)
    stroke(sheet, xs, ys, colour=panel.colour, width=2.4)
    dots(sheet, xs, ys, colour=panel.colour, radius=4.2)
