"""What one or two people of an arm scored cannot be worked out from what is stored."""

from pathlib import Path

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study

MORE = """
[[analysis]]
id = "{name}"
estimand = "primary"
method = "{method}"
{keys}
"""
AGE = '\n[[characteristic]]\ncolumn = "age"\nlabel = "Age"\n'
THIRD = '[[arm]]\nid = "third"\nlabel = "Third"\nvalue = 2\nrole = "sham"\n\n[[visit]]'
COMPARING = {
    "welch": "",
    "student": "",
    "ancova": 'covariates = "BASE"',
    "permutation": "seed = 1",
    "bootstrap": "seed = 1\ndraws = 99",
    "rank_sum": "",
    "effect_size": "",
    "model_coefficients": "",
    "cumulative_responders": "",
}


def run(folder: Path, *, last: int, methods: dict[str, str], third: bool = False) -> StudyResults:
    """Run a trial whose last arm has only so many people, of whom the first is 67."""
    head, *rows = DATA.splitlines()
    rows = [row for row in rows if row != "p11,1,6,,f"]
    few = [row for row in rows if row.split(",")[1] == "1"][:last]
    rest = [row for row in rows if row.split(",")[1] == "0"]
    study = STUDY
    if third:
        study = replaced(study, "[[visit]]", THIRD)
        rest += [row for row in rows if row.split(",")[1] == "1"]
        few = [row.replace(",1,", ",2,", 1).replace("p", "q", 1) for row in few]
    lines = [f"{row},{40 + place}" for place, row in enumerate(rest)]
    lines += [f"{row},{67 - place}" for place, row in enumerate(few)]
    for method, keys in methods.items():
        study += MORE.format(name=method, method=method, keys=keys)
    data = "\n".join([f"{head},age", *lines, ""])
    return run_study(write_trial(folder, study=study + AGE, data=data), articles=())


@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("method", COMPARING)
def test_an_arm_of_one_or_two_is_compared_with_nobody(tmp_path: Path, method: str, people: int):
    results = run(tmp_path, last=people, methods={method: COMPARING[method]})

    (record,) = (item for item in results.analyses if item.analysis.startswith(method[:9]))
    assert record.status == "not_run"
    if people == 2:
        assert "2 people with a value: a comparison with fewer than 3" in (record.reason or "")


@pytest.mark.parametrize("method", COMPARING)
def test_an_arm_of_three_is_compared(tmp_path: Path, method: str):
    results = run(tmp_path, last=3, methods={method: COMPARING[method]})

    (record,) = (item for item in results.analyses if item.analysis.startswith(method[:9]))
    assert record.status == "ran", record.reason


def test_a_third_arm_of_two_leaves_the_comparison_of_the_others(tmp_path: Path):
    methods = {"welch": "", "model_coefficients": "", "cumulative_responders": ""}
    results = run(tmp_path, last=2, methods=methods, third=True)

    rows = [
        row
        for record in results.analyses
        if record.result is not None and record.analysis != "responders"
        for row in record.result.estimates
    ]
    compared = {(row.arm, row.reference_arm) for row in rows if row.reference_arm}
    assert compared == {("mindfulness", "breathing")}
    assert all(row.estimate is None for row in rows if row.arm == "third")
    assert not any("third" in (row.term or "") for row in rows)
    assert any("mindfulness" in (row.term or "") for row in rows)


@pytest.mark.parametrize(("people", "shown"), [(1, False), (2, False), (3, True)])
def test_everyones_summary_less_that_of_one_arm_is_nobodys_value(
    tmp_path: Path, people: int, shown: bool
):
    results = run(tmp_path, last=people, methods={})

    ages = {row.arm for row in results.characteristics if row.column == "age"}
    assert ages == ({"breathing", "mindfulness", None} if shown else {"breathing"})
