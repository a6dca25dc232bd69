"""Boxes of a flow diagram and the arrows between them: broken to their width, then drawn."""

from dataclasses import dataclass
from math import fsum
from typing import Final

from matplotlib.lines import Line2D

from trialkit.language.speech import say
from trialkit.present.canvas import LEADING, Sheet, put, stroke, text_width, wrap, write
from trialkit.present.flow import Line, Lines
from trialkit.present.palette import INK, LINE, MUTED

PADDING: Final = 6.0
ARROW: Final = 4.0
LEAD: Final = 1.3  # how much larger the first number of a box is
EDGE: Final = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One printed line of a box: its number, if it is the first of its count, and words."""

    number: str
    words: str
    size: float
    indent: float
    colour: str
    bold: bool = False

    @property
    def height(self) -> float:
        """The height of the line, in points."""
        return self.size * LEADING


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box at its place on the sheet; an arm's has an edge in the arm's colour."""

    left: float
    width: float
    written: tuple[Written, ...]
    edge: str | None = None
    gutter: float = 0.0

    @property
    def height(self) -> float:
        """The height that the text needs, in points."""
        return fsum(line.height for line in self.written) + 2 * PADDING - 2

    @property
    def centre(self) -> float:
        """The middle of the box, across."""
        return self.left + self.width / 2


def made_box(
    lines: Lines,
    left: float,
    width: float,
    size: float,
    *,
    leads: bool,
    title: str = "",
    shade: str | None = None,
) -> Box:
    """Return a box with its text broken to its width; ``leads`` sets its first number large."""
    room = width - 2 * PADDING
    numbers = [(line.number, leads and line is lines[0]) for line in lines if line.n is not None]
    gutter = max(
        (
            text_width(number, size=size * (LEAD if large else 1.0), bold=True)
            for number, large in numbers
        ),
        default=0.0,
    )
    written = [
        Written(number="", words=words, size=size, indent=0.0, colour=shade or INK, bold=True)
        for words in (wrap(title, room, size=size, bold=True) if title else ())
    ]
    for line in lines:
        large = leads and line is lines[0]
        indent = gutter + 0.5 * size if gutter else 0.0
        written += written_line(line, room, size, indent, large=large)
    return Box(left=left, width=width, written=tuple(written), edge=shade, gutter=gutter)


def written_line(
    line: Line, room: float, size: float, indent: float, *, large: bool
) -> list[Written]:
    """Return a count as printed lines: what is not reported has no number and is grey."""
    own = size * 0.92 if line.is_reason or line.n is None else size
    if line.n is None:
        words = say("{step}: not reported", step=line.label)
        return [
            Written(number="", words=part, size=own, indent=indent, colour=MUTED)
            for part in wrap(words, room - indent, size=own)
        ]
    parts = wrap(line.label, room - indent, size=own)
    first_size = size * LEAD if large else own
    return [
        Written(
            number=line.number if position == 0 else "",
            words=part,
            size=first_size if position == 0 else own,
            indent=indent,
            colour=MUTED if line.is_reason else INK,
            bold=large,
        )
        for position, part in enumerate(parts)
    ]


def draw_box(sheet: Sheet, box: Box, top: float, height: float) -> None:
    """Draw a box and its text; the upper edge of an arm's box has the arm's colour."""
    # Drawn lines are moved to whole points: the last one would fall off the sheet.
    left, right, below = box.left + 0.4, box.left + box.width - 1.0, top + height
    xs = [left, right, right, left, left]
    stroke(sheet, xs, [top + 0.4, top + 0.4, below, below, top + 0.4], width=0.6)
    if box.edge:
        stroke(sheet, [left, right], [top + 0.4, top + 0.4], colour=box.edge, width=EDGE)
    y = top + PADDING - 1
    for line in box.written:
        base = y + line.size * 0.98
        if line.number:
            place = box.left + PADDING + box.gutter
            write(sheet, place, base, line.number, size=line.size, bold=True, across="right")
        words = line.size / LEAD if line.number and line.bold else line.size
        write(
            sheet,
            box.left + PADDING + line.indent,
            base,
            line.words,
            size=words,
            colour=line.colour,
            bold=line.bold and not line.number and not line.indent,
        )
        y += line.height


def arrow_down(sheet: Sheet, x: float, start: float, stop: float) -> None:
    """Draw an arrow downwards that ends on the next box."""
    stroke(sheet, [x, x], [start, stop - ARROW])
    head(sheet, x, stop - ARROW / 2 - 0.6, "v")


def arrow_right(sheet: Sheet, start: float, stop: float, y: float) -> None:
    """Draw an arrow to a box at the side."""
    stroke(sheet, [start, stop - ARROW], [y, y])
    head(sheet, stop - ARROW / 2 - 0.6, y, ">")


def head(sheet: Sheet, x: float, y: float, marker: str) -> None:
    """Draw the head of an arrow."""
    put(
        sheet,
        Line2D(
            [x],
            [y],
            linestyle="none",
            marker=marker,
            markersize=ARROW,
            color=LINE,
            markeredgewidth=0,
        ),
    )
