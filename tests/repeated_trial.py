"""Trials of repeated records for the tests of the mixed model: long frames, drawn from a seed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import trialkit as tk

COLUMNS = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "a"}
VISITS = ("VIS1", "VIS2", "VIS10")


def repeated_trial(
    per_arm: int = 12,
    *,
    arms: Sequence[str] = ("a", "b"),
    visits: Sequence[str] = VISITS,
    missing: float = 0.0,
    effect: float = 2.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Return one row a subject and visit; a share of the outcomes is missing."""
    rng = np.random.default_rng(seed)
    n, v = per_arm * len(arms), len(visits)
    baseline = rng.normal(20, 4, n)
    slope = rng.normal(0, 1, n)
    frame = pd.DataFrame(
        {
            "id": np.repeat([f"S{person}" for person in range(n)], v),
            "visit": np.tile(list(visits), n),
            "arm": np.repeat([arms[person % len(arms)] for person in range(n)], v),
            "base": np.repeat(baseline, v),
            "age": np.repeat(rng.normal(50, 9, n), v),
            "sex": np.repeat(rng.choice(["F", "M"], n, p=[0.3, 0.7]), v),
            "weight": rng.uniform(0.5, 2.0, n * v),
        }
    )
    person = np.repeat(rng.normal(0, 2, n), v) + np.outer(slope, np.arange(v)).ravel()
    treated = np.repeat([arms.index(arms[i % len(arms)]) for i in range(n)], v)
    frame["y"] = 5 + 0.3 * frame["base"] + effect * treated + person + rng.normal(0, 2, n * v)
    frame.loc[rng.random(n * v) < missing, "y"] = np.nan
    return frame


def fit(frame: pd.DataFrame, **options: Any) -> tk.AnalysisResult:
    """Fit the model of the trial's columns."""
    return tk.mmrm(frame, **{**COLUMNS, **options})


def differences(result: tk.AnalysisResult, **wanted: str | None) -> tuple[Any, ...]:
    """Return the rows of the differences by visit, or those that are asked for."""
    return result.select(quantity="ls_mean_difference", **{"term": None, **wanted})


def numbers(result: tk.AnalysisResult) -> np.ndarray:
    """Return every number of the rows, what is missing as -1."""
    return result.tidy().select_dtypes("number").fillna(-1.0).to_numpy()


def figure(result: tk.AnalysisResult, name: str) -> Any:
    """Return one figure about the fit."""
    return {each.name: each.value for each in result.fit}[name]
