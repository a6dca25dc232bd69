"""Which arms differ: differences of means with limits that hold all together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from trialkit.analysis.adjusted_means import PROCEDURE_NAMES, require_one_reference
from trialkit.analysis.estimates import call, from_inference
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.sample_rows import mean_rows
from trialkit.analysis.samples import arm_samples
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.means import Moments, sample_moments, welch_difference
from trialkit.numerics.one_way import classic_one_way
from trialkit.numerics.simultaneous import Family, correlation_of, simultaneous
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import ContrastFamily, MultipleComparison, allowed

# What a procedure compares when nothing is said: what it was made for.
NATURAL: Mapping[MultipleComparison, ContrastFamily] = {
    "dunnett": "versus_reference",
    "tukey_kramer": "pairwise",
    "games_howell": "pairwise",
    "scheffe": "pairwise",
    "bonferroni": "pairwise",
    "sidak": "pairwise",
}


def multiple_comparisons(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    procedure: MultipleComparison = "tukey_kramer",
    contrasts: ContrastFamily | Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the mean outcome of several arms, all differences together.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome or arm is left out, and the
        number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with, and the first of every pair.
    procedure : str
        ``"tukey_kramer"`` (all pairs, exact for arms of one size), ``"dunnett"`` (each arm
        with the reference), ``"scheffe"`` (every contrast there could be),
        ``"bonferroni"`` and ``"sidak"`` share the variance of all arms;
        ``"games_howell"`` (all pairs) gives each difference Welch's standard error and
        degrees of freedom.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference", optional
        Which differences; by default all pairs, for Dunnett each arm with the reference.
        Tukey, Games-Howell and Scheffé count all arms whichever differences are listed.
    conf_level : float
        Of all intervals of the differences together, in (0, 1); the intervals of the means
        stand each for itself.

    Returns
    -------
    AnalysisResult
        ``mean`` of each arm and ``mean_difference`` of each contrast, treatment minus
        reference. ``p_value`` is the contrast's own, ``p_adjusted`` counts the others, and
        the limits of the difference are simultaneous: they leave out 0 exactly where
        ``p_adjusted`` is below 1 - conf_level.

    Raises
    ------
    SpecificationError
        If a column, the reference arm, the procedure or a contrast does not exist, or
        Dunnett's procedure is asked for contrasts without a common reference arm.
    NotEstimableError
        If nothing varies within the arms, or (Games-Howell) an arm has fewer than two values.

    References
    ----------
    Tukey JW (1953); Kramer CY (1956). Biometrics 12:307-310. Dunnett CW (1955). J Am
    Statist Assoc 50:1096-1121. Games PA, Howell JF (1976). J Educ Stat 1:113-125. Scheffé H
    (1953). Biometrika 40:87-104. R: ``TukeyHSD``, ``multcomp::glht``, emmeans; SAS: ``PROC
    GLM; LSMEANS arm / ADJUST=``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbbccc"), "pain": [5.0, 6, 7, 2, 3, 4, 4, 5, 6]})
    >>> result = tk.multiple_comparisons(frame, outcome="pain", arm="arm", reference="a")
    >>> first = result.select(quantity="mean_difference", arm="b")[0]
    >>> first.estimate, round(first.p_adjusted, 4), round(first.conf_high, 2)
    (-3.0, 0.0242, -0.49)
    """
    require_conf_level(conf_level)
    require_word(procedure, allowed(MultipleComparison), option="procedure")
    people = arm_samples(frame, outcome=outcome, arm=arm, reference=reference)
    values = people.outcomes
    family = NATURAL[procedure] if contrasts is None else contrasts
    pairs = contrast_pairs(family, arms=tuple(values), reference=reference)
    if procedure == "dunnett":
        require_one_reference(pairs)
    samples = {level: sample_moments(sample) for level, sample in values.items()}
    differences, p_adjusted = compare(values, samples, pairs, procedure, conf_level=conf_level)
    name = tell(
        "{procedure}, {variance}",
        procedure=PROCEDURE_NAMES[procedure],
        variance=tell("Welch errors" if procedure == "games_howell" else "pooled variance"),
    )
    rows = tuple(
        from_inference(
            differences,
            row,
            quantity="mean_difference",
            conf_level=conf_level,
            method=name,
            p_adjusted=float(p_adjusted[row]),
            arm=treatment,
            reference_arm=other,
            n_subjects=samples[treatment].n + samples[other].n,
        )
        for row, (treatment, other) in enumerate(pairs)
    )
    return AnalysisResult(
        method=tell(
            "Differences of means of {outcome} with simultaneous limits, {procedure}",
            outcome=outcome,
            procedure=name,
        ),
        estimates=(*mean_rows(samples, conf_level=conf_level), *rows),
        notes=people.notes,
        provenance=call(
            "multiple_comparisons",
            outcome=outcome,
            arm=arm,
            reference=reference,
            procedure=procedure,
            contrasts=contrasts,
            conf_level=conf_level,
        ),
    )


def compare(
    values: Mapping[str, FloatArray],
    samples: Mapping[str, Moments],
    pairs: Sequence[Pair],
    procedure: MultipleComparison,
    *,
    conf_level: float,
) -> tuple[Inference, FloatArray]:
    """Return the differences with simultaneous limits, and their adjusted p-values."""
    position = {level: row for row, level in enumerate(samples)}
    L = np.zeros((len(pairs), len(samples)))
    for row, (treatment, other) in enumerate(pairs):
        L[row, position[treatment]], L[row, position[other]] = 1.0, -1.0
    sizes = np.array([sample.n for sample in samples.values()], dtype=np.float64)
    if procedure == "games_howell":
        alone = welch_pairs(samples, pairs, conf_level=conf_level)
    else:
        table = classic_one_way(list(values.values()))
        means = np.array([sample.mean for sample in samples.values()])
        std_error = np.sqrt(table.within / table.df_within * (np.abs(L) @ (1 / sizes)))
        df = np.full(len(pairs), float(table.df_within))
        alone = infer(L @ means, std_error, df, conf_level=conf_level)
    family = Family(correlation=correlation_of(L, np.diag(1 / sizes)), arms=len(samples))
    rule = "tukey_kramer" if procedure == "games_howell" else procedure
    together = simultaneous(alone, family, procedure=rule, conf_level=conf_level)
    limits = replace(alone, conf_low=together.conf_low, conf_high=together.conf_high)
    return limits, together.p_adjusted


def welch_pairs(
    samples: Mapping[str, Moments], pairs: Sequence[Pair], *, conf_level: float
) -> Inference:
    """Return Welch's difference of each pair."""
    each = [
        welch_difference(samples[treatment], samples[other], conf_level=conf_level)
        for treatment, other in pairs
    ]
    return Inference(
        **{
            name: np.concatenate([getattr(one, name) for one in each])
            for name in Inference.__slots__
        }
    )
