"""The tests of several analyses side by side: what a panel of p-values is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, fsum, log1p

from trialkit.present.labels import (
    analysis_label,
    contrast_label,
    endpoint_label,
    row_endpoint,
    term_label,
    visit_label,
)
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.terms import TESTED_QUANTITIES, Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow:
    """One test: the words that tell it from the others, and its p-values."""

    label: str
    p_value: float
    p_adjusted: float | None


Tested = tuple[AnalysisRecord, Estimate]


def panel_rows(results: StudyResults, records: Sequence[AnalysisRecord]) -> tuple[PanelRow, ...]:
    """Return every test of the records, in their order.

    A risk ratio and a number needed to treat restate the test of their risk difference
    and are passed over.
    """
    tested = [
        (record, row)
        for record in records
        if record.result is not None
        for row in record.result.estimates
        if row.quantity in TESTED_QUANTITIES and row.p_value is not None
    ]
    labels = distinguishing_labels(results, tested)
    return tuple(
        PanelRow(label=label, p_value=row.p_value, p_adjusted=row.p_adjusted)
        for label, (_, row) in zip(labels, tested, strict=True)
        if row.p_value is not None
    )


def distinguishing_labels(results: StudyResults, tested: Sequence[Tested]) -> list[str]:
    """Return for each test only the words that tell it from the others.

    Its analysis, where there are several; of its endpoint, contrast and visit those in
    which tests of one analysis differ.
    """
    analyses = [record.analysis for record, _ in tested]
    several = len(set(analyses)) > 1
    words = [words_of_test(results, record, row) for record, row in tested]
    names = [analysis_label(results.study, analysis) for analysis in analyses]
    columns = [column for column in zip(*words, strict=True) if varies_within(analyses, column)]
    if not several and not columns:
        columns = list(zip(*words, strict=True))[:1]
    shown = [names, *columns] if several else columns
    return [", ".join(filter(None, parts)) for parts in zip(*shown, strict=True)]


def varies_within(analyses: Sequence[str], column: Sequence[str]) -> bool:
    """Return whether tests of one and the same analysis differ in a column."""
    return len(set(zip(analyses, column, strict=True))) > len(set(analyses))


def words_of_test(
    results: StudyResults, record: AnalysisRecord, row: Estimate
) -> tuple[str, str, str, str]:
    """Return what a test is about: endpoint, contrast, visit and term, in words."""
    study = results.study
    endpoint = row_endpoint(results, record.analysis, row)
    named = endpoint_label(study, row.parameter) if row.parameter else ""
    compared = row.arm is not None or row.reference_arm is not None
    return (
        endpoint.label if endpoint else named,
        contrast_label(study, row.arm, row.reference_arm) if compared else "",
        visit_label(study, row.visit),
        term_label(study, row.term),
    )


def step_thresholds(count: int, *, alpha: float, procedure: Procedure) -> list[float | None]:
    """Return what each p-value, from the smallest on, must not exceed.

    Holm and Hochberg compare the i-th smallest of m with alpha / (m - i + 1): Holm stops at
    the first that exceeds it, Hochberg keeps all up to the last that does not. So do
    Benjamini-Hochberg with i alpha / m and Benjamini-Yekutieli with that over 1 + 1/2 + ...
    + 1/m. Bonferroni and Šidák have one line for all; Hommel's procedure has none.

    >>> step_thresholds(2, alpha=0.05, procedure="holm")
    [0.025, 0.05]
    """
    places = range(1, count + 1)
    if procedure in {"holm", "hochberg"}:
        return [alpha / (count - place + 1) for place in places]
    if procedure == "bonferroni":
        return [alpha / count for _ in places]
    if procedure == "sidak":
        return [-expm1(log1p(-alpha) / count) for _ in places]
    if procedure == "hommel":
        return [None for _ in places]
    share = fsum(1 / place for place in places) if procedure == "benjamini_yekutieli" else 1.0
    return [alpha * place / (count * share) for place in places]
