"""A panel of many endpoints: how large each change is against how sure it is."""

from collections.abc import Sequence
from math import floor, log10
from typing import Final

from matplotlib.lines import Line2D

from trialkit.language.speech import say, say_count
from trialkit.present.canvas import (
    BODY,
    FULL_WIDTH,
    SMALL,
    Sheet,
    axis_across,
    dots,
    drawing,
    new_sheet,
    put,
    stroke,
    text_width,
    write,
    write_beside,
)
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import (
    format_integer,
    format_number,
    format_p_equation,
    format_p_value,
    format_power,
    format_signed,
    format_ticks,
)
from trialkit.present.labels import analysis_label
from trialkit.present.palette import INK, LINE, MUTED, TEAL
from trialkit.present.scale import Scale, decade_below, decade_ticks, round_ticks
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.present.volcano_points import Volcano, volcano_points
from trialkit.result.study_results import AnalysisRecord, StudyResults

HEIGHT: Final = 250.0
TOP: Final = 14.0
SMALLEST: Final = 1e-40
LABELLED: Final = 8  # endpoints named in the picture
MARK: Final = 3.6  # half a diamond
TOLD: Final = 3  # endpoints named in the words for it
LISTED: Final = 20  # endpoints listed in the table
CROWD: Final = 1500  # points from which those that fall on one another are drawn once
GRID: Final = 1.2  # points of the sheet that count as one place in a crowd
Box = tuple[float, float, float, float]


def volcano_figure(
    results: StudyResults, record: AnalysisRecord, *, standardise: bool | None = None
) -> Figure:
    """Draw a panel: a point an endpoint, its change across and its p-value upwards.

    A filled diamond is an endpoint whose test stands after adjustment, a small dot one that
    does not; the dashed line is the largest p-value that stands in this family. Beyond
    1500 endpoints, dots that would cover one another are drawn once. Changes are drawn as
    they are where all endpoints share a declared unit, standardised where not, or as
    ``standardise`` says.

    Raises
    ------
    SpecificationError
        If the record holds no tested change of an endpoint.
    """
    found = volcano_points(results, record, standardise=standardise)
    figure_id = f"figure-volcano-{record.analysis}"
    with drawing():
        svg = volcano_svg(found, figure_id)
    return Figure(
        id=figure_id,
        title=say(
            "{analysis}: every endpoint at once",
            analysis=analysis_label(results.study, record.analysis),
        ),
        svg=svg,
        alt=volcano_sentence(found),
        data=volcano_table(found, record),
        footnotes=volcano_notes(found),
    )


def axis_words(found: Volcano) -> str:
    """Return what the horizontal axis shows."""
    if found.across == "d_z":
        return say("mean change in standard deviations of the change (d_z)")
    if found.across == "t":
        return say("difference of mean changes over its standard error (t)")
    paired = found.points[0].row.quantity == "change"
    words = say("mean change") if paired else say("difference of mean changes")
    return f"{words}, {found.unit}" if found.unit else words


def volcano_sentence(found: Volcano) -> str:
    """Return in words how many endpoints stand, which way, and which are the surest."""
    kept = found.standing
    fell = sum(point.x < 0 for point in kept)
    level = format_ticks([found.alpha])[0]
    if found.procedure is not None:
        procedure = say(PROCEDURES[found.procedure])
        level = say("{level} after adjustment ({procedure})", level=level, procedure=procedure)
    first = "; ".join(
        f"{point.label}: {format_signed(point.x, 2)}, {format_p_equation(point.p_value)}"
        for point in found.points[:TOLD]
    )
    counts = {
        "n": format_integer(len(kept)),
        "total": format_integer(len(found.points)),
        "level": level,
    }
    said = (
        say_count(
            len(kept),
            "{n} of {total} endpoints has a p-value of at most {level}: {fell} lower, {rose} "
            "higher.",
            "{n} of {total} endpoints have a p-value of at most {level}, {fell} of them lower and "
            "{rose} higher.",
            fell=format_integer(fell),
            rose=format_integer(len(kept) - fell),
            **counts,
        )
        if kept
        else say("{n} of {total} endpoints have a p-value of at most {level}.", **counts)
    )
    read = say("Across: {axis}. From the smallest p: {told}.", axis=axis_words(found), told=first)
    return f"{said} {read}"


