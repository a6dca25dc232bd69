"""The document of one study, built once from its stored results."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from trialkit.language.speech import date_words, say
from trialkit.present.figures import forest_figure, pairs_figure, raincloud_figure
from trialkit.present.forest_rows import questions
from trialkit.present.synopsis import SIMULATED_MARK, warning
from trialkit.report.captions import figure_block
from trialkit.report.choice import main_result
from trialkit.report.closing import claims_part, data_part, plan_part, provenance_part
from trialkit.report.document import Block, Document, FigureBlock, TableBlock
from trialkit.report.findings import results_part
from trialkit.report.methods import methods_part, people_part
from trialkit.report.open_questions import limits_part
from trialkit.report.page_one import for_page_one, front_page, question
from trialkit.report.reporting import checklist_part, glossary_part, harms_part
from trialkit.report.said_once import needed_note_once
from trialkit.result.study_results import StudyResults

# The day of the release: the date of a report whose study and environment give none.
RELEASED: Final = date(2026, 11, 23)
HASH_DIGITS: Final = 12


def build_document(
    results: StudyResults,
    *,
    navigation: tuple[tuple[str, str], ...] = (),
    downloads: tuple[tuple[str, str], ...] = (),
) -> Document:
    """Return the report of a study as a document.

    Parameters
    ----------
    results : StudyResults
        The stored results; nothing else is read.
    navigation, downloads : tuple of (text, address)
        Links at the head of the HTML page.
    """
    study = results.study
    front = front_page(results)
    body = (
        *methods_part(results),
        *people_part(results),
        *results_part(results),
        *harms_part(results),
        *limits_part(results),
        *claims_part(results),
        *plan_part(results),
        *data_part(results),
    )
    closing = (*glossary_part(results), *provenance_part(results))
    audit = checklist_part(results, (*front, *body, *closing))
    return Document(
        title=question(study),
        description=say(
            "{title}. A report of stored results, made by trialkit.", title=study.study.title
        ),
        front=front,
        parts=tuple(needed_note_once(numbered((*body, *audit, *closing)))),
        filler=filler(for_page_one(results)),
        running=running_line(results),
        warning=warning(study),
        dated=document_date(study.study.dated),
        navigation=navigation,
        downloads=downloads,
    )


def running_line(results: StudyResults) -> str:
    """Return the foot of every page: study, the beginning of the results' hash, and the date."""
    parts = [
        "trialkit",
        results.study.id,
        say("results {sha256}", sha256=results.sha256[:HASH_DIGITS]),
        date_words(document_date(results.study.study.dated)),
    ]
    return " · ".join(
        [*([say(SIMULATED_MARK)] if results.study.has_simulated_data else []), *parts]
    )


def document_date(stated: date | None) -> date:
    """Return the date of a document: the study's, else SOURCE_DATE_EPOCH's, else the release's.

    The clock is never asked, so that the same results give the same bytes.
    """
    if stated is not None:
        return stated
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), tz=UTC).date() if epoch.isdecimal() else RELEASED


def numbered(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks whose tables and figures carry their numbers, each counted from 1."""
    counts = {"table": 0, "figure": 0}
    numbered_blocks: list[Block] = []
    for block in blocks:
        if isinstance(block, TableBlock | FigureBlock):
            counts[block.kind] += 1
            values = {"n": counts[block.kind], "caption": block.caption}
            caption = (
                say("Table {n}. {caption}", **values)
                if isinstance(block, TableBlock)
                else say("Figure {n}. {caption}", **values)
            )
            numbered_blocks.append(replace(block, caption=caption))
        else:
            numbered_blocks.append(block)
    return tuple(numbered_blocks)


def filler(results: StudyResults) -> FigureBlock | None:
    """Return what a printed page one shows at its foot if there is room for it.

    Before and after for each person where that is known, else the values at the visit of
    the main result; from printed figures alone, the analyses of its comparison.
    """
    main = main_result(results)
    if main is None or main.estimate.parameter is None or main.estimate.visit is None:
        return None
    place = (main.estimate.parameter, main.estimate.visit)
    if main.record.data_status == results.study.participants_status:
        if place in {(item.endpoint, item.visit) for item in results.transitions}:
            return figure_block(pairs_figure(results, *place, low=True), main.record.data_status)
        counted = [item for item in results.distributions if any(item.counts)]
        if place in {(item.endpoint, item.visit) for item in counted}:
            figure = raincloud_figure(results, place[0], place[1:])
            return figure_block(figure, main.record.data_status)
    for records in questions(results, main.estimate.parameter):
        if main.record in records:
            return figure_block(forest_figure(results, records), main.record.data_status)
    return None
