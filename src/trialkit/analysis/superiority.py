"""The probability that a treated person's value is above one of the reference, tested."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.sample_rows import arm_rows
from trialkit.analysis.samples import arm_samples
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.brunner_munzel import Superiority, brunner_munzel_permutation
from trialkit.numerics.brunner_munzel import brunner_munzel as brunner_munzel_t
from trialkit.numerics.random_streams import Seed, optional_seed_number, whole_draws
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import BrunnerMunzelDistribution, ContrastFamily, allowed


def brunner_munzel(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    distribution: BrunnerMunzelDistribution = "t",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    conf_level: float = 0.95,
    draws: int = 10_000,
    seed: Seed | None = None,
) -> AnalysisResult:
    """Estimate the probability that the treatment's value is above the reference's, and test it.

    Unlike the rank sum it does not assume one shape or one spread of the two distributions.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out and counted in
        ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    distribution : "t" or "permutation"
        Of the studentised statistic. "permutation" enumerates all relabellings of the two
        arms where there are at most 100 000 (which depends on their sizes alone), else draws
        them; ``method`` says which.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
    conf_level : float
        Coverage of the interval, in (0, 1).
    draws : int
        Random relabellings where they are too many to enumerate.
    seed : int or numpy.random.Generator, optional
        Needed where relabellings are drawn; each contrast starts from it anew.

    Returns
    -------
    AnalysisResult
        ``median`` of each arm; ``probability_of_superiority`` of each contrast:
        P(treatment > reference) + P(equal) / 2, with standard error, degrees of freedom
        (t only), statistic, p-value and interval, which is cut at 0 and 1.

    Raises
    ------
    SpecificationError
        If a column, arm or option does not exist, or draws need a seed.
    NotEstimableError
        If an arm has fewer than two values, all values are equal, or (t only) every value
        of one arm lies above every value of the other.

    Notes
    -----
    Simulated coverage of the 95 % interval: 94 to 95 % with 60 people an arm; with 12, 92 to
    93 % at a probability of 0.75 and 87 % at 0.92.

    References
    ----------
    Brunner E, Munzel U (2000). Biom J 42:17-25. Neubert K, Brunner E (2007). Comput Stat
    Data Anal 51:5192-5204. R: ``brunnermunzel::brunnermunzel.test`` (which prints the
    probability that its *second* sample is higher).

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "pain": [5.0, 6, 7, 7, 2, 3, 4, 6]})
    >>> result = brunner_munzel(frame, outcome="pain", arm="arm", reference="a")
    >>> row = result.select(quantity="probability_of_superiority")[0]
    >>> row.estimate, round(row.p_value, 4)
    (0.09375, 0.0142)
    """
    require_conf_level(conf_level)
    require_word(distribution, allowed(BrunnerMunzelDistribution), option="distribution")
    draws = whole_draws(draws)
    number = optional_seed_number(seed)
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    samples = people.outcomes
    pairs = contrast_pairs(contrasts, arms=tuple(samples), reference=reference)
    rows = list(arm_rows(samples, statistic="median"))
    fit: dict[str, float | int | str | None] = {}
    for treatment, other in pairs:
        sizes = samples[treatment], samples[other]
        if distribution == "t":
            test = brunner_munzel_t(*sizes, conf_level=conf_level)
        else:
            test = brunner_munzel_permutation(
                *sizes,
                draws=draws,
                seed=number,
                conf_level=conf_level,
            )
            fit |= drawn_figures(test, number, f" ({treatment} - {other})" * (len(pairs) > 1))
        rows.append(
            superiority_row(
                test,
                conf_level=conf_level,
                arm=treatment,
                reference_arm=other,
                n_subjects=sizes[0].size + sizes[1].size,
                seed=number,
            )
        )
    return AnalysisResult(
        method=tell(
            "Brunner-Munzel test of the probability of superiority, t distribution"
            if distribution == "t"
            else "Brunner-Munzel test of the probability of superiority, permutation"
        ),
        estimates=tuple(rows),
        fit=statistics(fit),
        notes=people.notes,
        provenance=call(
            "brunner_munzel",
            outcome=outcome,
            arm=arm,
            reference=reference,
            distribution=distribution,
            contrasts=contrasts,
            conf_level=conf_level,
            draws=draws if distribution == "permutation" else None,
            seed=number,
        ),
    )


def superiority_row(
    test: Superiority, *, seed: int | None, conf_level: float, **labels: Any
) -> Estimate:
    """Return a Brunner-Munzel test as a row; a probability's limits end at 0 and 1."""
    method = tell("Brunner-Munzel, t distribution")
    if test.enumerated:
        method = tell("Brunner-Munzel, all {n} relabellings", n=test.relabellings)
    elif test.relabellings and seed is not None:
        method = tell(
            "Brunner-Munzel, {draws} random relabellings, seed {seed}",
            draws=test.relabellings,
            seed=seed,
        )
    return Estimate(
        quantity="probability_of_superiority",
        estimate=test.estimate,
        std_error=test.std_error,
        df=test.df,
        statistic=test.statistic,
        p_value=test.p_value,
        conf_low=max(test.conf_low, 0.0),
        conf_high=min(test.conf_high, 1.0),
        conf_level=conf_level,
        method=method,
        **labels,
    )


def drawn_figures(
    test: Superiority, seed: int | None, contrast: str
) -> dict[str, float | int | str | None]:
    """Return what was drawn or enumerated, and the Monte-Carlo error of a drawn p-value."""
    if test.enumerated:
        return {f"relabellings{contrast}": test.relabellings}
    p, draws = test.p_value, test.relabellings
    return {
        "seed": seed,
        f"draws{contrast}": draws,
        f"p_value_std_error{contrast}": float(np.sqrt(p * (1 - p) / draws)),
    }
