"""Repeated-measures data on a cluster: partitions are reduced where they are, and added there."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pandas as pd

from trialkit.analysis.frames import a_kind, require_columns
from trialkit.analysis.threads import on_one_thread
from trialkit.analysis.visit_columns import VisitColumns
from trialkit.analysis.visit_parts import (
    Layout,
    PartLevels,
    PartTotals,
    add_parts,
    build_layout,
    fingerprints,
    part_levels,
    reduce_part,
    require_whole_subjects,
)
from trialkit.analysis.visit_tally import require_same_data
from trialkit.errors import DataError, SpecificationError
from trialkit.terms import VisitEffects

# Partitions whose totals are added in one task.
BRANCHES = 8


def is_dask(source: object) -> bool:
    """Return whether a source is a Dask DataFrame, without importing Dask.

    Raises
    ------
    SpecificationError
        If it is something else of Dask: a bag, an array, a delayed call.
    """
    if type(source).__module__.partition(".")[0] not in ("dask", "dask_expr"):
        return False
    if any(kind.__name__ == "DataFrame" for kind in type(source).__mro__):
        return True
    raise SpecificationError(
        f"frame: expected a pandas DataFrame, found {a_kind(source)} of Dask; a Dask DataFrame is "
        "read too: bag.to_dataframe(), dask.dataframe.from_delayed(...)"
    )


def reduce_on_cluster(
    source: Any, columns: VisitColumns, *, reference: str, effects: VisitEffects
) -> tuple[Layout, PartTotals]:
    """Reduce a Dask DataFrame; what comes back is as large as the totals of one partition.

    Two passes on the scheduler that is in force (a ``distributed.Client`` where there is
    one, otherwise threads): the levels of the categories, then the totals of each
    partition and, in a tree, their sums. A partition that is lost with its worker is
    reduced again.

    Parameters
    ----------
    source : dask.dataframe.DataFrame
    columns : VisitColumns
    reference : str
    effects : VisitEffects

    Raises
    ------
    DataError
        If a subject is in two partitions, or partitions are others the second time.
    """
    require_columns(pd.DataFrame(columns=list(source.columns)), columns.names)
    dask = import_module("dask")
    partitions = source[list(columns.names)].to_delayed()
    levels = computed([dask.delayed(levels_of)(part, columns) for part in partitions], columns)
    layout = build_layout(levels, columns, reference=reference, effects=effects)
    parts = [dask.delayed(reduce_partition)(part, layout) for part in partitions]
    while len(parts) > 1:
        branches = [parts[i : i + BRANCHES] for i in range(0, len(parts), BRANCHES)]
        parts = [dask.delayed(add_partitions)(branch) for branch in branches]
    (part,) = computed(parts, columns)
    if layout.tally is not None:
        require_same_data(layout.tally, part.tally)
    subject = columns.subject
    require_whole_subjects(
        part.people,
        subject,
        remedy=f"divide the data by subject: frame.shuffle(on={subject!r}), or "
        f"frame.set_index({subject!r}) and reset_index() where it is sorted",
    )
    return layout, part


def computed(tasks: Sequence[Any], columns: VisitColumns) -> Any:
    """Return what tasks give.

    Raises
    ------
    DataError
        If a partition lacks a column that its Dask DataFrame says it has.
    """
    try:
        return import_module("dask").compute(*tasks)
    except KeyError as error:
        absent = [name for name in columns.names if repr(name) in str(error)]
        if not absent:
            raise
        raise DataError(
            f"{absent[0]}: expected the column in every partition, as the Dask DataFrame declares "
            f"it, found a partition without {absent}; give each file or partition all columns, "
            "with missing values where it has none"
        ) from error


def levels_of(frame: pd.DataFrame, columns: VisitColumns) -> PartLevels:
    """Return the levels of a partition."""
    return part_levels(frame, columns)


@on_one_thread
def reduce_partition(frame: pd.DataFrame, layout: Layout) -> PartTotals:
    """Return the totals of a partition."""
    return reduce_part(frame, layout, fingerprints(frame[layout.columns.subject]))


@on_one_thread
def add_partitions(parts: Sequence[PartTotals]) -> PartTotals:
    """Return the sum of some partitions."""
    return add_parts(parts)
