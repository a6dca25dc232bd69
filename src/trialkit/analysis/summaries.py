"""Tables of printed figures, one row an arm, to what the numerics room takes."""

import math
from collections.abc import Mapping
from typing import Final, TypeVar

import pandas as pd

from trialkit.analysis.frames import require_columns
from trialkit.errors import DataError, Finding, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.means import Moments
from trialkit.numerics.proportions import Counts

PRINTED_FIGURES: Final = tell("from printed figures; their rounding limits the digits")
ONE_GROUP: Final = "everyone"
Summary = TypeVar("Summary", Moments, Counts)
Figures = Mapping[str, Mapping[str, float]]  # of each arm or trial, by column


def arm_moments(
    frame: pd.DataFrame, *, arm: str | None, n: str, mean: str, std_dev: str
) -> dict[str, Moments]:
    """Return the moments of each arm of a printed table, in its order.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    DataError
        If an arm has two rows, a figure is absent, n is no whole number of at least 1, or
        a standard deviation is negative.
    """
    rows = one_row_each(frame, arm=arm, figures=(n, mean, std_dev))
    require_usable_moments(rows, n=n, std_dev=std_dev, least=1)
    return {
        level: Moments(n=int(row[n]), mean=row[mean], std_dev=row[std_dev])
        for level, row in rows.items()
    }


def arm_counts(frame: pd.DataFrame, *, arm: str, n: str, events: str) -> dict[str, Counts]:
    """Return events and people of each arm of a printed table, in its order.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    DataError
        If an arm has two rows, or a count is absent, no whole number, or more events than
        people.
    """
    rows = one_row_each(frame, arm=arm, figures=(n, events))
    findings = count_findings(rows, n=n, events=events)
    if findings:
        raise DataError("the printed counts are not usable", findings)
    return {level: Counts(events=int(row[events]), n=int(row[n])) for level, row in rows.items()}


def one_row_each(
    frame: pd.DataFrame, *, arm: str | None, figures: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """Return the figures of each arm as floats."""
    require_columns(frame, [*([arm] if arm else []), *figures])
    levels = [ONE_GROUP] * len(frame) if arm is None else [str(level) for level in frame[arm]]
    if len(set(levels)) != len(levels) or not levels:
        raise DataError(
            f"expected one row an arm, found {len(levels)} rows for {len(set(levels))} arms"
        )
    rows = {
        level: {name: as_float(value) for name, value in zip(figures, values, strict=True)}
        for level, values in zip(
            levels, frame[list(figures)].itertuples(index=False, name=None), strict=True
        )
    }
    absent = [
        Finding(where=f"{level}.{name}", expected="a number", found="nothing")
        for level, row in rows.items()
        for name, value in row.items()
        if not math.isfinite(value)
    ]
    if absent:
        raise DataError("the printed figures are not complete", absent)
    return rows


def as_float(value: object) -> float:
    """Return a figure as float; NaN for what is none."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def require_usable_moments(rows: Figures, *, n: str, std_dev: str, least: int) -> None:
    """Raise DataError unless sizes are whole and large enough, and no spread is negative."""
    findings = whole_number_findings(rows, n, least=least) + [
        Finding(where=f"{level}.{std_dev}", expected="0 or more", found=str(row[std_dev]))
        for level, row in rows.items()
        if row[std_dev] < 0
    ]
    if findings:
        raise DataError("the printed figures are not usable", findings)


def count_findings(rows: Figures, *, n: str, events: str) -> list[Finding]:
    """Return the counts that are no whole numbers, and events that are more than the people."""
    return [
        *whole_number_findings(rows, n, least=1),
        *whole_number_findings(rows, events, least=0),
        *(
            Finding(
                where=f"{level}.{events}",
                expected=f"at most {n} = {row[n]:g}",
                found=f"{row[events]:g}",
            )
            for level, row in rows.items()
            if row[events] > row[n]
        ),
    ]


def whole_number_findings(rows: Figures, column: str, *, least: int) -> list[Finding]:
    """Return the counts that are no whole numbers or too small."""
    return [
        Finding(
            where=f"{level}.{column}",
            expected=f"a whole number of at least {least}",
            found=f"{row[column]:g}",
        )
        for level, row in rows.items()
        if row[column] < least or not row[column].is_integer()
    ]


def reference_first(samples: Mapping[str, Summary], reference: str) -> dict[str, Summary]:
    """Return the arms with the reference first."""
    if reference not in samples:
        raise SpecificationError(
            f"reference: expected one of the arms {', '.join(samples)}, found {reference!r}"
        )
    return {reference: samples[reference], **samples}
