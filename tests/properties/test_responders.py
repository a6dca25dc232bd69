"""What must hold for every comparison of responders, in strata, in pairs and in order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import levels, responses

SCORE = "miettinen_nurminen"
counts = st.integers(min_value=1, max_value=40).flatmap(
    lambda n: st.tuples(st.integers(min_value=0, max_value=n), st.just(n))
)
every_interval = pytest.mark.parametrize("interval", ["newcombe", SCORE, "wald", "agresti_caffo"])


def from_counts(a: tuple[int, int], b: tuple[int, int], **options: object) -> tk.AnalysisResult:
    table = pd.DataFrame({"arm": ["a", "b"], "events": [a[0], b[0]], "n": [a[1], b[1]]})
    return tk.responders_from_summary(table, **{"reference": "a", **options})


def row_of(result: tk.AnalysisResult, quantity: str):
    (row,) = result.select(quantity=quantity)
    return row


@every_interval
@given(a=counts, b=counts)
def test_intervals_hold_their_estimates(interval, a, b):
    result = from_counts(a, b, interval=interval)

    for quantity in ("risk_difference", "risk_ratio", "odds_ratio"):
        row = row_of(result, quantity)
        if row.estimate is not None:
            assert row.conf_low <= row.estimate + 1e-12
            assert row.estimate <= row.conf_high + 1e-12


@given(a=counts, b=counts)
def test_score_intervals_turn_over_with_the_arms(a, b):
    there = from_counts(a, b, interval=SCORE)
    back = from_counts(a, b, interval=SCORE, reference="b")

    risk, turned = row_of(there, "risk_difference"), row_of(back, "risk_difference")
    np.testing.assert_allclose(
        [-turned.conf_high, -turned.conf_low], [risk.conf_low, risk.conf_high], atol=1e-11
    )
    for quantity in ("risk_ratio", "odds_ratio"):
        row, other = row_of(there, quantity), row_of(back, quantity)
        with np.errstate(divide="ignore"):
            expected = 1 / np.array([row.conf_high, row.conf_low])
        np.testing.assert_allclose([other.conf_low, other.conf_high], expected, rtol=1e-8)


@every_interval
@given(a=counts, b=counts, pair=st.tuples(levels, levels))
def test_more_confidence_is_no_narrower(interval, a, b, pair):
    low, high = sorted(pair)
    narrow = row_of(from_counts(a, b, interval=interval, conf_level=low), "risk_difference")
    wide = row_of(from_counts(a, b, interval=interval, conf_level=high), "risk_difference")

    assert wide.conf_low <= narrow.conf_low + 1e-11
    assert wide.conf_high >= narrow.conf_high - 1e-11


@given(a=counts, b=counts)
def test_fisher_does_not_depend_on_which_arm_or_outcome_is_named(a, b):
    p = row_of(from_counts(a, b, test="fisher"), "risk_difference").p_value
    swapped = row_of(from_counts(b, a, test="fisher"), "risk_difference").p_value
    turned = [(n - x, n) for x, n in (a, b)]

    assert 0 < p <= 1
    assert swapped == pytest.approx(p, rel=1e-10)
    assert row_of(from_counts(*turned, test="fisher"), "risk_difference").p_value == pytest.approx(
        p, rel=1e-10
    )


@given(a=responses, b=responses, c=responses, d=responses)
def test_strata_turn_over_with_the_arms(a, b, c, d):
    frame = pd.DataFrame(
        {
            "arm": ["a"] * len(a) + ["b"] * len(b) + ["a"] * len(c) + ["b"] * len(d),
            "site": ["x"] * (len(a) + len(b)) + ["y"] * (len(c) + len(d)),
            "better": [*a, *b, *c, *d],
        }
    )
    options = {"response": "better", "arm": "arm", "strata": "site"}

    there = row_of(tk.stratified_responders(frame, reference="a", **options), "risk_difference")
    back = row_of(tk.stratified_responders(frame, reference="b", **options), "risk_difference")

    assert 0 < there.p_value <= 1
    np.testing.assert_allclose(
        [-back.estimate, -back.conf_high, -back.conf_low, back.p_value, back.std_error],
        [there.estimate, there.conf_low, there.conf_high, there.p_value, there.std_error],
        rtol=1e-9,
        atol=1e-11,
    )


answers = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=40
)


@given(pairs=answers, lost=st.integers(min_value=1, max_value=4))
def test_paired_answers_turn_over_with_time(pairs, lost):
    frame = pd.DataFrame(pairs, columns=["before", "after"])
    more = pd.concat([frame, pd.DataFrame({"before": [1.0] * lost})], ignore_index=True)

    there = tk.paired_responders(more, response="after", baseline="before")
    back = tk.paired_responders(frame, response="before", baseline="after")

    row, turned = row_of(there, "risk_difference"), row_of(back, "risk_difference")
    np.testing.assert_allclose(
        [-turned.estimate, -turned.conf_high, -turned.conf_low, turned.p_value],
        [row.estimate, row.conf_low, row.conf_high, row.p_value],
        rtol=1e-9,
        atol=1e-11,
    )
    assert row.conf_low <= row.estimate + 1e-12 <= row.conf_high + 2e-12
    (note,) = there.notes
    assert note.startswith(f"{lost} of ")


scores = st.lists(st.integers(min_value=0, max_value=4), min_size=6, max_size=30)


@given(a=scores, b=scores)
def test_the_odds_of_higher_categories_ignore_their_numbers(a, b):
    frame = pd.DataFrame({"arm": ["a"] * len(a) + ["b"] * len(b), "score": [*a, *b]})
    # Both arms must overlap in both directions, or the odds ratio is infinite.
    assume(min(a) < max(b))
    assume(min(b) < max(a))
    assume(len({*a, *b}) > 2)
    stretched = frame.assign(score=np.exp(frame["score"]))
    options = {"outcome": "score", "arm": "arm"}

    there = row_of(tk.proportional_odds(frame, reference="a", **options), "odds_ratio")
    same = row_of(tk.proportional_odds(stretched, reference="a", **options), "odds_ratio")
    back = row_of(tk.proportional_odds(frame, reference="b", **options), "odds_ratio")

    assert same.estimate == pytest.approx(there.estimate, rel=1e-9)
    assert back.estimate == pytest.approx(1 / there.estimate, rel=1e-8)
    assert back.conf_low == pytest.approx(1 / there.conf_high, rel=1e-6)
    assert 0 < there.p_value <= 1
    assert there.conf_low <= there.estimate <= there.conf_high


ratings = st.lists(
    st.tuples(st.integers(min_value=0, max_value=10), st.integers(min_value=0, max_value=10)),
    min_size=2,
    max_size=20,
).filter(lambda people: any(before for before, _ in people))


@given(a=ratings, b=ratings, factor=st.sampled_from([0.1, 3.0, 1e6]))
def test_curves_ignore_the_unit_and_bands_hold_the_pointwise_limits(a, b, factor):
    frame = pd.DataFrame(a + b, columns=["before", "after"], dtype=float)
    frame["arm"] = ["a"] * len(a) + ["b"] * len(b)
    options = {"outcome": "after", "baseline": "before", "arm": "arm", "thresholds": [0, 30, 50]}

    result = tk.cumulative_responders(frame, reference="a", **options)
    scaled = frame.assign(before=frame["before"] * factor, after=frame["after"] * factor)
    again = tk.cumulative_responders(scaled, reference="a", **options)
    turned = tk.cumulative_responders(frame, reference="b", **options)

    assert again.estimates == result.estimates
    test, back = row_of(result, "joint_test"), row_of(turned, "joint_test")
    assert 0 < test.p_value <= 1
    assert (test.estimate, test.p_value) == pytest.approx((back.estimate, back.p_value))
