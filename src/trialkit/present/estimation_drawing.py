"""The drawing of an estimation plot: dots and means by arm, and the difference beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    write,
    write_beside,
    write_lines,
)
from trialkit.present.estimation import Estimation, Group, start
from trialkit.present.figure_forest import column_places, draw_rows, rows_height
from trialkit.present.format import format_ticks, n_equals
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import axis_text
from trialkit.present.palette import INK, LINE, MUTED, text_colour
from trialkit.present.profile_drawing import draw_upright, row_numbers
from trialkit.present.scale import Scale, limit_ticks, round_ticks, value_limits
from trialkit.present.swarm import Anchor, Swarm, people_a_dot, swarm_of, swarm_places

PLOT_HEIGHT: Final = 208.0
WIDEST_BLOCK: Final = 176.0
WIDEST_ALONE: Final = 228.0  # with the differences below
BLOCK_GAP: Final = 10.0
DIFFERENCE_GAP: Final = 18.0
DIFFERENCE_WIDTH: Final = 62.0
DIFFERENCE_ROOM: Final = 128.0  # with the labels of its axis and its heads
HEAD_GAP: Final = 9.0
# Below this the interval on the scale of the values is a speck.
LOWEST_INTERVAL: Final = 12.0
THIN, THICK = 0.6, 3.6
FAINT: Final = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where one arm stands on the sheet: its columns of dots and its mean, in points."""

    left: float
    width: float
    paired: bool

    @property
    def before(self) -> float:
        """Where the dots before end and the lines begin."""
        return self.left + 0.31 * self.width

    @property
    def after(self) -> float:
        """Where the dots after stand: from here on, or around it without lines."""
        return self.left + (0.60 if self.paired else 0.42) * self.width

    @property
    def mean(self) -> float:
        """Where the mean stands, beside the dots."""
        return self.left + 0.93 * self.width

    @property
    def room(self) -> float:
        """How wide a column of dots may be."""
        return (0.27 if self.paired else 0.80) * self.width


def estimation_svg(shown: Estimation, figure_id: str) -> str:
    """Return the drawing."""
    beside = not enlarged(shown)
    low, high = limits(shown)
    ticks = limit_ticks(low, high, at_most=6)
    axis = ticks_width(ticks) + 4
    blocks = place_blocks(shown, axis, beside=beside)
    right = blocks[-1].left + blocks[-1].width
    total = max(right + DIFFERENCE_GAP + DIFFERENCE_ROOM, 320.0) if beside else FULL_WIDTH
    title = wrap(value_title(shown), total)
    heads = [
        wrap(f"{group.label} ({n_equals(group.people)})", block.width - 6, bold=True)
        for group, block in zip(shown.groups, blocks, strict=True)
    ]
    side = difference_heads(shown) if beside else []
    first = lines_height(title) + 6
    top = first + max([*map(lines_height, heads), lines_height(side)]) + HEAD_GAP
    base = top + PLOT_HEIGHT
    feet = feet_height(shown, blocks)
    places = None if beside else column_places(shown.contrasts)
    below = 0.0 if places is None else 14 + rows_height(shown.contrasts, places)
    sheet = new_sheet(total, base + feet + below)
    bare = Scale(low=low, high=high, start=base, stop=top)
    swarm = shared_swarm(shown, blocks, bare)
    # Dots at the end of the scale stay off the axis under them.
    scale = Scale(low=low, high=high, start=base - swarm.lines * swarm.pitch / 2 - 1, stop=top)
    write_lines(sheet, 0, 0, title, colour=MUTED)
    axis_down(sheet, scale, axis, ticks)
    if shown.of_changes:
        zero = scale.place(0.0)
        stroke(sheet, [axis, right], [zero, zero], width=0.5)
    for group, block, head in zip(shown.groups, blocks, heads, strict=True):
        write_lines(sheet, block.left + 4, first, head, colour=text_colour(group.colour), bold=True)
        draw_people(sheet, group, block, scale, swarm)
        write_feet(sheet, shown, block, base)
    if beside:
        draw_difference(sheet, shown, blocks, scale, first=first, base=base)
    for group, block in zip(shown.groups, blocks, strict=True):
        draw_mean(sheet, group, block, scale)
    if places is not None:
        draw_rows(sheet, shown.contrasts, places, top=base + feet + 14, others_grey=False)
    return sheet.to_svg(figure_id)


def enlarged(shown: Estimation) -> bool:
    """Return whether the differences stand below, on an enlarged axis of their own."""
    if len(shown.contrasts) > 1:
        return True
    row = shown.contrasts[0].estimate
    if row.conf_low is None or row.conf_high is None:
        return False
    low, high = limits(shown)
    return (row.conf_high - row.conf_low) / (high - low) * PLOT_HEIGHT < LOWEST_INTERVAL


