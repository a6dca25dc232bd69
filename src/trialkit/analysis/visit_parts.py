"""Parts of a data set that is no single frame: their levels, their totals, and their sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import (
    is_float_dtype,
    is_integer_dtype,
    is_numeric_dtype,
    union_categoricals,
)

from trialkit.analysis.coded_columns import coded_column
from trialkit.analysis.frames import LeftOut, require_columns
from trialkit.analysis.visit_columns import VisitColumns
from trialkit.analysis.visit_kinds import label_kinds, require_same_kinds
from trialkit.analysis.visit_records import (
    Levels,
    category_levels,
    complete_rows,
    label_columns,
    visit_records,
)
from trialkit.analysis.visit_tally import Tally, tally
from trialkit.analysis.visit_totals import VisitTotals, add_totals, visit_totals
from trialkit.design.columns import finite_numbers
from trialkit.design.visits import Coding, build_coding, model_formula
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.terms import VisitEffects

# Whole numbers up to this are the same as integers and as floats.
EXACT = 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartLevels:
    """What the complete records of a part hold: values of the categories, where numbers lie.

    Attributes
    ----------
    known : dict of Series
        The different values of every column of labels but the subject's; of none where no
        record is complete.
    kinds : dict
        Of the values of every column of labels.
    numbers : tuple of str
        The numeric covariates.
    means : array, shape (f,)
    tally : Tally
        Of all records.
    """

    known: dict[str, pd.Series]
    kinds: dict[str, str]
    numbers: tuple[str, ...]
    means: FloatArray
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """What every part is coded by, so that the totals of parts add up.

    Attributes
    ----------
    columns : VisitColumns
    reference : str
    formula : str
        Of the design, as ``model_formula`` gives it.
    levels : Levels
    dtypes : dict
        Of the columns of labels in all the data together.
    kinds : dict
        Of the values of every column of labels, the subject's too.
    numbers : tuple of str
    means : array, shape (f,)
        Of some records; any place near the numbers serves as their origin.
    tally : Tally or None
        Of the data that the layout was made from; None where they were not gone through.
    """

    columns: VisitColumns
    reference: str
    formula: str
    levels: Levels
    dtypes: dict[str, Any]
    kinds: dict[str, str]
    numbers: tuple[str, ...]
    means: FloatArray
    tally: Tally | None

    @property
    def coding(self) -> Coding:
        """How categories and numbers become the columns of the design."""
        return build_coding(self.formula, self.levels.categories, self.numbers)

    @property
    def origin(self) -> FloatArray:
        """What is taken from each number."""
        return np.where(self.coding.movable, self.means, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PartTotals:
    """One or several parts, reduced.

    Attributes
    ----------
    totals : VisitTotals or None
        None where no record is complete.
    left_out : LeftOut
    people : array of uint64
        A 64-bit fingerprint of each subject, once a part: 8 bytes a subject, and all that
        grows with the data.
    tally : Tally
        Of all records.
    """

    totals: VisitTotals | None
    left_out: LeftOut
    people: IntArray
    tally: Tally


def part_levels(frame: pd.DataFrame, columns: VisitColumns) -> PartLevels:
    """Return what the complete records of a part say."""
    require_columns(frame, columns.names)
    frame = with_known_kinds(frame, columns)
    names = [name for name in label_columns(frame, columns) if name != columns.subject]
    coded = {name: coded_column(frame[name]) for name in names}
    rows, _ = complete_rows(frame, columns, finite_numbers(frame, columns.outcome), coded)
    seen = tally(frame, columns.outcome)
    if not rows.size:
        return PartLevels(known={}, kinds={}, numbers=(), means=np.empty(0), tally=seen)
    numbers = tuple(name for name in columns.covariates if name not in coded)
    means = [finite_numbers(frame, name)[rows].mean() for name in numbers]
    known = {name: column.at(rows).known for name, column in coded.items()}
    return PartLevels(
        known=known,
        kinds=label_kinds({**known, columns.subject: frame[columns.subject].iloc[rows]}),
        numbers=numbers,
        means=np.array(means, dtype=np.float64),
        tally=seen,
    )


def add_levels(one: PartLevels, other: PartLevels) -> PartLevels:
    """Return the levels of two parts together; the means stay those of the first with any."""
    seen = one.tally + other.tally
    if not (one.known and other.known):
        return replace(one if one.known else other, tally=seen)
    unlike = sorted(set(one.numbers) ^ set(other.numbers))
    if unlike:
        raise SpecificationError(
            f"{unlike[0]}: expected numbers in every part of the data or text in every part, "
            "found both; give the column one kind throughout"
        )
    require_same_kinds(one.kinds, other.kinds)
    known = {name: either(values, other.known[name]) for name, values in one.known.items()}
    return replace(one, known=known, tally=seen)


def either(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the different values of two columns, of the kind that both have in one frame."""
    first, second = one.dtype, other.dtype
    categorical = pd.CategoricalDtype
    if not (isinstance(first, categorical) and isinstance(second, categorical)) or first == second:
        both = pd.concat([one, other], ignore_index=True)
    elif first.ordered or second.ordered:
        raise unlike_categories(str(one.name), one, other)
    else:
        both = pd.Series(union_categoricals([one, other]), name=one.name)
    return both.drop_duplicates(ignore_index=True)


def unlike_categories(name: str, one: pd.Series, other: pd.Series) -> SpecificationError:
    """Return the refusal of parts whose categories differ."""
    first, second = (", ".join(map(str, column.cat.categories)) for column in (one, other))
    return SpecificationError(
        f"{name}: expected the same categories in the same order in every part of the data\n"
        f"  found:  {first}; then {second}\n"
        "  remedy: frame[column].cat.set_categories(...) with all levels, in each part"
    )


