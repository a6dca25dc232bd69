"""Whether stored numbers can be: counts, probabilities, limits in order, and no "NaN"."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from math import isnan
from typing import Final

from trialkit.errors import Finding

# Whole numbers under these names count people, values, files or steps, so none is below 0.
COUNTS: Final = frozenset(
    {
        "n_subjects",
        "n_with_value",
        "n_seen_later",
        "n_outside",
        "n_missing",
        "n_unnamed",
        "n_records",
        "n_values",
        "rows",
        "columns",
        "count",
        "counts",
        "cells",
        "reasons",
    }
)
PROBABILITIES: Final = ("p_value", "p_adjusted", "conf_level", "alpha")
ROUNDING: Final = 1e-9  # a sum of probabilities may pass 1 in its last digits
# Its interval runs through infinity where the risk difference may be of either sign.
WITHOUT_ORDER: Final = "number_needed_to_treat"


def impossible_numbers(results: object) -> list[Finding]:
    """Return every number of stored results that cannot be, with its place in the file."""
    return [finding for where, entry in entries(results) for finding in impossible_in(where, entry)]


def entries(value: object, where: str = "") -> Iterator[tuple[str, object]]:
    """Yield every entry of results with its place, as a path from the top of the file."""
    if isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from entries(item, f"{where}[{at}]")
    elif is_dataclass(value):
        yield where, value
        for each in fields(value):
            inner = f"{where}.{each.name}" if where else each.name
            yield from entries(getattr(value, each.name), inner)


def impossible_in(where: str, entry: object) -> Iterator[Finding]:
    """Yield what cannot be in one entry: number by number, then two beside each other."""
    for each in fields(entry):  # type: ignore[arg-type]
        for place, number in numbers_in(getattr(entry, each.name), f"{where}.{each.name}"):
            expected = required(each.name, number)
            if expected is not None:
                yield Finding(where=place.lstrip("."), expected=expected, found=written(number))
    yield from too_many(where, entry)
    yield from crossed_limits(where, entry)


def numbers_in(value: object, where: str) -> Iterator[tuple[str, object]]:
    """Yield what stands in a field, item by item of a list, but for whole entries."""
    if isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from numbers_in(item, f"{where}[{at}]")
    elif not is_dataclass(value):
        yield where, value


def required(name: str, value: object) -> str | None:
    """Return what a field of this name should have held; None where its value can be."""
    if is_nan(name, value):
        return 'a number, null, "Infinity" or "-Infinity"'
    if name in COUNTS and isinstance(value, int) and value < 0:
        return "a count of 0 or more"
    if name not in PROBABILITIES or not isinstance(value, float):
        return None
    if not -ROUNDING <= value <= 1 + ROUNDING:
        return "a number from 0 to 1"
    return None


def is_nan(name: str, value: object) -> bool:
    """Return whether a value is no number where there should be one.

    The value of a figure about the fit may be a text, so there "NaN" is read as one.
    """
    if isinstance(value, float):
        return isnan(value)
    return name == "value" and isinstance(value, str) and value.lower() == "nan"


def too_many(where: str, entry: object) -> Iterator[Finding]:
    """Yield people with a value beyond those there are, and people seen later beyond the rest."""
    n, valued, later = (
        getattr(entry, name, None) for name in ("n_subjects", "n_with_value", "n_seen_later")
    )
    if n is None or valued is None or n < 0:
        return
    if valued > n:
        yield Finding(
            where=f"{where}.n_with_value", expected=f"at most n_subjects, {n}", found=str(valued)
        )
    elif later is not None and later > n - valued:
        yield Finding(
            where=f"{where}.n_seen_later",
            expected=f"at most the {n - valued} of {n} people without a value",
            found=str(later),
        )


def crossed_limits(where: str, entry: object) -> Iterator[Finding]:
    """Yield an interval that ends before it begins.

    The estimate itself is not held against it: some methods put it outside.
    """
    low, high = (getattr(entry, name, None) for name in ("conf_low", "conf_high"))
    if low is None or high is None or getattr(entry, "quantity", None) == WITHOUT_ORDER:
        return
    if low > high:
        yield Finding(
            where=f"{where}.conf_low",
            expected=f"at most conf_high, {written(high)}",
            found=written(low),
        )


def written(number: object) -> str:
    """Return a number as the file has it."""
    if not isinstance(number, float):
        return str(number)
    if isnan(number):
        return "NaN"
    names = {float("inf"): "Infinity", float("-inf"): "-Infinity"}
    return names.get(number, repr(number))
