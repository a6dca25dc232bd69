"""The document of one study, built once from its stored results."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from trialkit.present.figures import distribution_figure, forest_figure, pairs_figure
from trialkit.present.synopsis import SIMULATED_MARK, warning
from trialkit.report.captions import figure_block
from trialkit.report.choice import main_result
from trialkit.report.closing import claims_part, data_part, plan_part, provenance_part
from trialkit.report.document import Block, Document, FigureBlock, TableBlock
from trialkit.report.findings import endpoint_records, results_part, same_comparison
from trialkit.report.methods import methods_part, people_part
from trialkit.report.page_one import front_page, question
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
    return Document(
        title=question(study),
        description=f"{study.study.title}. A report of stored results, made by trialkit.",
        front=front_page(results),
        parts=numbered(
            (
                *methods_part(results),
                *people_part(results),
                *results_part(results),
                *claims_part(results),
                *plan_part(results),
                *data_part(results),
                *provenance_part(results),
            )
        ),
        filler=filler(results),
        running=running_line(results),
        warning=warning(study),
        dated=document_date(study.study.dated),
        navigation=navigation,
        downloads=downloads,
    )


def running_line(results: StudyResults) -> str:
    """Return the foot of every printed page: study and the beginning of the results' hash."""
    mark = f"{SIMULATED_MARK} · " if results.study.has_simulated_data else ""
    return f"{mark}trialkit · {results.study.id} · results {results.sha256[:HASH_DIGITS]}"


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
            caption = f"{block.kind.capitalize()} {counts[block.kind]}. {block.caption}"
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
            return figure_block(pairs_figure(results, *place), main.record.data_status)
        if place in {(item.endpoint, item.visit) for item in results.distributions}:
            return figure_block(distribution_figure(results, *place), main.record.data_status)
    endpoint = results.study.find_endpoint(main.estimate.parameter)
    for group in same_comparison(results, endpoint_records(results, endpoint)):
        if main.record in group:
            return figure_block(forest_figure(results, group), main.record.data_status)
    return None
