"""The options of the mixed model: what is refused, and what each of them does to the rows."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

import trialkit as tk
from repeated_trial import VISITS, differences, figure, fit, numbers, repeated_trial
from trialkit.analysis.mmrm_options import STRUCTURE_NAMES, structure_name
from trialkit.terms import CovarianceName, allowed

COMPLETE = repeated_trial()
HOLES = repeated_trial(16, missing=0.15, seed=11)
THREE = repeated_trial(14, arms=("a", "b", "c"), missing=0.1, effect=1.6, seed=3)

UNKNOWN = [
    ({"covariance": "us"}, "covariance: expected one of unstructured, compound_symmetry"),
    ({"covariance": ["ar1", "us"]}, "covariance: expected one of unstructured"),
    ({"covariance": []}, "covariance: expected at least one structure, found none"),
    ({"covariance": ["ar1", "ar1"]}, "covariance: expected every word once"),
    ({"covariance": None}, "covariance: expected a word or a list of words, found None"),
    ({"df_method": "kr"}, "df_method: expected one of kenward_roger, kenward_roger_linear"),
    ({"visit_effects": "linear"}, "visit_effects: expected one of by_arm, common, none"),
    ({"vcov": "HC3"}, "vcov: expected one of model, CR0, CR2, CR3, found 'HC3'"),
    ({"margins": "observed"}, "margins: expected one of equal, proportional"),
    ({"summaries": ["median"]}, "summaries: expected one of average, slope, found 'median'"),
    ({"adjust": "hommel"}, "adjust: expected one of none, tukey_kramer, dunnett"),
    ({"adjust_over": "time"}, "adjust_over: expected one of arms, visits, all, found 'time'"),
    ({"reml": "yes"}, "reml: expected True or False, found 'yes'"),
    ({"reml": 1}, "reml: expected True or False, found 1"),
    ({"conf_level": 95}, "conf_level: expected a number in (0, 1), found 95"),
    ({"reference": "z"}, "reference: expected one of the arms a, b, found 'z'"),
    ({"contrasts": ["b - z"]}, "contrasts: expected 'treatment - reference'"),
    ({"times": {"VIS1": "soon"}}, "times['VIS1']: expected a finite number, found 'soon'"),
    ({"times": 3}, "times: expected a time for each visit"),
]


@pytest.mark.parametrize(("options", "said"), UNKNOWN, ids=lambda value: str(value)[:40])
def test_an_unknown_word_is_refused_with_the_known_ones(options: dict[str, Any], said: str):
    with pytest.raises(tk.SpecificationError) as refusal:
        fit(COMPLETE, **options)

    assert str(refusal.value).startswith(said)


TOGETHER = [
    ({"reml": False}, "df_method", "beside reml=False, found 'kenward_roger'"),
    ({"reml": False, "df_method": "kenward_roger_linear"}, "df_method", "restricted likelihood"),
    ({"vcov": "CR2"}, "df_method", "beside vcov='CR2', found 'kenward_roger'"),
    ({"adjust": "tukey_kramer", "adjust_over": "visits"}, "adjust", "comparisons of arms"),
    ({"adjust": "scheffe", "adjust_over": "all"}, "adjust", "found 'scheffe'"),
]


@pytest.mark.parametrize(("options", "where", "said"), TOGETHER, ids=lambda value: str(value)[:40])
def test_options_that_exclude_each_other_are_refused(options: dict[str, Any], where, said: str):
    with pytest.raises(tk.SpecificationError) as refusal:
        fit(COMPLETE, **options)

    assert str(refusal.value).startswith(f"{where}: expected")
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"VIS1": 0}, "expected a time for VIS2, VIS10, found none"),
        ({"VIS1": 0, "VIS2": 1, "VIS10": 1}, "expected different times for visits"),
        ({"VIS1": float("nan"), "VIS2": 1, "VIS10": 2}, "expected a finite number"),
    ],
)
@pytest.mark.parametrize("asks", [{"covariance": "spatial_exponential"}, {"summaries": "slope"}])
def test_every_visit_has_a_time_of_its_own(times, said: str, asks: dict[str, Any]):
    with pytest.raises(tk.SpecificationError, match=said):
        fit(COMPLETE, times=times, **asks)


@pytest.mark.parametrize("labels", ["Baseline Screening End", "4-8 8-12 12-16"])
def test_names_without_one_number_need_times(labels: str):
    names = dict(zip(VISITS, labels.split(), strict=True))
    frame = COMPLETE.assign(visit=COMPLETE["visit"].map(names))

    with pytest.raises(tk.SpecificationError, match="the labels do not hold one number each"):
        fit(frame, covariance="spatial_exponential")


def test_every_structure_has_a_name_in_words():
    words = [structure_name(name) for name in allowed(CovarianceName)]

    assert len(set(words)) == len(words)
    assert {name.removeprefix("heterogeneous_") for name in allowed(CovarianceName)} == set(
        STRUCTURE_NAMES
    )


PARAMETERS = {
    "unstructured": 6,
    "compound_symmetry": 2,
    "heterogeneous_compound_symmetry": 4,
    "ar1": 2,
    "heterogeneous_ar1": 4,
    "toeplitz": 3,
    "heterogeneous_toeplitz": 5,
    "ante_dependence": 3,
    "heterogeneous_ante_dependence": 5,
    "spatial_exponential": 2,
    "spatial_gaussian": 2,
}


@pytest.mark.parametrize("name", allowed(CovarianceName))
def test_every_structure_is_fitted_with_its_parameters(name: str):
    result = fit(HOLES, covariance=name)
    (row,) = differences(result, visit="VIS10")

    assert figure(result, "covariance") == name
    assert figure(result, "n_parameters") == PARAMETERS[name]
    assert figure(result, "gradient_norm") < 1e-7
    assert structure_name(name) in row.method
    assert figure(result, "log_likelihood") <= figure(fit(HOLES), "log_likelihood") + 1e-9


# Degrees of freedom.
def test_kenward_roger_widens_the_errors_and_keeps_the_df_of_one_contrast():
    corrected, plain = fit(HOLES), fit(HOLES, df_method="satterthwaite")

    for one, other in zip(differences(corrected), differences(plain), strict=True):
        assert one.estimate == other.estimate
        assert one.df == pytest.approx(other.df, rel=1e-12)
        assert 1.0005 < one.std_error / other.std_error < 1.05


def test_the_linear_form_differs_where_the_structure_is_bent():
    def error(structure: str, method: str) -> float:
        rows = differences(fit(HOLES, covariance=structure, df_method=method), visit="VIS10")
        return float(rows[0].std_error)

    straight = ("unstructured", "compound_symmetry", "toeplitz")
    for name in straight:
        assert error(name, "kenward_roger") == error(name, "kenward_roger_linear")
    for name in ("ar1", "heterogeneous_compound_symmetry", "heterogeneous_ar1"):
        ratio = error(name, "kenward_roger") / error(name, "kenward_roger_linear")
        assert ratio != pytest.approx(1.0, abs=1e-6)
        assert ratio == pytest.approx(1.0, abs=0.05)


def test_residual_df_are_the_records_less_the_coefficients():
    result = fit(HOLES, covariates="base", df_method="residual")
    n = int(HOLES["y"].notna().sum())

    assert {row.df for row in result.estimates} == {n - 7}


def test_between_within_df_are_those_of_the_strata():
    result = fit(HOLES, covariates="base", df_method="between_within")
    records = HOLES[HOLES["y"].notna()]
    n, people = len(records), records["id"].nunique()
    by_term = {row.term: row.df for row in result.select(quantity="coefficient")}

    # Between: arm and base. Within: two visits, two interactions, and, as R's mmrm has it, the
    # intercept's own test, though the intercept itself is taken from the subjects.
    assert by_term["arm[b]"] == by_term["base"] == people - 3
    assert by_term["visit[VIS2]"] == by_term["arm[b]:visit[VIS10]"] == n - people - 4
    assert by_term["Intercept"] == n - people - 4
    assert {row.df for row in differences(result)} == {people - 3}
    (interaction,) = result.select(quantity="joint_test", term="arm:visit")
    assert interaction.df == n - people - 4


@pytest.mark.parametrize("vcov", ["CR0", "CR2", "CR3"])
def test_a_sandwich_keeps_estimates_and_changes_errors(vcov: str):
    robust = fit(HOLES, vcov=vcov, df_method="satterthwaite")
    model = fit(HOLES, df_method="satterthwaite")

    for one, other in zip(differences(robust), differences(model), strict=True):
        assert one.estimate == other.estimate
        assert one.std_error != pytest.approx(other.std_error, rel=1e-6)
        assert one.std_error == pytest.approx(other.std_error, rel=0.5)
        assert f"{vcov} standard errors" in one.method


# Levels and families.
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_the_level_moves_the_limits_as_t_does(level: float):
    for row in fit(HOLES, conf_level=level).estimates:
        if row.conf_low is None:
            assert row.quantity == "joint_test"
            continue
        half = stats.t.ppf((1 + level) / 2, row.df) * row.std_error
        assert row.conf_low == pytest.approx(row.estimate - half, rel=1e-9, abs=1e-9)
        assert row.conf_high == pytest.approx(row.estimate + half, rel=1e-9, abs=1e-9)
        assert row.conf_level == level


FAMILIES = [
    *((word, "arms") for word in ("tukey_kramer", "scheffe")),
    *((w, over) for w in ("dunnett", "bonferroni", "sidak") for over in ("arms", "visits", "all")),
]


@pytest.mark.parametrize(("adjust", "over"), FAMILIES)
def test_limits_leave_out_zero_exactly_where_the_adjusted_p_is_below(adjust: str, over: str):
    options = {"adjust": adjust, "adjust_over": over, "contrasts": "pairwise"}
    if adjust == "dunnett" and over != "visits":  # A closed set of pairs depends linearly.
        options["contrasts"] = "versus_reference"
    first = differences(fit(THREE, **options))
    target = min(first, key=lambda row: abs(row.p_adjusted - 0.1))

    for factor, outside in ((1 - 1e-4, True), (1 + 1e-4, False)):
        rows = differences(fit(THREE, **options, conf_level=1 - target.p_adjusted / factor))
        for row in rows:
            below = row.p_adjusted < 1 - row.conf_level
            assert (row.conf_low > 0 or row.conf_high < 0) == below
        (again,) = (
            row
            for row in rows
            if row.arm == target.arm
            and row.visit == target.visit
            and row.reference_arm == target.reference_arm
        )
        assert (again.conf_low > 0 or again.conf_high < 0) == outside


def test_an_adjustment_leaves_each_contrast_its_own_p_and_estimate():
    plain = differences(fit(THREE))
    for over in ("arms", "visits", "all"):
        for one, other in zip(
            differences(fit(THREE, adjust="dunnett", adjust_over=over)), plain, strict=True
        ):
            assert (one.estimate, one.p_value) == (other.estimate, other.p_value)
            assert one.p_adjusted > other.p_value
            assert other.p_adjusted is None
            assert one.conf_low < other.conf_low
            assert "Dunnett" in one.method


def test_dunnett_over_visits_is_the_largest_of_correlated_t_on_the_fewest_df():
    frame = repeated_trial(10, visits=["VIS1", "VIS2"], missing=0.25, seed=5)
    result = fit(frame, adjust="dunnett", adjust_over="visits", summaries=["average"])
    one, other = differences(result)
    (average,) = differences(result, term="average")
    # The variance of the average tells the covariance of the two.
    shared = 2 * average.std_error**2 - (one.std_error**2 + other.std_error**2) / 2
    r = shared / (one.std_error * other.std_error)
    df = min(one.df, other.df)
    assert max(one.df, other.df) > df + 0.5

    for row in (one, other):
        t = abs(row.statistic)
        inside = stats.multivariate_t.cdf(
            [t, t], shape=[[1, r], [r, 1]], df=df, lower_limit=[-t, -t], random_state=1
        )
        assert row.p_adjusted == pytest.approx(1 - inside, rel=1e-3)


@pytest.mark.parametrize(("over", "size"), [("arms", 2), ("visits", 3), ("all", 6)])
def test_bonferroni_multiplies_by_the_size_of_the_family(over: str, size: int):
    for row in differences(fit(THREE, adjust="bonferroni", adjust_over=over)):
        assert row.p_adjusted == pytest.approx(min(1.0, size * row.p_value), rel=1e-12)


def test_summaries_stand_outside_the_family():
    result = fit(THREE, adjust="bonferroni", adjust_over="all", summaries=["average"])
    alone = fit(THREE, summaries=["average"])

    assert differences(result, term="average") == differences(alone, term="average")


def test_contrasts_choose_the_differences_and_nothing_else():
    every = fit(THREE, contrasts="pairwise")
    listed = fit(THREE, contrasts=["a - c"])

    assert [(row.arm, row.reference_arm) for row in differences(every, visit="VIS1")] == [
        ("b", "a"),
        ("c", "a"),
        ("c", "b"),
    ]
    for visit in VISITS:
        (row,) = differences(listed, visit=visit)
        (flip,) = differences(every, visit=visit, arm="c", reference_arm="a")
        assert (row.arm, row.estimate) == ("a", pytest.approx(-flip.estimate, rel=1e-12))
    for quantity in ("ls_mean", "joint_test", "coefficient"):
        assert listed.select(quantity=quantity) == every.select(quantity=quantity)


def test_an_order_of_options_in_words_does_not_matter():
    one = fit(HOLES, summaries=("slope", "average"))
    other = fit(HOLES, summaries=["average", "slope"])

    assert set(one.estimates) == set(other.estimates)
    assert np.isfinite(numbers(one)).all()
