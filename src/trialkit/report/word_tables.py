"""Tables of a Word file: three rules, heads repeated on every page, rows kept whole.

Widths are added up by ``math.fsum``: ``sum`` rounds floats otherwise from Python 3.12 on, and
the same document must give the same bytes.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

from docx.oxml.xmlchemy import BaseOxmlElement

from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.report.alignment import decimals
from trialkit.report.document import Verdicts
from trialkit.report.fonts import SANS, WORD_FACES, advances
from trialkit.report.word_styles import TABLE_STYLE
from trialkit.report.word_text import Places, element, paragraph, styled_runs, text_run, value

TWIPS: Final = 20  # a point
TEXT_WIDTH: Final = 9638  # twips: A4 less twice 20 mm
INDENT: Final = 180  # twips at the left of a row that belongs to the one before
GAP: Final = 8.0  # points between the texts of two columns
SHORT_TABLE: Final = 8  # rows; a table no longer than this stands on one page
HEAD_LINES: Final = 4
MOST_HEAD: Final = 75.0  # points; a word wider than this may break
# Of the width of a text: the stand-in of a program that leaves carried fonts aside is wider.
SLACK: Final = 1.06
# Text of middling length yields some room to text that is longer.
SHARE_POWER: Final = 0.7
MOST_WANTED: Final = 700.0
# Of the conditional parts of a table style, only that of the first row.
FIRST_ROW: Final = {
    "w:val": "0620",
    "w:firstRow": "1",
    "w:lastRow": "0",
    "w:firstColumn": "0",
    "w:lastColumn": "0",
    "w:noHBand": "1",
    "w:noVBand": "1",
}
VERDICT_SHARES: Final = (1.25, 0.75, 1.55)
UnderName = Literal["alone", "restart", "continue"]


def table_element(
    table: Table, *, caption: str, last: Sequence[Sequence[BaseOxmlElement]] = ()
) -> BaseOxmlElement:
    """Return a table; its caption names it for whoever cannot see it.

    ``last`` holds what stands in the last column in place of its text, such as links.
    """
    size, style = text_size(len(table.columns))
    widths = column_widths(table, size)
    noted = bool(table.footnotes)
    insets = list(
        zip(*(right_insets(table, index, size) for index in columns_of(table)), strict=True)
    )
    body = [
        row_element(
            [
                cell_element(
                    last[number]
                    if last and position == len(row) - 1
                    else [text_run(text, bold=number + 1 in table.inset and not position)],
                    width,
                    style,
                    keep=kept(number, table, noted=noted),
                    align=column.align,
                    inset=inset,
                    indent=INDENT if number in table.inset and not position else 0,
                    under=under_name(table, number) if not position else "alone",
                )
                for position, (text, column, width, inset) in enumerate(
                    zip(row, table.columns, widths, insets[number], strict=True)
                )
            ]
        )
        if not table.heads_group(number)
        else row_element([group_cell(row[0], widths, style)])
        for number, row in enumerate(table.rows)
    ]
    heads = [
        cell_element(
            [text_run(column.label, bold=True)], width, style, keep=True, align=column.align
        )
        for column, width in zip(table.columns, widths, strict=True)
    ]
    return framed(caption, widths, row_element(heads, head=True), body)


def verdicts_element(block: Verdicts, places: Places) -> BaseOxmlElement:
    """Return claims with their verdicts as a table."""
    whole = math.fsum(VERDICT_SHARES)
    widths = [round(TEXT_WIDTH * share / whole) for share in VERDICT_SHARES]
    _, style = text_size(len(widths))
    tones = {"for": "Accent", "against": "Against", "open": None}

    def row(
        cells: Sequence[Sequence[BaseOxmlElement]], *, head: bool, keep: bool
    ) -> BaseOxmlElement:
        made = [
            cell_element(cell, width, style, keep=keep)
            for cell, width in zip(cells, widths, strict=True)
        ]
        return row_element(made, head=head)

    heads = [
        [text_run(head, bold=True)] for head in (block.claim_head, say("Verdict"), say("Because"))
    ]
    body = [
        row(
            (
                styled_runs(item.claim, places),
                [text_run(item.verdict, tones[item.tone])],
                styled_runs(item.because, places),
            ),
            head=False,
            keep=kept(number, block, noted=False),
        )
        for number, item in enumerate(block.rows)
    ]
    return framed(block.caption, widths, row(heads, head=True, keep=True), body)


def framed(
    caption: str, widths: Sequence[int], head: BaseOxmlElement, body: Sequence[BaseOxmlElement]
) -> BaseOxmlElement:
    """Return rows as a table of fixed widths in the report's style."""
    properties = element(
        "w:tblPr",
        None,
        value("w:tblStyle", TABLE_STYLE),
        element("w:tblW", {"w:w": str(sum(widths)), "w:type": "dxa"}),
        element("w:tblLayout", {"w:type": "fixed"}),
        element("w:tblLook", FIRST_ROW),
        value("w:tblCaption", caption),
    )
    grid = element("w:tblGrid", None, *(element("w:gridCol", {"w:w": str(w)}) for w in widths))
    return element("w:tbl", None, properties, grid, head, *body)


