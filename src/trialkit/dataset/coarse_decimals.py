"""Whether the decimals that the plan declares can show what the data hold.

A mean prints with the declared decimals, a standard deviation and a difference with one
more. Two cases are clear and told: the spread of an outcome prints as 0, or a mean can lose
more than half a step of its scale. Neither is a mistake, so nothing is refused.
"""

from decimal import Decimal
from math import ceil, log10
from typing import Final

import numpy as np
import pandas as pd

from trialkit.language.told import Value, tell
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import PARAMETER_CODE, VALUE, VISIT_NUMBER

FEWEST: Final = 3  # people whose spread is looked at
MOST_DECIMALS: Final = 6  # that a plan may declare
MOST_STEPS: Final = 200  # beyond them the last digit of a measurement is no step of a scale
EXACTLY: Final = 1e-6  # of a step, or of a unit of print
DIGITS: Final = 9  # beyond which two values differ by rounding of the machine alone


def coarse_decimals(records: pd.DataFrame, study: Study) -> tuple[str, ...]:
    """Return which outcomes print coarser than they are measured, and what would show them."""
    values = records[records[VALUE].notna()]
    found = (
        coarseness(endpoint, values[values[PARAMETER_CODE].eq(endpoint.id)])
        for endpoint in study.measured_endpoints
    )
    return tuple(text for text in found if text is not None)


def coarseness(endpoint: Endpoint, values: pd.DataFrame) -> str | None:
    """Return what the declared decimals of one outcome hide; None if nothing is clear."""
    said: dict[str, Value] = {"endpoint": endpoint.label, "decimals": endpoint.decimals}
    spread = largest_spread(values)
    if 0 < spread < unit_of_print(endpoint.decimals + 1) / 2:
        return tell(
            "{endpoint}: with decimals = {decimals} every standard deviation prints as 0; {remedy}",
            remedy=remedy(spread),
            **said,
        )
    step = step_of_scale(endpoint, values)
    if step is None or unit_of_print(endpoint.decimals) <= step * (1 + EXACTLY):
        return None
    return tell(
        "{endpoint}: the scale has steps of {step:g}, and with decimals = {decimals} a printed "
        "mean can lose more than half a step; {remedy}",
        step=step,
        remedy=remedy(step),
        **said,
    )


def remedy(size: float) -> str:
    """Return what would show a size: decimals whose last digit is no larger, if there are any."""
    needed = ceil(-log10(size * (1 + EXACTLY)))
    if needed > MOST_DECIMALS:
        return tell("give the values in a smaller unit")
    return tell("declare decimals = {needed}", needed=needed)


def unit_of_print(decimals: int) -> float:
    """Return the last digit that prints: 0.1 with one decimal."""
    return float(Decimal(1).scaleb(-decimals))


def largest_spread(values: pd.DataFrame) -> float:
    """Return the largest standard deviation at any visit; 0 where too few have a value."""
    at_visits = values.groupby(VISIT_NUMBER)[VALUE].agg(["std", "size"])
    spreads = at_visits.loc[at_visits["size"] >= FEWEST, "std"]
    return float(spreads.max()) if len(spreads) else 0.0


def step_of_scale(endpoint: Endpoint, values: pd.DataFrame) -> float | None:
    """Return the smallest gap between values if all lie whole steps apart on a closed scale.

    None where they do not, or where the scale has more steps than a person could tell apart.
    """
    low, high = endpoint.scale.minimum, endpoint.scale.maximum
    gaps = np.diff(np.unique(values[VALUE].to_numpy(dtype=float).round(DIGITS)))
    if low is None or high is None or not len(gaps):
        return None
    step = float(gaps.min())
    steps = gaps / step
    if round((high - low) / step) > MOST_STEPS or np.abs(steps - np.round(steps)).max() > EXACTLY:
        return None
    return step
