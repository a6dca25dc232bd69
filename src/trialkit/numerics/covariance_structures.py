"""Covariance matrices over visits as functions of few parameters, with exact derivatives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.correlation_patterns import (
    PATTERNS,
    STEEP,
    Correlation,
    CorrelationModel,
    by_distance,
)

# The power of the distance in the exponent of a spatial structure.
SPATIAL_POWERS: Mapping[str, int] = {"spatial_exponential": 1, "spatial_gaussian": 2}
# Smallest eigenvalue of a start, as a share of the largest.
START_FLOOR = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """A covariance matrix at one point of its parameters, and how it moves from there.

    Attributes
    ----------
    Sigma : array, shape (b, t, t)
    first : array, shape (b, h, t, t)
        Derivatives with respect to the working parameters.
    curvature : callable
        From a symmetric matrix Gamma, shape (b, t, t), to its products with the second
        derivatives, shape (b, h, h).
    """

    Sigma: FloatArray
    first: FloatArray
    curvature: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Natural:
    """The derivatives in the parameters that SAS prints, for Kenward and Roger's correction.

    Attributes
    ----------
    rate : array, shape (b, h)
        Natural parameter per working parameter (each working parameter moves its own).
    second : array, shape (b, h, h, t, t), or None
        Second derivatives; None where the matrix is linear in its natural parameters.
    """

    rate: FloatArray
    second: FloatArray | None


class CovarianceStructure(Protocol):
    """A family of covariance matrices of ``size`` rows.

    A point of the family is an array of shape (b, ``width``), one row a trial; ``move`` takes
    a step in the working parameters, which are free of bounds but for positive definiteness.
    """

    @property
    def size(self) -> int:
        """Rows of the matrix."""

    @property
    def width(self) -> int:
        """Numbers of a point."""

    @property
    def n_parameters(self) -> int:
        """Working parameters."""

    def start(self, moments: FloatArray) -> FloatArray:
        """Return points near symmetric matrices, shape (b, t, t)."""

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives in working parameters."""

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return the point a step, shape (b, h), further."""

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return the matrix."""

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in natural parameters."""


class Unstructured:
    """Every variance and covariance free.

    A step E (a symmetric matrix) leads from L L' to L (I + E + E^2 / 2) L', which is
    positive definite for every E and, to second order, the geodesic of the affine-invariant
    metric: a Newton step is the same whatever the units of the visits.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.width = size * size
        rows, columns = np.tril_indices(size)
        self.n_parameters = rows.size
        basis = np.zeros((rows.size, size, size))
        basis[np.arange(rows.size), rows, columns] = 1.0
        basis[np.arange(rows.size), columns, rows] = 1.0
        self.basis = basis
        products = np.einsum("hab,jbc->hjac", basis, basis)
        self.second_basis = (products + np.swapaxes(products, -1, -2)) / 2

    def start(self, moments: FloatArray) -> FloatArray:
        """Return the Cholesky factors of the moments."""
        L = np.asarray(np.linalg.cholesky(positive_definite(moments)))
        return L.reshape(-1, self.width)

    def factor(self, point: FloatArray) -> FloatArray:
        """Return points as factors."""
        return point.reshape(-1, self.size, self.size)

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return L L'."""
        L = self.factor(point)
        return L @ np.swapaxes(L, -1, -2)

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives along the steps."""
        L = self.factor(point)
        transposed = np.swapaxes(L, -1, -2)
        h = self.n_parameters
        flat = self.second_basis.reshape(h * h, -1)

        def curvature(Gamma: FloatArray) -> FloatArray:
            inner = transposed @ Gamma @ L
            return np.asarray((inner.reshape(len(inner), -1) @ flat.T).reshape(-1, h, h))

        first = L[:, np.newaxis] @ self.basis @ transposed[:, np.newaxis]
        return Local(Sigma=self.covariance(point), first=first, curvature=curvature)

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return the Cholesky factors of the matrix a step further."""
        E = np.tensordot(step, self.basis, axes=1)
        inner = np.eye(self.size) + E + E @ E / 2
        return (self.factor(point) @ np.linalg.cholesky(inner)).reshape(-1, self.width)

    def natural(self, point: FloatArray) -> Natural:
        """Return that variances and covariances enter linearly."""
        return Natural(rate=np.ones((len(point), self.n_parameters)), second=None)


