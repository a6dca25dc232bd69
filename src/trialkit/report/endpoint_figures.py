"""The figures of an endpoint: people and difference, profile, rainclouds, forests."""

from collections.abc import Iterator, Sequence

from trialkit.present.estimation import read_estimation
from trialkit.present.figures import (
    estimation_figure,
    forest_figure,
    pairs_figure,
    raincloud_figure,
)
from trialkit.present.forest_rows import questions
from trialkit.report.captions import figure_block
from trialkit.report.choice import leading_estimate
from trialkit.report.document import FigureBlock
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study

Place = tuple[str, str]


def estimation_blocks(results: StudyResults, record: AnalysisRecord) -> Iterator[FigureBlock]:
    """Yield everybody's values beside the difference of an analysis, where people are stored."""
    row = leading_estimate(results, record)
    if row is not None and read_estimation(results, record, row) is not None:
        yield figure_block(estimation_figure(results, record, row), record.data_status)


def people_blocks(
    results: StudyResults, endpoint: Endpoint, records: Sequence[AnalysisRecord]
) -> Iterator[FigureBlock]:
    """Yield the spread of an endpoint at all its visits; and the pairs that stand nowhere else.

    ``records`` are those whose estimation plot is drawn: it shows each person's way.
    """
    status = results.study.participants_status
    drawn = {
        (row.parameter, row.visit)
        for record in records
        if (row := leading_estimate(results, record)) is not None
        and read_estimation(results, record, row) is not None
    }
    changes = {(item.endpoint, item.visit) for item in results.transitions}
    for place in main_places(results.study, endpoint):
        if place in changes and place not in drawn:
            yield figure_block(pairs_figure(results, *place), status)
    if any(item.endpoint == endpoint.id and any(item.counts) for item in results.distributions):
        yield figure_block(raincloud_figure(results, endpoint.id), status)


def forest_blocks(
    results: StudyResults, endpoint: Endpoint
) -> tuple[tuple[frozenset[str], FigureBlock], ...]:
    """Return a forest of each question of an endpoint that several analyses answer.

    Each with the ids of the analyses in it, so that it may stand beside them.
    """
    found = []
    for records in questions(results, endpoint.id):
        first = next(record for record in records if record.result is not None)
        block = figure_block(forest_figure(results, records), first.data_status)
        found.append((frozenset(record.analysis for record in records), block))
    return tuple(found)


def main_places(study: Study, endpoint: Endpoint) -> tuple[Place, ...]:
    """Return (endpoint, visit) of the main questions; where none is main, of the first."""
    asked = [
        (item, study.find_estimand(item.estimand))
        for item in study.analysis
        if study.find_estimand(item.estimand).endpoint == endpoint.id
    ]
    main = [estimand for item, estimand in asked if item.role == "main"]
    found = main or [estimand for _, estimand in asked[:1]]
    return tuple(dict.fromkeys((estimand.endpoint, estimand.visit) for estimand in found))
