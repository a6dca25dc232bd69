"""The mixed model with random effects: published figures, conventions, and refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.design.random_terms import parse_random

POOLED = Path(__file__).parents[1] / "reference" / "pooled_trials" / "data.csv"
NESTED = Path(__file__).parents[1] / "reference" / "mixed_nested" / "data.csv"
FULL = "gender + gender:group + gender:task + gender:group:task"


@pytest.fixture(scope="module")
def pooled() -> pd.DataFrame:
    return pd.read_csv(POOLED, dtype={"arm": str})


@pytest.fixture(scope="module")
def nested() -> pd.DataFrame:
    return pd.read_csv(NESTED)


def fit_pooled(frame: pd.DataFrame, **options) -> tk.AnalysisResult:
    given = {"outcome": "post", "arm": "arm", "reference": "0", "covariates": "pre"}
    return tk.mixed_model(frame, **{**given, "random": "1 | trial", **options})


def figures(result: tk.AnalysisResult) -> dict:
    return {figure.name: figure.value for figure in result.fit}


def difference(result: tk.AnalysisResult) -> tk.Estimate:
    (row,) = result.select(quantity="ls_mean_difference")
    return row


def heat_pain(shared: Path) -> pd.DataFrame:
    """The ratings of two trials, by the authors' rules of inclusion."""
    folder = shared / "data" / "riegner_mindfulness_heat_pain"
    parts = []
    for study in ("bold", "cbf"):
        ratings = pd.read_csv(folder / f"{study}-ps-agg.csv")
        part = ratings.merge(pd.read_csv(folder / f"{study}-dem.csv"), on="sub")
        if study == "cbf":
            part = part[part["task"].str.endswith("49C") & (part["cbfQEI"] > 0.36)]
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    both = frame.groupby("sub")["task"].agg({"preManip49C", "postManip49C"}.issubset)
    return frame[frame["sub"].isin(both.index[both])]


@pytest.mark.parametrize(
    ("outcome", "published"),
    [
        pytest.param(
            "int",
            {"c": (0.675, 0.186), "l": (-0.529, 0.268), "s": (-0.351, 0.261), "m": (-1.494, 0.194)},
            id="intensity",
        ),
        pytest.param(
            "unp",
            {"c": (0.733, 0.209), "l": (-0.608, 0.300), "s": (-1.081, 0.292), "m": (-1.932, 0.217)},
            id="unpleasantness",
        ),
    ],
)
def test_within_group_table_of_the_heat_pain_trials(
    shared: Path, outcome: str, published: dict[str, tuple[float, float]]
):
    frame = heat_pain(shared)
    assert (len(frame), frame["sub"].nunique()) == (755, 115)

    result = tk.mixed_model(
        frame,
        outcome=outcome,
        arm="group",
        reference="c",
        visit="task",
        baseline="preManip49C",
        subject="sub",
        random="1 | sub",
        covariates=FULL,
        reml=False,
    )

    for arm, (estimate, std_error) in published.items():
        (row,) = result.select(quantity="change", arm=arm, visit="postManip49C")
        assert row.estimate == pytest.approx(estimate, abs=5.1e-4)
        assert row.std_error == pytest.approx(std_error, abs=5.1e-4)
    people = result.select(quantity="ls_mean", visit="preManip49C")
    assert {row.arm: row.n_subjects for row in people} == {"c": 39, "l": 19, "m": 37, "s": 20}


def breathing(shared: Path) -> pd.DataFrame:
    (file,) = (shared / "data" / "balban_breathwork_meditation").glob("*.csv")
    frame = pd.read_csv(file, sep=";", decimal=",", na_values=".", low_memory=False)
    frame = frame.rename(columns={"Days from  Round1 Day1": "day", "Round 1 Exercise": "exercise"})
    frame["rise"] = frame["Post PANAS Positive Affect"] - frame["Pre PANAS Positive Affect"]
    frame = frame[frame["day"].between(1, 28) & frame["rise"].notna() & frame["exercise"].notna()]
    meditated = frame["exercise"].eq("Mindful Meditation")
    return frame.assign(kind=np.where(meditated, "meditation", "breathing"), left=frame["day"] - 28)


