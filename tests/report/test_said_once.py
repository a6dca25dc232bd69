"""What a report says once: a long note under the first table, numbers in one table."""

from dataclasses import replace

import pytest

from report import variants
from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.present.table_outcomes import NEEDED_NOTE
from trialkit.report.build import build_document
from trialkit.report.captions import table_block
from trialkit.report.document import TableBlock
from trialkit.report.findings import results_part
from trialkit.report.said_once import describes_again, needed_note_once
from trialkit.result.study_results import AnalysisRecord, StudyResults

NOTE = say(NEEDED_NOTE)


def noted(*notes: str) -> TableBlock:
    return TableBlock(
        caption="A table",
        table=Table(id="t", title="T", columns=(Column(label="A"),), rows=(), footnotes=notes),
    )


def with_descriptive(**changes: object) -> tuple[StudyResults, AnalysisRecord]:
    """Return a study that plans to describe its pain after treatment, as it stands described."""
    results = variants.real()
    planned = results.study.analysis[0].model_copy(
        update={"id": "described", "label": "Pain, described", "method": "descriptive"}
        | {"role": "exploratory", "family": None, "covariates": None}
    )
    rows = [row for row in results.descriptives[0].estimates if row.visit == "week_8"]
    assert rows
    rows[0] = replace(rows[0], **changes)
    of_main = results.analyses[0]
    assert of_main.result is not None
    result = replace(of_main.result, analysis_id="described", estimates=tuple(rows))
    record = replace(of_main, analysis="described", procedure=None, alpha=None, result=result)
    study = results.study.model_copy(update={"analysis": (*results.study.analysis, planned)})
    return replace(results, study=study, analyses=(*results.analyses, record)), record


def test_the_note_on_numbers_needed_stands_under_the_first_table_alone():
    blocks = [noted("First."), noted("Mine.", NOTE), noted(NOTE, "Last."), noted("None.")]

    notes = [block.table.footnotes for block in needed_note_once(blocks)]

    again = "NNTB, NNTH: as under Table 2."
    assert notes == [("First.",), ("Mine.", NOTE), (again, "Last."), ("None.",)]


def test_a_whole_report_says_the_note_once():
    texts = [
        note
        for block in build_document(variants.real()).parts
        if isinstance(block, TableBlock)
        for note in block.table.footnotes
    ]

    assert texts.count(NOTE) <= 1


def test_what_is_described_already_is_referred_to():
    results, record = with_descriptive()

    blocks = results_part(results)

    assert describes_again(results, record)
    assert "analysis-described" not in [
        block.table.id for block in blocks if isinstance(block, TableBlock)
    ]
    said = [
        "".join(run.text for run in block.runs) for block in blocks if block.kind == "paragraph"
    ]
    table = next(
        block.table.title
        for block in blocks
        if isinstance(block, TableBlock) and block.table.id == "descriptives-pain"
    )
    assert f"Pain, described: the numbers are those of the table “{table}”." in said


@pytest.mark.parametrize("changes", [{"estimate": 1.234}, {"n_subjects": 3}, {"visit": "week_99"}])
def test_what_is_described_otherwise_has_its_table(changes):
    results, record = with_descriptive(**changes)

    assert not describes_again(results, record)
    assert "analysis-described" in [
        block.table.id for block in results_part(results) if isinstance(block, TableBlock)
    ]


def test_only_a_description_can_be_one_again():
    results = variants.real()

    assert not any(
        describes_again(results, record) for record in results.analyses if record.result is not None
    )


def test_a_column_without_any_value_is_left_out():
    given = Table(
        id="t",
        title="T",
        columns=tuple(Column(label=label) for label in "ABCD"),
        rows=(("–", "–", "1", ""), ("–", "", "–", "–")),
    )

    shown = table_block(given).table

    assert [column.label for column in shown.columns] == ["A", "C"]
    assert shown.rows == (("–", "1"), ("–", "–"))


def test_a_table_without_rows_keeps_its_columns():
    given = Table(id="t", title="T", columns=(Column(label="A"), Column(label="B")), rows=())

    assert len(table_block(given).table.columns) == 2
