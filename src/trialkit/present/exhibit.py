"""What a report shows besides sentences: a table, and a figure with its data."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from trialkit.present.format import MISSING

Alignment = Literal["left", "right", "decimal"]
# Rows under a name that is said once; then it is said again, for whoever reads further down.
MOST_UNDER_A_NAME: Final = 8


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

    def rows_named(self, position: int) -> int:
        """Return how many rows the name of a row stands for; 0 where a row above has said it.

        Only names in words are said once for several rows, and none of a table with groups.
        """
        if self.inset or self.columns[0].align != "left":
            return 1
        name = self.rows[position][0]
        start = position
        while start > 0 and self.rows[start - 1][0] == name:
            start -= 1
        if (position - start) % MOST_UNDER_A_NAME:
            return 0
        following = self.rows[position : position + MOST_UNDER_A_NAME]
        others = (number for number, row in enumerate(following) if row[0] != name)
        return next(others, len(following))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing as SVG, the sentence that says what it shows, and the numbers in it."""

    id: str
    title: str
    svg: str
    alt: str
    data: Table
    footnotes: tuple[str, ...] = ()
