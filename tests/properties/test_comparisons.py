"""What must hold for every comparison of means, whatever the data."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import ARMS, levels, trials
from trialkit.result.analysis_result import Estimate

REFERENCE, TREATMENT = ARMS
Compare = Callable[..., tk.AnalysisResult]


def welch(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.mean_difference(
        frame, **{"outcome": "after", "arm": "arm", "reference": REFERENCE, **options}
    )


def student(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return welch(frame, method="student", **options)


def ancova(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    given_options = {"outcome": "after", "arm": "arm", "reference": REFERENCE, **options}
    return tk.ancova(frame, covariates="before", **given_options)


every_method = pytest.mark.parametrize(
    "compare", [welch, student, ancova], ids=lambda f: f.__name__
)


def difference(result: tk.AnalysisResult) -> Estimate:
    """Return the one row that compares the two arms."""
    (row,) = (row for row in result.estimates if row.reference_arm is not None)
    return row


def numbers(row: Estimate) -> list[float]:
    """Return what is computed of a row."""
    return [
        row.estimate,
        row.std_error,
        row.df,
        row.statistic,
        row.p_value,
        row.conf_low,
        row.conf_high,
    ]


@every_method
@given(frame=trials())
def test_a_test_is_a_probability_and_an_interval_holds_its_estimate(compare: Compare, frame):
    row = difference(compare(frame))

    assert 0 < row.p_value <= 1
    assert row.conf_low < row.estimate < row.conf_high
    assert (row.conf_low > 0 or row.conf_high < 0) == (row.p_value < 0.05)


@every_method
@given(frame=trials())
def test_relabelling_the_arms_flips_the_sign(compare: Compare, frame):
    row = difference(compare(frame))
    swapped = difference(compare(frame, reference=TREATMENT))

    assert (swapped.arm, swapped.reference_arm) == (row.reference_arm, row.arm)
    np.testing.assert_allclose(
        [
            -swapped.estimate,
            -swapped.conf_high,
            -swapped.conf_low,
            swapped.std_error,
            swapped.p_value,
        ],
        [row.estimate, row.conf_low, row.conf_high, row.std_error, row.p_value],
        rtol=1e-9,
        atol=1e-11,
    )


@every_method
@given(frame=trials(), data=st.data())
def test_the_order_of_rows_does_not_matter(compare: Compare, frame, data):
    order = data.draw(st.permutations(range(len(frame))))

    shuffled = difference(compare(frame.iloc[order]))

    np.testing.assert_allclose(
        numbers(shuffled), numbers(difference(compare(frame))), rtol=1e-9, atol=1e-11
    )


@every_method
@given(frame=trials(), factor=st.sampled_from([0.1, 10.0, 2.5, 1000.0]))
def test_rescaling_the_outcome_rescales_the_difference(compare: Compare, frame, factor):
    row = difference(compare(frame))
    scaled = difference(compare(frame.assign(after=frame["after"] * factor)))

    np.testing.assert_allclose(
        [scaled.estimate, scaled.std_error, scaled.conf_low, scaled.conf_high],
        np.multiply([row.estimate, row.std_error, row.conf_low, row.conf_high], factor),
        rtol=1e-9,
        atol=1e-11 * factor,
    )
    np.testing.assert_allclose(
        [scaled.statistic, scaled.p_value], [row.statistic, row.p_value], rtol=1e-9, atol=1e-11
    )


@every_method
@given(frame=trials(), constant=st.integers(min_value=-50, max_value=50))
def test_adding_a_constant_changes_no_difference(compare: Compare, frame, constant):
    moved = difference(compare(frame.assign(after=frame["after"] + constant)))

    np.testing.assert_allclose(
        numbers(moved), numbers(difference(compare(frame))), rtol=1e-8, atol=1e-10
    )


@every_method
@given(frame=trials(), pair=st.tuples(levels, levels))
def test_more_confidence_is_a_wider_interval(compare: Compare, frame, pair):
    low, high = sorted(pair)
    assume(high - low > 1e-6)
    narrow = difference(compare(frame, conf_level=low))
    wide = difference(compare(frame, conf_level=high))

    assert wide.conf_low < narrow.conf_low < narrow.conf_high < wide.conf_high
    assert wide.p_value == narrow.p_value


@every_method
@given(frame=trials(), lost=st.integers(min_value=1, max_value=4))
def test_people_left_out_are_counted(compare: Compare, frame, lost):
    gone = pd.DataFrame({"arm": TREATMENT, "before": 5.0, "after": np.nan}, index=range(lost))

    result = compare(pd.concat([frame, gone], ignore_index=True))

    np.testing.assert_allclose(
        numbers(difference(result)), numbers(difference(compare(frame))), rtol=1e-12
    )
    (note,) = result.notes
    assert note.startswith(f"{lost} of {len(frame) + lost} records left out")
    assert f"{lost} in {TREATMENT}" in note


@given(frame=trials(arms=("breathing", "mindfulness", "audiobook")))
def test_pairwise_differences_add_up(frame):
    result = welch(frame, contrasts="pairwise")
    by_pair = {
        (row.arm, row.reference_arm): row.estimate for row in result.estimates if row.reference_arm
    }

    assert len(by_pair) == 3
    assert by_pair["mindfulness", "audiobook"] == pytest.approx(
        by_pair["mindfulness", "breathing"] - by_pair["audiobook", "breathing"], abs=1e-12
    )


@given(frame=trials())
def test_change_is_the_difference_of_the_means(frame):
    result = tk.paired_change(
        frame.assign(after=frame["after"] + 0.37 * frame.index), outcome="after", baseline="before"
    )

    before, after, change = (row.estimate for row in result.estimates)
    assert change == pytest.approx(after - before, abs=1e-12)
