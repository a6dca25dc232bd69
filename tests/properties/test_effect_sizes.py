"""What must hold for every effect size, Bayes factor, equivalence test and correlation."""

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
Compute = Callable[..., Estimate]


def between(measure: str) -> Compute:
    def compute(frame: pd.DataFrame, **options: object) -> Estimate:
        given_options = {"outcome": "after", "arm": "arm", "reference": REFERENCE, **options}
        (row,) = tk.effect_size(frame, measure=measure, **given_options).estimates
        return row

    return compute


def paired(measure: str) -> Compute:
    def compute(frame: pd.DataFrame, **options: object) -> Estimate:
        given_options = {"outcome": "after", "baseline": "before", **options}
        (row,) = tk.paired_effect_size(frame, measure=measure, **given_options).estimates
        return row

    return compute


def correlation(frame: pd.DataFrame, **options: object) -> Estimate:
    (row,) = tk.correlation(frame, x="before", y="after", **options).estimates
    return row


def percent_change(frame: pd.DataFrame, **options: object) -> Estimate:
    (row,) = tk.percent_change(frame, outcome="after", baseline="before", **options).estimates
    return row


MEASURES = {name: between(name) for name in ("hedges_g_s", "cohen_d_s", "glass_delta")}
PAIRED = {name: paired(name) for name in ("hedges_g_z", "cohen_d_z", "cohen_d_av", "cohen_d_rm")}
each_measure = pytest.mark.parametrize("measure", MEASURES)
each_paired = pytest.mark.parametrize("measure", PAIRED)
every = pytest.mark.parametrize(
    "compute",
    [*MEASURES.values(), *PAIRED.values(), correlation, percent_change],
    ids=[*MEASURES, *PAIRED, "correlation", "percent_change"],
)


def numbers(row: Estimate) -> list[float]:
    return [row.estimate, row.conf_low, row.conf_high]


