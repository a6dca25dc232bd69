"""Two arms by ranks: the rank sum with the Hodges-Lehmann shift."""

from collections.abc import Sequence
from math import isinf
from typing import Any

import pandas as pd

from trialkit.analysis.estimates import call, compared, from_interval
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.sample_rows import arm_rows
from trialkit.analysis.samples import arm_samples
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell, tell_count
from trialkit.numerics.rank_sum import (
    RankedArms,
    hodges_lehmann,
    probability_of_superiority,
    rank_arms,
    rank_biserial,
    rank_sum_test,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import (
    Alternative,
    ContrastFamily,
    RankDistribution,
    allowed,
)

DISTRIBUTIONS = {
    "exact": tell("exact given the ties"),
    "normal": tell("normal approximation corrected for ties"),
    "normal_corrected": tell("normal approximation corrected for ties and continuity"),
}


def rank_sum(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    distribution: RankDistribution = "exact",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
    alternative: Alternative = "two_sided",
) -> AnalysisResult:
    """Compare arms by Wilcoxon's rank sum (Mann-Whitney) with the Hodges-Lehmann shift.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    distribution : "exact", "normal" or "normal_corrected"
        Of the rank sum when the arms do not differ. "exact": over all ways to choose who is
        treated, given the midranks observed, so ties are no obstacle; up to about 290
        people an arm (250 with ties), beyond which the call is refused, never switched.
        "normal" and "normal_corrected": normal with the variance under ties, without and
        with continuity correction.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which comparisons; each ranks its two arms alone.
    conf_level : float
        Coverage of the intervals, in (0, 1).
    alternative : "two_sided", "less" or "greater"
        Of the treatment beside the reference; a one-sided shift interval is open.

    Returns
    -------
    AnalysisResult
        ``median`` of each arm; of each contrast ``median_difference`` (the median of all
        differences between a person of either arm, treatment minus reference, in the unit
        of the outcome, with the limits that invert the test; statistic W, the
        Mann-Whitney count of the treatment; p-value), ``probability_of_superiority``
        (P(X > Y) + P(X = Y) / 2 of the treatment, Newcombe's interval) and ``effect_size``
        with the method ``rank_biserial`` (effectsize's interval), both without a test.

    Raises
    ------
    SpecificationError
        If a column, arm or option does not exist, or the exact distribution is too large.
    NotEstimableError
        If an arm is empty, or all values of two arms are equal.

    Notes
    -----
    The estimate is the shift between two distributions of one shape. It is not the
    difference of the two medians. Exact two-sided p: P(abs(W - E) >= abs(w - E)).

    Simulated coverage of the 95 % intervals with 12 and 60 people an arm: the shift 94 to
    96 % for normal and skewed scores, 98 to 100 % for ratings 0-10, which tie; the
    probability of superiority 93 to 97 %; the rank-biserial 94 % near 0, but 88 to 92 % at
    0.5 and 76 to 79 % at 0.84, so that its interval is a description.

    References
    ----------
    Hodges JL, Lehmann EL (1963). Ann Math Statist 34:598-611. Streitberg B, Röhmel J
    (1986). Statist Softw Newsl 12:10-17. R: ``wilcox.test(conf.int = TRUE)``,
    ``exactRankTests::wilcox.exact``; SAS: ``PROC NPAR1WAY WILCOXON HL``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "pain": [5.0, 6, 7, 7, 2, 3, 4, 5]})
    >>> result = rank_sum(frame, outcome="pain", arm="arm", reference="a")
    >>> row = result.select(quantity="median_difference")[0]
    >>> row.estimate, row.statistic, round(row.p_value, 4)
    (-3.0, 0.5, 0.0571)
    """
    require_conf_level(conf_level)
    require_word(distribution, allowed(RankDistribution), option="distribution")
    require_word(alternative, allowed(Alternative), option="alternative")
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    samples = people.outcomes
    pairs = contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
    name = with_alternative(
        tell("Wilcoxon rank sum, {distribution}", distribution=DISTRIBUTIONS[distribution]),
        alternative,
    )
    rows = list(arm_rows(samples, statistic="median"))
    for treatment, other in pairs:
        arms = rank_arms(samples[treatment], samples[other])
        rows += rank_sum_rows(
            arms,
            distribution=distribution,
            alternative=alternative,
            conf_level=conf_level,
            method=name,
            arm=treatment,
            reference_arm=other,
        )
    return AnalysisResult(
        method=tell("{test}; Hodges-Lehmann shift", test=name),
        estimates=tuple(rows),
        notes=(*people.notes, *limit_notes(rows)),
        provenance=call(
            "rank_sum",
            outcome=outcome,
            arm=arm,
            reference=reference,
            distribution=distribution,
            contrasts=contrasts,
            conf_level=conf_level,
            alternative=alternative,
        ),
    )


def with_alternative(test: str, alternative: str) -> str:
    """Return the name of a test with its alternative, unless it is two-sided."""
    if alternative == "two_sided":
        return test
    return tell(
        "{test}, alternative: less" if alternative == "less" else "{test}, alternative: greater",
        test=test,
    )


def rank_sum_rows(
    arms: RankedArms,
    *,
    distribution: str,
    alternative: str,
    conf_level: float,
    method: str,
    arm: str,
    reference_arm: str,
) -> tuple[Estimate, ...]:
    """Return shift with test, probability of superiority and rank-biserial of two arms."""
    labels: dict[str, Any] = {
        "arm": arm,
        "reference_arm": reference_arm,
        "n_subjects": arms.treatment.size + arms.reference.size,
        "conf_level": conf_level,
    }
    test = rank_sum_test(arms, distribution=distribution, alternative=alternative)
    shift = hodges_lehmann(
        arms, distribution=distribution, conf_level=conf_level, alternative=alternative
    )
    return (
        Estimate(
            quantity="median_difference",
            estimate=shift.estimate,
            statistic=test.statistic,
            p_value=test.p_value,
            conf_low=shift.conf_low,
            conf_high=shift.conf_high,
            method=method,
            **labels,
        ),
        from_interval(
            probability_of_superiority(arms, conf_level=conf_level),
            quantity="probability_of_superiority",
            method=tell("wins over all pairs, Newcombe's interval"),
            **labels,
        ),
        from_interval(
            rank_biserial(arms, conf_level=conf_level),
            quantity="effect_size",
            method="rank_biserial",
            **labels,
        ),
    )


def limit_notes(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Return a note for each interval that the sample is too small or too clear-cut for."""
    notes = []
    for row in rows:
        if row.conf_level is None:
            continue
        who = compared(row)
        limits = (row.conf_low, row.conf_high)
        if row.quantity == "median_difference" and all(
            limit is not None and isinf(limit) for limit in limits
        ):
            notes.append(
                tell_count(
                    row.n_subjects or 0,
                    "{who}: {n} person is too few for limits at the {level:g} level, so they "
                    "are infinite",
                    "{who}: {n} people are too few for limits at the {level:g} level, so they "
                    "are infinite",
                    who=who,
                    level=row.conf_level,
                )
            )
        if row.quantity == "effect_size" and None in limits:
            notes.append(
                tell("{who}: all ranks point one way, so rank_biserial has no interval", who=who)
            )
    return tuple(notes)