def volcano_notes(found: Volcano) -> tuple[str, ...]:
    """Return how to read the picture."""
    level = format_ticks([found.alpha])[0]
    notes = [
        say("Diamond: p at most {level} after adjustment; dot: above it.", level=level)
        if found.procedure
        else say("Diamond: p at most {level} unadjusted; dot: above it.", level=level)
    ]
    if found.limit is not None and found.procedure is not None:
        notes.append(
            say(
                "Dashed line: what a p-value must not exceed here ({procedure}).",
                procedure=say(PROCEDURES[found.procedure]),
            )
        )
    if found.across == "d_z" and len({point.row.n_subjects for point in found.points}) == 1:
        notes.append(say("All endpoints have the same people, so d_z and p lie on one curve."))
    if found.points[0].p_value < SMALLEST:
        notes.append(
            say("P-values below {limit} are drawn at that height.", limit=format_power(SMALLEST))
        )
    return tuple(notes)


def volcano_table(found: Volcano, record: AnalysisRecord) -> Table:
    """Return the endpoints with the smallest p-values, and how many more there are."""
    shown = found.points[:LISTED]
    more = len(found.points) - len(shown)
    head = say("Change, {unit}", unit=found.unit) if found.unit else say("Change")
    standardised = found.across != "change"
    return Table(
        id=f"volcano-{record.analysis}",
        title=say("The smallest p-values of the panel"),
        columns=(
            Column(label=say("Endpoint")),
            Column(label="n", align="right"),
            Column(label=head, align="decimal"),
            *(Column(label=found.across, align="decimal") for _ in range(standardised)),
            Column(label="p", align="decimal"),
            Column(label=say("Adjusted p"), align="decimal"),
        ),
        rows=tuple(
            (
                point.label,
                format_integer(point.row.n_subjects),
                format_number(point.row.estimate, significant(point.row.estimate)),
                *(format_number(point.x, 2) for _ in range(standardised)),
                format_p_value(point.p_value),
                format_p_value(point.row.p_adjusted),
            )
            for point in shown
        ),
        footnotes=(
            say_count(
                more,
                "{n} more endpoint is in the results file.",
                "{n} more endpoints are in the results file.",
                n=format_integer(more),
            ),
        )
        if more
        else (),
    )


def significant(value: float | None) -> int:
    """Return the decimals that show three digits of a number, two at least.

    >>> significant(0.00123), significant(12.5), significant(None)
    (5, 2, 2)
    """
    if not value:
        return 2
    return max(2, 2 - floor(log10(abs(value))))


def volcano_svg(found: Volcano, figure_id: str) -> str:
    """Return the drawing."""
    sheet = new_sheet(FULL_WIDTH, HEIGHT + 34)
    up, decades = p_axis(found)
    left = max(text_width(format_power(tick).replace("^", "")) for tick in decades) + 12
    across, ticks = change_axis(found, left, FULL_WIDTH - 8)
    draw_axes(sheet, across, ticks, up, decades, title=axis_words(found))
    draw_line(sheet, found, across, up)
    draw_points(sheet, found, across, up)
    label_points(sheet, found, across, up)
    return sheet.to_svg(figure_id)


def p_axis(found: Volcano) -> tuple[Scale, list[float]]:
    """Return the axis from p = 1 at the bottom to a power of ten below the smallest p."""
    smallest = max(found.points[0].p_value, SMALLEST)
    # What a p-value must not exceed is shown even where nothing reaches it.
    low = decade_below(min(smallest, 0.01, (found.limit or 1.0) / 1.5))
    scale = Scale(low=low, high=1.0, start=TOP, stop=HEIGHT, logarithmic=True)
    return scale, decade_ticks(low, 1.0)


def change_axis(found: Volcano, left: float, right: float) -> tuple[Scale, list[float]]:
    """Return the axis of changes, no change in its middle."""
    widest = max(abs(point.x) for point in found.points) or 1.0
    ticks = round_ticks(-widest * 1.08, widest * 1.08, at_most=9)
    return Scale(low=-widest * 1.08, high=widest * 1.08, start=left, stop=right), ticks


def draw_axes(
    sheet: Sheet,
    across: Scale,
    ticks: Sequence[float],
    up: Scale,
    decades: Sequence[float],
    *,
    title: str,
) -> None:
    """Draw the line of no change, the axis below, and the powers of ten to the left."""
    middle = across.place(0.0)
    stroke(sheet, [middle, middle], [up.start, up.stop], colour=LINE, width=0.8)
    axis_across(sheet, across, HEIGHT + 4, ticks, title=[title])
    write(sheet, 0, TOP - 6, "p", colour=MUTED, size=SMALL)
    for tick in decades:
        y = up.place(tick)
        stroke(sheet, [across.start - 3, across.start], [y, y])
        write_power_beside(sheet, across.start - 6, y, format_power(tick))
    stroke(sheet, [across.start, across.start], [up.start, up.stop])