def test_daily_mood_after_breathing_or_meditation(shared: Path):
    frame = breathing(shared)

    result = tk.mixed_model(
        frame,
        outcome="rise",
        arm="kind",
        reference="meditation",
        subject="ScrSubjectID",
        random="1 | ScrSubjectID",
        covariates="day + kind:day",
    )

    found = figures(result)
    assert (found["n_records"], found["n_subjects"]) == (1983, 108)
    assert -2 * found["log_likelihood"] == pytest.approx(10947.5, abs=0.05)
    assert found["variance[ScrSubjectID]"] == pytest.approx(9.495, abs=5e-4)
    assert found["variance[residual]"] == pytest.approx(12.668, abs=5e-4)
    rows = {row.term: row for row in result.select(quantity="coefficient")}
    assert rows["kind[breathing]"].estimate == pytest.approx(0.21051, abs=5e-6)
    assert rows["kind[breathing]"].std_error == pytest.approx(0.838, abs=5e-4)
    assert rows["kind[breathing]:day"].estimate == pytest.approx(0.04713, abs=5e-6)
    assert rows["kind[breathing]:day"].std_error == pytest.approx(0.0252, abs=5e-5)


def test_daily_mood_by_exercise(shared: Path):
    result = tk.mixed_model(
        breathing(shared),
        outcome="rise",
        arm="exercise",
        reference="Mindful Meditation",
        random="1 | ScrSubjectID",
        covariates="left + exercise:left",
    )

    assert -2 * figures(result)["log_likelihood"] == pytest.approx(10953.3, abs=0.05)
    rows = {row.term: row for row in result.select(quantity="coefficient")}
    printed = {
        "Intercept": 1.0935,
        "exercise[Slow Breathing]": 1.9106,
        "exercise[Box Breathing]": 1.3039,
        "exercise[Super Oxygenation]": 1.3468,
        "left": -0.0038,
        "exercise[Slow Breathing]:left": 0.0703,
        "exercise[Box Breathing]:left": 0.0341,
        "exercise[Super Oxygenation]:left": 0.0355,
    }
    for term, estimate in printed.items():
        assert rows[term].estimate == pytest.approx(estimate, abs=5.1e-5), term
    assert rows["exercise[Slow Breathing]"].std_error == pytest.approx(1.0081, abs=5e-5)
    assert rows["exercise[Slow Breathing]:left"].std_error == pytest.approx(0.0296, abs=5e-5)


@pytest.mark.parametrize("method", ["satterthwaite", "kenward_roger"])
def test_a_random_intercept_of_people_agrees_with_lmer(shared: Path, method: str):
    # lmer ended where its optimiser did: eight digits of the likelihood, seven of what follows.
    folder = shared / "reference"
    expected = json.loads((folder / "values" / "kr_crosscheck.json").read_text())["fev"]

    result = tk.mixed_model(
        pd.read_csv(folder / "data" / "fev_data.csv"),
        outcome="FEV1",
        arm="ARMCD",
        reference="PBO",
        visit="AVISIT",
        random="1 | USUBJID",
        covariates="RACE + SEX",
        df_method=method,
        information="observed" if method == "satterthwaite" else "expected",
    )

    log_likelihood = figures(result)["log_likelihood"]
    assert log_likelihood == pytest.approx(expected["logLik_lmer"], abs=1e-8)
    printed = expected[f"lmer_{method}"]
    for position, visit in enumerate(printed["visit"]):
        (row,) = result.select(quantity="ls_mean_difference", visit=visit, term=None)
        assert row.estimate == pytest.approx(printed["est"][position], abs=1e-7 * row.std_error)
        assert row.std_error == pytest.approx(printed["se"][position], rel=1e-7)
        assert row.df == pytest.approx(printed["df"][position], rel=1e-6)
        assert row.p_value == pytest.approx(printed["p"][position], rel=1e-6)