def limits(shown: Estimation) -> tuple[float, float]:
    """Return the ends of the axis of values, which holds every dot and mean."""
    values = [centre for group in shown.groups for centre in group.values]
    values += [begin for group in shown.groups for begin, _, _ in group.pairs]
    numbers = [*values, shown.zero, *row_numbers([group.mean for group in shown.groups])]
    if shown.of_changes:
        return value_limits(None, [0.0, *numbers])
    return value_limits(shown.endpoint, numbers)


def value_title(shown: Estimation) -> str:
    """Return what the axis of values says."""
    said = axis_text(shown.endpoint)
    return say("Change in {outcome}", outcome=mid_sentence(said)) if shown.of_changes else said


def place_blocks(shown: Estimation, axis: float, *, beside: bool) -> list[Block]:
    """Return the place of each arm, from left to right."""
    count = len(shown.groups)
    room = FULL_WIDTH - axis - (DIFFERENCE_GAP + DIFFERENCE_ROOM if beside else 10.0)
    widest = WIDEST_BLOCK if beside else WIDEST_ALONE
    width = min((room - BLOCK_GAP * (count - 1)) / count, widest)
    paired = any(group.pairs for group in shown.groups)
    return [
        Block(left=axis + 4 + position * (width + BLOCK_GAP), width=width - 4, paired=paired)
        for position in range(count)
    ]


def shared_swarm(shown: Estimation, blocks: Sequence[Block], scale: Scale) -> Swarm:
    """Return how the dots of all arms stand: as large as the fullest bin allows."""
    depth = abs(scale.place(scale.low + shown.width) - scale.start) * 0.94
    panels = dotted(shown)
    most = max(count for panel in panels for count in panel.values())
    room = min(block.room for block in blocks)
    return swarm_of(most, depth=depth, room=room, people=people_a_dot(panels))


def dotted(shown: Estimation) -> list[dict[float, int]]:
    """Return the people by bin of all that is drawn as dots."""
    return [
        panel for group in shown.groups for panel in (group.values, start(group.pairs)) if panel
    ]


def draw_people(sheet: Sheet, group: Group, block: Block, scale: Scale, swarm: Swarm) -> None:
    """Draw one arm's people: lines from before to after, dots at their ends."""
    most = max((count for _, _, count in group.pairs), default=1)
    alpha = min(0.4, max(0.12, 12 / max(len(group.pairs), 1)))
    for begin, end, count in group.pairs:
        ys = [scale.place(begin), scale.place(end)]
        width = THIN if most == 1 else THIN + (THICK - THIN) * min((count - 1) / 9, 1.0)
        stroke(
            sheet, [block.before, block.after], ys, colour=group.colour, width=width, alpha=alpha
        )
    if block.paired:
        draw_dots(sheet, start(group.pairs), group, block, block.before, "before", scale, swarm)
        draw_dots(sheet, group.values, group, block, block.after, "after", scale, swarm)
    else:
        draw_dots(sheet, group.values, group, block, block.after, "middle", scale, swarm)


def draw_dots(
    sheet: Sheet,
    counts: dict[float, int],
    group: Group,
    block: Block,
    x: float,
    anchor: Anchor,
    scale: Scale,
    swarm: Swarm,
) -> None:
    """Draw an arm's dots around, or to one side of, a place across."""
    places = swarm_places(counts, swarm, room=block.room, anchor=anchor)
    if places:
        xs = [x + beside for _, _, beside in places]
        ys = [scale.place(value) + along for value, along, _ in places]
        dots(sheet, xs, ys, colour=group.colour, radius=swarm.radius, alpha=FAINT)


def draw_mean(sheet: Sheet, group: Group, block: Block, scale: Scale) -> None:
    """Draw the mean with its interval beside the dots."""
    draw_upright(sheet, scale, group.mean, x=block.mean, colour=group.colour, width=2.4)
    y = scale.place(group.mean.estimate or 0.0)
    dots(sheet, [block.mean], [y], colour=group.colour, radius=3.2)


def feet_height(shown: Estimation, blocks: Sequence[Block]) -> float:
    """Return how much the words under the blocks take."""
    lines = [lines_height(words) for words, _ in feet_words(shown, blocks[0])]
    name = 0.0 if enlarged(shown) else lines_height(wrap(lower_words(shown), DIFFERENCE_ROOM))
    return 8 + max([*lines, name])


def feet_words(shown: Estimation, block: Block) -> list[tuple[list[str], float]]:
    """Return the words under one arm and where they stand."""
    mean = wrap(say("mean"), 0.2 * block.width), block.mean
    if not block.paired:
        visit = say("change") if shown.of_changes else shown.visits[1]
        return [(wrap(visit, 0.7 * block.width), block.after), mean]
    before, after = (wrap(visit, 0.33 * block.width) for visit in shown.visits)
    return [(before, block.before - 8), (after, block.after + 6), mean]


