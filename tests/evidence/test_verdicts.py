"""Verdicts follow the interval by rule; a simulated study never supports or contradicts."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_folder import STUDY, replaced, write_trial
from trialkit.evidence.rules import Ruling, combine, rule_on_interval
from trialkit.evidence.verdicts import judge_articles, judge_for_study, swapped
from trialkit.result.analysis_result import Estimate
from trialkit.run.study import run_study
from trialkit.study.article import Article
from trialkit.study.specification import Margin
from trialkit.terms import Verdict, allowed


def row(low, high, **changes):
    return Estimate(
        quantity="ls_mean_difference",
        estimate=(low + high) / 2,
        conf_low=low,
        conf_high=high,
        method="a test",
        **changes,
    )


BETWEEN = Margin(value=1.0, kind="between_group", source="a test")
WITHIN = Margin(value=1.0, kind="within_person", source="a test")

INTERVALS = [
    pytest.param(row(-2, -0.5), "lower", None, None, "supported", id="claimed side"),
    pytest.param(row(-2, -0.5), "higher", None, None, "contradicted", id="other side"),
    pytest.param(row(-2, 0.5), "lower", None, None, "inconclusive", id="contains zero"),
    pytest.param(row(-2, 0.0), "lower", None, None, "inconclusive", id="touches zero"),
    pytest.param(
        row(-0.9, -0.1),
        "lower",
        None,
        BETWEEN,
        "supported, but smaller than the declared margin",
        id="inside the margin",
    ),
    pytest.param(row(-1.1, -0.1), "lower", None, BETWEEN, "supported", id="beyond the margin"),
    pytest.param(row(-0.9, -0.1), "lower", None, WITHIN, "supported", id="within-person margin"),
    pytest.param(
        row(-2, -0.1, p_value=0.04, p_adjusted=0.06),
        "lower",
        0.05,
        None,
        "inconclusive",
        id="adjusted away",
    ),
    pytest.param(
        row(-2, -0.1, p_value=0.01, p_adjusted=0.03),
        "lower",
        0.05,
        None,
        "supported",
        id="adjusted and held",
    ),
]


@pytest.mark.parametrize(("estimate", "expects", "alpha", "margin", "verdict"), INTERVALS)
def test_an_interval_rules(estimate, expects, alpha, margin, verdict):
    ruling = rule_on_interval(estimate, expects=expects, alpha=alpha, margin=margin)

    assert ruling.verdict == verdict


@pytest.mark.parametrize(
    ("quantity", "low", "high", "verdict"),
    [
        ("odds_ratio", 1.1, 2.5, "supported"),
        ("odds_ratio", 0.7, 2.5, "inconclusive"),
        ("odds_ratio", 0.2, 0.7, "contradicted"),
        ("probability_of_superiority", 0.55, 0.8, "supported"),
        ("probability_of_superiority", 0.4, 0.8, "inconclusive"),
        ("probability_of_superiority", 0.2, 0.4, "contradicted"),
    ],
)
def test_each_quantity_has_its_own_no_difference(quantity, low, high, verdict):
    estimate = replace(row(low, high), quantity=quantity)

    assert rule_on_interval(estimate, expects="higher", alpha=None, margin=None).verdict == verdict


@pytest.mark.parametrize(
    ("quantity", "limits", "from_the_other_arm"),
    [
        ("mean_difference", (-2.0, 0.5), (-0.5, 2.0)),
        ("odds_ratio", (0.5, 4.0), (0.25, 2.0)),
        ("probability_of_superiority", (0.25, 0.75), (0.25, 0.75)),
        ("probability_of_superiority", (0.5, 0.875), (0.125, 0.5)),
    ],
)
def test_a_comparison_can_be_seen_from_the_other_arm(quantity, limits, from_the_other_arm):
    estimate = replace(row(*limits), quantity=quantity, arm="a", reference_arm="b")

    other = swapped(estimate)

    assert (other.arm, other.reference_arm) == ("b", "a")
    assert (other.conf_low, other.conf_high) == from_the_other_arm


def test_a_figure_without_interval_is_not_testable():
    bare = Estimate(quantity="p_value", p_value=1e-6, method="as printed")

    ruling = rule_on_interval(bare, expects="lower", alpha=None, margin=None)

    assert (ruling.verdict, ruling.untestable) == ("not testable here", "figures not published")


@given(st.lists(st.sampled_from(allowed(Verdict)), max_size=5))
def test_links_combine_to_one_verdict(words):
    overall = combine(tuple(Ruling(verdict=word) for word in words)).verdict

    tested = {word for word in words if word not in {"illustration only", "not testable here"}}
    if len(tested) > 1:
        assert overall == "mixed"
    elif tested:
        assert overall == tested.pop()
    else:
        assert overall in {"illustration only", "not testable here"}


def article(**claim):
    return Article.model_validate(
        {
            "article": {
                "id": "post",
                "title": "A post",
                "author": "A. Author",
                "published": date(2025, 1, 1),
                "summary": "A summary.",
            },
            "claim": [{"id": "claim", "text": "It helps.", "kind": "comparison"} | claim],
        }
    )


def link(**changes):
    return {
        "study": "small",
        "analysis": "primary",
        "treatment": "mindfulness",
        "reference": "breathing",
        "expects": "lower",
    } | changes


def judged(folder, study=STUDY, **claim):
    results = run_study(write_trial(folder, study=study), articles=())
    (verdict,) = judge_articles([article(**claim)], [results])
    return verdict


def test_real_data_support_a_claim(tmp_path):
    verdict = judged(tmp_path, links=[link()])

    assert verdict.verdict == "supported"
    assert verdict.links[0].conf_high < 0


def test_the_same_link_with_its_arms_swapped_turns_the_interval_round(tmp_path):
    straight = judged(tmp_path / "a", links=[link()]).links[0]
    turned = judged(
        tmp_path / "b",
        links=[link(treatment="breathing", reference="mindfulness", expects="higher")],
    ).links[0]

    assert turned.verdict == "supported"
    assert (turned.conf_low, turned.conf_high) == (-straight.conf_high, -straight.conf_low)


@pytest.mark.parametrize("expects", ["lower", "higher"])
@pytest.mark.parametrize(
    "kind", ["comparison", "change", "mechanism", "number", "causal", "background"]
)
@pytest.mark.parametrize(
    "how", ['data_status = "simulated"', 'data_status = "real"\n[data]\nsimulated = true']
)
def test_simulated_data_never_support_or_contradict(tmp_path, expects, kind, how):
    study = STUDY
    if "[data]" in how:
        study = replaced(study, "[data]", "[data]\nsimulated = true")
    else:
        study = replaced(study, 'data_status = "real"', how)

    verdict = judged(tmp_path, study=study, kind=kind, links=[link(expects=expects)])

    assert verdict.verdict == "illustration only"
    assert {item.verdict for item in verdict.links} == {"illustration only"}
    assert all(item.simulated for item in verdict.links)


def test_a_simulated_study_does_not_count_beside_a_real_one(tmp_path):
    real = run_study(write_trial(tmp_path / "a"), articles=())
    fake = replace(
        real,
        study=real.study.model_copy(
            update={"study": real.study.study.model_copy(update={"id": "fake"})}
        ),
        analyses=tuple(replace(item, data_status="simulated") for item in real.analyses),
    )
    claim = article(links=[link(), link(study="fake", expects="higher")])

    (verdict,) = judge_articles([claim], [real, fake])

    assert verdict.verdict == "supported"
    assert [item.verdict for item in verdict.links] == ["supported", "illustration only"]


def test_a_mixed_claim_says_which_outcome_got_which_verdict(tmp_path):
    verdict = judged(tmp_path, links=[link(), link(expects="higher")])

    assert verdict.verdict == "mixed"
    assert verdict.because == "Pain: supported in 1 of 2, contradicted in 1 of 2 analyses"


def test_arms_that_do_not_add_up_are_flagged(tmp_path):
    verdict = judged(tmp_path, kind="number", reported={"n_total": 245, "n_arms": [113, 73, 60]})

    assert verdict.verdict == "does not add up"
    assert verdict.flags == ("The arms do not add up: 113 + 73 + 60 = 246, the article says 245.",)


def test_arms_that_add_up_are_not_flagged(tmp_path):
    verdict = judged(tmp_path, kind="number", reported={"n_total": 246, "n_arms": [113, 73, 60]})

    assert (verdict.verdict, verdict.flags) == ("adds up", ())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param({"speculation": True}, "speculation", id="a guess"),
        pytest.param({"subjects": "animals", "claimed_in": "people"}, "animal study", id="mice"),
        pytest.param({"outcome_measured": False}, "outcome not measured", id="not measured"),
        pytest.param({"figures_published": False}, "figures not published", id="no figure"),
        pytest.param({}, "no linked study", id="nothing"),
        pytest.param({"links": [link(study="absent")]}, "no participant data", id="not at hand"),
    ],
)
def test_what_cannot_be_tested_says_why(tmp_path, facts, reason):
    verdict = judged(tmp_path, **facts)

    assert (verdict.verdict, verdict.untestable) == ("not testable here", reason)


def test_an_animal_study_read_as_patients_is_flagged(tmp_path):
    verdict = judged(tmp_path, subjects="animals", claimed_in="people")

    assert verdict.flags == ("Seen in animals, told of people.",)


SINGLE_ARM = (
    replaced(
        replaced(
            replaced(
                replaced(STUDY, 'design = "parallel"', 'design = "pre_post"'),
                "randomised = true",
                "randomised = false",
            ),
            'method = "ancova"\ncovariates = "BASE"',
            'method = "paired_change"',
        ),
        '[[arm]]\nid = "breathing"\nlabel = "Slow breathing"\nvalue = 0\n'
        'role = "active_comparator"\n',
        "",
    )
    .replace('reference = "breathing"\n', "")
    .replace('arm = "arm"\n', "")
    .replace("value = 1\n", "")
)


def test_a_causal_claim_on_an_uncontrolled_design_is_not_testable_and_flagged(tmp_path):
    causal = judged(tmp_path, study=SINGLE_ARM, kind="causal", links=[link(reference=None)])

    assert (causal.verdict, causal.links[0].untestable) == ("not testable here", "no comparator")
    assert "Causal words for a single-arm design" in causal.flags[0]


def test_a_change_claim_on_an_uncontrolled_design_is_judged_as_a_change(tmp_path):
    change = judged(tmp_path, study=SINGLE_ARM, kind="change", links=[link(reference=None)])

    assert change.verdict == "supported"


def test_a_mechanism_without_mediation_is_flagged(tmp_path):
    verdict = judged(tmp_path, kind="mechanism", links=[link()])

    assert "no linked analysis tests mediation" in verdict.flags[0]


def test_a_comparison_that_rests_on_changes_within_arms_is_flagged(tmp_path):
    study = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', 'method = "paired_change"')

    verdict = judged(tmp_path, study=study, links=[link(reference=None)])

    assert any("no significant difference" in flag for flag in verdict.flags)


def test_a_within_person_margin_on_a_comparison_is_flagged(tmp_path):
    margin = 'better = "lower"\nmargin = { value = 2.0, kind = "within_person", source = "a test" }'

    verdict = judged(tmp_path, study=replaced(STUDY, 'better = "lower"', margin), links=[link()])

    assert any("within-person threshold" in flag for flag in verdict.flags)


def test_a_study_report_judges_a_claim_from_its_own_links_only(tmp_path):
    results = run_study(write_trial(tmp_path), articles=())
    claim = article(links=[link(), link(study="absent", expects="higher")])

    (verdict,) = judge_for_study([claim], results)

    assert [item.study for item in verdict.links] == ["small"]


def test_figures_that_nobody_published_outrank_an_illustration(tmp_path):
    simulated = replaced(STUDY, 'data_status = "real"', 'data_status = "simulated"')
    results = run_study(write_trial(tmp_path, study=simulated), articles=())
    claim = article(links=[link()], figures_published=False)

    (everywhere,) = judge_articles([claim], [results])
    (on_its_own_page,) = judge_for_study([claim], results)

    assert (everywhere.verdict, everywhere.untestable) == (
        "not testable here",
        "figures not published",
    )
    assert on_its_own_page.verdict == "illustration only"
