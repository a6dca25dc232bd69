"""What a report says once and then refers to: a long note, and numbers that stand elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trialkit.language.speech import say
from trialkit.present.labels import analysis_label
from trialkit.present.table_outcomes import NEEDED_NOTE
from trialkit.present.tables import descriptives_table
from trialkit.report.document import Block, Paragraph, TableBlock, paragraph
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

Place = tuple[str | None, str | None, str | None, str]


def needed_note_once(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks; under later tables the note on numbers needed leads to the first that has it.

    Tables are counted as their captions are numbered.
    """
    note = say(NEEDED_NOTE)
    tables, first = 0, 0
    for block in blocks:
        if not isinstance(block, TableBlock):
            yield block
            continue
        tables += 1
        if first and note in block.table.footnotes:
            shorter = say("NNTB, NNTH: as under Table {n}.", n=first)
            notes = tuple(shorter if item == note else item for item in block.table.footnotes)
            yield replace(block, table=replace(block.table, footnotes=notes))
            continue
        if note in block.table.footnotes:
            first = tables
        yield block


def describes_again(results: StudyResults, record: AnalysisRecord) -> bool:
    """Return whether every number of an analysis stands in the table of values by arm and visit.

    So it is where values are described of the people whom the descriptive table describes.
    """
    if results.study.find_analysis(record.analysis).method != "descriptive":
        return False
    known = {place(row): row for result in results.descriptives for row in result.estimates}
    rows = record.result.estimates if record.result is not None else ()
    return bool(rows) and all(is_same(row, known.get(place(row))) for row in rows)


def reference_to_descriptives(results: StudyResults, record: AnalysisRecord) -> Paragraph:
    """Return where the numbers of an analysis stand that describes what is described already."""
    estimand = results.study.find_estimand(
        results.study.find_analysis(record.analysis).estimand,
    )
    return paragraph(
        say(
            "{analysis}: the numbers are those of the table “{table}”.",
            analysis=analysis_label(results.study, record.analysis),
            table=descriptives_table(results, estimand.endpoint).title,
        )
    )


def place(row: Estimate) -> Place:
    """Return what a described number is of: endpoint, visit, arm and quantity."""
    return row.parameter, row.visit, row.arm, row.quantity


def is_same(row: Estimate, other: Estimate | None) -> bool:
    """Return whether two rows print the same: people, number and interval."""
    return other is not None and printed(row) == printed(other)


def printed(row: Estimate) -> tuple[object, ...]:
    """Return what is printed of a described number."""
    return row.n_subjects, row.estimate, row.conf_low, row.conf_high, row.conf_level
