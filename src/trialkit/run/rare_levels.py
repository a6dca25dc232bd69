"""Levels that one or two people share, numbered before an analysis can name them.

A verb names the levels of its factors in terms, notes and the reasons why it could not run,
and all of these are stored. A name, a date of birth or an identifier is such a level too.
"""

from dataclasses import replace
from typing import Final

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.language.told import tell_count
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.small_arms import FEWEST
from trialkit.study.codes import code_key
from trialkit.study.plan import Analysis
from trialkit.study.study import Study
from trialkit.terms import ADAM_COLUMNS, USUBJID

# Keys of a plan that name columns whose levels a result may name.
IN_FORMULAS: Final = ("covariates", "random")
AS_FACTORS: Final = ("strata", "trial", "cluster")
WITHHELD: Final = "withheld level"


def with_numbered_levels(dataset: Dataset, analysis: Analysis) -> tuple[Dataset, tuple[str, ...]]:
    """Return a dataset in which no level of a factor points at one or two people, and notes.

    A level of fewer than three people has a number in place of its name, unless the study
    file declares it; the levels stay as many as they were.
    """
    frame, subjects, notes = dataset.frame, dataset.subjects, []
    for column in factors(subjects, analysis):
        rare = rare_levels(level_names(subjects[column]), declared_levels(dataset.study, column))
        if not rare:
            continue
        digits = len(str(len(rare)))
        numbered = {
            level: f"{WITHHELD} {position:0{digits}}"
            for position, level in enumerate(rare, start=1)
        }
        frame, subjects = (
            table.assign(**{column: renamed(level_names(table[column]), numbered)})
            for table in (frame, subjects)
        )
        notes.append(
            tell_count(
                len(rare),
                "{column}: {n} level of fewer than three people, numbered and not named",
                "{column}: {n} levels of fewer than three people, numbered and not named",
                column=column,
            )
        )
    return replace(dataset, frame=frame, subjects=subjects), tuple(notes)


def noted(result: AnalysisResult, notes: tuple[str, ...]) -> AnalysisResult:
    """Return a result with notes on the numbered levels, if it speaks of any of them."""
    terms = (row.term or "" for row in result.estimates)
    figures = (each.name for each in result.fit)
    if not any(WITHHELD in text for text in (*terms, *figures, *result.notes)):
        return result
    return replace(result, notes=(*result.notes, *notes))


def factors(subjects: pd.DataFrame, analysis: Analysis) -> tuple[str, ...]:
    """Return the columns of people whose levels an analysis may name.

    A column of numbers is one where it makes groups; as a covariate it has a slope.
    """
    named = {key: getattr(analysis, key) or "" for key in (*IN_FORMULAS, *AS_FACTORS)}
    spoken_of = " ".join(named[key] for key in IN_FORMULAS)
    categories = spoken_of.replace(" ", "")
    groups = {named[key] for key in AS_FACTORS}
    found = []
    for column in map(str, subjects.columns):
        if column in ADAM_COLUMNS and column != USUBJID:
            continue
        numeric = pd.api.types.is_numeric_dtype(subjects[column])
        in_formula = f"C({column})" in categories if numeric else column in spoken_of
        if in_formula or column in groups:
            found.append(column)
    return tuple(found)


def declared_levels(study: Study, column: str) -> frozenset[str]:
    """Return the codes of a column that the study file itself names."""
    return frozenset(
        code_key(code)
        for item in study.characteristic
        if item.column == column
        for code in item.levels
    )


def level_names(values: pd.Series) -> pd.Series:
    """Return the levels of a column as text; missing stays missing."""
    numeric = pd.api.types.is_numeric_dtype(values)
    return values.map(code_key, na_action="ignore") if numeric else values


def rare_levels(names: pd.Series, declared: frozenset[str]) -> tuple[str, ...]:
    """Return the levels that one or two people have, in their order, but those declared."""
    counts = names.value_counts()
    rare = counts[counts < FEWEST].index
    return tuple(sorted(str(level) for level in rare if code_key(level) not in declared))


def renamed(names: pd.Series, numbered: dict[str, str]) -> pd.Series:
    """Return levels of which some have another name; missing stays missing."""
    return names.map(lambda level: numbered.get(level, level), na_action="ignore")
