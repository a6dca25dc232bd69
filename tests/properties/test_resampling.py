"""What must hold for every relabelling test and bootstrap interval, whatever the data."""

from collections.abc import Callable
from math import inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import ARMS, trials
from trialkit.result.analysis_result import Estimate

REFERENCE, TREATMENT = ARMS
Compare = Callable[..., tk.AnalysisResult]
ALTERNATIVES = st.sampled_from(["two_sided", "less", "greater"])
OPPOSITE = {"two_sided": "two_sided", "less": "greater", "greater": "less"}
BOOTSTRAP = {"seed": 5, "draws": 1000}
ARM_OPTIONS = {"outcome": "after", "arm": "arm", "reference": REFERENCE}
WITHIN = {"outcome": "after", "baseline": "before"}


def permutation(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.permutation_test(frame, **{**ARM_OPTIONS, **options})


def drawn_permutation(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    """Shift the ratings off their grid, by what is the same for equal ratings."""
    off_grid = frame.assign(after=frame["after"] + 1e-5 * np.sin(frame["after"]))
    return permutation(off_grid, **{"seed": 3, "draws": 499, **options})


def bootstrap(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.bootstrap_difference(frame, **{**ARM_OPTIONS, **BOOTSTRAP, **options})


def bootstrap_percentile(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return bootstrap(frame, interval="percentile", **options)


def bootstrap_basic(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return bootstrap(frame, interval="basic", **options)


def bootstrap_medians(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return bootstrap(frame, statistic="median", interval="percentile", **options)


def flips(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.sign_flip(moved_apart(frame), **{**WITHIN, **options})


def change(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.bootstrap_change(moved_apart(frame), **{**WITHIN, **BOOTSTRAP, **options})


def moved_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Make sure that somebody changed, and not everybody by the same amount."""
    return frame.assign(after=frame["after"] + frame["before"] / 2 + 0.5)


BETWEEN = [
    permutation,
    drawn_permutation,
    bootstrap,
    bootstrap_percentile,
    bootstrap_basic,
    bootstrap_medians,
]
between_arms = pytest.mark.parametrize("compare", BETWEEN, ids=lambda f: f.__name__)
every_method = pytest.mark.parametrize(
    "compare", [*BETWEEN, flips, change], ids=lambda f: f.__name__
)
each_test = pytest.mark.parametrize(
    "compare", [permutation, drawn_permutation, flips], ids=lambda f: f.__name__
)


def last(result: tk.AnalysisResult) -> Estimate:
    """Return the row of the comparison: the means of arms stand before it."""
    return result.estimates[-1]


def numbers(row: Estimate) -> list[float]:
    """Return what is computed of a row."""
    values = (row.estimate, row.std_error, row.statistic, row.p_value, row.conf_low, row.conf_high)
    return [value for value in values if value is not None]


@each_test
@given(frame=trials(), alternative=ALTERNATIVES)
def test_a_test_is_a_probability_and_its_interval_holds_the_estimate(
    compare: Compare, frame, alternative
):
    row = last(compare(frame, alternative=alternative))

    assert 0 < row.p_value <= 1
    assert row.conf_low <= row.estimate + 1e-9
    assert row.estimate - 1e-9 <= row.conf_high
    assert (row.conf_low == -inf) or alternative != "less"
    assert (row.conf_high == inf) or alternative != "greater"


@each_test
@given(frame=trials(), conf_level=st.sampled_from([0.8, 0.9, 0.95]))
def test_a_one_sided_interval_excludes_zero_when_its_test_rejects(
    compare: Compare, frame, conf_level
):
    less = last(compare(frame, alternative="less", conf_level=conf_level))
    greater = last(compare(frame, alternative="greater", conf_level=conf_level))

    for row, excludes in ((less, less.conf_high < -1e-12), (greater, greater.conf_low > 1e-12)):
        if abs(row.p_value - (1 - conf_level)) > 1e-9:
            assert excludes == (row.p_value < 1 - conf_level)


@between_arms
@given(frame=trials(), alternative=ALTERNATIVES)
def test_relabelling_the_arms_flips_the_sign(compare: Compare, frame, alternative):
    by_arm = [sorted(values) for _, values in frame.groupby("arm")["after"]]
    assume(by_arm[0] != by_arm[1])  # equal arms are told apart by nothing but what is drawn
    tests = compare in {permutation, drawn_permutation}
    row = last(compare(frame, **({"alternative": alternative} if tests else {})))
    swapped = last(
        compare(
            frame,
            reference=TREATMENT,
            **({"alternative": OPPOSITE[alternative]} if tests else {}),
        )
    )

    assert (swapped.arm, swapped.reference_arm) == (row.reference_arm, row.arm)
    np.testing.assert_allclose(
        [-swapped.estimate, -swapped.conf_high, -swapped.conf_low],
        [row.estimate, row.conf_low, row.conf_high],
        rtol=1e-9,
        atol=1e-9,
    )
    if tests:
        assert swapped.p_value == pytest.approx(row.p_value, rel=1e-9)
    else:
        assert swapped.std_error == pytest.approx(row.std_error, rel=1e-9)


@every_method
@given(frame=trials(), data=st.data())
def test_the_order_of_rows_does_not_matter(compare: Compare, frame, data):
    order = data.draw(st.permutations(range(len(frame))))

    np.testing.assert_allclose(
        numbers(last(compare(frame.iloc[order]))),
        numbers(last(compare(frame))),
        rtol=1e-9,
        atol=1e-11,
    )


@given(frame=trials(), factor=st.sampled_from([0.1, 0.25, 3.0, 1000.0]))
def test_rescaling_the_outcome_rescales_the_limits_alone(frame, factor):
    row = last(permutation(frame))
    scaled = last(permutation(frame.assign(after=frame["after"] * factor)))

    assert scaled.p_value == pytest.approx(row.p_value, rel=1e-9)
    np.testing.assert_allclose(
        [scaled.estimate, scaled.conf_low, scaled.conf_high],
        np.multiply([row.estimate, row.conf_low, row.conf_high], factor),
        rtol=1e-9,
        atol=1e-9 * factor,
    )


@pytest.mark.parametrize(
    "compare",
    [permutation, bootstrap, bootstrap_percentile, bootstrap_basic, bootstrap_medians],
    ids=lambda f: f.__name__,
)
@given(frame=trials(), constant=st.integers(min_value=-50, max_value=50))
def test_adding_a_constant_changes_no_difference(compare: Compare, frame, constant):
    moved = last(compare(frame.assign(after=frame["after"] + constant)))

    np.testing.assert_allclose(numbers(moved), numbers(last(compare(frame))), rtol=1e-8, atol=1e-8)


@every_method
@settings(max_examples=15)
@given(frame=trials(), pair=st.tuples(*[st.floats(min_value=0.5, max_value=0.95)] * 2))
def test_more_confidence_is_no_narrower(compare: Compare, frame, pair):
    low, high = sorted(pair)
    narrow, wide = (last(compare(frame, conf_level=level)) for level in (low, high))

    assert wide.conf_low <= narrow.conf_low + 1e-12
    assert narrow.conf_high <= wide.conf_high + 1e-12
    assert wide.p_value == narrow.p_value


@every_method
@given(frame=trials(), lost=st.integers(min_value=1, max_value=4))
def test_people_left_out_are_counted(compare: Compare, frame, lost):
    gone = pd.DataFrame({"arm": TREATMENT, "before": 5.0, "after": np.nan}, index=range(lost))

    result = compare(pd.concat([frame, gone], ignore_index=True))

    np.testing.assert_allclose(
        numbers(last(result)), numbers(last(compare(frame))), rtol=1e-9, atol=1e-11
    )
    assert result.notes[0].startswith(f"{lost} of {len(frame) + lost} records left out")


@given(frame=trials())
def test_exact_p_does_not_depend_on_seed_or_draws(frame):
    assert last(permutation(frame)).p_value == last(permutation(frame, seed=9, draws=50)).p_value


@given(frame=trials(arms=("breathing", "mindfulness", "audiobook")))
def test_a_contrast_does_not_depend_on_the_others_asked_for(frame):
    for compare in (permutation, drawn_permutation, bootstrap_percentile):
        every = compare(frame, contrasts="pairwise")
        (alone,) = (
            row
            for row in compare(frame, contrasts=["mindfulness - audiobook"]).estimates
            if row.reference_arm
        )
        (among,) = every.select(arm="mindfulness", reference_arm="audiobook") or every.select(
            arm="audiobook", reference_arm="mindfulness"
        )
        sign = 1 if among.arm == "mindfulness" else -1
        assert alone.estimate == pytest.approx(sign * among.estimate)
        assert alone.p_value == pytest.approx(among.p_value)
