"""Every call agrees with its referee to the digits that its case promises.

Verbs on printed figures agree with the same referee when the figures are not rounded.
"""

from pathlib import Path

import pandas as pd
import pytest

import trialkit as tk
from reference_cases import NAMES, PROMISES, ReferenceCase, all_cases, load_cases, shortfalls
from reference_runners import finder, run_case
from reference_runners.means_and_proportions import with_response

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_agrees_with_its_referee(case: ReferenceCase, request: pytest.FixtureRequest):
    if case.shared:
        request.getfixturevalue("shared")

    assert shortfalls(case, run_case(case)) == []


def by_arm(case: ReferenceCase, column: str) -> pd.DataFrame:
    """Return the unrounded n, mean and standard deviation of each arm."""
    groups = case.data.groupby(case.options["arm"])[column]
    table = groups.agg(n="count", mean="mean", std_dev="std").reset_index()
    return table.rename(columns={case.options["arm"]: "arm"})


@pytest.mark.parametrize("case", load_cases("mean_difference"), ids=str)
def test_mean_difference_from_unrounded_summary(case: ReferenceCase):
    options = {name: case.options[name] for name in case.options if name not in {"outcome", "arm"}}

    result = tk.mean_difference_from_summary(by_arm(case, case.options["outcome"]), **options)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("paired_change"), ids=str)
def test_paired_change_from_unrounded_summary(case: ReferenceCase):
    changes = case.data["post"] - case.data["pre"]
    table = pd.DataFrame(
        {"n": [len(changes)], "mean": [changes.mean()], "std_dev": [changes.std()]}
    )

    result = tk.paired_change_from_summary(table)

    assert shortfalls(case, finder(result)) == []


@pytest.mark.parametrize("case", load_cases("responders"), ids=str)
def test_responders_from_counts_of_the_same_people(case: ReferenceCase):
    counts = with_response(case).groupby(case.options["arm"])["response"].agg(["count", "sum"])
    table = counts.reset_index().set_axis(["arm", "n", "events"], axis=1)

    options = {
        name: case.options[name] for name in case.options if name not in {"arm", "missing_as"}
    }

    result = tk.responders_from_summary(table, **options)

    assert shortfalls(case, finder(result)) == []


def test_the_page_of_referees_counts_every_stored_number():
    counted: dict[tuple[str, str], int] = {}
    for case in all_cases():
        numbers = [name for name in case.expected.columns if name not in {*NAMES, *PROMISES}]
        quantities = case.expected.get("quantity", pd.Series("", index=case.expected.index))
        for quantity, rows in case.expected[numbers].groupby(quantities.fillna("")):
            key = case.checks, str(quantity)
            counted[key] = counted.get(key, 0) + int(rows.notna().sum().sum())
    lines = (ROOT / "docs" / "referee.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]

    printed: dict[tuple[str, str], int] = {}
    for called, quantity, count, *_ in cells:
        key = called.strip("`"), quantity.strip()
        printed[key] = printed.get(key, 0) + int(count)

    # `make referee` writes the page anew.
    assert printed == {key: count for key, count in counted.items() if count}
