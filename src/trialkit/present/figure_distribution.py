"""How an endpoint's values are spread in each arm: people first, the mean over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import seaborn as sns

from trialkit.errors import SpecificationError
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    dots,
    drawing,
    inset,
    lines_height,
    new_sheet,
    stroke,
    text_width,
    wrap,
    write,
    write_lines,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import format_integer, format_ticks, n_equals
from trialkit.present.labels import arm_label, axis_text, short_unit, visit_label
from trialkit.present.palette import MUTED, arm_colours, text_colour
from trialkit.present.profile_drawing import mean_words, row_numbers
from trialkit.present.scale import Scale, limit_ticks, value_limits
from trialkit.present.table_descriptives import descriptive_rows
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import Distribution, StudyResults
from trialkit.study.specification import Endpoint

EDGE: Final = 8.0
LANE: Final = 15.0  # for the mean and its interval
BAR_HEIGHT: Final = 44.0
DOT_PITCH: Final = 5.6
DOTS_UP_TO: Final = 12  # people in a bin; more are drawn as bars with their number
PANEL_GAP: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One arm: the counts of its values, and their mean."""

    counts: Distribution
    label: str
    colour: str
    mean: Estimate | None

    @property
    def people(self) -> int:
        """How many people have a value."""
        return sum(self.counts.counts)

    @property
    def bins(self) -> list[tuple[float, int]]:
        """The centre of each bin and the people in it."""
        first = self.counts.lower + self.counts.width / 2
        return [
            (first + position * self.counts.width, count)
            for position, count in enumerate(self.counts.counts)
        ]


def distribution_figure(results: StudyResults, endpoint_id: str, visit_id: str) -> Figure:
    """Draw how many people have which value at a visit, an arm below the other.

    Up to twelve people in a bin are drawn one dot each, more as bars with their number;
    the mean and its interval stand over them. All panels share both axes.

    Raises
    ------
    SpecificationError
        If no distribution is stored.
    """
    endpoint = results.study.find_endpoint(endpoint_id)
    panels = distribution_panels(results, endpoint_id, visit_id)
    if not panels:
        raise SpecificationError(
            f"no distribution of endpoint {endpoint_id!r} at visit {visit_id!r} is stored"
        )
    figure_id = f"figure-distribution-{endpoint_id}-{visit_id}"
    visit = visit_label(results.study, visit_id)
    with drawing():
        svg = distribution_svg(endpoint, panels, figure_id)
    return Figure(
        id=figure_id,
        title=f"{endpoint.label}, {visit}: how many people have which value",
        svg=svg,
        alt=distribution_sentence(endpoint, panels, visit),
        data=distribution_data(figure_id, endpoint, panels),
    )


def distribution_panels(results: StudyResults, endpoint_id: str, visit_id: str) -> list[Panel]:
    """Return the arms whose distribution is stored, in the order of the study."""
    found = {
        item.arm: item
        for item in results.distributions
        if (item.endpoint, item.visit) == (endpoint_id, visit_id) and any(item.counts)
    }
    rows = descriptive_rows(results, endpoint_id)
    colours = arm_colours(results.study)
    return [
        Panel(
            counts=found[arm.id],
            label=arm_label(results.study, arm.id),
            colour=colours[arm.id],
            mean=rows.get((arm.id, visit_id), {}).get("mean"),
        )
        for arm in results.study.arm
        if arm.id in found
    ]


def distribution_sentence(endpoint: Endpoint, panels: Sequence[Panel], visit: str) -> str:
    """Return in words where the values of each arm lie."""
    parts = []
    for panel in panels:
        filled = [centre for centre, count in panel.bins if count]
        commonest = max(panel.bins, key=lambda item: item[1])[0]
        lowest, highest, most = (
            format_ticks([value])[0] for value in (filled[0], filled[-1], commonest)
        )
        mean = "" if panel.mean is None else f", mean {mean_words(panel.mean, endpoint)}"
        parts.append(
            f"{panel.label}: {format_integer(panel.people)} people, from {lowest} to {highest}, "
            f"most often {most}{mean}"
        )
    return f"{axis_text(endpoint)} at {visit} ({endpoint.better} is better). {'. '.join(parts)}."


def distribution_data(figure_id: str, endpoint: Endpoint, panels: Sequence[Panel]) -> Table:
    """Return the people in each bin, a column an arm."""
    centres = sorted({centre for panel in panels for centre, count in panel.bins if count})
    by_arm = [dict(panel.bins) for panel in panels]
    return Table(
        id=f"{figure_id}-data",
        title="The numbers in the figure",
        columns=(
            Column(label=f"Value, {short_unit(endpoint)}", align="right"),
            *(Column(label=f"{panel.label}, people", align="right") for panel in panels),
        ),
        rows=tuple(
            (label, *(format_integer(counts.get(centre, 0)) for counts in by_arm))
            for centre, label in zip(centres, format_ticks(centres), strict=True)
        ),
        footnotes=tuple(
            f"{panel.label}: mean {mean_words(panel.mean, endpoint)}."
            for panel in panels
            if panel.mean is not None
        ),
    )


