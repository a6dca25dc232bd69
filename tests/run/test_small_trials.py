"""Of pooled trials nothing is stored from which one or two people's scores follow."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trial_folder import STUDY, replaced, write_trial
from trialkit.result.study_results import AnalysisRecord
from trialkit.run.study import run_study

THIRD = '[[arm]]\nid = "third"\nlabel = "Third"\nvalue = 2\nrole = "sham"\n\n[[visit]]'
POOLED = """
[[analysis]]
id = "pooled"
estimand = "primary"
method = "pooled_trials"
trial = "site"
stages = "{stages}"
{keys}
"""
Cells = dict[tuple[str, int], int]
WHOLE: Cells = {("a", 0): 9, ("a", 1): 8, ("b", 0): 7, ("b", 1): 6, ("c", 0): 5, ("c", 1): 7}


def people_of(cells: Cells) -> pd.DataFrame:
    """Return people with scores, so many of each site and arm."""
    rows = [(site, arm) for (site, arm), n in cells.items() for _ in range(n)]
    draw = np.random.default_rng(8)
    frame = pd.DataFrame(rows, columns=["site", "arm"])
    before = draw.integers(4, 11, len(frame))
    return frame.assign(
        id=[f"p{number:03}" for number in range(len(frame))],
        pain_before=before,
        pain_after=np.clip(before - draw.integers(-1, 4, len(frame)) - frame["arm"], 0, 10),
        sex="f",
    )


def pooled(folder: Path, frame: pd.DataFrame, *, stages: str, keys: str = "") -> AnalysisRecord:
    """Return the record of pooled trials."""
    study = STUDY
    if frame["arm"].max() == 2:
        study = replaced(study, "[[visit]]", THIRD)
    study += POOLED.format(stages=stages, keys=keys)
    data = frame.to_csv(index=False)
    return run_study(write_trial(folder, study=study, data=data), articles=()).find_record("pooled")


def test_whole_trials_are_pooled_and_shown(tmp_path: Path):
    two = pooled(tmp_path / "two", people_of(WHOLE), stages="two_stage")
    one = pooled(tmp_path / "one", people_of(WHOLE), stages="one_stage")

    assert two.result is not None
    assert [row.term for row in two.result.select(quantity="trial_estimate")] == ["a", "b", "c"]
    assert one.result is not None
    assert one.result.select(term="arm:trial")
    assert not any("fewer than" in note for note in (*two.result.notes, *one.result.notes))


@pytest.mark.parametrize("people", [1, 2])
def test_a_trial_with_a_small_arm_is_not_pooled_in_two_stages(tmp_path: Path, people: int):
    record = pooled(tmp_path, people_of(WHOLE | {("b", 1): people}), stages="two_stage")

    assert record.status == "not_run"
    assert record.result is None
    assert f"in an arm of a trial (b, mindfulness: {people})" in (record.reason or "")


def test_the_withheld_trial_would_follow_from_the_others_and_their_average():
    options = {"outcome": "pain_after", "arm": "arm", "reference": "0", "trial": "site"}
    result = tk.pooled_trials(
        people_of(WHOLE | {("b", 1): 1}).astype({"arm": str}), **options, stages="two_stage"
    )

    (average,) = result.select(quantity="pooled_estimate")
    weights = {each.name.removeprefix("weight "): each.value for each in result.fit}
    trials = {row.term: row.estimate for row in result.select(quantity="trial_estimate")}
    others = sum(weights[name] / 100 * trials[name] for name in ("a", "c"))
    weight = 1 - (weights["a"] + weights["c"]) / 100
    assert (average.estimate - others) / weight == pytest.approx(trials["b"], rel=1e-9)


def test_people_without_a_covariate_do_not_fill_an_arm_of_a_trial(tmp_path: Path):
    frame = people_of(WHOLE | {("b", 1): 4}).assign(age=50.0)
    frame["age"] += np.arange(len(frame)) % 7
    few = frame.index[frame["site"].eq("b") & frame["arm"].eq(1)][:2]
    frame.loc[few, "age"] = np.nan

    record = pooled(tmp_path, frame, stages="two_stage", keys='covariates = "age"')
    assert "(b, mindfulness: 2)" in (record.reason or "")
    record = pooled(tmp_path, frame, stages="two_stage")
    assert record.status == "ran"


def test_a_trial_that_does_not_enter_a_comparison_does_not_hinder_it(tmp_path: Path):
    cells = {key: n for key, n in WHOLE.items() if key != ("c", 0)} | {("c", 1): 2}

    record = pooled(tmp_path, people_of(cells), stages="two_stage")
    assert record.result is not None
    assert {row.term for row in record.result.select(quantity="trial_estimate")} == {"a", "b"}


def test_a_small_third_arm_leaves_the_comparison_of_the_others(tmp_path: Path):
    cells = WHOLE | {("a", 2): 6, ("b", 2): 2, ("c", 2): 5}

    record = pooled(
        tmp_path, people_of(cells), stages="two_stage", keys='contrasts = "versus_reference"'
    )
    assert record.result is not None
    compared = {(row.arm, row.reference_arm) for row in record.result.estimates}
    assert compared == {("mindfulness", "breathing")}
    names = [each.name for each in record.result.fit]
    assert "weight a (mindfulness - breathing)" in names
    assert not any("third" in name for name in names)
    assert any("third - breathing is left out" in note for note in record.result.notes)


@pytest.mark.parametrize("people", [1, 2])
def test_in_one_stage_the_difference_stays_without_the_test_of_arm_by_trial(
    tmp_path: Path, people: int
):
    record = pooled(tmp_path, people_of(WHOLE | {("b", 1): people}), stages="one_stage")

    assert record.result is not None
    assert record.result.select(quantity="ls_mean_difference")
    assert not [row for row in record.result.estimates if row.term]
    said = f"fewer than 3 people scored (b, mindfulness: {people})"
    assert any(said in note for note in record.result.notes)


def test_two_trials_would_follow_from_the_test_of_arm_by_trial():
    cells = {("a", 0): 9, ("a", 1): 8, ("b", 0): 7, ("b", 1): 1}
    frame = people_of(cells).astype({"arm": str})
    result = tk.pooled_trials(
        frame, outcome="pain_after", arm="arm", reference="0", trial="site", covariates="1"
    )

    (row,) = result.select(quantity="heterogeneity")
    figures = {each.name: each.value for each in result.fit}
    within = figures["residual_df"] * figures["residual_std_dev"] ** 2
    between = within * row.statistic / (row.df + row.statistic)
    apart = (between * sum(1 / n for n in cells.values())) ** 0.5
    means = frame.groupby(["site", "arm"])["pain_after"].mean()
    true = abs(means["a", "1"] - means["a", "0"] - means["b", "1"] + means["b", "0"])
    assert apart == pytest.approx(true, rel=1e-9)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({("a", 0): 9, ("a", 1): 1, ("b", 1): 9}, id="the only trial of both arms"),
        pytest.param(
            {("a", 0): 9, ("a", 1): 2, **{(site, 1): 9 for site in "bcde"}},
            id="the only one of many",
        ),
        pytest.param(
            {("a", 0): 9, ("a", 1): 9, ("b", 1): 2}, id="a trial of two people beside one"
        ),
        pytest.param(
            {("a", 0): 9, ("a", 1): 9, ("b", 0): 9, ("b", 1): 9, ("c", 0): 1, ("c", 1): 1},
            id="a trial of two people beside two",
        ),
    ],
)
def test_one_stage_whose_means_would_show_them_is_not_run(tmp_path: Path, cells: Cells):
    record = pooled(tmp_path, people_of(cells), stages="one_stage")

    assert record.status == "not_run"
    assert "the adjusted means would show what they scored" in (record.reason or "")


def test_one_small_trial_among_many_does_not_hinder_one_stage(tmp_path: Path):
    cells = WHOLE | {("d", 0): 8, ("d", 1): 8, ("e", 0): 1, ("e", 1): 1}

    record = pooled(tmp_path, people_of(cells), stages="one_stage")
    assert record.result is not None
    assert record.result.select(quantity="ls_mean_difference")
    assert not record.result.select(term="arm:trial")


def test_the_means_of_one_stage_would_give_a_small_trial_away():
    cells = {("a", 0): 9, ("a", 1): 9, ("b", 1): 1}
    frame = people_of(cells).astype({"arm": str})
    result = tk.pooled_trials(frame, outcome="pain_after", arm="arm", reference="0", trial="site")

    (row,) = result.select(quantity="ls_mean_difference")
    means = frame.groupby("arm")["pain_after"].mean()
    in_first = means["0"] + row.estimate
    (score,) = frame.loc[frame["site"].eq("b"), "pain_after"]
    assert 10 * means["1"] - 9 * in_first == pytest.approx(score, abs=1e-9)


MIXED = """
[[analysis]]
id = "mixed"
estimand = "primary"
method = "mixed_model"
random = "{random}"
predict = "site"
"""
LARGE: Cells = {(site, arm): 8 for site in "abcde" for arm in (0, 1)}


@pytest.mark.parametrize(
    ("cells", "random", "shown"),
    [
        pytest.param(LARGE, "1 | site", True, id="whole sites"),
        pytest.param(LARGE | {("c", 1): 2}, "1 | site", True, id="of both arms together"),
        pytest.param(LARGE | {("c", 0): 1, ("c", 1): 1}, "1 | site", False, id="a site of two"),
        pytest.param(LARGE | {("c", 1): 2}, "ARMCD | site", False, id="of each arm"),
    ],
)
def test_effects_of_sites_are_predicted_where_nobody_is_alone(
    tmp_path: Path, cells: Cells, random: str, shown: bool
):
    study = STUDY + MIXED.format(random=random)
    folder = write_trial(tmp_path, study=study, data=people_of(cells).to_csv(index=False))

    result = run_study(folder, articles=()).find_record("mixed").result
    assert result is not None
    assert any("random_effect[" in each.name for each in result.fit) is shown
    assert (
        any("predicted effects of site are left out" in note for note in result.notes) is not shown
    )
