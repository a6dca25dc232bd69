"""Bayes factors of a difference or a change, beside Student's t."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.before_after import PAIRED_T
from trialkit.analysis.estimates import T_TESTS, call, one_sided, statistics
from trialkit.analysis.frames import require_word
from trialkit.analysis.options import finite_number
from trialkit.analysis.samples import arm_samples, paired_samples
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell, tell_list
from trialkit.numerics.bayes_factor import MEDIUM, BayesFactor, jzs_bayes_factor
from trialkit.numerics.contrast import Inference
from trialkit.numerics.means import (
    change_moments,
    mean_inference,
    sample_moments,
    student_difference,
)
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate
from trialkit.terms import Alternative, ContrastFamily, allowed


def bayes_factor(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    prior_scale: float = MEDIUM,
    alternative: Alternative = "two_sided",
) -> AnalysisResult:
    """Weigh a difference of means against none by the JZS Bayes factor of Student's t.

    BF10 says how many times likelier the data are if the standardised difference has a
    Cauchy prior than if it is exactly zero. Its likelihood is that of two normals with one
    variance: always Student's t, never Welch's, whose statistic does not belong in it.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences; each uses the two compared arms alone.
    prior_scale : float
        Scale r of the Cauchy prior: half of its weight lies within r standard deviations
        of zero.
    alternative : "two_sided", "less" or "greater"
        One-sided keeps the half of the prior where treatment minus reference is below, or
        above, zero.

    Returns
    -------
    AnalysisResult
        ``bayes_factor`` of each contrast: BF10 as ``estimate``, Student's t as
        ``statistic``; no p-value and no interval. A factor above 1.8e308 has no
        ``estimate``. ``glance()`` has the natural logarithm of each and the largest
        relative error of the quadrature.

    Raises
    ------
    SpecificationError
        If a column, the reference arm or a contrast does not exist, or the scale is not
        positive.
    NotEstimableError
        If an arm has fewer than two values, or nothing varies.

    References
    ----------
    Rouder JN et al (2009). Psychon Bull Rev 16:225-237. R: ``BayesFactor::ttestBF``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [5.0, 6, 7, 2, 3, 4]})
    >>> result = bayes_factor(frame, outcome="pain", arm="arm", reference="a")
    >>> round(result.estimates[0].estimate, 2)
    3.24
    """
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    pairs = contrast_pairs(contrasts, arms=tuple(samples.outcomes), reference=reference)
    check_options(prior_scale, alternative)
    moments = {level: sample_moments(values) for level, values in samples.outcomes.items()}
    weighed: list[tuple[dict[str, Any], Inference, BayesFactor]] = []
    for treatment, other in pairs:
        n1, n0 = moments[treatment].n, moments[other].n
        test = student_difference(moments[treatment], moments[other], conf_level=0.95)
        factor = weigh(test, n1 * n0 / (n1 + n0), prior_scale, alternative)
        labels = {"arm": treatment, "reference_arm": other, "n_subjects": n1 + n0}
        weighed.append((labels, test, factor))
    return packed(
        weighed,
        test=T_TESTS["student"],
        prior_scale=prior_scale,
        alternative=alternative,
        notes=samples.notes,
        provenance=call(
            "bayes_factor",
            outcome=outcome,
            arm=arm,
            reference=reference,
            contrasts=contrasts,
            prior_scale=prior_scale,
            alternative=alternative,
        ),
    )


def paired_bayes_factor(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    prior_scale: float = MEDIUM,
    alternative: Alternative = "two_sided",
) -> AnalysisResult:
    """Weigh a mean change from baseline against none by the JZS Bayes factor, by arm.

    A change within one arm is no comparison: time, regression to the mean and expectation
    are in it as much as the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    prior_scale, alternative
        As in ``bayes_factor``, for the change over the standard deviation of the changes.

    Returns
    -------
    AnalysisResult
        ``bayes_factor`` of each arm, as in ``bayes_factor``.

    Raises
    ------
    SpecificationError
        If a column does not exist or the scale is not positive.
    NotEstimableError
        If an arm has fewer than two complete people, or all changed by the same amount.

    References
    ----------
    Rouder JN et al (2009). Psychon Bull Rev 16:225-237, equation 1. R:
    ``BayesFactor::ttestBF(post - pre)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7, 8], "after": [3.0, 5, 4, 5]})
    >>> result = paired_bayes_factor(frame, outcome="after", baseline="before")
    >>> round(result.estimates[0].estimate, 2)
    4.71
    """
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    check_options(prior_scale, alternative)
    weighed: list[tuple[dict[str, Any], Inference, BayesFactor]] = []
    for people in samples.arms:
        test = mean_inference(change_moments(people.before, people.after), conf_level=0.95)
        n = people.before.size
        factor = weigh(test, n, prior_scale, alternative)
        weighed.append(({"arm": people.arm, "n_subjects": n}, test, factor))
    return packed(
        weighed,
        test=PAIRED_T,
        prior_scale=prior_scale,
        alternative=alternative,
        notes=samples.notes,
        provenance=call(
            "paired_bayes_factor",
            outcome=outcome,
            baseline=baseline,
            arm=arm,
            prior_scale=prior_scale,
            alternative=alternative,
        ),
    )


def check_options(prior_scale: float, alternative: str) -> None:
    """Raise unless the prior is one and the direction is known."""
    require_word(alternative, allowed(Alternative), option="alternative")
    finite_number(prior_scale, option="prior_scale", above=0)


def weigh(test: Inference, size: float, prior_scale: float, alternative: str) -> BayesFactor:
    """Return the Bayes factor of one t test."""
    return jzs_bayes_factor(
        float(test.statistic[0]),
        df=float(test.df[0]),
        size=size,
        prior_scale=prior_scale,
        alternative=alternative,
    )


def packed(
    weighed: Sequence[tuple[dict[str, Any], Inference, BayesFactor]],
    *,
    test: str,
    prior_scale: float,
    alternative: str,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the rows of Bayes factors, with their logarithms in the fit."""
    factor_of = tell(
        "JZS Bayes factor of the {test}, Cauchy prior of scale {scale:.4g}",
        test=test,
        scale=prior_scale,
    )
    method = one_sided(factor_of, alternative)
    rows: list[Estimate] = []
    logs: dict[str, float] = {}
    too_large: list[str] = []
    for labels, inference, factor in weighed:
        names = [str(labels[key]) for key in ("arm", "reference_arm") if labels.get(key)]
        finite = np.isfinite(factor.bf10)
        if not finite:
            too_large.append(too_large_note(names))
        logs[f"log_bf10 {' - '.join(names)}".strip()] = factor.log_bf10
        rows.append(
            Estimate(
                quantity="bayes_factor",
                estimate=factor.bf10 if finite else None,
                df=float(inference.df[0]),
                statistic=float(inference.statistic[0]),
                method=method,
                **labels,
            )
        )
    error = max((factor.relative_error for *_, factor in weighed), default=0.0)
    return AnalysisResult(
        method=method,
        estimates=tuple(rows),
        fit=statistics({"prior_scale": prior_scale, "quadrature_error": error, **logs}),
        notes=(*notes, *too_large),
        provenance=provenance,
    )


def too_large_note(names: Sequence[str]) -> str:
    """Return what is said of a factor that no double holds."""
    if not names:
        return tell("BF10 is above 1.8e308; its logarithm is in the fit")
    return tell(
        "BF10 {who} is above 1.8e308; its logarithm is in the fit", who=tell_list(names, " - ")
    )
