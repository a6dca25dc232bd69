"""Where scipy and pingouin are right, the verbs agree with them."""

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy import stats

import trialkit as tk

# The one known exception to "warnings are errors": pingouin 0.7 on pandas 3.1.
known_deprecation = pytest.mark.filterwarnings(
    "ignore:The inplace keyword:pandas.errors.Pandas4Warning"
)


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    arm = np.repeat(["breathing", "mindfulness", "audiobook"], [14, 23, 18])
    before = rng.normal(5.5, 1.4, arm.size)
    shift = pd.Series(arm).map({"breathing": -0.4, "mindfulness": -1.1, "audiobook": 0.2})
    after = 0.6 * before + 2 + shift.to_numpy() + rng.normal(0, 1.2, arm.size)
    return pd.DataFrame({"arm": arm, "before": before, "after": after})


def values(trial: pd.DataFrame, arm: str) -> pd.Series:
    return trial.loc[trial["arm"].eq(arm), "after"]


@pytest.mark.parametrize("method", ["welch", "student"])
@pytest.mark.parametrize("conf_level", [0.8, 0.95, 0.999])
def test_mean_difference_agrees_with_scipy(trial: pd.DataFrame, method: str, conf_level: float):
    result = tk.mean_difference(
        trial,
        outcome="after",
        arm="arm",
        reference="breathing",
        method=method,
        conf_level=conf_level,
    )

    (row,) = result.select(quantity="mean_difference", arm="mindfulness")
    expected = stats.ttest_ind(
        values(trial, "mindfulness"), values(trial, "breathing"), equal_var=method == "student"
    )
    limits = expected.confidence_interval(conf_level)
    np.testing.assert_allclose(
        [row.statistic, row.df, row.p_value, row.conf_low, row.conf_high],
        [expected.statistic, expected.df, expected.pvalue, limits.low, limits.high],
        rtol=1e-11,
    )


def test_paired_change_agrees_with_scipy(trial: pd.DataFrame):
    (row,) = tk.paired_change(trial, outcome="after", baseline="before").select(quantity="change")

    expected = stats.ttest_rel(trial["after"], trial["before"])
    limits = expected.confidence_interval(0.95)
    np.testing.assert_allclose(
        [row.statistic, row.df, row.p_value, row.conf_low, row.conf_high],
        [expected.statistic, expected.df, expected.pvalue, limits.low, limits.high],
        rtol=1e-11,
    )


def test_paired_change_by_arm_is_the_change_in_each_arm(trial: pd.DataFrame):
    together = tk.paired_change(trial, outcome="after", baseline="before", arm="arm")

    for arm, people in trial.groupby("arm"):
        (alone,) = tk.paired_change(people, outcome="after", baseline="before").select(
            quantity="change"
        )
        (row,) = together.select(quantity="change", arm=arm)
        assert (row.estimate, row.p_value) == (alone.estimate, alone.p_value)


def test_welch_agrees_with_pingouin(trial: pd.DataFrame):
    result = tk.mean_difference(trial, outcome="after", arm="arm", reference="breathing")

    (row,) = result.select(quantity="mean_difference", arm="mindfulness")
    expected = pg.ttest(
        values(trial, "mindfulness"), values(trial, "breathing"), correction=True
    ).iloc[0]
    # pingouin rounds its intervals, so these are not compared.
    np.testing.assert_allclose(
        [row.statistic, row.df, row.p_value], [expected["T"], expected["dof"], expected["p_val"]]
    )


@known_deprecation
def test_ancova_agrees_with_pingouin_on_two_arms(trial: pd.DataFrame):
    two = trial[trial["arm"] != "audiobook"]
    result = tk.ancova(two, outcome="after", arm="arm", reference="breathing", covariates="before")

    (row,) = result.select(quantity="ls_mean_difference")
    table = pg.ancova(two, dv="after", between="arm", covar="before").set_index("Source")
    # With two arms the F of the arm is the squared t of the difference.
    np.testing.assert_allclose(row.statistic**2, table.loc["arm", "F"], rtol=1e-9)
    np.testing.assert_allclose(row.p_value, table.loc["arm", "p_unc"], rtol=1e-9)


@known_deprecation
def test_ancova_agrees_with_pingouins_regression(trial: pd.DataFrame):
    two = trial[trial["arm"] != "audiobook"]
    result = tk.ancova(two, outcome="after", arm="arm", reference="breathing", covariates="before")

    (row,) = result.select(quantity="ls_mean_difference")
    X = two.assign(arm=two["arm"].eq("mindfulness").astype(float))[["arm", "before"]]
    table = pg.linear_regression(X, two["after"]).set_index("names")
    np.testing.assert_allclose(
        [row.estimate, row.std_error, row.statistic, row.p_value],
        table.loc["arm", ["coef", "se", "T", "pval"]].astype(float),
        rtol=1e-10,
    )


def test_ancova_without_covariates_is_the_pooled_comparison(trial: pd.DataFrame):
    two = trial[trial["arm"] != "audiobook"]
    options = {"outcome": "after", "arm": "arm", "reference": "breathing"}

    (adjusted,) = tk.ancova(two, **options).select(quantity="ls_mean_difference")
    (pooled,) = tk.mean_difference(two, method="student", **options).select(
        quantity="mean_difference"
    )

    np.testing.assert_allclose(
        [adjusted.estimate, adjusted.std_error, adjusted.df, adjusted.p_value],
        [pooled.estimate, pooled.std_error, pooled.df, pooled.p_value],
        rtol=1e-11,
    )


@pytest.mark.parametrize("procedure", [("holm", "holm"), ("benjamini_hochberg", "fdr_bh")])
def test_adjusted_p_values_agree_with_pingouin(trial: pd.DataFrame, procedure: tuple[str, str]):
    ours, theirs = procedure
    result = tk.mean_difference(
        trial, outcome="after", arm="arm", reference="breathing", contrasts="pairwise"
    )
    (adjusted,) = tk.adjust_p_values(result, procedure=ours)

    rows = adjusted.select(quantity="mean_difference")
    _, expected = pg.multicomp([row.p_value for row in rows], method=theirs)
    np.testing.assert_allclose([row.p_adjusted for row in rows], expected, rtol=1e-12)


def test_describe_agrees_with_pandas(trial: pd.DataFrame):
    result = tk.describe(trial, outcome="after", arm="arm")

    for arm, scores in trial.groupby("arm")["after"]:
        by_quantity = {row.quantity: row.estimate for row in result.select(arm=arm)}
        assert by_quantity["mean"] == pytest.approx(scores.mean(), rel=1e-13)
        assert by_quantity["std_dev"] == pytest.approx(scores.std(), rel=1e-12)
        assert by_quantity["median"] == pytest.approx(scores.median(), rel=1e-13)
