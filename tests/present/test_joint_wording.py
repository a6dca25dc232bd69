"""Sentences without a side say no more than the test: an open question stays open."""

from dataclasses import replace

import pytest

from present.sample import study
from trialkit.present.joint_wording import sentences_without_side
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand

ARMS = {"mind": "Mindfulness", "breath": "Slow breathing"}


def planned(method, *, arms=ARMS, **options):
    """Return a study that plans one analysis of the score at week 8."""
    plan = study(arms)
    estimand = Estimand(
        id="asked",
        population=plan.population[0].id,
        treatment="mind",
        reference="breath" if "breath" in arms else None,
        endpoint=plan.endpoint[0].id,
        visit="week_8",
        summary="difference in means",
    )
    analysis = Analysis(id="only", estimand="asked", method=method, **options)
    return plan.model_copy(update={"estimand": (estimand,), "analysis": (analysis,)})


def said(plan, row, *, alpha=None):
    """Return what is said of one row of the only analysis."""
    row = replace(row, parameter=plan.endpoint[0].id, visit=row.visit or "week_8")
    result = AnalysisResult(
        method="a test", estimates=(row,), provenance=Call(verb="v", trialkit="0")
    )
    record = AnalysisRecord(
        analysis="only", status="ran", data_status="real", result=result, alpha=alpha
    )
    (text,) = sentences_without_side(plan, record)
    return text


def joint(p_value, **changes):
    return Estimate(
        quantity="joint_test",
        statistic=5.2,
        df_num=2.0,
        df=92.0,
        p_value=p_value,
        method="F",
        **changes,
    )


@pytest.mark.parametrize(
    ("method", "term", "asked"),
    [
        ("one_way", None, "the arms differ"),
        ("friedman", None, "the visits differ"),
        ("repeated_measures_anova", "visit", "the visits differ"),
        ("repeated_measures_anova", "arm:visit", "the arms change differently from visit to visit"),
        ("model_terms", "BASE", "the outcome depends on BASE beside the other terms"),
    ],
)
def test_a_joint_test_tells_or_leaves_open_what_it_asks(method, term, asked):
    plan = planned(method)

    clear, unclear = (said(plan, joint(p, term=term)) for p in (0.01, 0.2))

    assert f": {asked} (F(2, 92) = 5.20, p\u00a0=\u00a00.0100)." in clear
    assert (
        f": this study cannot tell whether {asked} (F(2, 92) = 5.20, p\u00a0=\u00a00.2000)."
        in unclear
    )


def test_an_adjusted_p_value_decides_in_a_family():
    text = said(planned("one_way"), joint(0.01, p_adjusted=0.08), alpha=0.05)

    assert "cannot tell whether the arms differ" in text
    assert "adjusted p\u00a0=\u00a00.0800" in text


@pytest.mark.parametrize(
    ("p_value", "words"), [(0.01, "lies inside the margins"), (0.3, "cannot tell whether")]
)
def test_equivalence_names_its_margins(p_value, words):
    plan = planned("equivalence", margin_low=-2.0, margin_high=1.0)
    row = Estimate(
        quantity="equivalence",
        arm="mind",
        reference_arm="breath",
        estimate=-0.4,
        conf_low=-1.1,
        conf_high=0.3,
        p_value=p_value,
        method="two one-sided tests",
    )

    text = said(plan, row)

    assert words in text
    assert "difference between mindfulness and slow breathing lies inside the margins −2.0" in text


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (6.14, "6.1 times as likely under a difference between mindfulness and slow breathing"),
        (0.25, "4.0 times as likely under no difference between mindfulness and slow breathing"),
    ],
)
def test_a_bayes_factor_favours_what_it_favours(factor, words):
    row = Estimate(
        quantity="bayes_factor", arm="mind", reference_arm="breath", estimate=factor, method="JZS"
    )

    assert words in said(planned("bayes_factor"), row)


# Of an arm of several, and of the only arm there is.
WITHIN = [
    pytest.param(ARMS, {"arm": "mind"}, "change with mindfulness", id="an arm"),
    pytest.param({"mind": "Mindfulness"}, {"arm": "mind"}, "change", id="the only arm"),
    pytest.param(ARMS, {}, "change", id="everyone"),
]


@pytest.mark.parametrize(("arms", "asked", "noun"), WITHIN)
@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.01, ": the {noun} lies inside the margins −2.0"),
        (0.3, ": this study cannot tell whether the {noun} lies inside the margins −2.0"),
    ],
)
def test_equivalence_before_and_after_speaks_of_the_change(arms, asked, noun, p_value, words):
    plan = planned("equivalence", margin_low=-2.0, margin_high=1.0, arms=arms)
    row = Estimate(
        quantity="equivalence", conf_low=-1.1, conf_high=0.3, p_value=p_value, method="t", **asked
    )

    assert words.format(noun=noun) in said(plan, row)


@pytest.mark.parametrize(("arms", "asked", "noun"), WITHIN)
@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (6.14, ": these data are 6.1 times as likely under a {noun} as under none."),
        (0.25, ": these data are 4.0 times as likely under no {noun} as under one."),
    ],
)
def test_a_bayes_factor_before_and_after_speaks_of_the_change(arms, asked, noun, factor, words):
    row = Estimate(quantity="bayes_factor", estimate=factor, method="JZS", **asked)

    text = said(planned("bayes_factor", arms=arms), row)

    assert text.endswith(words.format(noun=noun))


@pytest.mark.parametrize(("high", "open_question"), [(0.2, True), (-0.1, False)])
def test_an_effect_size_is_open_when_its_interval_holds_zero(high, open_question):
    row = Estimate(
        quantity="effect_size",
        arm="mind",
        reference_arm="breath",
        estimate=-0.4,
        conf_low=-0.9,
        conf_high=high,
        conf_level=0.95,
        method="hedges_g_s",
    )

    text = said(planned("effect_size"), row)

    assert "0.40 standard deviations lower with mindfulness than with slow breathing" in text
    assert ("cannot tell" in text) == open_question


def test_the_part_through_a_mediator_names_it():
    row = Estimate(
        quantity="indirect_effect",
        arm="mind",
        reference_arm="breath",
        term="breaths",
        estimate=-0.3,
        conf_low=-0.6,
        conf_high=-0.1,
        conf_level=0.95,
        p_value=0.01,
        method="BCa",
    )

    text = said(planned("mediation", mediators=("breaths",), seed=1), row)

    assert "the part that goes through breaths: 0.3" in text
    assert "lower with mindfulness than with slow breathing" in text
