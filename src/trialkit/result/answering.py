"""Which rows of a result answer the question of its planned analysis."""

from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord
from trialkit.study.method_rules import RULES
from trialkit.study.study import Study


def at_asked_visit(study: Study, record: AnalysisRecord) -> tuple[Estimate, ...]:
    """Return the rows of a result that are of the visit that its question names.

    A model of several visits has a difference at each of them; those of other visits, and of
    all visits together, are shown and answer no question of the plan. Of every other method
    all rows are returned.
    """
    if record.result is None:
        return ()
    rows = record.result.estimates
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    if planned is None or RULES[planned.method].compares != "arms_by_visit":
        return rows
    asked = study.find_estimand(planned.estimand).visit
    return tuple(row for row in rows if row.visit == asked)


def answering_rows(study: Study, record: AnalysisRecord) -> tuple[Estimate, ...]:
    """Return the rows that answer the question: by quantity, visit and term."""
    rule = RULES[study.find_analysis(record.analysis).method]
    rows = [row for row in at_asked_visit(study, record) if row.quantity in rule.answers]
    asked = next((term for term in rule.terms if any(row.term == term for row in rows)), None)
    return tuple(row for row in rows if asked in {None, row.term})
