"""Reference cases: a folder each, with data, expected figures and where these come from."""

import tomllib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

REFERENCE = Path(__file__).parent / "reference"
NAMES = ("quantity", "arm", "reference_arm", "term", "family")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceCase:
    """What a referee computed from known data, and the digits promised against it.

    ``expected`` has a row a quantity; an empty number is one that the referee does not
    give. ``digits`` names, for each column, the agreement promised in decimal digits.
    """

    folder: Path
    name: str
    options: dict[str, Any]
    settings: dict[str, Any]
    digits: dict[str, float]
    data: pd.DataFrame
    expected: pd.DataFrame

    def __str__(self) -> str:
        return self.folder.name


def load_cases(checks: str) -> list[ReferenceCase]:
    """Return every case that checks one verb or one numerical function."""
    folders = sorted(path.parent for path in REFERENCE.glob("*/case.toml"))
    cases = [load_case(folder) for folder in folders if case_toml(folder)["checks"] == checks]
    if not cases:
        raise LookupError(f"no case in {REFERENCE} checks {checks}")
    return cases


def load_case(folder: Path) -> ReferenceCase:
    """Read one case folder."""
    case = case_toml(folder)
    options = case.get("options", {})
    arms = {options.get("arm", "arm"): str}
    data = pd.read_csv(folder / case.get("data", "data.csv"), dtype=arms)
    expected = pd.read_csv(folder / "expected.csv", dtype=dict.fromkeys(NAMES, str))
    return ReferenceCase(
        folder=folder,
        name=case["name"],
        options=options,
        settings={**case.get("model", {}), **case.get("response", {})},
        digits=case["digits"],
        data=data,
        expected=expected,
    )


def case_toml(folder: Path) -> dict[str, Any]:
    """Read ``case.toml``."""
    return tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))


def agreeing_digits(actual: np.ndarray, certified: np.ndarray) -> float:
    """Return the worst log relative error, capped at 15 (McCullough 1998).

    Against a certified zero the error is absolute; equal infinities agree in full.
    """
    actual, certified = np.asarray(actual, float), np.asarray(certified, float)
    scale = np.where(certified == 0, 1.0, np.abs(certified))
    same = actual == certified
    with np.errstate(invalid="ignore"):
        relative = np.where(same, 0.0, np.abs(actual - certified) / scale)
    if np.isnan(relative).any():
        return 0.0
    return float(np.min(-np.log10(np.maximum(relative, 1e-15))))


def shortfalls(case: ReferenceCase, find: Callable[[dict[str, Hashable]], Any]) -> list[str]:
    """Return a line for each expected number that is missed; ``find`` gets a row's names.

    ``find`` returns an object with an attribute for each numeric column.
    """
    names = [name for name in NAMES if name in case.expected.columns]
    numbers = [name for name in case.expected.columns if name not in names]
    lines = []
    for row in case.expected.to_dict("records"):
        key = {name: None if pd.isna(row[name]) else row[name] for name in names}
        actual = find(key)
        for column in numbers:
            if pd.isna(row[column]):
                continue
            value = getattr(actual, column)
            reached = agreeing_digits(np.array([np.nan if value is None else value]), row[column])
            if reached < case.digits.get(column, 15):
                lines.append(
                    f"{key} {column}: {value}, expected {row[column]} ({reached:.1f} digits)"
                )
    return lines
