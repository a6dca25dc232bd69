"""Decimal columns: every number gets as many decimals' room as the longest has."""

from hypothesis import given
from hypothesis import strategies as st

from trialkit.present.exhibit import Column, Table
from trialkit.report.alignment import FIGURE_SPACE, NARROW, aligned_rows, padded

numbers = st.tuples(st.integers(-999, 999), st.integers(0, 4)).map(
    lambda pair: f"{pair[0]:d}" if not pair[1] else f"{pair[0] / 10 ** pair[1]:.{pair[1]}f}"
)


def places(cell: str) -> int:
    """Return how many places stand behind the units, digits and spaces alike."""
    return sum(character in FIGURE_SPACE + "0123456789" for character in cell.partition(".")[2]) + (
        cell.count(FIGURE_SPACE) if NARROW in cell else 0
    )


@given(st.lists(numbers, min_size=1).map(tuple))
def test_points_line_up(cells: tuple[str, ...]):
    assert len({places(cell) for cell in padded(cells)}) == 1


def test_only_decimal_columns_are_padded():
    table = Table(
        id="t",
        title="t",
        columns=(
            Column(label="a"),
            Column(label="b", align="right"),
            Column(label="c", align="decimal"),
        ),
        rows=(("1", "1", "1"), ("2.5", "2.5", "2.5"), ("–", "–", "–")),
    )

    rows = aligned_rows(table)
    assert [row[:2] for row in rows] == [("1", "1"), ("2.5", "2.5"), ("–", "–")]
    assert [row[2].startswith(text) for row, text in zip(rows, ("1", "2.5", "–"), strict=True)]
    assert rows[1][2] == "2.5"
    assert len(rows[0][2]) > 1
