"""Repeated records reduced to few pseudo-subjects with the same cross-products.

Everything that a likelihood, its derivatives and the degrees of freedom need of the
subjects of one pattern of visits is their cross-products. An orthogonal rotation of the
subjects of a pattern keeps these and leaves all but few of them zero; the others need only
be counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray

# Fingerprints of equal columns differ by rounding only.
ALIKE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Subjects by pattern of visits, for one or several trials of the same layout.

    Attributes
    ----------
    incidence : array, shape (k, m, t)
        For each pattern the matrix M by which the covariance of its records is
        M Sigma M'; a row of zeros is no record.
    counts : array, shape (b, k)
        Subjects of each pattern in each trial.
    pattern : array of int, shape (r,)
        Pattern of each pseudo-subject, ascending; every pattern has at least one.
    A : array, shape (b, r, m, p + 1)
        Design columns and, last, the outcome; zeros where there is no record.
    n_records : array, shape (b,)
    log_weights : array, shape (b,)
        Sum of the logarithms of the records' weights, by whose roots the rows of ``A`` are
        multiplied.
    """

    incidence: FloatArray
    counts: FloatArray
    pattern: IntArray
    A: FloatArray
    n_records: FloatArray
    log_weights: FloatArray

    @property
    def n_coefficients(self) -> int:
        """Number of design columns p."""
        return int(self.A.shape[-1]) - 1

    @property
    def starts(self) -> IntArray:
        """First pseudo-subject of each pattern."""
        return np.flatnonzero(np.diff(self.pattern, prepend=-1))

    @property
    def absent(self) -> FloatArray:
        """Identity matrices on the rows without a record, shape (k, m, m)."""
        empty = np.asarray(~self.incidence.any(axis=-1))
        return empty[:, :, np.newaxis] * np.eye(self.incidence.shape[1])

    def by_pattern(self, rows: FloatArray) -> FloatArray:
        """Return sums over the pseudo-subjects of each pattern, shape (b, k, ...)."""
        return np.asarray(np.add.reduceat(rows, self.starts, axis=1))

    def trials(self, chosen: IntArray | BoolArray) -> "Blocks":
        """Return the blocks of some of the trials."""
        return replace(
            self,
            counts=self.counts[chosen],
            A=self.A[chosen],
            n_records=self.n_records[chosen],
            log_weights=self.log_weights[chosen],
        )


def reduce_subjects(A: FloatArray) -> FloatArray:
    """Return few pseudo-subjects with the cross-products of many.

    Columns that are equal for all subjects (a covariate at each of its visits) are kept
    once, and an orthogonal triangle takes the place of the subjects. No product of columns
    is formed, so no digits are lost.

    Parameters
    ----------
    A : array, shape (n, m, q)
        Subjects of one pattern, their records, columns.

    Returns
    -------
    array, shape (r, m, q)
        r at most n and at most the number of different columns.
    """
    n, m, q = A.shape
    flat = A.reshape(n, m * q)
    if n < q:
        return A
    kept, place = different_columns(flat)
    if n <= kept.size:
        return A
    triangle = np.asarray(np.linalg.qr(flat[:, kept], mode="r"))
    reduced = np.zeros((kept.size, m * q))
    filled = place >= 0
    reduced[:, filled] = triangle[:, place[filled]]
    return reduced.reshape(-1, m, q)


