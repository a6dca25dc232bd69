"""How far two groups stand apart in each column of a table of people."""

from types import SimpleNamespace
from typing import Any

import pandas as pd

from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.numerics.group_balance import (
    pearson_independence,
    standardised_levels,
    standardised_means,
)
from trialkit.numerics.means import sample_moments, welch_difference


def group_balance(case: ReferenceCase) -> Finder:
    """Compare the two groups of the case; ``term`` is the column."""
    data = case.data
    groups = [data[data["arm"].eq(case.options[key])] for key in ("treatment", "reference")]

    def numbers(column: str) -> SimpleNamespace:
        moments = [sample_moments(group[column].to_numpy(float)) for group in groups]
        test = welch_difference(*moments, conf_level=0.95)
        return SimpleNamespace(
            estimate=standardised_means(*moments),
            statistic=test.statistic[0],
            df=test.df[0],
            p_value=test.p_value[0],
        )

    def levels(column: str) -> SimpleNamespace:
        counts = pd.crosstab(data["arm"], data[column])
        pair = [counts.loc[case.options[key]].to_numpy(float) for key in ("treatment", "reference")]
        test = pearson_independence(*pair)
        return SimpleNamespace(
            estimate=standardised_levels(*pair),
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
        )

    def find(names: dict[str, Any]) -> SimpleNamespace:
        return numbers("age") if names["term"] == "age" else levels(names["term"])

    return find
