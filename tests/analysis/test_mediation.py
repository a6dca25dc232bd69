"""The verb: which rows it gives, whom it leaves out, and what it refuses."""

import numpy as np
import pandas as pd
import pingouin
import pytest

import trialkit as tk
from trialkit.analysis import mediation as verb

OPTIONS = {
    "outcome": "pain",
    "arm": "arm",
    "reference": "book",
    "mediators": ["breaths", "worry"],
    "covariates": "before + C(trial)",
}
TERMS = ["breaths", "worry", "all mediators"]


@pytest.fixture
def trial() -> pd.DataFrame:
    """Return a three-arm trial in two places; nobody was studied."""
    rng = np.random.default_rng(11)
    n = 90
    arm = np.array(["book", "breathing", "mindfulness"])[np.arange(n) % 3]
    before = rng.normal(5, 1, n)
    breaths = np.where(arm == "book", 0, -2.0) + rng.normal(0, 1.5, n)
    worry = np.where(arm == "mindfulness", -4.0, 0) + rng.normal(0, 4, n)
    pain = 0.3 * breaths + 0.1 * worry + 0.5 * before + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "arm": arm,
            "trial": rng.integers(1, 3, n),
            "before": before,
            "breaths": breaths,
            "worry": worry,
            "pain": pain,
        }
    )


