"""Numbers under each other: decimal columns padded so that their points line up."""

import re
from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import THOUSANDS
from trialkit.present.exhibit import Table

FIGURE_SPACE: Final = "\u2007"  # as wide as a digit
NARROW: Final = "\u00a0"  # about as wide as a point
# Keeps the spaces before it from being dropped at the end of a line.
JOINER: Final = "\u2060"
NUMBER: Final = re.compile(rf"[<>+−-]?\d[\d{THOUSANDS}]*(?:[.,](?P<decimals>\d+))?")

Rows = tuple[tuple[str, ...], ...]


def aligned_rows(table: Table) -> Rows:
    """Return the rows of a table with its decimal columns padded on the right."""
    return aligned_cells(table.rows, [column.align for column in table.columns])


def aligned_cells(rows: Sequence[Sequence[str]], alignments: Sequence[str]) -> Rows:
    """Return rows of cells with those of decimal columns padded on the right."""
    columns = [
        padded(cells) if align == "decimal" else cells
        for align, cells in zip(alignments, zip(*rows, strict=True), strict=False)
    ]
    return tuple(zip(*columns, strict=True))


def padded(cells: tuple[str, ...]) -> tuple[str, ...]:
    r"""Return cells with as many figure spaces behind each number as it lacks decimals.

    >>> padded(("3", "4.25"))
    ('3\xa0\u2007\u2007\u2060', '4.25')
    """
    most = max((decimals(cell) or 0 for cell in cells), default=0)
    return tuple(cell + padding(decimals(cell), most) for cell in cells)


def decimals(cell: str) -> int | None:
    """Return the decimals of a number; None for other text."""
    match = NUMBER.fullmatch(cell)
    return len(match["decimals"] or "") if match else None


def padding(own: int | None, most: int) -> str:
    """Return what stands behind a number with fewer decimals than its column has."""
    if own is None or own == most:
        return ""
    return (NARROW if own == 0 else "") + FIGURE_SPACE * (most - own) + JOINER
