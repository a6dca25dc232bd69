"""The verbs of meta-analysis: which rows stand, what is refused, what is said."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from reference_cases import REFERENCE
from trialkit.terms import TESTED_QUANTITIES

COLUMNS = {"estimate": "estimate", "std_error": "std_error", "trial": "trial"}


@pytest.fixture
def trials() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trial": list("ABCDEF"),
            "estimate": [-1.5, -0.5, -0.2, -0.9, -1.9, -0.1],
            "std_error": [0.59, 0.42, 0.48, 0.31, 0.57, 0.27],
            "n": [46, 100, 64, 182, 35, 278],
            "control": ["usual", "active", "active", "usual", "usual", "active"],
            "year": [2004, 2008, 2011, 2013, 2015, 2019],
        }
    )


@pytest.fixture
def arms() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trial": ["A", "A", "B", "B", "B", "C", "C"],
            "arm": ["drug", "sham", "drug", "sham", "care", "drug", "care"],
            "n": [20, 21, 50, 48, 47, 33, 30],
            "mean": [4.1, 5.0, 3.9, 4.4, 5.1, 4.5, 5.3],
            "std_dev": [1.9, 2.0, 2.1, 2.2, 2.0, 1.7, 1.8],
            "events": [9, 4, 25, 20, 15, 12, 0],
        }
    )


def test_one_row_is_the_test(trials):
    for options in (
        {},
        {"subgroup": "control"},
        {"subgroup": "control", "subgroup_tau2": "common"},
    ):
        result = tk.meta_analysis(trials, **COLUMNS, **options)

        counted = [
            row
            for row in result.estimates
            if row.quantity in TESTED_QUANTITIES and row.p_value is not None
        ]
        assert [(row.quantity, row.term) for row in counted] == [("pooled_estimate", None)]


def test_a_regression_is_tested_once_and_has_no_average(trials):
    result = tk.meta_analysis(trials, **COLUMNS, moderators="year + control")

    assert [row.term for row in result.select(quantity="coefficient")] == [
        "Intercept",
        "year",
        "control[T.usual]",
    ]
    assert result.select(quantity="pooled_estimate") == ()
    (together,) = result.select(quantity="joint_test")
    assert (together.df_num, together.df) == (2.0, 3.0)


def test_weights_and_people_are_in_the_fit(trials):
    result = tk.meta_analysis(trials, **COLUMNS, n="n")

    fit = result.glance().loc[0]
    assert sum(fit[f"weight {name}"] for name in "ABCDEF") == pytest.approx(100)
    assert fit["n_subjects"] == 705
    assert result.select(quantity="trial_estimate", term="D")[0].n_subjects == 182


def test_standard_errors_and_variances_are_the_same_call(trials):
    squared = trials.assign(variance=trials["std_error"] ** 2)

    one = tk.meta_analysis(trials, **COLUMNS)
    other = tk.meta_analysis(squared, estimate="estimate", variance="variance", trial="trial")

    assert one.estimates == other.estimates


def test_a_logarithm_is_shown_as_its_ratio_too(trials):
    result = tk.meta_analysis(trials, **COLUMNS, measure="risk_ratio")

    (average,) = result.select(quantity="pooled_estimate")
    (ratio,) = result.select(quantity="risk_ratio")
    assert ratio.estimate == pytest.approx(np.exp(average.estimate))
    assert ratio.conf_high == pytest.approx(np.exp(average.conf_high))
    assert ratio.p_value is None


def test_a_subgroup_of_one_stands_for_itself(trials):
    alone = trials.assign(control=["x", *trials["control"][1:]])

    result = tk.meta_analysis(alone, **COLUMNS, subgroup="control")

    (row,) = result.select(quantity="pooled_estimate", term="x")
    assert (row.estimate, row.std_error) == (-1.5, pytest.approx(0.59))
    assert "a single trial in subgroup x: its own estimate" in result.notes


def test_equal_effects_have_neither_tau_nor_prediction(trials):
    result = tk.meta_analysis(trials, **COLUMNS, tau2="equal_effects", test="z")

    assert result.select(quantity="prediction") == ()
    assert [row.term for row in result.select(quantity="heterogeneity")] == [
        "I_squared",
        "H_squared",
        "Q",
    ]


def test_two_trials_have_an_average_but_no_funnel(trials):
    result = tk.meta_analysis(trials.head(2), **COLUMNS, prediction="higgins")

    assert result.select(quantity="pooled_estimate")[0].df == 1
    assert result.select(quantity="asymmetry_test") == ()
    assert result.select(quantity="prediction") == ()


def test_few_trials_make_the_funnel_uncertain(trials):
    (note,) = tk.meta_analysis(trials, **COLUMNS).notes

    assert note.startswith("6 trials: below 10 the tests of asymmetry have little power")


def test_an_incomplete_trial_is_left_out_by_name(trials):
    trials.loc[2, "std_error"] = np.nan

    result = tk.meta_analysis(trials, **COLUMNS)

    assert result.glance().loc[0, "n_trials"] == 5
    assert "1 of 6 trials left out as incomplete: C" in result.notes


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"trial": "A"}, tk.DataError, "expected one row a trial, found 6 rows"),
        ({"std_error": 0.0}, tk.DataError, "expected positive numbers, found 6 others"),
        ({"std_error": "wide"}, tk.DataError, "expected numbers"),
        ({"estimate": np.inf}, tk.DataError, "expected finite numbers"),
        ({"control": "usual"}, tk.NotEstimableError, "every trial is in subgroup 'usual'"),
        ({"estimate": -1.0}, tk.NotEstimableError, "the trials agree exactly"),
    ],
)
def test_bad_rows_are_refused(trials, change, error, message):
    with pytest.raises(error, match=message):
        tk.meta_analysis(trials.assign(**change), **COLUMNS, subgroup="control")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau2": "fixed"}, "tau2: expected one of equal_effects, dersimonian_laird"),
        ({"test": "knha"}, "test: expected one of hartung_knapp"),
        ({"prediction": "wide"}, "prediction: expected one of as_tested, higgins"),
        ({"measure": "hazard_ratio"}, "measure: expected one of mean_difference"),
        ({"subgroup_tau2": "none"}, "subgroup_tau2: expected one of separate, common"),
        ({"variance": "n"}, "expected one of std_error and variance, found both"),
        ({"subgroup": "control", "moderators": "year"}, "subgroup and moderators, found both"),
        ({"subgroup": "country"}, "found 'country'"),
        ({"conf_level": 95}, "conf_level"),
    ],
)
def test_unknown_words_list_the_known_ones(trials, options, message):
    with pytest.raises(tk.SpecificationError, match=message):
        tk.meta_analysis(trials, **COLUMNS, **options)


def test_one_trial_is_not_pooled(trials):
    with pytest.raises(tk.NotEstimableError, match="one trial alone"):
        tk.meta_analysis(trials.head(1), **COLUMNS)


def test_arms_are_paired_within_trials_and_absences_named(arms):
    result = tk.meta_analysis_from_summary(
        arms, reference="sham", measure="mean_difference", contrasts=["drug - sham", "care - sham"],
        tau2="equal_effects", test="z",
    )  # fmt: skip

    drug = result.select(quantity="trial_estimate", arm="drug")
    assert [(row.term, row.estimate) for row in drug] == [
        ("A", pytest.approx(-0.9)),
        ("B", pytest.approx(-0.5)),
    ]
    assert "drug - sham: not compared in C" in result.notes
    assert "care - sham: not compared in A, C" in result.notes
    fit = result.glance().loc[0]
    assert fit["n_trials (drug - sham)"] == 2
    assert fit["weight B (care - sham)"] == 100


def test_an_empty_cell_is_named(arms):
    result = tk.meta_analysis_from_summary(
        arms, reference="care", measure="odds_ratio", contrasts=["drug - care"]
    )

    assert "one half added to each cell of C (an empty cell)" in result.notes
    assert result.select(quantity="odds_ratio", arm="drug")[0].p_value is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "mean"}, "measure: expected one of"),
        ({"pooling": "fixed"}, "pooling: expected one of inverse_variance"),
        ({"measure": "risk_ratio", "pooling": "peto"}, "expected one of odds_ratio"),
        ({"pooling": "mantel_haenszel"}, "expected one of risk_ratio, odds_ratio"),
        ({"reference": "placebo"}, "reference: expected one of the arms"),
    ],
)
def test_a_pooling_that_does_not_fit_is_refused(arms, options, message):
    given = {"reference": "sham", "measure": "mean_difference", **options}
    with pytest.raises(tk.SpecificationError, match=message):
        tk.meta_analysis_from_summary(arms, **given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 20.5}, "whole number"),
        ({"n": 1}, "at least 2"),
        ({"std_dev": -1.0}, "0 or more"),
        ({"trial": "A"}, "expected one row a trial and arm"),
    ],
)
def test_impossible_figures_are_refused(arms, change, message):
    with pytest.raises(tk.DataError, match=message):
        tk.meta_analysis_from_summary(
            arms.assign(**change), reference="sham", measure="mean_difference"
        )


def test_more_events_than_people_are_refused(arms):
    with pytest.raises(tk.DataError, match="at most n = 20"):
        tk.meta_analysis_from_summary(
            arms.assign(events=21),
            reference="sham",
            measure="risk_difference",
            contrasts=["drug - sham"],
        )


def test_a_trial_in_two_subgroups_is_refused(arms):
    torn = arms.assign(site=list("xyxxxxx"))
    with pytest.raises(tk.DataError, match="found two in A"):
        tk.meta_analysis_from_summary(
            torn, reference="sham", measure="mean_difference", subgroup="site",
            contrasts=["drug - sham"],
        )  # fmt: skip


def test_the_printed_prediction_interval_of_fibromyalgia():
    """Riley, Higgins and Deeks (2011), BMJ 342:d549, print -0.83 to -0.02 for these trials."""
    frame = pd.read_csv(REFERENCE / "meta_fibromyalgia" / "data.csv")

    result = tk.meta_analysis_from_summary(
        frame,
        reference="control",
        measure="standardised_mean_difference",
        tau2="dersimonian_laird",
        test="z",
        prediction="higgins",
    )

    (average,) = result.select(quantity="pooled_estimate")
    (prediction,) = result.select(quantity="prediction")
    assert average.estimate == pytest.approx(-0.4273, abs=5e-5)
    assert (prediction.conf_low, prediction.conf_high) == pytest.approx((-0.83, -0.02), abs=0.01)


def test_leaving_out_needs_three(trials):
    with pytest.raises(tk.NotEstimableError, match="fewer than three"):
        tk.leave_one_out(trials.head(2), **COLUMNS)


def test_trim_and_fill_names_what_it_adds(trials):
    result = tk.trim_and_fill(trials, **COLUMNS, side="right")

    filled = [row.term for row in result.select(quantity="trial_estimate")][6:]
    assert len(filled) == result.glance().loc[0, "n_filled"]
    assert filled == [f"filled {i + 1}" for i in range(len(filled))]
    with pytest.raises(tk.SpecificationError, match="side: expected one of left, right"):
        tk.trim_and_fill(trials, **COLUMNS, side="top")


def test_a_logarithm_pooled_again_is_shown_as_its_ratio_too(trials):
    plain = tk.leave_one_out(trials, **COLUMNS)
    assert not plain.select(quantity="odds_ratio")
    for verb, terms in (
        (tk.leave_one_out, [None, *"ABCDEF"]),
        (tk.trim_and_fill, [None, "filled"]),
    ):
        result = verb(trials, **COLUMNS, measure="odds_ratio")

        ratios = {row.term: row for row in result.select(quantity="odds_ratio")}
        logarithms = {row.term: row for row in result.select(quantity="pooled_estimate")}
        assert list(ratios) == list(logarithms) == terms
        for term, row in ratios.items():
            assert row.estimate == pytest.approx(np.exp(logarithms[term].estimate))
            assert row.conf_high == pytest.approx(np.exp(logarithms[term].conf_high))
            assert row.p_value is None
        assert "log odds ratio" in result.method
        assert result.glance().loc[0, "measure"] == "odds_ratio"
    with pytest.raises(tk.SpecificationError, match="measure: expected one of"):
        tk.trim_and_fill(trials, **COLUMNS, measure="hazard_ratio")


def counts(*events: tuple[int, int]) -> pd.DataFrame:
    rows = [
        {"trial": trial, "arm": arm, "n": 20, "events": number}
        for trial, pair in zip("ABCDEF", events, strict=False)
        for arm, number in zip(("drug", "sham"), pair, strict=True)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("measure", ["risk_ratio", "odds_ratio"])
@pytest.mark.parametrize("events", [[(0, 0)] * 4, [(20, 20)] * 4, [(0, 0), (20, 20)]], ids=str)
def test_trials_without_events_have_no_ratio(measure: str, events: list[tuple[int, int]]):
    with pytest.raises(tk.NotEstimableError, match="none says anything of a ratio"):
        tk.meta_analysis_from_summary(counts(*events), reference="sham", measure=measure)


def test_a_trial_that_says_nothing_of_a_ratio_is_named():
    data = counts((4, 8), (10, 11), (0, 0), (3, 7))
    ask = {"reference": "sham", "measure": "odds_ratio"}

    counted = tk.meta_analysis_from_summary(data, **ask)
    weightless = tk.meta_analysis_from_summary(data, **ask, pooling="mantel_haenszel")
    difference = tk.meta_analysis_from_summary(data, reference="sham", measure="risk_difference")

    said = (
        "C: nobody or everybody had the event in both arms, which holds no information on a ratio"
    )
    assert f"{said}; counted nevertheless, with the half added to its cells" in counted.notes
    assert said in weightless.notes
    assert not any("no information" in note for note in difference.notes)


@pytest.mark.parametrize("pooling", ["mantel_haenszel", "peto"])
def test_one_trial_that_speaks_has_nothing_to_agree_with(pooling: str):
    result = tk.meta_analysis_from_summary(
        counts((4, 8), (20, 20)), reference="sham", measure="odds_ratio", pooling=pooling
    )

    assert not result.select(quantity="heterogeneity")
    assert result.select(quantity="pooled_estimate")[0].p_value > 0.05


def test_results_are_plain_json(trials, tmp_path: Path):
    text = tk.meta_analysis(trials, **COLUMNS).to_json()

    json.loads(text)
    assert tk.AnalysisResult.from_json(text).to_json() == text


def test_a_contrast_of_one_trial_is_refused_by_name(arms):
    with pytest.raises(tk.NotEstimableError, match="care - sham: one trial alone"):
        tk.meta_analysis_from_summary(arms, reference="sham", measure="mean_difference")


def test_nothing_to_pool_is_said(trials):
    with pytest.raises(tk.NotEstimableError, match="no trial is complete"):
        tk.meta_analysis(trials.assign(std_error=np.nan), **COLUMNS)


@pytest.mark.parametrize("options", [{}, {"moderators": "year"}, {"subgroup": "control"}])
def test_every_row_carries_the_arms_that_are_named(trials, options):
    result = tk.meta_analysis(trials, **COLUMNS, arm="new", reference="old", **options)

    assert {(row.arm, row.reference_arm) for row in result.estimates} == {("new", "old")}
    with pytest.raises(tk.SpecificationError, match="both of arm and reference or neither"):
        tk.meta_analysis(trials, **COLUMNS, arm="new")