class Scaled:
    """Visit variances, one for all visits or one each, and a pattern of correlations.

    Working parameters are the logarithms of the variances (and of a range), and the
    correlations or their inverse hyperbolic tangents; natural ones are variances and
    correlations. With one variance and
    correlations that enter linearly (compound symmetry, Toeplitz) the matrix is linear in
    its variance and covariances, and these are the natural ones.
    """

    def __init__(self, size: int, correlation: CorrelationModel, *, heterogeneous: bool) -> None:
        self.size = size
        self.correlation = correlation
        self.heterogeneous = heterogeneous
        self.n_variances = size if heterogeneous else 1
        self.n_parameters = self.width = self.n_variances + correlation.n_parameters
        eye = np.eye(size)
        # Share of each log variance in the logarithm of each entry.
        self.share = (
            (eye[:, :, np.newaxis] + eye[:, np.newaxis, :]) / 2
            if heterogeneous
            else np.ones((1, size, size))
        )

    def start(self, moments: FloatArray) -> FloatArray:
        """Return variances and correlations of the moments, pulled to independence as needed."""
        moments = positive_definite(moments)
        variances = np.diagonal(moments, axis1=-2, axis2=-1)
        spread = np.sqrt(variances)
        correlations = self.correlation.start(
            moments / spread[:, :, np.newaxis] / spread[:, np.newaxis, :]
        )
        if self.correlation.motion != "factor":
            correlations = np.clip(correlations, -STEEP, STEEP)
        if not self.heterogeneous:
            variances = variances.mean(axis=-1, keepdims=True)
        return np.concatenate([variances, self.inside(correlations)], axis=-1)

    def inside(self, correlations: FloatArray) -> FloatArray:
        """Return correlations whose matrix is positive definite."""
        if self.correlation.motion != "sum":
            return correlations
        for _ in range(100):
            R = self.correlation.evaluate(correlations).R
            outside = np.linalg.eigvalsh(R)[:, 0] < START_FLOOR
            if not outside.any():
                break
            correlations = np.where(outside[:, np.newaxis], 0.8 * correlations, correlations)
        return correlations

    def parts(self, point: FloatArray) -> tuple[FloatArray, Correlation]:
        """Return the products of standard deviations, and the correlations."""
        variances = np.broadcast_to(point[:, : self.n_variances], (len(point), self.size))
        spread = np.sqrt(variances)
        scale = spread[:, :, np.newaxis] * spread[:, np.newaxis, :]
        return scale, self.correlation.evaluate(point[:, self.n_variances :])

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return the covariance matrix."""
        scale, correlation = self.parts(point)
        return scale * correlation.R

    def derivatives(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the matrix, and its first and second derivatives in working parameters."""
        scale, correlation = self.parts(point)
        Sigma = scale * correlation.R
        by_correlation = scale[:, np.newaxis] * correlation.first
        first = np.concatenate([Sigma[:, np.newaxis] * self.share, by_correlation], axis=1)
        v = self.n_variances
        second = np.empty((*first.shape[:2], *first.shape[1:]))
        second[:, :v, :v] = Sigma[:, np.newaxis, np.newaxis] * (
            self.share[:, np.newaxis] * self.share
        )
        second[:, :v, v:] = self.share[:, np.newaxis] * by_correlation[:, np.newaxis]
        second[:, v:, :v] = np.swapaxes(second[:, :v, v:], 1, 2)
        second[:, v:, v:] = scale[:, np.newaxis, np.newaxis] * correlation.second
        return Sigma, first, second

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives in working parameters."""
        Sigma, first, second = self.derivatives(point)

        def curvature(Gamma: FloatArray) -> FloatArray:
            return np.asarray(np.einsum("bhjst,bst->bhj", second, Gamma, optimize=True))

        return Local(Sigma=Sigma, first=first, curvature=curvature)

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return the parameters a step further."""
        factors = self.multiplied
        moved = np.where(factors, point * np.exp(np.where(factors, step, 0.0)), point + step)
        if self.correlation.motion == "arctanh":
            v = self.n_variances
            moved[:, v:] = np.tanh(np.arctanh(point[:, v:]) + step[:, v:])
        return moved

    @property
    def multiplied(self) -> BoolArray:
        """Whether each parameter moves by a factor."""
        by_factor = np.full(self.n_parameters, self.correlation.motion == "factor")
        by_factor[: self.n_variances] = True
        return by_factor

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in variances and correlations (or a range)."""
        factors = self.multiplied
        rate = np.where(factors, point, 1.0)
        # Rate of the logarithm of each rate.
        bend = np.where(factors, np.ones_like(point), 0.0)
        if self.correlation.motion == "arctanh":
            rate = np.where(factors, rate, 1 - point**2)
            bend = np.where(factors, bend, -2 * point)
        if self.correlation.linear and not self.heterogeneous:
            return Natural(rate=rate, second=None)
        _, first, second = self.derivatives(point)
        own = np.arange(self.n_parameters)
        second[:, own, own] -= bend[:, :, np.newaxis, np.newaxis] * first
        scale = rate[:, :, np.newaxis] * rate[:, np.newaxis, :]
        return Natural(rate=rate, second=second / scale[..., np.newaxis, np.newaxis])


class DirectSum:
    """Several structures side by side, independent of each other: one an arm, say."""

    def __init__(self, parts: Sequence[CovarianceStructure]) -> None:
        self.parts = tuple(parts)
        self.size = sum(part.size for part in parts)
        self.width = sum(part.width for part in parts)
        self.n_parameters = sum(part.n_parameters for part in parts)
        self.rows = spans([part.size for part in parts])
        self.steps = spans([part.n_parameters for part in parts])
        self.widths = spans([part.width for part in parts])

    def start(self, moments: FloatArray) -> FloatArray:
        """Return the starts of the parts."""
        parts = zip(self.parts, self.rows, strict=True)
        return np.concatenate([part.start(moments[:, rows, rows]) for part, rows in parts], axis=1)

    def blocks(self, matrices: Sequence[FloatArray]) -> FloatArray:
        """Return the matrices of the parts along the diagonal of one."""
        whole = np.zeros((len(matrices[0]), self.size, self.size))
        for matrix, rows in zip(matrices, self.rows, strict=True):
            whole[:, rows, rows] = matrix
        return whole

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return the covariance matrix."""
        return self.blocks(
            [
                part.covariance(point[:, width])
                for part, width in zip(self.parts, self.widths, strict=True)
            ]
        )

    def local(self, point: FloatArray) -> Local:
        """Return the matrix and its derivatives along the steps of every part."""
        locals_ = [
            part.local(point[:, width]) for part, width in zip(self.parts, self.widths, strict=True)
        ]
        first = np.zeros((len(point), self.n_parameters, self.size, self.size))
        for local, rows, steps in zip(locals_, self.rows, self.steps, strict=True):
            first[:, steps, rows, rows] = local.first

        def curvature(Gamma: FloatArray) -> FloatArray:
            whole = np.zeros((len(Gamma), self.n_parameters, self.n_parameters))
            for local, rows, steps in zip(locals_, self.rows, self.steps, strict=True):
                whole[:, steps, steps] = local.curvature(Gamma[:, rows, rows])
            return whole

        Sigma = self.blocks([local.Sigma for local in locals_])
        return Local(Sigma=Sigma, first=first, curvature=curvature)

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return every part a step further."""
        parts = zip(self.parts, self.widths, self.steps, strict=True)
        moved = [part.move(point[:, width], step[:, steps]) for part, width, steps in parts]
        return np.concatenate(moved, axis=1)

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in the natural parameters of the parts."""
        naturals = [
            part.natural(point[:, width])
            for part, width in zip(self.parts, self.widths, strict=True)
        ]
        rate = np.concatenate([natural.rate for natural in naturals], axis=1)
        if all(natural.second is None for natural in naturals):
            return Natural(rate=rate, second=None)
        h = self.n_parameters
        second = np.zeros((len(point), h, h, self.size, self.size))
        for natural, rows, steps in zip(naturals, self.rows, self.steps, strict=True):
            if natural.second is not None:
                second[:, steps, steps, rows, rows] = natural.second
        return Natural(rate=rate, second=second)


