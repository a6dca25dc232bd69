"""Two results compared number by number: double programming as one call."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialkit.errors import SpecificationError
from trialkit.result.study_results import StudyResults

# What names an entry of a list, so that two files are matched by meaning, not position.
KEYS = (
    "id",
    "analysis",
    "analysis_id",
    "article",
    "claim",
    "study",
    "stage",
    "column",
    "level",
    "step",
    "where",
    "endpoint",
    "quantity",
    "parameter",
    "visit",
    "arm",
    "reference_arm",
    "method",
    "name",
    "reason",
)
# Who ran it, where and with which versions is no result.
LEFT_OUT = ("messages", "provenance", "schema_version")
DEEPEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two results are not the same; None on a side: absent there."""

    where: str
    ours: str | float | None
    theirs: str | float | None


def compare_results(
    ours: StudyResults | str | Path, theirs: StudyResults | str | Path, *, tolerance: float = 1e-9
) -> tuple[Difference, ...]:
    """List everything that differs between two results.

    Parameters
    ----------
    ours, theirs : StudyResults, str or Path
        Results, or paths of two ``results.json``.
    tolerance : float
        Largest relative difference of two numbers that counts as none; 0 compares every
        digit.

    Returns
    -------
    tuple of Difference
        Empty if they agree: entries present on one side only, texts and numbers that
        differ. Provenance is not compared.

    Raises
    ------
    SpecificationError
        If a file is no JSON object, or the tolerance is negative.
    """
    if not tolerance >= 0:
        raise SpecificationError(f"tolerance: expected 0 or more, found {tolerance}")
    left, right = (dict(leaves(loaded(side), "")) for side in (ours, theirs))
    places = dict.fromkeys([*left, *right])
    return tuple(
        Difference(where=place, ours=left.get(place), theirs=right.get(place))
        for place in places
        if not same(left.get(place), right.get(place), tolerance)
        or (place in left) != (place in right)
    )


def loaded(side: StudyResults | str | Path) -> dict[str, object]:
    """Return results as plain JSON values, without what is not compared."""
    if isinstance(side, StudyResults):
        content = json.loads(side.to_json())
    else:
        try:
            content = json.loads(Path(side).read_text(encoding="utf-8"))
        except OSError as error:
            raise SpecificationError(f"cannot read {side}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise SpecificationError(f"{side} is not JSON that can be read: {error}") from error
    if not isinstance(content, dict) or "schema_version" not in content:
        found = "none of its entries" if isinstance(content, dict) else type(content).__name__
        raise SpecificationError(f"{side}: expected a results file, found {found}")
    return {key: value for key, value in content.items() if key not in LEFT_OUT}


def leaves(value: object, path: str, depth: int = 0) -> Iterator[tuple[str, str | float | None]]:
    """Yield every single value with a path that names it by meaning."""
    if depth > DEEPEST:
        raise SpecificationError(f"{path[:60]}: expected entries nested at most {DEEPEST} deep")
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in LEFT_OUT:
                yield from leaves(item, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        seen: dict[str, int] = {}
        for position, item in enumerate(value):
            label = entry_label(item, position)
            seen[label] = seen.get(label, 0) + 1
            repeated = f"#{seen[label]}" if seen[label] > 1 else ""
            yield from leaves(item, f"{path}[{label}{repeated}]", depth + 1)
    elif isinstance(value, bool):
        yield path, str(value)
    elif value is None or isinstance(value, (str, int, float)):
        yield path, value


def entry_label(item: object, position: int) -> str:
    """Return what names a list's entry: its identifying fields, else its position."""
    if isinstance(item, dict):
        parts = [str(item[key]) for key in KEYS if isinstance(item.get(key), str)]
        if parts:
            return " ".join(parts)
    return str(position)


def same(ours: str | float | None, theirs: str | float | None, tolerance: float) -> bool:
    """Return whether two single values agree."""
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        try:
            return ours == theirs or math.isclose(ours, theirs, rel_tol=tolerance)
        except OverflowError:  # a whole number beyond every float
            return False
    return ours == theirs
