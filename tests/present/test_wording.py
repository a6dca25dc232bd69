"""Sentences by rule: each quantity, each direction, the open interval, the single arm."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from present import sample
from trialkit.present import wording
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord
from trialkit.terms import Quantity

FORBIDDEN = ("significan", "effect", "proves", "no difference between")
TWO = sample.two_arms().study
ONE = sample.one_arm().study


def estimate(
    quantity: Quantity, value: float, low: float, high: float, **changes: object
) -> Estimate:
    row = Estimate(
        quantity=quantity,
        parameter="pain",
        visit="week_8",
        arm="mind",
        reference_arm="breath",
        n_subjects=34,
        estimate=value,
        conf_low=low,
        conf_high=high,
        conf_level=0.95,
        p_value=0.0123,
        method="m",
    )
    return replace(row, **changes)


def record(analysis: str = "primary", **changes: object) -> AnalysisRecord:
    return AnalysisRecord(analysis=analysis, status="ran", data_status="real", **changes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(
            estimate("ls_mean_difference", -1.5463, -2.4768, -0.6162),
            "Pain at rest, 8 weeks: 1.55 points lower with mindfulness than with slow breathing "
            "(95\u00a0% interval 0.62 to 2.48 points lower; p\u00a0=\u00a00.0123).",
            id="adjusted difference, lower",
        ),
        pytest.param(
            estimate("mean_difference", 1.5463, 0.6162, 2.4768),
            "Pain at rest, 8 weeks: 1.55 points higher with mindfulness than with slow breathing "
            "(95\u00a0% interval 0.62 to 2.48 points higher; p\u00a0=\u00a00.0123).",
            id="difference, higher",
        ),
        pytest.param(
            estimate("mean_difference", -0.55, -1.42, 0.33),
            "Pain at rest, 8 weeks: this study cannot tell. The estimate is 0.55 points lower "
            "with mindfulness than with slow breathing (95\u00a0% interval 1.42 points lower to "
            "0.33 points higher; p\u00a0=\u00a00.0123).",
            id="difference, open",
        ),
        pytest.param(
            estimate("mean", 3.46, 2.61, 4.32, reference_arm=None, p_value=None),
            "Pain at rest, 8 weeks, with mindfulness: 3.5 points "
            "(95\u00a0% interval 2.6 to 4.3 points).",
            id="mean",
        ),
        pytest.param(
            estimate("change", -1.0, -1.6, -0.4, reference_arm=None),
            "Pain at rest, 8 weeks: 1.00 points lower than at the visit “Before”, with "
            "mindfulness (95\u00a0% interval 0.40 to 1.60 points lower; p\u00a0=\u00a00.0123).",
            id="change",
        ),
        pytest.param(
            estimate("number_needed_to_treat", 4.57, 3.05, 9.11, p_value=None),
            "Pain at rest, 8 weeks: one more for every 4.6 people treated "
            "(95\u00a0% interval 3.1 to 9.1).",
            id="number needed to treat",
        ),
        pytest.param(
            estimate("number_needed_to_treat", -5.9, -7.8, 3.0, p_value=None),
            "Pain at rest, 8 weeks: one fewer for every 5.9 people treated "
            "(95\u00a0% interval without limit, since no difference lies inside it).",
            id="number needed to treat, open",
        ),
        pytest.param(
            estimate("median", 3.0, 2.0, 4.0, reference_arm=None, conf_low=None, p_value=None),
            "Pain at rest, 8 weeks, with mindfulness: 3.0 points.",
            id="no interval",
        ),
        pytest.param(
            estimate("p_value", 0.03, 0, 0, conf_low=None, p_adjusted=0.06, reference_arm=None),
            "Pain at rest, 8 weeks, with mindfulness: p\u00a0=\u00a00.0300 "
            "(adjusted p\u00a0=\u00a00.0600).",
            id="p-value alone",
        ),
    ],
)
def test_a_sentence_says_what_the_numbers_say(row: Estimate, words: str):
    assert wording.sentence(TWO, record(), row) == words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(
            estimate("risk_difference", 0.2189, 0.1098, 0.3281),
            "21.9 more in 100 with mindfulness than with slow breathing "
            "(95\u00a0% interval 11.0 to 32.8 more in 100; p\u00a0=\u00a00.0123).",
            id="more",
        ),
        pytest.param(
            estimate("risk_difference", -0.2189, -0.3281, -0.1098),
            "21.9 fewer in 100 with mindfulness than with slow breathing "
            "(95\u00a0% interval 11.0 to 32.8 fewer in 100; p\u00a0=\u00a00.0123).",
            id="fewer",
        ),
        pytest.param(
            estimate("risk_difference", 0.1706, -0.127, 0.4383),
            "this study cannot tell. The estimate is 17.1 more in 100 with mindfulness than with "
            "slow breathing (95\u00a0% interval 12.7 fewer in 100 to 43.8 more in 100; "
            "p\u00a0=\u00a00.0123).",
            id="open",
        ),
        pytest.param(
            estimate("risk_ratio", 0.42, 0.25, 0.71),
            "0.42 times as many with mindfulness as with slow breathing "
            "(95\u00a0% interval 0.25 to 0.71 times as many; p\u00a0=\u00a00.0123).",
            id="ratio",
        ),
        pytest.param(
            estimate("proportion", 0.4706, 0.26, 0.69, reference_arm=None, p_value=None),
            "47.1 in 100 (95\u00a0% interval 26.0 to 69.0 in 100).",
            id="share",
        ),
    ],
)
def test_shares_name_the_rule_that_people_met(row: Estimate, words: str):
    said = wording.sentence(TWO, record("relief"), row)

    assert said.startswith("Pain at rest, at least 30\u00a0% lower than at baseline, 8 weeks")
    assert said.endswith(words)


def test_a_change_as_outcome_is_called_a_change():
    plan = TWO.analysis[0].model_copy(update={"outcome": "change"})
    study = TWO.model_copy(update={"analysis": (plan, *TWO.analysis[1:])})
    row = estimate("mean_difference", -1.0, -1.6, -0.4)

    assert wording.sentence(study, record(), row).startswith("Change in pain at rest, 8 weeks: ")


def test_a_single_arm_has_a_change_and_no_effect():
    row = estimate("change", -2.5, -3.1, -1.9, reference_arm=None, arm="mind")

    said = wording.sentence(ONE, record(), row)

    assert said == (
        "Pain at rest, 8 weeks: 2.50 points lower than at the visit “Before” "
        "(95\u00a0% interval 1.90 to 3.10 points lower; p\u00a0=\u00a00.0123)."
    )
    assert "effect" not in said


def test_an_adjusted_p_value_above_its_level_leaves_the_side_open():
    row = estimate("mean_difference", -0.83, -1.65, -0.004, p_adjusted=0.0586)
    in_family = record(alpha=0.05, procedure="benjamini_hochberg")

    assert wording.side_of(row) == "lower"
    assert wording.side_of(row, alpha=0.05) == "unclear"
    assert "cannot tell" in wording.sentence(TWO, in_family, row)
    assert wording.headline(TWO, row, alpha=0.05) == "Cannot tell"


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [
        (-2, -1, "lower"),
        (1, 2, "higher"),
        (-1, 1, "unclear"),
        (-1, 0, "unclear"),
        (0, 1, "unclear"),
    ],
)
def test_an_interval_that_touches_no_difference_is_open(low: float, high: float, side: str):
    assert wording.side_of(estimate("mean_difference", (low + high) / 2, low, high)) == side


def test_a_ratio_is_held_against_one():
    assert wording.side_of(estimate("risk_ratio", 0.5, 0.3, 0.9)) == "lower"
    assert wording.side_of(estimate("risk_ratio", 1.1, 0.9, 1.5)) == "unclear"


def test_what_prints_as_zero_claims_no_direction():
    row = estimate("mean_difference", 0.0004, -0.2, 0.2)

    assert "close to 0 with mindfulness" in wording.sentence(TWO, record(), row)


finite = st.floats(min_value=-1e4, max_value=1e4, allow_nan=False)


@given(
    limits=st.tuples(finite, finite, finite).map(sorted),
    quantity=st.sampled_from(
        ["change", "mean_difference", "ls_mean_difference", "risk_difference"]
    ),
    p=st.floats(min_value=0, max_value=1),
)
def test_no_sentence_overstates(limits: list[float], quantity: Quantity, p: float):
    low, value, high = limits
    row = estimate(quantity, value, low, high, p_value=p)

    said = wording.sentence(TWO, record(), row)

    assert not any(word in said for word in FORBIDDEN)
    assert said.index("interval") < said.rindex("p\u00a0")
    assert ("cannot tell" in said) == (low <= 0 <= high)


@given(limits=st.tuples(finite, finite, finite).map(sorted))
def test_turning_the_sign_turns_the_words(limits: list[float]):
    low, value, high = limits
    row = estimate("mean_difference", value, low, high)
    turned = estimate("mean_difference", -value, -high, -low)
    swap = {"lower": "higher", "higher": "lower"}

    words = wording.amount(TWO, row).split()
    if low * high > 0:
        near = wording.interval_words(TWO, turned).split()
        assert [swap.get(word, word) for word in near] == wording.interval_words(TWO, row).split()
    assert [swap.get(word, word) for word in words] == wording.amount(TWO, turned).split()


def with_margin(kind: str) -> object:
    endpoint = TWO.endpoint[0]
    margin = endpoint.margin.model_copy(update={"kind": kind})
    return TWO.model_copy(update={"endpoint": (endpoint.model_copy(update={"margin": margin}),)})


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.9, -0.1, "the whole interval is smaller than that"),
        (-2.5, -1.0, "the whole interval is at least that large"),
        (-2.5, -0.5, "this study cannot tell whether it is that large"),
        (-2.5, 1.5, "this study cannot tell whether it is that large"),
    ],
)
def test_a_margin_between_groups_judges_the_interval(low: float, high: float, words: str):
    said = wording.margin_words(TWO, estimate("mean_difference", (low + high) / 2, low, high))

    assert said == f"1 point (Invented 2020) is named as a difference that matters: {words}."


def test_a_within_person_margin_judges_no_difference_between_arms():
    said = wording.margin_words(
        with_margin("within_person"), estimate("mean_difference", -2, -3, -1)
    )

    assert said.startswith("For orientation only: 1 point (Invented 2020)")


def test_agreement_of_other_analyses_is_counted():
    results = sample.two_arms()
    main = results.analyses[0].result.estimates[0]
    other = results.analyses[1]

    assert wording.firmness(results.study, [], main) is None
    assert wording.firmness(results.study, [other], main) == (
        "The one other analysis of this comparison puts it on the same side, with an interval "
        "clear of no difference."
    )
    turned = replace(main, estimate=0.2, conf_low=-0.4, conf_high=0.8)
    against = replace(other, result=other.result.with_estimates([turned]))
    assert wording.firmness(results.study, [against], main).endswith(
        "puts it on the other side, with an interval that contains no difference."
    )
    assert wording.firmness(results.study, [other, against, other], main) == (
        "2 of 3 other analyses of this comparison put it on the same side, each with an interval "
        "clear of no difference."
    )


def test_an_interval_without_limits_has_no_direction():
    row = estimate("mean_difference", -1.0, -inf, inf)

    assert wording.interval_words(TWO, row) == "no limit on either side"
