"""The verbs on several arms and on the model behind an ANCOVA: options, refusals, edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk

ARMS = ("waiting", "audio", "breathing", "mindfulness")


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(19)
    arm = np.repeat(ARMS, [12, 25, 18, 9])
    before = np.round(rng.normal(5.5, 1.4, arm.size), 1)
    site = rng.choice(["north", "south"], arm.size, p=[0.7, 0.3])
    shift = pd.Series(arm).map(dict(zip(ARMS, (0, -0.3, -0.8, -1.5), strict=True)))
    after = 2 + 0.6 * before + shift.to_numpy() + rng.normal(0, 1.2, arm.size)
    return pd.DataFrame({"arm": arm, "before": before, "site": site, "after": after})


MODEL = {"outcome": "after", "arm": "arm", "reference": "waiting"}
PLAIN = {"outcome": "after", "arm": "arm"}


def differences(result: tk.AnalysisResult) -> list[tk.Estimate]:
    return [row for row in result.estimates if row.reference_arm is not None]


@pytest.mark.parametrize(
    ("verb", "options", "message"),
    [
        (tk.ancova, {**MODEL, "model": "lasso"}, "model: expected one of ancova, anhecova"),
        (tk.ancova, {**MODEL, "vcov": "HC9"}, "vcov: expected one of model, HC0"),
        (tk.ancova, {**MODEL, "weights": "even"}, "weights: expected one of equal, proportional"),
        (tk.ancova, {**MODEL, "adjust": "duncan"}, "adjust: expected one of none, tukey_kramer"),
        (
            tk.ancova,
            {**MODEL, "adjust": "dunnett", "contrasts": "pairwise"},
            "Dunnett's procedure compares with one reference arm",
        ),
        (
            tk.ancova,
            {**MODEL, "vcov": "superpopulation"},
            'expected weights = "counterfactual" beside vcov = "superpopulation"',
        ),
        (tk.model_terms, {**MODEL, "sums_of_squares": "IV"}, "sums_of_squares: expected one of"),
        (tk.model_terms, {**MODEL, "vcov": "superpopulation"}, "for adjusted means alone"),
        (tk.model_coefficients, {**MODEL, "cluster": "ward"}, "'ward'"),
        (
            tk.model_coefficients,
            {**MODEL, "cluster": "site", "cluster_vcov": "CR9"},
            "cluster_vcov: expected one of CR0, CR1, CR2",
        ),
        (tk.one_way, {**PLAIN, "variances": "some"}, "variances: expected one of unequal, equal"),
        (
            tk.multiple_comparisons,
            {**MODEL, "procedure": "duncan"},
            "procedure: expected one of tukey_kramer, dunnett, games_howell",
        ),
        (tk.multiple_comparisons, {**MODEL, "contrasts": []}, "expected at least one difference"),
        (tk.one_way, {**PLAIN, "conf_level": 1.0}, "conf_level"),
        (tk.multiple_comparisons, {**MODEL, "reference": "cream"}, "cream"),
        (
            tk.baseline_balance,
            {"baseline": "pulse", "arm": "arm", "reference": "waiting"},
            "'pulse'",
        ),
    ],
)
def test_a_wrong_word_lists_the_right_ones(trial, verb, options: dict, message: str):
    with pytest.raises(tk.SpecificationError, match=message):
        verb(trial, **options)


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        (tk.one_way, PLAIN),
        (tk.multiple_comparisons, MODEL),
        (tk.model_terms, MODEL),
        (tk.model_coefficients, MODEL),
        (tk.model_diagnostics, MODEL),
    ],
)
def test_text_is_no_outcome_and_one_arm_no_comparison(trial, verb, options: dict):
    with pytest.raises(tk.DataError, match="expected numbers"):
        verb(trial.assign(after="low"), **options)
    with pytest.raises(tk.NotEstimableError, match="only arm 'waiting'"):
        verb(trial[trial["arm"].eq("waiting")], **options)


def test_what_stands_by_default_is_said_in_full(trial):
    quiet = tk.ancova(trial, **MODEL, covariates="before")
    spoken = tk.ancova(
        trial, **MODEL, covariates="before", weights="equal", model="ancova", adjust="none"
    )

    assert quiet == spoken
    assert ("weights", "'equal'") in quiet.provenance.options
    assert "adjust" not in dict(quiet.provenance.options)


def test_adjusting_leaves_each_contrasts_own_test(trial):
    alone = tk.ancova(trial, **MODEL, covariates="before", contrasts="pairwise")
    family = tk.ancova(
        trial, **MODEL, covariates="before", contrasts="pairwise", adjust="tukey_kramer"
    )

    for one, other in zip(differences(alone), differences(family), strict=True):
        assert (one.estimate, one.std_error, one.p_value) == (
            other.estimate,
            other.std_error,
            other.p_value,
        )
        assert one.p_adjusted is None
        assert other.p_adjusted > one.p_value
        assert other.conf_low < one.conf_low < one.conf_high < other.conf_high
        assert other.method == "ANCOVA, adjusted for before, Tukey-Kramer limits"
    assert family.select(quantity="ls_mean") == alone.select(quantity="ls_mean")


def test_two_arms_have_nothing_to_adjust(trial):
    two = trial[trial["arm"].isin(ARMS[:2])]
    (alone,) = differences(tk.ancova(two, **MODEL, covariates="before"))

    for procedure in ("tukey_kramer", "dunnett", "scheffe", "bonferroni", "sidak"):
        (row,) = differences(tk.ancova(two, **MODEL, covariates="before", adjust=procedure))

        np.testing.assert_allclose(
            [row.p_adjusted, row.conf_low, row.conf_high],
            [alone.p_value, alone.conf_low, alone.conf_high],
            rtol=1e-10,
        )


def test_weights_by_people_average_over_people_in_an_additive_model(trial):
    options = {**MODEL, "covariates": "before + site"}

    by_people = tk.ancova(trial, **options, weights="proportional")
    averaged = tk.ancova(trial, **options, weights="counterfactual")

    for one, other in zip(by_people.estimates, averaged.estimates, strict=True):
        np.testing.assert_allclose(
            [one.estimate, one.std_error], [other.estimate, other.std_error], rtol=1e-11
        )
    equal = tk.ancova(trial, **options).select(quantity="ls_mean", arm="audio")[0]
    assert equal.estimate != pytest.approx(
        by_people.select(quantity="ls_mean", arm="audio")[0].estimate, rel=1e-6
    )


def test_anhecova_is_each_arms_own_regression(trial):
    result = tk.ancova(trial, **MODEL, covariates="before", model="anhecova")

    centre = trial["before"].mean()
    for arm, people in trial.groupby("arm"):
        slope, level = np.polyfit(people["before"], people["after"], 1)
        (row,) = result.select(quantity="ls_mean", arm=arm)
        assert row.estimate == pytest.approx(level + slope * centre, rel=1e-10)
    assert result.method.startswith("after by ANHECOVA")
    assert "HC2 standard errors that count the sampling of the covariates" in result.method


def test_counting_the_sampling_of_people_widens_the_interval(trial):
    options = {**MODEL, "covariates": "before", "model": "anhecova"}

    sampled = differences(tk.ancova(trial, **options))
    fixed = differences(tk.ancova(trial, **options, vcov="HC2"))

    for one, other in zip(sampled, fixed, strict=True):
        assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
        assert one.std_error > other.std_error


def test_without_covariates_anhecova_has_welchs_standard_errors(trial):
    by_model = differences(tk.ancova(trial, **MODEL, model="anhecova"))
    by_welch = differences(tk.mean_difference(trial, **MODEL))

    for one, other in zip(by_model, by_welch, strict=True):
        np.testing.assert_allclose(
            [one.estimate, one.std_error], [other.estimate, other.std_error], rtol=1e-11
        )


def test_terms_of_a_model_without_covariates_are_the_one_way_test(trial):
    (one,) = tk.one_way(trial, **PLAIN).select(quantity="joint_test")

    for kind in ("III", "II"):
        result = tk.model_terms(trial, **MODEL, sums_of_squares=kind)
        (arm,) = result.select(quantity="joint_test", term="arm")
        np.testing.assert_allclose(
            [arm.statistic, arm.df_num, arm.df, arm.p_value],
            [one.statistic, one.df_num, one.df, one.p_value],
            rtol=1e-11,
        )


def test_names_that_need_quoting_are_terms_too(trial):
    renamed = trial.rename(columns={"before": "pain before", "arm": "treatment arm"})
    options = {"outcome": "after", "arm": "treatment arm", "reference": "waiting"}

    result = tk.model_terms(
        renamed, **options, covariates="`pain before` + `treatment arm`:`pain before` + site"
    )
    plain = tk.model_terms(trial, **MODEL, covariates="before + arm:before + site")

    terms = [row.term for row in result.select(quantity="joint_test")]
    assert terms == [
        "Intercept",
        "treatment arm",
        "pain before",
        "site",
        "treatment arm:pain before",
    ]
    assert [row.statistic for row in result.estimates] == [row.statistic for row in plain.estimates]
    anhecova = tk.ancova(renamed, **options, covariates="`pain before`", model="anhecova")
    assert differences(anhecova)


def test_only_tests_that_ask_something_count_in_a_family(trial):
    result = tk.model_terms(trial, **MODEL, covariates="before")

    (intercept,) = result.select(quantity="joint_test", term="Intercept")
    assert intercept.statistic > 0
    assert intercept.p_value is None
    assert all(row.p_value is None for row in result.select(quantity="effect_size"))


def test_missing_people_are_counted_in_every_verb(trial):
    gaps = trial.copy()
    gaps.loc[[0, 20], "after"] = np.nan
    note = "2 of 64 records left out as incomplete (1 in audio; 1 in waiting): after missing in 2"

    for verb, options in (
        (tk.one_way, PLAIN),
        (tk.multiple_comparisons, MODEL),
        (tk.model_terms, MODEL),
        (tk.model_coefficients, MODEL),
        (tk.model_diagnostics, MODEL),
        (tk.ancova, {**MODEL, "model": "anhecova", "adjust": "dunnett"}),
    ):
        assert verb(gaps, **options).notes == (note,)


@pytest.mark.parametrize("procedure", ["tukey_kramer", "dunnett", "games_howell", "scheffe"])
def test_eight_arms_and_a_large_common_part(procedure: str):
    rng = np.random.default_rng(4)
    arm = np.repeat([f"arm {k}" for k in range(8)], [4, 30, 7, 12, 50, 9, 5, 21])
    frame = pd.DataFrame({"arm": arm, "y": np.round(rng.normal(5, 2, arm.size), 1)})
    options = {"outcome": "y", "arm": "arm", "reference": "arm 0", "procedure": procedure}

    plain = differences(tk.multiple_comparisons(frame, **options))
    moved = differences(tk.multiple_comparisons(frame.assign(y=frame["y"] + 1e6), **options))

    assert len(plain) == (7 if procedure == "dunnett" else 28)
    for one, other in zip(plain, moved, strict=True):
        assert other.p_adjusted == pytest.approx(one.p_adjusted, rel=1e-7)
        assert other.conf_low == pytest.approx(one.conf_low, abs=1e-8)


@pytest.mark.parametrize("procedure", ["tukey_kramer", "dunnett", "scheffe", "sidak"])
def test_two_degrees_of_freedom_are_enough(procedure: str):
    frame = pd.DataFrame({"arm": list("aabbc"), "y": [1.0, 2.0, 4.0, 4.5, 9.0]})

    rows = differences(
        tk.multiple_comparisons(frame, outcome="y", arm="arm", reference="a", procedure=procedure)
    )

    assert {row.df for row in rows} == {2}
    assert all(0 < row.p_value <= row.p_adjusted <= 1 for row in rows)


def test_a_declared_order_of_arms_is_kept(trial):
    ordered = trial.assign(arm=pd.Categorical(trial["arm"], categories=ARMS))

    result = tk.multiple_comparisons(ordered, **MODEL)

    assert [(row.arm, row.reference_arm) for row in differences(result)[:3]] == [
        ("audio", "waiting"),
        ("breathing", "waiting"),
        ("mindfulness", "waiting"),
    ]


def test_arms_apart_at_baseline_are_seen(trial):
    moved = trial.assign(before=trial["before"] + 2 * trial["arm"].eq("audio"))

    result = tk.baseline_balance(moved, baseline=["before"], arm="arm", reference="waiting")

    (row,) = result.select(quantity="effect_size", arm="audio")
    a, b = (moved.loc[moved["arm"].eq(arm), "before"] for arm in ("audio", "waiting"))
    expected = (a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    assert row.estimate == pytest.approx(expected, rel=1e-12)
    assert result.glance().loc[0, "largest_difference"] == pytest.approx(abs(expected))
    assert all(row.p_value is None for row in result.estimates)


def test_a_baseline_that_does_not_vary_has_no_standardised_difference(trial):
    flat = trial.assign(before=5.0)

    with pytest.raises(tk.NotEstimableError, match="before: the compared arms"):
        tk.baseline_balance(flat, baseline="before", arm="arm", reference="waiting")


def test_clusters_are_counted(trial):
    clustered = trial.assign(therapist=[f"t{row % 9}" for row in range(len(trial))])

    result = tk.model_coefficients(clustered, **MODEL, cluster="therapist")

    assert result.glance().loc[0, "clusters"] == 9
    assert all(0 < row.df < 9 for row in result.estimates)
    assert "CR2 standard errors" in result.method


@pytest.mark.parametrize("procedure", ["hochberg", "hommel", "sidak", "benjamini_yekutieli"])
def test_every_procedure_adjusts_a_family(trial, procedure: str):
    result = tk.mean_difference(trial, **MODEL, contrasts="pairwise")

    (adjusted,) = tk.adjust_p_values(result, procedure=procedure)

    rows = adjusted.select(quantity="mean_difference")
    assert all(row.p_value <= row.p_adjusted <= 1 for row in rows)


def test_a_term_that_others_determine_is_named(trial):
    doubled = trial.assign(twice=2 * trial["before"])

    with pytest.raises(tk.NotEstimableError, match=r"^twice: a linear combination"):
        tk.model_terms(doubled, **MODEL, covariates="before + twice")


@pytest.mark.parametrize("conf_level", [0.5, 0.999])
@pytest.mark.parametrize("vcov", ["model", "HC3"])
def test_dunnett_of_eight_arms_with_covariates(vcov: str, conf_level: float):
    rng = np.random.default_rng(6)
    arm = np.repeat([f"arm {k}" for k in range(8)], [9, 30, 7, 12, 50, 9, 8, 21])
    frame = pd.DataFrame({"arm": arm, "before": rng.normal(size=arm.size)})
    frame["after"] = frame["before"] + rng.normal(size=arm.size)

    result = tk.ancova(
        frame,
        outcome="after",
        arm="arm",
        reference="arm 0",
        covariates="before",
        vcov=vcov,
        adjust="dunnett",
        conf_level=conf_level,
    )

    for row in differences(result):
        assert row.p_value < row.p_adjusted <= min(7 * row.p_value, 1)
        assert (row.conf_low > 0 or row.conf_high < 0) == (row.p_adjusted < 1 - conf_level)


@pytest.mark.parametrize(("procedure", "equal"), [("tukey_kramer", True), ("games_howell", False)])
def test_all_pairs_agree_with_scipy(trial, procedure: str, equal: bool):
    groups = [trial.loc[trial["arm"].eq(arm), "after"].to_numpy() for arm in ARMS]
    theirs = stats.tukey_hsd(*groups, equal_var=equal)
    limits = theirs.confidence_interval(0.95)

    for row in differences(tk.multiple_comparisons(trial, **MODEL, procedure=procedure)):
        pair = ARMS.index(row.arm), ARMS.index(row.reference_arm)
        np.testing.assert_allclose(
            [row.estimate, row.p_adjusted, row.conf_low, row.conf_high],
            [theirs.statistic[pair], theirs.pvalue[pair], limits.low[pair], limits.high[pair]],
            rtol=1e-6,
            atol=1e-9,
        )


def test_dunnett_agrees_with_scipy_to_its_random_error(trial):
    groups = [trial.loc[trial["arm"].eq(arm), "after"].to_numpy() for arm in ARMS]
    theirs = stats.dunnett(*groups[1:], control=groups[0], rng=3)

    for row in differences(tk.multiple_comparisons(trial, **MODEL, procedure="dunnett")):
        position = ARMS.index(row.arm) - 1
        assert row.p_adjusted == pytest.approx(theirs.pvalue[position], abs=1e-4)


def test_one_way_agrees_with_scipy(trial):
    groups = [trial.loc[trial["arm"].eq(arm), "after"].to_numpy() for arm in ARMS]

    (row,) = tk.one_way(trial, **PLAIN).select(quantity="joint_test")
    theirs = stats.f_oneway(*groups)
    np.testing.assert_allclose(
        [row.statistic, row.p_value], [theirs.statistic, theirs.pvalue], rtol=1e-10
    )
