"""Coefficients of factors that would show what one or two people of a level scored.

A level that one person has is fitted exactly: the constant, the arm's coefficient and the
level's add up to that person's score. Withholding the one would not do, because the totals of
the arms give it back; all coefficients of the factor are left out, its products among them.
"""

import re
from dataclasses import replace
from typing import Final

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.language.told import tell, tell_list
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.small_arms import FEWEST, usable_records
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import (
    ARM_CODE,
    PARAMETER_CODE,
    USUBJID,
    VISIT_LABEL,
    VISIT_NUMBER,
)

LEVEL: Final = re.compile(r"([^:\[\]]+)\[[^\]]*\]")
# Small arms are withheld for themselves; visits are counted apart.
NOT_ALONE: Final = ({ARM_CODE}, {VISIT_LABEL}, {ARM_CODE, VISIT_LABEL})


def without_small_levels(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> AnalysisResult:
    """Return a result without coefficients of factors of which a level has one or two people."""
    products = {
        row.term: frozenset(LEVEL.findall(row.term))
        for row in result.estimates
        if row.quantity == "coefficient" and row.term
    }
    people = counted_people(analysis, estimand, dataset)
    small = {
        columns
        for columns in set(products.values())
        if columns and columns not in NOT_ALONE and fewest(people, columns) < FEWEST
    }
    if not small:
        return result
    kept = tuple(
        row
        for row in result.estimates
        if row.quantity != "coefficient"
        or not any(columns <= products.get(row.term or "", frozenset()) for columns in small)
    )
    note = tell(
        "coefficients of {factors} are left out: fewer than {fewest} people share a level, and "
        "they would show what these scored",
        factors=tell_list(
            [tell_list(sorted(columns), " x ") for columns in sorted(small, key=sorted)]
        ),
        fewest=FEWEST,
    )
    return replace(result, estimates=kept, notes=(*result.notes, note))


def counted_people(analysis: Analysis, estimand: Estimand, dataset: Dataset) -> pd.DataFrame:
    """Return the records of the estimand's endpoint that a model can use."""
    people = usable_records(analysis, estimand, dataset)
    return people[people[PARAMETER_CODE].eq(estimand.endpoint)]


def fewest(people: pd.DataFrame, columns: frozenset[str]) -> int:
    """Return how many people share the smallest level of a factor, or cell of a product."""
    by = [column for column in columns if column in people and column != VISIT_LABEL]
    if not by or people.empty:
        return FEWEST
    return int(people.groupby([VISIT_NUMBER, *by], observed=True)[USUBJID].nunique().min())
