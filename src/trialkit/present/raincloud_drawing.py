"""The drawing of rainclouds: counts as steps, quartiles as a box, people as rain."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from matplotlib.patches import Polygon

from trialkit.language.speech import say
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    dots,
    lines_height,
    new_sheet,
    put,
    stroke,
    wrap,
    write_lines,
)
from trialkit.present.format import format_number, n_equals
from trialkit.present.labels import axis_text
from trialkit.present.palette import MUTED, text_colour
from trialkit.present.scale import Scale, limit_ticks, value_limits
from trialkit.present.swarm import Swarm, people_a_dot, swarm_of, swarm_places
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import Distribution
from trialkit.study.specification import Endpoint
from trialkit.terms import Quantity

CLOUD: Final = 30.0
BOX: Final = 9.0
# The rain is as deep as dots of a readable size need, within limits.
SHALLOWEST, DEEPEST = 16.0, 54.0
READABLE: Final = 2.3
GAP: Final = 3.0
PANEL_GAP: Final = 18.0
ROW_GAP: Final = 10.0
MOST_ACROSS: Final = 4
EDGE: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One arm at one visit: the counts of its values, its quartiles and its mean."""

    counts: Distribution
    rows: dict[Quantity, Estimate]

    @property
    def bins(self) -> dict[float, int]:
        """People by the centre of their bin."""
        first = self.counts.lower + self.counts.width / 2
        return {
            first + position * self.counts.width: count
            for position, count in enumerate(self.counts.counts)
            if count
        }

    @property
    def people(self) -> int:
        """How many people have a value."""
        return sum(self.counts.counts)

    def value(self, quantity: Quantity) -> float | None:
        """Return a stored summary, or None where it is withheld or absent."""
        return self.rows[quantity].estimate if quantity in self.rows else None

    @property
    def quartiles(self) -> tuple[float, float, float] | None:
        """The box: both quartiles and the median, where all are stored."""
        low, middle, high = (self.value(name) for name in ("quartile_1", "median", "quartile_3"))
        return None if low is None or middle is None or high is None else (low, middle, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRow:
    """One arm over the visits: ``clouds`` has a visit's cloud, or None where it has none."""

    label: str
    colour: str
    clouds: tuple[Cloud | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """How the panels of a raincloud are laid out, in points."""

    width: float
    columns: int
    limits: tuple[float, float]
    scale: tuple[float, float]
    rain: float
    swarm: Swarm
    most: int

    def left(self, column: int) -> float:
        """Return where a column begins."""
        return EDGE + column * (self.width + PANEL_GAP)

    def across(self, column: int) -> Scale:
        """Return the axis of a column: the same values in each."""
        low, high = self.scale
        left = self.left(column)
        return Scale(low=low, high=high, start=left, stop=left + self.width)

    def axis(self, column: int) -> Scale:
        """Return the part of a column's axis that is drawn: to the ends of the scale.

        The bin around an end of the scale reaches beyond it; the axis must not, or it would
        show values that nobody can have.
        """
        across = self.across(column)
        low, high = self.limits
        return Scale(low=low, high=high, start=across.place(low), stop=across.place(high))


def raincloud_svg(
    endpoint: Endpoint, rows: Sequence[CloudRow], visits: Sequence[str], figure_id: str
) -> str:
    """Return the drawing: a row an arm, a column a visit, all panels on one scale."""
    grid = lay_out(endpoint, rows, len(visits))
    ticks = limit_ticks(*grid.limits, at_most=11 if grid.columns == 1 else 6)
    bands = [range(first, min(first + grid.columns, len(visits))) for first in steps(visits, grid)]
    heads = [wrap(visit, grid.width, bold=True) for visit in visits] if len(visits) > 1 else []
    head = max(map(lines_height, heads), default=0.0) + (4 if heads else 0)
    names = [wrap(row.label, FULL_WIDTH - EDGE, bold=True) for row in rows]
    tall = [
        lines_height(name) + lines_height([""], size=SMALL) + panel_height(grid) for name in names
    ]
    title = wrap(axis_text(endpoint), FULL_WIDTH)
    band = head + fsum(tall) + ROW_GAP * (len(rows) - 1) + 18
    sheet = new_sheet(FULL_WIDTH, len(bands) * (band + 12) + lines_height(title) - 6)
    for position, columns in enumerate(bands):
        top = position * (band + 12)
        for column, visit in enumerate(columns):
            if heads:
                write_lines(sheet, grid.left(column), top, heads[visit], colour=MUTED, bold=True)
        edge = top + head
        for row, name, height in zip(rows, names, tall, strict=True):
            colour = text_colour(row.colour)
            below = write_lines(sheet, EDGE, edge, name, colour=colour, bold=True)
            for column, visit in enumerate(columns):
                draw_cloud(sheet, row, row.clouds[visit], grid, column, endpoint, top=below)
            edge += height + ROW_GAP
        for column, _ in enumerate(columns):
            axis_across(sheet, grid.axis(column), edge - ROW_GAP, ticks)
    foot = len(bands) * (band + 12) - 8
    write_lines(sheet, FULL_WIDTH / 2, foot, title, colour=MUTED, across="center")
    return sheet.to_svg(figure_id)


def steps(visits: Sequence[str], grid: Grid) -> range:
    """Return the first visit of each band of panels."""
    return range(0, len(visits), grid.columns)


def panel_height(grid: Grid) -> float:
    """Return how tall cloud, box and rain are together."""
    return CLOUD + GAP + BOX + GAP + grid.rain


def lay_out(endpoint: Endpoint, rows: Sequence[CloudRow], visits: int) -> Grid:
    """Return how wide the panels are, their common scale, and how the dots stand."""
    bands = -(-visits // MOST_ACROSS)
    columns = -(-visits // bands)
    width = (FULL_WIDTH - 2 * EDGE - (columns - 1) * PANEL_GAP) / columns
    clouds = [cloud for row in rows for cloud in row.clouds if cloud is not None]
    most = max(count for cloud in clouds for count in cloud.bins.values())
    limits = value_limits(endpoint, [centre for cloud in clouds for centre in cloud.bins])
    half = clouds[0].counts.width / 2
    low = min(limits[0], *(centre - half for cloud in clouds for centre in cloud.bins))
    high = max(limits[1], *(centre + half for cloud in clouds for centre in cloud.bins))
    depth = clouds[0].counts.width / (high - low) * width * 0.94
    people = people_a_dot(cloud.bins for cloud in clouds)
    rain = rain_depth(-(-most // people), depth)
    return Grid(
        width=width,
        columns=columns,
        limits=limits,
        scale=(low, high),
        rain=rain,
        swarm=swarm_of(most, depth=depth, room=rain, people=people),
        most=most,
    )


def rain_depth(most: int, depth: float) -> float:
    """Return how deep the rain falls, so that the dots of the fullest bin can be told apart."""
    side_by_side = max(int(depth / READABLE), 1)
    return min(max(-(-most // side_by_side) * READABLE, SHALLOWEST), DEEPEST)


def draw_cloud(
    sheet: Sheet,
    row: CloudRow,
    cloud: Cloud | None,
    grid: Grid,
    column: int,
    endpoint: Endpoint,
    *,
    top: float,
) -> None:
    """Draw one panel: its numbers in a line, then cloud, box and rain below each other."""
    across, axis = grid.across(column), grid.axis(column)
    said = "–" if cloud is None else cloud_words(cloud, endpoint)
    base = write_lines(sheet, across.start, top, [said], colour=MUTED, size=SMALL) + CLOUD
    stroke(sheet, [axis.start, axis.stop], [base, base], width=0.5)
    if cloud is None:
        return
    draw_steps(sheet, row, cloud, across, base, grid.most)
    draw_box(sheet, row, cloud, across, base + GAP + BOX / 2)
    places = swarm_places(cloud.bins, grid.swarm, room=grid.rain, anchor="after")
    xs = [across.place(centre) + along for centre, along, _ in places]
    ys = [base + 2 * GAP + BOX + beside for _, _, beside in places]
    dots(sheet, xs, ys, colour=row.colour, radius=grid.swarm.radius, alpha=0.6)


def cloud_words(cloud: Cloud, endpoint: Endpoint) -> str:
    """Return how many people a panel shows, and their mean."""
    mean = cloud.value("mean")
    if mean is None:
        return n_equals(cloud.people)
    return say(
        "{people}, mean {mean}",
        people=n_equals(cloud.people),
        mean=format_number(mean, endpoint.decimals),
    )


def draw_steps(
    sheet: Sheet, row: CloudRow, cloud: Cloud, across: Scale, base: float, most: int
) -> None:
    """Draw the people of each bin as a step as tall as they are many, not smoothed."""
    half = cloud.counts.width / 2
    filled = cloud.bins
    first, last = min(filled), max(filled)
    corners = [(across.place(first - half), base)]
    for position, count in enumerate(cloud.counts.counts):
        left = cloud.counts.lower + position * cloud.counts.width
        if first - half <= left + half <= last + half:
            top = base - count / most * (CLOUD - 2)
            corners += [
                (across.place(left), top),
                (across.place(left + cloud.counts.width), top),
            ]
    corners.append((across.place(last + half), base))
    put(sheet, Polygon(corners, closed=True, facecolor=row.colour, edgecolor="none", alpha=0.42))


def draw_box(sheet: Sheet, row: CloudRow, cloud: Cloud, across: Scale, y: float) -> None:
    """Draw the box of the quartiles, the line of the median, and the dot of the mean."""
    if cloud.quartiles is not None:
        low, middle, high = map(across.place, cloud.quartiles)
        stroke(sheet, [low, high], [y, y], colour=row.colour, width=BOX - 3, alpha=0.3)
        ends = [y - BOX / 2, y + BOX / 2]
        stroke(sheet, [middle, middle], ends, colour=row.colour, width=2.2)
    mean = cloud.value("mean")
    if mean is not None:
        x = across.place(mean)
        dots(sheet, [x], [y], colour=row.colour, radius=3.4, hollow=True)
