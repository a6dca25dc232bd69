"""Every call agrees with its referee to the digits that its case promises.

Verbs on printed figures agree with the same referee when the figures are not rounded.
"""

import pandas as pd
import pytest

import trialkit as tk
from reference_cases import ReferenceCase, all_cases, load_cases, shortfalls
from reference_runners import finder, run_case
from reference_runners.means_and_proportions import with_response


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_agrees_with_its_referee(case: ReferenceCase):
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

    options = {name: case.options[name] for name in case.options if name not in {"arm", "missing_as"}}

    result = tk.responders_from_summary(table, **options)

    assert shortfalls(case, finder(result)) == []
