"""Tables of outcomes: every estimate of an analysis, all tests side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Alignment, Column, Table
from trialkit.present.fit_words import fit_note
from trialkit.present.format import (
    MISSING,
    format_count,
    format_degrees_of_freedom,
    format_integer,
    format_number,
    format_p_value,
    format_quantity,
    format_quantity_interval,
    quantity_decimals,
    quantity_factor,
)
from trialkit.present.grammar import sentence_start
from trialkit.present.labels import (
    analysis_label,
    analysis_rule,
    contrast_label,
    endpoint_label,
    quantity_words,
    responder_text,
    row_decimals,
    row_endpoint,
    short_unit,
    term_label,
    visit_label,
)
from trialkit.present.model_words import ROUNDED, missing_sentence, model_sentence
from trialkit.present.number_needed import format_number_needed, format_number_needed_interval
from trialkit.present.p_value_panel import panel_rows
from trialkit.present.retold import reason_text, retold_of
from trialkit.present.row_choice import left_out_note, printed_rows
from trialkit.present.table_descriptives import interval_head
from trialkit.present.table_plan import multiplicity_text, sourced
from trialkit.present.vocabulary import (
    PERCENTAGES,
    WITH_UNIT,
)
from trialkit.present.wording import sees_visits
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.plan import Analysis
from trialkit.terms import Quantity

NEEDED_NOTE: Final = later(
    "NNTB, NNTH: people to treat for one more to benefit, or for one more to fare worse; "
    "an interval that contains no difference passes through infinity (∞)."
)
ALL_VISITS: Final = later("all visits")
SIMULATED_NOTE: Final = later("The participants are simulated: an illustration, not evidence.")
PUBLISHED_NOTE: Final = later("From published figures, not from participants.")


TESTS_ALONE: Final[frozenset[Quantity]] = frozenset(
    {"joint_test", "assumption_test", "margin_test", "asymmetry_test"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of the table of an analysis: its head, and its cell for an estimate."""

    label: str
    align: Alignment
    cell: Callable[[Estimate], str]


def analysis_table(results: StudyResults, record: AnalysisRecord) -> Table:
    """Return every estimate of an analysis, its model sentence and notes under it.

    Estimates and limits print by the rule of ``present.format``, standard errors with the
    decimals of a difference. What is the same in every row stands in no column, and a
    column without any number is left out.
    """
    name = analysis_label(results.study, record.analysis)
    table_id = f"analysis-{record.analysis}"
    if record.result is None:
        reason = reason_text(results.study, record)
        return Table(
            id=table_id,
            title=name,
            columns=(Column(label=say("Estimate")),),
            rows=(),
            footnotes=(say("Not run: {reason}.", reason=reason),),
        )
    table = rows_table(results, record, printed_rows(record.result.estimates))
    return replace(table, id=table_id, title=name, footnotes=analysis_footnotes(results, record))


def analysis_tables(results: StudyResults, record: AnalysisRecord) -> tuple[Table, ...]:
    """Return the estimates of an analysis as one table, or as two where there are visits.

    A model of several visits has its differences, which answer, and then its adjusted means:
    together they would be too wide to read.
    """
    whole = analysis_table(results, record)
    if record.result is None or not sees_visits(results.study, record):
        return (whole,)
    rows = printed_rows(record.result.estimates)
    means = tuple(row for row in rows if row.quantity == "ls_mean")
    others = tuple(row for row in rows if row.quantity != "ls_mean")
    if not means or not others:
        return (whole,)
    return (
        replace(
            rows_table(results, record, others),
            id=whole.id,
            title=say("{title}: differences at each visit", title=whole.title),
            footnotes=whole.footnotes,
        ),
        replace(
            rows_table(results, record, means),
            id=f"means-{record.analysis}",
            title=say("{title}: adjusted means at each visit", title=whole.title),
        ),
    )


def rows_table(results: StudyResults, record: AnalysisRecord, rows: Sequence[Estimate]) -> Table:
    """Return estimates of an analysis line by line, still without a title."""
    fields = [
        field
        for field in analysis_fields(results, record, rows)
        if any(field.cell(row) not in {MISSING, ""} for row in rows)
    ]
    return Table(
        id="",
        title="",
        columns=tuple(Column(label=field.label, align=field.align) for field in fields),
        rows=tuple(tuple(field.cell(row) for field in fields) for row in rows),
    )


