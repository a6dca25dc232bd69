"""The mixed model for repeated measures against what other formulas say it must be."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk
from repeated_trial import COLUMNS, VISITS, differences, figure, fit, numbers, repeated_trial

COMPLETE = repeated_trial()
HOLES = repeated_trial(20, missing=0.2, seed=7)
SEEN = HOLES[HOLES["y"].notna()].groupby("arm")["id"].nunique()  # one of a has no record at all
THREE = repeated_trial(14, arms=("a", "b", "c"), missing=0.1, effect=0.8, seed=3)


# What complete data give exactly.
def test_complete_data_agree_with_the_ancova_of_each_visit():
    result = fit(COMPLETE, covariates="base + base:visit")

    for visit in VISITS:
        (row,) = differences(result, visit=visit)
        (ancova,) = tk.ancova(
            COMPLETE[COMPLETE["visit"].eq(visit)],
            outcome="y",
            arm="arm",
            reference="a",
            covariates="base",
        ).select(quantity="ls_mean_difference")
        for name in ("estimate", "std_error", "df", "statistic", "p_value", "conf_low"):
            assert getattr(row, name) == pytest.approx(getattr(ancova, name), rel=1e-9), name
        assert row.n_subjects == ancova.n_subjects == 24


@pytest.mark.parametrize("method", ["kenward_roger", "kenward_roger_linear", "satterthwaite"])
@pytest.mark.parametrize("arms", [("a", "b"), ("a", "b", "c")])
def test_complete_balanced_data_have_subjects_less_arms_df(method: str, arms: tuple[str, ...]):
    frame = repeated_trial(8, arms=arms)

    result = fit(frame, df_method=method)

    for row in result.select(quantity="ls_mean") + differences(result):
        assert row.df == pytest.approx(7 * len(arms), rel=1e-9)


@pytest.mark.parametrize(("v", "n"), [(3, 24), (2, 5), (3, 6), (5, 8), (4, 6), (3, 7), (4, 9)])
def test_complete_data_give_hotellings_f_whatever_its_df(v: int, n: int):
    visits = VISITS if v == len(VISITS) else [f"VIS{visit}" for visit in range(v)]
    frame = repeated_trial(12, visits=visits, seed=n).head(n * v)
    wide = frame.pivot_table("y", index="id", columns="visit")[list(visits)]
    arm = frame.groupby("id")["arm"].first().loc[wide.index]
    one, other = wide[arm.eq("b")], wide[arm.eq("a")]
    pooled = (one.cov() * (len(one) - 1) + other.cov() * (len(other) - 1)) / (n - 2)
    apart = (one.mean() - other.mean()).to_numpy()
    T2 = apart @ np.linalg.solve(pooled, apart) * len(one) * len(other) / n

    (row,) = fit(frame).select(quantity="joint_test", term="arm")

    F = T2 * (n - 2 - v + 1) / ((n - 2) * v)
    assert (row.df_num, row.df) == (v, pytest.approx(n - v - 1, rel=1e-9))
    assert row.statistic == pytest.approx(F, rel=1e-8)
    assert row.p_value == pytest.approx(stats.f.sf(F, v, n - v - 1), rel=1e-8)


def test_a_joint_test_without_degrees_of_freedom_is_none_and_noted():
    frame = repeated_trial(5, visits=["week 2", "week 4", "week 8", "week 12"], missing=0.1, seed=0)

    result = fit(frame)

    (row,) = result.select(quantity="joint_test", term="arm")
    assert (row.df, row.statistic, row.p_value) == (None, None, None)
    assert row.df_num == 4
    assert result.notes[-1].startswith("no joint test of arm: too few subjects")
    assert tk.AnalysisResult.from_json(result.to_json()) == result
    (satterthwaite,) = fit(frame, df_method="satterthwaite").select(
        quantity="joint_test", term="arm"
    )
    assert 0 < satterthwaite.p_value < 1


@pytest.mark.parametrize("method", ["kenward_roger", "satterthwaite"])
def test_compound_symmetry_of_complete_data_is_the_repeated_measures_anova(method: str):
    result = fit(COMPLETE, covariance="compound_symmetry", df_method=method, summaries=["average"])
    anova = tk.repeated_measures_anova(
        COMPLETE, outcome="y", subject="id", visit="visit", arm="arm"
    )
    expected = {row.term: row for row in anova.select(quantity="joint_test")}

    (interaction,) = result.select(quantity="joint_test", term="arm:visit")
    uncorrected = expected["arm:visit"]
    v, n = len(VISITS), 24
    assert interaction.statistic == pytest.approx(uncorrected.statistic, rel=1e-9)
    assert (interaction.df_num, interaction.df) == pytest.approx(((v - 1), (n - 2) * (v - 1)))
    (average,) = differences(result, term="average")
    assert average.statistic**2 == pytest.approx(expected["arm"].statistic, rel=1e-9)
    assert average.df == pytest.approx(expected["arm"].df, rel=1e-9)
    assert average.p_value == pytest.approx(expected["arm"].p_value, rel=1e-8)


# What a dense calculation at the covariance that was found gives.
def dense(frame: pd.DataFrame, result: tk.AnalysisResult, **roles: Any) -> dict[str, np.ndarray]:
    """Generalised least squares, subject by subject; REML log-likelihood."""
    records = frame[frame["y"].notna()]
    place = {visit: i for i, visit in enumerate(VISITS)}
    cells = [(arm, visit) for arm in ("a", "b") for visit in VISITS]
    base = records["base"] - records["base"].mean()
    X = np.column_stack(
        [*(records["arm"].eq(arm) & records["visit"].eq(visit) for arm, visit in cells), base]
    ).astype(float)
    H, g, log_det, squares = np.zeros((7, 7)), np.zeros(7), 0.0, 0.0
    parts = []
    for _, rows in records.groupby("id"):
        own = records.index.isin(rows.index)
        suffix = f" | {rows['arm'].iloc[0]}" if roles.get("per_arm") else ""
        V = np.array(
            [
                [
                    figure(
                        result,
                        "covariance[{}, {}{}]".format(
                            *sorted((one, other), key=place.__getitem__), suffix
                        ),
                    )
                    for other in rows["visit"]
                ]
                for one in rows["visit"]
            ]
        )
        if roles.get("weights"):
            root = 1 / np.sqrt(rows[roles["weights"]].to_numpy())
            V = V * np.outer(root, root)
        parts.append((X[own], rows["y"].to_numpy(), V))
    for Xi, yi, V in parts:
        H += Xi.T @ np.linalg.solve(V, Xi)
        g += Xi.T @ np.linalg.solve(V, yi)
    beta = np.linalg.solve(H, g)
    for Xi, yi, V in parts:
        log_det += np.linalg.slogdet(V)[1]
        squares += (yi - Xi @ beta) @ np.linalg.solve(V, yi - Xi @ beta)
    n = len(records) - 7
    # The determinant of the cell means' design is that of arm * visit: the change has det 1.
    twice = log_det + squares + np.linalg.slogdet(H)[1] + n * np.log(2 * np.pi)
    return {"mean": beta[:6], "vcov": np.linalg.inv(H)[:6, :6], "log_likelihood": -twice / 2}


@pytest.mark.parametrize("structure", ["unstructured", "heterogeneous_ar1", "toeplitz"])
@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("group", [None, "arm"])
def test_means_and_errors_are_those_of_a_dense_calculation(structure, weights, group):
    result = fit(
        HOLES,
        covariates="base",
        covariance=structure,
        weights=weights,
        group_covariance=group,
        df_method="satterthwaite",
    )
    expected = dense(HOLES, result, weights=weights, per_arm=group)

    for arm, first in (("a", 0), ("b", 3)):
        for position, visit in enumerate(VISITS):
            (row,) = result.select(quantity="ls_mean", arm=arm, visit=visit)
            k = first + position
            assert row.estimate == pytest.approx(expected["mean"][k], rel=1e-9)
            assert row.std_error == pytest.approx(np.sqrt(expected["vcov"][k, k]), rel=1e-9)
            assert row.n_subjects == int(
                (HOLES["y"].notna() & HOLES["arm"].eq(arm) & HOLES["visit"].eq(visit)).sum()
            )
    for position, visit in enumerate(VISITS):
        (row,) = differences(result, visit=visit)
        l = np.zeros(6)  # noqa: E741
        l[3 + position], l[position] = 1.0, -1.0
        assert row.estimate == pytest.approx(l @ expected["mean"], rel=1e-9)
        assert row.std_error == pytest.approx(np.sqrt(l @ expected["vcov"] @ l), rel=1e-9)
    assert figure(result, "log_likelihood") == pytest.approx(expected["log_likelihood"], abs=1e-8)


def test_summaries_are_linear_combinations_of_the_means():
    times = {"VIS1": 0.0, "VIS2": 3.0, "VIS10": 4.0}
    result = fit(
        HOLES,
        covariates="base",
        df_method="satterthwaite",
        summaries=["average", "slope"],
        times=times,
    )
    expected = dense(HOLES, result)
    t = np.array(list(times.values()))
    weights = {"average": np.full(3, 1 / 3), "slope": (t - t.mean()) / ((t - t.mean()) ** 2).sum()}

    for term, w in weights.items():
        rows = {"a": np.r_[w, 0, 0, 0], "b": np.r_[0, 0, 0, w], None: np.r_[-w, w]}
        for arm, l in rows.items():  # noqa: E741
            (row,) = (
                result.select(quantity="ls_mean", arm=arm, term=term)
                if arm
                else differences(result, term=term)
            )
            assert row.visit is None
            assert row.estimate == pytest.approx(l @ expected["mean"], rel=1e-9)
            assert row.std_error == pytest.approx(np.sqrt(l @ expected["vcov"] @ l), rel=1e-9)
            assert row.n_subjects == (39 if arm is None else SEEN[arm])


def test_times_of_a_slope_come_from_the_names_of_visits():
    (read,) = differences(fit(HOLES, summaries="slope"), term="slope")
    given = {"VIS1": 1, "VIS2": 2, "VIS10": 10}

    assert read == differences(fit(HOLES, summaries="slope", times=given), term="slope")[0]


def test_a_matrix_for_each_arm_leaves_nothing_shared():
    """Arm b's means do not know which arm stands beside it."""
    pairs = {
        (one, other): fit(
            THREE[THREE["arm"].isin([one, other])], reference=one, group_covariance="arm"
        )
        for one, other in (("a", "b"), ("b", "c"), ("a", "c"))
    }

    for visit in VISITS:
        (beside_a,) = pairs["a", "b"].select(quantity="ls_mean", arm="b", visit=visit)
        (beside_c,) = pairs["b", "c"].select(quantity="ls_mean", arm="b", visit=visit)
        for name in ("estimate", "std_error", "df", "conf_low", "conf_high"):
            assert getattr(beside_a, name) == pytest.approx(getattr(beside_c, name), rel=1e-8)
    together = fit(THREE, group_covariance="arm")
    likelihoods = sum(figure(result, "log_likelihood") for result in pairs.values())
    assert figure(together, "log_likelihood") == pytest.approx(likelihoods / 2, abs=1e-8)
    assert figure(together, "n_parameters") == 18


