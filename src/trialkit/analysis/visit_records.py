"""The records of a repeated-measures model: checked, coded, ordered by subject and visit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_numeric,
)
from trialkit.analysis.model_records import require_own_roles
from trialkit.design.columns import finite_numbers, require_size
from trialkit.design.contrasts import unknown_reference
from trialkit.design.linear import RESERVED, Terms, categories, is_number, parse_terms
from trialkit.design.visits import natural_order
from trialkit.errors import DataError, SpecificationError
from trialkit.numerics.arrays import FloatArray, IntArray

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitColumns:
    """Which columns of a frame a repeated-measures model reads.

    ``group`` has a covariance matrix for each of its levels, ``weights`` the weight of each
    record.
    """

    outcome: str
    subject: str
    visit: str
    arm: str
    terms: Terms
    group: str | None = None
    weights: str | None = None
    coordinates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column, once."""
        extra = [name for name in (self.group, self.weights) if name is not None]
        needed = [self.outcome, self.subject, self.visit, self.arm, *self.terms.columns, *extra]
        return tuple(dict.fromkeys([*needed, *self.coordinates]))

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns of the covariates beside arm and visit."""
        return tuple(name for name in self.terms.columns if name not in (self.arm, self.visit))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitRecords:
    """Complete records, sorted by subject and visit.

    Attributes
    ----------
    y : array, shape (n,)
    subject : array of int, shape (n,)
    codes : tuple of array of int, shape (n,)
        Levels of the categories, arm and visit first.
    categories : tuple of (column, levels)
        Arm (the reference first) and visit (in their order) first.
    values : array, shape (n, f)
        Numeric covariates.
    numbers : tuple of str
    group : array of int, shape (n,), or None
    groups : tuple of str
    weights : array, shape (n,), or None
    notes : tuple of str
    coordinates : array, shape (n, c), or None
        Times of the records, where they have their own.
    """

    y: FloatArray
    subject: IntArray
    codes: tuple[IntArray, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    values: FloatArray
    numbers: tuple[str, ...]
    group: IntArray | None
    groups: tuple[str, ...]
    weights: FloatArray | None
    notes: tuple[str, ...]
    coordinates: FloatArray | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return self.categories[0][1]

    @property
    def visits(self) -> tuple[str, ...]:
        """The visits in their order."""
        return self.categories[1][1]

    @property
    def n_subjects(self) -> int:
        """Number of subjects with a complete record."""
        return int(self.subject[-1]) + 1 if self.subject.size else 0

    def people(self) -> IntArray:
        """Return the subjects of each arm with a record at each visit, shape (a, v)."""
        cell = self.codes[0] * len(self.visits) + self.codes[1]
        counts = np.bincount(cell, minlength=len(self.arms) * len(self.visits))
        return counts.reshape(len(self.arms), len(self.visits))


def read_columns(
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str,
    covariates: str,
    group: str | None = None,
    weights: str | None = None,
    coordinates: tuple[str, ...] = (),
) -> VisitColumns:
    """Return the columns that a model reads, after a check of their roles."""
    terms = parse_terms(covariates)
    columns = VisitColumns(
        outcome=outcome,
        subject=subject,
        visit=visit,
        arm=arm,
        terms=terms,
        group=group,
        weights=weights,
        coordinates=coordinates,
    )
    roles = {"outcome": outcome, "subject": subject, "visit": visit, "arm": arm}
    for role, name in roles.items():
        same = [other for other, column in roles.items() if column == name and other != role]
        if same:
            raise SpecificationError(
                f"{role}: expected another column than the {same[0]}'s, found {name!r} for both"
            )
    for name in (arm, visit):
        if RESERVED.fullmatch(name) or "`" in name:
            raise SpecificationError(f"a column named {name!r} cannot enter a model; rename it")
    require_own_roles(terms, outcome=outcome, arm=arm)
    if subject in terms.columns:
        raise SpecificationError(
            f"covariates: expected columns other than the subject's, found {subject!r}"
        )
    return columns


def visit_records(frame: pd.DataFrame, columns: VisitColumns, *, reference: str) -> VisitRecords:
    """Check a frame of one row per subject and visit, and code its complete records.

    Raises
    ------
    SpecificationError
        If a column or the reference does not exist.
    DataError
        If a subject has a visit twice, or more than one arm (or covariance group).
    NotEstimableError
        If only one arm has records.
    """
    require_columns(frame, columns.names)
    require_numeric(frame, columns.outcome)
    complete = complete_cases(
        frame,
        columns=[name for name in columns.names if name != columns.arm],
        arm=columns.arm,
    )
    records = complete.frame
    arms = arm_levels(records, columns.arm, reference=reference)
    if reference is None:
        raise unknown_reference(arms, reference)
    visits = visit_levels(records[columns.visit])
    codes = [
        level_codes(records[columns.arm], arms),
        level_codes(records[columns.visit], visits),
    ]
    subject = np.asarray(pd.factorize(records[columns.subject])[0], dtype=np.int64)
    order = np.argsort(subject * len(visits) + codes[1], kind="stable")
    require_one_record_each(records, columns, subject[order], codes[1][order], order)
    kinds, names = [(columns.arm, arms), (columns.visit, visits)], []
    for name in columns.covariates:
        if name in columns.terms.categorical or not is_number(records[name]):
            category = categories(records[name])
            kinds.append((name, tuple(map(str, category.categories))))
            codes.append(np.asarray(category.codes, dtype=np.int64))
        else:
            names.append(name)
    in_order = tuple(code[order] for code in codes)
    groups, group = group_codes(records, columns.group)
    require_constant(records, columns.subject, columns.arm, subject[order], in_order[0], order)
    if columns.group is not None and group is not None:
        require_constant(
            records, columns.subject, columns.group, subject[order], group[order], order
        )
    return VisitRecords(
        y=records[columns.outcome].to_numpy(dtype=np.float64)[order],
        subject=subject[order],
        codes=in_order,
        categories=tuple(kinds),
        values=number_columns(records, names)[order],
        numbers=tuple(names),
        group=None if group is None else group[order],
        groups=groups,
        weights=record_weights(records, columns.weights, order),
        coordinates=number_columns(records, columns.coordinates)[order],
        notes=complete.notes,
    )


def visit_levels(column: pd.Series) -> tuple[str, ...]:
    """Return the visits that occur: as an ordered categorical has them, else naturally."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        present = set(column.cat.remove_unused_categories().cat.categories.map(str))
        if dtype.ordered:
            return tuple(str(level) for level in dtype.categories if str(level) in present)
        return tuple(natural_order(sorted(present)))
    return tuple(natural_order([str(level) for level in column.unique()]))


