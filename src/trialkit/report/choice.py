"""Which result stands on page one, and which people are counted beside it."""

from dataclasses import dataclass

from trialkit.present.labels import analysis_endpoint
from trialkit.present.wording import DIFFERENCES
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.method_rules import RULES
from trialkit.study.plan import Analysis
from trialkit.terms import Quantity

# What page one can show as one number with an interval, the plainest first.
LEADING: tuple[Quantity, ...] = (
    "ls_mean_difference",
    "mean_difference",
    "median_difference",
    "risk_difference",
    "change",
    "odds_ratio",
    "probability_of_superiority",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MainResult:
    """The record and the estimate of page one; ``stands_in`` if printed figures stand in."""

    record: AnalysisRecord
    estimate: Estimate
    stands_in: bool


def main_result(results: StudyResults) -> MainResult | None:
    """Return the result of page one, or None where no interval can be given.

    The first main analysis that ran; where none did, one that stands in for a main
    analysis; else the first analysis with an interval. Simulated participants never speak
    for a study whose other figures are real.
    """
    usable = [record for record in results.analyses if may_lead(results, record)]
    planned = {item.id: item for item in results.study.analysis}
    mains = [record for record in usable if is_main(planned, record)]
    mains_of_participants = [record for record in mains if not is_stand_in(planned, record)]
    for record in (*mains_of_participants, *standing_in(results, usable), *mains, *usable):
        estimate = leading_estimate(results, record)
        if estimate is not None:
            stands_in = is_stand_in(planned, record)
            return MainResult(record=record, estimate=estimate, stands_in=stands_in)
    return None


def may_lead(results: StudyResults, record: AnalysisRecord) -> bool:
    """Return whether a record ran on data that may speak for the study."""
    simulated = record.data_status == "simulated" != results.study.study.data_status
    return record.result is not None and not simulated


def is_main(planned: dict[str, Analysis], record: AnalysisRecord) -> bool:
    """Return whether a record is of an analysis planned as main."""
    return record.analysis in planned and planned[record.analysis].role == "main"


def is_stand_in(planned: dict[str, Analysis], record: AnalysisRecord) -> bool:
    """Return whether a record stands in for an analysis of participants."""
    return record.analysis in planned and planned[record.analysis].stands_in_for is not None


def standing_in(results: StudyResults, usable: list[AnalysisRecord]) -> list[AnalysisRecord]:
    """Return the records that stand in for a main analysis, in the order of those."""
    mains = [item.id for item in results.study.main_analyses]
    stand_ins = {
        item.id: mains.index(item.stands_in_for)
        for item in results.study.analysis
        if item.stands_in_for in mains
    }
    found = [record for record in usable if record.analysis in stand_ins]
    return sorted(found, key=lambda record: stand_ins[record.analysis])


def leading_estimate(results: StudyResults, record: AnalysisRecord) -> Estimate | None:
    """Return the estimate with an interval that answers an analysis's own question.

    Where the estimand names a treatment and a reference, no other arms answer it.
    """
    rows = [
        row
        for quantity in leading_quantities(results, record)
        for row in at_asked_visit(results.study, record)
        if row.quantity == quantity and row.conf_low is not None and row.conf_high is not None
    ]
    treatment, reference = question_arms(results, record)
    exact = [row for row in rows if (row.arm, row.reference_arm) == (treatment, reference)]
    if treatment is not None and reference is not None:
        rows = [row for row in rows if answers(row, treatment, reference)]
    return next(iter(exact or rows), None)


def leading_quantities(results: StudyResults, record: AnalysisRecord) -> tuple[Quantity, ...]:
    """Return what may stand for an analysis: what answers its method's question, if it tests."""
    planned = next((item for item in results.study.analysis if item.id == record.analysis), None)
    asked = RULES[planned.method].answers if planned is not None else ()
    return tuple(name for name in LEADING if not asked or name in asked)


def answers(row: Estimate, treatment: str, reference: str) -> bool:
    """Return whether an estimate is of two arms in either order, or of people and no arm.

    A change within the treatment arm alone answers too: its question is before and after.
    """
    if row.reference_arm is None:
        return row.arm in {treatment, None}
    return {row.arm, row.reference_arm} == {treatment, reference}


def question_arms(results: StudyResults, record: AnalysisRecord) -> tuple[str | None, str | None]:
    """Return treatment and reference of an analysis's estimand."""
    for planned in results.study.analysis:
        if planned.id == record.analysis:
            estimand = results.study.find_estimand(planned.estimand)
            return estimand.treatment, estimand.reference
    return None, None


def responders_beside(results: StudyResults, main: MainResult) -> AnalysisRecord | None:
    """Return the responder analysis of the same outcome and arms, the same visit first."""
    row = main.estimate
    if row.quantity not in DIFFERENCES:
        return main.record if counts_people(results, main.record, row) else None
    found = [
        record
        for record in results.analyses
        if may_lead(results, record)
        and record.data_status == main.record.data_status
        and asks_about(results, record, row.parameter)
        and counts_people(results, record, row)
    ]
    at_visit = [record for record in found if visit_of(record) == row.visit]
    return next(iter(at_visit or found), None)


def asks_about(results: StudyResults, record: AnalysisRecord, endpoint: str | None) -> bool:
    """Return whether a record is of a planned analysis of an endpoint."""
    return any(
        item.id == record.analysis
        and item.role != "sensitivity"
        and analysis_endpoint(results.study, item).id == endpoint
        for item in results.study.analysis
    )


def counts_people(results: StudyResults, record: AnalysisRecord, row: Estimate) -> bool:
    """Return whether a record has the share of responders in every arm of an estimate.

    Shares of another kind do not count: who rose in a sign test, or a curve of them.
    """
    if results.study.find_analysis(record.analysis).method != "responders":
        return False
    rows = record.result.estimates if record.result else ()
    counted = {item.arm for item in rows if item.quantity == "proportion"}
    return {arm for arm in (row.arm, row.reference_arm) if arm is not None} <= counted and bool(
        counted
    )


def visit_of(record: AnalysisRecord) -> str | None:
    """Return the visit of a record's first estimate."""
    rows = record.result.estimates if record.result else ()
    return rows[0].visit if rows else None