def analysis_fields(
    results: StudyResults, record: AnalysisRecord, rows: Sequence[Estimate]
) -> list[Field]:
    """Return the columns of an analysis: what a row is, and its numbers."""
    numbers = [
        Field(label="n", align="right", cell=lambda row: format_integer(row.n_subjects)),
        Field(
            label=estimate_head(results, record, rows),
            align="decimal",
            cell=lambda row: estimate_cell(results, record, row),
        ),
        Field(
            label=say("Std error"),
            align="decimal",
            cell=lambda row: std_error_cell(results, record, row),
        ),
        Field(label=say("Statistic"), align="decimal", cell=statistic_cell),
        Field(label="df", align="decimal", cell=df_cell),
        Field(
            label=interval_head(rows),
            align="right",
            cell=lambda row: interval_cell(results, record, row),
        ),
        Field(label="p", align="decimal", cell=lambda row: format_p_value(row.p_value)),
        Field(
            label=say("Adjusted p"),
            align="decimal",
            cell=lambda row: format_p_value(row.p_adjusted),
        ),
    ]
    return [*naming_fields(results, record, rows), *numbers]


def naming_fields(
    results: StudyResults, record: AnalysisRecord, rows: Sequence[Estimate]
) -> list[Field]:
    """Return the columns that say what a row is, without those in which no row differs."""
    study = results.study
    fields = [
        Field(
            label=say("Arm or contrast"),
            align="left",
            cell=lambda row: contrast_label(study, row.arm, row.reference_arm),
        ),
        Field(
            label=say("Endpoint"),
            align="left",
            cell=lambda row: endpoint_label(study, row.parameter),
        ),
        Field(
            label=say("Visit"),
            align="left",
            cell=lambda row: visit_label(study, row.visit) or say(ALL_VISITS),
        ),
        Field(
            label=say("Measure"), align="left", cell=lambda row: measure_text(results, record, row)
        ),
        Field(label=say("Term"), align="left", cell=lambda row: term_label(study, row.term)),
    ]
    first, *others = fields
    varying = [field for field in others if len({field.cell(row) for row in rows}) > 1]
    nameless = all(row.arm is None for row in rows)
    return varying if nameless and varying else [first, *varying]