@pytest.mark.parametrize(("information", "df"), [("observed", 362.45), ("expected", 358.54)])
def test_sas_takes_the_observed_and_pbkrtest_the_expected_information(
    shared: Path, information: str, df: float
):
    # The last visit of the antidepressant trial: mmrm's compound symmetry, and pbkrtest's.
    result = tk.mixed_model(
        pd.read_csv(shared / "reference" / "data" / "antidepressant_data.csv"),
        outcome="CHANGE",
        arm="THERAPY",
        reference="PLACEBO",
        visit="VISIT",
        subject="PATIENT",
        random="1 | PATIENT",
        covariates="BASVAL + BASVAL:VISIT",
        df_method="kenward_roger",
        information=information,
    )

    (row,) = result.select(quantity="ls_mean_difference", visit="7", term=None)
    assert row.df == pytest.approx(df, abs=5.1e-3)


@pytest.mark.parametrize("df_method", ["satterthwaite", "kenward_roger", "residual"])
def test_a_random_intercept_is_compound_symmetry(nested: pd.DataFrame, df_method: str):
    frame = nested.groupby(["id", "arm", "base", "visit"], as_index=False)["y"].mean()
    shared = {
        "outcome": "y",
        "arm": "arm",
        "reference": "control",
        "visit": "visit",
        "covariates": "base",
        "df_method": df_method,
    }

    one = tk.mixed_model(frame, random="1 | id", subject="id", **shared)
    other = tk.mmrm(frame, subject="id", covariance="compound_symmetry", **shared)

    for row in other.estimates:
        (same,) = one.select(
            quantity=row.quantity,
            visit=row.visit,
            arm=row.arm,
            reference_arm=row.reference_arm,
            term=row.term,
        )
        assert same.n_subjects == row.n_subjects
        for name in ("estimate", "std_error", "df", "statistic", "p_value", "conf_low"):
            value = getattr(row, name)
            if value is not None:
                assert getattr(same, name) == pytest.approx(value, rel=1e-8, abs=1e-10), name
    for name in ("log_likelihood", "aic", "aicc", "bic"):
        assert figures(one)[name] == pytest.approx(figures(other)[name], abs=1e-9)


def test_a_variance_of_zero_is_named_and_the_rest_is_the_smaller_model(pooled: pd.DataFrame):
    smaller = fit_pooled(pooled)

    result = fit_pooled(pooled, random="1 + arm || trial")

    assert result.notes == (
        "the variance of arm[1] | trial is estimated as 0; the model without it is reported",
    )
    assert figures(result)["singular"] is True
    assert figures(result)["variance[arm[1] | trial]"] == 0
    for name in ("estimate", "std_error", "df"):
        assert getattr(difference(result), name) == pytest.approx(
            getattr(difference(smaller), name), rel=1e-9
        )


def test_people_without_any_difference_between_trials(pooled: pd.DataFrame):
    residual = pooled.assign(
        post=pooled["post"] - pooled.groupby("trial")["post"].transform("mean")
    )
    plain = tk.ancova(residual, outcome="post", arm="arm", reference="0", covariates="pre").select(
        quantity="ls_mean_difference"
    )[0]

    result = fit_pooled(residual)

    assert result.notes == (
        "the variance of trial is estimated as 0; the model without it is reported",
    )
    for name in ("estimate", "std_error", "df", "p_value"):
        assert getattr(difference(result), name) == pytest.approx(getattr(plain, name), rel=1e-9)


def test_a_correlation_of_minus_one_is_named(pooled: pd.DataFrame):
    result = fit_pooled(pooled, random="1 + arm | trial", reml=False)

    assert len(result.notes) == 1
    assert "vary in 1 of 2 directions only" in result.notes[0]
    assert figures(result)["correlation[Intercept, arm[1] | trial]"] == pytest.approx(-1)
    assert figures(result)["n_parameters"] == 3


