"""What a repeated-measures model needs of its records, in a form that adds up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from trialkit.analysis.visit_records import VisitRecords
from trialkit.design.origin import about
from trialkit.design.visits import Coding
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.subject_blocks import Blocks, stack, visit_blocks

# Subjects whose design stands in memory at once.
CHUNK = 50_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitTotals:
    """Records reduced to pseudo-subjects and counts.

    Attributes
    ----------
    blocks : Blocks
        Of the design with centred numbers.
    people : array of int, shape (a, v)
        Subjects of each arm with a record at each visit.
    arm_people : array of int, shape (a,)
        Subjects of each arm with any record.
    number_sums : array, shape (f,)
        Sums of the centred numbers over records.
    combinations : array, shape (c,)
        Records of each combination of categories.
    lowest, highest : array, shape (v,)
        Of the outcome at each visit.
    between : array of bool, shape (p,)
        Whether each column of the design is constant within every subject.
    """

    blocks: Blocks
    people: IntArray
    arm_people: IntArray
    number_sums: FloatArray
    combinations: FloatArray
    lowest: FloatArray
    highest: FloatArray
    between: BoolArray

    @property
    def n_subjects(self) -> int:
        """Subjects with a record."""
        return int(self.arm_people.sum())

    @property
    def n_records(self) -> int:
        """Records analysed."""
        return int(self.blocks.n_records[0])


def number_origin(records: VisitRecords, coding: Coding) -> FloatArray:
    """Return what is taken from each number: its mean, or 0 where its origin matters."""
    means = records.values.mean(axis=0) if records.values.size else np.zeros(len(records.numbers))
    return np.where(coding.movable, means, 0.0)


def visit_totals(records: VisitRecords, coding: Coding, origin: FloatArray) -> VisitTotals:
    """Reduce records, some thousand subjects at a time.

    Parameters
    ----------
    records : VisitRecords
    coding : Coding
        Of the records' categories and numbers.
    origin : array, shape (f,)
        As ``number_origin`` gives it.
    """
    firsts = np.flatnonzero(np.diff(records.subject, prepend=-1))
    cuts = [*firsts[::CHUNK].tolist(), records.y.size]
    parts = [totals_of(records, slice(start, end), coding, origin) for start, end in pairwise(cuts)]
    return parts[0] if len(parts) == 1 else add_totals(parts)


def totals_of(
    records: VisitRecords, rows: slice, coding: Coding, origin: FloatArray
) -> VisitTotals:
    """Reduce the records of some subjects."""
    codes = [code[rows] for code in records.codes]
    subject, y = records.subject[rows], records.y[rows]
    values = centred_numbers(records.values[rows], origin)
    coding.require_product_sizes(values)
    X = coding.matrix(codes, values)
    arms, visits = coding.sizes[:2]
    first = np.flatnonzero(np.diff(subject, prepend=-1))
    lowest, highest = np.full(visits, np.inf), np.full(visits, -np.inf)
    np.minimum.at(lowest, codes[1], y)
    np.maximum.at(highest, codes[1], y)
    same = np.diff(subject) == 0
    cell = codes[0] * visits + codes[1]
    return VisitTotals(
        blocks=visit_blocks(
            X,
            y,
            subject=subject,
            visit=codes[1],
            n_visits=visits,
            group=None if records.group is None else records.group[rows],
            n_groups=max(len(records.groups), 1),
            weights=None if records.weights is None else records.weights[rows],
        ),
        people=np.bincount(cell, minlength=arms * visits).reshape(arms, visits),
        arm_people=np.bincount(codes[0][first], minlength=arms),
        number_sums=values.sum(axis=0),
        combinations=np.bincount(coding.combination(codes), minlength=len(coding.table)).astype(
            np.float64
        ),
        lowest=lowest,
        highest=highest,
        between=~((X[1:] != X[:-1]) & same[:, np.newaxis]).any(axis=0),
    )


def centred_numbers(values: FloatArray, origin: FloatArray) -> FloatArray:
    """Return numbers less their origin."""
    moved = np.empty_like(values)
    for column, shift in enumerate(origin):
        moved[:, column] = about(values[:, column], shift)
    return moved


def design_matrix(records: VisitRecords, coding: Coding, origin: FloatArray) -> FloatArray:
    """Return the design of all records with centred numbers, shape (n, p)."""
    return coding.matrix(records.codes, centred_numbers(records.values, origin))


def add_totals(parts: Sequence[VisitTotals]) -> VisitTotals:
    """Return the totals of all subjects from those of disjoint parts."""
    return replace(
        parts[0],
        blocks=stack([part.blocks for part in parts]),
        people=np.sum([part.people for part in parts], axis=0),
        arm_people=np.sum([part.arm_people for part in parts], axis=0),
        number_sums=np.sum([part.number_sums for part in parts], axis=0),
        combinations=np.sum([part.combinations for part in parts], axis=0),
        lowest=np.min([part.lowest for part in parts], axis=0),
        highest=np.max([part.highest for part in parts], axis=0),
        between=np.all([part.between for part in parts], axis=0),
    )


def require_every_visit(totals: VisitTotals, arms: Sequence[str], visits: Sequence[str]) -> None:
    """Raise unless every arm has a record at every visit."""
    found = [
        tell(
            "{visit} has records in {arms} only",
            visit=visit,
            arms=tell_list(arm for arm, n in zip(arms, column, strict=True) if n),
        )
        for visit, column in zip(visits, totals.people.T, strict=True)
        if not np.all(column)
    ]
    if found:
        raise NotEstimableError(
            tell(
                "arms cannot be compared at every visit: {visits}; leave those visits out, or ask "
                'for visit_effects="common"',
                visits=tell_list(found, "; "),
            )
        )


def require_variation(totals: VisitTotals, outcome: str, visits: Sequence[str]) -> None:
    """Raise if everyone has the same outcome at a visit."""
    flat = [
        visit
        for visit, low, high in zip(visits, totals.lowest, totals.highest, strict=True)
        if low == high
    ]
    if flat:
        raise NotEstimableError(
            tell(
                "{outcome} is the same for everyone at {visits}, so it has no variance there; "
                "leave that visit out (a change from baseline has none at baseline)",
                outcome=outcome,
                visits=tell_list(flat),
            )
        )