@pytest.mark.parametrize("factor", [2.0, 0.125, 3.7])
def test_equal_weights_change_no_inference(factor: float):
    plain, weighted = fit(HOLES), fit(HOLES.assign(weight=factor), weights="weight")

    np.testing.assert_allclose(numbers(weighted), numbers(plain), rtol=1e-9, atol=1e-9)
    ratio = figure(weighted, "covariance[VIS2, VIS2]") / figure(plain, "covariance[VIS2, VIS2]")
    assert ratio == pytest.approx(factor, rel=1e-9)
    assert figure(weighted, "log_likelihood") == pytest.approx(
        figure(plain, "log_likelihood"), abs=1e-8
    )


def test_margins_move_means_and_not_differences():
    equal = fit(HOLES, covariates="sex")
    proportional = fit(HOLES, covariates="sex", margins="proportional")
    share = HOLES.loc[HOLES["y"].notna(), "sex"].eq("M").mean()
    (sex,) = equal.select(quantity="coefficient", term="sex[M]")

    for one, other in zip(differences(equal), differences(proportional), strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
    for one, other in zip(
        equal.select(quantity="ls_mean"), proportional.select(quantity="ls_mean"), strict=True
    ):
        assert other.estimate - one.estimate == pytest.approx((share - 0.5) * sex.estimate)
    assert share > 0.6


def test_coefficients_are_of_the_numbers_as_given():
    result = fit(HOLES, covariates="base * visit")
    rows = {row.term: row.estimate for row in result.select(quantity="coefficient")}
    mean = HOLES.loc[HOLES["y"].notna(), "base"].mean()

    for visit in VISITS:
        at_mean = rows["Intercept"] + mean * rows["base"]
        if visit != "VIS1":
            at_mean += rows[f"visit[{visit}]"]
            at_mean += mean * (
                rows.get(f"base:visit[{visit}]") or rows.get(f"visit[{visit}]:base") or 0.0
            )
        (row,) = result.select(quantity="ls_mean", arm="a", visit=visit)
        assert row.estimate == pytest.approx(at_mean, rel=1e-9)
    (first,) = differences(result, visit="VIS1")
    assert rows["arm[b]"] == pytest.approx(first.estimate, rel=1e-9)


def test_a_number_whose_origin_matters_keeps_it():
    """Slopes by sex without sex itself: moving the origin would be another model."""
    by_hand = HOLES.assign(
        of_women=HOLES["base"].where(HOLES["sex"].eq("F"), 0.0),
        of_men=HOLES["base"].where(HOLES["sex"].eq("M"), 0.0),
    )
    result = fit(HOLES, covariates="base:sex")
    expected = fit(by_hand, covariates="of_women + of_men")
    rows = {row.term: row.estimate for row in expected.select(quantity="coefficient")}
    mean = HOLES.loc[HOLES["y"].notna(), "base"].mean()

    assert figure(result, "log_likelihood") == pytest.approx(
        figure(expected, "log_likelihood"), abs=1e-8
    )
    for one, other in zip(differences(result), differences(expected), strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-9)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-9)
    (first,) = result.select(quantity="ls_mean", arm="a", visit="VIS1")
    slope = (rows["of_women"] + rows["of_men"]) / 2
    assert first.estimate == pytest.approx(rows["Intercept"] + mean * slope, rel=1e-9)


