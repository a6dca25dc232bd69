"""What a column must hold to be computed with: real, finite numbers of a size to be squared."""

import numpy as np
import pandas as pd

from trialkit.errors import DataError
from trialkit.numerics.arrays import FloatArray

# Fourth powers of numbers between these neither overflow nor vanish.
SMALLEST, LARGEST = 1e-70, 1e70


def finite_numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column as floats, missing values as NaN.

    Raises
    ------
    DataError
        If it holds anything but finite real numbers; the infinite records are attached.
    """
    values = frame[column]
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_complex_dtype(values):
        kind = "complex" if pd.api.types.is_complex_dtype(values) else values.dtype
        text = pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)
        remedy = f"; make them numbers: pd.to_numeric(frame[{column!r}])" if text else ""
        raise DataError(f"{column}: expected numbers, found {kind} values{remedy}")
    numbers: FloatArray = values.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = frame[np.isinf(numbers)]
    if len(infinite):
        raise DataError(
            f"{column}: expected finite numbers, found {len(infinite)} infinite", records=infinite
        )
    return numbers


def require_size(numbers: FloatArray, column: str) -> None:
    """Raise DataError where the largest number is too large, or too small, to be squared."""
    known = np.abs(numbers[~np.isnan(numbers)])
    largest = float(np.max(known, initial=0.0))
    if largest > LARGEST or 0 < largest < SMALLEST:
        size = "large" if largest > LARGEST else "small"
        raise DataError(
            f"{column}: expected numbers of {SMALLEST:g} to {LARGEST:g} in size, found values too "
            f"{size} to be squared (the largest is {largest:g}); choose another unit"
        )
