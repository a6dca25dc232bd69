"""Rows by the thousand: the same row for every endpoint of a panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.panel import PanelInference
from trialkit.result.analysis_result import COLUMNS, Estimate
from trialkit.terms import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What is the same in every row of a panel."""

    quantity: Quantity
    method: str
    conf_level: float
    arm: str | None = None
    reference_arm: str | None = None


class Draft:
    """An ``Estimate`` that is still being filled in: the same slots, not frozen yet."""

    __slots__ = COLUMNS


def rows_of_columns(
    inference: PanelInference, names: Sequence[str], p_adjusted: FloatArray, labels: Labels
) -> list[Estimate]:
    """Return a row an endpoint; what is NaN is None.

    A frozen record checks each of its fields as it is set, which for thousands of rows
    takes longer than all their tests. Drafts have the same layout and become records when
    they are full.
    """
    draft: Any
    rows = []
    arm, reference_arm, conf_level = labels.arm, labels.reference_arm, labels.conf_level
    quantity, method = labels.quantity, labels.method
    columns = (
        inference.estimate,
        inference.std_error,
        inference.df,
        inference.statistic,
        inference.p_value,
        p_adjusted,
        inference.conf_low,
        inference.conf_high,
    )
    people = inference.n.astype(int).tolist()
    for name, n, estimate, error, df, statistic, p, adjusted, low, high in zip(
        names, people, *map(numbers, columns), strict=True
    ):
        draft = Draft()
        draft.quantity = quantity
        draft.parameter = name
        draft.visit = None
        draft.arm = arm
        draft.reference_arm = reference_arm
        draft.term = None
        draft.n_subjects = n
        draft.estimate = estimate
        draft.std_error = error
        draft.df_num = None
        draft.df = df
        draft.statistic = statistic
        draft.p_value = p
        draft.p_adjusted = adjusted
        draft.conf_low = low
        draft.conf_high = high
        draft.conf_level = conf_level if low is not None else None
        draft.method = method
        draft.__class__ = Estimate
        rows.append(draft)
    return cast("list[Estimate]", rows)


def numbers(column: FloatArray) -> list[float | None]:
    """Return a column as floats, None for NaN."""
    values: list[float | None] = column.tolist()
    for position in np.flatnonzero(np.isnan(column)):
        values[position] = None
    return values
