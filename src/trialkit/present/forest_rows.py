"""Which analyses answer one question, each with its role, its data and the row that answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.contrast import Contrast, read_contrast
from trialkit.present.labels import analysis_label, quantity_words
from trialkit.present.vocabulary import CONTRASTS, WITH_UNIT
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import answering_rows, at_asked_visit
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.plan import Analysis
from trialkit.study.study import Study
from trialkit.terms import TESTED_QUANTITIES, AnalysisRole, DataStatus, Quantity

ROLES: Final[Mapping[AnalysisRole, str]] = {
    "main": later("main"),
    "sensitivity": later("sensitivity"),
    "supplementary": later("supplementary"),
    "exploratory": later("exploratory"),
}
DATA: Final[Mapping[DataStatus, str]] = {
    "real": later("participants"),
    "simulated": later("SIMULATED"),
    "published_figures": later("published figures"),
}
# Contrasts that stand on no axis of differences, and are numbers beside it.
OTHER_CONTRASTS: Final[frozenset[Quantity]] = frozenset(
    {"effect_size", "equivalence", "pooled_estimate"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One analysis: its answer as it is drawn; ``words`` names what a row beside the axis is."""

    record: AnalysisRecord
    estimate: Estimate
    shown: Contrast
    label: str
    mark: str
    words: str | None = None

    @property
    def numbers(self) -> str:
        """The estimate and its interval, and what they are where that is not the axis's."""
        if self.words is None:
            return self.shown.text
        return say("{quantity} {numbers}", quantity=self.words, numbers=self.shown.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The analyses of one question: on its axis, on another scale, without it, not run."""

    on_axis: tuple[ForestRow, ...]
    elsewhere: tuple[ForestRow, ...]
    without: tuple[AnalysisRecord, ...]
    not_run: tuple[AnalysisRecord, ...]


def read_question(results: StudyResults, records: Sequence[AnalysisRecord]) -> Question:
    """Return what each record says of the question of the first one that has a contrast."""
    on_axis: list[ForestRow] = []
    elsewhere: list[ForestRow] = []
    without: list[AnalysisRecord] = []
    for record in records:
        if record.result is None:
            continue
        wanted = on_axis[0].estimate if on_axis else None
        row = matching_row(results, record, wanted)
        beside = None if row is not None or wanted is None else other_row(results, record, wanted)
        if row is not None:
            on_axis.append(forest_row(results, record, row))
        elif beside is not None:
            elsewhere.append(forest_row(results, record, beside, elsewhere=True))
        else:
            without.append(record)
    return Question(
        on_axis=tuple(on_axis),
        elsewhere=tuple(elsewhere),
        without=tuple(without),
        not_run=tuple(record for record in records if record.result is None),
    )


def forest_row(
    results: StudyResults, record: AnalysisRecord, row: Estimate, *, elsewhere: bool = False
) -> ForestRow:
    """Return an analysis as a row of a forest."""
    study = results.study
    return ForestRow(
        record=record,
        estimate=row,
        shown=read_contrast(results, record, row),
        label=analysis_label(study, record.analysis),
        mark=role_and_data(study, record),
        words=quantity_words(study, record.analysis, row) if elsewhere else None,
    )


def role_and_data(study: Study, record: AnalysisRecord) -> str:
    """Return the role of an analysis and what it rests on."""
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    data = say(DATA[record.data_status])
    if planned is None:
        return data
    if planned.stands_in_for is not None:
        return say("stand-in · {data}", data=data)
    return say("{role} · {data}", role=say(ROLES[planned.role]), data=data)


def matching_row(
    results: StudyResults, record: AnalysisRecord, wanted: Estimate | None
) -> Estimate | None:
    """Return a record's contrast: the one wanted, or without one its estimand's."""
    candidates = [
        row
        for row in at_asked_visit(results.study, record)
        if row.quantity in CONTRASTS & set(TESTED_QUANTITIES) and row.estimate is not None
    ]
    if wanted is not None:
        return next((row for row in candidates if same_question(row, wanted)), None)
    planned = planned_analysis(results.study, record)
    if planned is not None:
        estimand = results.study.find_estimand(planned.estimand)
        pair = (estimand.treatment, estimand.reference)
        candidates = [row for row in candidates if compared(row) == pair] or candidates
    return candidates[0] if candidates else None


def other_row(results: StudyResults, record: AnalysisRecord, wanted: Estimate) -> Estimate | None:
    """Return the row of the same arms and outcome that is on another scale."""
    study = results.study
    answers = answering_rows(study, record) if planned_analysis(study, record) else ()
    beside = [
        row
        for row in (*answers, *at_asked_visit(study, record))
        if row.quantity in CONTRASTS | OTHER_CONTRASTS
        and row.estimate is not None
        and compared(row) == compared(wanted)
        and (row.parameter, row.visit) == (wanted.parameter, wanted.visit)
    ]
    return beside[0] if beside else None


def planned_analysis(study: Study, record: AnalysisRecord) -> Analysis | None:
    """Return the plan of a record, or None for a result that no plan names."""
    return next((item for item in study.analysis if item.id == record.analysis), None)


def compared(row: Estimate) -> tuple[str | None, str | None]:
    """Return the arms of a contrast."""
    return row.arm, row.reference_arm


def same_question(row: Estimate, wanted: Estimate) -> bool:
    """Return whether two rows compare the same arms in the same outcome and unit."""
    return (
        compared(row) == compared(wanted)
        and (row.visit, row.parameter) == (wanted.visit, wanted.parameter)
        and axis_kind(row) == axis_kind(wanted)
    )


def axis_kind(row: Estimate) -> str:
    """Return what an axis must be to hold a row: the endpoint's scale, or its own quantity."""
    return "scale" if row.quantity in WITH_UNIT else row.quantity


def question_records(results: StudyResults, main: Analysis) -> tuple[AnalysisRecord, ...]:
    """Return the records that ask what a planned analysis asks, that one first, run or not.

    The same endpoint, visit, arms and kind of summary, whatever the population or model.
    Simulated participants never stand beside real ones.
    """
    study = results.study
    asked = [item for item in study.analysis if asks(study, item) == asks(study, main)]
    ordered = sorted(asked, key=lambda item: item.id != main.id)
    found = [record for item in ordered if (record := results.find_record(item.id)) is not None]
    status = next((record.data_status for record in found if record.analysis == main.id), None)
    simulated = status == "simulated"
    return tuple(record for record in found if (record.data_status == "simulated") == simulated)


def asks(study: Study, item: Analysis) -> tuple[object, ...]:
    """Return what tells the question of an analysis from others: outcome, visit, arms, kind."""
    estimand = study.find_estimand(item.estimand)
    return (
        estimand.endpoint,
        estimand.visit,
        estimand.treatment,
        estimand.reference,
        estimand.summary == "difference in proportions" or item.method == "responders",
        item.method in DESCRIBES,
        item.responder,
    )


# Methods that describe or draw and compare nothing.
DESCRIBES: Final = ("descriptive", "published_p_values", "cumulative_responders", "panel")


def questions(results: StudyResults, endpoint: str) -> Iterator[tuple[AnalysisRecord, ...]]:
    """Yield the records of each main question of an endpoint, then of others asked thrice."""
    study = results.study
    seen: set[tuple[object, ...]] = set()
    planned = [
        item
        for item in study.analysis
        if study.find_estimand(item.estimand).endpoint == endpoint and item.method not in DESCRIBES
    ]
    for item in sorted(planned, key=lambda item: item.role != "main"):
        if asks(study, item) in seen:
            continue
        seen.add(asks(study, item))
        records = question_records(results, item)
        found = read_question(results, records)
        shown = len(found.on_axis) + len(found.elsewhere)
        if found.on_axis and shown >= (2 if item.role == "main" else 3):
            yield records