# Which model is fitted.
def test_visit_effects_take_terms_away():
    terms = {
        effects: [
            row.term for row in fit(HOLES, visit_effects=effects).select(quantity="coefficient")
        ]
        for effects in ("by_arm", "common", "none")
    }
    common = ["Intercept", "arm[b]", "visit[VIS2]", "visit[VIS10]"]

    assert terms == {
        "by_arm": [*common, "arm[b]:visit[VIS2]", "arm[b]:visit[VIS10]"],
        "common": common,
        "none": common[:2],
    }


@pytest.mark.parametrize("effects", ["common", "none"])
def test_one_difference_at_all_visits_where_arms_have_the_same_profile(effects: str):
    result = fit(HOLES, visit_effects=effects)
    (coefficient,) = result.select(quantity="coefficient", term="arm[b]")

    for row in differences(result):
        assert row.estimate == pytest.approx(coefficient.estimate, rel=1e-10)
        assert row.p_value == pytest.approx(coefficient.p_value, rel=1e-8)
    (joint,) = result.select(quantity="joint_test")
    assert (joint.term, joint.df_num) == ("arm", 1)
    assert joint.p_value == pytest.approx(coefficient.p_value, rel=1e-8)


def test_maximum_likelihood_has_the_smaller_variances_of_complete_data():
    options = {"df_method": "satterthwaite", "covariates": "1"}
    ml, reml = fit(COMPLETE, reml=False, **options), fit(COMPLETE, **options)

    for entry in ("covariance[VIS1, VIS1]", "covariance[VIS2, VIS10]"):
        assert figure(ml, entry) == pytest.approx(figure(reml, entry) * 22 / 24, rel=1e-9)