def write_feet(sheet: Sheet, shown: Estimation, block: Block, y: float) -> None:
    """Draw the axis under one arm: the visits, and the place of the mean."""
    stroke(sheet, [block.left, block.left + block.width + 4], [y, y])
    for words, x in feet_words(shown, block):
        write_lines(sheet, x, y + 5, words, colour=MUTED, across="center")


def side_names(shown: Estimation) -> tuple[str, str]:
    """Return what lies above and below no difference, in words."""
    contrast = shown.contrasts[0].shown
    upper, lower = (side.text if side else "" for side in (contrast.right, contrast.left))
    return upper, lower


def difference_heads(shown: Estimation) -> list[str]:
    """Return the lines over the axis of differences: what, the numbers, the upper side."""
    return [*bold_heads(shown), *wrap(upper_words(shown), DIFFERENCE_ROOM)]


def bold_heads(shown: Estimation) -> list[str]:
    """Return what the axis of differences is about, and its numbers."""
    first = shown.contrasts[0]
    words = say("Mean change") if shown.single else say("Difference of the means")
    return [
        *wrap(words, DIFFERENCE_ROOM, bold=True),
        *wrap(first.shown.text, DIFFERENCE_ROOM, bold=True),
    ]


def upper_words(shown: Estimation) -> str:
    """Return the name of the upper side of no difference."""
    return say("↑ {side}", side=side_names(shown)[0])


def lower_words(shown: Estimation) -> str:
    """Return the name of the lower side of no difference."""
    return say("↓ {side}", side=side_names(shown)[1])


def draw_difference(
    sheet: Sheet,
    shown: Estimation,
    blocks: Sequence[Block],
    scale: Scale,
    *,
    first: float,
    base: float,
) -> None:
    """Draw the difference on its own axis, whose zero lies at the mean compared with."""
    row, contrast = shown.contrasts[0].estimate, shown.contrasts[0].shown
    left = blocks[-1].left + blocks[-1].width + DIFFERENCE_GAP
    right = left + DIFFERENCE_WIDTH
    middle = left + 0.72 * DIFFERENCE_WIDTH
    moved = Scale(
        low=scale.low - shown.zero, high=scale.high - shown.zero, start=scale.start, stop=scale.stop
    )
    write_difference_words(sheet, shown, left, first=first, base=base)
    draw_guides(sheet, shown, blocks, scale, left=left, right=right, middle=middle)
    for margin in () if contrast.margin is None else (-contrast.margin, contrast.margin):
        if moved.contains(margin):
            y = moved.place(margin)
            stroke(sheet, [left, right], [y, y], colour=MUTED, width=0.8, dashes=(2.5, 2.0))
            label = say("margin {size}", size=format_ticks([margin])[0])
            write(sheet, left, y - 2, label, colour=MUTED, size=SMALL)
    ticks = round_ticks(moved.low, moved.high, at_most=7)
    stroke(sheet, [right, right], [moved.start, moved.stop])
    for tick, label in zip(ticks, format_ticks(ticks), strict=True):
        y = moved.place(tick)
        stroke(sheet, [right, right + 3], [y, y])
        write_beside(sheet, right + 6, y, [label], colour=MUTED)
    draw_upright(sheet, moved, row, x=middle, colour=contrast.colour, width=3.0)
    y = moved.place(row.estimate or 0.0)
    hollow = row.conf_low is None
    dots(sheet, [middle], [y], colour=contrast.colour, radius=4.4, hollow=hollow)


def write_difference_words(
    sheet: Sheet, shown: Estimation, left: float, *, first: float, base: float
) -> None:
    """Write what is compared and its numbers above the axis, and the names of both sides."""
    contrast = shown.contrasts[0].shown
    upper = wrap(upper_words(shown), DIFFERENCE_ROOM)
    below = write_lines(sheet, left, first, bold_heads(shown), colour=INK, bold=True)
    if contrast.right is not None and contrast.left is not None:
        write_lines(sheet, left, below, upper, colour=contrast.right.colour)
        words = wrap(lower_words(shown), DIFFERENCE_ROOM)
        write_lines(sheet, left, base + 5, words, colour=contrast.left.colour)


def draw_guides(
    sheet: Sheet,
    shown: Estimation,
    blocks: Sequence[Block],
    scale: Scale,
    *,
    left: float,
    right: float,
    middle: float,
) -> None:
    """Lead the eye from the means to the axis of differences: zero, and the estimate."""
    zero = scale.place(shown.zero)
    begin = blocks[0].before if shown.single else blocks[-1].mean
    stroke(sheet, [begin, left], [zero, zero], colour=LINE, width=0.6, dashes=(1.5, 2.0))
    stroke(sheet, [left, right], [zero, zero], colour=INK, width=0.9)
    y = scale.place(shown.zero + (shown.contrasts[0].estimate.estimate or 0.0))
    stroke(sheet, [blocks[0].mean, middle], [y, y], colour=LINE, width=0.6, dashes=(1.5, 2.0))
