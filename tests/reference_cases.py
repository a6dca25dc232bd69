"""Reference cases: a folder each, with data, expected figures and where these come from.

A case checks one call (``checks`` and ``[options]``) or several on the same data
(``[[call]]`` tables, told apart by the column ``call`` of ``expected.csv``). The options of
a call stand above those of the case.

``[scale]`` says by what the error of a column is divided before its digits are counted: the
name of another column of the same row, or a number. A number in the column ``scale`` of a
row says it for the estimate of that row instead; where nothing says it, the expected number
itself does. An estimate is promised in shares of its standard error, because an estimate
near zero has few digits of its own to promise.

``approximate = true`` marks a case or call whose referee rounds or stops early, so that the
table of referees does not mistake its digits for ours.

``data = "shared:path"`` names a file of the folder of public files that are not in the
repository; the figures expected of it are.
"""

import os
import tomllib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference"
# Columns of expected.csv that say which number is meant.
NAMES = ("quantity", "visit", "arm", "reference_arm", "term", "method", "family")
# Columns that promise: how many digits, of what.
PROMISES = ("digits", "scale")
FULL_DIGITS = 15
SHARED = "shared:"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceCase:
    """What a referee computed from known data by one call, and the digits promised.

    ``expected`` has a row a quantity; an empty number is one that the referee does not
    give. ``digits`` names, for each column, the agreement promised in decimal digits; a
    number in the column ``digits`` of a row promises for that row instead. ``shared`` says
    that the data are not in the repository.
    """

    folder: Path
    call: str | None
    name: str
    source: str
    checks: str
    options: dict[str, Any]
    settings: dict[str, Any]
    digits: dict[str, float]
    scale: dict[str, str | float]
    approximate: bool
    data_name: str
    expected: pd.DataFrame

    def __str__(self) -> str:
        return self.folder.name if self.call is None else f"{self.folder.name}:{self.call}"

    @property
    def shared(self) -> bool:
        return self.data_name.startswith(SHARED)

    @property
    def data(self) -> pd.DataFrame:
        """The records, read when a test asks for them."""
        path = (
            shared_folder() / self.data_name.removeprefix(SHARED)
            if self.shared
            else self.folder / self.data_name
        )
        return read_data(path, self.options.get("arm", "arm")).copy()


def shared_folder() -> Path:
    """Return where the public files are that are not in the repository; it may not exist."""
    return ROOT / os.environ.get("TRIALKIT_SHARED", ROOT.parent / "shared")


@lru_cache(maxsize=4)
def read_data(path: Path, arm: str) -> pd.DataFrame:
    """Return the records of a file, the arms as text."""
    return pd.read_csv(path, dtype={arm: str})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One expected number beside the one computed."""

    names: dict[str, Hashable]
    column: str
    actual: float
    expected: float
    reached: float
    promised: float

    def __str__(self) -> str:
        names = ", ".join(str(value) for value in self.names.values() if value is not None)
        return (
            f"{names} {self.column}: {self.actual!r}, expected {self.expected!r} "
            f"({self.reached:.1f} digits of {self.promised:g})"
        )


def load_cases(checks: str) -> list[ReferenceCase]:
    """Return every case that checks one verb or one numerical function."""
    cases = [case for case in all_cases() if case.checks == checks]
    if not cases:
        raise LookupError(f"no case in {REFERENCE} checks {checks}")
    return cases


def all_cases() -> list[ReferenceCase]:
    """Return every case, each call of a folder on its own."""
    folders = sorted(path.parent for path in REFERENCE.glob("*/case.toml"))
    return [case for folder in folders for case in folder_cases(folder)]


def folder_cases(folder: Path) -> Iterator[ReferenceCase]:
    """Yield the cases of one folder: one, or as many as it has calls."""
    whole = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    expected = pd.read_csv(folder / "expected.csv", dtype=dict.fromkeys([*NAMES, "call"], str))
    for call in whole.get("call", [{}]):
        name = call.get("id")
        rows = expected if name is None else expected[expected["call"].eq(name)]
        if rows.empty:
            raise LookupError(f"{folder.name}: no expected figure for call {name}")
        case = {**whole, **call}
        yield ReferenceCase(
            folder=folder,
            call=name,
            name=case["name"],
            source=case["source"],
            checks=case["checks"],
            options={**whole.get("options", {}), **call.get("options", {})},
            settings={
                **case.get("model", {}),
                **case.get("response", {}),
                **case.get("settings", {}),
            },
            digits={**whole["digits"], **call.get("digits", {})},
            scale={**whole.get("scale", {}), **call.get("scale", {})},
            approximate=case.get("approximate", False),
            data_name=case.get("data", "data.csv"),
            expected=rows.drop(columns="call", errors="ignore"),
        )


def agreeing_digits(actual: np.ndarray, certified: np.ndarray, scale: float | None = None) -> float:
    """Return the worst log relative error, capped at 15 (McCullough 1998).

    The error is relative to ``scale``, by default to the certified number. Against a
    certified zero it is absolute; equal infinities agree in full.
    """
    actual, certified = np.asarray(actual, float), np.asarray(certified, float)
    if scale is None:
        scale = np.where(certified == 0, 1.0, np.abs(certified))
    same = actual == certified
    with np.errstate(invalid="ignore"):
        relative = np.where(same, 0.0, np.abs(actual - certified) / scale)
    if np.isnan(relative).any():
        return 0.0
    return float(np.min(-np.log10(np.maximum(relative, 1e-15))))


def agreements(
    case: ReferenceCase, find: Callable[[dict[str, Hashable]], Any]
) -> Iterator[Agreement]:
    """Yield every expected number beside the one found; ``find`` gets a row's names.

    ``find`` returns an object with an attribute for each numeric column.
    """
    names = [name for name in NAMES if name in case.expected.columns]
    numbers = [name for name in case.expected.columns if name not in {*names, *PROMISES}]
    for row in case.expected.to_dict("records"):
        key = {name: None if pd.isna(row[name]) else row[name] for name in names}
        actual = find(key)
        for column in numbers:
            if pd.isna(row[column]):
                continue
            value = getattr(actual, column)
            number = np.nan if value is None else float(value)
            own = row.get("digits", np.nan)
            yield Agreement(
                names=key,
                column=column,
                actual=number,
                expected=row[column],
                reached=agreeing_digits(
                    np.array([number]), row[column], error_scale(case, row, column)
                ),
                promised=case.digits.get(column, FULL_DIGITS) if pd.isna(own) else own,
            )


def error_scale(case: ReferenceCase, row: dict[Hashable, Any], column: str) -> float | None:
    """Return by what the error of one expected number is divided; None is the number itself."""
    scale: Any = row.get("scale", np.nan) if column == "estimate" else np.nan
    if pd.isna(scale):
        scale = case.scale.get(column)
    if isinstance(scale, str):
        scale = row[scale]
    return None if scale is None or pd.isna(scale) else float(scale)


def shortfalls(case: ReferenceCase, find: Callable[[dict[str, Hashable]], Any]) -> list[str]:
    """Return a line for each expected number that is missed."""
    return [str(item) for item in agreements(case, find) if item.reached < item.promised]
