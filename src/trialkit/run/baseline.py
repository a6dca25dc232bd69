"""Who was studied: summaries by arm before treatment, and how far apart the arms stand.

Counts and summaries only, never a person's own value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from trialkit.analysis.balance import Balance, balance_of_levels, balance_of_numbers
from trialkit.analysis.descriptive import describe
from trialkit.dataset.columns import code_keys
from trialkit.dataset.dataset import Dataset
from trialkit.result.people import BalanceRow
from trialkit.result.study_results import CharacteristicRow
from trialkit.run.small_arms import FEWEST
from trialkit.run.summaries import shown_population
from trialkit.study.codes import code_key
from trialkit.study.specification import Characteristic, Endpoint
from trialkit.study.study import Study
from trialkit.terms import ARM_CODE, BASELINE, USUBJID, CharacteristicKind, population_flag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One variable of the table: a value a person, in the order of the people."""

    column: str
    label: str
    unit: str | None
    kind: CharacteristicKind
    own: pd.Series
    levels: dict[str, str]
    endpoint: str | None = None
    visit: str | None = None


def characteristic_rows(study: Study, dataset: Dataset) -> tuple[CharacteristicRow, ...]:
    """Return who was studied, by arm and altogether, in the main population.

    After the declared characteristics stand the values before treatment of the endpoints
    that main questions are about.
    """
    people = shown_people(study, dataset)
    groups: list[tuple[str | None, pd.Series]] = [
        (arm.id, people[ARM_CODE].eq(arm.id)) for arm in study.arm
    ]
    if len(groups) > 1:
        groups.append((None, people[ARM_CODE].notna()))
    return tuple(
        row
        for line in lines(study, dataset, people)
        for arm, members in groups
        if arm is not None or not shows_few(line, people[ARM_CODE])
        for row in line_rows(line, line.own[members], arm=arm)
    )


def shows_few(line: Line, arms: pd.Series) -> bool:
    """Return whether everyone's summary, less those of the arms shown, is that of a few people."""
    known = line.own.notna().groupby(arms).sum()
    hidden = int(known[known < FEWEST].sum())
    return line.kind == "continuous" and 0 < hidden < FEWEST


def shown_people(study: Study, dataset: Dataset) -> pd.DataFrame:
    """Return the people of the main population, a row each."""
    flag = population_flag(shown_population(study))
    return dataset.subjects[dataset.subjects[flag].eq("Y")].reset_index(drop=True)


def lines(study: Study, dataset: Dataset, people: pd.DataFrame) -> Iterator[Line]:
    """Yield the variables of the table: characteristics, then baselines of main endpoints."""
    declared = [item for item in study.characteristic if item.column in people]
    for item in declared:
        yield Line(
            column=item.column,
            label=item.label,
            unit=item.unit,
            kind=item.kind,
            own=people[item.column],
            levels=shown_levels(item, people) if item.kind == "categorical" else {},
        )
    shown = {item.column for item in declared}
    visit = study.baseline_visit.id if study.baseline_visit is not None else None
    for endpoint in main_endpoints(study) if study.has_baseline else ():
        if baseline_column(study, endpoint) in shown:
            continue
        yield Line(
            column=endpoint.id,
            label=endpoint.label,
            unit=endpoint.scale.unit,
            kind="continuous",
            own=baseline_values(dataset, endpoint, people),
            levels={},
            endpoint=endpoint.id,
            visit=visit,
        )


def main_endpoints(study: Study) -> tuple[Endpoint, ...]:
    """Return the endpoints in the data that main questions to participants are about."""
    asked = [
        study.find_estimand(analysis.estimand).endpoint
        for analysis in study.main_analyses
        if analysis.data == "participants"
    ]
    wanted = dict.fromkeys(asked)
    return tuple(
        endpoint
        for endpoint in map(study.find_endpoint, wanted)
        if endpoint in study.measured_endpoints
    )


