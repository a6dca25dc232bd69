"""Values to counts in bins: the shape of a distribution without any person's own value."""

import math
from typing import Final

import numpy as np
import pandas as pd

from trialkit.numerics.arrays import FloatArray

MOST_BINS: Final = 15
SMALLEST: Final = 1e-100
ROUND_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


def bin_width(values: pd.Series, *, minimum: float | None, maximum: float | None) -> float:
    """Return a round width that gives fifteen bins or so: 1 for whole scores on a short scale.

    Parameters
    ----------
    values : Series
        Numbers, none missing.
    minimum, maximum : float or None
        Limits of the scale; those of the values where it has none.
    """
    low = minimum if minimum is not None else float(values.min())
    high = maximum if maximum is not None else float(values.max())
    spread = high - low
    if spread < SMALLEST:
        return 1.0
    if spread <= MOST_BINS and bool(values.eq(values.round()).all()):
        return 1.0
    power = 10.0 ** math.floor(math.log10(spread / MOST_BINS))
    return next(step * power for step in ROUND_STEPS if step * power >= spread / MOST_BINS)


def bin_counts(values: pd.Series, width: float) -> tuple[float, tuple[int, ...]]:
    """Return the lower end of the first bin and the count of each bin from there.

    Bins are centred on multiples of the width; a value midway between two goes up.
    """
    numbers = bin_numbers(values.to_numpy(dtype=np.float64), width)
    lower = float((numbers.min() - 0.5) * width)
    return lower, tuple(np.bincount(numbers - numbers.min()).tolist())


def transition_counts(
    before: pd.Series, after: pd.Series, width: float
) -> tuple[tuple[float, float, int], ...]:
    """Return how many went from each bin before to each bin after, by bin centre."""
    starts, ends = (
        bin_numbers(values.to_numpy(dtype=np.float64), width) for values in (before, after)
    )
    cells, counts = np.unique(np.column_stack([starts, ends]), axis=0, return_counts=True)
    return tuple(
        (float(start * width), float(end * width), int(count))
        for (start, end), count in zip(cells.tolist(), counts.tolist(), strict=True)
    )


def bin_numbers(values: FloatArray, width: float) -> np.ndarray:
    """Return the bin of each value; bin k is centred on k times the width."""
    return np.floor(values / width + 0.5).astype(np.int64)
