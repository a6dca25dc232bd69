"""The part on results: values by arm, every analysis, figures, panels of p-values."""

from collections.abc import Iterator
from dataclasses import replace

from trialkit.present.figures import (
    distribution_figure,
    forest_figure,
    means_figure,
    p_value_figure,
    pairs_figure,
)
from trialkit.present.guard_rails import guard_rails
from trialkit.present.joint_wording import sentences_without_side
from trialkit.present.tables import (
    analysis_tables,
    covariance_table,
    descriptives_table,
    joint_table,
    p_value_panel_table,
    visit_completion_table,
)
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.present.wording import DIFFERENCES, sentence
from trialkit.report.analysis_figures import own_figures
from trialkit.report.captions import figure_block, table_block
from trialkit.report.choice import leading_estimate
from trialkit.report.document import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    paragraph,
    plain,
)
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study

Place = tuple[str, str]


def results_part(results: StudyResults) -> tuple[Block, ...]:
    """Return every result, endpoint by endpoint, then the panels of p-values."""
    body = [
        *(
            block
            for endpoint in results.study.endpoint
            for block in endpoint_blocks(results, endpoint)
        ),
        *panel_blocks(results),
    ]
    if not body:
        body = [paragraph("No planned analysis ran; the part on the plan says why.")]
    return (Heading(text="Results", role="section", anchor="results"), *body)


def endpoint_blocks(results: StudyResults, endpoint: Endpoint) -> tuple[Block, ...]:
    """Return the values of an endpoint, its analyses, and its figures."""
    records = endpoint_records(results, endpoint)
    beside = stand_ins_beside(results, records)
    blocks = (
        *described(results, endpoint),
        *(
            block
            for record in records
            if record not in beside
            for block in analysis_blocks(results, record)
        ),
        *(paragraph(text) for text in guard_rails(results, endpoint, records)),
        *published_beside(results, beside),
        *forests(results, records),
        *people_figures(results, endpoint),
    )
    if not blocks:
        return ()
    heading = Heading(text=endpoint.label, role="subsection", anchor=f"endpoint-{endpoint.id}")
    return (heading, *blocks)


def endpoint_records(results: StudyResults, endpoint: Endpoint) -> tuple[AnalysisRecord, ...]:
    """Return the records of an endpoint that ran, but those of published p-values."""
    study = results.study
    planned = [
        item
        for item in study.analysis
        if study.find_estimand(item.estimand).endpoint == endpoint.id
        and item.method != "published_p_values"
    ]
    records = (results.find_record(item.id) for item in planned)
    return tuple(record for record in records if record is not None and record.result is not None)


def described(results: StudyResults, endpoint: Endpoint) -> Iterator[Block]:
    """Yield the table and the figure of an endpoint's values by arm and visit."""
    rows = [row for result in results.descriptives for row in result.select(parameter=endpoint.id)]
    if not rows:
        return
    status = results.study.participants_status
    table = descriptives_table(results, endpoint.id)
    yield table_block(table, status)
    if not any(row.quantity == "mean" and row.estimate is not None for row in rows):
        yield paragraph("There is no figure of means: no arm has enough values to show one.")
    elif len({row.visit for row in rows}) > 1:
        yield figure_block(means_figure(results, endpoint.id), status)


def analysis_blocks(results: StudyResults, record: AnalysisRecord) -> tuple[Block, ...]:
    """Return an analysis: one sentence on its question's answer, then its table."""
    row = leading_estimate(results, record)
    said: tuple[Paragraph, ...] = ()
    if row is not None:
        said = (paragraph(sentence(results.study, record, row), role="lead"),)
    else:
        without_side = sentences_without_side(results.study, record)
        said = tuple(paragraph(text, role="lead") for text in without_side)
    terms = joint_table(results, record)
    of_visits = (covariance_table(results, record), visit_completion_table(results, record))
    estimates = analysis_tables(results, record)
    # A model of several visits answers by its differences, an analysis of variance by its tests.
    by_visit = len(estimates) > 1
    ordered = (*estimates, terms, *of_visits) if by_visit else (terms, *estimates, *of_visits)
    shown = [
        table_block(item, record.data_status) for item in ordered if item is not None and item.rows
    ]
    before = 1 if by_visit else len(shown)  # the figure of the visits stands beside the answer
    return (*said, *shown[:before], *own_figures(results, record), *shown[before:])


