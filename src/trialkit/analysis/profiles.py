"""Long records, a row a subject and visit, to complete profiles by arm."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialkit.analysis.frames import (
    arm_levels,
    counted_by_arm,
    missing_in,
    require_columns,
    require_numeric,
)
from trialkit.errors import DataError, NotEstimableError
from trialkit.language.told import Value, tell, tell_list
from trialkit.numerics.arrays import FloatArray

EXAMPLES = 3
# The one group of a study whose arm is not named.
EVERYONE = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProfileSet:
    """Everyone with a value at every visit, by arm.

    Attributes
    ----------
    samples : mapping of str to array, shape (n_i, k)
        A row a subject, a column a visit; one arm ``EVERYONE`` where none is named.
    visits : tuple of str, length k
        In their order.
    notes : tuple of str
        Who was left out, by arm and by visit.
    """

    samples: dict[str, FloatArray]
    visits: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subjects:
    """Everyone in the records: the row of each record's subject, and each subject's arm."""

    rows: NDArray[np.intp]
    arms: pd.Series


def complete_profiles(
    frame: pd.DataFrame, *, outcome: str, subject: str, visit: str, arm: str | None
) -> ProfileSet:
    """Return the profiles of subjects with a value at every visit that occurs.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    DataError
        If a record lacks its subject or visit, a subject has two records of a visit, or a
        subject stands in two arms.
    NotEstimableError
        If fewer than two visits occur, or an arm has no complete subject.
    """
    columns = [outcome, subject, visit, *([arm] if arm else [])]
    require_columns(frame, columns)
    require_numeric(frame, outcome, any_size=True)
    require_keys(frame, subject=subject, visit=visit)
    if arm is not None:
        require_one_arm(frame, subject=subject, arm=arm)
    require_one_record(frame, subject=subject, visit=visit)
    visits = visit_levels(frame[visit])
    require_two_visits(visits, visit)
    people = subjects_of(frame, subject=subject, arm=arm)
    values = wide(frame, outcome=outcome, visit=visit, visits=visits, people=people)
    complete = ~np.isnan(values).any(axis=1) & people.arms.notna().to_numpy()
    samples = {
        level: values[complete & people.arms.eq(level).to_numpy()]
        for level in ((EVERYONE,) if arm is None else arm_levels(frame, arm, reference=None))
    }
    require_people(samples, values, visits)
    notes = left_out_note(values, people.arms, complete, visits=visits, named=arm is not None)
    return ProfileSet(samples=samples, visits=visits, notes=notes)


def visit_levels(column: pd.Series) -> tuple[str, ...]:
    """Return the visits that occur: a categorical's own order, else numbers as they count.

    >>> visit_levels(pd.Series(["VIS10", "VIS2", "VIS1", "VIS2"]))
    ('VIS1', 'VIS2', 'VIS10')
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.astype(str))
        return tuple(level for level in map(str, column.cat.categories) if level in present)
    if pd.api.types.is_numeric_dtype(column):
        return tuple(map(str, sorted(column.unique())))
    return tuple(sorted(column.astype(str).unique(), key=natural_key))


def require_two_visits(visits: Sequence[str], column: str) -> None:
    """Raise unless there is more than one visit, for a profile joins two."""
    if not visits:
        raise NotEstimableError(
            tell("{column}: expected two visits or more, found none", column=column)
        )
    if len(visits) < 2:
        raise NotEstimableError(
            tell(
                "{column}: expected two visits or more, found {visit}",
                column=column,
                visit=visits[0],
            )
        )


def natural_key(text: str) -> tuple[tuple[int, float, str], ...]:
    """Return a sort key in which the digits of a name count as numbers."""
    # The pattern is captured, so every second part is digits.
    return tuple(
        (1, float(part), "") if position % 2 else (0, 0.0, part)
        for position, part in enumerate(re.split(r"(\d+)", text))
    )


def require_keys(frame: pd.DataFrame, *, subject: str, visit: str) -> None:
    """Raise DataError with the records that lack their subject or visit."""
    for column in (subject, visit):
        absent = frame[frame[column].isna()]
        if len(absent):
            raise DataError(
                f"{column}: expected a value in every record, found {len(absent)} records "
                "without one; fill it in or take these records out",
                records=absent,
            )


