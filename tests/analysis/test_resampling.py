"""What the resampling verbs return: rows, words, figures, and refusals in the user's names."""

from math import inf

import numpy as np
import pandas as pd
import pytest

import trialkit as tk

RATINGS = pd.DataFrame(
    {
        "arm": ["sham"] * 6 + ["mindfulness"] * 5 + ["breathing"] * 6,
        "before": [6.0, 7, 5, 8, 6, 7, 6, 7, 5, 8, 7, 6, 6, 7, 8, 5, 7],
        "after": [6.0, 6, 5, 7, 7, 6, 3, 4.5, 2, 6, np.nan, 5, 5, 6.5, 7, 5, 6],
    }
)
BETWEEN = {"outcome": "after", "arm": "arm", "reference": "sham"}
WITHIN = {"outcome": "after", "baseline": "before", "arm": "arm"}


def off_grid(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(after=frame["after"] + np.sin(np.arange(len(frame))) * 1e-4)


def test_permutation_rows():
    result = tk.permutation_test(RATINGS, **BETWEEN, contrasts="pairwise")

    assert [(row.quantity, row.arm, row.reference_arm) for row in result.estimates] == [
        ("mean", "sham", None),
        ("mean", "breathing", None),
        ("mean", "mindfulness", None),
        ("mean_difference", "breathing", "sham"),
        ("mean_difference", "mindfulness", "sham"),
        ("mean_difference", "mindfulness", "breathing"),
    ]
    row = result.estimates[-2]
    assert row.n_subjects == 10
    assert row.method == "permutation test, exact permutation distribution (shift algorithm)"
    assert result.glance().loc[0, "distribution (mindfulness - sham)"] == "exact"
    assert result.notes == (
        "1 of 17 records left out as incomplete (1 in mindfulness): after missing in 1",
    )
    assert tk.AnalysisResult.from_json(result.to_json()) == result


def test_drawn_relabellings_are_named_and_repeatable():
    options = {**BETWEEN, "contrasts": ["mindfulness - sham"], "draws": 1999}
    many = off_grid(pd.concat([RATINGS] * 3, ignore_index=True))

    result = tk.permutation_test(many, **options, seed=20181114)

    row = result.estimates[-1]
    assert row.method == "permutation test, 1999 random relabellings, seed 20181114"
    glance = result.glance().loc[0]
    assert (glance["seed"], glance["draws"]) == (20181114, 1999)
    assert glance["p_value_std_error"] == pytest.approx(
        np.sqrt(row.p_value * (1 - row.p_value) / 1999)
    )
    again = tk.permutation_test(many, **options, seed=20181114)
    assert again == result
    assert "seed=20181114" in str(result.provenance)


def test_a_generator_leaves_the_number_it_gave_in_the_provenance():
    result = tk.bootstrap_change(RATINGS, **WITHIN, seed=np.random.default_rng(3), draws=2000)

    number = int(result.glance().loc[0, "seed"])
    assert f"seed={number}" in str(result.provenance)
    again = tk.bootstrap_change(RATINGS, **WITHIN, seed=number, draws=2000)
    assert again.estimates == result.estimates


def test_one_sided_tests_say_so_and_have_one_limit():
    result = tk.permutation_test(RATINGS, **BETWEEN, alternative="less")

    row = result.estimates[-1]
    assert row.method.endswith(", one-sided (less)")
    assert (row.conf_low, np.isfinite(row.conf_high)) == (-inf, True)
    assert len(result.notes) == 1


def test_sign_flip_rows():
    result = tk.sign_flip(RATINGS, **WITHIN)

    assert [(row.quantity, row.arm, row.method) for row in result.estimates[:3]] == [
        ("mean", "breathing", "mean before"),
        ("mean", "breathing", "mean after"),
        ("mean", "mindfulness", "mean before"),
    ]
    changes = result.select(quantity="change")
    assert [row.arm for row in changes] == ["breathing", "mindfulness", "sham"]
    assert changes[0].method == "sign-flip test, exact permutation distribution (shift algorithm)"
    # Four changes, all down: one pattern of signs of 16 is as low, one as high.
    assert changes[1].p_value == 2 / 16
    assert (changes[1].conf_low, changes[1].conf_high) == (-inf, inf)
    assert tk.AnalysisResult.from_json(result.to_json()) == result
    assert result.notes[1] == (
        "mindfulness: no shift can be rejected at the level 0.95 with so few people, so a limit "
        "is infinite"
    )


def test_bootstrap_rows():
    result = tk.bootstrap_difference(RATINGS, **BETWEEN, statistic="median", seed=1, draws=2000)

    assert [row.quantity for row in result.estimates] == ["median"] * 3 + ["median_difference"] * 2
    row = result.estimates[-1]
    assert (row.p_value, row.statistic, row.df) == (None, None, None)
    assert row.method == "difference of medians, BCa bootstrap interval of 2000 resamples, seed 1"
    assert row.conf_low < row.estimate < row.conf_high
    glance = result.glance().loc[0]
    for figure in ("bias", "bias_correction", "acceleration", "low_error", "high_error"):
        assert np.isfinite(glance[f"{figure} (mindfulness - sham)"])
    assert (glance["seed"], glance["draws"]) == (1, 2000)


def test_a_bootstrap_of_means_knows_its_ideal_standard_error():
    result = tk.bootstrap_change(RATINGS, outcome="after", baseline="before", seed=1)

    changes = (RATINGS["after"] - RATINGS["before"]).dropna()
    ideal = result.glance().loc[0, "ideal_std_error"]
    assert ideal == pytest.approx(changes.std(ddof=0) / np.sqrt(len(changes)))
    assert result.estimates[-1].std_error == pytest.approx(ideal, rel=0.03)


@pytest.mark.parametrize("verb", [tk.permutation_test, tk.bootstrap_difference])
def test_categorical_arms_keep_their_order(verb):
    order = ["sham", "mindfulness", "breathing"]
    frame = RATINGS.assign(arm=pd.Categorical(RATINGS["arm"], categories=order))

    result = verb(frame, **BETWEEN, seed=1)

    assert [row.arm for row in result.estimates] == [*order, *order[1:]]


CALLS = [
    (tk.permutation_test, BETWEEN),
    (tk.sign_flip, WITHIN),
    (tk.bootstrap_difference, {**BETWEEN, "seed": 1}),
    (tk.bootstrap_change, {**WITHIN, "seed": 1}),
]
every_verb = pytest.mark.parametrize(
    ("verb", "options"), CALLS, ids=lambda x: getattr(x, "__name__", "")
)


@every_verb
def test_what_does_not_exist_is_named(verb, options):
    with pytest.raises(tk.SpecificationError, match="found 'absent'"):
        verb(RATINGS, **{**options, "outcome": "absent"})
    with pytest.raises(tk.SpecificationError, match="conf_level"):
        verb(RATINGS, **options, conf_level=1.0)
    with pytest.raises(tk.DataError, match="after: expected numbers"):
        verb(RATINGS.assign(after="much"), **options)
    with pytest.raises(tk.DataError, match="infinite"):
        verb(RATINGS.assign(after=inf), **options)
    with pytest.raises(tk.SpecificationError, match="seed: expected a whole number"):
        verb(RATINGS, **{**options, "seed": -1})


@every_verb
def test_nothing_to_compare_is_not_estimable(verb, options):
    with pytest.raises(tk.NotEstimableError):
        verb(RATINGS.assign(after=np.nan), **options)
    with pytest.raises(tk.NotEstimableError):
        verb(RATINGS.assign(after=5.0, before=5.0), **options)


def test_unknown_words_list_the_known_ones():
    with pytest.raises(tk.SpecificationError, match="two_sided, less, greater, found 'both'"):
        tk.permutation_test(RATINGS, **BETWEEN, alternative="both")
    with pytest.raises(tk.SpecificationError, match="bca, percentile, basic, found 'normal'"):
        tk.bootstrap_difference(RATINGS, **BETWEEN, seed=1, interval="normal")
    with pytest.raises(tk.SpecificationError, match="mean, median, found 'mode'"):
        tk.bootstrap_change(RATINGS, **WITHIN, seed=1, statistic="mode")


def test_an_arm_of_one_cannot_be_resampled():
    few = RATINGS.iloc[[0, 1, 2, 6]]

    with pytest.raises(tk.NotEstimableError, match="a sample of 1 cannot be resampled"):
        tk.bootstrap_difference(few, **BETWEEN, seed=1)
    assert tk.permutation_test(few, **BETWEEN).estimates[-1].p_value == 0.25
