"""The studentised range: the largest difference among independent means, in standard errors."""

import numpy as np
from scipy import special

from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.studentized import bound_of_tail, studentised_tail

# Trapezoidal rule about the middle of the range; halving the step changes the 15th digit.
HALF_WIDTH, STEP = 10.0, 0.1


def studentized_range_sf(q: float, means: int, df: float) -> float:
    """Return the probability that the studentised range is at least ``q``.

    The tail is integrated itself, not subtracted from 1: far tails keep their digits, where
    R's ``ptukey`` and scipy's ``studentized_range.sf`` end at about 1e-14.

    Parameters
    ----------
    q : float
        Largest minus smallest of the means, over the standard error of one mean; a t
        statistic of a difference is q / sqrt(2).
    means : int
        At least 2.
    df : float
        Of the standard error; at least 1, ``inf`` for a known one.

    Raises
    ------
    SpecificationError
        If there are fewer than two means.

    References
    ----------
    Copenhaver MD, Holland B (1988). J Stat Comput Simul 30:1-15. R: ``ptukey(lower.tail =
    FALSE)``; SAS: ``1 - PROBMC("RANGE", ...)``.
    """
    if means < 2:
        raise SpecificationError(f"a range needs at least two means, found {means}")
    return studentised_tail(lambda w: range_tail(w, means), max(q, 0.0), df)


def studentized_range_bound(probability: float, means: int, df: float) -> float:
    """Return the q at which ``studentized_range_sf`` has the given probability.

    Parameters
    ----------
    probability : float
        Upper tail, in (0, 1).
    means, df
        As in ``studentized_range_sf``.
    """
    root_two = np.sqrt(2.0)
    bound = bound_of_tail(
        lambda c: studentized_range_sf(c * root_two, means, df),
        probability,
        df=df,
        tests=means * (means - 1) // 2,
    )
    return float(bound * root_two)


def range_tail(w: FloatArray, means: int) -> FloatArray:
    """Return the probability that the range of standard normals is at least ``w``.

    With z the largest of k, the others all lie within w below it with probability
    (1 - r)^(k-1), r = Phi(z - w) / Phi(z); what is integrated is 1 - (1 - r)^(k-1).
    """
    u = np.arange(-HALF_WIDTH, HALF_WIDTH + STEP / 2, STEP)
    z = w[:, np.newaxis] / 2 + u
    below = special.log_ndtr(z)
    with np.errstate(divide="ignore"):  # r = 1: certainly outside
        inside = np.log1p(-np.exp(special.log_ndtr(z - w[:, np.newaxis]) - below))
    density = means * np.exp(-(z**2) / 2 + (means - 1) * below) / np.sqrt(2 * np.pi)
    tail = STEP * np.sum(density * -np.expm1((means - 1) * inside), axis=1)
    return np.asarray(np.minimum(tail, 1.0), dtype=np.float64)
