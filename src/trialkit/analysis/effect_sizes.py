"""Standardised differences, between arms and within people, each by its own name."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pandas as pd

from trialkit.analysis.estimates import call, from_interval
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.samples import PairedSample, arm_samples, paired_samples
from trialkit.analysis.summaries import PRINTED_FIGURES, arm_moments, reference_first
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.effect_sizes import BETWEEN, WITHIN, paired_moments
from trialkit.numerics.means import Moments, sample_moments
from trialkit.numerics.proportions import Interval
from trialkit.numerics.rank_sum import rank_arms, rank_biserial
from trialkit.numerics.signed_rank import paired_rank_biserial, rank_changes
from trialkit.result.analysis_result import AnalysisResult, Call
from trialkit.terms import ContrastFamily, EffectSize, PairedEffectSize, allowed

Sample = TypeVar("Sample")
RANK_BISERIAL = "rank_biserial"
MEASURES: Mapping[str, str] = {
    "hedges_g_s": tell("Hedges' g, pooled standard deviation, exact small-sample correction"),
    "cohen_d_s": tell("Cohen's d, pooled standard deviation"),
    "glass_delta": tell("Glass' delta, standard deviation of the reference arm"),
    "hedges_g_z": tell("Hedges' g of the changes, exact small-sample correction"),
    "cohen_d_z": tell("Cohen's d of the changes, over their standard deviation"),
    "cohen_d_av": tell("Cohen's d of the changes, over the mean of the two standard deviations"),
    "cohen_d_rm": tell("Cohen's d of the changes, repeated measures, d_z sqrt(2 (1 - r))"),
    RANK_BISERIAL: tell("rank-biserial correlation"),
}


def effect_size(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    measure: EffectSize = "hedges_g_s",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Standardise the difference between arms; the name says by what.

    Simulated coverage of 95 % intervals (12 and 60 people an arm; normal scores, skewed ones
    of skewness 1 and whole-number ratings from 0 to 10; differences up to one standard
    deviation): 93.9 to 95.2 % for ``cohen_d_s`` and ``hedges_g_s``; 94.9 to 96.1 % for
    ``glass_delta`` of normal scores and ratings. With skewed scores ``glass_delta`` is not
    right: 90 to 93 % where the treatment moves towards the long tail, 98 % where away from it.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    measure : "hedges_g_s", "cohen_d_s", "glass_delta" or "rank_biserial"
        Over the pooled standard deviation of the two compared arms, with or without
        Hedges' exact correction; over that of the reference arm; or wins minus losses over
        all pairs of people.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``effect_size`` of each contrast, treatment minus reference, in standard deviations;
        ``method`` is the name of the measure.

    Raises
    ------
    SpecificationError
        If a column, the reference arm, the measure or a contrast does not exist.
    NotEstimableError
        If an arm has fewer than two values, or the standardiser is zero.

    References
    ----------
    Lakens D (2013). Front Psychol 4:863. Hedges LV (1981). J Educ Stat 6:107-128. Steiger
    JH, Fouladi RT (1997). R: ``effectsize::cohens_d``, ``hedges_g``, ``glass_delta``,
    ``rank_biserial``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [5.0, 6, 7, 2, 3, 4]})
    >>> result = effect_size(frame, outcome="pain", arm="arm", reference="a")
    >>> round(result.estimates[0].estimate, 3)  # -3 standard deviations times J = 0.798
    -2.394
    """
    require_word(measure, allowed(EffectSize), option="measure")
    samples = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)

    def between(treatment: FloatArray, other: FloatArray) -> Interval:
        if measure == RANK_BISERIAL:
            return rank_biserial(rank_arms(treatment, other), conf_level=conf_level)
        moments = sample_moments(treatment), sample_moments(other)
        return BETWEEN[measure](*moments, conf_level=conf_level)

    return standardised_differences(
        samples.outcomes,
        {level: values.size for level, values in samples.outcomes.items()},
        between,
        measure=measure,
        reference=reference,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=samples.notes,
        provenance=call(
            "effect_size",
            outcome=outcome,
            arm=arm,
            reference=reference,
            measure=measure,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def effect_size_from_summary(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    n: str = "n",
    mean: str = "mean",
    std_dev: str = "std_dev",
    reference: str,
    measure: EffectSize = "hedges_g_s",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Standardise printed differences: as ``effect_size``, from n, mean and SD of each arm.

    Parameters
    ----------
    frame : DataFrame
        One row an arm; no missing values.
    arm, n, mean, std_dev : str
        Columns: the arm, its number of people, their mean and standard deviation
        (divisor n - 1) in the unit of the outcome.
    reference, measure, contrasts, conf_level
        As in ``effect_size``; ``rank_biserial`` needs the participants.

    Returns
    -------
    AnalysisResult
        As ``effect_size``; unrounded figures give the same result as participants.

    Raises
    ------
    SpecificationError, DataError, NotEstimableError
        As ``effect_size``; DataError also if an arm has two rows or a figure is absent.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["sham", "mindfulness"], "n": [20, 17],
    ...                       "mean": [-0.350, -1.241], "std_dev": [0.693, 1.474]})
    >>> result = effect_size_from_summary(table, reference="sham", measure="cohen_d_s")
    >>> round(result.estimates[0].estimate, 2)
    -0.8
    """
    require_word(measure, tuple(BETWEEN), option="measure")
    samples = reference_first(
        arm_moments(frame, arm=arm, n=n, mean=mean, std_dev=std_dev), reference
    )

    def between(treatment: Moments, other: Moments) -> Interval:
        return BETWEEN[measure](treatment, other, conf_level=conf_level)

    return standardised_differences(
        samples,
        {level: sample.n for level, sample in samples.items()},
        between,
        measure=measure,
        reference=reference,
        contrasts=contrasts,
        conf_level=conf_level,
        notes=(PRINTED_FIGURES,),
        provenance=call(
            "effect_size_from_summary",
            arm=arm,
            n=n,
            mean=mean,
            std_dev=std_dev,
            reference=reference,
            measure=measure,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def standardised_differences(
    samples: Mapping[str, Sample],
    sizes: Mapping[str, int],
    between: Callable[[Sample, Sample], Interval],
    *,
    measure: str,
    reference: str,
    contrasts: ContrastFamily | Sequence[str],
    conf_level: float,
    notes: tuple[str, ...],
    provenance: Call,
) -> AnalysisResult:
    """Return the effect size of each contrast."""
    require_conf_level(conf_level)
    rows = tuple(
        from_interval(
            between(samples[treatment], samples[other]),
            quantity="effect_size",
            conf_level=conf_level,
            method=measure,
            arm=treatment,
            reference_arm=other,
            n_subjects=sizes[treatment] + sizes[other],
        )
        for treatment, other in contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
    )
    return AnalysisResult(
        method=footnote(measure), estimates=rows, notes=notes, provenance=provenance
    )


def footnote(measure: str) -> str:
    """Return what a table says of a measure and its interval."""
    return tell(
        "{measure}; interval on Fisher's scale"
        if measure == RANK_BISERIAL
        else "{measure}; interval by inverting the noncentral t",
        measure=MEASURES[measure],
    )


def paired_effect_size(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    measure: PairedEffectSize = "hedges_g_z",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Standardise the mean change from baseline within people; the name says by what.

    d_z grows with the correlation of the two measurements and is not comparable with the
    effect size of two arms; d_av and d_rm are in units of the spread between people. A
    change within one arm is no comparison: time, regression to the mean and expectation are
    in it as much as the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    measure : "hedges_g_z", "cohen_d_z", "cohen_d_av", "cohen_d_rm" or "rank_biserial"
        Over the standard deviation of the changes, with or without Hedges' exact
        correction; over the mean of the two standard deviations; d_z sqrt(2 (1 - r)); or the
        signed-rank correlation of Wilcoxon's test.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``effect_size`` of each arm, post minus pre; ``method`` is the name of the measure.

    Raises
    ------
    SpecificationError
        If a column or the measure does not exist.
    NotEstimableError
        If an arm has fewer than two complete people, or the standardiser is zero.

    Notes
    -----
    Simulated coverage of 95 % intervals (12 and 60 people; normal scores, skewed ones of
    skewness 1 and whole-number ratings from 0 to 10; changes up to one standard deviation;
    correlations 0, 0.5 and 0.9) lies within 1.5 points of 95 %, except:

    * skewed scores at correlation 0.9, in every measure, where the size is not zero: 89 to
      93 % (88 % for ``cohen_d_rm`` of 12 people), and 93 % at correlation 0.5 for changes of
      one standard deviation in ``cohen_d_z`` and ``hedges_g_z``;
    * ``cohen_d_rm`` of 12 people at correlation 0.9, even of normal scores: 92 to 93 %;
    * ``hedges_g_z`` of 12 people above 2 standard deviations of the changes: 93 %, because
      its limits are multiplied by the correction too.

    References
    ----------
    Lakens D (2013). Front Psychol 4:863, equations 6 to 10. Algina J, Keselman HJ (2003).
    Educ Psychol Meas 63:537-553 (limits of d_av and d_rm). R: ``effectsize::cohens_d(post -
    pre)`` is d_z.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7, 8], "after": [3.0, 5, 4, 5]})
    >>> result = paired_effect_size(frame, outcome="after", baseline="before",
    ...                             measure="cohen_d_z")
    >>> round(result.estimates[0].estimate, 3)
    -2.35
    """
    require_word(measure, allowed(PairedEffectSize), option="measure")
    require_conf_level(conf_level)
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    rows = tuple(
        from_interval(
            within(people, measure=measure, conf_level=conf_level),
            quantity="effect_size",
            conf_level=conf_level,
            method=measure,
            arm=people.arm,
            n_subjects=int(people.before.size),
        )
        for people in samples.arms
    )
    return AnalysisResult(
        method=footnote(measure),
        estimates=rows,
        notes=samples.notes,
        provenance=call(
            "paired_effect_size",
            outcome=outcome,
            baseline=baseline,
            arm=arm,
            measure=measure,
            conf_level=conf_level,
        ),
    )


def within(people: PairedSample, *, measure: str, conf_level: float) -> Interval:
    """Return one arm's standardised change."""
    if measure == RANK_BISERIAL:
        ranks = rank_changes(people.before, people.after)
        return paired_rank_biserial(ranks, conf_level=conf_level)
    return WITHIN[measure](paired_moments(people.before, people.after), conf_level=conf_level)
