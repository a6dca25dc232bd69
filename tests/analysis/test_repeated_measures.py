"""Arms by visits: nobody is dropped in silence, and what cannot be told apart is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk

COLUMNS = {"outcome": "pain", "subject": "id", "visit": "visit", "arm": "arm"}


def records(visits=("VIS1", "VIS2", "VIS10"), sizes=(5, 7), seed=3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arms = np.repeat(["breathing", "mindfulness", "audiobook"][: len(sizes)], sizes)
    rows = [
        (f"p{person}", arm, visit, round(6 + rng.normal() - 0.4 * position, 2))
        for person, arm in enumerate(arms)
        for position, visit in enumerate(visits)
    ]
    return pd.DataFrame(rows, columns=["id", "arm", "visit", "pain"])


def run(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.repeated_measures_anova(frame, **{**COLUMNS, **options})


def numbers(result: tk.AnalysisResult) -> np.ndarray:
    table = result.tidy().select_dtypes("number").drop(columns="n_subjects")
    return table.fillna(-1.0).to_numpy()


def test_the_rows_come_in_one_order_and_visits_by_their_number():
    result = run(records())

    assert list(dict.fromkeys(row.quantity for row in result.estimates)) == [
        *("joint_test", "effect_size", "assumption_test", "ls_mean", "change"),
        "ls_mean_difference",
    ]
    assert [row.term for row in result.select(quantity="joint_test")] == [
        *("arm", "visit", "arm:visit"),
    ]
    means = result.select(quantity="ls_mean")
    assert list(dict.fromkeys(row.visit for row in means)) == ["VIS1", "VIS2", "VIS10"]
    assert [row.visit for row in result.select(quantity="ls_mean_difference", term="change")] == [
        *("VIS2", "VIS10"),
    ]


def test_a_categorical_says_the_order_of_visits_and_arms():
    frame = records(visits=("later", "before", "after"))
    order = ["before", "after", "later"]
    frame["visit"] = pd.Categorical(frame["visit"], categories=[*order, "never"], ordered=True)
    frame["arm"] = pd.Categorical(frame["arm"], categories=["mindfulness", "breathing"])

    result = run(frame)

    assert [row.visit for row in result.select(quantity="change", arm="breathing")] == order[1:]
    (pair,) = {(row.arm, row.reference_arm) for row in result.select(quantity="ls_mean_difference")}
    assert pair == ("breathing", "mindfulness")


def test_numbers_as_visits_count_as_numbers():
    frame = records()
    frame["visit"] = frame["visit"].map({"VIS1": 0, "VIS2": 4, "VIS10": 12})

    means = run(frame).select(quantity="ls_mean", arm="breathing")

    assert [row.visit for row in means] == ["0", "4", "12"]


def test_two_visits_make_the_interaction_the_t_test_of_the_changes():
    frame = records(visits=("before", "later"))
    wide = frame.pivot_table(index=["arm", "id"], columns="visit", values="pain")
    change = wide["later"] - wide["before"]

    result = run(frame)
    (crossed,) = result.select(quantity="joint_test", term="arm:visit")
    (difference,) = result.select(quantity="ls_mean_difference", term="change")
    student = stats.ttest_ind(change["mindfulness"], change["breathing"])

    assert crossed.statistic == pytest.approx(student.statistic**2, rel=1e-12)
    assert difference.statistic == pytest.approx(student.statistic, rel=1e-12)
    assert difference.p_value == pytest.approx(crossed.p_value, rel=1e-12)
    assert result.glance().loc[0, "greenhouse_geisser_epsilon"] == 1.0
    assert result.select(quantity="assumption_test") == ()
    assert "nothing to correct for" in result.notes[0]


def test_three_arms_and_two_visits_as_in_the_five_trial_paper():
    frame = records(visits=("before", "after"), sizes=(6, 9, 7))

    result = run(frame, reference="mindfulness")

    crossed = result.select(quantity="joint_test", term="arm:visit")[0]
    assert (crossed.df_num, crossed.df) == (2.0, 19.0)
    compared = result.select(quantity="ls_mean_difference", term="change")
    assert [(row.arm, row.reference_arm) for row in compared] == [
        *(("audiobook", "mindfulness"), ("breathing", "mindfulness")),
    ]
    assert all(row.p_value is None for row in result.select(quantity="change"))


def test_one_group_compares_its_visits_and_tests_its_changes():
    frame = records(sizes=(9,))

    result = run(frame, arm=None)

    assert [row.term for row in result.select(quantity="joint_test")] == ["visit"]
    assert result.select(quantity="ls_mean_difference") == ()
    first, last = (frame.loc[frame["visit"].eq(v), "pain"].to_numpy() for v in ("VIS1", "VIS10"))
    paired = stats.ttest_rel(last, first)
    row = result.select(quantity="change", visit="VIS10")[0]
    assert (row.arm, row.statistic, row.p_value) == (
        *(None, pytest.approx(paired.statistic), pytest.approx(paired.pvalue)),
    )


def test_a_missing_visit_leaves_the_subject_out_and_is_counted():
    frame = records()
    frame.loc[1, "pain"] = np.nan  # p0, VIS2
    gone = frame.drop(index=[20])  # p6, VIS10

    result = run(gone)

    (note,) = result.notes
    assert note == (
        "2 of 12 subjects left out as incomplete (1 in breathing; 1 in mindfulness): "
        "VIS2 missing in 1, VIS10 missing in 1"
    )
    complete = run(frame[~frame["id"].isin(["p0", "p6"])])
    np.testing.assert_array_equal(numbers(result), numbers(complete))


def test_a_subject_without_an_arm_is_left_out_and_counted():
    frame = records()
    frame.loc[0, "arm"] = None

    assert run(frame).notes[0].startswith("1 of 12 subjects left out as incomplete (1 in no arm)")


def test_corrections_share_the_statistic_and_differ_in_their_degrees_of_freedom():
    frame = records(visits=("a", "b", "c", "d"), sizes=(12, 14))
    rows = {
        name: run(frame, correction=name).select(quantity="joint_test", term="visit")[0]
        for name in ("none", "greenhouse_geisser", "huynh_feldt")
    }
    figures = run(frame).glance().loc[0]

    assert len({row.statistic for row in rows.values()}) == 1
    epsilon = figures["greenhouse_geisser_epsilon"]
    assert rows["greenhouse_geisser"].df == pytest.approx(rows["none"].df * epsilon, rel=1e-14)
    assert rows["huynh_feldt"].df_num == pytest.approx(
        3 * min(figures["huynh_feldt_epsilon"], 1.0), rel=1e-14
    )
    for name, row in rows.items():
        assert row.p_value == figures[f"p_value_{name}_visit"]


def test_the_confidence_level_moves_the_limits_alone():
    narrow, wide = (run(records(), conf_level=level) for level in (0.8, 0.99))

    for one, other in zip(narrow.estimates, wide.estimates, strict=True):
        if one.conf_low is not None:
            assert other.conf_low < one.conf_low < one.estimate < one.conf_high < other.conf_high
        assert one.p_value == other.p_value


def test_duplicates_are_refused_with_their_records():
    frame = pd.concat([records(), records().iloc[[4]]])

    with pytest.raises(tk.DataError, match=r"one record per id and visit.*p1 at VIS2") as caught:
        run(frame)

    assert len(caught.value.records) == 2


def test_ids_that_are_used_again_in_another_arm_are_refused():
    frame = records(sizes=(4, 4))
    frame["id"] = frame["id"].map(lambda name: int(name[1:]) % 4)

    with pytest.raises(
        tk.DataError, match="every subject in one arm, found 0, 1, 2 and 1 more"
    ) as e:
        run(frame)

    assert len(e.value.records) == len(frame)


@pytest.mark.parametrize("column", ["id", "visit"])
def test_records_without_a_key_are_refused(column):
    frame = records().astype({column: object})
    frame.loc[2, column] = None

    with pytest.raises(tk.DataError, match=f"{column}: expected a value in every record"):
        run(frame)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"outcome": "ache"}, tk.SpecificationError, "'ache'"),
        ({"outcome": "arm"}, tk.DataError, "expected numbers"),
        ({"reference": "cream"}, tk.SpecificationError, "reference: expected one of"),
        ({"arm": None, "reference": "cream"}, tk.SpecificationError, "no arm is named"),
        ({"correction": "box"}, tk.SpecificationError, "greenhouse_geisser"),
        ({"sums_of_squares": "I"}, tk.SpecificationError, "III, II"),
        ({"conf_level": 1.0}, tk.SpecificationError, "conf_level"),
    ],
)
def test_wrong_options_are_refused(change, error, told):
    with pytest.raises(error, match=told):
        run(records(), **change)


def test_what_the_records_do_not_determine_is_refused():
    frame = records()

    with pytest.raises(tk.NotEstimableError, match="two visits or more, found VIS1"):
        run(frame[frame["visit"].eq("VIS1")])
    with pytest.raises(tk.NotEstimableError, match="nobody has a value at VIS2"):
        run(frame.assign(pain=frame["pain"].mask(frame["visit"].eq("VIS2"))))
    hidden = frame["arm"].eq("breathing") & frame["visit"].eq("VIS10")
    with pytest.raises(tk.NotEstimableError, match="nobody in breathing has a value at every"):
        run(frame.assign(pain=frame["pain"].mask(hidden)))
    with pytest.raises(tk.NotEstimableError, match="do not vary"):
        run(frame.assign(pain=frame["id"].str[1:].astype(float)))


def test_few_people_and_many_visits_keep_what_exists():
    frame = records(visits=tuple(f"v{i}" for i in range(7)), sizes=(3, 3))

    result = run(frame)

    assert result.select(quantity="assumption_test") == ()
    assert any("do not exist here" in note for note in result.notes)
    assert all(0 < row.p_value < 1 for row in result.select(quantity="joint_test"))


def test_huynh_and_feldts_epsilon_above_one_is_said():
    for seed in range(30):
        frame = records(sizes=(4, 4), seed=seed)
        result = run(frame, correction="huynh_feldt")
        raw = result.glance().loc[0, "huynh_feldt_epsilon"]
        row = result.select(quantity="joint_test", term="visit")[0]
        assert (row.df_num == 2.0) == (raw >= 1)
        assert any("1 is used" in note for note in result.notes) == (raw > 1)


def test_dates_and_other_kinds_of_columns_are_read():
    frame = records()
    expected = numbers(run(frame))
    day = pd.to_datetime("2025-01-01") + pd.to_timedelta(frame["visit"].str[3:].astype(int), "D")

    typed = frame.assign(visit=day, id=pd.Categorical(frame["id"])).astype({"pain": "Float64"})

    np.testing.assert_array_equal(numbers(run(typed)), expected)


def test_visits_that_move_together_leave_their_difference_without_a_test():
    frame = records()
    later = frame["visit"].eq("VIS10")
    frame.loc[later, "pain"] = frame.loc[frame["visit"].eq("VIS1"), "pain"].to_numpy() + 1

    result = run(frame)

    parallel = result.select(quantity="ls_mean_difference", visit="VIS10", term="change")[0]
    assert parallel.estimate == pytest.approx(0, abs=1e-12)
    assert (parallel.std_error, parallel.p_value, parallel.conf_low) == (None, None, None)
    assert result.select(quantity="ls_mean_difference", visit="VIS2", term="change")[0].p_value > 0
    assert any("do not exist here" in note for note in result.notes)


@pytest.mark.parametrize("scale", [1e-150, 1e-9, 1e120])
def test_the_unit_of_the_scores_changes_no_test(scale):
    frame = records()

    one, other = (
        [row.statistic for row in run(f).select(quantity="joint_test")]
        for f in (frame, frame.assign(pain=frame["pain"] * scale))
    )

    assert other == pytest.approx(one, rel=1e-10)


def test_values_too_large_to_be_squared_are_refused():
    frame = records()

    with pytest.raises(tk.NotEstimableError, match="too large to be squared"):
        run(frame.assign(pain=frame["pain"] * 1e170))
