"""Repeated-measures data from a frame, Parquet files, frames one after the other, or a cluster."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.frames import LeftOut, a_kind, require_columns
from trialkit.analysis.mmrm_options import MmrmOptions
from trialkit.analysis.visit_cluster import is_dask, reduce_on_cluster
from trialkit.analysis.visit_columns import VisitColumns
from trialkit.analysis.visit_parquet import Frames, parquet_frames
from trialkit.analysis.visit_parts import (
    Layout,
    PartLevels,
    PartTotals,
    add_parts,
    build_layout,
    fingerprints,
    part_levels,
    reduce_part,
    require_all_levels,
    require_whole_subjects,
    unlike_categories,
)
from trialkit.analysis.visit_records import VisitRecords, visit_records
from trialkit.analysis.visit_tally import NOTHING, Tally, require_same_data
from trialkit.analysis.visit_totals import VisitTotals, number_origin, visit_totals
from trialkit.design.linear import is_number
from trialkit.design.visits import Coding, build_coding, model_formula
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray, IntArray

# Rows up to which small frames are gathered into one.
SMALL = 20_000
# Reduced parts that wait to be added.
WAITING = 16
SORT = (
    "sort the records by subject, so that those of a subject follow each other, or divide the "
    "data by subject"
)

# A Dask DataFrame besides, whose type is not known where Dask is not installed.
VisitSource = (
    pd.DataFrame | str | Path | Iterable[pd.DataFrame] | Callable[[], Iterable[pd.DataFrame]] | Any
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitData:
    """The data of a model, reduced.

    Attributes
    ----------
    totals : VisitTotals
    coding : Coding
    origin : array, shape (f,)
        What was taken from each number.
    groups : tuple of str
        Levels that have a covariance matrix each.
    left_out : LeftOut
    records : VisitRecords or None
        Every record, where the source is a frame.
    """

    totals: VisitTotals
    coding: Coding
    origin: FloatArray
    groups: tuple[str, ...]
    left_out: LeftOut
    records: VisitRecords | None

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return next(iter(self.coding.categories.values()))

    @property
    def notes(self) -> tuple[str, ...]:
        """How many records were left out, and why."""
        return self.left_out.notes


def visit_data(
    source: VisitSource, columns: VisitColumns, *, reference: str, options: MmrmOptions
) -> VisitData:
    """Reduce a source of records to totals.

    Parameters
    ----------
    source : DataFrame, path, iterable of DataFrame, callable or Dask DataFrame
        A path is of a Parquet file or a folder of them. An iterable (or what a callable
        returns) is gone through twice; an iterator once, so its categories must be declared.
    columns : VisitColumns
    reference : str
    options : MmrmOptions

    Raises
    ------
    SpecificationError
        If the source is none of these, an option needs every record at once, a part lacks a
        column, or parts differ in the categories of one.
    DataError
        If a subject is in two parts, parts differ in the kind of a column, or the data are
        others the second time that they are gone through.
    """
    if isinstance(source, pd.DataFrame):
        return frame_data(source, columns, reference=reference, options=options)
    # Refuses what cannot be a source before it refuses options.
    frames = None if is_dask(source) else frames_of(source, columns)
    require_totals_only(options)
    if frames is None:
        layout, part = reduce_on_cluster(
            source, columns, reference=reference, effects=options.visit_effects
        )
    elif isinstance(source, Iterator):
        layout, part = reduce_once(frames(), columns, reference=reference, options=options)
    else:
        levels = (part_levels(frame, columns) for frame in frames())
        layout = build_layout(levels, columns, reference=reference, effects=options.visit_effects)
        part = reduce_frames(frames(), layout)
    if part.totals is None:
        raise NotEstimableError(tell("no record is complete, so there is nothing to analyse"))
    require_all_levels(part.totals, layout)
    return VisitData(
        totals=part.totals,
        coding=layout.coding,
        origin=layout.origin,
        groups=layout.levels.groups,
        left_out=part.left_out,
        records=None,
    )


def frame_data(
    frame: pd.DataFrame, columns: VisitColumns, *, reference: str, options: MmrmOptions
) -> VisitData:
    """Reduce a frame in memory."""
    records = visit_records(frame, columns, reference=reference)
    coding = build_coding(
        model_formula(
            columns.arm, columns.visit, effects=options.visit_effects, terms=columns.terms
        ),
        records.categories,
        records.numbers,
    )
    origin = number_origin(records, coding)
    return VisitData(
        totals=visit_totals(records, coding, origin),
        coding=coding,
        origin=origin,
        groups=records.groups,
        left_out=records.left_out,
        records=records,
    )


def require_totals_only(options: MmrmOptions) -> None:
    """Raise SpecificationError if an option needs the records of every subject at once."""
    if options.vcov != "model":
        raise SpecificationError(
            f'vcov: expected "model" for data that are read in parts, found {options.vcov!r}, '
            "which needs every subject's records at once; read the data into one DataFrame"
        )
    if options.coordinates:
        raise SpecificationError(
            "times: expected a time for each visit for data that are read in parts, found times "
            "of each record, which need every record at once; read the data into one DataFrame"
        )


def frames_of(source: object, columns: VisitColumns) -> Frames:
    """Return what goes through the frames of a source."""
    if isinstance(source, str | Path):
        return parquet_frames(Path(source), columns)
    if callable(source):
        return lambda: numbered(returned(source()), columns)
    if isinstance(source, Iterable) and not isinstance(source, dict):
        return lambda: numbered(source, columns)
    raise SpecificationError(
        f"frame: expected a pandas DataFrame, found {a_kind(source)}; data larger than memory "
        "are a path of Parquet files, an iterable of DataFrames or a Dask DataFrame"
    )


def returned(made: object) -> Iterable[pd.DataFrame]:
    """Return what a function returned; raise SpecificationError unless frames can come of it."""
    if isinstance(made, Iterable) and not isinstance(made, pd.DataFrame | dict | str):
        return made
    raise SpecificationError(
        "frame: expected a function that returns an iterable of pandas DataFrames, found one "
        f"that returns {a_kind(made)}; a single DataFrame is given as it is, without a function"
    )


def numbered(frames: Iterable[pd.DataFrame], columns: VisitColumns) -> Iterator[pd.DataFrame]:
    """Yield frames again; the refusal of one that lacks a column says which it is."""
    for number, frame in enumerate(frames, start=1):
        try:
            require_columns(frame, columns.names)
        except SpecificationError as error:
            raise SpecificationError(f"part {number} of the data: {error}") from error
        yield frame


def reduce_once(
    frames: Iterator[pd.DataFrame],
    columns: VisitColumns,
    *,
    reference: str,
    options: MmrmOptions,
) -> tuple[Layout, PartTotals]:
    """Reduce frames that pass by once, each of which declares the same categories."""
    head: list[pd.DataFrame] = []
    seen: PartLevels | None = None
    for frame in frames:
        head.append(frame)
        seen = part_levels(frame, columns)
        if seen.known:
            break
    if seen is None or not seen.known:
        raise NotEstimableError(tell("no record is complete, so there is nothing to analyse"))
    known = {name: declared(frame, name) for name in seen.known}
    levels = replace(seen, known=known)
    layout = build_layout([levels], columns, reference=reference, effects=options.visit_effects)
    # Nothing to compare with: there is no other pass.
    layout = replace(layout, tally=None)

    def checked() -> Iterator[pd.DataFrame]:
        for frame in chain(head, frames):
            for name, values in known.items():
                if frame[name].dtype != values.dtype:
                    raise unlike_categories(name, values, declared(frame, name))
            yield frame

    return layout, reduce_frames(checked(), layout)


def declared(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return the categories that a column declares.

    Raises
    ------
    SpecificationError
        If it is no categorical.
    """
    dtype = frame[name].dtype
    if not isinstance(dtype, pd.CategoricalDtype):
        kind = "numbers" if is_number(frame[name]) else "text"
        raise SpecificationError(
            f"{name}: expected a categorical in every frame of an iterator, which passes by once, "
            f"found {kind}\n"
            "  remedy: pd.Categorical(..., categories=every level), or a source that can be read "
            "twice: a list of frames, a function that returns an iterator, or Parquet files"
        )
    return pd.Series(pd.Categorical(dtype.categories, dtype=dtype), name=name)