def require_one_arm(frame: pd.DataFrame, *, subject: str, arm: str) -> None:
    """Raise DataError with the records of subjects that stand in two arms."""
    arms = frame.groupby(subject, observed=True)[arm].nunique()
    several = arms.index[arms > 1]
    if len(several):
        raise DataError(
            f"{subject}: expected every subject in one arm, found {examples(several)} in several; "
            "where people of different arms share an id, make the ids differ first",
            records=frame[frame[subject].isin(several)],
        )


def require_one_record(frame: pd.DataFrame, *, subject: str, visit: str) -> None:
    """Raise DataError with the records that share a subject and a visit."""
    repeated = frame[frame.duplicated([subject, visit], keep=False)]
    if len(repeated):
        keys = repeated[[subject, visit]].drop_duplicates().astype(str)
        raise DataError(
            f"expected one record per {subject} and {visit}, found {len(repeated)} records that "
            f"share {examples(keys.agg(' at '.join, axis=1))}; choose or average them first",
            records=repeated,
        )


def examples(items: Iterable[object]) -> str:
    """Return the first few of a list, and how many more there are."""
    listed = [str(item) for item in items]
    more = f" and {len(listed) - EXAMPLES} more" if len(listed) > EXAMPLES else ""
    return ", ".join(listed[:EXAMPLES]) + more


def subjects_of(frame: pd.DataFrame, *, subject: str, arm: str | None) -> Subjects:
    """Return who stands in the records, sorted by id.

    Sorting makes the sums, and so the last digits, independent of the order of the rows.
    """
    codes, ids = pd.factorize(frame[subject])
    order = np.argsort(np.array([str(item) for item in ids], dtype=object), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    rows = rank[codes]
    arms = pd.Series(EVERYONE, index=range(order.size), dtype=object)
    if arm is not None:
        names = frame[arm].astype(object).where(frame[arm].notna(), None).to_numpy()
        for row, name in zip(rows, names, strict=True):
            arms[row] = None if name is None else str(name)
        arms[np.unique(rows[frame[arm].isna().to_numpy()])] = None
    return Subjects(rows=rows, arms=arms)


def wide(
    frame: pd.DataFrame, *, outcome: str, visit: str, visits: Sequence[str], people: Subjects
) -> FloatArray:
    """Return the values with a row a subject and a column a visit; NaN where there is none."""
    values = np.full((people.arms.size, len(visits)), np.nan)
    columns = pd.Index(visits).get_indexer(pd.Index(frame[visit].astype(str)))
    values[people.rows, columns] = frame[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def require_people(
    samples: Mapping[str, FloatArray], values: FloatArray, visits: Sequence[str]
) -> None:
    """Raise NotEstimableError naming the arms, or the visits, without anyone complete."""
    seen = np.sum(~np.isnan(values), axis=0)
    unseen = [level for level, n in zip(visits, seen, strict=True) if n == 0]
    if unseen:
        raise NotEstimableError(
            tell(
                "nobody has a value at {visits}; leave these records out", visits=tell_list(unseen)
            )
        )
    empty = [level for level, sample in samples.items() if not len(sample)]
    if empty == [EVERYONE]:
        raise NotEstimableError(tell("nobody in the study has a value at every visit"))
    if empty:
        raise NotEstimableError(
            tell("nobody in {arms} has a value at every visit", arms=tell_list(empty))
        )


def left_out_note(
    values: FloatArray,
    arms: pd.Series,
    complete: NDArray[np.bool_],
    *,
    visits: Sequence[str],
    named: bool,
) -> tuple[str, ...]:
    """Return the note that counts subjects left out, by arm and by visit."""
    left_out = ~complete
    if not left_out.any():
        return ()
    absent = np.isnan(values[left_out]).sum(axis=0)
    reasons = missing_in(dict(zip(visits, absent.tolist(), strict=True)))
    said: dict[str, Value] = {"n": int(left_out.sum()), "total": len(values)}
    if not named:
        note = tell(
            "{n} of {total} subjects left out as incomplete: {reasons}", reasons=reasons, **said
        )
    elif not reasons:
        note = tell(
            "{n} of {total} subjects left out as incomplete ({arms})",
            arms=counted_by_arm(arms[left_out]),
            **said,
        )
    else:
        note = tell(
            "{n} of {total} subjects left out as incomplete ({arms}): {reasons}",
            arms=counted_by_arm(arms[left_out]),
            reasons=reasons,
            **said,
        )
    return (note,)
