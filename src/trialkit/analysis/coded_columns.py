"""Columns of labels as whole numbers, so that what costs by the record is done once."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.numerics.arrays import BoolArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedColumn:
    """A column as positions among its different values.

    Attributes
    ----------
    codes : array of int, shape (n,)
        -1 where the value is missing.
    known : Series, length k
        The different values, of the column's name and kind.
    """

    codes: IntArray
    known: pd.Series

    def at(self, rows: IntArray) -> "CodedColumn":
        """Return some records, with the values that occur in them; none of them missing."""
        codes = self.codes[rows]
        seen = np.bincount(codes, minlength=len(self.known)) > 0
        place = np.cumsum(seen) - 1
        return CodedColumn(codes=place[codes], known=self.known[seen])

    def counts(self, chosen: BoolArray, *, absent: str) -> dict[str, int]:
        """Return how many of the chosen records have each value, as text, or none."""
        found = np.bincount(self.codes[chosen] + 1, minlength=len(self.known) + 1).tolist()
        by_label: Counter[str] = Counter()
        for label, count in zip([absent, *self.known.astype(str)], found, strict=True):
            by_label[label] += count
        return {label: count for label, count in by_label.items() if count}


def coded_column(column: pd.Series) -> CodedColumn:
    """Return a column as positions among its values, in the order in which they are met."""
    dtype = column.dtype
    if isinstance(dtype, pd.StringDtype) and dtype.storage == "python":
        # Twice as fast on the strings as on what holds them.
        codes, found = pd.factorize(column.to_numpy(dtype=object))
        known = pd.Series(found, name=column.name, dtype=dtype)
    else:
        codes, distinct = pd.factorize(column)
        known = pd.Series(distinct, name=column.name)
    return CodedColumn(codes=np.asarray(codes, dtype=np.int64), known=known)
