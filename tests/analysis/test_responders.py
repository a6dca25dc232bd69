"""The verbs for responders: their rows, their refusals, what they say of people left out."""

from math import exp, inf

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.terms import TESTED_QUANTITIES


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    """Three arms, two sites, 0-10 pain before and after with losses, and a yes or no."""
    rng = np.random.default_rng(20)
    n = 90
    before = rng.integers(2, 11, n)
    after = np.clip(before - rng.integers(-1, 7, n), 0, 10).astype(float)
    frame = pd.DataFrame(
        {
            "arm": np.repeat(["sham", "breathing", "mindfulness"], 30),
            "site": rng.choice(["north", "south"], n),
            "before": before,
            "after": after,
            "age": rng.normal(50, 10, n),
        }
    )
    frame["better"] = (after <= 0.7 * before).astype(float)
    frame["better_before"] = rng.integers(0, 2, n).astype(float)
    frame["level"] = np.digitize(after, [2, 4, 6])
    return frame


def with_losses(trial: pd.DataFrame) -> pd.DataFrame:
    lost = trial.copy()
    lost.loc[[0, 40, 41], ["after", "better", "level"]] = np.nan
    lost.loc[70, "site"] = None
    return lost


CALLS = {
    "responders": {"response": "better", "arm": "arm", "reference": "sham"},
    "stratified_responders": {
        "response": "better",
        "arm": "arm",
        "reference": "sham",
        "strata": "site",
    },
    "paired_responders": {"response": "better", "baseline": "better_before", "arm": "arm"},
    "cumulative_responders": {
        "outcome": "after",
        "baseline": "before",
        "arm": "arm",
        "reference": "sham",
    },
    "logistic": {
        "response": "better",
        "arm": "arm",
        "reference": "sham",
        "covariates": "before + site",
    },
    "proportional_odds": {
        "outcome": "level",
        "arm": "arm",
        "reference": "sham",
        "covariates": "before",
    },
}
every_verb = pytest.mark.parametrize("verb", CALLS)


def run(verb: str, frame: pd.DataFrame, **changes: object) -> tk.AnalysisResult:
    return getattr(tk, verb)(frame, **(CALLS[verb] | changes))


def numbers(result: tk.AnalysisResult) -> np.ndarray:
    return result.tidy().select_dtypes("number").to_numpy()


@every_verb
def test_one_test_a_contrast_and_nothing_that_is_not_a_number(trial, verb):
    result = run(verb, trial)

    tested = [
        row
        for row in result.estimates
        if row.quantity in TESTED_QUANTITIES and row.p_value is not None
    ]
    contrasts = {(row.arm, row.reference_arm) for row in tested}
    assert len(tested) == len(contrasts) == (3 if verb == "paired_responders" else 2)
    for row in result.estimates:
        assert row.p_value is None or 0 < row.p_value <= 1
        # Limits of a number needed to treat may lie either side of infinity.
        if None not in (row.conf_low, row.estimate) and row.quantity != "number_needed_to_treat":
            assert row.conf_low <= row.estimate <= row.conf_high
    assert tk.AnalysisResult.from_json(result.to_json()) == result


@every_verb
def test_the_order_of_rows_does_not_matter(trial, verb):
    shuffled = trial.sample(frac=1, random_state=3)

    np.testing.assert_allclose(
        numbers(run(verb, shuffled)), numbers(run(verb, trial)), rtol=1e-9, atol=1e-12
    )


@every_verb
def test_arms_may_be_categories_with_one_that_nobody_is_in(trial, verb):
    arms = ["sham", "breathing", "mindfulness", "cream"]
    typed = trial.assign(arm=pd.Categorical(trial["arm"], categories=arms))

    result = run(verb, typed)

    assert "cream" not in {row.arm for row in result.estimates}


@every_verb
def test_people_left_out_or_filled_in_are_counted(trial, verb):
    result = run(verb, with_losses(trial))

    assert result.notes
    assert any("1 in sham" in note and "2 in breathing" in note for note in result.notes)


@every_verb
def test_unknown_columns_levels_and_words_are_refused(trial, verb):
    column = next(name for name in ("response", "outcome") if name in CALLS[verb])
    with pytest.raises(tk.SpecificationError, match="nowhere"):
        run(verb, trial, **{column: "nowhere"})
    with pytest.raises(tk.SpecificationError, match="conf_level"):
        run(verb, trial, conf_level=1.0)
    if "reference" in CALLS[verb]:
        with pytest.raises(tk.SpecificationError, match="reference"):
            run(verb, trial, reference="nobody")
    word = {"cumulative_responders": "better", "paired_responders": "test"}.get(verb, "interval")
    with pytest.raises(tk.SpecificationError, match=f"{word}: expected one of"):
        run(verb, trial, **{word: "best"})


