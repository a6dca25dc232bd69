"""Differences of means between arms, from participants or from printed n, mean and SD."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from trialkit.analysis.estimates import T_TESTS, call, from_inference, one_sided
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.sample_rows import mean_rows
from trialkit.analysis.samples import arm_samples
from trialkit.analysis.summaries import PRINTED_FIGURES, arm_moments, reference_first
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.contrast import Inference
from trialkit.numerics.means import (
    Moments,
    sample_moments,
    student_difference,
    welch_difference,
)
from trialkit.result.analysis_result import AnalysisResult, Call
from trialkit.terms import Alternative, ContrastFamily, MeanDifferenceMethod, allowed

DIFFERENCES: Mapping[str, Callable[..., Inference]] = {
    "welch": welch_difference,
    "student": student_difference,
}


def mean_difference(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    method: MeanDifferenceMethod = "welch",
    alternative: Alternative = "two_sided",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the mean outcome of arms by Welch's or Student's t.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    method : "welch" or "student"
        Unequal variances (the default), or one pooled variance of the two compared arms.
        The method never depends on the data.
    alternative : "two_sided", "less" or "greater"
        The direction that counts against no difference. A one-sided test has a one-sided
        interval, its other limit infinite, as in R's ``t.test``.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``mean`` of each arm and ``mean_difference`` of each contrast, treatment minus
        reference, in the unit of the outcome.

    Raises
    ------
    SpecificationError
        If a column, the reference arm, the method or a contrast does not exist.
    NotEstimableError
        If an arm has fewer than two values, or nothing varies.

    References
    ----------
    Welch BL (1947). Biometrika 34:28-35. R: ``t.test``; SAS: ``PROC TTEST``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [5.0, 6, 7, 2, 3, 4]})
    >>> result = mean_difference(frame, outcome="pain", arm="arm", reference="a")
    >>> result.select(quantity="mean_difference")[0].estimate
    -3.0
    """
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    return compare_means(
        {level: sample_moments(values) for level, values in samples.outcomes.items()},
        reference=reference,
        method=method,
        alternative=alternative,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=samples.notes,
        provenance=call(
            "mean_difference",
            outcome=outcome,
            arm=arm,
            reference=reference,
            method=method,
            alternative=None if alternative == "two_sided" else alternative,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def mean_difference_from_summary(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    n: str = "n",
    mean: str = "mean",
    std_dev: str = "std_dev",
    reference: str,
    method: MeanDifferenceMethod = "welch",
    alternative: Alternative = "two_sided",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare printed means: as ``mean_difference``, from n, mean and SD of each arm.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, mean, std_dev : str
        Columns: the arm, its number of people, their mean and standard deviation
        (divisor n - 1) in the unit of the outcome.
    reference, method, alternative, contrasts, conf_level
        As in ``mean_difference``.

    Returns
    -------
    AnalysisResult
        As ``mean_difference``; unrounded figures give the same result as participants.

    Raises
    ------
    SpecificationError, DataError, NotEstimableError
        As ``mean_difference``; DataError also if an arm has two rows or a figure is absent.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["sham", "mindfulness"], "n": [20, 17],
    ...                       "mean": [-0.350, -1.241], "std_dev": [0.693, 1.474]})
    >>> result = mean_difference_from_summary(table, reference="sham")
    >>> round(result.select(quantity="mean_difference")[0].estimate, 3)
    -0.891
    """
    samples = arm_moments(frame, arm=arm, n=n, mean=mean, std_dev=std_dev)
    return compare_means(
        reference_first(samples, reference),
        reference=reference,
        method=method,
        alternative=alternative,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "mean_difference_from_summary",
            arm=arm,
            n=n,
            mean=mean,
            std_dev=std_dev,
            reference=reference,
            method=method,
            alternative=None if alternative == "two_sided" else alternative,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def compare_means(
    samples: Mapping[str, Moments],
    *,
    reference: str,
    method: MeanDifferenceMethod,
    alternative: Alternative,
    contrasts: ContrastFamily | Sequence[str],
    conf_level: float,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the mean of each arm and the difference of each contrast."""
    require_conf_level(conf_level)
    require_word(method, allowed(MeanDifferenceMethod), option="method")
    require_word(alternative, allowed(Alternative), option="alternative")
    pairs = contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
    name = one_sided(T_TESTS[method], alternative)
    differences = tuple(
        from_inference(
            DIFFERENCES[method](
                samples[treatment], samples[other], conf_level=conf_level, alternative=alternative
            ),
            0,
            quantity="mean_difference",
            conf_level=conf_level,
            method=name,
            arm=treatment,
            reference_arm=other,
            n_subjects=samples[treatment].n + samples[other].n,
        )
        for treatment, other in pairs
    )
    return AnalysisResult(
        method=tell("Difference of means, {test}", test=name),
        estimates=(*mean_rows(samples, conf_level=conf_level), *differences),
        notes=notes,
        provenance=provenance,
    )
