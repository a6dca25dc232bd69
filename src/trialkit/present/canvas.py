"""A sheet measured in points, and the few marks that every figure is drawn with.

Origin at the upper left, x to the right, y downwards, one unit one point at the size a
figure is printed. No state is shared: matplotlib's settings hold inside ``drawing`` only.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from math import fsum
from pathlib import Path
from typing import Final, Literal

import matplotlib as mpl
from font_source_sans_pro import font_files_ttf
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from trialkit.present.format import format_ticks
from trialkit.present.palette import INK, LINE, MUTED
from trialkit.present.scale import Scale
from trialkit.present.svg import svg_text

FULL_WIDTH: Final = 482.0  # the text of an A4 page with margins of 20 mm
HALF_WIDTH: Final = 231.0
BODY: Final = 8.4
SMALL: Final = 7.6
RAISED: Final = 6.6  # a power: the smallest type of any figure
LEADING: Final = 1.22
# Numerals and capitals stand this share of the type size above the base line.
CAP_HEIGHT: Final = 0.66
# Stands for a character that no face at hand can draw.
NO_GLYPH: Final = "\N{WHITE SQUARE}"

Across = Literal["left", "center", "right"]
Font = Literal["SourceSansPro", "SourceSansProSemibold"]


@contextmanager
def drawing() -> Iterator[None]:
    """Hold matplotlib's own defaults and our few settings, whatever the caller has set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.fonttype"] = "path"
        mpl.rcParams["svg.hashsalt"] = "trialkit"
        mpl.rcParams["path.simplify"] = False
        # A dollar sign in a label is a dollar sign, not the start of a formula.
        mpl.rcParams["text.parse_math"] = False
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The paper a figure is drawn on; sizes in points."""

    axes: Axes
    width: float
    height: float

    def to_svg(self, figure_id: str) -> str:
        """Return the drawing as SVG."""
        figure = self.axes.get_figure(root=True)
        if figure is None:
            raise RuntimeError("the sheet has lost its figure")
        return svg_text(figure, figure_id)


def new_sheet(width: float, height: float) -> Sheet:
    """Return an empty, transparent sheet."""
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    figure.patch.set_visible(False)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    return Sheet(axes=axes, width=width, height=height)


def put(sheet: Sheet, artist: Artist) -> None:
    """Put a mark on the sheet, whole even where it touches the edge."""
    sheet.axes.add_artist(artist)
    artist.set_clip_on(False)


@cache
def font(*, bold: bool) -> FontProperties:
    """Return the face of labels and charts, from the font package's own file."""
    name: Font = "SourceSansProSemibold" if bold else "SourceSansPro"
    return FontProperties(fname=font_files_ttf[name])


@cache
def fallback_font(*, bold: bool) -> FontProperties:
    """Return the face of characters that our own lacks: the one matplotlib brings along."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FontProperties(fname=Path(mpl.get_data_path()) / "fonts" / "ttf" / name)


@cache
def characters(face: FontProperties) -> frozenset[str]:
    """Return every character that a face can draw."""
    return frozenset(map(chr, get_font(str(face.get_file())).get_charmap()))


def drawable(text: str, *, bold: bool) -> str:
    """Return a line whose every character can be drawn; a square stands for any other.

    Marks that have no shape of their own, such as those that turn the direction of
    writing, are left out; line breaks and tabs become spaces.
    """
    known = characters(font(bold=bold)) | characters(fallback_font(bold=bold))
    shown = (" " if sign.isspace() and sign not in known else sign for sign in text)
    return "".join(
        sign if sign in known else NO_GLYPH for sign in shown if unicodedata.category(sign) != "Cf"
    )


def stretches(text: str, *, size: float, bold: bool) -> list[tuple[str, FontProperties]]:
    """Return a line in stretches of one face each: ours, or the other where ours has no glyph."""
    own = characters(font(bold=bold))
    parts = []
    for is_own, signs in groupby(drawable(text, bold=bold), key=lambda sign: sign in own):
        face = (font if is_own else fallback_font)(bold=bold).copy()
        face.set_size(size)
        parts.append(("".join(signs), face))
    return parts


def stretch_width(text: str, face: FontProperties) -> float:
    """Return how wide a stretch of text in one face is, in points."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, face, ismath=False)
    return float(width)


@cache
def text_width(text: str, *, size: float = BODY, bold: bool = False) -> float:
    """Return how wide a line of text is, in points."""
    return fsum(stretch_width(*part) for part in stretches(text, size=size, bold=bold))


