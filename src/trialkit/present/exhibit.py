"""What a report shows besides sentences: a table, and a figure with its data."""

from dataclasses import dataclass, replace
from typing import Literal

from trialkit.present.format import MISSING

Alignment = Literal["left", "right", "decimal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head (units included) and how its cells line up."""

    label: str
    align: Alignment = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of finished text; nothing in it is rounded again.

    ``rows`` hold as many cells as there are columns; the first cell of a row is its
    heading. ``inset`` holds the positions of rows that belong to the last row before them
    that is not inset; a row of one text alone heads such a group over the whole width.
    ``footnotes`` stand under the table: the model sentence, who was left out.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    footnotes: tuple[str, ...] = ()
    inset: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that does not fit the head."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.id}: {len(row)} cells under {len(self.columns)} heads"
                )

    def without_empty_columns(self) -> "Table":
        """Return the table without the columns in which no row has a value, but the first."""
        kept = [
            position
            for position in range(len(self.columns))
            if position == 0
            or not self.rows
            or any(row[position] not in {MISSING, ""} for row in self.rows)
        ]
        return replace(
            self,
            columns=tuple(self.columns[position] for position in kept),
            rows=tuple(tuple(row[position] for position in kept) for row in self.rows),
        )

    def heads_group(self, position: int) -> bool:
        """Return whether a row is the head of a group and nothing else."""
        return bool(self.inset) and position not in self.inset and not any(self.rows[position][1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing as SVG, the sentence that says what it shows, and the numbers in it."""

    id: str
    title: str
    svg: str
    alt: str
    data: Table
    footnotes: tuple[str, ...] = ()