def baseline_column(study: Study, endpoint: Endpoint) -> str | None:
    """Return the column of the data that holds an endpoint's values before treatment."""
    if study.baseline_visit is None:
        return study.data.baseline
    return endpoint.columns.get(study.baseline_visit.id)


def baseline_values(dataset: Dataset, endpoint: Endpoint, people: pd.DataFrame) -> pd.Series:
    """Return an endpoint's value before treatment, a row a person; missing where unknown."""
    frame = dataset.population(shown_population(dataset.study), endpoint=endpoint.id)
    first = frame.groupby(USUBJID)[BASELINE].first()
    return people[USUBJID].map(first).astype("float64")


def shown_levels(item: Characteristic, people: pd.DataFrame) -> dict[str, str]:
    """Return the levels of a characteristic by their code: those declared, else those that occur.

    Undeclared levels that fewer than three people share are not shown: a name or an
    address would be among them.
    """
    if item.levels:
        return {code_key(key): label for key, label in item.levels.items()}
    counts = code_keys(people[item.column].dropna()).value_counts()
    return {str(key): str(key) for key in sorted(counts[counts >= FEWEST].index)}


def line_rows(line: Line, values: pd.Series, *, arm: str | None) -> Iterator[CharacteristicRow]:
    """Yield what is stored of one variable in one group of people."""
    known = values.dropna()
    stored = CharacteristicRow(
        column=line.column,
        label=line.label,
        unit=line.unit,
        level=None,
        arm=arm,
        n_subjects=len(known),
        n_missing=len(values) - len(known),
        endpoint=line.endpoint,
        visit=line.visit,
    )
    if line.kind == "continuous":
        if len(known) >= FEWEST:
            yield described(stored, known)
        return
    keys = code_keys(known)
    for key, label in line.levels.items():
        yield replace(stored, level=label, count=int(keys.eq(key).sum()))


def described(row: CharacteristicRow, values: pd.Series) -> CharacteristicRow:
    """Return the line of a continuous variable with the summaries of some people."""
    result = describe(values.to_frame("value").astype("float64"), outcome="value")
    found = {item.quantity: item.estimate for item in result.estimates}
    return replace(
        row,
        mean=found["mean"],
        std_dev=found["std_dev"],
        median=found["median"],
        quartile_1=found["quartile_1"],
        quartile_3=found["quartile_3"],
    )


def balance_rows(study: Study, dataset: Dataset) -> tuple[BalanceRow, ...]:
    """Return how far the two arms asked about stand apart, variable by variable.

    A variable that fewer than three people of an arm have, or in which the distance has no
    end, has no row.
    """
    compared = compared_arms(study)
    if compared is None:
        return ()
    people = shown_people(study, dataset)
    groups = [people[ARM_CODE].eq(arm) for arm in compared]
    rows = []
    for line in lines(study, dataset, people):
        pair = [line.own[members].dropna() for members in groups]
        if min(map(len, pair)) < FEWEST:
            continue
        found = balance(line, pair)
        if found is not None:
            rows.append(
                BalanceRow(
                    column=line.column,
                    endpoint=line.endpoint,
                    arm=compared[0],
                    reference_arm=compared[1],
                    n_subjects=sum(map(len, pair)),
                    standardised_difference=found.size,
                    p_value=found.p_value if study.study.baseline_p_values else None,
                )
            )
    return tuple(rows)


def balance(line: Line, pair: list[pd.Series]) -> Balance | None:
    """Return how far two groups stand apart in one variable, by its kind."""
    if line.kind == "continuous":
        return balance_of_numbers(*pair)
    return balance_of_levels(*map(code_keys, pair))


def compared_arms(study: Study) -> tuple[str, str] | None:
    """Return the treatment and the reference of the first main question that names both."""
    for analysis in study.main_analyses:
        estimand = study.find_estimand(analysis.estimand)
        if analysis.data == "participants" and estimand.treatment and estimand.reference:
            return estimand.treatment, estimand.reference
    return None
