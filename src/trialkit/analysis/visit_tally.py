"""Whether data that are gone through twice were the same both times."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.design.columns import finite_numbers
from trialkit.errors import DataError, SpecificationError

# Sums of 64-bit numbers begin again at 0 here.
TURN = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What tells one pass through the data from another; those of disjoint parts add up.

    Attributes
    ----------
    records : int
        Complete or not.
    outcomes : int
        Sum of a 64-bit number of each outcome: exact, so that it does not depend on the
        order of the records or on where they are cut, as a sum of the outcomes would.
    """

    records: int
    outcomes: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            records=self.records + other.records,
            outcomes=(self.outcomes + other.outcomes) % TURN,
        )


NOTHING = Tally(records=0, outcomes=0)


def tally(frame: pd.DataFrame, outcome: str) -> Tally:
    """Return the tally of a part."""
    # One 0 and one missing value, whatever their bits.
    values = finite_numbers(frame, outcome) + 0.0
    values[np.isnan(values)] = np.nan
    hashed = pd.util.hash_array(values)
    return Tally(records=len(frame), outcomes=int(hashed.sum(dtype=np.uint64)))


def require_same_data(first: Tally, second: Tally) -> None:
    """Raise unless two passes went through the same data.

    Raises
    ------
    SpecificationError
        If the second pass met nothing: a function returned the iterator that it had
        returned before.
    DataError
        If it met other records.
    """
    if first == second:
        return
    if first.records != second.records:
        found = f"{first.records} records the first time, {second.records} the second"
    else:
        found = f"{first.records} records each time, with other outcomes the second time"
    message = (
        "frame: expected the same records each time that the data are gone through\n"
        f"  found:  {found}\n"
        "  remedy: a function returns a new iterator over the same data at each call, and "
        "nothing changes files or partitions meanwhile; or read the data into one DataFrame"
    )
    raise DataError(message) if second.records else SpecificationError(message)