def test_a_ladder_reports_the_rung_that_could_be_fitted():
    half = COMPLETE["id"].isin([f"S{i}" for i in range(12)])
    apart = COMPLETE[
        (COMPLETE["visit"].ne("VIS1") | half) & (COMPLETE["visit"].ne("VIS10") | ~half)
    ]

    result = fit(apart, covariance=["unstructured", "ar1", "compound_symmetry"])

    assert figure(result, "covariance") == "ar1"
    (note,) = result.notes
    assert note.startswith("covariance unstructured could not be fitted (no subject has both VIS1")
    assert note.endswith("ar1 was tried, as planned")
    np.testing.assert_array_equal(numbers(result), numbers(fit(apart, covariance="ar1")))


def test_a_ladder_stops_at_its_first_rung_where_that_fits():
    result = fit(COMPLETE, covariance=["unstructured", "ar1"])

    assert result.notes == ()
    assert figure(result, "covariance") == "unstructured"


# What is printed about the fit.
def test_the_glance_has_the_criteria_and_the_search():
    result = fit(HOLES, covariates="base")
    row = result.glance().iloc[0]
    n = int(HOLES["y"].notna().sum())
    l, k = row["log_likelihood"], 6  # noqa: E741

    assert len(result.glance()) == 1
    assert list(result.glance()) == [
        *("log_likelihood", "aic", "aicc", "bic", "n_subjects", "n_records", "n_parameters"),
        *("covariance", "df_method", "reml", "converged", "gradient_norm", "iterations"),
        "smallest_eigenvalue",
    ]
    assert (row["n_subjects"], row["n_records"], row["n_parameters"]) == (39, n, k)
    assert row["aic"] == pytest.approx(2 * k - 2 * l)
    assert row["aicc"] == pytest.approx(2 * k * (n - 7) / (n - 7 - k - 1) - 2 * l)
    assert row["bic"] == pytest.approx(k * np.log(39) - 2 * l)
    assert row["converged"]
    assert row["gradient_norm"] < 1e-8


