"""What a report shows of the participants: counts and summaries, never a person's own value."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from trialkit.analysis.descriptive import describe
from trialkit.analysis.frames import arm_values
from trialkit.dataset.columns import code_key, code_keys
from trialkit.dataset.dataset import Dataset
from trialkit.errors import DataError
from trialkit.numerics.arrays import FloatArray
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.result.study_results import (
    CharacteristicRow,
    Distribution,
    FlowCount,
    Transition,
)
from trialkit.run.planned import arms_in_order
from trialkit.study.specification import Characteristic, Endpoint
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    VALUE,
    VISIT_NUMBER,
    population_flag,
)

BINS = 15
# A mean of one person, or the quartiles of two, are those people's own values.
FEWEST = 3
NICE = (1.0, 2.0, 5.0, 10.0)


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
        for row in characteristic(item, group, arm=arm)
    )


def characteristic(
    item: Characteristic, group: pd.DataFrame, *, arm: str | None
) -> Iterator[CharacteristicRow]:
    """Yield the lines of one characteristic in one group."""
    values = group[item.column].dropna()
    if item.kind == "continuous" and pd.api.types.is_numeric_dtype(values):
        if len(values) >= FEWEST:
            yield continuous(item, values, arm=arm)
        return
    keys = code_keys(values)
    declared = {code_key(key): label for key, label in item.levels.items()}
    levels = declared or {key: key for key in sorted(keys.unique())}
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


def withheld(row: Estimate) -> Estimate:
    """Return a summary without its number where so few people have it that it shows theirs."""
    if row.n_subjects is not None and row.n_subjects < FEWEST:
        return replace(row, estimate=None, std_error=None, df=None, conf_low=None, conf_high=None)
    return row


def bin_width(values: FloatArray, endpoint: Endpoint) -> float:
    """Return the width of an endpoint's bins: 1 for whole scores on a short scale.

    Otherwise a round number that divides the scale (or, without limits, the values) into
    at most fifteen bins or so, and never finer than one unit of what a report prints.
    """
    low = endpoint.scale.minimum if endpoint.scale.minimum is not None else float(values.min())
    high = endpoint.scale.maximum if endpoint.scale.maximum is not None else float(values.max())
    spread = high - low
    if spread <= 0:
        return 1.0
    if spread <= BINS and np.all(values == np.round(values)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(spread / BINS))
    return next(step * power for step in NICE if step * power >= spread / BINS)


def bin_numbers(values: FloatArray, width: float) -> np.ndarray:
    """Return the bin of each value; bins are centred on multiples of the width."""
    return np.floor(values / width + 0.5).astype(np.int64)


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
        width = bin_width(frame[VALUE].to_numpy(dtype=np.float64), endpoint)
        for visit in study.visits:
            rows = frame[frame[VISIT_NUMBER].eq(visit.order)]
            for arm in study.arm:
                values = arm_values(rows, outcome=VALUE, arm=ARM_CODE, level=arm.id)
                if values.size:
                    numbers = bin_numbers(values, width)
                    distributions.append(
                        Distribution(
                            endpoint=endpoint.id,
                            visit=visit.id,
                            arm=arm.id,
                            lower=float((numbers.min() - 0.5) * width),
                            width=width,
                            counts=tuple(np.bincount(numbers - numbers.min()).tolist()),
                        )
                    )
                pairs = rows[rows[ARM_CODE].eq(arm.id)].dropna(subset=[BASELINE])
                if visit != study.baseline_visit and len(pairs):
                    transitions.append(
                        Transition(
                            endpoint=endpoint.id,
                            visit=visit.id,
                            arm=arm.id,
                            width=width,
                            cells=transition_cells(pairs, width),
                        )
                    )
    return tuple(distributions), tuple(transitions)


def transition_cells(pairs: pd.DataFrame, width: float) -> tuple[tuple[float, float, int], ...]:
    """Return how many people went from each bin before to each bin after."""
    before = bin_numbers(pairs[BASELINE].to_numpy(dtype=np.float64), width)
    after = bin_numbers(pairs[VALUE].to_numpy(dtype=np.float64), width)
    cells, counts = np.unique(np.column_stack([before, after]), axis=0, return_counts=True)
    return tuple(
        (float(start * width), float(end * width), int(count))
        for (start, end), count in zip(cells.tolist(), counts.tolist(), strict=True)
    )