def row_element(cells: Sequence[BaseOxmlElement], *, head: bool = False) -> BaseOxmlElement:
    """Return a row that no page breaks; a head is repeated on every page."""
    flags = [element("w:cantSplit"), *([element("w:tblHeader")] if head else [])]
    return element("w:tr", None, element("w:trPr", None, *flags), *cells)


def cell_element(
    runs: Sequence[BaseOxmlElement],
    width: int,
    style: str,
    *,
    keep: bool,
    align: str = "left",
    inset: int = 0,
    indent: int = 0,
    span: int = 1,
    under: UnderName = "alone",
) -> BaseOxmlElement:
    """Return a cell over ``span`` columns.

    ``inset`` twips stand between its text and its right edge, ``indent`` at its left. One that
    goes on under a name is empty: Word shows the text of the cell it goes on from.
    """
    edges = {"w:left": str(indent)} if indent else {}
    edges |= {"w:right": str(inset)} if inset else {}
    properties = [
        *([element("w:keepNext")] if keep else []),
        *([element("w:ind", edges)] if edges else []),
        *([value("w:jc", "right")] if align != "left" else []),
    ]
    return element(
        "w:tc",
        None,
        element(
            "w:tcPr",
            None,
            element("w:tcW", {"w:w": str(width), "w:type": "dxa"}),
            *([value("w:gridSpan", str(span))] if span > 1 else []),
            *([value("w:vMerge", under)] if under != "alone" else []),
        ),
        paragraph(style, runs if under != "continue" else (), *properties),
    )


def group_cell(text: str, widths: Sequence[int], style: str) -> BaseOxmlElement:
    """Return the head of a group of rows, over the whole width; it stays with the next row."""
    runs = [text_run(text, bold=True)]
    return cell_element(runs, sum(widths), style, keep=True, span=len(widths))


def under_name(table: Table, number: int) -> UnderName:
    """Return whether the first cell of a row names it alone, or several rows with it."""
    named = table.rows_named(number)
    return "continue" if named == 0 else "restart" if named > 1 else "alone"


def kept(number: int, table: Table | Verdicts, *, noted: bool) -> bool:
    """Return whether a row stays with the next: in a short table, and at both ends of any.

    The last row stays with the notes under the table, and the head of a group with the group's
    first row: a whole group may be longer than a page.
    """
    rows = len(table.rows)
    if number == rows - 1:
        return noted
    inset = table.inset if isinstance(table, Table) else ()
    heads = number + 1 in inset and number not in inset
    return heads or rows <= SHORT_TABLE or number in {0, rows - 2}


def columns_of(table: Table) -> range:
    """Return the positions of the columns of a table."""
    return range(len(table.columns))


def text_size(columns: int) -> tuple[float, str]:
    """Return the size of a table's text in points, smaller for many columns, and its style."""
    if columns > 8:
        return 7.5, "TableTextDense"
    return (8.0, "TableTextSmall") if columns > 6 else (8.5, "TableText")