def reduce_frames(frames: Iterable[pd.DataFrame], layout: Layout) -> PartTotals:
    """Return the totals of frames one after the other; a subject may go on in the next one."""
    subject = layout.columns.subject
    waiting: list[PartTotals] = []
    for frame, people in gathered(whole_subjects(frames, subject), subject):
        waiting.append(reduce_part(frame, layout, people))
        if len(waiting) == WAITING:
            waiting = [add_parts(waiting)]
    if layout.tally is not None:
        second = reduce(Tally.__add__, (part.tally for part in waiting), NOTHING)
        require_same_data(layout.tally, second)
    part = add_parts(waiting)
    require_whole_subjects(part.people, subject, remedy=SORT)
    return part


def whole_subjects(frames: Iterable[pd.DataFrame], subject: str) -> Iterator[pd.DataFrame]:
    """Yield frames again, with the subject that a frame ends in put together with its rest."""
    held: list[pd.DataFrame] = []
    for frame in frames:
        ids = frame[subject]
        if held:
            own = (ids == held[0][subject].iloc[0]).to_numpy(dtype=bool, na_value=False)
            if own.any():
                held.append(frame[own])
                frame, ids = frame[~own], ids[~own]  # noqa: PLW2901 -- what is left of it
            if len(frame):
                yield pd.concat(held, ignore_index=True) if len(held) > 1 else held[0]
                held = []
        present = np.flatnonzero(ids.notna())
        if not present.size:
            if len(frame):
                yield frame
            continue
        last = (ids == ids.iloc[present[-1]]).to_numpy(dtype=bool, na_value=False)
        held = [frame[last]]
        if not last.all():
            yield frame[~last]
    if held:
        yield pd.concat(held, ignore_index=True) if len(held) > 1 else held[0]


def gathered(
    frames: Iterable[pd.DataFrame], subject: str
) -> Iterator[tuple[pd.DataFrame, IntArray]]:
    """Yield frames of some size, small ones put together, and the fingerprints of each's people.

    A subject in two of the small ones has two fingerprints all the same: whether it is refused
    does not depend on what is put together.
    """
    small: list[tuple[pd.DataFrame, IntArray]] = []
    for frame in frames:
        people = fingerprints(frame[subject])
        if len(frame) >= SMALL:
            yield frame, people
            continue
        small.append((frame, people))
        if sum(len(piece) for piece, _ in small) >= SMALL:
            yield together(small)
            small = []
    if small:
        yield together(small)


def together(pieces: list[tuple[pd.DataFrame, IntArray]]) -> tuple[pd.DataFrame, IntArray]:
    """Return pieces as one."""
    frames, people = zip(*pieces, strict=True)
    return pd.concat(frames, ignore_index=True), np.concatenate(people)
