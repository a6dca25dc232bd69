"""How far two groups stand apart in one column, in standard deviations and without a test."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import Moments
from trialkit.numerics.tails import chi_square_p_value

# Share of the largest variance below which a direction counts as one without spread.
SINGULAR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Independence:
    """Pearson's chi-square of a table of counts."""

    statistic: float
    df: int
    p_value: float


def standardised_means(treatment: Moments, reference: Moments) -> float:
    """Return a difference in means over the root of the mean of the two variances.

    Raises
    ------
    NotEstimableError
        If a group has fewer than two values, or neither varies.

    References
    ----------
    Austin PC (2009). Commun Stat Simul Comput 38:1228-1234, section 2.
    """
    spread = float(np.sqrt((treatment.std_dev**2 + reference.std_dev**2) / 2))
    if not spread > 0:
        raise NotEstimableError(tell("the groups need two values or more each, and some spread"))
    return (treatment.mean - reference.mean) / spread


def standardised_levels(treatment: FloatArray, reference: FloatArray) -> float:
    """Return how far the shares of several levels stand apart; never below zero.

    The Mahalanobis distance of the two vectors of shares, any one level left out, under the
    mean of their two multinomial covariances. With two levels it is the difference in one
    share over the root of the mean of its two variances.

    Parameters
    ----------
    treatment, reference : array, shape (k,)
        People at each level, in the same order. A level that neither group has is ignored.

    Raises
    ------
    NotEstimableError
        If a group has nobody, or the groups do not overlap, so that the distance has no end.

    References
    ----------
    Yang D, Dalton JE (2012). SAS Global Forum, paper 335.
    """
    counts = np.vstack([treatment, reference]).astype(float)
    counts = counts[:, counts.sum(axis=0) > 0]
    sizes = counts.sum(axis=1)
    if not (sizes > 0).all():
        raise NotEstimableError(tell("a group without people has no shares"))
    shares = counts / sizes[:, np.newaxis]
    kept = shares[:, 1:]
    difference = kept[0] - kept[1]
    if not np.any(difference):
        return 0.0
    covariance = np.mean([np.diag(p) - np.outer(p, p) for p in kept], axis=0)
    variances, directions = linalg.eigh(covariance)
    along = directions.T @ difference
    flat = variances <= SINGULAR * variances.max(initial=0.0)
    if np.any(flat):
        raise NotEstimableError(
            tell("the groups have no level in common, so their distance has no end")
        )
    return float(np.sqrt(np.sum(along**2 / variances)))


def pearson_independence(treatment: FloatArray, reference: FloatArray) -> Independence:
    """Test whether two groups have the same shares of several levels (no correction).

    Raises
    ------
    NotEstimableError
        If a group has nobody, or all people are at one level.

    References
    ----------
    Pearson K (1900). Philos Mag 50:157-175. R: ``chisq.test(correct = FALSE)``.
    """
    counts = np.vstack([treatment, reference]).astype(float)
    counts = counts[:, counts.sum(axis=0) > 0]
    sizes, levels = counts.sum(axis=1), counts.sum(axis=0)
    if not (sizes > 0).all() or levels.size < 2:
        raise NotEstimableError(tell("a test of shares needs people in both groups and two levels"))
    expected = np.outer(sizes, levels) / sizes.sum()
    statistic = float(np.sum((counts - expected) ** 2 / expected))
    df = levels.size - 1
    return Independence(statistic=statistic, df=df, p_value=chi_square_p_value(statistic, df))