def test_the_fit_has_the_matrices_of_the_visits():
    result = fit(HOLES, group_covariance="arm")
    for arm in ("a", "b"):
        variances = [figure(result, f"covariance[{v}, {v} | {arm}]") for v in VISITS]
        covariance = figure(result, f"covariance[VIS1, VIS10 | {arm}]")
        correlation = figure(result, f"correlation[VIS1, VIS10 | {arm}]")
        assert correlation == pytest.approx(covariance / np.sqrt(variances[0] * variances[2]))
    entries = [each.name for each in result.fit if "[" in each.name]
    assert len(entries) == 2 * (6 + 3)


def test_missing_records_are_counted_by_arm():
    frame = COMPLETE.copy()
    frame.loc[[0, 1, 5], "y"] = np.nan
    frame.loc[7, "base"] = np.nan

    result = fit(frame, covariates="base")

    (note,) = result.notes
    assert note.startswith("4 of 72 records left out as incomplete (3 in a; 1 in b): ")
    assert note.endswith("y missing in 3, base missing in 1")
    assert figure(result, "n_records") == 68


def test_a_result_survives_json():
    result = fit(THREE, adjust="dunnett", summaries=["average"], group_covariance="arm")

    assert tk.AnalysisResult.from_json(result.to_json()) == result


def test_the_same_input_gives_the_same_bytes():
    assert fit(HOLES).to_json() == fit(HOLES.copy()).to_json()


def test_the_method_and_the_call_say_what_was_done():
    result = fit(HOLES, covariance="heterogeneous_ar1", df_method="satterthwaite", reml=False)

    assert result.method == (
        "y by a mixed model for repeated measures (heterogeneous first-order autoregressive "
        "covariance, maximum likelihood, Satterthwaite degrees of freedom), unadjusted"
    )
    given = dict(result.provenance.options)
    assert given.keys() >= {*COLUMNS, "covariance", "df_method", "reml"}
    assert "adjust" not in given
