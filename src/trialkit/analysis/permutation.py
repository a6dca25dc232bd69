"""Tests by relabelling: permutation of arms, and flips of the signs of changes."""

from collections.abc import Sequence

import pandas as pd

from trialkit.analysis.estimates import call
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.relabelling_rows import relabelling_figures, relabelling_row, unbounded
from trialkit.analysis.sample_rows import arm_rows, before_after_rows
from trialkit.analysis.samples import arm_samples, paired_samples
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.permutation import permutation_test as permute_arms
from trialkit.numerics.random_streams import Seed, optional_seed_number, whole_draws
from trialkit.numerics.sign_flip import sign_flip_test
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import Alternative, ContrastFamily, allowed


def permutation_test(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    alternative: Alternative = "two_sided",
    draws: int = 99_999,
    seed: Seed | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test differences of means by relabelling who was in which arm.

    Exact for scores on a grid (whole numbers, half points, tenths: any common step), by the
    shift algorithm; 100 people an arm take a few hundredths of a second. Exact off a grid too
    where there are at most 100 000 relabellings, each of which is gone through. Otherwise
    ``draws`` random relabellings with p = (b + 1) / (draws + 1). The column ``method`` says
    which. The scores and the sizes decide it alone: a grid can be worked off (up to 1000
    people an arm, and tables of 2^25 cells) or not.

    The null hypothesis is that the arms have one distribution. The interval holds the
    shifts between the arms that the one-sided tests do not reject (at half the error rate
    each), so it assumes that the treatment moves everyone by the same amount; with unequal
    spread and skewed or tied scores a 95 % interval still covers 93.5 to 95 % (simulated).
    A two-sided p-value adds both tails at the observed distance and is not twice the
    smaller one, so close to the level it can disagree with the interval.

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
        Which differences; each relabels the two compared arms alone.
    alternative : "two_sided", "less" or "greater"
        Of treatment minus reference; a one-sided one has a one-sided interval.
    draws : int
        Random relabellings, where the exact distribution is out of reach.
    seed : int or numpy.random.Generator, optional
        Needed where relabellings must be drawn; each contrast starts from it anew.
    conf_level : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``mean`` of each arm, and ``mean_difference`` of each contrast in the unit of the
        outcome. ``statistic`` is the difference standardised by its permutation variance
        (coin's Z). Limits are infinite where the arms are too small to reject any shift.
        ``glance()`` has the seed, the draws and the Monte-Carlo error of each drawn p-value.

    Raises
    ------
    SpecificationError
        If a column, the reference arm or a contrast does not exist, or relabellings must be
        drawn and no seed is given.
    NotEstimableError
        If an arm is empty, or no value of a contrast differs from another.

    References
    ----------
    Ernst MD (2004). Statist Sci 19:676-685. Streitberg B, Röhmel J (1986). Statist Softw
    Newsl 12:10-17. R: ``coin::oneway_test(distribution = "exact")``; SAS: ``PROC NPAR1WAY
    SCORES=DATA; EXACT``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "pain": [5.0, 6, 7, 2, 3, 4]})
    >>> result = tk.permutation_test(frame, outcome="pain", arm="arm", reference="a")
    >>> result.estimates[-1].p_value
    0.1
    """
    require_conf_level(conf_level)
    require_word(alternative, allowed(Alternative), option="alternative")
    draws = whole_draws(draws)
    number = optional_seed_number(seed)
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    samples = people.outcomes
    pairs = contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
    tests = [
        permute_arms(
            samples[treatment],
            samples[other],
            alternative=alternative,
            conf_level=conf_level,
            draws=draws,
            seed=number,
        )
        for treatment, other in pairs
    ]
    rows = [
        relabelling_row(
            test,
            name=tell("permutation test"),
            drawn=tell("relabellings"),
            seed=number,
            alternative=alternative,
            quantity="mean_difference",
            arm=treatment,
            reference_arm=other,
            n_subjects=samples[treatment].size + samples[other].size,
            conf_level=conf_level,
        )
        for (treatment, other), test in zip(pairs, tests, strict=True)
    ]
    return AnalysisResult(
        method=tell("Difference of means, permutation test"),
        estimates=(*arm_rows(samples, statistic="mean"), *rows),
        fit=relabelling_figures([" - ".join(pair) for pair in pairs], tests, seed=number),
        notes=(*people.notes, *unbounded(rows, alternative=alternative)),
        provenance=call(
            "permutation_test",
            outcome=outcome,
            arm=arm,
            reference=reference,
            contrasts=contrasts,
            alternative=alternative,
            draws=draws,
            seed=number,
            conf_level=conf_level,
        ),
    )


def sign_flip(
    frame: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    alternative: Alternative = "two_sided",
    draws: int = 99_999,
    seed: Seed | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test the mean change from baseline by flipping the signs of people's changes.

    Exact for scores on a grid, by the shift algorithm, and for up to 16 people, by every
    pattern of signs; otherwise ``draws`` random patterns with p = (b + 1) / (draws + 1). The
    column ``method`` says which. The null hypothesis is that changes are symmetric about 0;
    the interval holds the centres of
    symmetry that the one-sided tests do not reject; for the mean of skewed changes of 12
    people it is too short (a 95 % interval covers 90 %; 94 % with 60 people). A change
    within one arm is no comparison: time, regression to the mean and expectation are in it
    as much as the treatment.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row without outcome or baseline is left out and counted in
        ``notes``.
    outcome, baseline : str
        Numeric columns in the same unit.
    arm : str, optional
        Column of the arm; without it everyone is one group.
    alternative : "two_sided", "less" or "greater"
        Of outcome minus baseline; a one-sided one has a one-sided interval.
    draws, seed, conf_level
        As in ``permutation_test``.

    Returns
    -------
    AnalysisResult
        ``mean`` of baseline and outcome, and ``change`` (outcome minus baseline) of each
        arm, with its test. ``statistic`` is the
        sum of the changes over the root of the sum of their squares.

    Raises
    ------
    SpecificationError
        If a column does not exist, or patterns must be drawn and no seed is given.
    NotEstimableError
        If nobody has both values, or nobody changed.

    References
    ----------
    Fisher RA (1935). The Design of Experiments, section 21. R:
    ``exactRankTests::perm.test(paired = TRUE)``.

    Examples
    --------
    >>> frame = pd.DataFrame({"before": [5.0, 6, 7], "after": [3.0, 5, 4]})
    >>> tk.sign_flip(frame, outcome="after", baseline="before").estimates[-1].p_value
    0.25
    """
    require_conf_level(conf_level)
    require_word(alternative, allowed(Alternative), option="alternative")
    draws = whole_draws(draws)
    number = optional_seed_number(seed)
    samples = paired_samples(frame, outcome=outcome, baseline=baseline, arm=arm)
    tests = [
        sign_flip_test(
            people.before,
            people.after,
            alternative=alternative,
            conf_level=conf_level,
            draws=draws,
            seed=number,
        )
        for people in samples.arms
    ]
    rows = [
        relabelling_row(
            test,
            name=tell("sign-flip test"),
            drawn=tell("patterns of signs"),
            seed=number,
            alternative=alternative,
            quantity="change",
            arm=people.arm,
            n_subjects=people.before.size,
            conf_level=conf_level,
        )
        for people, test in zip(samples.arms, tests, strict=True)
    ]
    return AnalysisResult(
        method=tell("Change within people, sign-flip test"),
        estimates=(*before_after_rows(samples.arms, statistic="mean"), *rows),
        fit=relabelling_figures([people.arm or "" for people in samples.arms], tests, seed=number),
        notes=(*samples.notes, *unbounded(rows, alternative=alternative)),
        provenance=call(
            "sign_flip",
            outcome=outcome,
            baseline=baseline,
            arm=arm,
            alternative=alternative,
            draws=draws,
            seed=number,
            conf_level=conf_level,
        ),
    )