def right_insets(table: Table, index: int, size: float) -> tuple[int, ...]:
    """Return the room that each number of a decimal column leaves for decimals it lacks.

    The text itself stays as it is, so that a copied cell holds its number and no padding.
    """
    cells = [row[index] for row in table.rows]
    if table.columns[index].align != "decimal":
        return (0,) * len(cells)
    own = [decimals(cell) for cell in cells]
    most = max((count or 0 for count in own), default=0)
    return tuple(
        0
        if count is None or count == most
        else round(text_width("." * (count == 0) + "0" * (most - count), size) * TWIPS)
        for count in own
    )


def column_widths(table: Table, size: float) -> list[int]:
    """Return the widths of the columns in twips; together they fill the page.

    Columns of numbers get the width of their cells; columns of text share what is left, and
    a short one is not made narrower than it needs while a long one has room to break. What
    the text leaves over widens the heads of the numbers first.
    """
    room = TEXT_WIDTH / TWIPS
    columns = columns_of(table)
    rows = [row for number, row in enumerate(table.rows) if not table.heads_group(number)]
    cells = [max((measured(row[index], size) for row in rows), default=0.0) for index in columns]
    wanted = [
        max(cell, measured(column.label, size, bold=True)) + GAP
        for cell, column in zip(cells, table.columns, strict=True)
    ]
    needed = [
        max(cell, head_width(column, size)) + GAP
        for cell, column in zip(cells, table.columns, strict=True)
    ]
    exact = [index for index in columns if table.columns[index].align != "left"]
    wordy = [index for index in columns if index not in exact]
    widths = list(wanted)
    if math.fsum(wanted) > room:
        for index in exact:
            widths[index] = needed[index]
        share(widths, wordy, room - math.fsum(widths[index] for index in exact))
    widen(widths, wanted, room - math.fsum(widths))
    spare = room - math.fsum(widths)
    if spare > 0 and wordy:
        widths[wordy[0]] += spare
    scale = TEXT_WIDTH / math.fsum(widths)  # numbers alone may be too wide, or all too narrow
    rounded = [round(width * scale) for width in widths]
    rounded[0] += TEXT_WIDTH - sum(rounded)
    return rounded


def share(widths: list[float], wordy: Sequence[int], room: float) -> None:
    """Give the columns of text the room that is left, the short ones first what they want."""
    long = list(wordy)
    while long:
        fits = [index for index in long if widths[index] <= room / len(long)]
        if not fits:
            break
        room -= math.fsum(widths[index] for index in fits)
        long = [index for index in long if index not in fits]
    weights = {index: min(widths[index], MOST_WANTED) ** SHARE_POWER for index in long}
    least = 4 * GAP
    for index in long:
        widths[index] = max(least, room * weights[index] / math.fsum(weights.values()))


def widen(widths: list[float], wanted: Sequence[float], spare: float) -> None:
    """Give every column the same part of what it lacks, as far as the room that is spare goes."""
    lacking = [max(0.0, want - width) for want, width in zip(wanted, widths, strict=True)]
    if spare > 0 and any(lacking):
        part = min(1.0, spare / math.fsum(lacking))
        widths[:] = [width + part * lack for width, lack in zip(widths, lacking, strict=True)]


def head_width(column: Column, size: float) -> float:
    """Return the least width of a column's head: it has few lines, and its words stay whole.

    But for a word so long that it would leave the other columns no room.
    """
    words = max(measured(word, size, bold=True) for word in column.label.split(" "))
    return min(max(words, measured(column.label, size, bold=True) / HEAD_LINES), MOST_HEAD)


def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is set, in points, with some slack for another face."""
    return text_width(text, size, bold=bold) * SLACK


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is set in the sans face, in points."""
    (face,) = (item for item in WORD_FACES if item.family == SANS and (item.weight > 400) == bold)
    known = advances(face)
    return math.fsum(known.get(letter, 1.0) for letter in text) * size
