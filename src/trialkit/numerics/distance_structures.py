"""Covariance that falls with the distance between records, whatever the times of each subject."""

import numpy as np

from trialkit.errors import DataError, NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.covariance_structures import Local, Natural
from trialkit.numerics.subject_blocks import Blocks, assemble

# Correlation of the nearest records at the start.
START_CORRELATION = 0.5


class Distances:
    """A variance, and correlations of the distances between the records of a subject.

    exp(-d / range) (``power`` 1, SAS ``SP(EXP)``) or exp(-(d / range)^2) (2, ``SP(GAU)``). The
    covariance matrices of subjects with different times share nothing but the two parameters,
    so every subject is a pattern of its own. Working parameters are the logarithms of variance
    and range, natural ones these themselves.

    Parameters
    ----------
    distance : array, shape (k, m, m)
        For each subject, rows without a record being anything.
    power : int
    """

    width = n_parameters = 2

    def __init__(self, distance: FloatArray, *, power: int) -> None:
        self.distance = distance
        self.power = power
        self.size = distance.shape[-1]

    def start(self, moments: FloatArray) -> FloatArray:
        """Return the mean variance, and a range that halves the nearest correlation."""
        variances = np.diagonal(moments, axis1=-2, axis2=-1)
        known = np.maximum((variances > 0).sum(axis=-1), 1)
        apart = self.distance[self.distance > 0]
        reach = float(np.median(apart)) / (-np.log(START_CORRELATION)) ** (1 / self.power)
        ranges = np.full(len(moments), reach)
        return np.stack([variances.sum(axis=-1) / known, ranges], axis=-1)

    def parts(self, point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the covariances, shape (b, k, m, m), and minus their logarithms' correlation."""
        variance, reach = point[:, :1, np.newaxis, np.newaxis], point[:, 1:, np.newaxis, np.newaxis]
        exponent = (self.distance / reach) ** self.power
        return variance * np.exp(-exponent), exponent

    def covariance(self, point: FloatArray) -> FloatArray:
        """Return the covariance matrix of each subject, shape (b, k, m, m)."""
        return self.parts(point)[0]

    def nearest_correlation(self, point: FloatArray) -> FloatArray:
        """Return the correlation of the two nearest records of any subject, shape (b,)."""
        nearest = self.distance[self.distance > 0].min()
        return np.asarray(np.exp(-((nearest / point[:, 1]) ** self.power)))

    def derivatives(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the matrices and their derivatives in working parameters."""
        V, exponent = self.parts(point)
        faded = self.power * exponent * V
        bent = self.power**2 * exponent * (exponent - 1) * V
        first = np.stack([V, faded], axis=2)
        second = np.stack([first, np.stack([faded, bent], axis=2)], axis=2)
        return V, first, second

    def local(self, point: FloatArray) -> Local:
        """Return the matrices, shape (b, k, m, m), and derivatives, (b, k, 2, m, m)."""
        V, first, second = self.derivatives(point)

        def curvature(Gamma: FloatArray) -> FloatArray:
            return np.asarray(np.einsum("bkst,bkhjst->bhj", Gamma, second, optimize=True))

        return Local(Sigma=V, first=first, curvature=curvature)

    def move(self, point: FloatArray, step: FloatArray) -> FloatArray:
        """Return variance and range changed by factors."""
        return np.asarray(point * np.exp(step))

    def natural(self, point: FloatArray) -> Natural:
        """Return the derivatives in variance and range, shape (b, k, 2, 2, m, m)."""
        _, first, second = self.derivatives(point)
        own = np.arange(2)
        second[:, :, own, own] -= first
        scale = point[:, :, np.newaxis] * point[:, np.newaxis, :]
        return Natural(
            rate=point, second=second / scale[:, np.newaxis, :, :, np.newaxis, np.newaxis]
        )


def distance_blocks(
    X: FloatArray,
    y: FloatArray,
    *,
    subject: IntArray,
    coordinates: FloatArray,
    weights: FloatArray | None = None,
) -> tuple[Blocks, FloatArray]:
    """Return one block a subject, and the distances between its records.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
    subject : array of int, shape (n,)
        Ascending.
    coordinates : array, shape (n, c)
        Where (mostly when) each record was taken.
    weights : array, shape (n,), optional
        Positive; a record's variance is divided by its weight.

    Returns
    -------
    Blocks
        With t = m, the most records of a subject.
    distance : array, shape (k, m, m)

    Raises
    ------
    DataError
        If two records of a subject have the same coordinates.
    NotEstimableError
        If no subject has two records.
    """
    A = np.column_stack([X, y])
    if weights is not None:
        A *= np.sqrt(weights)[:, np.newaxis]
    first = np.flatnonzero(np.diff(subject, prepend=subject[:1] - 1))
    lengths = np.diff(first, append=subject.size)
    most = int(lengths.max())
    slot = np.arange(subject.size) - np.repeat(first, lengths)
    person = np.repeat(np.arange(first.size), lengths)
    padded = np.zeros((first.size, most, A.shape[1]))
    padded[person, slot] = A
    placed = np.zeros((first.size, most, coordinates.shape[1]))
    placed[person, slot] = coordinates
    difference = placed[:, :, np.newaxis] - placed[:, np.newaxis, :]
    present = np.arange(most) < lengths[:, np.newaxis]
    both = present[:, :, np.newaxis] & present[:, np.newaxis, :]
    distance = np.where(both, np.sqrt((difference**2).sum(axis=-1)), 0.0)
    require_apart(distance, both & ~np.eye(most, dtype=bool))
    blocks = assemble(
        list(np.eye(most) * present[:, :, np.newaxis]),
        [1.0] * first.size,
        list(padded[:, np.newaxis]),
        n_records=float(y.size),
        log_weights=0.0 if weights is None else float(np.log(weights).sum()),
    )
    return blocks, distance


def require_apart(distance: FloatArray, pairs: BoolArray) -> None:
    """Raise unless the records of each subject are at different places."""
    if not pairs.any():
        raise NotEstimableError(
            tell(
                "no subject has two records, so there are no distances between records; leave out "
                "the covariance that falls with the distance"
            )
        )
    together = (pairs & (distance == 0)).any(axis=(1, 2))
    if together.any():
        raise DataError(
            f"expected records of a subject at different times (coordinates), found "
            f"{int(together.sum())} of {len(together)} subjects with several at the same; keep one "
            "of them, or give the times in finer units"
        )
