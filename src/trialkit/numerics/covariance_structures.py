"""Covariance matrices over visits as functions of few parameters, with exact derivatives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trialkit.numerics.arrays import FloatArray, IntArray

# Correlations of a start stay this far from 1, where the likelihood is steep.
STEEP = 0.95
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
    def size(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def n_parameters(self) -> int: ...
    def start(self, moments: FloatArray) -> FloatArray: ...
    def local(self, point: FloatArray) -> Local: ...
    def move(self, point: FloatArray, step: FloatArray) -> FloatArray: ...
    def covariance(self, point: FloatArray) -> FloatArray: ...
    def natural(self, point: FloatArray) -> Natural: ...


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
        return self.flat(np.linalg.cholesky(positive_definite(moments)))

    def flat(self, L: FloatArray) -> FloatArray:
        """Return factors as points."""
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
        return self.flat(self.factor(point) @ np.linalg.cholesky(inner))

    def natural(self, point: FloatArray) -> Natural:
        """Return that variances and covariances enter linearly."""
        return Natural(rate=np.ones((len(point), self.n_parameters)), second=None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlation:
    """A correlation matrix with its derivatives: (b, t, t), (b, c, t, t), (b, c, c, t, t)."""

    R: FloatArray
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrelationModel:
    """A pattern of correlations over ``t`` visits.

    Attributes
    ----------
    n_parameters : int
    evaluate : callable
        From parameters, shape (b, c), to a ``Correlation``.
    start : callable
        From correlations, shape (b, t, t), to parameters.
    positive : bool
        Whether the parameters are positive and move by factors (a range), or are
        correlations.
    linear : bool
        Whether the correlations are linear in the parameters.
    """

    n_parameters: int
    evaluate: Callable[[FloatArray], Correlation]
    start: Callable[[FloatArray], FloatArray]
    positive: bool = False
    linear: bool = False


class Scaled:
    """Visit variances, one for all visits or one each, and a pattern of correlations.

    Working parameters are the logarithms of the variances (and of a range), and the
    correlations; natural ones are variances and correlations. With one variance and
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
        if not self.correlation.positive:
            correlations = np.clip(correlations, -STEEP, STEEP)
        if not self.heterogeneous:
            variances = variances.mean(axis=-1, keepdims=True)
        return np.concatenate([variances, self.inside(correlations)], axis=-1)

    def inside(self, correlations: FloatArray) -> FloatArray:
        """Return correlations whose matrix is positive definite."""
        if self.correlation.positive:
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
        """Return the parameters a step further: variances by factors, correlations by sums."""
        moves = self.multiplied
        return np.where(moves, point * np.exp(np.where(moves, step, 0.0)), point + step)

    @property
    def multiplied(self) -> FloatArray:
        """Whether each parameter moves by a factor."""
        by_factor = np.full(self.n_parameters, self.correlation.positive)
        by_factor[: self.n_variances] = True
        return by_factor

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in variances and correlations (or a range)."""
        rate = np.where(self.multiplied, point, 1.0)
        if self.correlation.linear and not self.heterogeneous:
            return Natural(rate=rate, second=None)
        _, first, second = self.derivatives(point)
        own = np.arange(self.n_parameters)
        second[:, own, own] -= np.where(self.multiplied, 1.0, 0.0)[:, np.newaxis, np.newaxis] * (
            first
        )
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
        return self.joined(
            part.start(moments[:, rows, rows])
            for part, rows in zip(self.parts, self.rows, strict=True)
        )

    def joined(self, points: Iterable[FloatArray]) -> FloatArray:
        """Return the points of the parts as one."""
        return np.concatenate(list(points), axis=1)

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
        return self.joined(
            part.move(point[:, width], step[:, steps])
            for part, width, steps in zip(self.parts, self.widths, self.steps, strict=True)
        )

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in the natural parameters of the parts."""
        naturals = [
            part.natural(point[:, width])
            for part, width in zip(self.parts, self.widths, strict=True)
        ]
        rate = self.joined(natural.rate for natural in naturals)
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
        A word of ``CovarianceName``: ``unstructured``; ``compound_symmetry``, ``ar1``, ``toeplitz``,
        ``ante_dependence``, each also ``heterogeneous_``; ``spatial_exponential``,
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


def compound(size: int) -> CorrelationModel:
    """Return one correlation between every two visits."""
    return banded(size, np.where(np.eye(size, dtype=bool), 0, 1))


def toeplitz(size: int) -> CorrelationModel:
    """Return one correlation for every distance in visits."""
    return banded(size, lags(size))


def lags(size: int) -> IntArray:
    """Return how many visits apart the entries of a matrix are."""
    visits = np.arange(size)
    return np.abs(visits[:, np.newaxis] - visits)


