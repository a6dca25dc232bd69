"""Records with random effects reduced to few pseudo-records with the same likelihood.

A group with random design Z and independent residuals has the covariance Z G Z' + s2 I. An
orthogonal rotation leaves at most as many rows that hold random effects as Z has independent
columns; all others have the covariance s2 and, being alike in all groups, stand together.
Groups inside a group (visits of a person) that are alike are rotated once more: only their
scaled sum shares the outer effects, and their differences are independent of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.numerics.subject_blocks import Blocks, assemble, reduce_subjects

# Share of a column's length that is left when it depends on the others of its group.
DEPENDENT = 1e-9
# Columns of the covariance matrix: effects of one outermost group that differ in their design,
# and their residuals.
MOST_COLUMNS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomTerm:
    """Coefficients that vary between the groups of a factor.

    Attributes
    ----------
    factor : str
    columns : tuple of str, length k
    Z : array, shape (n, k)
    group : array of int, shape (n,)
        Codes from 0.
    independent : bool
        Whether the coefficients of a group are uncorrelated, each with its own variance.
    """

    factor: str
    columns: tuple[str, ...]
    Z: FloatArray
    group: IntArray
    independent: bool = False

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alike:
    """Groups of one level whose rows have the same random design.

    Attributes
    ----------
    design : tuple of array, shape (r, c, k)
        For each level, outermost first, the columns of each of its c groups that occur.
    group : array of int, shape (g,)
    A : array, shape (g, r, q)
        Design and outcome.
    """

    design: tuple[FloatArray, ...]
    group: IntArray
    A: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomBlocks:
    """The pseudo-records of a model with random effects.

    Attributes
    ----------
    blocks : Blocks
    copies : tuple of int
        How often the random effects of each level stand in the covariance matrix.
    residuals : int
        How often the residual variance does.
    """

    blocks: Blocks
    copies: tuple[int, ...]
    residuals: int


def nested_levels(terms: Sequence[RandomTerm]) -> tuple[tuple[RandomTerm, ...], ...]:
    """Return the terms by factor, the outermost first.

    Raises
    ------
    SpecificationError
        If two factors are crossed, or group the records alike (both are named).
    """
    by_factor: dict[str, list[RandomTerm]] = {}
    for term in terms:
        by_factor.setdefault(term.factor, []).append(term)
    levels = sorted(by_factor.values(), key=lambda level: level[0].n_groups)
    for outer, inner in pairwise(levels):
        one, other = outer[0], inner[0]
        pairs = len(np.unique(np.stack([one.group, other.group]), axis=1).T)
        if one.n_groups == other.n_groups == pairs:
            raise SpecificationError(
                f"random: {one.factor} and {other.factor} group the records alike, so their "
                "effects cannot be told apart; leave one out"
            )
        if pairs > other.n_groups:
            raise SpecificationError(
                f"random: expected factors nested in each other, found {one.factor} crossed with "
                f"{other.factor} (some groups of the one lie in several of the other); take one "
                "of them as a covariate, or name the combination as the factor "
                f"({one.factor}:{other.factor})"
            )
    return tuple(map(tuple, levels))


def require_apart_from_fixed(X: FloatArray, levels: Sequence[Sequence[RandomTerm]]) -> None:
    """Raise if the fixed part fits an effect of every group, so that REML sees none of it."""
    sizes = np.linalg.norm(X, axis=0)
    Q = orthonormal_basis(X / np.where(sizes > 0, sizes, 1.0))
    for term in (term for level in levels for term in level):
        fitted_part = np.zeros((term.n_groups, Q.shape[1], term.Z.shape[1]))
        for column, z in enumerate(term.Z.T):
            np.add.at(fitted_part[..., column], term.group, Q * z[:, np.newaxis])
        left = term.Z.T @ term.Z - np.einsum("gpk,gpl->kl", fitted_part, fitted_part)
        if np.linalg.eigvalsh(left)[0] < DEPENDENT * len(X):
            raise NotEstimableError(
                tell(
                    "random: the effects of {factor} ({columns}) cannot be told from those of the "
                    "arms, visits and covariates, which fit every group of it already; leave "
                    "{factor} out of the random effects, or the covariates that tell its groups "
                    "apart",
                    factor=term.factor,
                    columns=tell_list(term.columns),
                )
            )


def random_blocks(
    X: FloatArray, y: FloatArray, levels: Sequence[Sequence[RandomTerm]]
) -> RandomBlocks:
    """Return the blocks of y = X beta + Z u + e.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
    levels : sequence of sequence of RandomTerm
        As ``nested_levels`` gives them; empty for a model without random effects.

    Returns
    -------
    RandomBlocks
        The covariance of a pattern's rows is M Sigma M' with Sigma the direct sum of each
        level's covariance, repeated ``copies`` times, and of the residual variance, repeated
        ``residuals`` times.

    Raises
    ------
    NotEstimableError
        If an outermost group has too many different inner groups.
    """
    A = np.column_stack([X, y])
    found: list[tuple[tuple[FloatArray, ...], float, FloatArray]] = []
    if levels:
        found.extend(rotated(A, levels))
    else:
        found.append(((), float(len(A)), A[:, np.newaxis]))
    sizes = [sum(term.Z.shape[1] for term in level) for level in levels]
    copies = tuple(
        max((design[position].shape[1] for design, *_ in found if design), default=1)
        for position in range(len(levels))
    )
    residuals = max(rows.shape[1] for *_, rows in found)
    width = sum(count * size for count, size in zip(copies, sizes, strict=True))
    if width + residuals > MOST_COLUMNS:
        outer, *inner = (level[0].factor for level in levels)
        raise NotEstimableError(
            tell(
                "random: a group of {outer} has {width} random effects of {factors} that differ "
                "in their design, which take {columns} columns of a covariance matrix, more than "
                "the {most} that can be fitted; leave the outer factor to the covariates, or an "
                "inner one out",
                outer=outer,
                width=width,
                factors=reduce(
                    lambda said, other: tell("{one} and {other}", one=said, other=other),
                    inner,
                    outer,
                ),
                columns=width + residuals,
                most=MOST_COLUMNS,
            )
        )
    return RandomBlocks(
        blocks=placed(found, copies, sizes, residuals, n_records=len(A)),
        copies=copies,
        residuals=residuals,
    )


def placed(
    found: Sequence[tuple[tuple[FloatArray, ...], float, FloatArray]],
    copies: Sequence[int],
    sizes: Sequence[int],
    residuals: int,
    *,
    n_records: int,
) -> Blocks:
    """Return rows with their columns of the covariance matrix, equal patterns merged."""
    widths = [count * size for count, size in zip(copies, sizes, strict=True)]
    starts = np.cumsum([0, *widths])
    patterns: dict[bytes, tuple[FloatArray, list[float], list[FloatArray]]] = {}
    for design, count, rows in found:
        own = rows.shape[1]
        M = np.zeros((residuals, int(starts[-1]) + residuals))
        for start, part in zip(starts, design, strict=False):
            flat = part.reshape(own, -1)
            M[:own, start : start + flat.shape[1]] = flat
        M[np.arange(own), starts[-1] + np.arange(own)] = 1.0
        padded = np.zeros((len(rows), residuals, rows.shape[2]))
        padded[:, :own] = rows
        _, counts, parts = patterns.setdefault(M.tobytes(), (M, [], []))
        counts.append(count)
        parts.append(padded)
    return assemble(
        [M for M, *_ in patterns.values()],
        [sum(counts) for _, counts, _ in patterns.values()],
        [reduce_subjects(np.concatenate(parts)) for *_, parts in patterns.values()],
        n_records=float(n_records),
    )


def rotated(
    A: FloatArray, levels: Sequence[Sequence[RandomTerm]]
) -> Iterator[tuple[tuple[FloatArray, ...], float, FloatArray]]:
    """Yield the designs, the counts and the rows of independent pseudo-records."""
    Z = [np.hstack([term.Z for term in level]) + 0.0 for level in levels]
    innermost = levels[-1][0].group
    order = np.lexsort((*np.hstack(Z).T[::-1], innermost))
    groups = []
    for alike, rest, count in innermost_groups(A[order], [z[order] for z in Z], innermost[order]):
        groups.append(alike)
        if count:
            yield (), count, rest[:, np.newaxis]
    for depth in range(len(levels) - 2, -1, -1):
        inner, outer = levels[depth + 1][0].group, levels[depth][0].group
        parent = np.zeros(int(inner.max()) + 1, dtype=np.int64)
        parent[inner] = outer
        parts: list[tuple[IntArray, int, Alike]] = []
        for position, alike in enumerate(groups):
            for several, differences, count in siblings(alike, parent[alike.group], depth):
                parts.append((several.group, position, several))
                if count:
                    yield differences.design, count, differences.A
        groups = joined(parts, depth)
    for alike in groups:
        yield alike.design, float(len(alike.A)), alike.A


def innermost_groups(
    A: FloatArray, Z: Sequence[FloatArray], group: IntArray
) -> Iterator[tuple[Alike, FloatArray, float]]:
    """Yield groups of equal design, rotated, with the rows that hold residuals only.

    Records come sorted by group, and within it by random design.
    """
    first = np.flatnonzero(np.diff(group, prepend=-1))
    count = np.diff(first, append=group.size)
    whole = np.hstack(Z)
    ends = np.cumsum([z.shape[1] for z in Z])[:-1]
    for n in np.unique(count):
        chosen = first[count == n]
        records = chosen[:, np.newaxis] + np.arange(n)
        designs, which = np.unique(
            whole[records].reshape(len(chosen), -1), axis=0, return_inverse=True
        )
        for position, design in enumerate(designs):
            members = np.flatnonzero(which.reshape(-1) == position)
            own = design.reshape(int(n), -1)
            Q = orthonormal_basis(own)
            rows = A[records[members]]
            top = Q.T @ rows
            rest = rows - Q @ top
            again = Q.T @ rest
            top, rest = top + again, rest - Q @ again
            parts = np.split(Q.T @ own, ends, axis=1)
            yield (
                Alike(
                    design=tuple(part[:, np.newaxis] for part in parts),
                    group=group[chosen[members]],
                    A=top,
                ),
                rest.reshape(-1, A.shape[1]),
                float(members.size * (int(n) - Q.shape[1])),
            )


def orthonormal_basis(Z: FloatArray) -> FloatArray:
    """Return an orthonormal basis of the columns, shape (n, rank)."""
    Q, R, _ = linalg.qr(Z, mode="economic", pivoting=True, check_finite=False)
    size = np.abs(np.diagonal(R))
    return np.asarray(Q[:, size > DEPENDENT * max(size[0], np.finfo(np.float64).tiny)])


def siblings(alike: Alike, parent: IntArray, depth: int) -> Iterator[tuple[Alike, Alike, float]]:
    """Yield the scaled sums of equal groups in a parent, and their differences.

    ``depth`` is the level of the parents; effects of that level and further out are the same
    in all the groups of a parent, so the differences are free of them.
    """
    order = np.argsort(parent, kind="stable")
    first = np.flatnonzero(np.diff(parent[order], prepend=-1))
    count = np.diff(first, append=parent.size)
    for g in np.unique(count):
        members = order[first[count == g][:, np.newaxis] + np.arange(g)]
        A = alike.A[members]
        total = A.sum(axis=1) / np.sqrt(g)
        between = (A - A.mean(axis=1, keepdims=True)).reshape(-1, *A.shape[2:])
        outer, inner = alike.design[: depth + 1], alike.design[depth + 1 :]
        yield (
            Alike(
                design=(*(part * np.sqrt(g) for part in outer), *inner),
                group=parent[members[:, 0]],
                A=total,
            ),
            Alike(
                design=(*(0 * part for part in outer), *inner),
                group=parent[members[:, 0]],
                A=between,
            ),
            float(len(members) * (g - 1)),
        )


def joined(parts: Sequence[tuple[IntArray, int, Alike]], depth: int) -> list[Alike]:
    """Return the parents, each with the rows of all its inner groups, alike ones together."""
    held: dict[int, list[tuple[int, int]]] = {}
    for position, (group, _, _) in enumerate(parts):
        for row, parent in enumerate(group.tolist()):
            held.setdefault(parent, []).append((position, row))
    together: dict[tuple[int, ...], list[int]] = {}
    for parent in sorted(held):
        together.setdefault(tuple(position for position, _ in held[parent]), []).append(parent)
    return [
        Alike(
            design=combined([parts[position][2].design for position in signature], depth),
            group=np.array(parents, dtype=np.int64),
            A=np.array(
                [
                    np.concatenate([parts[position][2].A[row] for position, row in held[parent]])
                    for parent in parents
                ]
            ),
        )
        for signature, parents in together.items()
    ]


def combined(designs: Sequence[tuple[FloatArray, ...]], depth: int) -> tuple[FloatArray, ...]:
    """Return the design of several groups in one parent: outer effects shared, inner own."""
    whole = []
    for level in range(len(designs[0])):
        parts = [design[level] for design in designs]
        if level <= depth:
            whole.append(np.concatenate(parts))
            continue
        rows = sum(len(part) for part in parts)
        columns = sum(part.shape[1] for part in parts)
        placed_parts = np.zeros((rows, columns, parts[0].shape[2]))
        row = column = 0
        for part in parts:
            placed_parts[row : row + len(part), column : column + part.shape[1]] = part
            row, column = row + len(part), column + part.shape[1]
        whole.append(placed_parts)
    return tuple(whole)


def without_columns(term: RandomTerm, dropped: Sequence[int]) -> RandomTerm | None:
    """Return a term without some of its columns; None if none is left."""
    kept = [column for column in range(len(term.columns)) if column not in dropped]
    if not kept:
        return None
    return replace(term, columns=tuple(term.columns[c] for c in kept), Z=term.Z[:, kept])
