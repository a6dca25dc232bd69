"""Covariance structures of random effects: repeated over groups, of reduced rank, and in units."""

from dataclasses import replace

import numpy as np
from scipy import linalg

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.covariance_structures import (
    CovarianceStructure,
    Local,
    Natural,
    positive_definite,
)
from trialkit.numerics.random_blocks import RandomTerm, without_columns

# A step moves a standard deviation of zero by this share of the outcome's.
SMALL = 0.1


class Repeated:
    """The same matrix for each of several independent groups: I (x) G.

    With G one variance this is a multiple of the identity.
    """

    def __init__(self, part: CovarianceStructure, times: int) -> None:
        self.part = part
        self.times = times
        self.size = part.size * times
        self.width = part.width
        self.n_parameters = part.n_parameters

    def spread(self, matrix: FloatArray) -> FloatArray:
        """Return matrices (..., k, k) along the diagonal, (..., k times, k times)."""
        return np.asarray(np.kron(np.eye(self.times), matrix))

    def gathered(self, whole: FloatArray) -> FloatArray:
        """Return the sum of the diagonal blocks, (b, k, k)."""
        k = self.part.size
        blocks = whole.reshape(len(whole), self.times, k, self.times, k)
        return np.asarray(np.einsum("bcpcq->bpq", blocks))

    def start(self, moments: FloatArray) -> FloatArray:
        """Return the start of the mean block."""
        return self.part.start(self.gathered(moments) / self.times)

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return the covariance matrix."""
        return self.spread(self.part.covariance(point))

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives."""
        local = self.part.local(point)
        return Local(
            Sigma=self.spread(local.Sigma),
            first=self.spread(local.first),
            curvature=lambda Gamma: local.curvature(self.gathered(Gamma)),
        )

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return the part a step further."""
        return self.part.move(point, step)

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in the natural parameters of the part."""
        natural = self.part.natural(point)
        second = None if natural.second is None else self.spread(natural.second)
        return Natural(rate=natural.rate, second=second)


class Factored:
    """G = B B' with B lower trapezoidal, k x r: any covariance matrix of rank r or less.

    The entries of B are free of bounds: a variance that wants to be negative ends at a
    maximum with zeros in B, to which Newton's steps converge as fast as to any other. A step
    is taken in units of the standard deviations, so that large ones move by factors.

    With r < k nothing varies in the other directions and inference takes that as known; of
    rank 0 the matrix is zero and has no parameters.
    """

    def __init__(self, size: int, rank: int) -> None:
        self.size = size
        self.rank = rank
        self.width = size * rank
        rows, columns = np.nonzero(np.tri(size, rank, dtype=bool))
        self.n_parameters = rows.size
        self.basis = np.zeros((rows.size, size, rank))
        self.basis[np.arange(rows.size), rows, columns] = 1.0

    def start(self, moments: FloatArray) -> FloatArray:
        """Return the factors of the largest parts of the moments."""
        if self.rank == 0:
            return np.zeros((len(moments), 0))
        values, vectors = np.linalg.eigh(positive_definite(moments))
        largest = vectors[..., -self.rank :] * np.sqrt(values[:, np.newaxis, -self.rank :])
        _, R = np.linalg.qr(np.swapaxes(largest, -1, -2))
        return np.asarray(np.swapaxes(R, -1, -2)).reshape(-1, self.width)

    def factor(self, point: FloatArray) -> FloatArray:
        """Return points as factors B."""
        return point.reshape(len(point), self.size, self.rank)

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return B B'."""
        B = self.factor(point)
        return B @ np.swapaxes(B, -1, -2)

    def steps(self, point: FloatArray) -> FloatArray:
        """Return how B moves with each working parameter, shape (b, h, k, r)."""
        units = np.sqrt((self.factor(point) ** 2).sum(axis=-1) + SMALL**2)
        return np.asarray(units[:, np.newaxis, :, np.newaxis] * self.basis)

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives."""
        steps = self.steps(point)
        half = steps @ np.swapaxes(self.factor(point), -1, -2)[:, np.newaxis]

        def curvature(Gamma: FloatArray) -> FloatArray:
            return np.asarray(2 * np.einsum("bhpr,bjqr,bpq->bhj", steps, steps, Gamma))

        return Local(
            Sigma=self.covariance(point),
            first=half + np.swapaxes(half, -1, -2),
            curvature=curvature,
        )

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return the factor with its entries moved."""
        moved = np.einsum("bh,bhpr->bpr", step, self.steps(point))
        return np.asarray(point + moved.reshape(point.shape))

    def natural(self, point: FloatArray) -> Natural:
        """Return that variances and covariances enter linearly."""
        return Natural(rate=np.ones((len(point), self.n_parameters)), second=None)


def in_own_units(term: RandomTerm) -> RandomTerm:
    """Return a term whose columns are uncorrelated about zero, with a mean square of 1.

    Any covariance matrix is then as well determined as the data make it, wherever the numbers
    have their origin: a slope over calendar years as one over years from the start.
    """
    Z, units = term.Z.copy(), own_units(term)
    # Column by column: equal rows stay equal to the last bit, however many there are.
    for column in range(Z.shape[1]):
        for other in range(column):
            Z[:, column] -= Z[:, other] * units[other, column]
        Z[:, column] /= units[column, column]
    return replace(term, Z=Z)


def own_units(term: RandomTerm) -> FloatArray:
    """Return the triangle U, shape (k, k), with Z = (columns in own units) U."""
    U = np.asarray(np.linalg.qr(term.Z, mode="r") / np.sqrt(len(term.Z)))
    return U * np.where(np.diag(U) < 0, -1.0, 1.0)[:, np.newaxis]


def in_given_units(matrix: FloatArray, term: RandomTerm) -> FloatArray:
    """Return the covariance of effects of the columns as given, of one in own units."""
    values, vectors = np.linalg.eigh(matrix)
    root = linalg.solve_triangular(own_units(term), vectors * np.sqrt(np.maximum(values, 0.0)))
    return np.asarray(root @ root.T)


def single_terms(term: RandomTerm) -> tuple[RandomTerm, ...]:
    """Return independent coefficients as a term each."""
    if not term.independent:
        return (term,)
    each = range(len(term.columns))
    parts = [without_columns(term, [other for other in each if other != one]) for one in each]
    return tuple(part for part in parts if part is not None)
