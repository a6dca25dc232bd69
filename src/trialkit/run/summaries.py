"""What a report shows of the participants: counts and summaries, never a person's own value."""

from dataclasses import replace
from typing import TypedDict

import pandas as pd

from trialkit.analysis.bins import bin_counts, bin_width, transition_counts
from trialkit.analysis.descriptive import describe
from trialkit.dataset.dataset import Dataset
from trialkit.errors import DataError
from trialkit.language.told import tell
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.study_results import (
    Distribution,
    Transition,
)
from trialkit.run.frames import arms_in_order
from trialkit.run.planned import withheld
from trialkit.run.small_arms import FEWEST
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    VALUE,
    VISIT_NUMBER,
)


def shown_population(study: Study, endpoint: str | None = None) -> str:
    """Return the population that summaries speak of: that of the main analysis."""
    for analysis in study.main_analyses:
        estimand = study.find_estimand(analysis.estimand)
        if endpoint in {None, estimand.endpoint} and analysis.data == "participants":
            return estimand.population
    return study.population[0].id


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
            notes = tuple(
                tell("{visit}: {note}", visit=visit.label, note=note) for note in result.notes
            )
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
