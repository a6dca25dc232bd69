"""What a report shows of the participants: counts and summaries, never a person's own value."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypedDict

import pandas as pd

from trialkit.analysis.bins import bin_counts, bin_width, transition_counts
from trialkit.analysis.descriptive import describe
from trialkit.dataset.columns import code_keys
from trialkit.dataset.dataset import Dataset
from trialkit.errors import DataError
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.study_results import (
    CharacteristicRow,
    Distribution,
    FlowCount,
    Transition,
)
from trialkit.run.frames import arms_in_order
from trialkit.run.planned import FEWEST, withheld
from trialkit.study.codes import code_key
from trialkit.study.specification import Characteristic, Endpoint
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    VALUE,
    VISIT_NUMBER,
    population_flag,
)


def shown_population(study: Study, endpoint: str | None = None) -> str:
    """Return the population that summaries speak of: that of the main analysis."""
    for analysis in study.main_analyses:
        estimand = study.find_estimand(analysis.estimand)
        if endpoint in {None, estimand.endpoint} and analysis.data == "participants":
            return estimand.population
    return study.population[0].id


def flow_counts(study: Study, dataset: Dataset | None) -> tuple[FlowCount, ...]:
    """Return people at each stage: declared before randomisation, counted from the data after."""
    return (*declared_counts(study), *(counted(study, dataset) if dataset else ()))


def declared_counts(study: Study) -> Iterator[FlowCount]:
    """Yield the counts that the study file declares."""
    if study.flow is None:
        return
    yield FlowCount(stage="assessed", arm=None, n_subjects=study.flow.assessed)
    for item in study.flow.not_entered:
        yield FlowCount(stage="did not enter", arm=None, n_subjects=item.n, reason=item.reason)
    if study.flow.entered is not None:
        yield FlowCount(stage="entered", arm=None, n_subjects=study.flow.entered)


def counted(study: Study, dataset: Dataset) -> Iterator[FlowCount]:
    """Yield people of each arm in the data, in each population, and with each main outcome."""
    entered = "randomised" if study.study.randomised else "in the data"
    stages = [(entered, dataset.subjects)]
    stages += [
        (
            population.label,
            dataset.subjects[dataset.subjects[population_flag(population.id)].eq("Y")],
        )
        for population in study.population
    ]
    for analysis in study.main_analyses:
        if analysis.data == "participants":
            estimand = study.find_estimand(analysis.estimand)
            rows = dataset.population(
                estimand.population, endpoint=estimand.endpoint, visit=estimand.visit
            )
            endpoint = study.find_endpoint(estimand.endpoint).label
            visit = study.find_visit(estimand.visit).label
            stages.append((f"{endpoint} known: {visit}", rows[rows[VALUE].notna()]))
    for stage, people in dict(stages).items():
        counts = people[ARM_CODE].value_counts()
        for arm in study.arm:
            yield FlowCount(stage=stage, arm=arm.id, n_subjects=int(counts.get(arm.id, 0)))


def characteristic_rows(study: Study, dataset: Dataset) -> tuple[CharacteristicRow, ...]:
    """Return who was studied, by arm and altogether, in the main population."""
    flag = population_flag(shown_population(study))
    people = dataset.subjects[dataset.subjects[flag].eq("Y")]
    groups: list[tuple[str | None, pd.DataFrame]] = [
        (arm.id, people[people[ARM_CODE].eq(arm.id)]) for arm in study.arm
    ]
    if len(groups) > 1:
        groups.append((None, people))
    return tuple(
        row
        for item in study.characteristic
        if item.column in people
        for arm, group in groups
        for row in characteristic(item, group, arm=arm, levels=shown_levels(item, people))
    )


def shown_levels(item: Characteristic, people: pd.DataFrame) -> dict[str, str]:
    """Return the levels of a characteristic by their code: those declared, else those that occur.

    Undeclared levels that fewer than three people share are not shown: a name or an
    address would be among them.
    """
    if item.levels:
        return {code_key(key): label for key, label in item.levels.items()}
    counts = code_keys(people[item.column].dropna()).value_counts()
    return {str(key): str(key) for key in sorted(counts[counts >= FEWEST].index)}


def characteristic(
    item: Characteristic, group: pd.DataFrame, *, arm: str | None, levels: dict[str, str]
) -> Iterator[CharacteristicRow]:
    """Yield the lines of one characteristic in one group."""
    values = group[item.column].dropna()
    if item.kind == "continuous":
        if len(values) >= FEWEST:
            yield continuous(item, values, arm=arm)
        return
    keys = code_keys(values)
    for key, label in levels.items():
        yield CharacteristicRow(
            column=item.column,
            label=item.label,
            unit=item.unit,
            level=label,
            arm=arm,
            n_subjects=len(values),
            count=int(keys.eq(key).sum()),
        )


def continuous(item: Characteristic, values: pd.Series, *, arm: str | None) -> CharacteristicRow:
    """Return the line of a continuous characteristic."""
    described = describe(values.to_frame("value").astype("float64"), outcome="value")
    by_quantity = {row.quantity: row.estimate for row in described.estimates}
    return CharacteristicRow(
        column=item.column,
        label=item.label,
        unit=item.unit,
        level=None,
        arm=arm,
        n_subjects=len(values),
        mean=by_quantity["mean"],
        std_dev=by_quantity["std_dev"],
        median=by_quantity["median"],
        quartile_1=by_quantity["quartile_1"],
        quartile_3=by_quantity["quartile_3"],
    )


def descriptive_results(study: Study, dataset: Dataset) -> tuple[AnalysisResult, ...]:
    """Return the description of every endpoint by visit and arm."""
    return tuple(
        describe_endpoint(study, dataset, endpoint) for endpoint in study.measured_endpoints
    )


def describe_endpoint(study: Study, dataset: Dataset, endpoint: Endpoint) -> AnalysisResult:
    """Describe one endpoint at each of its visits, by arm."""
    population = shown_population(study, endpoint.id)
    frame = arms_in_order(dataset.population(population, endpoint=endpoint.id), study)
    results = []
    for visit in study.visits:
        rows = frame[frame[VISIT_NUMBER].eq(visit.order)]
        if rows[VALUE].notna().any():
            result = describe(rows, outcome=VALUE, arm=ARM_CODE)
            labelled = (
                replace(withheld(row), parameter=endpoint.id, visit=visit.id)
                for row in result.estimates
            )
            notes = tuple(f"{visit.label}: {note}" for note in result.notes)
            results.append(replace(result.with_estimates(labelled), notes=notes))
    if not results:
        raise DataError(f"endpoint {endpoint.id}: no value at any visit")
    return replace(
        results[0],
        analysis_id=f"descriptive-{endpoint.id}",
        estimand=population,
        estimates=tuple(row for result in results for row in result.estimates),
        notes=tuple(note for result in results for note in result.notes),
    )


def binned(
    study: Study, dataset: Dataset
) -> tuple[tuple[Distribution, ...], tuple[Transition, ...]]:
    """Return the distributions and the before-and-after counts of every endpoint."""
    distributions: list[Distribution] = []
    transitions: list[Transition] = []
    for endpoint in study.measured_endpoints:
        population = shown_population(study, endpoint.id)
        frame = dataset.population(population, endpoint=endpoint.id).dropna(subset=[VALUE])
        if frame.empty:
            continue
        scale = endpoint.scale
        width = bin_width(frame[VALUE], minimum=scale.minimum, maximum=scale.maximum)
        for visit in study.visits:
            for arm in study.arm:
                at_visit = frame[VISIT_NUMBER].eq(visit.order) & frame[ARM_CODE].eq(arm.id)
                rows = frame[at_visit]
                place = Place(endpoint=endpoint.id, visit=visit.id, arm=arm.id, width=width)
                if len(rows) >= FEWEST:
                    distributions.append(distribution(rows, place))
                pairs = rows.dropna(subset=[BASELINE])
                if visit != study.baseline_visit and len(pairs) >= FEWEST:
                    transitions.append(transition(pairs, place))
    return tuple(distributions), tuple(transitions)


class Place(TypedDict):
    """Where counts in bins belong, and how wide the bins are."""

    endpoint: str
    visit: str
    arm: str
    width: float


def distribution(rows: pd.DataFrame, place: Place) -> Distribution:
    """Return how many people of one arm and visit fall in each bin."""
    lower, counts = bin_counts(rows[VALUE], place["width"])
    return Distribution(lower=lower, counts=counts, **place)


def transition(pairs: pd.DataFrame, place: Place) -> Transition:
    """Return how many people of one arm went from each bin at baseline to each at a visit."""
    cells = transition_counts(pairs[BASELINE], pairs[VALUE], place["width"])
    return Transition(cells=cells, **place)
