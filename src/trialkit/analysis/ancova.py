"""Analysis of covariance: adjusted means of arms and their differences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, from_inference, statistics
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_conf_level,
    require_numeric,
)
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.design.linear import build_design, means_and_differences, parse_terms
from trialkit.numerics.contrast import Inference, evaluate_contrasts
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import ContrastFamily, MarginalWeights

LEAST_SQUARES = "ANCOVA"


def ancova(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    weights: MarginalWeights = "equal",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Estimate the adjusted mean of each arm and the differences between arms.

    An adjusted (least-squares) mean is the prediction for an arm at the mean of each
    numeric covariate, averaged over the levels of each category. Numeric covariates with
    two values are numbers too (as in SAS; emmeans would average over both): write
    ``C(column)`` to make a category of one.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome, arm or covariate is left out,
        and the number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    covariates : str
        Right-hand side of a formula: ``"BASE + SEX"``, ``"BASE + C(site)"``, interactions
        by ``:`` or ``*`` (also with the arm's column). Text is a category, numbers are
        numbers unless wrapped in ``C()``.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    weights : "equal" or "counterfactual"
        How categories are averaged: every level alike, or as they occur in everyone
        analysed.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``ls_mean`` of each arm and ``ls_mean_difference`` of each contrast, in the unit
        of the outcome; ``glance()`` has residual_df, residual_std_dev, r_squared and
        n_subjects.

    Raises
    ------
    SpecificationError
        If a column, the reference arm or a contrast does not exist, or the covariates are
        no formula of columns.
    NotEstimableError
        If an arm is empty, a term is a linear combination of others (it is named), or
        there are fewer records than coefficients.

    References
    ----------
    EMA (2015). Guideline on adjustment for baseline covariates in clinical trials.
    EMA/CHMP/295050/2013. R: ``emmeans(lm(...), ~ arm)``; SAS: ``PROC GLM; LSMEANS``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "BASE": [1.0, 2, 3, 1, 2, 3],
    ...                       "AVAL": [2.0, 3.1, 3.9, 1.0, 2.1, 2.9]})
    >>> result = ancova(frame, outcome="AVAL", arm="arm", reference="a", covariates="BASE")
    >>> round(result.select(quantity="ls_mean_difference")[0].estimate, 6)
    -1.0
    """
    require_conf_level(conf_level)
    terms = parse_terms(covariates)
    require_columns(frame, [outcome, arm, *terms.columns])
    require_numeric(frame, outcome)
    complete = complete_cases(frame, columns=[outcome, *terms.columns], arm=arm)
    levels = arm_levels(complete.frame, arm, reference=reference)
    pairs = contrast_pairs(contrasts, arms=levels, reference=reference)
    design = build_design(complete.frame, arm=arm, arms=levels, terms=terms, weights=weights)
    y = complete.frame[outcome].to_numpy(dtype=np.float64)
    fit = fit_least_squares(design.X, y, design.names)
    L = means_and_differences(design, pairs)
    inference = evaluate_contrasts(
        L,
        beta=fit.beta,
        vcov=fit.vcov,
        df=np.full(len(L), float(fit.df_residual)),
        conf_level=conf_level,
    )
    adjusted = "unadjusted" if covariates.strip() == "1" else f"adjusted for {covariates}"
    return AnalysisResult(
        method=f"{outcome} by {LEAST_SQUARES} (least squares), {adjusted}; "
        f"adjusted means with {weights} weights",
        estimates=label_rows(
            inference,
            levels=levels,
            pairs=pairs,
            people=arm_counts(complete.frame, arm),
            method=f"{LEAST_SQUARES}, {adjusted}",
            conf_level=conf_level,
        ),
        fit=statistics(
            {
                "n_subjects": len(y),
                "residual_df": fit.df_residual,
                "residual_std_dev": float(np.sqrt(fit.sigma2)),
                "r_squared": fit.r_squared,
            }
        ),
        notes=complete.notes,
        provenance=call(
            "ancova",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
            contrasts=contrasts,
            weights=weights,
            conf_level=conf_level,
        ),
    )


def arm_counts(frame: pd.DataFrame, arm: str) -> dict[str, int]:
    """Return the people of each arm."""
    counts = frame[arm].astype(str).value_counts()
    return {str(level): int(count) for level, count in counts.items()}


def label_rows(
    inference: Inference,
    *,
    levels: Sequence[str],
    pairs: Sequence[Pair],
    people: Mapping[str, int],
    method: str,
    conf_level: float,
) -> tuple[Estimate, ...]:
    """Return the adjusted means, then the differences, as labelled rows."""
    shared: dict[str, Any] = {"conf_level": conf_level, "method": method}
    means = [
        from_inference(
            inference,
            row,
            quantity="ls_mean",
            tested=False,
            arm=level,
            n_subjects=people[level],
            **shared,
        )
        for row, level in enumerate(levels)
    ]
    differences = [
        from_inference(
            inference,
            row,
            quantity="ls_mean_difference",
            arm=treatment,
            reference_arm=other,
            n_subjects=people[treatment] + people[other],
            **shared,
        )
        for row, (treatment, other) in enumerate(pairs, start=len(levels))
    ]
    return (*means, *differences)
