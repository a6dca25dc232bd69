"""Every verb agrees with its referee to the digits that its case promises."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from reference_cases import ReferenceCase, load_cases, shortfalls

Finder = Callable[[dict[str, Any]], Any]


def finder(result: tk.AnalysisResult) -> Finder:
    """Return a function from the names of a row to the one estimate that has them."""

    def find(names: dict[str, Any]) -> Any:
        (row,) = result.select(**names)
        return row

    return find


def by_arm(case: ReferenceCase, column: str) -> pd.DataFrame:
    """Return the unrounded n, mean and standard deviation of each arm."""
    groups = case.data.groupby(case.options["arm"])[column]
    table = groups.agg(n="count", mean="mean", std_dev="std").reset_index()
    return table.rename(columns={case.options["arm"]: "arm"})


@pytest.mark.parametrize("case", load_cases("mean_difference"), ids=str)
def test_mean_difference(case: ReferenceCase):
    result = tk.mean_difference(case.data, **case.options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("mean_difference"), ids=str)
def test_mean_difference_from_unrounded_summary(case: ReferenceCase):
    options = {name: case.options[name] for name in ("reference", "method")}

    result = tk.mean_difference_from_summary(by_arm(case, case.options["outcome"]), **options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("paired_change"), ids=str)
def test_paired_change(case: ReferenceCase):
    result = tk.paired_change(case.data, **case.options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("paired_change"), ids=str)
def test_paired_change_from_unrounded_summary(case: ReferenceCase):
    changes = case.data["post"] - case.data["pre"]
    table = pd.DataFrame(
        {"n": [len(changes)], "mean": [changes.mean()], "std_dev": [changes.std()]}
    )

    result = tk.paired_change_from_summary(table)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("ancova"), ids=str)
def test_ancova(case: ReferenceCase):
    result = tk.ancova(case.data, **case.options)

    assert shortfalls(case, finder(result)) == []


def with_response(case: ReferenceCase) -> pd.DataFrame:
    """Return the case's data with its rule applied: 1 above the limit, 0 not, or missing."""
    score = case.data[case.settings["column"]]
    response = np.where(score.isna(), np.nan, score > case.settings["above"])
    return case.data.assign(response=response.astype(float))


@pytest.mark.parametrize("case", load_cases("responders"), ids=str)
def test_responders(case: ReferenceCase):
    result = tk.responders(with_response(case), response="response", **case.options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("responders"), ids=str)
def test_responders_from_counts_of_the_same_people(case: ReferenceCase):
    counts = with_response(case).groupby(case.options["arm"])["response"].agg(["count", "sum"])
    table = counts.reset_index().set_axis(["arm", "n", "events"], axis=1)

    result = tk.responders_from_summary(
        table, reference=case.options["reference"], interval=case.options["interval"]
    )

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("responders_from_summary"), ids=str)
def test_responders_from_summary(case: ReferenceCase):
    result = tk.responders_from_summary(case.data, **case.options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("adjust_p_values"), ids=str)
def test_adjust_p_values(case: ReferenceCase):
    result = tk.ancova(case.data, **case.options)
    (holm,) = tk.adjust_p_values(result, procedure="holm")
    (bh,) = tk.adjust_p_values(result, procedure="benjamini_hochberg")

    def find(names: dict[str, Any]) -> SimpleNamespace:
        return SimpleNamespace(
            holm=finder(holm)(names).p_adjusted,
            benjamini_hochberg=finder(bh)(names).p_adjusted,
        )

    assert shortfalls(case, find) == []
