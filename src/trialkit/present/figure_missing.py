"""Whose values are there, as bars: a visit a group, an arm a bar, the people beside it."""

from dataclasses import dataclass
from math import fsum
from typing import Final

from matplotlib.patches import Rectangle

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import (
    BODY,
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    drawing,
    lines_height,
    new_sheet,
    put,
    text_width,
    wrap,
    write_beside,
    write_lines,
)
from trialkit.present.exhibit import Figure
from trialkit.present.format import NO_BREAK, format_count, format_integer
from trialkit.present.labels import arm_label, endpoint_label, list_in_words, visit_label
from trialkit.present.palette import EMPTY, MUTED, arm_colours, text_colour
from trialkit.present.scale import Scale
from trialkit.present.table_missing import (
    endpoint_counts,
    lacking,
    missing_table,
    reason_name,
    unexplained,
)
from trialkit.result.people import MissingCount
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study

BAR: Final = 9.0
BETWEEN_BARS: Final = 5.0
BETWEEN_VISITS: Final = 11.0
WORTH_DRAWING: Final = 0.05
BAR_ROOM: Final = 168.0  # beside reasons, which need the room
LONGEST_BAR: Final = 190.0  # so that the drawing fits a phone
GAP: Final = 8.0
TICKS: Final = (0.0, 25.0, 50.0, 75.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """The people of one arm at one visit: how many have a value, and what is said of it."""

    count: MissingCount
    name: list[str]
    said: list[str]
    colour: str

    @property
    def height(self) -> float:
        """The room that the bar and the words beside it take, in points."""
        words = max(lines_height(self.name), lines_height(self.said, size=SMALL))
        return max(BAR, words)


def has_missing(results: StudyResults, endpoint: str) -> bool:
    """Return whether a figure of an endpoint's missing values would show a reader any.

    It does where one person in twenty of some arm has no value; below that the table says all.
    """
    counts = endpoint_counts(results, endpoint)
    return any(lacking(count) >= WORTH_DRAWING * count.n_subjects for count in counts)


def missing_figure(results: StudyResults, endpoint: str) -> Figure:
    """Draw the share of each arm with a value of an endpoint, visit by visit.

    Beside each bar stand the people with a value, how many have none, and why where the
    data say so.

    Raises
    ------
    SpecificationError
        If no count of the endpoint is stored.
    """
    study = results.study
    counts = endpoint_counts(results, endpoint)
    if not counts:
        raise SpecificationError(f"no count of missing values of {endpoint!r} is stored")
    figure_id = f"figure-missing-{endpoint}"
    with drawing():
        svg = missing_svg(study, counts, figure_id=figure_id)
    data = missing_table(results, endpoint)
    return Figure(
        id=figure_id,
        title=say(
            "{outcome}: the share with a value, by visit and arm",
            outcome=endpoint_label(study, endpoint),
        ),
        svg=svg,
        alt=missing_words(study, counts),
        data=data,
    )


def missing_words(study: Study, counts: list[MissingCount]) -> str:
    """Return in words whose values are there, visit by visit."""
    parts = []
    for visit in dict.fromkeys(count.visit for count in counts):
        here = [
            say(
                "{count} of {arm}",
                count=format_count(count.n_with_value, count.n_subjects),
                arm=arm_label(study, count.arm),
            )
            for count in counts
            if count.visit == visit
        ]
        parts.append(f"{visit_label(study, visit)}: {list_in_words(here)}")
    return say("People with a value. {said}.", said="; ".join(parts))


def missing_svg(study: Study, counts: list[MissingCount], *, figure_id: str) -> str:
    """Return the drawing: the arms of a visit under each other, the axis in percent."""
    visits = list(dict.fromkeys(count.visit for count in counts))
    heads = {visit: wrap(visit_label(study, visit), 74, bold=True) for visit in visits}
    head_room = max(text_width(line, bold=True) for lines in heads.values() for line in lines) + GAP
    names = max(text_width(arm_label(study, count.arm)) for count in counts)
    name_room = min(names, 120.0) + GAP
    start = head_room + name_room
    length = bar_length(counts, FULL_WIDTH - start - GAP)
    room_beside = FULL_WIDTH - start - length - GAP
    bars = [bar(study, count, name_room, room_beside) for count in counts]
    groups = {visit: [item for item in bars if item.count.visit == visit] for visit in visits}
    room = {
        visit: max(
            fsum(item.height for item in group) + BETWEEN_BARS * (len(group) - 1),
            lines_height(heads[visit]),
        )
        for visit, group in groups.items()
    }
    body = fsum(room.values()) + BETWEEN_VISITS * (len(visits) - 1)
    title = [say("People with a value, % of the arm")]
    beside = max(text_width(line, size=SMALL) for item in bars for line in item.said)
    sheet = new_sheet(start + length + GAP + beside + 2, body + 24 + lines_height(title))
    across = Scale(low=0.0, high=100.0, start=start, stop=start + length)
    top = 2.0
    for visit, group in groups.items():
        first = top + (group[0].height - lines_height(heads[visit][:1])) / 2
        write_lines(sheet, 0, first, heads[visit], bold=True)
        edge = top
        for item in group:
            draw_bar(sheet, item, across, centre=edge + item.height / 2, name_x=head_room)
            edge += item.height + BETWEEN_BARS
        top += room[visit] + BETWEEN_VISITS
    axis_across(sheet, across, body + 6, TICKS, title=title)
    return sheet.to_svg(figure_id)


def bar_length(counts: list[MissingCount], room: float) -> float:
    """Return how long the bars may be: what the words beside them leave."""
    if any(count.reasons for count in counts):
        return BAR_ROOM
    words = max(text_width(bar_words(count), size=SMALL) for count in counts)
    return min(LONGEST_BAR, room - words)


def bar(study: Study, count: MissingCount, name_room: float, room: float) -> Bar:
    """Return one bar with its words broken into lines."""
    return Bar(
        count=count,
        name=wrap(arm_label(study, count.arm), name_room - GAP),
        said=wrap(bar_words(count), room, size=SMALL),
        colour=arm_colours(study)[count.arm],
    )


def bar_words(count: MissingCount) -> str:
    """Return the people behind a bar, and the reasons of those without a value."""
    there = say(
        "{n}{space}of{space}{all}",
        n=format_integer(count.n_with_value),
        all=format_integer(count.n_subjects),
        space=NO_BREAK,
    )
    reasons = [
        f"{reason_name(name)}{NO_BREAK}{format_integer(number)}" for name, number in count.reasons
    ]
    if reasons and unexplained(count):
        number = format_integer(unexplained(count))
        reasons.append(say("not stated{space}{n}", n=number, space=NO_BREAK))
    return (
        say("{there}; without: {reasons}", there=there, reasons=", ".join(reasons))
        if (reasons)
        else there
    )


def draw_bar(sheet: Sheet, item: Bar, across: Scale, *, centre: float, name_x: float) -> None:
    """Draw one arm at one visit: all its people in grey, those with a value in its colour."""
    share = 100 * item.count.n_with_value / item.count.n_subjects
    for value, colour in ((100.0, EMPTY), (share, item.colour)):
        width = across.place(value) - across.start
        corner = (across.start, centre - BAR / 2)
        put(sheet, Rectangle(corner, width, BAR, facecolor=colour, linewidth=0))
    colour = text_colour(item.colour)
    write_beside(sheet, name_x, centre, item.name, colour=colour, size=BODY)
    write_beside(sheet, across.stop + GAP, centre, item.said, colour=MUTED, size=SMALL)
