"""Diagnostics that a run stores: recounted by refitting, and no figure of one person."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.study_results import StudyResults, read_results

WELCH = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', 'method = "welch"')
STUDENT = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', 'method = "student"')
ROBUST = replaced(STUDY, 'covariates = "BASE"', 'covariates = "BASE"\nvcov = "HC3"')
SLOPES = replaced(STUDY, 'covariates = "BASE"', 'covariates = "BASE"\nmodel = "anhecova"')
# The means of one arm only reach the side of the other through one person.
CLOSE = DATA.replace("p10,1,8,6,m", "p10,1,8,7,m")


def run(folder: Path, study: str = STUDY, data: str = CLOSE) -> StudyResults:
    write_trial(folder, study=study, data=data)
    return tk.run_study(folder)


def people(data: str = CLOSE) -> pd.DataFrame:
    """Return the complete records of the trial."""
    frame = pd.read_csv(StringIO(data)).dropna()
    frame["arm"] = frame["arm"].map({0: "breathing", 1: "mindfulness"})
    return frame.reset_index(drop=True)


def refitted(method: str, data: str = CLOSE) -> int:
    """Count the people without whom the interval reads differently, by fitting again."""
    frame = people(data)
    whole = interval(method, frame)
    inside = whole[0] <= 0 <= whole[1]
    others = [interval(method, frame.drop(index=person)) for person in frame.index]
    return sum((low <= 0 <= high) != inside for low, high in others)


def interval(method: str, frame: pd.DataFrame) -> tuple[float, float]:
    options = {"outcome": "pain_after", "arm": "arm", "reference": "breathing"}
    if method == "ancova":
        result = tk.ancova(frame, covariates="pain_before", **options)
    else:
        result = tk.mean_difference(frame, method=method, **options)
    row = result.estimates[-1]
    return row.conf_low, row.conf_high


def only(results: StudyResults) -> AnalysisResult:
    (found,) = results.diagnostics
    return found


@pytest.mark.parametrize(
    ("study", "method"), [(STUDY, "ancova"), (WELCH, "welch"), (STUDENT, "student")]
)
@pytest.mark.parametrize("data", [DATA, CLOSE], ids=["firm", "close"])
def test_the_count_of_people_is_that_of_fits_without_each(tmp_path, study, method, data):
    results = run(tmp_path / "small", study, data)

    (row,) = only(results).select(quantity="sensitivity")

    assert row.n_subjects == 11
    assert row.estimate == refitted(method, data)
    assert (row.arm, row.reference_arm, row.visit) == ("mindfulness", "breathing", "after")


def test_some_trial_above_hangs_on_single_people():
    assert refitted("ancova") != refitted("welch") or refitted("welch") > 0


def test_a_change_within_each_arm_counts_who_decides_it(tmp_path):
    study = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', 'method = "paired_change"')

    data = CLOSE.replace("p09,1,5,2,f", "p09,1,5,6,f")

    results = run(tmp_path / "small", study, data)

    counts = only(results).select(quantity="sensitivity")
    assert [row.arm for row in counts] == ["breathing", "mindfulness"]
    frame = people(data)
    for row in counts:
        arm = frame[frame["arm"] == row.arm]
        change = (arm["pain_after"] - arm["pain_before"]).to_numpy()
        whole = tk.paired_change(arm, outcome="pain_after", baseline="pain_before").estimates[-1]
        inside = whole.conf_low <= 0 <= whole.conf_high
        expected = 0
        for person in range(len(change)):
            kept = tk.paired_change(
                pd.DataFrame({"b": np.zeros(len(change) - 1), "a": np.delete(change, person)}),
                outcome="a",
                baseline="b",
            ).estimates[-1]
            expected += (kept.conf_low <= 0 <= kept.conf_high) != inside
        assert row.estimate == expected


@pytest.mark.parametrize("missing_as", ["observed", "non_responder"])
def test_a_difference_of_shares_counts_the_people_without_whom_it_reads_otherwise(
    tmp_path, missing_as
):
    study = replaced(
        STUDY, 'missing_as = "observed"', f'missing_as = "{missing_as}"\nrole = "main"'
    )

    results = run(tmp_path / "small", study)

    (found,) = (item for item in results.diagnostics if item.analysis_id == "responders")
    (row,) = found.select(quantity="sensitivity")
    frame = pd.read_csv(StringIO(CLOSE))
    frame["response"] = (frame["pain_after"] <= 0.7 * frame["pain_before"]).astype(float)
    frame.loc[frame["pain_after"].isna(), "response"] = np.nan
    frame["arm"] = frame["arm"].map({0: "breathing", 1: "mindfulness"})
    if missing_as == "observed":
        frame = frame.dropna(subset=["response"])

    def inside(rows: pd.DataFrame) -> bool:
        result = tk.responders(
            rows, response="response", arm="arm", reference="breathing", missing_as=missing_as
        )
        (difference,) = result.select(quantity="risk_difference")
        return difference.conf_low <= 0 <= difference.conf_high

    expected = sum(inside(frame.drop(index=person)) != inside(frame) for person in frame.index)
    assert (row.estimate, row.n_subjects) == (expected, len(frame))
    assert found.fit[0].value == len(frame)


@pytest.mark.parametrize("study", [ROBUST, SLOPES], ids=["robust errors", "slopes of its own"])
def test_where_people_are_part_of_the_estimate_nobody_is_counted(tmp_path, study):
    found = only(run(tmp_path / "small", study))

    assert found.select(quantity="sensitivity") == ()
    assert found.select(quantity="assumption_test")


def test_no_figure_of_one_person_is_stored(tmp_path):
    found = only(run(tmp_path / "small"))

    assert [item.name for item in found.fit if item.name.startswith("largest")] == []
    assert {item.name for item in found.fit} >= {
        "residual_skewness",
        "large_residuals",
        "influential_records",
    }
    # A changed estimate would give away who was left out.
    assert all(
        float(row.estimate).is_integer() and row.conf_low is None
        for row in found.select(quantity="sensitivity")
    )


def test_only_main_analyses_of_means_are_diagnosed_and_read_back(tmp_path):
    results = run(tmp_path / "small")
    path = results.write(tmp_path / "results.json")

    assert [item.analysis_id for item in results.diagnostics] == ["primary"]
    assert read_results(path) == results


def test_a_model_that_fits_exactly_has_no_diagnostics(tmp_path):
    lines = DATA.splitlines()
    exact = [line.split(",") for line in lines[1:]]
    for row in exact:
        row[3] = str(int(row[2]) - 2 * int(row[1]))
    data = "\n".join([lines[0], *(",".join(row) for row in exact)]) + "\n"

    assert run(tmp_path / "small", data=data).diagnostics == ()


def test_the_public_trial_of_mindfulness_hangs_on_twenty_one_of_its_people(
    shared, repository, monkeypatch, tmp_path
):
    monkeypatch.setenv("TRIALKIT_SHARED", str(shared))
    monkeypatch.setenv("TRIALKIT_CACHE", str(tmp_path))

    results = tk.run_study(repository / "data" / "mindfulness-vs-breathing")

    (row,) = only(results).select(quantity="sensitivity")
    assert (row.estimate, row.n_subjects) == (21.0, 37)
