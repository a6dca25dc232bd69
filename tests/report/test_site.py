"""The index of a site: what the studies say of each treatment, and what that does to claims."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from present import sample
from report import variants
from trialkit.language.speech import speaking
from trialkit.report.addresses import results_anchor
from trialkit.report.html import render_html
from trialkit.report.publish import publish, render_site
from trialkit.report.site_claims import verdict_counts
from trialkit.report.site_pages import index_document
from trialkit.report.topics import findings, outcomes, topics, treatments, untold
from trialkit.result.study_results import ClaimVerdict, StudyResults


def relabelled(
    results: StudyResults, study: str, *, pain: str = "Pain at rest", **arms: dict[str, str]
) -> StudyResults:
    """Return results as those of another study, whose arms and outcome have other labels."""
    plan = results.study
    changed = plan.model_copy(
        update={
            "arm": tuple(arm.model_copy(update=arms.get(arm.id, {})) for arm in plan.arm),
            "endpoint": (plan.endpoint[0].model_copy(update={"label": pain}),),
        }
    )
    return variants.with_header(
        replace(results, study=changed), id=study, title=f"The {study} study", question=None
    )


def other(results: StudyResults | None = None) -> StudyResults:
    """Return a second study of mindfulness, against a waiting list."""
    return relabelled(
        results or variants.real(),
        "other",
        pain="Back pain score",
        mind={"label": "Mindfulness (eight weeks)"},
        breath={"label": "Waiting list", "role": "no_treatment"},
    )


def claim(number: int, **changes: Any) -> ClaimVerdict:
    return replace(variants.verdicts()[0], claim=f"c{number}", text=f"Claim {number}.", **changes)


def page_of(
    results: list[StudyResults], claims: list[ClaimVerdict], **options: Any
) -> html.HtmlElement:
    document = index_document([variants.article()], results, claims, **options)
    return html.fromstring(render_html(document))


def part_of(page: html.HtmlElement, anchor: str) -> html.HtmlElement:
    """Return what stands between a heading and the next one of its rank or above."""
    heading = page.get_element_by_id(anchor)
    part = html.Element("div")
    for block in list(heading.itersiblings()):
        if block.tag in {"h2", heading.tag}:
            break
        part.append(block)
    return part


def said(part: html.HtmlElement) -> str:
    return " ".join(part.text_content().split())


def test_treatments_of_several_studies_are_one_topic_where_only_brackets_differ():
    found = treatments([variants.real(), other()])

    assert found == [
        ("Mindfulness (eight weeks)", (("sample", "mind"), ("other", "mind"))),
        ("Slow breathing", (("sample", "breath"),)),
    ]


@pytest.mark.parametrize("role", ["placebo", "no_treatment"])
def test_what_a_treatment_is_held_against_is_no_topic(role: str):
    results = relabelled(variants.real(), "other", breath={"label": "Cream", "role": role})

    assert [name for name, _ in treatments([results])] == ["Mindfulness"]


def test_an_outcome_is_a_topic_where_two_studies_measured_it():
    assert outcomes([variants.real()]) == []
    assert outcomes([variants.real(), other()]) == [
        ("pain", (("sample", "pain"), ("other", "pain")))
    ]


def test_words_of_measuring_bring_no_outcomes_together():
    first = relabelled(variants.real(), "first", pain="Sleep score")
    second = relabelled(variants.real(), "second", pain="Anxiety score (total pain)")

    assert outcomes([first, second]) == []


def test_words_that_always_stand_together_are_one_outcome():
    first = relabelled(variants.real(), "first", pain="Throat pain")
    second = relabelled(variants.real(), "second", pain="Throat pain at rest")

    assert [name for name, _ in outcomes([first, second])] == ["throat pain"]


def test_a_study_says_one_thing_of_each_pair_of_arms_and_outcome():
    found = list(findings(variants.real()))

    assert [(item.record.analysis, item.arms) for item in found] == [
        ("primary", ("mind", "breath"))
    ]


def test_printed_figures_speak_where_participants_do_not_and_say_so():
    results = variants.stand_in()

    assert [item.stands_in for item in findings(results)] == [True]
    text = said(part_of(page_of([results], []), "treatment-mindfulness"))
    assert "A sample study From published figures." in text


def test_simulated_people_never_speak_for_a_study_of_real_ones():
    results = variants.real()
    records = tuple(replace(item, data_status="simulated") for item in results.analyses)

    assert list(findings(replace(results, analyses=records))) == []


def test_simulated_findings_are_marked_and_stand_last():
    simulated = relabelled(sample.two_arms(), "made-up")

    part = part_of(page_of([simulated, variants.real()], []), "treatment-mindfulness")

    lines = [said(item) for item in part.xpath(".//li")]
    assert [line.startswith("SIMULATED. ") for line in lines] == [False, True]
    assert "2 studies · 1 with simulated participants · no claims" in said(part)


def test_verdicts_and_marks_are_in_the_language_of_the_page():
    with speaking("de"):
        page = page_of([relabelled(sample.two_arms(), "made-up"), variants.real()], [claim(1)])

    assert page.xpath("//td[contains(@class, 'verdict')]/span/text()")[0] == "gestützt"
    text = said(part_of(page, "treatment-mindfulness"))
    assert "SIMULIERT. " in text
    assert "SIMULATED" not in text


def test_a_finding_is_the_stored_number():
    results = variants.real()
    main, *rest = results.analyses
    row = replace(main.result.estimates[0], estimate=-1.25, conf_low=-2.25, conf_high=-0.35)
    changed = replace(main, result=main.result.with_estimates([row]))

    def line(of: StudyResults) -> str:
        return said(part_of(page_of([of], []), "treatment-mindfulness").xpath(".//li")[0])

    after = line(replace(results, analyses=(changed, *rest)))
    assert "1.55 points lower with mindfulness than with slow breathing" in line(results)
    assert "1.25 points lower with mindfulness than with slow breathing" in after
    assert "0.35 to 2.25 points lower" in after


def test_a_claim_stands_under_each_topic_that_its_analyses_are_about():
    claims = [claim(1)]

    page = page_of([variants.real(), other()], claims)

    for anchor in ("treatment-mindfulness-eight-weeks", "treatment-slow-breathing", "outcome-pain"):
        row = part_of(page, anchor).xpath(".//table[@class='verdicts']/tbody/tr")[0]
        assert "Claim 1." in said(row)
        assert said(row.xpath("./td")[0]) == "supported"
        assert "The interval lies wholly on the claimed side of no difference." in said(row)
        assert row.xpath(".//@href") == [
            "articles/post/index.html#claim-1-c1",
            "sample/index.html#endpoint-pain",
        ]


def test_a_link_that_names_no_arms_means_those_of_its_question():
    bare = replace(variants.verdicts()[0].links[0], treatment=None, reference=None)

    found = topics([variants.real()], [claim(1, links=(bare,))])

    assert [(item.name, len(item.claims)) for item in found] == [
        ("Mindfulness", 1),
        ("Slow breathing", 1),
    ]


def test_a_claim_on_a_study_that_is_not_at_hand_is_under_no_topic():
    elsewhere = variants.verdicts()[0].links[1]
    lost = claim(1, links=(elsewhere,), verdict="not testable here", untestable="no linked study")

    found = topics([variants.real()], [lost])

    assert all(item.claims == () for item in found)
    assert untold([lost], found) == ((), (lost,))


def test_every_claim_stands_on_the_index_with_its_verdict_and_its_place():
    summed = claim(2, links=(), verdict="does not add up", because="1 + 1 = 2, quoted as 3")
    guess = claim(
        3,
        links=(),
        verdict="not testable here",
        untestable="speculation",
        because="the author calls it a guess",
    )
    page = page_of([variants.real()], [claim(1), summed, guess])

    for number in (1, 2, 3):
        assert page.xpath(f"//a[@href='articles/post/index.html#claim-{number}-c{number}']")
    figures = page.xpath("//*[@id='figures']//tbody/tr")
    assert [said(row) for row in figures] == [
        "Claim 2. (A blog post)does not add up1 + 1 = 2, quoted as 3."
    ]
    assert "Not testable here: the author calls it a guess" in said(
        page.get_element_by_id("untested-speculation")
    )
    assert "Claim 3. (A blog post) A flag." in said(part_of(page, "untested-speculation"))
    assert "Claim 3." not in said(part_of(page, "topics"))


def test_a_study_of_p_values_alone_says_so_and_leads_to_its_panel():
    results = variants.p_values_only()

    part = part_of(page_of([results], []), "treatment-retreat")

    assert "Only p-values are published. Adjusted for their number by Holm, 2 of 4" in said(part)
    assert {results_anchor(results, item.id) for item in results.study.endpoint} == {"p-values"}


def test_a_study_without_a_result_is_named_all_the_same():
    results = replace(variants.real(), analyses=(), descriptives=())

    part = part_of(page_of([results], []), "treatment-mindfulness")

    assert "No interval is at hand." in said(part)
    assert results_anchor(results, "pain") == "results"


def test_claims_are_counted_by_verdict():
    claims = [claim(1), claim(2), claim(3, verdict="mixed")]

    assert verdict_counts(claims) == "3 claims: 2 supported, 1 mixed"
    assert verdict_counts(claims[:1]) == "1 claim: 1 supported"
    assert verdict_counts([]) == "0 claims"


def test_a_card_has_question_result_badges_and_the_files_that_are_there(tmp_path: Path):
    results = variants.real()
    publish(results, tmp_path, formats=("html", "docx"))
    (path, *_) = render_site(tmp_path, [], [results], [])

    card = html.fromstring(path.read_bytes()).xpath("//article[@class='card']")[0]

    assert said(card.xpath("./h3")[0]) == "Does mindfulness ease pain?"
    assert "1.55 points lower with mindfulness" in said(card)
    assert "95 % interval 0.62 to 2.48 points lower" in said(card)
    assert "randomised" in [said(item) for item in card.xpath(".//ul[@class='badges']/li")]
    assert card.xpath(".//@href") == [
        "sample/index.html",
        "sample/index.html",
        "sample/report.docx",
        "sample/results.json",
    ]


def test_the_index_counts_what_it_holds():
    page = page_of([variants.real(), sample.two_arms()], [claim(1)])

    assert "2 studies · 1 with simulated participants · 1 article · 1 claim: 1 supported" in said(
        page.xpath("//div[@class='front']")[0]
    )


def test_the_contents_list_names_every_topic():
    page = page_of([variants.real(), other()], [claim(1)])

    listed = [said(item) for item in page.xpath("//nav[@class='contents']/ol/li/ol/li")]

    assert listed == [
        "About mindfulness (eight weeks)",
        "About slow breathing",
        "About pain",
    ]


def test_a_site_of_nothing_has_no_topics():
    page = page_of([], [])

    assert page.xpath("//*[@id='topics' or @id='other-claims' or @id='rules']") == []
