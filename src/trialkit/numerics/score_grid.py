"""Scores on a grid: ratings, half points and tenths as whole numbers of a common step."""

from dataclasses import dataclass
from math import gcd, lcm, sqrt

import numpy as np
from numpy.typing import NDArray

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import ROUNDING

# Steps between the smallest score and the largest: no more are looked for, nor so many that the
# rounding of the scores could pass for a step.
MOST_STEPS = 2**22
CLEAR_OF_ROUNDING = 0.05
MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GridScores:
    """Scores as whole numbers: value = value of the smallest + ``whole`` * ``step``.

    Attributes
    ----------
    whole : array of int, shape (n,)
        From 0 on, in the order of the scores.
    step : float
        In the unit of the scores; 1 if all scores are equal.
    """

    whole: NDArray[np.int64]
    step: float


def on_grid(values: FloatArray, *, size: float) -> GridScores | None:
    """Return scores as multiples of their greatest common step, or None if there is none.

    Each distance from the smallest score, over the range, is read as the simplest fraction
    that its rounding allows: 3.3 is 33 steps of 0.1 though no double is. The common step is
    the range over the least common multiple of the denominators, so the largest that fits:
    half points do not become tenths.

    A fraction p / q nearer than 1 / (2 q^2) is a convergent of the continued fraction
    (Legendre), so the first convergent within the rounding is the one.

    Parameters
    ----------
    values : array, shape (n,)
        Finite, not empty.
    size : float
        Largest size of the numbers that the values were computed from; their rounding is
        taken as 8 machine epsilons of it.

    Returns
    -------
    GridScores or None
        None also if the grid has more than ``MOST_STEPS`` steps, or is too fine to tell
        from rounding.

    References
    ----------
    Hardy GH, Wright EM (2008). An Introduction to the Theory of Numbers, 6th ed., theorem 184.

    Examples
    --------
    >>> on_grid(np.array([3.3, 0.1, 7.0, 0.3]), size=7.0).whole.tolist()
    [32, 0, 69, 2]
    >>> on_grid(np.array([0.0, 1.0, np.pi]), size=np.pi) is None
    True
    """
    rounding = 2 * ROUNDING * size
    distance = values - values.min()
    span = float(distance.max())
    if span <= rounding:
        return GridScores(whole=np.zeros(values.size, dtype=np.int64), step=1.0)
    tolerance = rounding / span
    most = min(MOST_STEPS, sqrt(CLEAR_OF_ROUNDING / tolerance))
    steps = 1
    for ratio in np.unique(distance / span).tolist():
        steps = lcm(steps, denominator(ratio, tolerance=tolerance))
        if steps > most:
            return None
    step = span / steps
    whole = np.rint(distance / step)
    if np.any(np.abs(distance - whole * step) > rounding):
        return None
    return GridScores(whole=whole.astype(np.int64), step=step)


def on_decimals(values: FloatArray) -> GridScores | None:
    """Return scores with a large common part by their decimals, or None if they have too many.

    10^9 + 3.25 is 100 000 000 325 hundredths because no double lies nearer to that decimal;
    ``on_grid``, which allows for the rounding of sums, cannot tell steps so fine beside so
    large a score. Decimals count only while the doubles lie a hundred times closer together.

    Parameters
    ----------
    values : array, shape (n,)
        Finite, not empty, as recorded.

    Examples
    --------
    >>> on_decimals(np.array([1e9 + 3.25, 1e9 + 0.05, 1e9 + 0.15])).whole.tolist()
    [32, 0, 1]
    """
    finest = int(-np.log10(100 * np.spacing(max(float(np.abs(values).max()), 1e-300))))
    for decimals in range(min(finest, MOST_DECIMALS) + 1):
        texts = [f"{value:.{decimals}f}" for value in values.tolist()]
        if [float(text) for text in texts] == values.tolist():
            whole = [int(text.replace(".", "")) for text in texts]
            lowest = min(whole)
            common = gcd(*(score - lowest for score in whole)) or 1
            steps = [(score - lowest) // common for score in whole]
            if max(steps) > MOST_STEPS:
                return None
            return GridScores(whole=np.array(steps, dtype=np.int64), step=common / 10**decimals)
    return None


def denominator(ratio: float, *, tolerance: float) -> int:
    """Return the denominator of the first convergent of a ratio within a tolerance.

    >>> denominator(0.3333333333333333, tolerance=1e-14)
    3
    """
    upper, lower = ratio.as_integer_ratio()
    numerator, before = 1, 0
    found, found_before = 0, 1
    while True:
        whole, rest = divmod(upper, lower)
        numerator, before = whole * numerator + before, numerator
        found, found_before = whole * found + found_before, found
        if not rest or abs(numerator / found - ratio) <= tolerance:
            return found
        upper, lower = lower, rest
