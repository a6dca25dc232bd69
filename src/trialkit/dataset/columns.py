"""Columns of text to numbers and codes."""

import math

import numpy as np
import pandas as pd

from trialkit.errors import Finding
from trialkit.study.codes import code_key, is_number
from trialkit.study.specification import Code, Condition

EXAMPLES = 3


def code_keys(column: pd.Series) -> pd.Series:
    """Return the codes of a column, missing where it is missing."""
    return column.map(code_key, na_action="ignore")


def numbers_where_possible(frame: pd.DataFrame, *, decimal: str) -> pd.DataFrame:
    """Return the frame with every column that holds only numbers as floats.

    A column of text stays text. Missing stays missing; a column without any value becomes
    an empty column of numbers.
    """
    return pd.DataFrame({name: as_numbers(frame[name], decimal=decimal) for name in frame})


def as_numbers(column: pd.Series, *, decimal: str) -> pd.Series:
    """Return a column as floats if all its values are numbers, else as it is."""
    text = column
    if decimal == ",":
        if column.str.contains(".", regex=False).any():
            return column  # "1.234" under a decimal comma is a thousand, or a mistake
        text = column.str.replace(",", ".", regex=False)
    return text.astype("float64") if text.dropna().map(is_number).all() else column


def not_finite(frame: pd.DataFrame) -> list[Finding]:
    """Return a finding for each column of numbers that is one no longer for a value like "inf".

    Such a column would pass as a text with as many categories as it has numbers.
    """
    findings = []
    for name in frame:
        present = frame[name].dropna().drop_duplicates()
        numbers = present.map(is_number).astype(bool)
        others = present[~numbers]
        if numbers.any() and len(others) and others.map(is_not_finite).all():
            findings.append(
                Finding(
                    where=f"column {name}",
                    expected="finite numbers",
                    found=", ".join(map(repr, others.head(EXAMPLES))),
                    remedy="correct them, or declare them under [data] missing",
                )
            )
    return findings


def is_not_finite(text: str) -> bool:
    """Return whether a text is what programs write for a number that is none.

    >>> is_not_finite("-Inf"), is_not_finite("1e400"), is_not_finite("low")
    (True, True, False)
    """
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


def not_numeric(column: pd.Series, *, where: str) -> list[Finding]:
    """Return a finding if a column that must hold numbers holds text."""
    if pd.api.types.is_numeric_dtype(column):
        return []
    present = column.dropna()
    wrong = present[~present.map(lambda value: is_number(value.replace(",", "."))).astype(bool)]
    if wrong.empty:
        wrong = present[~present.map(is_number).astype(bool)]
    examples = ", ".join(repr(value) for value in wrong.drop_duplicates().head(EXAMPLES))
    return [
        Finding(
            where=where,
            expected="numbers",
            found=f"{len(wrong)} values that are none, e.g. {examples}",
            remedy="correct them, or declare their code under [data] missing",
        )
    ]


def condition_mask(frame: pd.DataFrame, conditions: tuple[Condition, ...]) -> pd.Series:
    """Return where all conditions hold; a missing value meets only "missing" and "!=".

    Parameters
    ----------
    frame : DataFrame
        Holds every column that the conditions name.
    conditions : tuple of Condition
        Joined by "and"; none at all hold everywhere.
    """
    mask = pd.Series(data=True, index=frame.index)
    for condition in conditions:
        mask &= one_condition(frame[condition.column], condition)
    return mask


def one_condition(column: pd.Series, condition: Condition) -> pd.Series:
    """Return where one condition holds."""
    match condition.operator:
        case "missing":
            return column.isna()
        case "not_missing":
            return column.notna()
        case "==":
            return equals(column, condition.value)
        case "!=":
            return ~equals(column, condition.value)
        case "in":
            keys = {code_key(value) for value in condition.values}  # noqa: PD011 (no frame)
            return code_keys(column).isin(keys)
        case "<" | "<=" | ">" | ">=":
            return ordered(column, condition)


def equals(column: pd.Series, value: Code | None) -> pd.Series:
    """Return where a column holds a code."""
    return code_keys(column).eq(code_key(value)) & column.notna()


def ordered(column: pd.Series, condition: Condition) -> pd.Series:
    """Return where a number stands in an order to the condition's value."""
    values = column.to_numpy(dtype=np.float64, na_value=math.nan)
    operand = float(str(condition.value))
    with np.errstate(invalid="ignore"):
        holds = {
            "<": values < operand,
            "<=": values <= operand,
            ">": values > operand,
            ">=": values >= operand,
        }[condition.operator]
    return pd.Series(holds, index=column.index)


def condition_findings(
    frame: pd.DataFrame, conditions: tuple[Condition, ...], *, where: str
) -> list[Finding]:
    """Return what keeps conditions from being evaluated: absent columns, text to be ordered."""
    findings = []
    for position, condition in enumerate(conditions):
        path = f"{where}[{position}]"
        if condition.column not in frame:
            findings.append(absent(condition.column, frame, where=f"{path}.column"))
        elif condition.operator in {"<", "<=", ">", ">="}:
            findings += not_numeric(frame[condition.column], where=f"{path}: {condition.column}")
            if not is_number(str(condition.value)):
                findings.append(
                    Finding(
                        where=f"{path}.value",
                        expected=f"a number after {condition.operator}",
                        found=repr(condition.value),
                    )
                )
    return findings


def absent(column: str, frame: pd.DataFrame, *, where: str) -> Finding:
    """Return the finding that the data have no such column."""
    return Finding(
        where=where,
        expected="a column of the data",
        found=repr(column),
        allowed=tuple(map(str, frame.columns)),
    )
