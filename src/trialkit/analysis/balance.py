"""How far two groups stand apart in one column: the size, and the test a plan may ask for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.errors import NotEstimableError
from trialkit.numerics.group_balance import (
    pearson_independence,
    standardised_levels,
    standardised_means,
)
from trialkit.numerics.means import sample_moments, welch_difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A standardised difference without its sign, and a p-value where there is a test."""

    size: float
    p_value: float | None


def balance_of_numbers(treatment: pd.Series, reference: pd.Series) -> Balance | None:
    """Return how far the means stand apart, with Welch's test; None without any spread."""
    pair = [sample_moments(values.to_numpy(float)) for values in (treatment, reference)]
    try:
        size = standardised_means(*pair)
    except NotEstimableError:
        return None
    test = welch_difference(*pair, conf_level=0.95)
    return Balance(size=abs(size), p_value=float(test.p_value[0]))


def balance_of_levels(treatment: pd.Series, reference: pd.Series) -> Balance | None:
    """Return how far the shares of all levels stand apart, with Pearson's test.

    None where the groups have no level in common. All people at one level have no test.
    """
    codes = sorted({*treatment, *reference})
    pair = [
        np.array([values.eq(code).sum() for code in codes], dtype=float)
        for values in (treatment, reference)
    ]
    try:
        size = standardised_levels(*pair)
    except NotEstimableError:
        return None
    p_value = pearson_independence(*pair).p_value if len(codes) > 1 else None
    return Balance(size=size, p_value=p_value)
