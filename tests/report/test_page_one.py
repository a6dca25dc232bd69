"""Page one says by rule what the results say, and says loudly what they do not."""

from dataclasses import replace

import pytest

from present import sample
from report import variants
from trialkit.present.exhibit import Figure
from trialkit.report.build import build_document
from trialkit.report.choice import main_result
from trialkit.report.document import (
    Bullets,
    Callout,
    Columns,
    FigureBlock,
    KeyResult,
    Paragraph,
    Run,
    Verdicts,
)
from trialkit.report.page_one import MOST_CLAIMS, front_page, who_was_studied
from trialkit.result.study_results import StudyResults


def words(value: object) -> str:
    """Return every text inside blocks, drawings left out."""
    if isinstance(value, Run):
        return value.text
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return " ".join(map(words, value))
    names = getattr(type(value), "__dataclass_fields__", {})
    return " ".join(words(getattr(value, name)) for name in names if name not in {"figure", "kind"})


def key(results: StudyResults) -> KeyResult:
    return next(block for block in front_page(results) if isinstance(block, KeyResult))


def bullets(results: StudyResults) -> Bullets:
    columns = next(block for block in front_page(results) if isinstance(block, Columns))
    return next(block for block in columns.right if isinstance(block, Bullets))


def firmness(results: StudyResults) -> str:
    """Return what page one says under "How firm is it?"."""
    (columns,) = (block for block in front_page(results) if isinstance(block, Columns))
    *_, heading, said = columns.left
    assert "How firm is it?" in words(heading)
    return words(said)


def test_the_number_is_in_points_of_the_scale():
    assert key(variants.real()).headline == "1.55 points lower"
    said = words(key(variants.real()).sentences)
    assert "with mindfulness than with slow breathing: pain at rest, 8 weeks" in said
    assert "on a 0–\N{WORD JOINER}10 scale, lower is better" in said
    assert "95\u00a0% interval:  0.62 to 2.48 points lower" in said


def test_the_interval_is_set_strong():
    strong = [
        run.text for runs in key(variants.real()).sentences for run in runs if run.style == "strong"
    ]

    assert strong == ["0.62 to 2.48 points lower"]


def test_another_number_gives_another_headline():
    results = variants.real()
    main, *others = results.analyses
    row = replace(main.result.estimates[0], estimate=0.8, conf_low=0.3, conf_high=1.3)
    changed = replace(main, result=main.result.with_estimates([row]))

    assert key(replace(results, analyses=(changed, *others))).headline == "0.80 points higher"


def test_an_open_result_has_no_direction_in_its_headline():
    result = key(variants.open_result())

    assert (result.headline, result.certain) == ("Cannot tell", False)
    assert words(result.sentences).startswith("whether lower or higher with mindfulness")
    assert "2.10 points lower to 0.40 points higher" in words(result.sentences)


def test_a_single_arm_has_a_change_without_a_cause():
    said = words(front_page(variants.real_single_arm()))

    assert "2.50 points lower" in said
    assert "nobody was compared" in said.lower()
    assert "effect" not in said


def test_stand_ins_are_confessed():
    said = words(key(variants.stand_in()).sentences)

    assert "the participants are not on this machine: trialkit fetch sample" in " ".join(
        said.split()
    )
    assert "real data" not in words(front_page(variants.stand_in()))


def test_where_only_p_values_are_published_no_number_leads():
    result = key(variants.p_values_only())

    assert result.headline == "No interval can be given"
    assert "by Holm, 2 of 4 published p-values stay at or below 0.05." in words(result.sentences)


def test_a_p_value_of_nothing_is_counted_and_a_fine_level_is_told_whole():
    results = variants.p_values_only()
    first, *others = results.analyses
    row = replace(first.result.estimates[0], p_value=0.0, p_adjusted=0.0)
    first = replace(first, result=first.result.with_estimates([row]))
    records = tuple(replace(record, alpha=0.025) for record in (first, *others))

    said = words(key(replace(results, analyses=records)).sentences)
    assert "by Holm, 2 of 4 published p-values stay at or below 0.025." in said


def test_an_estimate_without_an_interval_is_not_called_unpublished():
    results = variants.real()
    records = tuple(
        replace(
            record,
            result=record.result.with_estimates(
                [replace(row, conf_low=None, conf_high=None) for row in record.result.estimates]
            ),
        )
        for record in results.analyses
        if record.result is not None
    )

    result = key(replace(results, analyses=records))
    assert result.headline == "No interval can be given"
    assert "−1.55 points, no interval is given" in words(result.sentences)
    assert "Neither" not in words(result.sentences)


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_numbers_are_marked_beside_the_number(simulated: bool):
    results = sample.two_arms() if simulated else variants.real()

    marked = [block for block in front_page(results) if isinstance(block, Callout)]
    assert bool(marked) == simulated
    assert ("SIMULATED" in words(key(results).sentences)) == simulated
    assert ("SIMULATED" in words(front_page(results))) == simulated


