"""The records of a repeated-measures model: checked, coded, ordered by subject and visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.coded_columns import CodedColumn, coded_column
from trialkit.analysis.frames import LeftOut, arm_levels, require_columns
from trialkit.analysis.visit_columns import VisitColumns
from trialkit.analysis.visit_kinds import label_kinds
from trialkit.design.columns import finite_numbers, require_size
from trialkit.design.contrasts import unknown_reference
from trialkit.design.linear import categories, enters_as_number, is_number
from trialkit.design.visits import natural_order
from trialkit.errors import DataError, SpecificationError
from trialkit.numerics.arrays import FloatArray, IntArray

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels of each category of the design, arm and visit first; of the groups besides."""

    categories: tuple[tuple[str, tuple[str, ...]], ...]
    groups: tuple[str, ...]

    @property
    def visits(self) -> tuple[str, ...]:
        """The visits in their order."""
        return self.categories[1][1]


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
    kinds : dict
        Of the values of every column of labels: numbers, text.
    left_out : LeftOut
        Records that are not among these, counted.
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
    kinds: dict[str, str]
    left_out: LeftOut
    coordinates: FloatArray | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """How many records were left out, and why."""
        return self.left_out.notes

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


def visit_records(
    frame: pd.DataFrame,
    columns: VisitColumns,
    *,
    reference: str,
    levels: Levels | None = None,
) -> VisitRecords:
    """Check a frame of one row per subject and visit, and code its complete records.

    Parameters
    ----------
    frame : DataFrame
    columns : VisitColumns
    reference : str
    levels : Levels, optional
        Of every category, where the frame is a part of the data, which need not have
        all of them; by default those of the frame.

    Raises
    ------
    SpecificationError
        If a column or the reference does not exist.
    DataError
        If a subject has a visit twice, or more than one arm (or covariance group), or a column
        of labels holds values of two kinds.
    NotEstimableError
        If only one arm has records.
    """
    require_columns(frame, columns.names)
    y = finite_numbers(frame, columns.outcome)
    require_size(y, columns.outcome)
    coded = {name: coded_column(frame[name]) for name in label_columns(frame, columns)}
    rows, counted = complete_rows(frame, columns, y, coded)
    labels = {name: column.at(rows) for name, column in coded.items()}
    kinds = label_kinds({name: column.known for name, column in labels.items()})
    if levels is None:
        known = {name: column.known for name, column in labels.items()}
        levels = category_levels(known, columns, reference=reference)
    codes = [codes_among(labels[name], found) for name, found in levels.categories]
    subject = labels[columns.subject].codes
    sort = np.argsort(subject * len(levels.visits) + codes[1], kind="stable")
    order, subject, codes = rows[sort], subject[sort], [code[sort] for code in codes]
    require_one_record_each(frame, columns, subject, codes[1], order)
    require_constant(frame, columns.subject, columns.arm, subject, codes[0], order, randomised=True)
    group = None
    if columns.group is not None:
        group = codes_among(labels[columns.group], levels.groups)[sort]
        randomised = columns.group == columns.arm
        require_constant(
            frame, columns.subject, columns.group, subject, group, order, randomised=randomised
        )
    numbers = tuple(name for name in columns.covariates if name not in labels)
    return VisitRecords(
        y=y[order],
        subject=subject,
        codes=tuple(codes),
        categories=levels.categories,
        values=number_columns(frame, numbers)[order],
        numbers=numbers,
        group=group,
        groups=levels.groups,
        weights=record_weights(frame, columns.weights, order),
        coordinates=number_columns(frame, columns.coordinates)[order],
        kinds=kinds,
        left_out=counted,
    )


def category_levels(
    known: Mapping[str, pd.Series], columns: VisitColumns, *, reference: str
) -> Levels:
    """Return the levels of arm, visit, covariates and group, in their order.

    Parameters
    ----------
    known : dict of Series
        The different values of each column of labels.
    columns : VisitColumns
    reference : str
        The first arm.
    """
    arms = arm_levels(known[columns.arm].to_frame(), columns.arm, reference=reference)
    if reference is None:
        raise unknown_reference(arms, reference)
    others = tuple(
        (name, tuple(map(str, categories(known[name]).categories)))
        for name in columns.covariates
        if name in known
    )
    group = columns.group
    return Levels(
        categories=(
            (columns.arm, arms),
            (columns.visit, visit_levels(known[columns.visit])),
            *others,
        ),
        groups=() if group is None else arm_levels(known[group].to_frame(), group, reference=None),
    )