def write_power_beside(sheet: Sheet, right: float, centre: float, text: str) -> None:
    """Write a label that ends at ``right``; what follows a caret is raised and small."""
    base, _, raised = text.partition("^")
    if not raised:
        write_beside(sheet, right, centre, [base], colour=MUTED, across="right")
        return
    start = right - text_width(raised, size=SMALL * 0.8)
    write_beside(sheet, start, centre, [base], colour=MUTED, across="right")
    write(sheet, start, centre - 0.5, raised, colour=MUTED, size=SMALL * 0.8)


def draw_line(sheet: Sheet, found: Volcano, across: Scale, up: Scale) -> None:
    """Draw the line that p-values must not exceed, with its value."""
    if found.limit is None:
        return
    y = up.place(found.limit)
    ends = [across.start, across.stop]
    stroke(sheet, ends, [y, y], colour=INK, width=0.9, dashes=(4, 3))
    # Below the line, where its own words cover no point that stands.
    words = f"p = {format_limit(found.limit)}"
    write(sheet, across.stop, y + SMALL + 1, words, colour=INK, size=SMALL, across="right")


def format_limit(limit: float) -> str:
    """Write a threshold with two digits.

    >>> format_limit(0.0034211), format_limit(0.0000066)
    ('0.0034', '0.0000066')
    """
    return format_number(limit, 1 - floor(log10(limit)))


def draw_points(sheet: Sheet, found: Volcano, across: Scale, up: Scale) -> None:
    """Draw the tests that do not stand, then those that do on top of them."""
    others = [
        (across.place(point.x), up.place(point.p_value))
        for point in found.points
        if not point.stands
    ]
    if len(found.points) > CROWD:
        others = apart(others)
    if others:
        xs, ys = zip(*others, strict=True)
        dots(sheet, xs, ys, colour=LINE, radius=1.5, alpha=0.75)
    kept = [(across.place(point.x), up.place(point.p_value)) for point in found.standing]
    if kept:
        diamonds(sheet, *zip(*kept, strict=True))


def apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return one of the places that fall into each cell of a fine grid, in their order."""
    cells = {(round(x / GRID), round(y / GRID)): (x, y) for x, y in reversed(places)}
    return list(cells.values())[::-1]


def diamonds(sheet: Sheet, xs: Sequence[float], ys: Sequence[float]) -> None:
    """Draw filled diamonds: a shape apart from dots, whatever the colour."""
    put(
        sheet,
        Line2D(
            xs,
            ys,
            linestyle="none",
            marker="D",
            markersize=5.0,
            markerfacecolor=TEAL,
            markeredgecolor=TEAL,
            markeredgewidth=0.0,
        ),
    )


def label_points(sheet: Sheet, found: Volcano, across: Scale, up: Scale) -> None:
    """Name the surest endpoints whose names cover neither a diamond nor another name."""
    places = [(across.place(point.x), up.place(point.p_value)) for point in found.standing]
    taken = [(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in places]
    named = 0
    for point, (x, y) in zip(found.standing, places, strict=True):
        box = free_box(text_width(point.label), x, y, taken, across)
        if box is None:
            continue
        write_beside(sheet, box[0], (box[1] + box[3]) / 2, [point.label])
        taken.append(box)
        named += 1
        if named == LABELLED:
            return


def free_box(width: float, x: float, y: float, taken: Sequence[Box], across: Scale) -> Box | None:
    """Return where a name of that width fits beside a mark: left, top, right, bottom.

    Outwards from the middle is tried first, then inwards, above and below.
    """
    half = BODY * 0.55
    beside = [(x + MARK + 2, y), (x - MARK - 2 - width, y)]
    middle = (across.start + across.stop) / 2
    tried = beside if x >= middle else beside[::-1]
    for left, centre in (*tried, (x - width / 2, y - BODY), (x - width / 2, y + BODY)):
        box = (left, centre - half, left + width, centre + half)
        inside = across.start + 2 <= left and box[2] <= across.stop and box[1] >= 0
        if inside and not any(touches(box, other) for other in taken):
            return box
    return None


def touches(box: Box, other: Box) -> bool:
    """Return whether two boxes share a point."""
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
