"""Kinds of the values that are labels: 1 and "1" would be two people who are one."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.api.types import infer_dtype

from trialkit.errors import DataError

# What pandas calls the values of a column, where several of its words are one kind here.
KINDS = {
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "string": "text",
    "boolean": "truth values",
    "decimal": "decimals",
    "date": "dates",
    "datetime": "times",
    "datetime64": "times",
}


def label_kinds(labels: Mapping[str, pd.Series]) -> dict[str, str]:
    """Return the kind of the values of each column that has any.

    Parameters
    ----------
    labels : dict of Series
        The values of each column of labels, none of them missing.

    Raises
    ------
    DataError
        If a column holds values of two kinds: 1 is another person, visit or arm than "1",
        and the one who wrote both meant the same.
    """
    kinds: dict[str, str] = {}
    for name, values in labels.items():
        found = kinds_of(values)
        if len(found) > 1:
            examples = " and ".join(f"{kind} ({value!r})" for kind, value in sorted(found.items()))
            raise unlike_kinds(name, "values of one kind", examples)
        kinds |= dict.fromkeys([name] if found else [], next(iter(found), ""))
    return kinds


def kinds_of(values: pd.Series) -> dict[str, Any]:
    """Return the kinds of values, with an example of each where there are several."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(values.cat.remove_unused_categories().cat.categories)
    if values.empty:
        return {}
    if isinstance(values.dtype, pd.StringDtype):
        return {"text": None}
    word = infer_dtype(values, skipna=True)
    if word in KINDS:
        return {KINDS[word]: None}
    if not word.startswith("mixed"):
        return {word: None}
    return {kind_of(value): value for value in {type(value): value for value in values}.values()}


def kind_of(value: object) -> str:
    """Return the kind of one value.

    >>> kind_of(1.5), kind_of("1"), kind_of((1, 2))
    ('numbers', 'text', 'tuple')
    """
    word = infer_dtype([value], skipna=False)
    return KINDS.get(word, type(value).__name__)


def require_same_kinds(one: Mapping[str, str], other: Mapping[str, str]) -> None:
    """Raise DataError if two parts have values of different kinds in a column."""
    for name in one.keys() & other.keys():
        if one[name] != other[name]:
            raise unlike_kinds(
                name,
                "values of one kind in every part of the data",
                f"{one[name]} in one part, {other[name]} in another",
            )


def unlike_kinds(name: str, expected: str, found: str) -> DataError:
    """Return the refusal of a column of several kinds."""
    return DataError(
        f"{name}: expected {expected}\n"
        f"  found:  {found}\n"
        f"  remedy: give the column one kind throughout: text, frame[{name!r}].astype(str), or "
        f"numbers, pd.to_numeric(frame[{name!r}])"
    )