@every_verb
def test_text_where_numbers_are_needed_is_refused(trial, verb):
    column = next(name for name in ("response", "outcome") if name in CALLS[verb])
    with pytest.raises(tk.DataError):
        run(verb, trial, **{column: "site"})


@pytest.mark.parametrize("interval", ["newcombe", "miettinen_nurminen", "wald", "agresti_caffo"])
def test_needed_to_treat_follows_every_interval(trial, interval):
    result = run("responders", trial, interval=interval)

    for row in result.select(quantity="number_needed_to_treat"):
        (risk,) = result.select(quantity="risk_difference", arm=row.arm)
        assert row.conf_low == pytest.approx(1 / risk.conf_high)
        assert row.conf_high == pytest.approx(1 / risk.conf_low)


def test_fisher_has_a_p_value_and_no_statistic():
    table = pd.DataFrame({"arm": ["control", "treated"], "n": [11, 10], "events": [4, 0]})

    result = tk.responders_from_summary(table, reference="control", test="fisher")

    (row,) = result.select(quantity="risk_difference")
    assert row.p_value == pytest.approx(0.09022556390977443, rel=1e-12)
    assert row.statistic is row.df is None
    (odds,) = result.select(quantity="odds_ratio")
    assert (odds.estimate, odds.conf_low, odds.conf_high) == (0.0, 0.0, inf)
    score = tk.responders_from_summary(table, reference="control", interval="miettinen_nurminen")
    (odds,) = score.select(quantity="odds_ratio")
    assert odds.estimate == 0.0
    assert odds.conf_high < 1


def test_a_stratum_without_the_other_arm_is_counted(trial):
    lonely = trial.copy()
    lonely.loc[lonely["arm"].eq("sham") & lonely["site"].eq("south"), "site"] = "east"

    result = run("stratified_responders", lonely)

    assert any("without the other arm" in note and "east" in note for note in result.notes)
    with pytest.raises(tk.SpecificationError, match="strata: expected a column"):
        run("stratified_responders", lonely, strata=[])
    lonely["site"] = lonely["arm"]
    with pytest.raises(tk.NotEstimableError, match="no stratum"):
        run("stratified_responders", lonely)


def test_one_stratum_is_no_homogeneity_test_and_the_plain_difference(trial):
    result = run("stratified_responders", trial.assign(site="one"))

    plain = run("responders", trial, interval="miettinen_nurminen")
    assert result.select(quantity="assumption_test") == ()
    for row in result.select(quantity="risk_difference"):
        (other,) = plain.select(quantity="risk_difference", arm=row.arm)
        assert (row.conf_low, row.conf_high) == pytest.approx((other.conf_low, other.conf_high))


def test_strata_may_be_several_columns(trial):
    old = trial.assign(old=trial["age"].gt(50))

    result = run("stratified_responders", old, strata=["site", "old"])

    assert result.select(quantity="assumption_test")[0].df == 3


def test_paired_shares_and_their_difference(trial):
    everyone = run("paired_responders", trial, arm=None)

    before, after = everyone.select(quantity="proportion")
    (row,) = everyone.select(quantity="risk_difference")
    assert (before.term, after.term, row.term) == ("before", "after", "after - before")
    assert row.estimate == pytest.approx(after.estimate - before.estimate)
    assert row.arm is None
    with pytest.raises(tk.SpecificationError, match="two columns"):
        run("paired_responders", trial, baseline="better")


def test_the_curve_passes_through_the_responders(trial):
    curve = run("cumulative_responders", with_losses(trial), thresholds=[30])
    counted = run("responders", with_losses(trial))

    for row in counted.select(quantity="proportion"):
        band, pointwise = curve.select(quantity="proportion", arm=row.arm, term="at least 30 %")
        assert pointwise.estimate == band.estimate == row.estimate
        assert (pointwise.conf_low, pointwise.conf_high) == (row.conf_low, row.conf_high)
        assert band.conf_low < row.conf_low < row.conf_high < band.conf_high


def test_curves_fall(trial):
    result = run("cumulative_responders", trial, step=1)

    for arm in ("sham", "breathing", "mindfulness"):
        rows = [
            row
            for row in result.select(quantity="proportion", arm=arm)
            if row.method.startswith("simultaneous band")
        ]
        assert len(rows) == 101
        for name in ("estimate", "conf_low", "conf_high"):
            assert np.all(np.diff([getattr(row, name) for row in rows]) <= 0)


