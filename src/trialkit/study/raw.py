"""A study file as it was read, before any type is known to be right: how to walk it."""

from collections.abc import Iterator
from typing import Any

Raw = dict[str, Any]


def entries(raw: Raw, name: str) -> Iterator[tuple[str, Raw]]:
    """Yield each table of a list with its path, passing over what is no table."""
    listed = raw.get(name, [])
    if isinstance(listed, list):
        for position, entry in enumerate(listed):
            if isinstance(entry, dict):
                yield f"{name}[{position}]", entry


def ids(raw: Raw, name: str) -> tuple[str, ...]:
    """Return the ids of a list of tables."""
    return tuple(str(entry["id"]) for _, entry in entries(raw, name) if "id" in entry)


def by_id(raw: Raw, name: str) -> dict[str, Raw]:
    """Return the tables of a list by their id."""
    return {str(entry["id"]): entry for _, entry in entries(raw, name) if "id" in entry}


def has_participants(raw: Raw) -> bool:
    """Return whether the study names a table of participants."""
    data = raw.get("data", {})
    return isinstance(data, dict) and any(key in data for key in ("file", "source", "table"))


def has_baseline(raw: Raw) -> bool:
    """Return whether the study names a visit or a column as the baseline."""
    header, data = raw.get("study", {}), raw.get("data", {})
    before_after = isinstance(header, dict) and header.get("design") == "pre_post"
    column = isinstance(data, dict) and "baseline" in data
    return before_after or column or baseline_visit(raw) is not None


def visits_after_baseline(raw: Raw) -> tuple[str, ...]:
    """Return the ids of the visits that come after the baseline; without one, of all.

    A visit whose order is no number has a finding of its own and counts as one of them.
    """
    orders = {name: entry.get("order") for name, entry in by_id(raw, "visit").items()}
    before = orders.get(baseline_visit(raw) or "")
    if not isinstance(before, int):
        return tuple(orders)
    return tuple(
        name for name, order in orders.items() if not isinstance(order, int) or order > before
    )


def baseline_visit(raw: Raw) -> str | None:
    """Return the id of the visit marked as the baseline, if one is."""
    marked = [
        entry.get("id") for _, entry in entries(raw, "visit") if entry.get("baseline") is True
    ]
    return str(marked[0]) if marked else None
