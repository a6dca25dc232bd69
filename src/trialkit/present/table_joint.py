"""The table of a model's terms: each tested beside the others, with its effect size."""

from collections.abc import Sequence

from trialkit.language.speech import say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import (
    MISSING,
    format_degrees_of_freedom,
    format_number,
    format_p_value,
)
from trialkit.present.grammar import sentence_start
from trialkit.present.labels import analysis_label, effect_size_words, term_label
from trialkit.present.retold import retold_of
from trialkit.present.row_choice import model_tests, printed_rows
from trialkit.present.table_outcomes import analysis_footnotes
from trialkit.present.wording import sees_visits
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

EFFECT_DECIMALS = 3


def joint_table(results: StudyResults, record: AnalysisRecord) -> Table | None:
    """Return the tests of a model's terms, as analysis of variance prints them.

    None where a result holds no such tests. Checks of sphericity stand in the footnotes.
    """
    rows = record.result.estimates if record.result else ()
    tests = model_tests(rows)
    if not tests:
        return None
    sizes = [row for row in rows if row.quantity == "effect_size" and row.term is not None]
    names = tuple(dict.fromkeys(row.method for row in sizes))
    adjusted = any(row.p_adjusted is not None for row in tests)
    return Table(
        id=f"terms-{record.analysis}",
        title=say(
            "{analysis}: tests of the terms",
            analysis=analysis_label(results.study, record.analysis),
        ),
        columns=(
            Column(label=say("Term")),
            Column(label=say("Statistic"), align="decimal"),
            Column(label="df", align="right"),
            Column(label="p", align="decimal"),
            *(Column(label=say("Adjusted p"), align="decimal") for _ in range(adjusted)),
            *(
                Column(label=sentence_start(effect_size_words(name)), align="decimal")
                for name in names
            ),
        ),
        rows=tuple(
            (
                sentence_start(joint_label(results, record, test)),
                format_number(test.statistic, 2),
                format_degrees_of_freedom(test.df, test.df_num),
                format_p_value(test.p_value),
                *(format_p_value(test.p_adjusted) for _ in range(adjusted)),
                *(effect_cell(sizes, test, name) for name in names),
            )
            for test in tests
        ),
        footnotes=(*sphericity_notes(results, record, rows), *own_notes(results, record)),
    )


def joint_label(results: StudyResults, record: AnalysisRecord, test: Estimate) -> str:
    """Return the words for a term; in a model of several visits "arm" is arm at any of them."""
    label = term_label(results.study, test.term)
    at_any = test.term == "arm" and sees_visits(results.study, record)
    return say("{term} at any visit", term=label) if at_any else label


def own_notes(results: StudyResults, record: AnalysisRecord) -> tuple[str, ...]:
    """Return the model sentence and notes, where no other table of the analysis has them."""
    rows = record.result.estimates if record.result else ()
    return () if printed_rows(rows) else analysis_footnotes(results, record)


def effect_cell(sizes: Sequence[Estimate], test: Estimate, name: str) -> str:
    """Return the effect size of a term by one method."""
    for row in sizes:
        if row.term == test.term and row.method == name:
            return format_number(row.estimate, EFFECT_DECIMALS)
    return MISSING


def sphericity_notes(
    results: StudyResults, record: AnalysisRecord, rows: Sequence[Estimate]
) -> list[str]:
    """Return the checks that belong to terms, a sentence each."""
    return [
        say(
            "{check}, {term}: {value}, p {p}.",
            check=retold_of(results.study, record.analysis, row.method),
            term=term_label(results.study, row.term),
            value=format_number(row.estimate, 3),
            p=format_p_value(row.p_value),
        )
        for row in rows
        if row.quantity == "assumption_test" and row.term is not None
    ]
