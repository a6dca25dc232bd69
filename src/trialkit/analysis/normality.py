"""Whether what a model of means leaves over is normally distributed, for the record."""

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.samples import paired_samples
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.diagnostics import NORMALITY_SIZES, shapiro_wilk, skewness
from trialkit.numerics.means import change_moments
from trialkit.result.analysis_result import AnalysisResult, Estimate


def normality_rows(residual: FloatArray, *, arm: str | None = None) -> tuple[Estimate, ...]:
    """Return Shapiro and Wilk's test of residuals; none for numbers that it is not made for."""
    if len(residual) not in NORMALITY_SIZES or not np.ptp(residual) > 0:
        return ()
    test = shapiro_wilk(residual)
    return (
        Estimate(
            quantity="assumption_test",
            term="normal_residuals",
            arm=arm,
            n_subjects=len(residual),
            statistic=test.statistic,
            p_value=test.p_value,
            method=tell("Shapiro-Wilk of the residuals"),
        ),
    )


def change_normality(
    frame: pd.DataFrame, *, outcome: str, baseline: str, arm: str
) -> AnalysisResult:
    """Return how the changes of ``paired_change`` are distributed within each arm.

    The residual of a change is its distance from the mean change of its arm.
    """
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    changes = {people.arm: people.after - people.before for people in samples.arms}
    spread = {
        people.arm: change_moments(people.before, people.after).std_dev for people in samples.arms
    }
    varying = [level for level, size in spread.items() if size > 0]
    figures: dict[str, float | int | str | None] = {
        "n_subjects": sum(len(values) for values in changes.values())
    }
    if len(changes) == 1 and varying:
        figures["residual_skewness"] = skewness(changes[varying[0]])
    return AnalysisResult(
        method=tell(
            "Distribution of the changes of {outcome} from {baseline}",
            outcome=outcome,
            baseline=baseline,
        ),
        estimates=tuple(
            row for level in varying for row in normality_rows(changes[level], arm=level)
        ),
        fit=statistics(figures),
        notes=samples.notes,
        provenance=call("paired_change", outcome=outcome, baseline=baseline, arm=arm),
    )