def stand_ins_beside(
    results: StudyResults, records: tuple[AnalysisRecord, ...]
) -> tuple[AnalysisRecord, ...]:
    """Return the records of printed figures whose analysis of participants ran as well."""
    ran = {record.analysis for record in records}
    replaced = {item.id: item.stands_in_for for item in results.study.analysis}
    return tuple(record for record in records if replaced[record.analysis] in ran)


def published_beside(
    results: StudyResults, records: tuple[AnalysisRecord, ...]
) -> tuple[Block, ...]:
    """Return printed figures beside the analyses of participants that they agree with or not."""
    rows = [(record, leading_estimate(results, record)) for record in records]
    said = [plain(sentence(results.study, record, row)) for record, row in rows if row is not None]
    if not said:
        return ()
    return (
        paragraph("The same from published figures, to hold beside it:", role="lead"),
        Bullets(items=tuple(said)),
    )


def forests(results: StudyResults, records: tuple[AnalysisRecord, ...]) -> Iterator[Block]:
    """Yield a forest for each comparison that a main and another analysis estimate, or three."""
    mains = {item.id for item in results.study.main_analyses}
    for group in same_comparison(results, records):
        if len(group) > 2 or any(record.analysis in mains for record in group):
            yield figure_block(forest_figure(results, group), group[0].data_status)


def same_comparison(
    results: StudyResults, records: tuple[AnalysisRecord, ...]
) -> list[tuple[AnalysisRecord, ...]]:
    """Return groups of two or more records whose estimand compares the same arms at a visit."""
    groups: dict[tuple[object, ...], list[AnalysisRecord]] = {}
    for record in records:
        row = leading_estimate(results, record)
        if row is not None and row.quantity in DIFFERENCES:
            key = (row.visit, row.arm, row.reference_arm, record.data_status == "simulated")
            groups.setdefault(key, []).append(record)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def people_figures(results: StudyResults, endpoint: Endpoint) -> Iterator[Block]:
    """Yield everybody's values of an endpoint at the visits that its main questions name."""
    status = results.study.participants_status
    changes = {(item.endpoint, item.visit) for item in results.transitions}
    spreads = {(item.endpoint, item.visit) for item in results.distributions}
    for place in main_places(results.study, endpoint):
        if place in changes:
            yield figure_block(pairs_figure(results, *place), status)
        if place in spreads:
            yield figure_block(distribution_figure(results, *place), status)


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


def panel_blocks(results: StudyResults) -> tuple[Block, ...]:
    """Return each family of published p-values as a table and a figure."""
    groups: dict[str, list[AnalysisRecord]] = {}
    for item in results.study.analysis:
        record = results.find_record(item.id)
        if item.method == "published_p_values" and record is not None and record.result is not None:
            groups.setdefault(item.family or item.id, []).append(record)
    if not groups:
        return ()
    return (
        Heading(text="Published p-values", role="subsection", anchor="p-values"),
        paragraph("A p-value says nothing of the size of a change; none of these has an interval."),
        *(block for records in groups.values() for block in panel(results, tuple(records))),
    )


def panel(results: StudyResults, records: tuple[AnalysisRecord, ...]) -> tuple[Block, ...]:
    """Return one family of published p-values."""
    table = p_value_panel_table(results, records)
    figure = p_value_figure(results, records)
    status = records[0].data_status
    name = records[0].procedure
    procedure = f", adjusted by the procedure of {PROCEDURES[name]}" if name else ""
    named = replace(table, title=f"{table.title}{procedure}")
    return (
        table_block(named, status),
        figure_block(replace(figure, title=f"{figure.title}{procedure}"), status),
    )
