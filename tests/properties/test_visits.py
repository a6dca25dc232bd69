"""What must hold for repeated measures and panels, whatever the data."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trialkit as tk

COLUMNS = {"outcome": "pain", "subject": "id", "visit": "visit", "arm": "arm"}
VISITS = ("before", "week 4", "week 12")


@st.composite
def profiles(draw: Any) -> pd.DataFrame:
    """Return two or three arms of people with tied scores at two or three visits."""
    sizes = draw(st.lists(st.integers(3, 7), min_size=2, max_size=3))
    visits = VISITS[: draw(st.integers(2, 3))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [
        (f"{arm}{person}", f"arm {arm}", visit, float(rng.integers(0, 21)) / 2)
        for arm, size in enumerate(sizes)
        for person in range(size)
        for visit in visits
    ]
    frame = pd.DataFrame(rows, columns=["id", "arm", "visit", "pain"])
    # Scores that cannot be told from a model without error are refused, as they should be.
    frame.loc[frame.index[:2], "pain"] = [0.25, 9.75]
    frame["visit"] = pd.Categorical(frame["visit"], categories=list(visits), ordered=True)
    return frame


def run(frame: pd.DataFrame, **options: Any) -> tk.AnalysisResult:
    return tk.repeated_measures_anova(frame, **{**COLUMNS, **options})


def f_tests(result: tk.AnalysisResult) -> np.ndarray:
    return np.array(
        [
            (row.statistic, row.df_num, row.df, row.p_value)
            for row in result.select(quantity="joint_test")
        ]
    )


def numbers(result: tk.AnalysisResult) -> np.ndarray:
    return result.tidy().select_dtypes("number").fillna(-1.0).to_numpy()


@given(frame=profiles())
def test_a_test_is_a_probability_and_an_interval_holds_its_estimate(frame):
    result = run(frame)

    for row in result.estimates:
        assert row.p_value is None or 0 < row.p_value <= 1
        if row.conf_low is not None:
            assert row.conf_low < row.estimate < row.conf_high
        if row.quantity == "effect_size":
            assert 0 <= row.estimate < 1


@given(frame=profiles(), seed=st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(frame, seed):
    shuffled = frame.sample(frac=1, random_state=seed)

    np.testing.assert_array_equal(numbers(run(shuffled)), numbers(run(frame)))


@given(frame=profiles())
def test_new_names_of_arms_move_rows_and_flip_signs_only(frame):
    names = {"arm 0": "z", "arm 1": "y", "arm 2": "x"}
    renamed = frame.assign(arm=frame["arm"].map(names))

    one, other = run(frame), run(renamed)

    np.testing.assert_allclose(f_tests(other), f_tests(one), rtol=1e-9, atol=1e-12)
    which = {"quantity": "ls_mean_difference", "visit": "week 4", "term": None}
    (row,) = one.select(arm="arm 1", reference_arm="arm 0", **which)
    (flip,) = other.select(arm="z", reference_arm="y", **which)
    assert flip.estimate == pytest.approx(-row.estimate, abs=1e-12)
    assert flip.conf_low == pytest.approx(-row.conf_high, abs=1e-9)


@given(frame=profiles())
def test_the_reference_chooses_rows_and_changes_no_number(frame):
    every = run(frame).select(quantity="ls_mean_difference", visit="week 4", term=None)
    with_first = run(frame, reference="arm 0").select(
        quantity="ls_mean_difference", visit="week 4", term=None
    )

    assert set(with_first) == {row for row in every if row.reference_arm == "arm 0"}


@given(
    frame=profiles(),
    shift=st.sampled_from([-40.0, 0.0, 1024.0]),
    scale=st.sampled_from([0.5, 1.0, 64.0]),
)
def test_shift_and_scale_leave_the_tests_alone(frame, shift, scale):
    moved = run(frame.assign(pain=frame["pain"] * scale + shift))

    np.testing.assert_allclose(f_tests(moved), f_tests(run(frame)), rtol=1e-9, atol=1e-10)


@given(frame=profiles())
def test_a_negative_scale_is_the_same_test(frame):
    turned = run(frame.assign(pain=10 - frame["pain"]))

    np.testing.assert_allclose(f_tests(turned), f_tests(run(frame)), rtol=1e-9, atol=1e-10)


@given(frame=profiles(), lost=st.integers(0, 2))
def test_people_without_a_visit_are_counted_and_left_out(frame, lost):
    people = sorted(frame.loc[frame["arm"].eq("arm 1"), "id"].unique())[:lost]
    gone = frame.assign(
        pain=frame["pain"].mask(frame["id"].isin(people) & frame["visit"].eq("week 4"))
    )

    result = run(gone)

    assert result.glance().loc[0, "n_subjects"] == frame["id"].nunique() - lost
    told = [note for note in result.notes if "left out" in note]
    assert len(told) == bool(lost)
    if lost:
        assert f"{lost} in arm 1" in told[0]


@st.composite
def panels(draw: Any) -> tuple[pd.DataFrame, list[str]]:
    """Return changes of some endpoints with values missing here and there."""
    n, m = draw(st.integers(3, 12)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.integers(-6, 7, size=(n, m)).astype(float)
    values[rng.random(values.shape) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    values[:, 0] = np.arange(n) - 1.0
    names = [f"e{position}" for position in range(m)]
    return pd.DataFrame(values, columns=names), names


@given(panel=panels())
def test_each_endpoint_of_a_panel_is_the_paired_test_by_itself(panel):
    frame, names = panel

    for row in tk.panel(frame, outcomes=names).estimates:
        values = frame[row.parameter].dropna()
        assert row.n_subjects == len(values)
        if values.nunique() < 2:
            assert row.p_value is None
            continue
        alone = tk.paired_change(
            frame.assign(zero=0.0), outcome=row.parameter, baseline="zero"
        ).estimates[-1]
        assert [row.estimate, row.p_value, row.conf_low] == pytest.approx(
            [alone.estimate, alone.p_value, alone.conf_low], rel=1e-10, abs=1e-12
        )


@given(panel=panels(), seed=st.integers(0, 99))
def test_the_order_of_people_and_endpoints_changes_no_row(panel, seed):
    frame, names = panel
    mixed = frame.sample(frac=1, random_state=seed)
    turned = names[::-1]

    rows = {row.parameter: row for row in tk.panel(frame, outcomes=names).estimates}
    for row in tk.panel(mixed, outcomes=turned).estimates:
        other = rows[row.parameter]
        assert (row.p_value is None) == (other.p_value is None)
        if row.p_value is not None:
            assert row.p_value == pytest.approx(other.p_value, rel=1e-9, abs=1e-12)
            assert row.p_adjusted == pytest.approx(other.p_adjusted, rel=1e-9, abs=1e-12)


@given(panel=panels())
def test_adjusting_never_makes_a_p_value_smaller(panel):
    frame, names = panel

    for procedure in ("holm", "benjamini_hochberg"):
        for row in tk.panel(frame, outcomes=names, procedure=procedure).estimates:
            if row.p_value is not None:
                assert row.p_value <= row.p_adjusted * (1 + 1e-12)
                assert row.p_adjusted <= 1
