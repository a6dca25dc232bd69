"""Whose value of an endpoint is there, by visit and arm, and why the others have none."""

from collections.abc import Iterator

import pandas as pd

from trialkit.dataset.columns import condition_mask
from trialkit.dataset.dataset import Dataset
from trialkit.result.people import MissingCount
from trialkit.run.baseline import main_endpoints
from trialkit.run.frames import require_person_column
from trialkit.run.summaries import shown_population
from trialkit.run.visits import counted_reasons, named_reasons
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import ARM_CODE, PARAMETER_CODE, USUBJID, VALUE, VISIT_NUMBER, population_flag


def missing_counts(study: Study, dataset: Dataset) -> tuple[MissingCount, ...]:
    """Return whose values are there, for every endpoint that a main question is about."""
    return tuple(
        count
        for endpoint in main_endpoints(study)
        for count in endpoint_counts(study, dataset, endpoint)
    )


def endpoint_counts(study: Study, dataset: Dataset, endpoint: Endpoint) -> Iterator[MissingCount]:
    """Yield the counts of one endpoint, visit by visit and arm by arm."""
    population = shown_population(study, endpoint.id)
    flag = population_flag(population)
    people = dataset.subjects.loc[spoken_of(study, dataset, population)].set_index(USUBJID)
    seen = values_seen(dataset, endpoint, people.index)
    column = reason_column(study, endpoint)
    require_person_column(dataset, column, key="data.missing_reason")
    reasons = named_reasons(people, column, anyone_missing=~seen.all(axis=1))
    ids = {visit.order: visit.id for visit in study.visits}
    for position, order in enumerate(seen.columns):
        later = seen.iloc[:, position + 1 :].any(axis=1)
        for arm in study.arm:
            here = people[ARM_CODE].eq(arm.id)
            absent = here & ~seen[order]
            if here.any():
                yield MissingCount(
                    endpoint=endpoint.id,
                    population=population,
                    visit=ids[int(order)],
                    arm=arm.id,
                    n_subjects=int(here.sum()),
                    n_with_value=int((here & seen[order]).sum()),
                    n_seen_later=int((absent & later).sum()),
                    n_outside=int(people.loc[here, flag].ne("Y").sum()),
                    reasons=counted_reasons(reasons[absent]),
                )


def spoken_of(study: Study, dataset: Dataset, population: str) -> pd.Series:
    """Return whom a population is about, those it leaves out for want of a value included.

    Among people with a value nobody's is missing: what a population requires of values would
    hide what this table is to show.
    """
    people = dataset.subjects
    members = people[population_flag(population)].eq("Y")
    values = {column for item in study.endpoint for column in item.columns.values()}
    conditions = tuple(
        condition
        for condition in study.find_population(population).where
        if not (condition.operator == "not_missing" and condition.column in values)
    )
    if any(condition.column not in people for condition in conditions):
        return members  # the data have the column under a name that is derived here
    return members | condition_mask(people, conditions)


def values_seen(dataset: Dataset, endpoint: Endpoint, people: "pd.Index[str]") -> pd.DataFrame:
    """Return whether a person has a value: a row a person, a column a visit in its order."""
    frame = dataset.frame[dataset.frame[PARAMETER_CODE].eq(endpoint.id)]
    known = frame.assign(seen=frame[VALUE].notna())
    table = known.pivot_table(index=USUBJID, columns=VISIT_NUMBER, values="seen", aggfunc="any")
    seen = table.reindex(people).astype("boolean").fillna(value=False).astype("bool")
    return seen.sort_index(axis=1)


def reason_column(study: Study, endpoint: Endpoint) -> str | None:
    """Return the column of reasons: the plan's for all data, else that of an analysis."""
    if study.data.missing_reason is not None:
        return study.data.missing_reason
    named = (
        analysis.missing_reason
        for analysis in study.analysis
        if study.find_estimand(analysis.estimand).endpoint == endpoint.id
    )
    return next(filter(None, named), None)
