"""Descriptive statistics: n, mean, spread and quartiles of an outcome by arm."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, plain
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_conf_level,
    require_numeric,
    values_by_arm,
)
from trialkit.analysis.sample_rows import MEAN, mean_row
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import sample_moments
from trialkit.result.analysis_result import AnalysisResult, Estimate

QUARTILE_METHOD = tell("quartile, SAS definition 5")


def describe(
    frame: pd.DataFrame, *, outcome: str, arm: str | None = None, conf_level: float = 0.95
) -> AnalysisResult:
    """Describe an outcome, by arm if one is named.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a missing outcome is left out and counted in ``notes``.
    outcome : str
        Numeric column, in any unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    conf_level : float
        Coverage of the interval of the mean, in (0, 1).

    Returns
    -------
    AnalysisResult
        For each arm ``mean`` (with standard error and Student interval on n - 1 degrees
        of freedom; neither exists for a single or constant value), ``std_dev`` (divisor
        n - 1), ``median``, ``quartile_1`` and ``quartile_3`` (averaged inverse of the
        empirical distribution: SAS ``PCTLDEF=5``, R ``quantile(type = 2)``).

    Raises
    ------
    SpecificationError
        If a column does not exist.
    DataError
        If the outcome is not numeric.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aabb"), "pain": [1.0, 3.0, 4.0, 8.0]})
    >>> result = describe(frame, outcome="pain", arm="arm")
    >>> [row.estimate for row in result.select(quantity="mean")]
    [2.0, 6.0]
    """
    require_columns(frame, [outcome])
    require_numeric(frame, outcome)
    require_conf_level(conf_level)
    complete = complete_cases(frame, columns=[outcome], arm=arm)
    samples: Mapping[Any, FloatArray] = {None: complete.frame[outcome].to_numpy(dtype=np.float64)}
    if arm is not None:
        levels = arm_levels(complete.frame, arm, reference=None)
        samples = values_by_arm(complete.frame, outcome=outcome, arm=arm, levels=levels)
    return AnalysisResult(
        method=tell("Descriptive statistics; quartiles as SAS definition 5"),
        estimates=tuple(
            row
            for level, values in samples.items()
            if values.size
            for row in describe_sample(values, arm=level, conf_level=conf_level)
        ),
        notes=complete.notes,
        provenance=call("describe", outcome=outcome, arm=arm, conf_level=conf_level),
    )


def describe_sample(
    values: FloatArray, *, arm: str | None, conf_level: float
) -> tuple[Estimate, ...]:
    """Return the five rows that describe one sample."""
    moments = sample_moments(values)
    n = moments.n
    low, middle, high = quartiles(values)
    spread = None if n == 1 else moments.std_dev
    return (
        mean_row(moments, arm=arm, conf_level=conf_level, method=MEAN),
        plain("std_dev", spread, arm=arm, n=n, method=tell("standard deviation")),
        plain("quartile_1", low, arm=arm, n=n, method=QUARTILE_METHOD),
        plain("median", middle, arm=arm, n=n, method=QUARTILE_METHOD),
        plain("quartile_3", high, arm=arm, n=n, method=QUARTILE_METHOD),
    )


def quartiles(values: FloatArray) -> tuple[float, float, float]:
    """Return the quartiles as SAS's default definition 5 gives them."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
    return float(low), float(middle), float(high)
