"""How much arms differ before treatment, in standard deviations and without a test."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from trialkit.analysis.estimates import call, number, plain, statistics
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_numeric,
    values_by_arm,
)
from trialkit.analysis.sample_rows import MEAN
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.group_balance import standardised_means
from trialkit.numerics.means import Moments, sample_moments
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import ContrastFamily

STANDARDISED = tell("standardised difference at baseline")
DIVISOR = tell("standard deviation, divisor n - 1")


def baseline_balance(
    frame: pd.DataFrame,
    *,
    baseline: str | Sequence[str],
    arm: str,
    reference: str,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
) -> AnalysisResult:
    """Show how far the arms stand apart before treatment, in standard deviations.

    A test would ask whether chance made the difference, which in a randomised trial it did.
    What matters is the size: where a column that predicts the outcome differs, the outcome
    alone and the change score err in opposite directions and ANCOVA between them, so both
    belong beside it.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing column or arm is left out of all, and the
        number left out per arm is in ``notes``.
    baseline : str or sequence of str
        Numeric columns of ``frame``.
    arm, reference : str
        As in ``ancova``.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.

    Returns
    -------
    AnalysisResult
        For each column (``term``) the ``mean`` and ``std_dev`` of each arm, and the
        ``effect_size`` of each contrast: the difference, treatment minus reference, over
        the square root of the mean of the two variances. No p-value. ``glance()`` has
        largest_difference, the largest of them without its sign.

    Raises
    ------
    SpecificationError
        If a column, the reference arm or a contrast does not exist.
    NotEstimableError
        If an arm has fewer than two values, or both arms of a contrast do not vary.

    References
    ----------
    Senn S (1994). Stat Med 13:1715-1726. Austin PC (2009). Commun Stat Simul Comput
    38:1228-1234.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "BASE": [1.0, 2, 3, 2, 3, 4]})
    >>> result = tk.baseline_balance(frame, baseline="BASE", arm="arm", reference="a")
    >>> result.select(quantity="effect_size")[0].estimate
    1.0
    """
    columns = listed(baseline)
    require_columns(frame, [*columns, arm])
    for column in columns:
        require_numeric(frame, column)
    complete = complete_cases(frame, columns=columns, arm=arm)
    levels = arm_levels(complete.frame, arm, reference=reference)
    pairs = contrast_pairs(contrasts, arms=levels, reference=reference)
    rows: list[Estimate] = []
    for column in columns:
        values = values_by_arm(complete.frame, outcome=column, arm=arm, levels=levels)
        samples = {level: sample_moments(sample) for level, sample in values.items()}
        rows += column_rows(column, samples, pairs)
    sizes = [abs(row.estimate or 0.0) for row in rows if row.quantity == "effect_size"]
    return AnalysisResult(
        method=tell(
            "Baseline of {columns} by {arm}; standardised difference at baseline",
            columns=tell_list(columns),
            arm=arm,
        ),
        estimates=tuple(rows),
        fit=statistics(
            {"n_subjects": len(complete.frame), "largest_difference": max(sizes, default=None)}
        ),
        notes=complete.notes,
        provenance=call(
            "baseline_balance",
            baseline=columns,
            arm=arm,
            reference=reference,
            contrasts=contrasts,
        ),
    )


def listed(columns: str | Sequence[str]) -> list[str]:
    """Return columns as a list; one name is one column."""
    if isinstance(columns, str):
        return [columns]
    if not isinstance(columns, Sequence):
        raise SpecificationError(
            f"baseline: expected the name of a column or a list of names, found {columns!r}"
        )
    return list(columns)


def column_rows(column: str, samples: dict[str, Moments], pairs: Sequence[Pair]) -> list[Estimate]:
    """Return mean and standard deviation of each arm, then the standardised differences."""
    means = [
        plain("mean", sample.mean, arm=level, n=sample.n, method=MEAN)
        for level, sample in samples.items()
    ]
    spreads = [
        plain("std_dev", number(sample.std_dev), arm=level, n=sample.n, method=DIVISOR)
        for level, sample in samples.items()
    ]
    rows = [replace(row, term=column) for row in (*means, *spreads)]
    return rows + [
        Estimate(
            quantity="effect_size",
            arm=treatment,
            reference_arm=other,
            term=column,
            n_subjects=samples[treatment].n + samples[other].n,
            estimate=standardised(samples[treatment], samples[other], column),
            method=STANDARDISED,
        )
        for treatment, other in pairs
    ]


def standardised(treatment: Moments, reference: Moments, column: str) -> float:
    """Return a difference over the square root of the mean of two variances."""
    try:
        return standardised_means(treatment, reference)
    except NotEstimableError as error:
        raise NotEstimableError(
            tell(
                "{column}: the compared arms need two values or more each, and some spread",
                column=column,
            )
        ) from error