def measure_text(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return what a row measures, with its unit."""
    if row.quantity == "proportion":
        return f"{quantity_words(results.study, record.analysis, row)}, n/N (%)"
    if row.quantity == "risk_difference":
        return say("risk difference, percentage points")
    words = quantity_words(results.study, record.analysis, row)
    unit = row_unit(results, record, row)
    return f"{words}, {unit}" if unit else words


def row_unit(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the short unit of a row on its endpoint's scale; empty for other quantities."""
    endpoint = row_endpoint(results, record.analysis, row)
    if row.quantity in PERCENTAGES:
        return say(PERCENTAGES[row.quantity])
    if endpoint is None or row.quantity not in WITH_UNIT:
        return ""
    unit = short_unit(endpoint)
    return say("{unit} a unit of time", unit=unit) if row.term == "slope" else unit


def estimate_head(results: StudyResults, record: AnalysisRecord, rows: Sequence[Estimate]) -> str:
    """Return the head of the estimates: the measure where all rows share one."""
    measures = {measure_text(results, record, row) for row in rows}
    if len(measures) != 1:
        return say("Estimate")
    text = measures.pop()
    return text[:1].upper() + text[1:]


def decimals_of(results: StudyResults, record: AnalysisRecord, row: Estimate) -> int:
    """Return the decimals of the endpoint that a row is about."""
    return row_decimals(row_endpoint(results, record.analysis, row))


def more_is_benefit(results: StudyResults, record: AnalysisRecord) -> bool:
    """Return whether a responder of an analysis is a person who fares well."""
    rule = analysis_rule(results.study, record.analysis)
    planned = [item for item in results.study.analysis if item.id == record.analysis]
    if rule is None:
        return True
    estimand = results.study.find_estimand(planned[0].estimand)
    return rule.is_benefit(results.study.find_endpoint(estimand.endpoint).better)


def estimate_cell(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the estimate of a row; a proportion shows the people behind it."""
    if row.quantity == "proportion" and row.estimate is not None and row.n_subjects:
        return format_count(row.estimate * row.n_subjects, row.n_subjects)
    if row.quantity == "number_needed_to_treat":
        return format_number_needed(row.estimate, more_is_benefit=more_is_benefit(results, record))
    if row.quantity == "p_value":
        return MISSING
    return format_quantity(row.estimate, row.quantity, decimals_of(results, record, row))


def interval_cell(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the interval of a row; a mean's limits have the decimals of the mean."""
    if row.quantity == "number_needed_to_treat":
        benefit = more_is_benefit(results, record)
        return format_number_needed_interval(row.conf_low, row.conf_high, more_is_benefit=benefit)
    decimals = decimals_of(results, record, row)
    return format_quantity_interval(row.conf_low, row.conf_high, row.quantity, decimals)


def statistic_cell(row: Estimate) -> str:
    """Return the statistic of a test that estimates nothing; elsewhere the estimate says more."""
    return MISSING if row.quantity not in TESTS_ALONE else format_number(row.statistic, 2)


def df_cell(row: Estimate) -> str:
    """Return the degrees of freedom of a t or F; those of a share's chi-square say nothing."""
    if row.quantity in {"risk_difference", "odds_ratio"}:
        return MISSING
    return format_degrees_of_freedom(row.df, row.df_num)


def std_error_cell(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str:
    """Return the standard error of a row on its endpoint's scale, or in percentage points.

    That of a risk or odds ratio is on the log scale and would mislead beside the ratio.
    """
    if row.quantity in {"risk_ratio", "odds_ratio"}:
        return MISSING
    decimals = decimals_of(results, record, row)
    on_scale = row.quantity in WITH_UNIT
    shown: Quantity = "mean_difference" if on_scale else row.quantity
    places = quantity_decimals(shown, decimals)
    return format_number(row.std_error, places, factor=quantity_factor(shown))


def analysis_footnotes(results: StudyResults, record: AnalysisRecord) -> tuple[str, ...]:
    """Return the model sentence, who was left out, and how to read the columns."""
    result = record.result
    if result is None:
        return ()
    planned = [item for item in results.study.analysis if item.id == record.analysis]
    quantities = {row.quantity for row in result.estimates}
    rule = analysis_rule(results.study, record.analysis)
    return tuple(
        note
        for note in (
            full_stop(sentence_start(retold_of(results.study, record.analysis, result.method))),
            *(model_notes(results, item) for item in planned),
            fit_note(result),
            left_out_note(result.estimates),
            *(full_stop(retold_of(results.study, record.analysis, note)) for note in result.notes),
            *(full_stop(item.note) for item in planned if item.note),
            rule and say("Responder: {rule}.", rule=sourced(responder_text(rule), rule.source)),
            "number_needed_to_treat" in quantities and say(NEEDED_NOTE),
            multiplicity_text(results, record),
            data_note(record),
            any(item.role == "main" for item in planned) and say(ROUNDED),
        )
        if note
    )


def model_notes(results: StudyResults, analysis: Analysis) -> str:
    """Return what a main analysis is made of and what became of missing values; else nothing."""
    if analysis.role != "main":
        return ""
    study = results.study
    return f"{model_sentence(study, analysis)} {missing_sentence(study, analysis)}"


def data_note(record: AnalysisRecord) -> str | None:
    """Return the sentence on data that are not participants' own, or None."""
    notes = {"simulated": SIMULATED_NOTE, "published_figures": PUBLISHED_NOTE}
    note = notes.get(record.data_status)
    return None if note is None else say(note)


def full_stop(text: str) -> str:
    """Return a note as a sentence.

    >>> full_stop("source: the paper's table 2"), full_stop("Done.")
    ("Source: the paper's table 2.", 'Done.')
    """
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def p_value_panel_table(results: StudyResults, records: Sequence[AnalysisRecord]) -> Table:
    """Return every test of several analyses: its p-value, raw and adjusted."""
    rows = panel_rows(results, records)
    adjusted = any(row.p_adjusted is not None for row in rows)
    notes = [multiplicity_text(results, record) for record in records]
    return Table(
        id="p-values-" + "-".join(record.analysis for record in records[:1]),
        title=say("All tests side by side"),
        columns=(
            Column(label=say("Test")),
            Column(label="p", align="decimal"),
            *(Column(label=say("Adjusted p"), align="decimal") for _ in range(adjusted)),
        ),
        rows=tuple(
            (
                row.label,
                format_p_value(row.p_value),
                *(format_p_value(row.p_adjusted) for _ in range(adjusted)),
            )
            for row in rows
        ),
        footnotes=tuple(dict.fromkeys(note for note in notes if note)),
    )
