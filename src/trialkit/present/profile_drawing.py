"""How arms go over visits: a line an arm, an interval at each visit, people under the axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from trialkit.language.speech import say
from trialkit.present.canvas import (
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_down,
    dots,
    lines_height,
    new_sheet,
    stroke,
    ticks_width,
    wrap,
    write_beside,
    write_lines,
)
from trialkit.present.format import format_interval, format_number, format_ticks, n_equals
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import arm_label, axis_text, list_in_words, visit_label
from trialkit.present.palette import LINE, MUTED, arm_colours, text_colour
from trialkit.present.scale import Scale, cut_high, limit_ticks, spread_apart, value_limits
from trialkit.result.analysis_result import Estimate
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study

PLOT_HEIGHT: Final = 126.0
# One arm has no other to be told from.
ONE_ARM_HEIGHT: Final = 78.0
LABEL_ROOM: Final = 118.0
DODGE: Final = 5.0
LEADER_FROM: Final = 3.0
TITLE_GAP: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The means of one arm over the visits, with the words and colour it is drawn in."""

    arm: str | None
    label: str
    colour: str
    rows: dict[str, Estimate]


def profiles_of(study: Study, by_arm: Mapping[str | None, dict[str, Estimate]]) -> list[Profile]:
    """Return rows by arm and visit as the lines of a figure, each in its arm's colour."""
    colours = arm_colours(study)
    return [
        Profile(
            arm=arm,
            label=arm_label(study, arm),
            colour=colours.get(arm or "", MUTED),
            rows=rows,
        )
        for arm, rows in by_arm.items()
    ]


def visits_of(study: Study, profiles: Sequence[Profile]) -> list[str]:
    """Return the visits at which any arm has a row, in their planned order."""
    return [
        visit.id for visit in study.visits if any(visit.id in profile.rows for profile in profiles)
    ]


def profile_words(
    study: Study, endpoint: Endpoint, profiles: Sequence[Profile], visits: Sequence[str]
) -> str:
    """Return in words how the mean of each arm goes from visit to visit."""
    labels = {visit: visit_label(study, visit) for visit in visits}
    parts = []
    for profile in profiles:
        means = [
            f"{mean_words(profile.rows[visit], endpoint)} ({label})"
            for visit, label in labels.items()
            if visit in profile.rows
        ]
        parts.append(f"{profile.label}: {list_in_words(means)}")
    return "; ".join(parts)


def mean_words(row: Estimate, endpoint: Endpoint) -> str:
    """Return a mean with its interval, if it has one."""
    mean = format_number(row.estimate, endpoint.decimals)
    if row.conf_low is None:
        return mean
    return f"{mean} ({format_interval(row.conf_low, row.conf_high, endpoint.decimals)})"


def row_numbers(rows: Sequence[Estimate]) -> list[float]:
    """Return every number that an axis of means must hold."""
    numbers = [value for row in rows for value in (row.estimate, row.conf_low, row.conf_high)]
    return [value for value in numbers if value is not None]


def profile_svg(
    study: Study,
    endpoint: Endpoint,
    profiles: Sequence[Profile],
    *,
    figure_id: str,
    of_changes: bool = False,
) -> str:
    """Return the drawing of arms over visits.

    The axis runs over the whole scale of the endpoint where it has limits; where all means
    lie in the lowest quarter of it, it is cut above them and says so. That of changes
    holds them and zero, where a line stands.
    """
    numbers = row_numbers([row for profile in profiles for row in profile.rows.values()])
    visits = visits_of(study, profiles)
    if of_changes:
        low, limit = value_limits(None, [0.0, *numbers])
        high = limit
    else:
        low, limit = value_limits(endpoint, numbers)
        high = cut_high(low, limit, numbers)
    ticks = limit_ticks(low, high, at_most=6)
    said = axis_text(endpoint)
    if of_changes:
        said = say("Change in {outcome}", outcome=mid_sentence(said))
    title = [*wrap(said, FULL_WIDTH), *cut_words(high, limit)]
    names = [wrap(profile.label, LABEL_ROOM, bold=True) for profile in profiles]
    left, right = ticks_width(ticks) + 4, FULL_WIDTH - LABEL_ROOM - 10
    step = (right - left) / len(visits)
    visit_lines = [wrap(visit_label(study, visit), step - 6) for visit in visits]
    top = lines_height(title) + TITLE_GAP
    foot = top + plot_height(names)
    below = foot + 8 + max(map(lines_height, visit_lines)) + 6
    heights = [lines_height(lines, size=SMALL) + 2 for lines in names]
    sheet = new_sheet(FULL_WIDTH, below + fsum(heights))
    vertical = Scale(low=low, high=high, start=foot, stop=top)
    places = {visit: left + (position + 0.5) * step for position, visit in enumerate(visits)}
    write_lines(sheet, 0, 0, title, colour=MUTED)
    axis_down(sheet, vertical, left, ticks)
    if high < limit:
        draw_cut(sheet, left, top)
    if of_changes:
        zero = vertical.place(0.0)
        stroke(sheet, [left, right], [zero, zero], colour=LINE, width=0.6)
    draw_visits(sheet, list(places.values()), visit_lines, foot, left, right)
    shifted = [
        {visit: x + (position - (len(profiles) - 1) / 2) * DODGE for visit, x in places.items()}
        for position in range(len(profiles))
    ]
    for profile, xs in zip(profiles, shifted, strict=True):
        draw_profile(sheet, profile, vertical, xs)
    label_profiles(sheet, profiles, names, vertical, right + 8, shifted)
    write_counts(sheet, profiles, names, heights, places, below, right + 8)
    return sheet.to_svg(figure_id)