def banded(size: int, band: IntArray) -> CorrelationModel:
    """Return correlations that are free, one a band (1, 2, ...; 0 is the diagonal)."""
    count = int(band.max())
    masks = (band == np.arange(1, count + 1)[:, np.newaxis, np.newaxis]).astype(np.float64)

    def evaluate(rho: FloatArray) -> Correlation:
        b = len(rho)
        return Correlation(
            R=np.eye(size) + np.tensordot(rho, masks, axes=1),
            first=np.broadcast_to(masks, (b, *masks.shape)),
            second=np.zeros((b, count, *masks.shape)),
        )

    def start(R: FloatArray) -> FloatArray:
        return np.asarray(
            np.tensordot(R, masks / masks.sum(axis=(1, 2), keepdims=True), 2 * [[1, 2]])
        )

    return CorrelationModel(n_parameters=count, evaluate=evaluate, start=start, linear=True)


def autoregressive(size: int) -> CorrelationModel:
    """Return a correlation to the power of the distance in visits."""
    d = lags(size).astype(np.float64)

    def evaluate(rho: FloatArray) -> Correlation:
        r = rho[:, :, np.newaxis]
        return Correlation(
            R=r**d,
            first=(d * r ** np.maximum(d - 1, 0))[:, np.newaxis],
            second=(d * (d - 1) * r ** np.maximum(d - 2, 0))[:, np.newaxis, np.newaxis],
        )

    return CorrelationModel(n_parameters=1, evaluate=evaluate, start=mean_neighbour)


def mean_neighbour(R: FloatArray) -> FloatArray:
    """Return the mean correlation of neighbouring visits."""
    return neighbours(R).mean(axis=-1, keepdims=True)


def neighbours(R: FloatArray) -> FloatArray:
    """Return the correlations of neighbouring visits."""
    return np.diagonal(R, offset=1, axis1=-2, axis2=-1)


def ante_dependence(size: int) -> CorrelationModel:
    """Return a correlation for each step to the next visit; longer ways are products."""
    count = size - 1
    visits, gaps = np.arange(size), np.arange(count)
    low = np.minimum(visits[:, np.newaxis], visits)
    high = np.maximum(visits[:, np.newaxis], visits)
    # Whether a gap lies between two visits.
    between = (low[..., np.newaxis] <= gaps) & (gaps < high[..., np.newaxis])

    def product_without(rho: FloatArray, *left_out: int) -> FloatArray:
        kept = between.copy()
        kept[..., list(left_out)] = False
        crossed = np.all(between[..., list(left_out)], axis=-1)
        factors = np.where(kept, rho[:, np.newaxis, np.newaxis, :], 1.0)
        return np.where(crossed, factors.prod(axis=-1), 0.0)

    def evaluate(rho: FloatArray) -> Correlation:
        b = len(rho)
        second = np.zeros((b, count, count, size, size))
        for one in range(count):
            for other in range(one):
                second[:, one, other] = product_without(rho, one, other)
                second[:, other, one] = second[:, one, other]
        first = np.stack([product_without(rho, gap) for gap in gaps], axis=1)
        return Correlation(R=product_without(rho), first=first, second=second)

    return CorrelationModel(n_parameters=count, evaluate=evaluate, start=neighbours)


def by_distance(times: FloatArray, power: int) -> CorrelationModel:
    """Return exp(-(distance / range)^power), the distance in units of time."""
    distance = np.abs(times[:, np.newaxis] - times)
    gap = float(np.min(distance[distance > 0]))

    def evaluate(reach: FloatArray) -> Correlation:
        exponent = (distance / reach[:, :, np.newaxis]) ** power
        R = np.exp(-exponent)
        return Correlation(
            R=R,
            first=(power * exponent * R)[:, np.newaxis],
            second=(power**2 * exponent * (exponent - 1) * R)[:, np.newaxis, np.newaxis],
        )

    def start(R: FloatArray) -> FloatArray:
        nearest = np.clip(mean_neighbour(R), 0.05, STEEP)
        return np.asarray(gap / (-np.log(nearest)) ** (1 / power))

    return CorrelationModel(n_parameters=1, evaluate=evaluate, start=start, positive=True)


# The power of the distance in the exponent of a spatial structure.
SPATIAL_POWERS: Mapping[str, int] = {"spatial_exponential": 1, "spatial_gaussian": 2}
PATTERNS: Mapping[str, Callable[[int], CorrelationModel]] = {
    "compound_symmetry": compound,
    "ar1": autoregressive,
    "toeplitz": toeplitz,
    "ante_dependence": ante_dependence,
}