def distribution_svg(endpoint: Endpoint, panels: Sequence[Panel], figure_id: str) -> str:
    """Return the drawing: an arm below the other over one axis."""
    low, high = bin_limits(endpoint, panels)
    ticks = value_ticks(endpoint, panels)
    edge = max(EDGE, *(text_width(label) / 2 for label in format_ticks(ticks)))
    scale = Scale(low=low, high=high, start=edge, stop=FULL_WIDTH - edge)
    most = max(count for panel in panels for _, count in panel.bins)
    as_dots = most <= DOTS_UP_TO and bin_room(scale, panels) >= DOT_PITCH
    height = most * DOT_PITCH + 2 if as_dots else BAR_HEIGHT + 9
    heads = [panel_head(panel, endpoint) for panel in panels]
    tops = [0.0]
    for head in heads:
        tops.append(tops[-1] + lines_height(head) + LANE + height + PANEL_GAP)
    title = wrap(axis_text(endpoint), FULL_WIDTH - 2 * EDGE)
    axis = tops[-1] - PANEL_GAP
    sheet = new_sheet(FULL_WIDTH, axis + 18 + lines_height(title))
    for top, head, panel in zip(tops, heads, panels, strict=False):
        write_lines(sheet, 0, top, head, colour=text_colour(panel.colour), bold=True)
        base = top + lines_height(head) + LANE + height
        stroke(sheet, [scale.start, scale.stop], [base, base], width=0.6)
        if as_dots:
            draw_dots(sheet, panel, scale, base)
        else:
            draw_bars(sheet, panel, scale, base, most)
        draw_mean(sheet, panel, scale, base - height - LANE / 2)
    axis_across(sheet, scale, axis, ticks, title=title)
    return sheet.to_svg(figure_id)


def value_ticks(endpoint: Endpoint, panels: Sequence[Panel]) -> list[float]:
    """Return the ticks of the axis of values."""
    low, high = value_limits(endpoint, occupied(panels))
    return limit_ticks(low, high, at_most=11)


def occupied(panels: Sequence[Panel]) -> list[float]:
    """Return the numbers that the axis of values must hold."""
    centres = [centre for panel in panels for centre, count in panel.bins if count]
    return [*centres, *row_numbers([panel.mean for panel in panels if panel.mean is not None])]


def bin_limits(endpoint: Endpoint, panels: Sequence[Panel]) -> tuple[float, float]:
    """Return the ends of the axis: the scale's, and half a bin more where a bin sticks out."""
    low, high = value_limits(endpoint, occupied(panels))
    edges = [
        (centre - panel.counts.width / 2, centre + panel.counts.width / 2)
        for panel in panels
        for centre, count in panel.bins
        if count
    ]
    return min(low, *(edge[0] for edge in edges)), max(high, *(edge[1] for edge in edges))


def bin_room(scale: Scale, panels: Sequence[Panel]) -> float:
    """Return the width of the narrowest bin, in points."""
    widths = [panel.counts.width for panel in panels]
    return min(widths) / (scale.high - scale.low) * (scale.stop - scale.start)


def panel_head(panel: Panel, endpoint: Endpoint) -> list[str]:
    """Return the words over a panel: the arm, its people, its mean."""
    mean = "" if panel.mean is None else f", mean {mean_words(panel.mean, endpoint)}"
    text = f"{panel.label}: {n_equals(panel.people)}{mean}"
    return wrap(text, FULL_WIDTH, bold=True)


def draw_dots(sheet: Sheet, panel: Panel, scale: Scale, base: float) -> None:
    """Draw one dot a person, stacked over the value."""
    places = [
        (scale.place(centre), base - (person + 0.5) * DOT_PITCH - 1)
        for centre, count in panel.bins
        for person in range(count)
    ]
    xs, ys = zip(*places, strict=True)
    dots(sheet, xs, ys, colour=panel.colour, radius=DOT_PITCH / 2 - 0.4, alpha=0.6)


def draw_bars(sheet: Sheet, panel: Panel, scale: Scale, base: float, most: int) -> None:
    """Draw a bar a bin, the number of people over it; the counts are those stored."""
    area = inset(sheet, scale, base=base, height=BAR_HEIGHT, top=most)
    width = panel.counts.width
    first = panel.counts.lower
    sns.histplot(
        x=[centre for centre, _ in panel.bins],
        weights=[count for _, count in panel.bins],
        bins=[first + width * position for position in range(len(panel.bins) + 1)],
        ax=area,
        color=panel.colour,
        alpha=0.45,
        linewidth=0,
        shrink=0.92,
    )
    area.set_axis_off()
    for centre, count in panel.bins:
        middle, height = scale.place(centre), count / most * BAR_HEIGHT
        room = scale.place(centre + width / 2) - scale.place(centre - width / 2)
        if count and room > len(str(count)) * SMALL * 0.5:
            y = base - height - 2
            write(sheet, middle, y, str(count), colour=MUTED, size=SMALL, across="center")


def draw_mean(sheet: Sheet, panel: Panel, scale: Scale, y: float) -> None:
    """Draw the mean and its interval over the people."""
    mean = panel.mean
    if mean is None or mean.estimate is None:
        return
    if mean.conf_low is not None and mean.conf_high is not None:
        ends = [scale.place(mean.conf_low), scale.place(mean.conf_high)]
        stroke(sheet, ends, [y, y], colour=panel.colour, width=2.4)
    dots(sheet, [scale.place(mean.estimate)], [y], colour=panel.colour, radius=4.0)
