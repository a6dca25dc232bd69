"""Whose values a model of several visits has, and what is known of those it has not."""

from collections.abc import Iterator

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.language.told import tell
from trialkit.result.study_results import AnalysisRecord, VisitCompletion
from trialkit.run.frames import later_visits
from trialkit.run.small_arms import FEWEST
from trialkit.study.method_rules import RULES
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.study.study import Study
from trialkit.terms import ARM_CODE, USUBJID, VALUE, VISIT_LABEL, population_flag

# A reason that so few people share would point at them.
RARE = tell("another reason")


def visit_completions(
    study: Study, dataset: Dataset, records: tuple[AnalysisRecord, ...]
) -> tuple[VisitCompletion, ...]:
    """Return, for each analysis over visits that ran, whose value is there at which visit."""
    return tuple(
        count
        for record in records
        if record.result is not None and record.analysis in analyses_by_visit(study)
        for count in completions(dataset, study.find_analysis(record.analysis))
    )


def analyses_by_visit(study: Study) -> set[str]:
    """Return the planned analyses of participants that compare arms at several visits."""
    return {
        item.id
        for item in study.analysis
        if RULES[item.method].compares == "arms_by_visit" and item.data == "participants"
    }


def completions(dataset: Dataset, analysis: Analysis) -> Iterator[VisitCompletion]:
    """Yield the counts of one analysis, visit by visit and arm by arm."""
    estimand = dataset.study.find_estimand(analysis.estimand)
    members = dataset.subjects[population_flag(estimand.population)].eq("Y")
    people = dataset.subjects.loc[members].set_index(USUBJID)
    seen = values_seen(dataset, analysis, estimand).reindex(people.index, fill_value=False)
    reasons = named_reasons(people, analysis.missing_reason, anyone_missing=~seen.all(axis=1))
    for position, visit in enumerate(seen.columns):
        later = seen.iloc[:, position + 1 :].any(axis=1)
        for arm in dataset.study.arm:
            here = people[ARM_CODE].eq(arm.id)
            absent = here & ~seen[visit]
            yield VisitCompletion(
                analysis=analysis.id,
                visit=str(visit),
                arm=arm.id,
                n_subjects=int(here.sum()),
                n_with_value=int((here & seen[visit]).sum()),
                n_seen_later=int((absent & later).sum()),
                reasons=counted_reasons(reasons[absent]),
            )


def values_seen(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> pd.DataFrame:
    """Return whether a person has a value: a row a person, a column a visit in its order."""
    frame = later_visits(dataset, analysis, estimand)
    known = frame.assign(seen=frame[VALUE].notna())
    table = known.pivot_table(
        index=USUBJID, columns=VISIT_LABEL, values="seen", aggfunc="any", observed=True
    )
    return table.astype("boolean").fillna(value=False).astype("bool")


def named_reasons(
    people: pd.DataFrame, column: str | None, *, anyone_missing: pd.Series
) -> pd.Series:
    """Return each person's reason for missing values; missing itself where none is known.

    Reasons that fewer than three of the people with a missing value share are not named.
    """
    if column is None:
        return pd.Series(None, index=people.index, dtype="object")
    text = people[column].astype("string").str.strip()
    named = text.where(text.ne(""))
    counts = named[anyone_missing].value_counts()
    rare = set(counts[counts < FEWEST].index)
    return pd.Series(named.mask(named.isin(rare), RARE))


def counted_reasons(reasons: pd.Series) -> tuple[tuple[str, int], ...]:
    """Return how many people have each reason, the commonest first, then by name."""
    counts = reasons.dropna().value_counts()
    return tuple(
        (RARE if name == RARE else str(name), int(count))
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    )
