"""What a design, a finding and a margin may be told in: one table, and no word beyond it."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, get_args

import pytest

from present import sample
from report import variants
from trialkit.language.speech import languages, speaking
from trialkit.present import word_choice
from trialkit.present.word_choice import Design, Finding, MarginFinding
from trialkit.present.wording import side_of
from trialkit.report.build import build_document
from trialkit.report.choice import main_result
from trialkit.report.docx import render_docx
from trialkit.report.html import render_html
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study

STUDIES = {
    "two arms": sample.two_arms,
    "four arms": sample.four_arms,
    "real": variants.real,
    "single arm": variants.real_single_arm,
    "open result": variants.open_result,
    "stand-in": variants.stand_in,
    "p-values only": variants.p_values_only,
}
each_study = pytest.mark.parametrize("make", STUDIES.values(), ids=STUDIES)
TAGS = re.compile(r"<(?:style|script|svg)\b.*?</(?:style|script|svg)>|<[^>]+>", re.DOTALL)
SIGNIFICANT = re.compile(r"\bsignifican\w*", re.IGNORECASE)


def with_header(study: Study, **changes: Any) -> Study:
    return study.model_copy(update={"study": study.study.model_copy(update=changes)})


@cache
def words(make: Callable[[], StudyResults]) -> str:
    """Return everything that a report says, without its layout."""
    return " ".join(TAGS.sub(" ", render_html(build_document(make()))).split())


def own_words(results: StudyResults) -> str:
    """Return what the author of a study and of its articles typed; it is theirs to answer for."""
    claims = " ".join(
        " ".join(filter(None, (claim.text, claim.paper_says, claim.note, *claim.flags)))
        for claim in results.claims
    )
    return f"{results.study.model_dump_json()} {claims}"


def test_every_design_and_finding_has_its_words():
    pairs = {(design, finding) for design in get_args(Design) for finding in get_args(Finding)}

    assert set(word_choice.STRENGTHS) == pairs
    assert set(word_choice.MARGINS) == set(get_args(MarginFinding))
    assert set(word_choice.NOT_SAID) == {*get_args(Design), *get_args(Finding)}


@pytest.mark.parametrize(("design", "finding"), word_choice.STRENGTHS)
def test_the_table_holds_none_of_the_words_it_forbids(design: Design, finding: Finding):
    said = word_choice.STRENGTHS[design, finding]

    for pattern in (*word_choice.NOT_SAID[design], *word_choice.NOT_SAID[finding]):
        assert not re.search(pattern, said, re.IGNORECASE)


@pytest.mark.parametrize("design", ["single arm", "not randomised"])
def test_without_randomisation_nothing_is_put_down_to_what_was_done(design: Design):
    assert "can be put down" not in word_choice.STRENGTHS[design, "clear"]


def test_an_open_interval_is_told_alike_in_every_design_of_people():
    said = {
        text
        for (design, finding), text in word_choice.STRENGTHS.items()
        if finding == "open" and design != "simulated"
    }

    assert said == {word_choice.OPEN_INTERVAL}


@pytest.mark.parametrize(
    ("changes", "design"),
    [
        ({"masking": "participants"}, "randomised"),
        ({"masking": "participants_and_assessors"}, "randomised"),
        ({"masking": "none"}, "randomised, open"),
        ({"masking": "assessors"}, "randomised, open"),
        ({"masking": None}, "randomised, open"),
        ({"randomised": False}, "not randomised"),
    ],
)
def test_the_design_follows_from_the_plan(changes: dict[str, Any], design: Design):
    study = with_header(variants.real().study, **{"randomised": True, **changes})

    assert word_choice.design_of(study, "real") == design
    assert word_choice.design_of(study, "simulated") == "simulated"


def test_one_arm_is_a_design_of_its_own():
    assert word_choice.design_of(variants.real_single_arm().study, "real") == "single arm"


@each_study
def test_a_report_says_nothing_that_its_design_forbids(make):
    results = make()
    main = main_result(results)
    status = main.record.data_status if main is not None else results.study.participants_status
    said, typed = words(make), own_words(results)

    for pattern in word_choice.NOT_SAID[word_choice.design_of(results.study, status)]:
        found = {match[0] for match in re.finditer(pattern, said, re.IGNORECASE)}
        assert {text for text in found if text not in typed} == set(), pattern


@pytest.mark.parametrize("make", [variants.open_result, variants.p_values_only])
def test_an_open_result_is_never_told_as_none(make):
    results = make()
    main = main_result(results)
    assert main is None or side_of(main.estimate, alpha=main.record.alpha) == "unclear"
    said, typed = words(make), own_words(results)

    for pattern in word_choice.NOT_SAID["open"]:
        found = {match[0] for match in re.finditer(pattern, said, re.IGNORECASE)}
        assert {text for text in found if text not in typed} == set(), pattern


@each_study
def test_significant_never_stands_without_its_interval(make):
    for sentence in re.split(r"(?<=[.!?])\s", words(make)):
        if SIGNIFICANT.search(sentence):
            assert "interval" in sentence, sentence


@pytest.mark.parametrize("language", languages())
def test_a_report_can_be_told_in_every_language(language: str):
    with speaking(language):
        document = build_document(variants.open_result())
        page = render_html(document)
        file = render_docx(document)

    assert f'lang="{language}' in page
    assert file[:2] == b"PK"


@pytest.mark.parametrize(
    ("same", "others", "clear", "said"),
    [
        (0, 2, 0, "Neither of the two other analyses of this comparison puts it on the same side."),
        (0, 5, 0, "None of the 5 other analyses of this comparison put it on the same side."),
        (
            1,
            5,
            0,
            (
                "1 of 5 other analyses of this comparison puts it on the same side, none with an "
                "interval clear of no difference."
            ),
        ),
        (
            2,
            2,
            1,
            (
                "Both other analyses of this comparison put it on the same side, 1 with an "
                "interval clear of no difference."
            ),
        ),
        (
            3,
            3,
            3,
            (
                "All 3 other analyses of this comparison put it on the same side, each with an "
                "interval clear of no difference."
            ),
        ),
    ],
)
def test_other_analyses_are_counted_in_good_grammar(same, others, clear, said):
    told = word_choice.agreement(same, others, clear, certain=False, single_arm=False)

    assert told == said