def test_a_baseline_of_zero_is_counted_and_never_infinite(trial):
    zero = trial.copy()
    zero.loc[0, ["before", "after"]] = 0
    zero.loc[1, "before"] = 0

    counted = run("cumulative_responders", zero)
    left_out = run("cumulative_responders", zero, missing_as="observed")

    assert any("2 people have a baseline of 0" in note for note in counted.notes)
    assert np.isfinite(counted.tidy()["estimate"].dropna()).all()
    (row, _) = left_out.select(quantity="proportion", arm="sham", term="at least 0 %")
    assert row.n_subjects == 28


def test_an_exact_thirty_percent_counts_whatever_the_rounding():
    frame = pd.DataFrame({"arm": ["a"] * 4, "before": [0.1, 7.0, 3.0, 10.0]})
    frame["after"] = frame["before"] * 0.7

    result = tk.cumulative_responders(
        frame, outcome="after", baseline="before", arm="arm", thresholds=[30]
    )

    assert result.select(quantity="proportion")[0].estimate == 1.0


def test_higher_may_be_better(trial):
    turned = trial.assign(after=2 * trial["before"] - trial["after"])

    result = run("cumulative_responders", turned, better="higher")

    np.testing.assert_allclose(numbers(result), numbers(run("cumulative_responders", trial)))


@pytest.mark.parametrize("options", [{"step": 0}, {"step": 101}, {"thresholds": []}])
def test_thresholds_that_are_no_grid_are_refused(trial, options):
    with pytest.raises(tk.SpecificationError, match="percent"):
        run("cumulative_responders", trial, **options)


def test_every_pair_is_the_same_model_turned(trial):
    pairs = run("logistic", trial, contrasts="pairwise")
    turned = run("logistic", trial, reference="breathing")

    (row,) = pairs.select(arm="mindfulness", reference_arm="breathing")
    (same,) = turned.select(arm="mindfulness", reference_arm="breathing")
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert getattr(row, name) == pytest.approx(getattr(same, name), rel=1e-9)
    listed = run("logistic", trial, contrasts=["sham - mindfulness", "sham - breathing"])
    (back,) = listed.select(quantity="odds_ratio", arm="sham", reference_arm="mindfulness")
    (there,) = pairs.select(quantity="odds_ratio", arm="mindfulness", reference_arm="sham")
    assert back.estimate == pytest.approx(1 / there.estimate, rel=1e-10)
    assert back.conf_low == pytest.approx(1 / there.conf_high, rel=1e-9)


@pytest.mark.parametrize("verb", ["logistic", "proportional_odds"])
def test_the_test_belongs_to_the_interval(trial, verb):
    wald, profile = run(verb, trial, interval="wald"), run(verb, trial)

    for row in wald.select(quantity="odds_ratio"):
        (other,) = profile.select(quantity="odds_ratio", arm=row.arm)
        (same,) = wald.select(quantity="coefficient", term=f"arm: {row.arm}")
        assert row.estimate == other.estimate == pytest.approx(exp(same.estimate))
        assert (row.p_value, row.df) == (pytest.approx(same.p_value), None)
        assert other.df == 1
        assert other.p_value == pytest.approx(row.p_value, rel=0.3)


@pytest.mark.parametrize("verb", ["logistic", "proportional_odds"])
def test_an_arm_among_the_covariates_is_refused(trial, verb):
    with pytest.raises(tk.SpecificationError, match="no single odds ratio"):
        run(verb, trial, covariates="before * arm")


def test_separation_names_the_arm(trial):
    perfect = trial.assign(better=trial["arm"].eq("mindfulness").astype(float))

    with pytest.raises(tk.NotEstimableError, match="arm: mindfulness"):
        run("logistic", perfect)


def test_ordered_categories_keep_their_order_and_empty_ones_are_said(trial):
    words = ["much worse", "worse", "same", "better", "much better"]
    coded = pd.Categorical.from_codes(trial["level"] + 1, categories=words, ordered=True)
    typed = trial.assign(level=coded)

    result, plain = run("proportional_odds", typed), run("proportional_odds", trial)

    np.testing.assert_allclose(
        [row.estimate for row in result.select(quantity="odds_ratio")],
        [row.estimate for row in plain.select(quantity="odds_ratio")],
    )
    assert "worse|same" in {row.term for row in result.estimates}
    assert any("nobody is in much worse" in note for note in result.notes)
    unordered = trial.assign(level=coded.as_unordered())
    with pytest.raises(tk.DataError, match="without an order"):
        run("proportional_odds", unordered)


def test_infinite_scores_have_no_category(trial):
    with pytest.raises(tk.DataError, match="finite"):
        run("proportional_odds", trial.assign(level=np.where(trial.index == 3, np.inf, 1.0)))
