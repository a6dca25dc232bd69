"""Patterns of correlation over visits as functions of few parameters, with exact derivatives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.numerics.arrays import FloatArray, IntArray

Motion = Literal["sum", "factor", "arctanh"]
# Correlations of a start stay this far from 1, where the likelihood is steep.
STEEP = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correlation:
    """A correlation matrix with its derivatives along the working parameters.

    Attributes
    ----------
    R : array, shape (b, t, t)
    first : array, shape (b, c, t, t)
    second : array, shape (b, c, c, t, t)
    """

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
    motion : str
        How a step moves a parameter: ``sum`` adds it, ``factor`` adds it to the logarithm
        (of a range), ``arctanh`` to the inverse hyperbolic tangent (of a correlation that may
        be anything between -1 and 1).
    linear : bool
        Whether the correlations are linear in the parameters.
    """

    n_parameters: int
    evaluate: Callable[[FloatArray], Correlation]
    start: Callable[[FloatArray], FloatArray]
    motion: Motion = "sum"
    linear: bool = False


def compound(size: int) -> CorrelationModel:
    """Return one correlation between every two visits."""
    return banded(size, np.where(np.eye(size, dtype=bool), 0, 1))


def toeplitz(size: int) -> CorrelationModel:
    """Return one correlation for every distance in visits."""
    return banded(size, lags(size))


def lags(size: int) -> IntArray:
    """Return how many visits apart the entries of a matrix are."""
    visits = np.arange(size)
    return np.asarray(np.abs(visits[:, np.newaxis] - visits))


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

    shares = masks / masks.sum(axis=(1, 2), keepdims=True)

    def start(R: FloatArray) -> FloatArray:
        return np.asarray(np.tensordot(R, shares, axes=((1, 2), (1, 2))))

    return CorrelationModel(n_parameters=count, evaluate=evaluate, start=start, linear=True)


def autoregressive(size: int) -> CorrelationModel:
    """Return a correlation to the power of the distance in visits."""
    d = lags(size).astype(np.float64)

    def evaluate(rho: FloatArray) -> Correlation:
        r = rho[:, :, np.newaxis]
        natural = Correlation(
            R=r**d,
            first=(d * r ** np.maximum(d - 1, 0))[:, np.newaxis],
            second=(d * (d - 1) * r ** np.maximum(d - 2, 0))[:, np.newaxis, np.newaxis],
        )
        return along_arctanh(natural, rho)

    return CorrelationModel(
        n_parameters=1, evaluate=evaluate, start=mean_neighbour, motion="arctanh"
    )


def along_arctanh(natural: Correlation, rho: FloatArray) -> Correlation:
    """Return the derivatives along arctanh(rho), from those along rho.

    Its rate is 1 - rho^2 and its own derivative -2 rho times the rate.
    """
    rate = 1 - rho**2
    both = rate[:, :, np.newaxis] * rate[:, np.newaxis]
    first = rate[:, :, np.newaxis, np.newaxis] * natural.first
    second = both[..., np.newaxis, np.newaxis] * natural.second
    own = np.arange(rho.shape[1])
    second[:, own, own] -= 2 * rho[:, :, np.newaxis, np.newaxis] * first
    return Correlation(R=natural.R, first=first, second=second)


def mean_neighbour(R: FloatArray) -> FloatArray:
    """Return the mean correlation of neighbouring visits."""
    return np.asarray(neighbours(R).mean(axis=-1, keepdims=True))


def neighbours(R: FloatArray) -> FloatArray:
    """Return the correlations of neighbouring visits."""
    return np.asarray(np.diagonal(R, offset=1, axis1=-2, axis2=-1))


def ante_dependence(size: int) -> CorrelationModel:
    """Return a correlation for each step to the next visit; longer ways are products."""
    count = size - 1
    visits, gaps = np.arange(size), range(count)
    low = np.minimum(visits[:, np.newaxis], visits)
    high = np.maximum(visits[:, np.newaxis], visits)
    # Whether a gap lies between two visits.
    between = (low[..., np.newaxis] <= np.array(gaps)) & (np.array(gaps) < high[..., np.newaxis])

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
        natural = Correlation(R=product_without(rho), first=first, second=second)
        return along_arctanh(natural, rho)

    return CorrelationModel(
        n_parameters=count, evaluate=evaluate, start=neighbours, motion="arctanh"
    )


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

    return CorrelationModel(n_parameters=1, evaluate=evaluate, start=start, motion="factor")


PATTERNS: Mapping[str, Callable[[int], CorrelationModel]] = {
    "compound_symmetry": compound,
    "ar1": autoregressive,
    "toeplitz": toeplitz,
    "ante_dependence": ante_dependence,
}