def run(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.mediation(frame, **{**OPTIONS, "interval": "delta", **options})


def test_rows_come_arm_by_arm_and_then_for_everyone(trial: pd.DataFrame):
    rows = run(trial).tidy()

    for arm in ("breathing", "mindfulness"):
        own = rows[rows["arm"].eq(arm) & rows["quantity"].ne("path")]
        assert own["quantity"].tolist() == [
            *("total_effect", "direct_effect"),
            *["indirect_effect"] * 3,
            *["proportion_mediated"] * 3,
        ]
        assert own["term"].tolist()[2:] == TERMS * 2
        assert set(own["reference_arm"]) == {"book"}
        assert set(own["n_subjects"]) == {60}
    paths = rows[rows["quantity"].eq("path")]
    assert paths["term"].tolist() == ["a: breaths", "a: worry"] * 2 + ["b: breaths", "b: worry"]
    everyone = rows[rows["arm"].isna()]
    assert everyone["term"].tolist() == [
        *("b: breaths", "b: worry"),
        *("rho: breaths", "R2: breaths", "rho: worry", "R2: worry"),
        *("same b in every arm: breaths", "same b in every arm: worry"),
    ]
    assert set(everyone["n_subjects"]) == {90}


def test_one_mediator_has_no_sum_beside_it(trial: pd.DataFrame):
    result = run(trial, mediators=["breaths"])

    assert {row.term for row in result.select(quantity="indirect_effect")} == {"breaths"}


def test_only_indirect_effects_carry_a_p_value_that_counts(trial: pd.DataFrame):
    rows = run(trial).tidy()

    tested = rows[rows["quantity"].isin(["indirect_effect"])]
    assert tested["p_value"].between(0, 1).all()
    assert (
        rows[rows["quantity"].isin(["sensitivity", "proportion_mediated"])]["p_value"].isna().all()
    )


def test_total_and_paths_are_those_of_ancova(trial: pd.DataFrame):
    result = run(trial)
    for outcome, name in (("pain", "total_effect"), ("breaths", "path")):
        term = {"term": "a: breaths"} if name == "path" else {}
        expected = tk.ancova(
            trial, outcome=outcome, arm="arm", reference="book", covariates=OPTIONS["covariates"]
        )
        for row in expected.select(quantity="ls_mean_difference"):
            (own,) = result.select(quantity=name, arm=row.arm, **term)
            assert own.estimate == pytest.approx(row.estimate, rel=1e-12)
            assert own.p_value == pytest.approx(row.p_value, rel=1e-10)


def test_all_models_rest_on_the_same_people_and_the_others_are_counted(trial: pd.DataFrame):
    holes = trial.copy()
    holes.loc[[0, 3], "worry"] = np.nan
    holes.loc[1, "before"] = np.nan
    holes.loc[2, "arm"] = None

    result, whole = run(holes), run(trial.drop(index=[0, 1, 2, 3]))

    assert result.estimates == whole.estimates
    assert result.notes[0] == (
        "4 of 90 records left out as incomplete (2 in book; 1 in breathing; 1 in no arm): "
        "worry missing in 2, before missing in 1, arm missing in 1"
    )


@pytest.mark.parametrize("interval", ["bca", "percentile", "monte_carlo"])
def test_the_seed_settles_drawn_intervals(trial: pd.DataFrame, interval: str):
    one, same, other = (run(trial, interval=interval, draws=300, seed=seed) for seed in (4, 4, 5))

    assert one == same
    assert one.estimates != other.estimates
    glance = one.glance().loc[0]
    assert (glance["draws"], glance["seed"]) == (300, 4)
    assert 0 < glance["limit_error"] < 0.2
    for row in one.select(quantity="indirect_effect"):
        assert row.conf_low < row.estimate < row.conf_high
        assert 2 / 301 <= row.p_value <= 1


def test_a_generator_may_stand_for_the_seed(trial: pd.DataFrame):
    one, same = (
        run(trial, interval="bca", draws=300, seed=np.random.default_rng(4)) for _ in range(2)
    )

    assert one.estimates == same.estimates
    seed = int(one.glance().loc[0, "seed"])
    assert run(trial, interval="bca", draws=300, seed=seed).estimates == one.estimates


def test_the_order_of_rows_moves_no_drawn_interval(trial: pd.DataFrame):
    shuffled = trial.sample(frac=1, random_state=2)

    for name in ("conf_low", "conf_high", "std_error"):
        np.testing.assert_allclose(
            run(trial, interval="bca", draws=500, seed=1).tidy()[name],
            run(shuffled, interval="bca", draws=500, seed=1).tidy()[name],
            rtol=1e-10,
        )


def test_redrawn_resamples_are_told(trial: pd.DataFrame):
    few = pd.concat([trial.iloc[:24], trial[trial["arm"].eq("book")].iloc[10:20]])
    few = pd.concat([few[few["arm"].ne("breathing")], few[few["arm"].eq("breathing")].head(3)])

    result = run(few, interval="percentile", draws=500, seed=1, covariates="1")

    assert result.glance().loc[0, "redrawn"] > 0
    assert "had lost an arm" in result.notes[-1]


def test_notes_say_what_is_assumed_and_where_no_share_is_given(trial: pd.DataFrame):
    away = trial.assign(pain=trial["pain"] + np.where(trial["arm"].eq("mindfulness"), 6.0, 0))

    result = run(away)

    assert any("measured, not randomised" in note for note in result.notes)
    assert any("breaths (mindfulness v book)" in note for note in result.notes)
    (row,) = result.select(quantity="proportion_mediated", arm="mindfulness", term="breaths")
    assert row.estimate is None


def test_one_effect_without_an_interval_leaves_the_others_theirs(
    trial: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    whole = run(trial, interval="bca", draws=300, seed=1)
    inference = verb.drawn_inference

    def without_one(*args: object, **options: object):
        found = inference(*args, **options)
        for array in (found.conf_low, found.conf_high, found.p_value):
            array[0, 1] = np.nan
        return found

    monkeypatch.setattr(verb, "drawn_inference", without_one)
    result = run(trial, interval="bca", draws=300, seed=1)

    (row,) = result.select(quantity="indirect_effect", arm="breathing", term="worry")
    assert (row.conf_low, row.conf_high, row.p_value) == (None, None, None)
    assert row.estimate is not None
    assert [mine == own for mine, own in zip(result.estimates, whole.estimates, strict=True)].count(
        False
    ) == 1
    assert "edge of its draws (ask for 'percentile'): worry (breathing v book)" in result.notes[-1]


def test_a_limit_at_the_last_draw_is_told():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "arm": np.repeat(["a", "b"], 12),
            "m": rng.normal(size=24).round(1),
            "y": rng.normal(size=24).round(1),
        }
    )

    result = tk.mediation(
        frame, outcome="y", arm="arm", reference="a", mediators="m", draws=999, seed=1
    )

    assert result.notes[-1] == (
        "a limit is the most extreme draw, so more draws would move it: m (b v a)"
    )


def test_a_path_that_differs_between_arms_is_noticed(trial: pd.DataFrame):
    tilted = trial.assign(
        pain=trial["pain"] + trial["breaths"] * np.where(trial["arm"].eq("breathing"), 1.5, 0)
    )

    def p_of(frame: pd.DataFrame) -> float:
        return run(frame).select(term="same b in every arm: breaths")[0].p_value

    assert p_of(tilted) < 1e-6
    assert p_of(trial) > 0.01


