"""The order of an endpoint's part: the answer and its people first, the other analyses last."""

from dataclasses import replace

from present import sample
from present.test_diagnostics import diagnostics
from report import variants
from trialkit.report.build import build_document, filler
from trialkit.report.document import Block, Bullets, FigureBlock, Heading, TableBlock
from trialkit.report.findings import other_blocks, results_part
from trialkit.report.page_one import front_page
from trialkit.result.study_results import StudyResults


def names(blocks: tuple[Block, ...]) -> list[str]:
    """Return what the blocks are: figures and tables by id, headings by anchor."""
    shown = []
    for block in blocks:
        if isinstance(block, FigureBlock):
            shown.append(block.figure.id)
        elif isinstance(block, TableBlock):
            shown.append(block.table.id)
        elif isinstance(block, Heading):
            shown.append(block.anchor)
    return shown


def firmness(results: StudyResults) -> str:
    """Return what page one says of how firm the result is."""
    said = []
    for block in front_page(results):
        if block.kind == "columns":
            blocks = (*block.left, *block.right)
            place = [getattr(item, "anchor", "") for item in blocks].index("firm")
            said.append("".join(run.text for run in blocks[place + 1].runs))
    return " ".join(said)


def test_an_endpoint_is_told_in_the_order_in_which_a_reader_asks():
    results = variants.real()

    shown = names(results_part(results))

    assert shown == [
        "results",
        "endpoint-pain",
        "analysis-primary",
        "figure-estimation-primary",
        "descriptives-pain",
        "figure-means-pain",
        "figure-raincloud-pain",
        "figure-forest-primary",
        "diagnostics-pain",
        "others-pain",
        "analysis-unadjusted",
        "analysis-relief",
    ]


def test_each_way_of_a_person_is_drawn_once():
    results = variants.real()
    elsewhere = replace(
        results,
        descriptives=tuple(replace(item, estimand="other") for item in results.descriptives),
    )

    drawn, undrawn = names(results_part(results)), names(results_part(elsewhere))

    assert "figure-estimation-primary" in drawn
    assert "figure-pairs-pain-week_8" not in drawn
    assert "figure-estimation-primary" not in undrawn
    assert "figure-pairs-pain-week_8" in undrawn


def test_figures_from_print_have_no_people_to_draw():
    shown = names(results_part(variants.stand_in()))

    assert [name for name in shown if "estimation" in name or "raincloud" in name] == []
    assert "figure-forest-figures" not in shown  # one analysis alone is no forest


def test_page_one_says_whether_single_people_decide():
    results = variants.real()
    hanging = replace(results, diagnostics=(diagnostics(left_out=21),))
    firm = replace(results, diagnostics=(diagnostics(left_out=0),))

    assert "people" not in firmness(results)
    assert "Leaving out any one of 21 of the 34 people makes the interval reach 0" in firmness(
        hanging
    )
    assert "Whoever of the 34 people is left out" in firmness(firm)


def test_diagnostics_stand_with_their_analysis():
    results = replace(variants.real(), diagnostics=(diagnostics(),))

    blocks = results_part(results)

    place = names_with_positions(blocks)["diagnostics-pain"]
    said = blocks[place + 2]
    assert isinstance(said, Bullets)
    assert "".join(run.text for run in said.items[0]).startswith("No sign that the residuals")


def names_with_positions(blocks: tuple[Block, ...]) -> dict[str, int]:
    """Return where headings stand among the blocks."""
    return {
        block.anchor: position
        for position, block in enumerate(blocks)
        if isinstance(block, Heading)
    }


def test_the_foot_of_page_one_shows_people_wherever_they_are_stored():
    results = variants.real()
    alone = replace(results, transitions=())

    assert filler(results).figure.id == "figure-pairs-pain-week_8"
    assert filler(alone).figure.id == "figure-raincloud-pain-week_8"


def test_every_figure_has_its_own_id():
    document = build_document(sample.four_arms())
    ids = [block.figure.id for block in document.parts if isinstance(block, FigureBlock)]

    assert len(ids) == len(set(ids))


def test_the_forest_of_another_question_stands_after_the_first_analysis_that_answers_it():
    results = variants.real()
    ran = [record for record in results.analyses if record.result is not None]
    forest = next(block for block in results_part(results) if isinstance(block, FigureBlock))
    elsewhere = replace(forest, figure=replace(forest.figure, id="of-nobody-here"))
    beside = frozenset({ran[1].analysis, ran[2].analysis})

    shown = names(
        tuple(other_blocks(results, ran, [(beside, forest), (frozenset({"x"}), elsewhere)]))
    )

    assert shown == [
        "analysis-primary",
        "analysis-unadjusted",
        forest.figure.id,
        "analysis-relief",
        "of-nobody-here",
    ]
