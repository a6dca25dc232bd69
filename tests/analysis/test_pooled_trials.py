"""Participants of several trials: one stage, two stages, and trials that do not fit."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from reference_cases import REFERENCE

OPTIONS = {"outcome": "post", "arm": "arm", "reference": "0", "trial": "trial"}


@pytest.fixture
def people() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "pooled_trials" / "data.csv", dtype={"arm": str})


def test_one_stage_is_ancova_with_the_trial_as_covariate(people):
    pooled = tk.pooled_trials(people, **OPTIONS, covariates="pre")
    plain = tk.ancova(people, outcome="post", arm="arm", reference="0", covariates="pre + C(trial)")

    (ours,), (theirs,) = (r.select(quantity="ls_mean_difference") for r in (pooled, plain))
    assert (ours.estimate, ours.std_error, ours.df) == (
        theirs.estimate,
        theirs.std_error,
        theirs.df,
    )


def test_the_interaction_is_heterogeneity_and_no_test_of_the_treatment(people):
    result = tk.pooled_trials(people, **OPTIONS)

    (row,) = result.select(quantity="heterogeneity")
    # R: anova(lm(post ~ arm + trial), lm(post ~ arm * trial))
    assert (row.term, row.df_num, row.df) == ("arm:trial", 5.0, 192.0)
    assert result.select(quantity="joint_test") == ()


def test_two_stages_are_ancova_in_each_and_a_meta_analysis(people):
    pooled = tk.pooled_trials(people, **OPTIONS, stages="two_stage", covariates="pre")
    single = tk.ancova(
        people[people["trial"].eq("T3")], outcome="post", arm="arm", reference="0", covariates="pre"
    )

    (third,) = pooled.select(quantity="trial_estimate", term="T3")
    (own,) = single.select(quantity="ls_mean_difference")
    assert (third.estimate, third.std_error) == (own.estimate, pytest.approx(own.std_error))
    (average,) = pooled.select(quantity="pooled_estimate")
    assert (average.arm, average.reference_arm, average.n_subjects) == ("1", "0", len(people))


def test_trials_without_the_contrast_are_named(people):
    lone = people[~(people["trial"].eq("T2") & people["arm"].eq("1"))]

    one = tk.pooled_trials(lone, **OPTIONS)
    two = tk.pooled_trials(lone, **OPTIONS, stages="two_stage")

    said = "trial T2 has arm 0 only and compares nothing by itself"
    assert said in one.notes
    assert said in two.notes
    assert "1 - 0: not compared in T2" in two.notes
    assert two.select(quantity="trial_estimate", term="T2") == ()


def test_an_arm_of_one_trial_is_named_and_compared_there(people):
    extra = people[people["trial"].eq("T1") & people["arm"].eq("1")].assign(arm="2")
    both = pd.concat([people, extra.assign(post=extra["post"] + 1)], ignore_index=True)

    one = tk.pooled_trials(both, **OPTIONS)
    assert "arm 2 is in trial T1 only" in one.notes
    (row,) = one.select(quantity="heterogeneity")
    assert row.df_num == 5

    with pytest.raises(tk.NotEstimableError, match="one trial alone"):
        tk.pooled_trials(both, **OPTIONS, stages="two_stage")
    alone = tk.pooled_trials(
        both, **OPTIONS, stages="two_stage", tau2="equal_effects", test="z", contrasts=["2 - 0"]
    )
    assert "2 - 0: not compared in T2, T3, T4, T5, T6" in alone.notes


def test_a_trial_whose_model_fails_is_named(people):
    flat = people.assign(pre=people["pre"].where(people["trial"].ne("T4"), 5.0))

    with pytest.raises(tk.NotEstimableError, match="trial T4: pre: a linear combination"):
        tk.pooled_trials(flat, **OPTIONS, stages="two_stage", covariates="pre")


def test_arms_that_coincide_with_trials_are_refused(people):
    split = people.assign(arm=np.where(people["trial"].isin(["T1", "T2"]), "1", "0"))

    with pytest.raises(tk.NotEstimableError, match="linear combination"):
        tk.pooled_trials(split, **OPTIONS)
    with pytest.raises(tk.NotEstimableError, match="no trial has both 1 and 0"):
        tk.pooled_trials(split, **OPTIONS, stages="two_stage")


def test_one_trial_is_nothing_to_pool(people):
    with pytest.raises(tk.NotEstimableError, match="every record is of trial 'T1'"):
        tk.pooled_trials(people[people["trial"].eq("T1")], **OPTIONS)


def test_missing_people_are_counted_by_arm(people):
    people.loc[[0, 1], "post"] = np.nan

    for stages in ("one_stage", "two_stage"):
        result = tk.pooled_trials(people, **OPTIONS, stages=stages)
        assert result.notes[0].startswith(
            "2 of 204 records left out as incomplete (1 in 0; 1 in 1)"
        )
        assert result.glance().loc[0, "n_subjects"] == 202


def test_stages_are_one_or_two(people):
    with pytest.raises(tk.SpecificationError, match="stages: expected one of one_stage, two_stage"):
        tk.pooled_trials(people, **OPTIONS, stages="three_stage")


def test_trials_may_be_numbered(people):
    numbered = people.assign(trial=people["trial"].str.removeprefix("T").astype(int))

    for stages in ("one_stage", "two_stage"):
        one = tk.pooled_trials(people, **OPTIONS, stages=stages)
        other = tk.pooled_trials(numbered, **OPTIONS, stages=stages)
        assert [row.estimate for row in one.estimates] == [row.estimate for row in other.estimates]
