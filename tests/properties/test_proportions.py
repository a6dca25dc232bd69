"""What must hold for every comparison of proportions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import levels, responses
from trialkit.result.analysis_result import Estimate


def two_arms(a: list[float], b: list[float]) -> pd.DataFrame:
    """Return the responses of two arms as a frame."""
    return pd.DataFrame({"arm": ["a"] * len(a) + ["b"] * len(b), "better": [*a, *b]})


def compare(frame: pd.DataFrame, **options: object) -> dict[str, Estimate]:
    """Return the rows that compare arm b with arm a, by quantity."""
    given_options = {"response": "better", "arm": "arm", "reference": "a", **options}
    result = tk.responders(frame, **given_options)
    return {row.quantity: row for row in result.estimates if row.reference_arm}


@given(a=responses, b=responses)
def test_newcombe_stays_on_the_scale(a, b):
    row = compare(two_arms(a, b))["risk_difference"]

    assert -1 <= row.conf_low <= row.estimate <= row.conf_high <= 1
    assert 0 < row.p_value <= 1


@pytest.mark.parametrize("interval", ["newcombe", "wald"])
@given(a=responses, b=responses)
def test_relabelling_the_arms_turns_everything_over(interval, a, b):
    row = compare(two_arms(a, b), interval=interval)
    swapped = compare(two_arms(a, b), interval=interval, reference="b")

    risk, turned = row["risk_difference"], swapped["risk_difference"]
    np.testing.assert_allclose(
        [-turned.estimate, -turned.conf_high, -turned.conf_low, turned.p_value],
        [risk.estimate, risk.conf_low, risk.conf_high, risk.p_value],
        rtol=1e-12,
        atol=1e-15,
    )
    assume(sum(a) > 0 and sum(b) > 0)
    ratio, inverse = row["risk_ratio"], swapped["risk_ratio"]
    np.testing.assert_allclose(
        [1 / inverse.estimate, 1 / inverse.conf_high, 1 / inverse.conf_low],
        [ratio.estimate, ratio.conf_low, ratio.conf_high],
        rtol=1e-12,
    )


@given(a=responses, b=responses)
def test_number_needed_to_treat_is_the_turned_over_risk_difference(a, b):
    rows = compare(two_arms(a, b))
    risk, number = rows["risk_difference"], rows["number_needed_to_treat"]
    assume(risk.estimate != 0)

    assert number.estimate == pytest.approx(1 / risk.estimate)
    if risk.conf_low > 0 or risk.conf_high < 0:
        assert number.conf_low <= number.estimate <= number.conf_high


@given(a=responses, b=responses, pair=st.tuples(levels, levels))
def test_more_confidence_is_no_narrower_an_interval(a, b, pair):
    low, high = sorted(pair)
    narrow = compare(two_arms(a, b), conf_level=low)["risk_difference"]
    wide = compare(two_arms(a, b), conf_level=high)["risk_difference"]

    assert wide.conf_low <= narrow.conf_low + 1e-12
    assert wide.conf_high >= narrow.conf_high - 1e-12


@given(a=responses, b=responses, lost=st.integers(min_value=1, max_value=5))
def test_a_missing_response_is_counted_either_way(a, b, lost):
    frame = pd.concat(
        [two_arms(a, b), pd.DataFrame({"arm": ["b"] * lost, "better": [np.nan] * lost})],
        ignore_index=True,
    )
    options = {"response": "better", "arm": "arm", "reference": "a"}

    observed = tk.responders(frame, missing_as="observed", **options)
    counted = tk.responders(frame, missing_as="non_responder", **options)

    (left,) = observed.select(quantity="proportion", arm="b")
    (kept,) = counted.select(quantity="proportion", arm="b")
    assert (left.n_subjects, kept.n_subjects) == (len(b), len(b) + lost)
    assert kept.estimate == pytest.approx(sum(b) / (len(b) + lost))
    for result in (observed, counted):
        (note,) = result.notes
        assert note.startswith(f"{lost} ")
        assert f"{lost} in b" in note


def test_a_person_without_an_arm_is_not_dropped_without_a_word():
    frame = pd.concat(
        [two_arms([0.0, 1.0], [1.0, 1.0]), pd.DataFrame({"arm": [None], "better": [1.0]})],
        ignore_index=True,
    )
    for missing_as in ("observed", "non_responder"):
        result = tk.responders(
            frame, response="better", arm="arm", reference="a", missing_as=missing_as
        )
        assert any("arm" in note for note in result.notes), missing_as