def level_codes(column: pd.Series, levels: Sequence[str]) -> IntArray:
    """Return the position of each value among levels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = column.cat.categories
        place = np.array([position_of(str(level), levels) for level in known], dtype=np.int64)
        return np.asarray(place[column.cat.codes.to_numpy()])
    codes, known = pd.factorize(column)
    place = np.array([position_of(str(level), levels) for level in known], dtype=np.int64)
    return np.asarray(place[codes])


def position_of(level: str, levels: Sequence[str]) -> int:
    """Return the position of a level, or -1."""
    return list(levels).index(level) if level in levels else -1


def group_codes(
    records: pd.DataFrame, group: str | None
) -> tuple[tuple[str, ...], IntArray | None]:
    """Return the levels of the covariance groups and each record's."""
    if group is None:
        return (), None
    levels = arm_levels(records, group, reference=None)
    return levels, level_codes(records[group], levels)


def number_columns(records: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    """Return numeric covariates side by side, checked."""
    values = np.empty((len(records), len(names)))
    for position, name in enumerate(names):
        values[:, position] = finite_numbers(records, name)
        require_size(values[:, position], name)
    return values


def record_weights(
    records: pd.DataFrame, weights: str | None, order: IntArray
) -> FloatArray | None:
    """Return the weights of records; raise DataError unless all are positive."""
    if weights is None:
        return None
    values = finite_numbers(records, weights)
    bad = records[~(values > 0)]
    if len(bad):
        raise DataError(
            f"{weights}: expected positive weights, found {len(bad)} that are not; leave such "
            "records out",
            records=bad,
        )
    return values[order]


def require_one_record_each(
    records: pd.DataFrame,
    columns: VisitColumns,
    subject: IntArray,
    visit: IntArray,
    order: IntArray,
) -> None:
    """Raise unless each subject has each visit once."""
    again = np.flatnonzero((np.diff(subject) == 0) & (np.diff(visit) == 0))
    if not again.size:
        return
    rows = order[np.unique(np.concatenate([again, again + 1]))]
    bad = records.iloc[rows]
    pairs = bad[[columns.subject, columns.visit]].drop_duplicates()
    examples = "; ".join(" / ".join(map(str, row)) for row in pairs.head(EXAMPLES).to_numpy())
    raise DataError(
        f"expected one record per {columns.subject} x {columns.visit}\n"
        f"  found:  {len(bad)} records for {len(pairs)} of them, e.g. {examples}\n"
        "  remedy: keep the analysis record (ANL01FL == 'Y'); repeated records within a visit "
        "are a random effect: tk.mixed_model",
        records=bad,
    )


def require_constant(
    records: pd.DataFrame,
    subject_column: str,
    column: str,
    subject: IntArray,
    code: IntArray,
    order: IntArray,
) -> None:
    """Raise DataError unless a column has one level in each subject."""
    changes = np.flatnonzero((np.diff(subject) == 0) & (np.diff(code) != 0))
    if not changes.size:
        return
    people = np.unique(subject[changes])
    bad = records.iloc[order[np.isin(subject, people)]]
    ids = list(dict.fromkeys(bad[subject_column].astype(str)))
    raise DataError(
        f"expected one {column} per {subject_column}\n"
        f"  found:  {len(ids)} with more than one, e.g. {', '.join(ids[:EXAMPLES])}\n"
        "  remedy: give each subject the arm that it was randomised to",
        records=bad,
    )
