"""What the rank verbs print beside their figures: rows, notes, methods and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk
from trialkit.errors import DataError, NotEstimableError, SpecificationError

TRIAL = pd.DataFrame(
    {
        "arm": ["breathing"] * 6 + ["mindfulness"] * 5 + ["audiobook"] * 5,
        "before": [6.0, 7, 5, 8, 6, 7, 6, 7, 8, 5, 6, 7, 7, 6, 5, 8],
        "after": [5.0, 7, 5, 6, 7, 6, 3, 4, 6, 4, 6, 6, 8, 6, 4, 7],
    }
)


def ranked(frame: pd.DataFrame = TRIAL, **options: object) -> tk.AnalysisResult:
    return tk.rank_sum(
        frame, **{"outcome": "after", "arm": "arm", "reference": "breathing", **options}
    )


def test_each_contrast_has_one_test_and_ranks_its_two_arms_alone():
    result = ranked(contrasts="pairwise")

    tested = [row for row in result.estimates if row.p_value is not None]
    assert [(row.arm, row.reference_arm, row.quantity) for row in tested] == [
        ("audiobook", "breathing", "median_difference"),
        ("mindfulness", "breathing", "median_difference"),
        ("mindfulness", "audiobook", "median_difference"),
    ]
    alone = ranked(TRIAL[TRIAL["arm"].ne("audiobook")])
    assert alone.select(arm="mindfulness", reference_arm="breathing") == result.select(
        arm="mindfulness", reference_arm="breathing"
    )
    assert tested[0].n_subjects == 11


def test_the_median_of_each_arm_stands_beside():
    rows = ranked().select(quantity="median")

    assert [(row.arm, row.estimate, row.n_subjects) for row in rows] == [
        ("breathing", 6.0, 6),
        ("audiobook", 6.0, 5),
        ("mindfulness", 4.0, 5),
    ]


@pytest.mark.parametrize(
    ("distribution", "said"),
    [
        ("exact", "exact given the ties"),
        ("normal", "normal approximation corrected for ties"),
        ("normal_corrected", "normal approximation corrected for ties and continuity"),
    ],
)
def test_the_method_says_which_distribution(distribution: str, said: str):
    result = ranked(distribution=distribution, alternative="less")

    (row,) = result.select(quantity="median_difference", arm="mindfulness")
    assert row.method == f"Wilcoxon rank sum, {said}, alternative: less"
    assert row.conf_low == -np.inf


def test_people_left_out_are_counted_by_arm():
    frame = TRIAL.assign(after=TRIAL["after"].mask(TRIAL.index.isin([0, 1, 7])))

    (note,) = ranked(frame).notes

    assert note == (
        "3 of 16 records left out as incomplete (2 in breathing; 1 in mindfulness): "
        "after missing in 3"
    )


def test_arms_too_small_for_limits_say_so():
    frame = TRIAL.iloc[[0, 1, 2, 6, 7, 8]]

    result = ranked(frame)

    (row,) = result.select(quantity="median_difference")
    assert (row.conf_low, row.conf_high) == (-np.inf, np.inf)
    assert any("too few for limits at the 0.95 level" in note for note in result.notes)
    assert tk.AnalysisResult.from_json(result.to_json()) == result


def test_a_clean_sweep_says_why_it_has_no_interval():
    frame = TRIAL.assign(after=np.where(TRIAL["arm"].eq("mindfulness"), 1.0, TRIAL["after"] + 5))

    result = ranked(frame)

    (row,) = result.select(quantity="effect_size", arm="mindfulness")
    assert (row.estimate, row.conf_low, row.conf_high) == (-1.0, None, None)
    assert result.notes == (
        "mindfulness - breathing: all ranks point one way, so rank_biserial has no interval",
    )


def test_arms_may_be_categories_in_any_order():
    frame = TRIAL.astype({"arm": "category"}).sample(frac=1, random_state=1)

    assert ranked(frame).select(quantity="median_difference", arm="mindfulness") == (
        ranked().select(quantity="median_difference", arm="mindfulness")
    )


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"distribution": "asymptotic"}, "expected one of exact, normal, normal_corrected"),
        ({"alternative": "two.sided"}, "expected one of two_sided, less, greater"),
        ({"conf_level": 95}, "conf_level"),
        ({"reference": "sham"}, "reference"),
        ({"outcome": "pain"}, "expected columns of the frame"),
        ({"contrasts": ["sham - breathing"]}, "contrasts"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(options: dict, match: str):
    with pytest.raises(SpecificationError, match=match):
        ranked(**options)


def test_text_one_arm_and_equal_values_are_refused():
    with pytest.raises(DataError, match="expected numbers"):
        ranked(TRIAL.assign(after="much"))
    with pytest.raises(NotEstimableError, match="nothing to compare"):
        ranked(TRIAL[TRIAL["arm"].eq("breathing")])
    with pytest.raises(NotEstimableError, match="all values are equal"):
        ranked(TRIAL.assign(after=3.0))


def test_brunner_munzel_says_how_it_was_referred():
    options = {"outcome": "after", "arm": "arm", "reference": "breathing"}
    t = tk.brunner_munzel(TRIAL, **options)
    permuted = tk.brunner_munzel(TRIAL, **options, distribution="permutation")

    (row,) = permuted.select(quantity="probability_of_superiority", arm="mindfulness")
    assert row.method == "Brunner-Munzel, all 462 relabellings"
    assert row.df is None
    assert permuted.glance().loc[0, "relabellings (mindfulness - breathing)"] == 462
    (row,) = t.select(quantity="probability_of_superiority", arm="mindfulness")
    expected = stats.brunnermunzel(
        TRIAL.loc[TRIAL["arm"].eq("mindfulness"), "after"],
        TRIAL.loc[TRIAL["arm"].eq("breathing"), "after"],
    )
    assert row.p_value == pytest.approx(expected.pvalue, rel=1e-11)
    assert 0 <= row.conf_low < row.estimate < row.conf_high <= 1


def test_drawn_relabellings_are_in_the_fit_and_repeat():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"arm": ["a"] * 20 + ["b"] * 20, "y": rng.normal(size=40)})
    options = {"outcome": "y", "arm": "arm", "reference": "a", "distribution": "permutation"}

    for seed in (None, -1, 1.5):
        with pytest.raises(SpecificationError, match="seed"):
            tk.brunner_munzel(frame, **options, seed=seed)
    result = tk.brunner_munzel(frame, **options, draws=400, seed=7)

    (row,) = result.select(quantity="probability_of_superiority")
    assert row.method == "Brunner-Munzel, 400 random relabellings, seed 7"
    fit = result.glance().loc[0]
    assert (fit["draws"], fit["seed"]) == (400, 7)
    assert fit["p_value_std_error"] == pytest.approx(np.sqrt(row.p_value * (1 - row.p_value) / 400))
    assert tk.brunner_munzel(frame, **options, draws=400, seed=7) == result


def test_changes_are_tested_by_arm_with_a_count_of_those_unchanged():
    result = tk.signed_rank(TRIAL, outcome="after", baseline="before", arm="arm")

    assert [(row.arm, row.quantity) for row in result.estimates] == [
        (arm, quantity)
        for arm in ("audiobook", "breathing", "mindfulness")
        for quantity in ("median_difference", "effect_size")
    ]
    assert "2 of 6 people in breathing did not change" in result.notes
    assert "1 of 5 people in audiobook did not change" in result.notes


def test_zeros_change_the_test_and_not_the_estimate():
    options = {"outcome": "after", "baseline": "before"}
    wilcoxon, pratt = (
        tk.signed_rank(TRIAL, **options, zeros=zeros).estimates[0]
        for zeros in ("wilcoxon", "pratt")
    )

    assert wilcoxon.p_value != pratt.p_value
    assert (wilcoxon.estimate, wilcoxon.conf_low) == (pratt.estimate, pratt.conf_low)
    assert "zeros ranked (Pratt)" in pratt.method


def test_changes_split_by_rounding_are_noted():
    frame = pd.DataFrame(
        {"before": [4.1, 2.1, 5.0, 6.3, 7.0, 1.2], "after": [5.1, 1.1, 6.5, 6.0, 6.7, 1.5]}
    )
    options = {"outcome": "after", "baseline": "before"}

    rounded = tk.signed_rank(frame, **options, ties="rounded")
    bitwise = tk.signed_rank(frame, **options)

    assert any("they tie (ties='rounded')" in note for note in rounded.notes)
    assert any("they are ranked apart (ties='bitwise')" in note for note in bitwise.notes)


def test_nobody_changed_is_refused():
    frame = TRIAL.assign(after=TRIAL["before"])

    for verb in (tk.signed_rank, tk.sign_test):
        with pytest.raises(NotEstimableError, match="nobody changed"):
            verb(frame, outcome="after", baseline="before")
        with pytest.raises(NotEstimableError, match="nobody has both values"):
            verb(frame.assign(after=np.nan), outcome="after", baseline="before")


def test_the_sign_test_counts_those_who_changed():
    result = tk.sign_test(TRIAL, outcome="after", baseline="before")

    (row,) = result.estimates
    changes = TRIAL["after"] - TRIAL["before"]
    assert (row.statistic, row.n_subjects) == ((changes > 0).sum(), (changes != 0).sum())
    assert row.p_value == pytest.approx(
        stats.binomtest(int(row.statistic), row.n_subjects).pvalue, rel=1e-12
    )
    assert tk.adjust_p_values(result, procedure="holm")[0].estimates[0].p_adjusted == row.p_value


def test_kruskal_wallis_needs_two_arms():
    assert tk.kruskal_wallis(TRIAL, outcome="after", arm="arm").select(quantity="joint_test")
    with pytest.raises(NotEstimableError, match="at least two"):
        tk.kruskal_wallis(TRIAL[TRIAL["arm"].eq("breathing")], outcome="after", arm="arm")


@pytest.fixture
def visits() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        [(person, week) for person in range(8) for week in (0, 4, 12)], columns=["id", "week"]
    )
    return frame.assign(pain=rng.integers(0, 11, len(frame)).astype(float))


def test_people_who_miss_a_visit_are_counted_by_visit(visits: pd.DataFrame):
    gone = visits.assign(pain=visits["pain"].mask(visits["id"].eq(1) & visits["week"].eq(4))).query(
        "not (id == 5 and week >= 4)"
    )

    result = tk.friedman(gone, outcome="pain", subject="id", visit="week")

    assert result.notes == (
        "2 of 8 subjects left out as incomplete: 4 missing in 2, 12 missing in 1",
    )
    whole = visits[~visits["id"].isin([1, 5])]
    again = tk.friedman(whole, outcome="pain", subject="id", visit="week")
    assert again.estimates == result.estimates
    assert [row.visit for row in result.select(quantity="median")] == ["0", "4", "12"]


def test_two_rows_for_a_visit_are_refused(visits: pd.DataFrame):
    twice = pd.concat([visits, visits.iloc[[3]]])

    with pytest.raises(DataError, match="one record per id and week") as caught:
        tk.friedman(twice, outcome="pain", subject="id", visit="week")

    assert len(caught.value.records) == 2


def test_unknown_visit_tests_and_empty_frames_are_refused(visits: pd.DataFrame):
    options = {"outcome": "pain", "subject": "id", "visit": "week"}

    with pytest.raises(SpecificationError, match="expected one of friedman, quade"):
        tk.friedman(visits, **options, test="page")
    with pytest.raises(NotEstimableError, match="expected two visits or more, found none"):
        tk.friedman(visits.iloc[:0], **options)
    with pytest.raises(NotEstimableError, match="nobody has a value at 4"):
        tk.friedman(visits.assign(pain=visits["pain"].mask(visits["week"].eq(4))), **options)


def test_quade_tells_which_ranges_rounding_splits():
    tenths = pd.DataFrame(
        {
            "id": np.repeat(range(4), 3),
            "week": [0, 4, 8] * 4,
            "pain": [6.3, 7.1, 6.5, 0.9, 0.1, 0.5, 4.4, 5.2, 5.2, 4.0, 3.9, 1.0],
        }
    )
    call = {"outcome": "pain", "subject": "id", "visit": "week"}

    apart, tied = (
        tk.friedman(tenths, **call, test="quade", ties=ties) for ties in ("bitwise", "rounded")
    )

    assert "3 ranges of people differ from another by rounding error alone" in apart.notes[-1]
    assert apart.notes[-1].endswith("they are ranked apart (ties='bitwise')")
    assert tied.notes[-1].endswith("they tie (ties='rounded')")
    assert tk.friedman(tenths, **call, test="quade").estimates == apart.estimates
    assert tk.friedman(tenths, **call).notes == ()
    with pytest.raises(tk.SpecificationError, match="ties: expected one of"):
        tk.friedman(tenths, **call, ties="none")