def different_columns(flat: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the positions of the different columns, and for each column which it is.

    A column of zeros is -1. Columns are told apart by their products with one fixed random
    vector and then compared entry by entry.

    Parameters
    ----------
    flat : array, shape (n, c)

    Returns
    -------
    kept : array of int, shape (d,)
    place : array of int, shape (c,)
    """
    n, c = flat.shape
    probe = np.random.default_rng(n).standard_normal(n)
    mark, size = probe @ flat, np.abs(probe) @ np.abs(flat)
    place = np.full(c, -1)
    kept: list[int] = []
    for column in np.flatnonzero(size):
        near = [
            position
            for position, other in enumerate(kept)
            if abs(mark[column] - mark[other]) <= ALIKE * size[column]
            and np.array_equal(flat[:, column], flat[:, other])
        ]
        if near:
            place[column] = near[0]
        else:
            place[column] = len(kept)
            kept.append(int(column))
    return np.array(kept, dtype=np.int64), place


def stack(parts: Sequence[Blocks]) -> Blocks:
    """Return blocks of one trial from those of its parts, patterns merged.

    Parts of a data set that is read in pieces, or lies on several machines, add up: the
    pseudo-subjects of a pattern stand below each other and are reduced again.

    Parameters
    ----------
    parts : sequence of Blocks
        Of the same columns and visits.
    """
    rows: dict[bytes, list[FloatArray]] = {}
    counts: dict[bytes, float] = {}
    incidence: dict[bytes, FloatArray] = {}
    for part in parts:
        ends = [*part.starts[1:], part.pattern.size]
        for k, (start, end) in enumerate(zip(part.starts, ends, strict=True)):
            key = part.incidence[k].tobytes()
            incidence[key] = part.incidence[k]
            counts[key] = counts.get(key, 0.0) + float(part.counts[0, k])
            rows.setdefault(key, []).append(part.A[0, start:end])
    keys = sorted(incidence)
    return assemble(
        [incidence[key] for key in keys],
        [counts[key] for key in keys],
        [reduce_subjects(np.concatenate(rows[key])) for key in keys],
        n_records=float(sum(part.n_records[0] for part in parts)),
        log_weights=float(sum(part.log_weights[0] for part in parts)),
    )


def assemble(
    incidence: Sequence[FloatArray],
    counts: Sequence[float],
    rows: Sequence[FloatArray],
    *,
    n_records: float,
    log_weights: float = 0.0,
) -> Blocks:
    """Return the blocks of one trial from its patterns.

    Parameters
    ----------
    incidence : sequence of array, shape (m, t)
    counts : sequence of float
    rows : sequence of array, shape (r_k, m, p + 1)
    """
    return Blocks(
        incidence=np.array(incidence),
        counts=np.array([counts], dtype=np.float64),
        pattern=np.repeat(np.arange(len(rows)), [len(block) for block in rows]),
        A=np.concatenate(list(rows))[np.newaxis],
        n_records=np.array([n_records]),
        log_weights=np.array([log_weights]),
    )


def visit_blocks(
    X: FloatArray,
    y: FloatArray,
    *,
    subject: IntArray,
    visit: IntArray,
    n_visits: int,
    group: IntArray | None = None,
    n_groups: int = 1,
    weights: FloatArray | None = None,
) -> Blocks:
    """Return the blocks of a trial from its records.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
    subject : array of int, shape (n,)
        Any codes; a subject has each visit at most once.
    visit : array of int, shape (n,)
        0 to n_visits - 1.
    group : array of int, shape (n,), optional
        Which of ``n_groups`` covariance matrices a record has; one per subject.
    weights : array, shape (n,), optional
        Positive; a record's variance is divided by its weight.

    Returns
    -------
    Blocks
        With t = n_visits * n_groups.
    """
    if not in_order(subject, visit):
        order = np.lexsort((visit, subject))
        X, y, subject, visit = X[order], y[order], subject[order], visit[order]
        group = None if group is None else group[order]
        weights = None if weights is None else weights[order]
    A = np.column_stack([X, y])
    if weights is not None:
        A *= np.sqrt(weights)[:, np.newaxis]
    first = np.flatnonzero(np.diff(subject, prepend=subject[:1] - 1))
    code = np.zeros((first.size, n_visits), dtype=bool)
    person = np.repeat(np.arange(first.size), np.diff(first, append=subject.size))
    code[person, visit] = True
    own_group = np.zeros(first.size, dtype=np.int64) if group is None else group[first]
    patterns, which = distinct_patterns(code, own_group)
    incidence, counts, rows = [], [], []
    places = np.arange(n_visits * n_groups).reshape(n_groups, n_visits)
    for k, chosen in enumerate(patterns):
        people = np.flatnonzero(which == k)
        seen = np.flatnonzero(code[chosen])
        records = first[people][:, np.newaxis] + np.arange(seen.size)
        reduced = reduce_subjects(A[records])
        padded = np.zeros((len(reduced), n_visits, A.shape[1]))
        padded[:, seen] = reduced
        matrix = np.zeros((n_visits, n_visits * n_groups))
        matrix[seen, places[own_group[chosen], seen]] = 1.0
        incidence.append(matrix)
        counts.append(float(people.size))
        rows.append(padded)
    return assemble(
        incidence,
        counts,
        rows,
        n_records=float(y.size),
        log_weights=0.0 if weights is None else float(np.log(weights).sum()),
    )


def in_order(subject: IntArray, visit: IntArray) -> bool:
    """Return whether records are sorted by subject, and by visit within subject."""
    later = np.diff(subject)
    return bool(np.all((later > 0) | ((later == 0) & (np.diff(visit) > 0))))


def distinct_patterns(code: BoolArray, group: IntArray) -> tuple[IntArray, IntArray]:
    """Return one subject of each pattern, and the pattern of each subject."""
    packed = np.packbits(code, axis=1).astype(np.int64)
    key = group.astype(np.int64)
    for column in packed.T:
        key = key * 256 + column
    _, chosen, which = np.unique(key, return_index=True, return_inverse=True)
    return chosen, which