def build_layout(
    parts: Iterable[PartLevels],
    columns: VisitColumns,
    *,
    reference: str,
    effects: VisitEffects,
) -> Layout:
    """Return the layout of parts whose levels are known."""
    found = iter(parts)
    first = next(found, None)
    together = None if first is None else reduce(add_levels, found, first)
    if together is None or not together.known:
        raise NotEstimableError(tell("no record is complete, so there is nothing to analyse"))
    return Layout(
        columns=columns,
        reference=reference,
        formula=model_formula(columns.arm, columns.visit, effects=effects, terms=columns.terms),
        levels=category_levels(together.known, columns, reference=reference),
        dtypes={name: values.dtype for name, values in together.known.items()},
        kinds=together.kinds,
        numbers=together.numbers,
        means=together.means,
        tally=together.tally,
    )


def with_known_kinds(frame: pd.DataFrame, columns: VisitColumns) -> pd.DataFrame:
    """Return a part whose empty columns are numbers: nothing tells what they hold."""
    empty = {
        name: np.full(len(frame), np.nan)
        for name in columns.names
        if frame[name].dtype == object and frame[name].isna().all()
    }
    return frame.assign(**empty) if empty else frame


def with_layout(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Return a part with its labels of the kind that they have in all the data together.

    A column of whole numbers with a missing value somewhere is of floats there: its labels
    are then "1.0" throughout, as they would be in one frame.
    """
    frame = with_known_kinds(frame, layout.columns)
    moved: dict[str, pd.Series] = {}
    for name, dtype in layout.dtypes.items():
        own = frame[name].dtype
        if own == dtype:
            continue
        if is_float_dtype(dtype) and is_numeric_dtype(own):
            moved[name] = frame[name].astype(dtype)
        elif is_numeric_dtype(own) and not is_numeric_dtype(dtype):
            moved[name] = frame[name].astype(object)
    return frame.assign(**moved) if moved else frame


def reduce_part(frame: pd.DataFrame, layout: Layout, people: IntArray) -> PartTotals:
    """Return the totals of a part, all of whose subjects are whole."""
    columns = layout.columns
    frame = with_layout(frame, layout)
    records = visit_records(frame, columns, reference=layout.reference, levels=layout.levels)
    require_same_kinds(layout.kinds, records.kinds)
    return PartTotals(
        totals=visit_totals(records, layout.coding, layout.origin) if records.y.size else None,
        left_out=records.left_out,
        people=people,
        tally=tally(frame, columns.outcome),
    )


def add_parts(parts: Sequence[PartTotals]) -> PartTotals:
    """Return several parts as one."""
    totals = [part.totals for part in parts if part.totals is not None]
    return PartTotals(
        totals=add_totals(totals) if len(totals) > 1 else next(iter(totals), None),
        left_out=reduce(LeftOut.__add__, [part.left_out for part in parts]),
        people=np.concatenate([part.people for part in parts]),
        tally=reduce(Tally.__add__, [part.tally for part in parts]),
    )


def fingerprints(subjects: pd.Series) -> IntArray:
    """Return a 64-bit number for each different subject, the same in every part.

    Whole numbers have the same one whether a column holds integers or floats.
    """
    values = coded_column(subjects).known
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = pd.Series(values.to_numpy())
    values = values.infer_objects()
    if is_integer_dtype(values):
        return np.asarray(pd.util.hash_array(values.to_numpy(dtype=np.int64)))
    if is_numeric_dtype(values):
        plain = values.to_numpy(dtype=np.float64)
        whole = (plain == np.floor(plain)) & (np.abs(plain) < EXACT)
        integers = np.where(whole, plain, 0.0).astype(np.int64)
        return np.where(whole, pd.util.hash_array(integers), pd.util.hash_array(plain))
    return np.asarray(pd.util.hash_array(values.to_numpy(dtype=object), categorize=False))


def require_whole_subjects(people: IntArray, subject: str, *, remedy: str) -> None:
    """Raise DataError if a subject is in two parts."""
    people = np.sort(people)
    same = people[1:] == people[:-1]
    if same.any():
        again = np.unique(people[1:][same]).size
        raise DataError(
            f"{subject}: expected all records of a subject in one part of the data\n"
            f"  found:  {again} of {people.size - int(same.sum())} subjects in more than one\n"
            f"  remedy: {remedy}"
        )


def require_all_levels(totals: VisitTotals, layout: Layout) -> None:
    """Raise NotEstimableError if a level was declared that no complete record has."""
    counts = totals.combinations.reshape(layout.coding.sizes)
    empty = []
    for axis, (name, levels) in enumerate(layout.levels.categories):
        others = tuple(other for other in range(counts.ndim) if other != axis)
        records = counts.sum(axis=others)
        empty += [(name, level) for level, n in zip(levels, records, strict=True) if not n]
    groups = layout.levels.groups
    some = np.asarray(totals.blocks.incidence.any(axis=(0, 1)))
    seen = np.asarray(some.reshape(max(len(groups), 1), -1).any(axis=1))
    empty += [
        (str(layout.columns.group), level)
        for level, any_record in zip(groups, seen, strict=False)
        if not any_record
    ]
    if empty:
        found = [
            tell("{column} = {level}", column=name, level=level)
            for name, level in dict.fromkeys(empty)
        ]
        raise NotEstimableError(
            tell(
                "no complete record has {found}, which the data declare as a category; leave it "
                "out of the categories, or give a source that can be read twice",
                found=tell_list(found, "; "),
            )
        )
