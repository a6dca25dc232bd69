"""Edges of the mixed model for repeated measures: what is refused, and what has no test."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from repeated_trial import VISITS, differences, fit, numbers, repeated_trial

COMPLETE = repeated_trial(10, seed=3)
HOLES = repeated_trial(16, missing=0.15, seed=5)
THREE_ARMS = repeated_trial(14, arms=("a", "b", "c"), missing=0.1, seed=8)
DAYS = {"VIS1": -8, "VIS2": -2, "VIS10": 3}
ONE_FAMILY = {"adjust": "dunnett", "adjust_over": "visits"}


def renamed(frame: pd.DataFrame, names: dict[str, Any]) -> pd.DataFrame:
    """Return a trial with other names of the visits."""
    return frame.assign(visit=frame["visit"].map(names))


def joint(result: tk.AnalysisResult) -> dict[str, list[float]]:
    """Return the F tests by term."""
    rows = result.select(quantity="joint_test")
    return {row.term: [row.df_num, row.df, row.statistic, row.p_value] for row in rows}


@pytest.mark.parametrize(
    "write",
    [
        int,
        float,
        "Day {}".format,
        "Day ({})".format,
        lambda day: f"Day {day}".replace("-", "\N{MINUS SIGN}"),
    ],
    ids=["int", "float", "text", "bracketed", "typographic"],
)
@pytest.mark.parametrize("covariance", ["ar1", "spatial_exponential"])
def test_days_before_the_first_dose_come_first(write, covariance: str):
    asked = {"covariance": covariance, "summaries": "slope"}
    named = {visit: write(day) for visit, day in DAYS.items()}
    expected = fit(HOLES, **asked, times=DAYS)

    read = fit(renamed(HOLES, named), **asked)

    visits = [row.visit for row in differences(read)]
    assert visits == [str(name) for name in named.values()]
    np.testing.assert_allclose(numbers(read), numbers(expected), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["category", "float"])
def test_visits_that_are_numbers_are_in_order_of_value(kind: str):
    small = {"VIS1": 0.002, "VIS2": 1e-5, "VIS10": -3e-5}
    frame = renamed(HOLES, small).astype({"visit": kind})

    rows = differences(fit(frame, covariance="ar1"))

    assert [row.visit for row in rows] == ["-3e-05", "1e-05", "0.002"]


def test_visits_of_parts_and_of_random_effects_keep_their_signs():
    frame = renamed(COMPLETE, DAYS)
    parts = [frame.iloc[:27], frame.iloc[27:]]
    random = tk.mixed_model(
        frame, outcome="y", arm="arm", reference="a", visit="visit", random="1 | id"
    )

    assert [row.visit for row in differences(fit(parts))] == ["-8", "-2", "3"]
    assert [row.visit for row in differences(random)] == ["-8", "-2", "3"]


def test_a_label_may_be_a_superscript():
    frame = renamed(COMPLETE, {"VIS1": "0", "VIS2": "²", "VIS10": "³"})

    assert [row.visit for row in differences(fit(frame))] == ["0", "²", "³"]


@pytest.mark.parametrize(
    "written",
    [
        {"visit_effects": "common", "covariates": "arm:visit"},
        {"visit_effects": "none", "covariates": "visit:arm"},
    ],
    ids=["common", "none"],
)
@pytest.mark.parametrize("df_method", ["kenward_roger", "satterthwaite", "residual"])
def test_joint_tests_are_of_the_differences_however_the_model_is_written(written, df_method: str):
    expected = joint(fit(THREE_ARMS, df_method=df_method))

    found = joint(fit(THREE_ARMS, df_method=df_method, **written))

    assert [expected[term][0] for term in ("arm:visit", "arm")] == [4, 6]
    assert list(found) == list(expected)
    for term, figures in expected.items():
        # The Satterthwaite denominator depends on the rows, which are the same here.
        assert found[term] == pytest.approx(figures, rel=1e-6)


@pytest.mark.parametrize("effects", ["common", "none"])
@pytest.mark.parametrize("covariates", ["1", "base", "sex*arm"])
def test_differences_that_are_the_same_at_all_visits_have_no_interaction(
    effects: str, covariates: str
):
    result = fit(THREE_ARMS, visit_effects=effects, covariates=covariates, margins="proportional")

    assert {term: figures[0] for term, figures in joint(result).items()} == {"arm": 2}


@pytest.mark.parametrize("times", [None, DAYS, {"VIS1": 0.7, "VIS2": 1.9, "VIS10": 2.3}])
@pytest.mark.parametrize(("effects", "changing"), [("common", True), ("none", False)])
def test_a_slope_that_the_model_sets_to_0_has_no_test(times, effects: str, changing: bool):
    result = fit(HOLES, visit_effects=effects, summaries=["average", "slope"], times=times)

    (difference,) = differences(result, term="slope")
    means = result.select(quantity="ls_mean", term="slope")
    assert (difference.estimate, difference.std_error, difference.df) == (0, None, None)
    assert (difference.p_value, difference.conf_low) == (None, None)
    assert [row.std_error is not None for row in means] == [changing, changing]
    (average,) = differences(result, term="average")
    assert average.p_value is not None
    assert any("the slope of" in note and "0 whatever the data" in note for note in result.notes)


def test_a_slope_that_can_differ_has_no_such_note():
    assert not fit(COMPLETE, summaries="slope").notes


@pytest.mark.parametrize("value", [["arm"], {"a": 1}, 3])
@pytest.mark.parametrize(
    "option", ["group_covariance", "weights", "outcome", "subject", "visit", "arm"]
)
def test_a_column_is_named_by_a_text(option: str, value: object):
    with pytest.raises(tk.SpecificationError, match=f"{option}: expected the name of a column"):
        fit(COMPLETE, **{option: value})


@pytest.mark.parametrize("option", ["outcome", "subject", "visit", "arm"])
def test_a_needed_column_is_not_none(option: str):
    with pytest.raises(tk.SpecificationError, match=f"{option}: expected the name of a column"):
        fit(COMPLETE, **{option: None})


@pytest.mark.parametrize(
    "named", [{"outcome": ["y"]}, {"arm": None}, {"visit": ["visit"]}, {"subject": ["id"]}]
)
def test_columns_of_a_mixed_model_are_named_by_a_text(named: dict[str, Any]):
    columns = {"outcome": "y", "arm": "arm", "reference": "a", "random": "1 | id", **named}

    with pytest.raises(tk.SpecificationError, match="expected the name of a column as text"):
        tk.mixed_model(COMPLETE, **columns)


@pytest.mark.parametrize("size", [1e200, 1e-200])
@pytest.mark.parametrize("asks", [{"covariance": "spatial_gaussian"}, {"summaries": "slope"}])
def test_times_are_of_a_size_to_be_squared(size: float, asks: dict[str, Any]):
    times = {visit: size * (1 + place) for place, visit in enumerate(VISITS)}

    with pytest.raises(tk.DataError, match="times: expected numbers of"):
        fit(COMPLETE, times=times, **asks)


def test_times_that_nothing_reads_are_refused():
    with pytest.raises(tk.SpecificationError, match="times: expected none, for they are read by"):
        fit(COMPLETE, times=DAYS)


def test_a_group_of_visits_is_refused_without_a_word_of_randomisation():
    with pytest.raises(tk.DataError, match="expected one visit per id") as refusal:
        fit(COMPLETE, group_covariance="visit")
    assert "randomised" not in str(refusal.value)


def test_each_subject_is_no_group():
    with pytest.raises(tk.SpecificationError, match="group_covariance: expected another column"):
        fit(COMPLETE, group_covariance="id")


@pytest.mark.parametrize("name", ["", "\\", "~"])
@pytest.mark.parametrize("role", ["arm", "visit", "base"])
def test_names_that_mean_something_in_a_formula_are_refused(name: str, role: str):
    named = {role: name} if role != "base" else {"covariates": f"`{name}`"}

    with pytest.raises(tk.SpecificationError):
        fit(COMPLETE.rename(columns={role: name}), **named)


@pytest.mark.parametrize("size", [1e60, 1e-60])
def test_a_product_that_cannot_be_squared_is_named(size: float):
    frame = COMPLETE.assign(base=COMPLETE["base"] * size, age=COMPLETE["age"] * size)
    columns = {"outcome": "y", "arm": "arm", "reference": "a", "covariates": "base:age"}

    with pytest.raises(tk.DataError, match=r"(base:age|age:base): expected numbers"):
        fit(frame, covariates="base:age")
    with pytest.raises(tk.DataError, match=r"(base:age|age:base): expected numbers"):
        tk.mixed_model(frame, random="1 | id", **columns)


@pytest.mark.parametrize("kind", [float, round, lambda value: Decimal(str(value))])
@pytest.mark.parametrize("verb", ["mmrm", "mixed_model", "ancova"])
def test_numbers_kept_as_objects_are_no_categories(verb: str, kind: Callable[[float], object]):
    held = pd.Series([kind(value) for value in COMPLETE["base"]], dtype=object)
    frame = COMPLETE.assign(base=held)
    columns = {"outcome": "y", "arm": "arm", "reference": "a", "covariates": "base"}
    more = {
        "mmrm": {"subject": "id", "visit": "visit"},
        "mixed_model": {"random": "1 | id"},
        "ancova": {},
    }

    with pytest.raises(tk.DataError, match="base: expected numbers or text, found numbers kept"):
        getattr(tk, verb)(frame, **columns, **more[verb])


def test_an_outcome_of_objects_is_refused_with_the_remedy():
    with pytest.raises(tk.DataError, match=r"y: expected numbers, .*pd.to_numeric\(frame\['y'\]"):
        fit(COMPLETE.astype({"y": object}))


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_weights_are_of_a_size_to_be_squared(size: float):
    with pytest.raises(tk.DataError, match="weight: expected numbers of"):
        fit(COMPLETE.assign(weight=COMPLETE["weight"] * size), weights="weight")


def test_a_rule_without_degrees_of_freedom_is_refused():
    trial = repeated_trial(20, seed=0)
    number = trial["id"].str[1:].astype(int)
    once = np.where((number // 2) % 2, "VIS1", "VIS2")
    kept = (trial["visit"] == once) | (number < 2)
    few = trial[kept & (trial["visit"] != "VIS10")]

    with pytest.raises(tk.NotEstimableError, match="0 degrees of freedom within") as refusal:
        fit(few, df_method="between_within", covariance="compound_symmetry")
    assert "choose kenward_roger or satterthwaite" in str(refusal.value)


@pytest.mark.parametrize("df_method", ["kenward_roger", "satterthwaite"])
@pytest.mark.parametrize("apart", [1e-8, 1e-9, 1e-10])
def test_the_intercept_of_covariates_that_nearly_agree_has_its_error(df_method: str, apart: float):
    rng = np.random.default_rng(77)
    other = np.repeat(rng.normal(size=len(HOLES) // 3), 3)
    centred = HOLES.assign(base=(HOLES["base"] - 20) / 4)
    standard = fit(centred.assign(other=other), covariates="base + other", df_method=df_method)

    near = fit(
        centred.assign(other=centred["base"] + apart * other),
        covariates="base + other",
        df_method=df_method,
    )

    (row,) = near.select(quantity="coefficient", term="Intercept")
    (expected,) = standard.select(quantity="coefficient", term="Intercept")
    # Numbers that differ in their tenth digit leave six of them.
    assert row.std_error == pytest.approx(expected.std_error, rel=3e-5)


@pytest.mark.parametrize("vcov", ["CR0", "CR2", "CR3"])
def test_residuals_of_0_leave_no_robust_error(vcov: str):
    frame = COMPLETE.copy()
    first = frame["visit"] == "VIS1"
    frame.loc[first, "y"] = np.where(frame.loc[first, "arm"] == "a", 1.0, 3.0)
    options = {"covariance": "compound_symmetry", "df_method": "satterthwaite", "vcov": vcov}

    result = fit(frame, **options, adjust="sidak", adjust_over="visits")

    rows = {row.visit: row for row in differences(result)}
    if rows["VIS1"].std_error is None:
        assert (rows["VIS1"].p_value, rows["VIS1"].p_adjusted) == (None, None)
        assert any("no robust standard error" in note for note in result.notes)
    assert rows["VIS2"].p_adjusted is not None
    assert rows["VIS2"].std_error > 0


@pytest.mark.parametrize("vcov", ["CR0", "CR2", "CR3"])
@pytest.mark.parametrize("adjust", ["none", "dunnett", "bonferroni"])
def test_an_arm_of_one_subject_has_no_robust_error(vcov: str, adjust: str):
    frame = THREE_ARMS[(THREE_ARMS["arm"] != "c") | (THREE_ARMS["id"] == "S2")]
    asked = {"covariance": "ar1", "df_method": "satterthwaite", "covariates": "base"}

    result = fit(frame, vcov=vcov, adjust=adjust, **asked)

    for row in differences(result):
        assert (row.std_error is None) == (row.arm == "c")
        assert (row.p_value is None) == (row.arm == "c")
        if adjust != "none":
            assert (row.p_adjusted is None) == (row.arm == "c")


def test_too_few_degrees_of_freedom_for_dunnett_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "trialkit.analysis.mmrm_inference.satterthwaite_df",
        lambda _, L: np.full((1, len(L)), 1e-3),
    )

    with pytest.raises(tk.NotEstimableError, match="Dunnett's procedure needs at least"):
        fit(THREE_ARMS, df_method="satterthwaite", covariance="ar1", adjust="dunnett")


def test_truth_values_are_truth_values_after_storage():
    result = fit(COMPLETE)

    again = tk.AnalysisResult.from_json(result.to_json())

    assert again == result
    glance = again.glance().iloc[0]
    assert glance["reml"] is True or glance["reml"] is np.True_
    assert [type(item.value) for item in again.fit] == [type(item.value) for item in result.fit]