def wrap(text: str, width: float, *, size: float = BODY, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width`` points; a wider word is broken too."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size=size, bold=bold) <= width:
            lines[-1] = longer
            continue
        rest = word
        while len(rest) > 1 and text_width(rest, size=size, bold=bold) > width:
            kept = fitting(rest, width, size=size, bold=bold)
            lines.append(rest[:kept])
            rest = rest[kept:]
        lines.append(rest)
    return lines


def fitting(word: str, width: float, *, size: float, bold: bool) -> int:
    """Return how many letters of a word fit a width, at least one."""
    fits, too_many = 1, len(word)
    while too_many - fits > 1:
        half = (fits + too_many) // 2
        if text_width(word[:half], size=size, bold=bold) <= width:
            fits = half
        else:
            too_many = half
    return fits


def lines_height(lines: Sequence[str], *, size: float = BODY) -> float:
    """Return the height of some lines of text, in points."""
    return len(lines) * size * LEADING


def write(
    sheet: Sheet,
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    size: float = BODY,
    bold: bool = False,
    across: Across = "left",
) -> None:
    """Write one line whose base line lies at ``y``."""
    parts = stretches(text, size=size, bold=bold)
    if len(parts) > 1:
        x -= {"left": 0.0, "center": 0.5, "right": 1.0}[across] * text_width(
            text, size=size, bold=bold
        )
        across = "left"
    for part, face in parts:
        put(sheet, Text(x, y, part, color=colour, fontproperties=face, ha=across, va="baseline"))
        x += stretch_width(part, face)


def write_power(sheet: Sheet, x: float, y: float, text: str, *, colour: str) -> None:
    """Write a centred label; what follows a caret (10^−6) is raised and small."""
    base, _, raised = text.partition("^")
    width = text_width(base) + (text_width(raised, size=RAISED) if raised else 0.0)
    write(sheet, x - width / 2, y, base, colour=colour)
    if raised:
        left = x - width / 2 + text_width(base)
        write(sheet, left, y - 3, raised, colour=colour, size=RAISED)


def write_lines(
    sheet: Sheet,
    x: float,
    top: float,
    lines: Sequence[str],
    *,
    colour: str = INK,
    size: float = BODY,
    bold: bool = False,
    across: Across = "left",
) -> float:
    """Write lines of text below ``top``; return where the next line would begin."""
    for position, line in enumerate(lines):
        base = top + position * size * LEADING + size * 0.94
        write(sheet, x, base, line, colour=colour, size=size, bold=bold, across=across)
    return top + lines_height(lines, size=size)


def write_beside(
    sheet: Sheet,
    x: float,
    centre: float,
    lines: Sequence[str],
    *,
    colour: str = INK,
    size: float = BODY,
    bold: bool = False,
    across: Across = "left",
) -> None:
    """Write lines whose block is centred on a mark at height ``centre``."""
    first = centre - (len(lines) - 1) * size * LEADING / 2 + size * CAP_HEIGHT / 2
    for position, line in enumerate(lines):
        base = first + position * size * LEADING
        write(sheet, x, base, line, colour=colour, size=size, bold=bold, across=across)


def stroke(
    sheet: Sheet,
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    colour: str = LINE,
    width: float = 0.8,
    alpha: float = 1.0,
    dashes: tuple[float, float] | None = None,
) -> None:
    """Draw a line through points."""
    line = Line2D(xs, ys, color=colour, linewidth=width, alpha=alpha, solid_capstyle="butt")
    if dashes:
        line.set_dashes(dashes)
    put(sheet, line)


def dots(
    sheet: Sheet,
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    colour: str,
    radius: float,
    alpha: float = 1.0,
    hollow: bool = False,
) -> None:
    """Draw round dots; a hollow one is a ring of the same size."""
    edge = 1.4 if hollow else 0.0
    put(
        sheet,
        Line2D(
            xs,
            ys,
            linestyle="none",
            marker="o",
            markersize=2 * radius - edge,
            markerfacecolor="none" if hollow else colour,
            markeredgecolor=colour,
            markeredgewidth=edge,
            alpha=alpha,
        ),
    )


def arrow_head(sheet: Sheet, x: float, y: float, *, colour: str, to_the_left: bool) -> None:
    """Draw the head that says: the interval goes on beyond the axis."""
    marker = "<" if to_the_left else ">"
    put(
        sheet,
        Line2D(
            [x], [y], linestyle="none", marker=marker, markersize=6, color=colour, markeredgewidth=0
        ),
    )


def inset(sheet: Sheet, scale: Scale, *, base: float, height: float, top: float) -> Axes:
    """Return axes of data on the sheet, standing on ``base``: values across, 0 to top upwards."""
    area = sheet.axes.inset_axes(
        (
            scale.start / sheet.width,
            1 - base / sheet.height,
            (scale.stop - scale.start) / sheet.width,
            height / sheet.height,
        )
    )
    area.patch.set_visible(False)
    area.set(xlim=(scale.low, scale.high), ylim=(0, top), autoscale_on=False)
    return area


def axis_across(
    sheet: Sheet,
    scale: Scale,
    y: float,
    ticks: Sequence[float],
    *,
    title: Sequence[str] = (),
    labels: Sequence[str] | None = None,
) -> float:
    """Draw a horizontal axis with ticks, labels and title below it; return its lower edge."""
    stroke(sheet, [scale.start, scale.stop], [y, y])
    for tick, label in zip(ticks, labels or format_ticks(ticks), strict=True):
        x = scale.place(tick)
        stroke(sheet, [x, x], [y, y + 3])
        write_power(sheet, x, y + 12, label, colour=MUTED)
    middle = (scale.start + scale.stop) / 2
    return write_lines(sheet, middle, y + 16, title, colour=MUTED, across="center")


def axis_down(sheet: Sheet, scale: Scale, x: float, ticks: Sequence[float]) -> None:
    """Draw a vertical axis with ticks and labels to its left."""
    stroke(sheet, [x, x], [scale.start, scale.stop])
    for tick, label in zip(ticks, format_ticks(ticks), strict=True):
        y = scale.place(tick)
        stroke(sheet, [x - 3, x], [y, y])
        write_beside(sheet, x - 5, y, [label], colour=MUTED, across="right")


def ticks_width(ticks: Sequence[float]) -> float:
    """Return the room that the labels of a vertical axis take, in points."""
    return max(text_width(label) for label in format_ticks(ticks)) + 6