def plot_height(names: Sequence[Sequence[str]]) -> float:
    """Return how high the lines are drawn, so that the names beside them have room."""
    least = PLOT_HEIGHT if len(names) > 1 else ONE_ARM_HEIGHT
    return max(least, fsum(map(name_height, names)))


def name_height(lines: Sequence[str]) -> float:
    """Return the room that a name takes beside the others."""
    return lines_height(lines) + 3


def cut_words(high: float, limit: float) -> list[str]:
    """Return the line that says so where the axis ends below the scale's own limit."""
    if high >= limit:
        return []
    shown, whole = (format_ticks([value])[0] for value in (high, limit))
    return [say("shown to {shown}; the scale goes on to {whole}", shown=shown, whole=whole)]


def draw_cut(sheet: Sheet, x: float, y: float) -> None:
    """Draw the mark of a cut axis at its upper end."""
    for lift in (2.0, 5.0):
        stroke(sheet, [x - 3, x + 3], [y - lift + 1.5, y - lift - 1.5], width=0.9)


def draw_visits(
    sheet: Sheet,
    places: Sequence[float],
    lines: Sequence[Sequence[str]],
    y: float,
    left: float,
    right: float,
) -> None:
    """Draw the axis of the visits with their labels."""
    stroke(sheet, [left, right], [y, y])
    for x, words in zip(places, lines, strict=True):
        stroke(sheet, [x, x], [y, y + 3])
        write_lines(sheet, x, y + 5, words, colour=MUTED, across="center")


def draw_profile(sheet: Sheet, profile: Profile, scale: Scale, places: dict[str, float]) -> None:
    """Draw one arm: a thin line through its means, an interval and a dot at each."""
    shown = [visit for visit in places if visit in profile.rows]
    xs = [places[visit] for visit in shown]
    ys = [scale.place(profile.rows[visit].estimate or 0.0) for visit in shown]
    stroke(sheet, xs, ys, colour=profile.colour, width=1.0, alpha=0.55)
    for x, visit in zip(xs, shown, strict=True):
        draw_upright(sheet, scale, profile.rows[visit], x=x, colour=profile.colour)
    dots(sheet, xs, ys, colour=profile.colour, radius=3.4)


def draw_upright(
    sheet: Sheet, scale: Scale, row: Estimate, *, x: float, colour: str, width: float = 2.0
) -> None:
    """Draw the interval of a mean as an upright line."""
    if row.conf_low is not None and row.conf_high is not None:
        ends = [scale.place(row.conf_low), scale.place(row.conf_high)]
        stroke(sheet, [x, x], ends, colour=colour, width=width)


def label_profiles(
    sheet: Sheet,
    profiles: Sequence[Profile],
    names: Sequence[Sequence[str]],
    scale: Scale,
    x: float,
    shifted: Sequence[dict[str, float]],
) -> None:
    """Write each arm's name at the end of its line, moved apart where names would touch.

    A name that had to move is led to its last mean by a thin line.
    """
    last = [
        [visit for visit in places if visit in profile.rows][-1]
        for profile, places in zip(profiles, shifted, strict=True)
    ]
    wanted = [
        scale.place(profile.rows[visit].estimate or 0.0)
        for profile, visit in zip(profiles, last, strict=True)
    ]
    heights = list(map(name_height, names))
    moved = spread_apart(wanted, heights, low=scale.stop - 6, high=scale.start + 6)
    for position, profile in enumerate(profiles):
        y, start = moved[position], shifted[position][last[position]] + 6
        if abs(y - wanted[position]) > LEADER_FROM:
            ends = [wanted[position], y]
            stroke(sheet, [start, x - 3], ends, colour=profile.colour, width=0.5, alpha=0.7)
        colour = text_colour(profile.colour)
        write_beside(sheet, x, y, names[position], colour=colour, bold=True)


def write_counts(
    sheet: Sheet,
    profiles: Sequence[Profile],
    names: Sequence[Sequence[str]],
    heights: Sequence[float],
    places: dict[str, float],
    top: float,
    label_x: float,
) -> None:
    """Write how many people are behind each mean, a line an arm."""
    edge = top
    for profile, lines, height in zip(profiles, names, heights, strict=True):
        colour = text_colour(profile.colour)
        for visit, x in places.items():
            if visit in profile.rows:
                count = n_equals(profile.rows[visit].n_subjects)
                write_lines(sheet, x, edge, [count], colour=colour, size=SMALL, across="center")
        write_lines(sheet, label_x, edge, lines, colour=colour, size=SMALL)
        edge += height
