"""The part on results: endpoint by endpoint, the main answer first; panels of p-values."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trialkit.language.speech import say
from trialkit.present.diagnostics import diagnostic_sentences
from trialkit.present.figures import means_figure, p_value_figure
from trialkit.present.guard_rails import guard_rails
from trialkit.present.joint_wording import sentences_without_side
from trialkit.present.labels import analysis_label
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
from trialkit.present.wording import sentence
from trialkit.report.analysis_figures import own_figures
from trialkit.report.captions import figure_block, table_block
from trialkit.report.choice import leading_estimate
from trialkit.report.document import (
    Block,
    Bullets,
    FigureBlock,
    Heading,
    Paragraph,
    Run,
    paragraph,
    plain,
)
from trialkit.report.endpoint_figures import estimation_blocks, forest_blocks, people_blocks
from trialkit.report.said_once import describes_again, reference_to_descriptives
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint


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
        body = [paragraph(say("No planned analysis ran; the part on the plan says why."))]
    return (Heading(text=say("Results"), role="section", anchor="results"), *body)


def endpoint_blocks(results: StudyResults, endpoint: Endpoint) -> tuple[Block, ...]:
    """Return what is known of an endpoint, in the order in which a reader asks.

    The answer of each main analysis with its table and everybody's values; how the arms go
    over the visits and how values are spread; how many improve by how much; every analysis
    of the question on one axis; how well the models fit; the other analyses, the forest of
    each other question after the first that answers it.
    """
    records = endpoint_records(results, endpoint)
    beside = stand_ins_beside(results, records)
    leading = leading_records(results, [record for record in records if record not in beside])
    curves = [record for record in records if is_curve(results, record)]
    others = [record for record in records if record not in (*leading, *beside, *curves)]
    forests = forest_blocks(results, endpoint)
    answered = {record.analysis for record in leading}
    of_leading = [forest for ids, forest in forests if ids & answered]
    of_others = [(ids, forest) for ids, forest in forests if not ids & answered]
    blocks = (
        *(
            block
            for record in leading
            for block in (
                *analysis_blocks(results, record),
                *estimation_blocks(results, record),
            )
        ),
        *(paragraph(text) for text in guard_rails(results, endpoint, records)),
        *described(results, endpoint),
        *people_blocks(results, endpoint, leading),
        *(block for record in curves for block in analysis_blocks(results, record)),
        *of_leading,
        *diagnostic_blocks(results, endpoint, leading),
        *other_heading(endpoint, leading, others),
        *other_blocks(results, others, of_others),
        *published_beside(results, beside),
    )
    if not blocks:
        return ()
    heading = Heading(text=endpoint.label, role="subsection", anchor=f"endpoint-{endpoint.id}")
    return (heading, *blocks)


def leading_records(
    results: StudyResults, records: Sequence[AnalysisRecord]
) -> tuple[AnalysisRecord, ...]:
    """Return the main analyses of an endpoint; where none is main, the first that answers."""
    mains = {item.id for item in results.study.main_analyses}
    main = tuple(record for record in records if record.analysis in mains)
    if main:
        return main
    answering = (record for record in records if leading_estimate(results, record) is not None)
    return tuple(answering)[:1]


def other_blocks(
    results: StudyResults,
    records: Sequence[AnalysisRecord],
    forests: Sequence[tuple[frozenset[str], FigureBlock]],
) -> Iterator[Block]:
    """Yield the other analyses; the forest of a question stands after the first that answers it."""
    left = list(forests)
    for record in records:
        yield from analysis_blocks(results, record)
        yield from (forest for ids, forest in left if record.analysis in ids)
        left = [(ids, forest) for ids, forest in left if record.analysis not in ids]
    yield from (forest for _, forest in left)


def other_heading(
    endpoint: Endpoint, leading: Sequence[AnalysisRecord], others: Sequence[AnalysisRecord]
) -> Iterator[Block]:
    """Yield the heading between the main answer with its figures and the other analyses."""
    if leading and others:
        anchor = f"others-{endpoint.id}"
        yield Heading(text=say("The other analyses"), role="minor", anchor=anchor)


def diagnostic_blocks(
    results: StudyResults, endpoint: Endpoint, records: Sequence[AnalysisRecord]
) -> Iterator[Block]:
    """Yield how well the models of the main analyses fit, in words."""
    mains = {item.id for item in results.study.main_analyses}
    shown = [record for record in records if record.analysis in mains]
    if not shown:
        return
    anchor = f"diagnostics-{endpoint.id}"
    yield Heading(text=say("Diagnostics"), role="minor", anchor=anchor)
    for record in shown:
        name = analysis_label(results.study, record.analysis)
        yield paragraph(Run(say("{analysis}.", analysis=name), "strong"))
        yield Bullets(items=tuple(map(plain, diagnostic_sentences(results, record))))


def is_curve(results: StudyResults, record: AnalysisRecord) -> bool:
    """Return whether a record is of how many people improve by how much."""
    return results.study.find_analysis(record.analysis).method == "cumulative_responders"


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
        yield paragraph(say("There is no figure of means: no arm has enough values to show one."))
    elif len({row.visit for row in rows}) > 1:
        yield figure_block(means_figure(results, endpoint.id), status)


def analysis_blocks(results: StudyResults, record: AnalysisRecord) -> tuple[Block, ...]:
    """Return an analysis: one sentence on its question's answer, then its table.

    One that describes what the table of values by arm and visit describes leads there.
    """
    if describes_again(results, record):
        return (reference_to_descriptives(results, record),)
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
        paragraph(say("The same from published figures, to hold beside it:"), role="lead"),
        Bullets(items=tuple(said)),
    )


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
        Heading(text=say("Published p-values"), role="subsection", anchor="p-values"),
        paragraph(
            say("A p-value says nothing of the size of a change; none of these has an interval.")
        ),
        *(block for records in groups.values() for block in panel(results, tuple(records))),
    )


def panel(results: StudyResults, records: tuple[AnalysisRecord, ...]) -> tuple[Block, ...]:
    """Return one family of published p-values."""
    table = p_value_panel_table(results, records)
    figure = p_value_figure(results, records)
    status = records[0].data_status
    name = records[0].procedure
    if name is not None:
        of_table, of_figure = (
            say(
                "{title}, adjusted by the procedure of {procedure}",
                title=title,
                procedure=say(PROCEDURES[name]),
            )
            for title in (table.title, figure.title)
        )
        table, figure = replace(table, title=of_table), replace(figure, title=of_figure)
    return (table_block(table, status), figure_block(figure, status))