def test_profile_limits_of_a_restricted_fit_are_those_of_the_plain_one(pooled: pd.DataFrame):
    restricted = fit_pooled(pooled, random="1 + arm | trial", interval="profile")
    plain = fit_pooled(pooled, random="1 + arm | trial", interval="profile", reml=False)

    one, other = difference(restricted), difference(plain)

    assert (one.conf_low, one.conf_high, one.p_value) == pytest.approx(
        (other.conf_low, other.conf_high, other.p_value), rel=1e-8
    )
    assert one.df == 1
    assert "likelihood-ratio test" in one.method
    (mean,) = restricted.select(quantity="ls_mean", arm="0")
    assert mean.p_value is None


def test_swapping_the_arms_flips_the_sign(pooled: pd.DataFrame):
    one = difference(fit_pooled(pooled, df_method="kenward_roger"))
    other = difference(fit_pooled(pooled, df_method="kenward_roger", reference="1"))

    assert other.estimate == pytest.approx(-one.estimate, rel=1e-11)
    assert (other.std_error, other.df) == pytest.approx((one.std_error, one.df), rel=1e-9)


def test_the_order_of_rows_does_not_matter(nested: pd.DataFrame):
    options = {
        "outcome": "y",
        "arm": "arm",
        "reference": "control",
        "visit": "visit",
        "random": "(1 | id) + (1 | id:visit)",
    }
    one = tk.mixed_model(nested, **options)
    other = tk.mixed_model(nested.sample(frac=1, random_state=3), **options)

    for before, after in zip(one.estimates, other.estimates, strict=True):
        assert before.term == after.term
        for name in ("estimate", "std_error", "df"):
            value = getattr(before, name)
            assert value is None or getattr(after, name) == pytest.approx(value, rel=1e-9)


def test_slashes_mean_nested_factors(nested: pd.DataFrame):
    options = {"outcome": "y", "arm": "arm", "reference": "control", "covariates": "base"}
    written = tk.mixed_model(nested, random="(1 | site) + (1 | site:id)", **options)

    short = tk.mixed_model(nested, random="1 | site/id", **options)

    assert figures(short) == figures(written)


def test_changes_are_from_the_visit_that_is_named(nested: pd.DataFrame):
    result = tk.mixed_model(
        nested,
        outcome="y",
        arm="arm",
        reference="control",
        visit="visit",
        baseline="V2",
        random="1 | id",
    )
    means = {(row.arm, row.visit): row.estimate for row in result.select(quantity="ls_mean")}

    for row in result.select(quantity="change"):
        expected = means[row.arm, row.visit] - means[row.arm, "V2"]
        assert row.estimate == pytest.approx(expected, abs=1e-10)
    assert {row.visit for row in result.select(quantity="change")} == {"V1", "V3"}
    (crossed,) = result.select(quantity="ls_mean_difference", term="change", visit="V3")
    gap = {arm: means[arm, "V3"] - means[arm, "V2"] for arm in ("active", "control")}
    assert crossed.estimate == pytest.approx(gap["active"] - gap["control"], abs=1e-10)


def test_people_are_counted_where_their_column_is_named(nested: pd.DataFrame):
    options = {"outcome": "y", "arm": "arm", "reference": "control", "random": "1 | id"}

    named = tk.mixed_model(nested, subject="id", **options)
    unnamed = tk.mixed_model(nested, **options)

    assert difference(named).n_subjects == 36
    assert difference(unnamed).n_subjects is None
    assert figures(unnamed)["n_groups id"] == 36


@pytest.mark.parametrize("margins", ["equal", "proportional", "counterfactual"])
def test_margins_average_the_categories(nested: pd.DataFrame, margins: str):
    result = tk.mixed_model(
        nested,
        outcome="y",
        arm="arm",
        reference="control",
        random="1 | id",
        covariates="visit + base",
        margins=margins,
    )
    beta = {row.term: row.estimate for row in result.select(quantity="coefficient")}
    share = dict.fromkeys(["V1", "V2", "V3"], 1 / 3)
    if margins != "equal":
        share = nested["visit"].value_counts(normalize=True).to_dict()
    expected = beta["Intercept"] + beta["base"] * nested["base"].mean()
    expected += sum(share[visit] * beta[f"visit[{visit}]"] for visit in ("V2", "V3"))

    (row,) = result.select(quantity="ls_mean", arm="control")

    assert row.estimate == pytest.approx(expected, rel=1e-10)