def changed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a trial in which people changed by unlike amounts, and that is no line."""
    change = frame["after"] - frame["before"]
    assume(change.max() - change.min() > 0.2)
    assume(abs(frame["before"].corr(frame["after"])) < 0.999)
    assume(frame["before"].mean() > 4 * frame["before"].std() / np.sqrt(len(frame)))
    return frame


@every
@given(frame=trials().map(changed), pair=st.tuples(levels, levels))
def test_an_interval_holds_its_estimate_and_grows_with_its_level(compute: Compute, frame, pair):
    low, high = sorted(pair)
    assume(high - low > 1e-3)
    narrow, wide = (compute(frame, conf_level=level) for level in (low, high))
    assume(wide.conf_low is not None)

    assert narrow.conf_low <= narrow.estimate <= narrow.conf_high
    assert wide.conf_low < narrow.conf_low
    assert narrow.conf_high < wide.conf_high
    assert wide.estimate == narrow.estimate


@pytest.mark.parametrize("measure", ["hedges_g_s", "cohen_d_s"])
@given(frame=trials())
def test_relabelling_the_arms_flips_the_sign(measure: str, frame):
    row = MEASURES[measure](frame)
    swapped = MEASURES[measure](frame, reference=TREATMENT)

    np.testing.assert_allclose(
        [-swapped.estimate, -swapped.conf_high, -swapped.conf_low], numbers(row), rtol=1e-9
    )


@each_paired
@given(frame=trials().map(changed))
def test_exchanging_before_and_after_flips_the_sign(measure: str, frame):
    row = PAIRED[measure](frame)
    swapped = PAIRED[measure](frame, outcome="before", baseline="after")

    np.testing.assert_allclose(
        [-swapped.estimate, -swapped.conf_high, -swapped.conf_low],
        numbers(row),
        rtol=1e-8,
        atol=1e-12,
    )


@every
@given(frame=trials().map(changed), data=st.data())
def test_the_order_of_rows_does_not_matter(compute: Compute, frame, data):
    order = data.draw(st.permutations(range(len(frame))))
    row = compute(frame)
    assume(row.conf_low is not None)

    np.testing.assert_allclose(
        numbers(compute(frame.iloc[order])), numbers(row), rtol=1e-9, atol=1e-11
    )


@every
@given(frame=trials().map(changed), factor=st.sampled_from([0.1, 2.5, 1000.0]))
def test_the_unit_does_not_matter(compute: Compute, frame, factor):
    scaled = frame.assign(before=frame["before"] * factor, after=frame["after"] * factor)
    row = compute(frame)
    assume(row.conf_low is not None)

    np.testing.assert_allclose(numbers(compute(scaled)), numbers(row), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("compute", [*MEASURES.values(), *PAIRED.values(), correlation])
@given(frame=trials().map(changed), constant=st.integers(min_value=-50, max_value=50))
def test_the_origin_does_not_matter(compute: Compute, frame, constant):
    moved = frame.assign(before=frame["before"] + constant, after=frame["after"] + constant)

    np.testing.assert_allclose(
        numbers(compute(moved)), numbers(compute(frame)), rtol=1e-7, atol=1e-9
    )


@given(frame=trials())
def test_an_effect_size_excludes_nought_where_student_rejects(frame):
    options = {"outcome": "after", "arm": "arm", "reference": REFERENCE}
    (test,) = tk.mean_difference(frame, method="student", **options).select(
        quantity="mean_difference"
    )
    assume(abs(test.p_value - 0.05) > 1e-9)
    row = MEASURES["hedges_g_s"](frame)

    assert (row.conf_low > 0 or row.conf_high < 0) == (test.p_value < 0.05)


@given(frame=trials(), alternative=st.sampled_from(["two_sided", "less", "greater"]))
def test_a_bayes_factor_turns_with_its_arms(frame, alternative):
    opposite = {"two_sided": "two_sided", "less": "greater", "greater": "less"}[alternative]

    def factor(reference: str, direction: str) -> float:
        result = tk.bayes_factor(
            frame, outcome="after", arm="arm", reference=reference, alternative=direction
        )
        return result.estimates[0].estimate

    assert factor(REFERENCE, alternative) > 0
    assert factor(REFERENCE, alternative) == pytest.approx(factor(TREATMENT, opposite), rel=1e-9)


@given(
    frame=trials(),
    margins=st.tuples(st.floats(-9, -0.01), st.floats(0.01, 9)),
    variances=st.sampled_from(["unequal", "equal"]),
)
def test_equivalence_is_an_interval_inside_the_margins(frame, margins, variances):
    low, high = margins
    decision, lower, upper = tk.equivalence(
        frame,
        outcome="after",
        arm="arm",
        reference=REFERENCE,
        margin_low=low,
        margin_high=high,
        variances=variances,
    ).estimates
    assume(abs(decision.p_value - 0.05) > 1e-9)

    inside = low < decision.conf_low and decision.conf_high < high
    assert inside == (decision.p_value < 0.05)
    assert 0 < min(lower.p_value, upper.p_value) <= decision.p_value <= 1


@given(frame=trials().map(changed))
def test_ranks_see_the_order_alone(frame):
    stretched = frame.assign(before=frame["before"] ** 3, after=np.exp(frame["after"] / 5))
    row = correlation(frame, method="spearman")
    assume(row.conf_low is not None)

    np.testing.assert_allclose(
        numbers(correlation(stretched, method="spearman")), numbers(row), rtol=1e-12
    )


@given(frame=trials(arms=("breathing", "mindfulness", "audiobook")))
def test_assumption_tests_are_probabilities_and_ignore_the_order_of_rows(frame):
    result = tk.assumption_checks(frame, outcome="after", arm="arm")
    turned = tk.assumption_checks(frame.iloc[::-1], outcome="after", arm="arm")

    for row, other in zip(result.estimates, turned.estimates, strict=True):
        assert 0 < row.p_value <= 1
        assert (row.term, row.arm) == (other.term, other.arm)
        assert row.p_value == pytest.approx(other.p_value, rel=1e-8, abs=1e-12)
