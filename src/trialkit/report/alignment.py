"""Numbers under each other: decimal columns padded so that their points line up."""

import re
from typing import Final

from trialkit.present.exhibit import Table

FIGURE_SPACE: Final = "\u2007"  # as wide as a digit
NARROW: Final = "\u00a0"  # about as wide as a point
NUMBER: Final = re.compile(r"[<>+−-]?\d+(?:\.(?P<decimals>\d+))?")


def aligned_rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table with its decimal columns padded on the right."""
    columns = [
        padded(cells) if column.align == "decimal" else cells
        for column, cells in zip(table.columns, zip(*table.rows, strict=True), strict=False)
    ]
    return tuple(zip(*columns, strict=True))


def padded(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return cells with as many figure spaces behind each number as it lacks decimals.

    >>> [cell.replace(FIGURE_SPACE, "_").replace(NARROW, "~") for cell in padded(("3", "4.25"))]
    ['3~__', '4.25']
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
    return (NARROW if own == 0 else "") + FIGURE_SPACE * (most - own)