def spans(lengths: Sequence[int]) -> tuple[slice, ...]:
    """Return consecutive slices of the lengths."""
    ends = np.cumsum(lengths).tolist()
    return tuple(slice(end - length, end) for end, length in zip(ends, lengths, strict=True))


def positive_definite(moments: FloatArray) -> FloatArray:
    """Return symmetric matrices with eigenvalues lifted off zero, on the scale of correlations.

    Moments of people who left at different visits need not be a covariance matrix.
    """
    variances = np.diagonal(moments, axis1=-2, axis2=-1)
    largest = variances.max(axis=-1, keepdims=True)
    spread = np.sqrt(np.maximum(variances, START_FLOOR * START_FLOOR * largest))
    scale = spread[:, :, np.newaxis] * spread[:, np.newaxis, :]
    values, vectors = np.linalg.eigh(moments / scale)
    lifted = np.maximum(values, START_FLOOR)
    matrix = (vectors * lifted[:, np.newaxis, :]) @ np.swapaxes(vectors, -1, -2)
    return np.asarray(scale * (matrix + np.swapaxes(matrix, -1, -2)) / 2)


def build_structure(
    name: str, size: int, *, times: FloatArray | None = None
) -> CovarianceStructure:
    """Return the covariance structure of a name.

    Parameters
    ----------
    name : str
        A word of ``CovarianceName``: ``unstructured``; ``compound_symmetry``, ``ar1``,
        ``toeplitz``, ``ante_dependence``, each also ``heterogeneous_``; ``spatial_exponential``,
        ``spatial_gaussian``.
    size : int
        Number of visits t.
    times : array, shape (t,), optional
        When the visits are, for the spatial structures.
    """
    if name == "unstructured" or size == 1:
        return Unstructured(size)
    heterogeneous = name.startswith("heterogeneous_")
    pattern = name.removeprefix("heterogeneous_")
    if pattern in SPATIAL_POWERS:
        if times is None:
            raise AssertionError("the spatial structure has times")
        return Scaled(size, by_distance(times, SPATIAL_POWERS[pattern]), heterogeneous=False)
    return Scaled(size, PATTERNS[pattern](size), heterogeneous=heterogeneous)
