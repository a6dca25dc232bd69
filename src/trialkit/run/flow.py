"""People at each step of a study: what its file declares, and what the data show."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.language.told import tell
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import AnalysisRecord, FlowCount
from trialkit.run.visits import analyses_by_visit, values_seen
from trialkit.study.plan import Analysis
from trialkit.study.specification import ArmFlow, Excluded
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    PARAMETER_CODE,
    USUBJID,
    VALUE,
    VISIT_NUMBER,
    FlowSource,
    FlowStep,
    population_flag,
)

STAGES: Final[dict[FlowStep, str]] = {
    "assessed": tell("assessed"),
    "not_entered": tell("did not enter"),
    "entered": tell("entered"),
    "not_in_data": tell("not in the data"),
    "allocated": tell("allocated"),
    "received": tell("received the treatment"),
    "not_received": tell("did not receive the treatment"),
    "discontinued": tell("stopped the treatment"),
    "lost": tell("lost to follow-up"),
    "left_out": tell("left out of the analysis"),
    "outside_population": tell("outside the population of the analysis"),
    "incomplete": tell("a value that the analysis needs is missing"),
    "lost_and_analysed": tell("lost, and analysed all the same"),
    "analysed": tell("analysed"),
}


def flow_counts(
    study: Study, dataset: Dataset | None, records: Sequence[AnalysisRecord]
) -> tuple[FlowCount, ...]:
    """Return people at each step: those declared, then those counted, then those printed."""
    counted = (
        (*counted_people(study, dataset), *counted_to_analysis(study, dataset, records))
        if dataset is not None
        else printed_counts(study, records)
    )
    return (*declared_counts(study), *counted)


def at_step(
    step: FlowStep,
    n_subjects: int,
    *,
    arm: str | None = None,
    reason: str | None = None,
    source: FlowSource = "counted",
    stage: str | None = None,
) -> FlowCount:
    """Return the count of one step, under its usual name unless another is given."""
    return FlowCount(
        stage=stage or STAGES[step],
        arm=arm,
        n_subjects=n_subjects,
        reason=reason,
        step=step,
        source=source,
    )


def declared_counts(study: Study) -> Iterator[FlowCount]:
    """Yield the counts that the study file declares, in the order of a flow diagram."""
    flow = study.flow
    if flow is None:
        return
    if flow.assessed is not None:
        yield at_step("assessed", flow.assessed, source="declared")
    yield from listed("not_entered", flow.not_entered or None)
    if flow.entered is not None:
        yield at_step("entered", flow.entered, source="declared")
    yield from listed("not_in_data", flow.not_in_data or None)
    for arm in flow.arm:
        yield from declared_of_arm(arm)


def declared_of_arm(declared: ArmFlow) -> Iterator[FlowCount]:
    """Yield what the study file declares of one arm."""
    steps: tuple[tuple[FlowStep, int | tuple[Excluded, ...] | None], ...] = (
        ("allocated", declared.allocated),
        ("received", declared.received),
        ("not_received", declared.not_received),
        ("discontinued", declared.discontinued),
        ("lost", declared.lost),
        ("left_out", declared.left_out),
        ("lost_and_analysed", declared.lost_and_analysed),
        ("analysed", declared.analysed),
    )
    for step, value in steps:
        if isinstance(value, int):
            yield at_step(step, value, arm=declared.arm, source="declared")
        else:
            yield from listed(step, value, arm=declared.arm)


def listed(
    step: FlowStep, items: tuple[Excluded, ...] | None, *, arm: str | None = None
) -> Iterator[FlowCount]:
    """Yield people by reason; an empty list says that there was nobody."""
    for item in items or ():
        yield at_step(step, item.n, arm=arm, reason=item.reason, source="declared")
    if items == ():
        yield at_step(step, 0, arm=arm, source="declared")


def counted_people(study: Study, dataset: Dataset) -> Iterator[FlowCount]:
    """Yield people of each arm in the data, in each population, and with each main outcome."""
    entered = tell("randomised" if study.study.randomised else "in the data")
    # Kept apart by what they are: labels may be the same.
    stages: dict[tuple[str, ...], tuple[str, FlowStep, pd.DataFrame]] = {
        (): (entered, "in_data", dataset.subjects)
    }
    for population in study.population:
        members = dataset.subjects[population_flag(population.id)].eq("Y")
        people = dataset.subjects[members]
        stages[(population.id,)] = (population.label, "population", people)
    for analysis in main_analyses(study):
        estimand = study.find_estimand(analysis.estimand)
        rows = dataset.population(
            estimand.population, endpoint=estimand.endpoint, visit=estimand.visit
        )
        known = tell(
            "{endpoint} known: {visit}",
            endpoint=study.find_endpoint(estimand.endpoint).label,
            visit=study.find_visit(estimand.visit).label,
        )
        stages[estimand.endpoint, estimand.visit] = (
            known,
            "outcome_known",
            rows[rows[VALUE].notna()],
        )
    for stage, step, people in stages.values():
        counts = people[ARM_CODE].value_counts()
        for arm in study.arm:
            yield FlowCount(
                stage=stage,
                arm=arm.id,
                n_subjects=int(counts.get(arm.id, 0)),
                step=step,
                source="counted",
            )


def main_analyses(study: Study) -> list[Analysis]:
    """Return the main analyses of participants."""
    return [analysis for analysis in study.main_analyses if analysis.data == "participants"]


def leading_record(study: Study, records: Sequence[AnalysisRecord]) -> AnalysisRecord | None:
    """Return the record of the first main analysis of participants that ran."""
    mains = [analysis.id for analysis in main_analyses(study)]
    ran = [item for item in records if item.result is not None and item.analysis in mains]
    return min(ran, key=lambda item: mains.index(item.analysis), default=None)


def counted_to_analysis(
    study: Study, dataset: Dataset, records: Sequence[AnalysisRecord]
) -> Iterator[FlowCount]:
    """Yield, for the main analysis, who of each arm is lost, left out and analysed.

    Lost is who has no value of the outcome at its visit. Left out is who has one and is
    not analysed: outside the analysis's population, or without another value it needs.
    """
    record = leading_record(study, records)
    if record is None:
        return
    analysis = study.find_analysis(record.analysis)
    estimand = study.find_estimand(analysis.estimand)
    unknown = tell(
        "{endpoint} not known: {visit}",
        endpoint=study.find_endpoint(estimand.endpoint).label,
        visit=study.find_visit(estimand.visit).label,
    )
    people = outcome_known(study, dataset, analysis)
    analysed = analysed_people(study, dataset, record, people)
    for arm in study.arm:
        own = people[people[ARM_CODE].eq(arm.id)]
        known = own[own["known"]]
        inside = int(known["member"].sum())
        yield at_step("lost", len(own) - len(known), arm=arm.id, stage=unknown)
        yield at_step("outside_population", len(known) - inside, arm=arm.id)
        if analysed is not None:
            here = analysed.get(arm.id, 0)
            yield at_step("incomplete", max(inside - here, 0), arm=arm.id)
            yield at_step("lost_and_analysed", max(here - inside, 0), arm=arm.id)
            yield at_step("analysed", here, arm=arm.id)


def outcome_known(study: Study, dataset: Dataset, analysis: Analysis) -> pd.DataFrame:
    """Return everyone: the arm, whether the outcome is known, whether in the population."""
    estimand = study.find_estimand(analysis.estimand)
    frame = dataset.frame
    asked = frame[PARAMETER_CODE].eq(estimand.endpoint) & frame[VISIT_NUMBER].eq(
        study.find_visit(estimand.visit).order
    )
    seen = set(frame.loc[asked & frame[VALUE].notna(), USUBJID])
    people = dataset.subjects
    return pd.DataFrame(
        {
            USUBJID: people[USUBJID],
            ARM_CODE: people[ARM_CODE],
            "known": people[USUBJID].isin(seen),
            "member": people[population_flag(estimand.population)].eq("Y"),
        }
    )


def analysed_people(
    study: Study, dataset: Dataset, record: AnalysisRecord, people: pd.DataFrame
) -> dict[str, int] | None:
    """Return how many people of each arm a result counts; None where it cannot be told.

    A model of several visits counts everyone with a value at one of them. Where a result
    gives no number of an arm, the people with the outcome are those it counts if they are
    as many as it says.
    """
    if record.analysis in analyses_by_visit(study):
        seen = seen_at_any_visit(dataset, record)
        return by_arm(people[people[USUBJID].isin(seen)], total=stated_total(record))
    rows = [row for row in at_asked_visit(study, record) if row.reference_arm is None]
    sizes: dict[str, int] = {}
    for row in rows:
        if row.arm is not None and row.n_subjects is not None:
            sizes[row.arm] = max(row.n_subjects, sizes.get(row.arm, 0))
    complete = people[people["known"] & people["member"]]
    return sizes or by_arm(complete, total=stated_total(record))


def seen_at_any_visit(dataset: Dataset, record: AnalysisRecord) -> set[str]:
    """Return who has a value at one of the visits of a model."""
    analysis = dataset.study.find_analysis(record.analysis)
    seen = values_seen(dataset, analysis, dataset.study.find_estimand(analysis.estimand))
    return set(seen.index[seen.any(axis=1)])


def stated_total(record: AnalysisRecord) -> int | None:
    """Return how many people a result says that it counts."""
    if record.result is None:
        return None
    stated = [item.value for item in record.result.fit if item.name == "n_subjects"]
    rows = [row.n_subjects for row in record.result.estimates if row.n_subjects is not None]
    numbers = [int(value) for value in stated if isinstance(value, int | float)]
    return next(iter(numbers), max(rows, default=None))


def by_arm(people: pd.DataFrame, *, total: int | None) -> dict[str, int] | None:
    """Return people by arm if they are as many as they should be."""
    if len(people) != total:
        return None
    return {str(arm): int(n) for arm, n in people[ARM_CODE].value_counts().items()}


def printed_counts(study: Study, records: Sequence[AnalysisRecord]) -> Iterator[FlowCount]:
    """Yield the people of each arm in the printed figures that stand in for the main analysis."""
    mains = [analysis.id for analysis in main_analyses(study)]
    ran = {record.analysis for record in records if record.result is not None}
    standing = [item for item in study.analysis if item.stands_in_for in mains and item.id in ran]
    if not standing:
        return
    first = min(standing, key=lambda item: mains.index(item.stands_in_for or ""))
    estimand = study.find_estimand(first.estimand)
    sizes = {
        figure.arm: figure.n_subjects
        for figure in study.published
        if figure.reference_arm is None
        and figure.n_subjects is not None
        and (figure.endpoint, figure.visit) == (estimand.endpoint, estimand.visit)
        and figure.population == estimand.population
    }
    for arm in study.arm:
        if arm.id in sizes:
            yield at_step("analysed", sizes[arm.id], arm=arm.id, source="published_figures")