def test_incomplete_records_are_counted(pooled: pd.DataFrame):
    frame = pooled.astype({"trial": object}).copy()
    frame.loc[frame.index[:3], "trial"] = None

    result = fit_pooled(frame)

    assert result.notes[0].startswith(f"3 of {len(frame)} records left out as incomplete")


def test_a_result_never_names_people(nested: pd.DataFrame):
    with pytest.raises(tk.SpecificationError, match="never names people"):
        tk.mixed_model(
            nested,
            outcome="y",
            arm="arm",
            reference="control",
            random="1 | id",
            subject="id",
            predict="id",
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"random": "trial"}, "expected terms such as", id="no bar"),
        pytest.param({"random": "1 | trial + 1 | arm"}, "found '1 . trial", id="no brackets"),
        pytest.param({"random": "0 | trial"}, "the coefficients '0'", id="nothing varies"),
        pytest.param({"random": "log(pre) | trial"}, "the coefficients 'log", id="a call"),
        pytest.param({"random": "(1 | trial) + (1 | trial)"}, "a term twice", id="twice"),
        pytest.param({"random": "1 | nowhere"}, "'nowhere'", id="no column"),
        pytest.param({"random": "1 | arm"}, "other than the arms", id="the arms"),
        pytest.param({"random": "post | trial"}, "other than the outcome", id="the outcome"),
        pytest.param({"df_method": "between_within"}, "df_method: expected", id="df"),
        pytest.param({"information": "some"}, "information: expected", id="information"),
        pytest.param({"baseline": "V1"}, "baseline: expected a visit only", id="no visits"),
        pytest.param({"predict": "site"}, "predict: expected a factor", id="predict"),
        pytest.param({"reference": "2"}, "reference: expected", id="reference"),
        pytest.param({"reml": "no"}, "reml: expected True or False, found 'no'", id="reml"),
        pytest.param(
            {"reml": False, "df_method": "kenward_roger"}, "restricted likelihood", id="df of ML"
        ),
        pytest.param({"subject": "arm"}, "subject: expected a column of its own", id="subject"),
    ],
)
def test_what_cannot_be_asked_is_refused(pooled: pd.DataFrame, options: dict, message: str):
    with pytest.raises(tk.SpecificationError, match=message):
        fit_pooled(pooled, **options)


def test_crossed_factors_are_refused(nested: pd.DataFrame):
    with pytest.raises(tk.SpecificationError, match="visit crossed with id"):
        tk.mixed_model(
            nested, outcome="y", arm="arm", reference="control", random="(1 | id) + (1 | visit)"
        )


def test_one_record_per_person_is_refused(nested: pd.DataFrame):
    frame = nested.drop_duplicates("id")

    with pytest.raises(tk.NotEstimableError, match="36 groups of id"):
        tk.mixed_model(frame, outcome="y", arm="arm", reference="control", random="1 | id")


def test_an_arm_without_a_visit_is_refused(nested: pd.DataFrame):
    frame = nested[~(nested["arm"].eq("active") & nested["visit"].eq("V3"))]

    with pytest.raises(tk.NotEstimableError, match="no complete record in active at V3"):
        tk.mixed_model(
            frame, outcome="y", arm="arm", reference="control", visit="visit", random="1 | id"
        )


