"""The columns of the people's own data: their kind, their codes, how much is missing.

For the dictionary of the analysis dataset. No value of a number and no text is stored but
codes that the study file declares or three people share.
"""

import re

import pandas as pd

from trialkit.dataset.columns import code_keys
from trialkit.dataset.dataset import Dataset
from trialkit.result.people import VariableRecord
from trialkit.run.small_arms import FEWEST
from trialkit.study.codes import code_key
from trialkit.study.plan import Analysis
from trialkit.study.study import Study
from trialkit.terms import ADAM_COLUMNS, VariableKind, population_flag


def variable_records(study: Study, dataset: Dataset) -> tuple[VariableRecord, ...]:
    """Return what is known of every column with one value a person, those used first."""
    people = dataset.subjects
    records = [
        variable_record(study, str(column), people[column])
        for column in people
        if str(column) not in described_elsewhere(study)
    ]
    return tuple(sorted(records, key=lambda record: not record.used))


def described_elsewhere(study: Study) -> set[str]:
    """Return the columns that are no variable of their own: derived ones, and their sources."""
    plan = study.data
    keys = {plan.subject, plan.arm, plan.visit, plan.parameter, plan.value, plan.baseline}
    flags = {population_flag(population.id) for population in study.population}
    values = {endpoint.value for endpoint in study.endpoint}
    wide = {column for endpoint in study.endpoint for column in endpoint.columns.values()}
    shown = {item.column for item in study.characteristic}
    return (
        {name for name in keys | values | wide if name is not None} - shown
        | flags
        | {*ADAM_COLUMNS}
    )


def variable_record(study: Study, column: str, values: pd.Series) -> VariableRecord:
    """Return what is known of one column."""
    kind = kind_of(study, column, values)
    known = values.dropna()
    levels, unnamed = levels_of(study, column, known) if kind == "category" else ((), 0)
    return VariableRecord(
        column=column,
        kind=kind,
        used=is_used(study, column),
        n_subjects=len(values),
        n_missing=len(values) - len(known),
        levels=levels,
        n_unnamed=unnamed,
    )


def kind_of(study: Study, column: str, values: pd.Series) -> VariableKind:
    """Return what a column is: a number, a category that the plan uses, or other text."""
    declared = [item for item in study.characteristic if item.column == column]
    if any(item.kind == "categorical" for item in declared):
        return "category"
    if not pd.api.types.is_numeric_dtype(values):
        return "category" if is_used(study, column) else "text"
    groups = any(
        column in {item.strata, item.trial, item.cluster}
        or f"C({column})" in (item.covariates or "").replace(" ", "")
        for item in study.analysis
    )
    return "category" if groups else "number"


def levels_of(
    study: Study, column: str, known: pd.Series
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Return the codes of a category with their labels, and how many codes are not named."""
    labels = {
        code_key(code): label
        for item in study.characteristic
        if item.column == column
        for code, label in item.levels.items()
    }
    counts = code_keys(known).value_counts()
    common = sorted(str(code) for code in counts[counts >= FEWEST].index)
    named = labels | {code: labels.get(code, "") for code in common}
    rare = sum(str(code) not in named for code in counts.index)
    return tuple(named.items()), rare


def is_used(study: Study, column: str) -> bool:
    """Return whether the plan names a column."""
    name = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)")
    return any(name.search(text) for text in texts_with_columns(study))


def texts_with_columns(study: Study) -> list[str]:
    """Return every part of a plan that is a column's name or a formula of them."""
    conditions = [condition for population in study.population for condition in population.where]
    named = [
        *(item.column for item in study.characteristic),
        *(condition.column for condition in conditions),
        study.data.missing_reason,
        *(text for analysis in study.analysis for text in of_analysis(analysis)),
    ]
    return [text for text in named if text is not None]


def of_analysis(analysis: Analysis) -> tuple[str | None, ...]:
    """Return the keys of an analysis that name columns of people."""
    return (
        analysis.covariates,
        analysis.random,
        analysis.strata,
        analysis.trial,
        analysis.cluster,
        analysis.missing_reason,
    )
