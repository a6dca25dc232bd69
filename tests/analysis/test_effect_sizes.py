"""Effect sizes, Bayes factors and equivalence as verbs: rows, labels, notes and refusals."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.errors import DataError, NotEstimableError, SpecificationError

BETWEEN = ("hedges_g_s", "cohen_d_s", "glass_delta", "rank_biserial")
WITHIN = ("hedges_g_z", "cohen_d_z", "cohen_d_av", "cohen_d_rm", "rank_biserial")


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(21)
    arm = np.repeat(["breathing", "mindfulness", "audiobook"], [14, 23, 18])
    before = rng.integers(3, 10, arm.size).astype(float)
    shift = pd.Series(arm).map({"breathing": -0.4, "mindfulness": -1.1, "audiobook": 0.2})
    after = np.round(0.6 * before + 2 + shift.to_numpy() + rng.normal(0, 1.2, arm.size), 1)
    return pd.DataFrame({"arm": arm, "before": before, "after": after})


ARMS = {"outcome": "after", "arm": "arm", "reference": "breathing"}
PAIRS = {"outcome": "after", "baseline": "before"}
MARGINS = {"margin_low": -0.5, "margin_high": 2.0}


@pytest.mark.parametrize("measure", BETWEEN)
def test_the_method_of_a_row_is_the_name_of_its_measure(trial: pd.DataFrame, measure: str):
    result = tk.effect_size(trial, **ARMS, measure=measure)

    rows = [(row.quantity, row.arm, row.reference_arm, row.method) for row in result.estimates]
    assert rows == [
        ("effect_size", "audiobook", "breathing", measure),
        ("effect_size", "mindfulness", "breathing", measure),
    ]
    assert [row.n_subjects for row in result.estimates] == [32, 37]
    assert all(row.p_value is None for row in result.estimates)
    assert all(row.std_error is None for row in result.estimates)


@pytest.mark.parametrize("measure", WITHIN)
def test_a_paired_effect_size_by_arm_is_that_of_the_arm_alone(trial: pd.DataFrame, measure: str):
    together = tk.paired_effect_size(trial, **PAIRS, arm="arm", measure=measure)

    for arm, people in trial.groupby("arm"):
        (alone,) = tk.paired_effect_size(people, **PAIRS, measure=measure).estimates
        (row,) = together.select(arm=str(arm))
        assert (row.estimate, row.conf_low, row.conf_high) == (
            alone.estimate,
            alone.conf_low,
            alone.conf_high,
        )
        assert (row.method, row.n_subjects) == (measure, len(people))


@pytest.mark.parametrize("measure", BETWEEN[:3])
def test_an_effect_size_of_unrounded_figures_is_that_of_the_people(
    trial: pd.DataFrame, measure: str
):
    table = trial.groupby("arm")["after"].agg(n="count", mean="mean", std_dev="std").reset_index()
    options = {"reference": "breathing", "measure": measure, "contrasts": "pairwise"}

    printed = tk.effect_size_from_summary(table, **options).tidy()
    people = tk.effect_size(trial, **{**ARMS, **options}).tidy()

    numbers = ["estimate", "conf_low", "conf_high", "n_subjects"]
    merged = people.merge(printed, on=["arm", "reference_arm"], suffixes=("", "_printed"))
    assert len(merged) == 3
    for name in numbers:
        np.testing.assert_allclose(merged[f"{name}_printed"], merged[name], rtol=1e-10)


def test_ranks_need_the_people():
    table = pd.DataFrame({"arm": ["a", "b"], "n": [9, 9], "mean": [1.0, 2], "std_dev": [1.0, 1]})

    with pytest.raises(SpecificationError, match="hedges_g_s, cohen_d_s, glass_delta, found"):
        tk.effect_size_from_summary(table, reference="a", measure="rank_biserial")


def test_unknown_measures_list_the_known_ones(trial: pd.DataFrame):
    with pytest.raises(SpecificationError, match="hedges_g_s, cohen_d_s, glass_delta, rank_bis"):
        tk.effect_size(trial, **ARMS, measure="cohen_d")
    with pytest.raises(SpecificationError, match="cohen_d_av, cohen_d_rm"):
        tk.paired_effect_size(trial, **PAIRS, measure="d_z")


def test_every_pair_won_by_one_arm_has_no_limits():
    frame = pd.DataFrame({"arm": list("aaabbb"), "after": [1.0, 2, 3, 5, 6, 7]})

    (row,) = tk.effect_size(
        frame, outcome="after", arm="arm", reference="a", measure="rank_biserial"
    ).estimates

    assert (row.estimate, row.conf_low, row.conf_high) == (1.0, None, None)


def test_a_bayes_factor_is_that_of_student_and_says_so(trial: pd.DataFrame):
    result = tk.bayes_factor(trial, **ARMS)

    (row,) = result.select(arm="mindfulness")
    (student,) = tk.mean_difference(trial, **ARMS, method="student").select(
        quantity="mean_difference", arm="mindfulness"
    )
    assert (row.statistic, row.df) == (student.statistic, student.df)
    assert (row.p_value, row.conf_low, row.std_error) == (None, None, None)
    assert row.method == "JZS Bayes factor of the Student t test, Cauchy prior of scale 0.7071"
    fit = result.glance().loc[0]
    assert fit["quadrature_error"] < 1e-10
    assert np.exp(fit["log_bf10 mindfulness - breathing"]) == pytest.approx(row.estimate)


def test_a_one_sided_bayes_factor_asks_about_its_direction(trial: pd.DataFrame):
    options = {**ARMS, "contrasts": ["mindfulness - audiobook"]}
    lower, higher, both = (
        tk.bayes_factor(trial, **options, alternative=word).estimates[0].estimate
        for word in ("less", "greater", "two_sided")
    )

    assert lower > both > higher
    assert (lower + higher) / 2 == pytest.approx(both, rel=1e-10)


def test_a_factor_beyond_a_double_has_its_logarithm():
    n = 1500
    y = np.tile([-1.0, 1.0], n)
    frame = pd.DataFrame({"arm": np.repeat(["a", "b"], n), "after": y + np.repeat([0, 9], n)})

    result = tk.bayes_factor(frame, outcome="after", arm="arm", reference="a")

    assert result.estimates[0].estimate is None
    assert result.notes == ("BF10 b - a is above 1.8e308; its logarithm is in the fit",)
    assert result.glance().loc[0, "log_bf10 b - a"] > 710


def test_a_paired_bayes_factor_uses_the_paired_t(trial: pd.DataFrame):
    result = tk.paired_bayes_factor(trial, **PAIRS, arm="arm")

    change = tk.paired_change(trial, **PAIRS, arm="arm").select(quantity="change")
    assert [row.statistic for row in result.estimates] == [row.statistic for row in change]


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan])
def test_a_prior_needs_a_scale(trial: pd.DataFrame, scale: float):
    with pytest.raises(SpecificationError, match="prior_scale: expected a number above 0"):
        tk.bayes_factor(trial, **ARMS, prior_scale=scale)


def test_equivalence_has_a_decision_and_two_tests(trial: pd.DataFrame):
    result = tk.equivalence(trial, **ARMS, **MARGINS, contrasts=["audiobook - breathing"])

    decision, lower, upper = result.estimates
    assert [row.term for row in result.estimates] == [None, "lower margin", "upper margin"]
    assert decision.p_value == max(lower.p_value, upper.p_value)
    assert decision.conf_level == 0.9
    (ninety,) = tk.mean_difference(trial, **ARMS, conf_level=0.9).select(
        quantity="mean_difference", arm="audiobook"
    )
    assert (decision.conf_low, decision.conf_high) == (ninety.conf_low, ninety.conf_high)
    assert lower.estimate == pytest.approx(decision.estimate + 0.5)
    assert upper.estimate == pytest.approx(decision.estimate - 2.0)


def test_equal_variances_are_asked_for(trial: pd.DataFrame):
    welch, student = (
        tk.equivalence(trial, **ARMS, **MARGINS, variances=word).estimates[0]
        for word in ("unequal", "equal")
    )

    assert welch.df < student.df == 30
    assert welch.method == "two one-sided Welch t tests, margins -0.5 to 2"
    with pytest.raises(SpecificationError, match="unequal, equal"):
        tk.equivalence(trial, **ARMS, **MARGINS, variances="auto")


def test_equivalence_of_unrounded_figures_is_that_of_the_people(trial: pd.DataFrame):
    table = trial.groupby("arm")["after"].agg(n="count", mean="mean", std_dev="std").reset_index()

    printed = tk.equivalence_from_summary(table, reference="breathing", **MARGINS)

    people = tk.equivalence(trial, **ARMS, **MARGINS)
    for one, other in zip(printed.estimates, people.estimates, strict=True):
        assert (one.arm, one.term) == (other.arm, other.term)
        assert one.p_value == pytest.approx(other.p_value, rel=1e-10)


def test_paired_equivalence_uses_the_paired_t(trial: pd.DataFrame):
    decision, lower, upper = tk.paired_equivalence(trial, **PAIRS, **MARGINS).estimates

    (change,) = tk.paired_change(trial, **PAIRS, conf_level=0.9).select(quantity="change")
    assert (decision.conf_low, decision.conf_high) == (change.conf_low, change.conf_high)
    assert decision.p_value == max(lower.p_value, upper.p_value)


BETWEEN_VERBS = {
    "effect_size": {},
    "bayes_factor": {},
    "equivalence": MARGINS,
    "assumption_checks": {},
}
PAIRED_VERBS = {
    "paired_effect_size": {},
    "paired_bayes_factor": {},
    "paired_equivalence": MARGINS,
    "percent_change": {},
}


@pytest.mark.parametrize("verb", BETWEEN_VERBS)
def test_bad_arms_are_refused(trial: pd.DataFrame, verb: str):
    def run(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
        return getattr(tk, verb)(frame, **{**ARMS, **BETWEEN_VERBS[verb], **options})

    with pytest.raises(SpecificationError, match="expected columns"):
        run(trial, outcome="later")
    with pytest.raises(SpecificationError, match="reference: expected one of the arms"):
        run(trial, reference="placebo")
    with pytest.raises(DataError, match="expected numbers"):
        run(trial.assign(after="much"))
    with pytest.raises(NotEstimableError, match="nothing to compare"):
        run(trial[trial["arm"].eq("breathing")])
    with pytest.raises(NotEstimableError):
        run(trial.assign(after=4.0))
    with pytest.raises(NotEstimableError):
        run(trial.groupby("arm").head(1))


@pytest.mark.parametrize("verb", PAIRED_VERBS)
def test_bad_pairs_are_refused(trial: pd.DataFrame, verb: str):
    def run(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
        return getattr(tk, verb)(frame, **{**PAIRS, **PAIRED_VERBS[verb], **options})

    with pytest.raises(SpecificationError, match="expected columns"):
        run(trial, baseline="earlier")
    with pytest.raises(DataError, match="expected finite numbers"):
        run(trial.assign(after=np.inf))
    with pytest.raises(NotEstimableError, match="nobody has both values"):
        run(trial.assign(after=np.nan))
    with pytest.raises(NotEstimableError):
        run(trial.assign(after=trial["before"] - 1))
    with pytest.raises(NotEstimableError):
        run(trial.head(1))


@pytest.mark.parametrize("verb", [*BETWEEN_VERBS, *PAIRED_VERBS])
def test_people_left_out_are_counted(trial: pd.DataFrame, verb: str):
    gone = trial.copy()
    gone.loc[[0, 3], "after"] = np.nan
    options = {**ARMS, **BETWEEN_VERBS[verb]} if verb in BETWEEN_VERBS else {**PAIRS, "arm": "arm"}
    options |= PAIRED_VERBS.get(verb, {})

    result = getattr(tk, verb)(gone, **options)

    assert result.notes[0].startswith("2 of 55 records left out as incomplete (2 in breathing)")
    without = getattr(tk, verb)(trial.drop(index=[0, 3]), **options)
    assert result.estimates == without.estimates
    assert result == tk.AnalysisResult.from_json(result.to_json())


@pytest.mark.parametrize("seed", range(6))
def test_a_straight_line_has_no_repeated_measures_d(seed: int):
    before = np.round(np.random.default_rng(seed).normal(5, 2, 12 + 5 * seed), 1)
    line = pd.DataFrame({"before": before, "after": 1.7 * before + 0.1})

    with pytest.raises(NotEstimableError, match="perfectly correlated"):
        tk.paired_effect_size(line, outcome="after", baseline="before", measure="cohen_d_rm")