def test_too_few_people_for_the_products_leave_that_test_out(trial: pd.DataFrame):
    few = trial.iloc[:8]

    result = run(few, covariates="before")

    assert result.select(quantity="assumption_test") == ()
    assert len(result.select(quantity="indirect_effect")) == 6


def test_reading_the_result_back_gives_it_again(trial: pd.DataFrame):
    result = run(trial)

    assert tk.AnalysisResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"mediators": []}, "at least one column", id="no mediator"),
        pytest.param({"mediators": ["breaths", "breaths"]}, "'breaths' twice", id="twice"),
        pytest.param({"mediators": ["pain"]}, "'pain' twice", id="outcome"),
        pytest.param({"covariates": "before * arm"}, "'arm' twice", id="arm as covariate"),
        pytest.param({"mediators": ["sleep"]}, "'sleep'", id="no column"),
        pytest.param({"interval": "wald"}, "bca, percentile, monte_carlo, delta", id="interval"),
        pytest.param({"interval": "bca"}, "seed: expected a whole number", id="no seed"),
        pytest.param({"interval": "bca", "seed": 1.5}, "seed", id="half a seed"),
        pytest.param({"interval": "bca", "seed": 1, "draws": 20}, "at least 99", id="few draws"),
        pytest.param(
            {"interval": "percentile", "seed": 1, "draws": 500, "conf_level": 0.999},
            "at least 2000",
            id="draws for the level",
        ),
        pytest.param({"reference": "placebo"}, "book, breathing, mindfulness", id="reference"),
        pytest.param({"conf_level": 1}, "conf_level", id="level"),
    ],
)
def test_a_wrong_question_is_refused(trial: pd.DataFrame, options: dict, message: str):
    with pytest.raises(tk.SpecificationError, match=message):
        run(trial, **options)


def test_a_mediator_in_words_is_refused(trial: pd.DataFrame):
    with pytest.raises(tk.DataError, match="worry: expected numbers"):
        run(trial.assign(worry="some"))


def test_an_infinite_covariate_is_refused(trial: pd.DataFrame):
    with pytest.raises(tk.DataError, match="before: expected finite"):
        run(trial.assign(before=np.inf))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"worry": 1.0}, "worry: determined without error", id="constant"),
        pytest.param({"arm": "book"}, "only arm 'book'", id="one arm"),
        pytest.param({"pain": np.nan}, "no record is complete", id="nobody"),
    ],
)
def test_what_the_data_do_not_hold_is_refused(trial: pd.DataFrame, change, message: str):
    with pytest.raises(tk.NotEstimableError, match=message):
        run(trial.assign(**change))


def test_mediators_that_repeat_each_other_are_named(trial: pd.DataFrame):
    with pytest.raises(tk.NotEstimableError, match="worry: a linear combination"):
        run(trial.assign(worry=2 * trial["breaths"]))


def test_where_pingouin_prints_a_p_value_of_zero_this_is_the_least_that_draws_can_say():
    rng = np.random.default_rng(2)
    x = np.repeat([0.0, 1.0], 30)
    frame = pd.DataFrame({"x": x, "m": 3 * x + rng.normal(size=60)})
    frame["y"] = 2 * frame["m"] + rng.normal(size=60)
    theirs = pingouin.mediation_analysis(data=frame, x="x", m="m", y="y", n_boot=500, seed=1)
    by_name = theirs.set_index("path")

    ours = tk.mediation(
        frame.assign(x=x.astype(int).astype(str)),
        outcome="y",
        arm="x",
        reference="0",
        mediators=["m"],
        interval="percentile",
        draws=500,
        seed=1,
    )

    (row,) = ours.select(quantity="indirect_effect")
    assert by_name.loc["Indirect", "pval"] == 0
    assert row.p_value == 2 / 501
    assert row.estimate == pytest.approx(by_name.loc["Indirect", "coef"], rel=1e-10)
    # Its row "Y ~ m" leaves the exposure out, so it is not the path of the product.
    (b,) = ours.select(quantity="path", term="b: m")
    a, slope = by_name.loc["m ~ X", "coef"], by_name.loc["Y ~ m", "coef"]
    assert a * slope != pytest.approx(row.estimate, rel=1e-3)
    assert a * b.estimate == pytest.approx(row.estimate, rel=1e-10)