def label_columns(frame: pd.DataFrame, columns: VisitColumns) -> tuple[str, ...]:
    """Return the columns that are labels: subject, visit, arm, group, categories."""
    kinds = [
        name for name in columns.covariates if not enters_as_number(frame[name], columns.terms)
    ]
    groups = [] if columns.group is None else [columns.group]
    return tuple(dict.fromkeys([columns.subject, columns.visit, columns.arm, *groups, *kinds]))


def complete_rows(
    frame: pd.DataFrame,
    columns: VisitColumns,
    y: FloatArray,
    coded: Mapping[str, CodedColumn],
) -> tuple[IntArray, LeftOut]:
    """Return the positions of the complete records, and how many the others are."""
    order = [*(name for name in columns.names if name != columns.arm), columns.arm]
    missing = {columns.outcome: np.isnan(y)}
    for name in order[1:]:
        missing[name] = coded[name].codes < 0 if name in coded else frame[name].isna().to_numpy()
    incomplete = np.any(list(missing.values()), axis=0)
    counts = LeftOut(
        n_records=len(frame),
        n_left_out=int(np.count_nonzero(incomplete)),
        by_arm=coded[columns.arm].counts(incomplete, absent="no arm"),
        by_column={name: int(np.count_nonzero(missing[name])) for name in order},
    )
    return np.flatnonzero(~incomplete), counts


def visit_levels(column: pd.Series) -> tuple[str, ...]:
    """Return the visits that occur: as an ordered categorical has them, by value, or naturally."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels = pd.Series(column.cat.remove_unused_categories().cat.categories)
        if dtype.ordered:
            return tuple(levels.map(str))
    else:
        levels = pd.Series(column.unique())
    if is_number(levels):
        return tuple(map(str, levels.sort_values()))
    return tuple(natural_order([str(level) for level in levels]))


def level_codes(column: pd.Series, levels: Sequence[str]) -> IntArray:
    """Return the position of each value among levels; -1 where it is none of them."""
    coded = coded_column(column)
    position = {level: place for place, level in enumerate(levels)}
    place = np.array([position.get(str(value), -1) for value in coded.known], dtype=np.int64)
    return np.asarray(place[coded.codes])


def codes_among(column: CodedColumn, levels: Sequence[str]) -> IntArray:
    """Return the position of each record's value among levels."""
    place = level_codes(column.known, levels)
    if np.any(place < 0):
        found = ", ".join(sorted(map(str, column.known[place < 0]))[:EXAMPLES])
        raise SpecificationError(
            f"{column.known.name}: expected one of {', '.join(levels)} in every part of the data, "
            f"found {found}; declare all levels: a categorical with the same categories throughout"
        )
    return np.asarray(place[column.codes])


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
    values = finite_numbers(records, weights)[order]
    require_size(values, weights)
    bad = np.sort(order[~(values > 0)])
    if bad.size:
        raise DataError(
            f"{weights}: expected positive weights, found {bad.size} that are not; leave such "
            "records out",
            records=records.iloc[bad],
        )
    return values


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
    *,
    randomised: bool,
) -> None:
    """Raise DataError unless a column has one level in each subject."""
    changes = np.flatnonzero((np.diff(subject) == 0) & (np.diff(code) != 0))
    if not changes.size:
        return
    people = np.unique(subject[changes])
    bad = records.iloc[order[np.isin(subject, people)]]
    ids = list(dict.fromkeys(bad[subject_column].astype(str)))
    remedy = f"give each subject one {column}" + (
        ", the one that it was randomised to" if randomised else ""
    )
    raise DataError(
        f"expected one {column} per {subject_column}\n"
        f"  found:  {len(ids)} with more than one, e.g. {', '.join(ids[:EXAMPLES])}\n"
        f"  remedy: {remedy}",
        records=bad,
    )