def test_harms_that_were_not_collected_are_said_loudly():
    items = bullets(variants.real()).items

    assert items[-1] == (Run("about harms: harms were not collected", "strong"),)


def test_other_outcomes_that_stay_open_are_listed():
    results = variants.real()
    main, *others = results.analyses
    row = replace(
        main.result.estimates[0], visit="week_4", estimate=-0.2, conf_low=-1.0, conf_high=0.6
    )
    both = replace(main, result=main.result.with_estimates([*main.result.estimates, row]))

    said = words(bullets(replace(results, analyses=(both, *others))))
    assert "about pain at rest, 4 weeks: 0.20 points lower, 1.00 points lower to" in said


def test_the_claims_fit_and_the_others_are_counted():
    front = front_page(variants.crowded())
    rows = next(block for block in front if isinstance(block, Verdicts)).rows

    assert len(rows) == MOST_CLAIMS
    assert "7 more claims in the part on claims" in words(front)


def flow_of(results: StudyResults) -> tuple[str, list[Figure]]:
    """Return the text beside the flow on page one, and the drawing, if there is one."""
    blocks = who_was_studied(results, main_result(results))
    texts = (block.runs for block in blocks if isinstance(block, Paragraph))
    said = ("".join(run.text for run in runs) for runs in texts)
    return " ".join(said), [block.figure for block in blocks if isinstance(block, FigureBlock)]


def test_who_was_studied_is_drawn_in_a_small_flow():
    said, (figure,) = flow_of(variants.real())

    assert said.startswith("Adults with pain.")
    assert figure.alt == (
        "61 assessed, then 37 in the data, then 34 analysed "
        "(16 in “Mindfulness” and 18 in “Slow breathing”)."
    )


def test_losses_by_arm_stand_on_page_one_and_that_their_reasons_are_unknown():
    said, _ = flow_of(variants.real())

    assert said.endswith(
        "Without the outcome: 1 of 17 (5.9\u00a0%) with mindfulness and 2 of 20 (10.0\u00a0%) with "
        "slow breathing. Their reasons are not reported."
    )


def test_whom_a_result_counts_is_told_where_the_flow_ends_elsewhere():
    results = variants.real()
    fewer = tuple(
        replace(count, n_subjects=9) if count.step == "analysed" else count
        for count in results.flow
    )

    said, _ = flow_of(replace(results, flow=fewer))

    assert said.endswith("This result counts 34 people.")


def test_people_outside_the_population_of_the_main_analysis_are_counted():
    results = variants.real()
    outside = tuple(
        replace(count, n_subjects=3) if count.step == "outside_population" else count
        for count in results.flow
    )

    said, _ = flow_of(replace(results, flow=outside))

    assert "6 people are outside the population of this analysis: everyone randomised." in said


def test_a_flow_without_steps_is_told_in_words():
    results = variants.real()
    plain = tuple(replace(count, step=None, source=None) for count in results.flow)

    said, drawn = flow_of(replace(results, flow=plain))

    assert drawn == []
    assert "Adults with pain. 61 people assessed; not entered: no pain 24" in said


def test_simulated_people_are_marked_beside_the_small_flow():
    blocks = who_was_studied(sample.two_arms(), main_result(sample.two_arms()))

    assert [block.caption for block in blocks if isinstance(block, FigureBlock)] == ["SIMULATED"]


def test_how_firm_it_is_follows_from_the_design():
    said = firmness(variants.real())

    assert "Chance formed the arms" in said
    assert "The one other analysis of this comparison puts it on the same side" in said
    assert "1 point (Invented 2020) is named as a difference that matters" in said


def test_simulated_numbers_are_never_called_firm():
    said = firmness(sample.two_arms())

    assert said.startswith("The numbers are simulated")
    assert "same side" not in said


def test_every_caption_under_simulated_numbers_says_so():
    document = build_document(sample.two_arms())
    plan = (
        "What was measured",
        "What is asked",
        "What was planned",
        "item by item",
        "What made these",
    )

    captions = [block.caption for block in document.parts if block.kind in {"table", "figure"}]
    unmarked = [text for text in captions if "SIMULATED" not in text]
    assert len(captions) > len(unmarked)
    assert [text for text in unmarked if not any(part in text for part in plan)] == []


def test_tables_and_figures_are_counted_from_one():
    document = build_document(variants.real())

    for kind in ("table", "figure"):
        captions = [block.caption for block in document.parts if block.kind == kind]
        assert captions
        for number, caption in enumerate(captions, start=1):
            assert caption.startswith(f"{kind.capitalize()} {number}. ")


def test_without_an_interval_the_reason_of_the_main_analysis_stands_there():
    results = variants.real()
    reason = "the arms overlap"
    records = tuple(
        replace(item, status="not_run", result=None, reason=reason) for item in results.analyses
    )

    block = key(replace(results, analyses=records))

    assert block.headline == "No interval can be given"
    assert "The arms overlap." in words(block.sentences)