def test_a_slope_over_calendar_years_is_one_over_years_from_the_start():
    rng = np.random.default_rng(3)
    site, year = np.repeat(np.arange(8), 10), np.tile(np.arange(10), 8) % 7
    frame = pd.DataFrame(
        {
            "site": site,
            "arm": np.where(np.arange(80) % 2, "active", "control"),
            "from_start": year - 3.0,
            "year": 2018.0 + year,
            "y": 5 + rng.normal(size=8)[site] + rng.normal(size=8)[site] * year,
        }
    )
    frame["y"] += rng.normal(size=80)
    plain, calendar = (
        tk.mixed_model(
            frame,
            outcome="y",
            arm="arm",
            reference="control",
            random=f"1 + {name} | site",
            covariates=name,
            df_method="kenward_roger",
            predict="site",
        )
        for name in ("from_start", "year")
    )

    for one, other in zip(plain.estimates[:3], calendar.estimates[:3], strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-9)
        assert other.std_error == pytest.approx(one.std_error, rel=1e-9)
        assert other.df == pytest.approx(one.df, rel=1e-8)
    expected, found = ({item.name: item.value for item in r.fit} for r in (plain, calendar))
    assert found["log_likelihood"] == pytest.approx(expected["log_likelihood"], rel=1e-11)
    slope = "variance[year | site]"
    assert found[slope] == pytest.approx(expected["variance[from_start | site]"], rel=1e-7)
    # At the year 0: the variance of a line 2021 years before where it is well known.
    assert found["variance[site]"] == pytest.approx(
        expected["variance[site]"]
        - 2 * 2021 * expected["covariance[Intercept, from_start | site]"]
        + 2021**2 * expected["variance[from_start | site]"],
        rel=1e-7,
    )
    assert found["random_effect[year | site 3]"] == pytest.approx(
        expected["random_effect[from_start | site 3]"], rel=1e-6
    )


def test_effects_that_the_fixed_part_has_already_are_refused(pooled: pd.DataFrame):
    with pytest.raises(
        tk.NotEstimableError, match=r"effects of trial \(Intercept\) cannot be told"
    ):
        fit_pooled(pooled, covariates="trial")
    by_likelihood = fit_pooled(pooled, covariates="trial", reml=False)

    assert by_likelihood.notes == (
        "the variance of trial is estimated as 0; the model without it is reported",
    )


def test_a_term_that_depends_on_others_is_named(pooled: pd.DataFrame):
    with pytest.raises(tk.NotEstimableError, match="twice"):
        fit_pooled(pooled.assign(twice=2 * pooled["pre"]), covariates="pre + twice")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1 | trial", [("trial", True, False)], id="intercept"),
        pytest.param("arm || trial", [("trial", True, True)], id="independent"),
        pytest.param("0 + day | id", [("id", False, False)], id="slope alone"),
        pytest.param("1 | `my trial`", [("my trial", True, False)], id="quoted"),
        pytest.param("1 | site/id", [("site", True, False), ("site:id", True, False)], id="nested"),
        pytest.param(
            "(1 | id) + (0 + C(week) | id:visit)",
            [("id", True, False), ("id:visit", False, False)],
            id="several",
        ),
    ],
)
def test_random_effects_are_read_as_they_are_written(text: str, expected: list):
    read = [(spec.factor, spec.intercept, spec.independent) for spec in parse_random(text)]

    assert read == expected


def colons() -> pd.DataFrame:
    """Return people whose names with their sites' are the same text in two places."""
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "site": np.repeat(["a", "a:b"], 18),
            "id": np.repeat(["b:c", *"cdefgchijkl"], 3),
            "arm": np.tile(["x", "y", "y", "x", "x", "y"], 6),
            "y": rng.normal(size=36) + np.repeat(rng.normal(0, 3, 12), 3),
        }
    )


def test_groups_are_told_apart_by_their_columns_and_not_by_the_text_of_both():
    columns = {"outcome": "y", "arm": "arm", "reference": "x", "random": "1 | site:id"}
    frame = colons()
    plain = tk.mixed_model(frame.assign(id=frame["id"].replace("b:c", "z")), **columns)

    found = tk.mixed_model(frame, **columns)

    assert found.glance()["n_groups site:id"].item() == 12
    (row,) = found.select(quantity="ls_mean_difference")
    (other,) = plain.select(quantity="ls_mean_difference")
    figures = (other.estimate, other.std_error, other.df)
    assert (row.estimate, row.std_error, row.df) == pytest.approx(figures, rel=1e-10)
    with pytest.raises(tk.SpecificationError, match="predict: expected groups of site:id with"):
        tk.mixed_model(frame, **columns, predict="site:id")
