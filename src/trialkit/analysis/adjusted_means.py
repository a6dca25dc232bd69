"""Adjusted means of a fitted linear model, and their differences, as labelled rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import from_inference
from trialkit.design.contrasts import Pair
from trialkit.design.linear import LinearDesign, means_and_differences
from trialkit.errors import SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, covariance_of, evaluate_contrasts
from trialkit.numerics.least_squares import EXACT_FIT, LeastSquaresFit
from trialkit.numerics.robust_covariance import coefficient_covariance
from trialkit.numerics.simultaneous import Family, correlation_of, simultaneous
from trialkit.result.analysis_result import Estimate
from trialkit.terms import (
    BaselineModel,
    CovarianceEstimator,
    MarginalWeights,
    SimultaneousProcedure,
)

# What the procedures are called in the method of a row.
PROCEDURE_NAMES: Mapping[str, str] = {
    "tukey_kramer": tell("Tukey-Kramer"),
    "dunnett": tell("Dunnett"),
    "games_howell": tell("Games-Howell"),
    "scheffe": tell("Scheffé"),
    "bonferroni": tell("Bonferroni"),
    "sidak": tell("Šidák"),
}
# What the method of a result says of how categories are averaged.
WEIGHT_NAMES: Mapping[MarginalWeights, str] = {
    "equal": tell("adjusted means with equal weights"),
    "proportional": tell("adjusted means with proportional weights"),
    "counterfactual": tell("adjusted means with counterfactual weights"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """How the model is built and tested, with every default filled in."""

    model: BaselineModel
    weights: MarginalWeights
    vcov: CovarianceEstimator
    adjust: SimultaneousProcedure


def evaluate(
    design: LinearDesign,
    pairs: Sequence[Pair],
    y: FloatArray,
    fit: LeastSquaresFit,
    *,
    options: ModelOptions,
    conf_level: float,
) -> tuple[Inference, Inference, FloatArray | None]:
    """Return the inference of means, of differences, and their adjusted p-values, if any."""
    arms = len(design.arms)
    L = means_and_differences(design, pairs)
    kind = "HC2" if options.vcov == "superpopulation" else options.vcov
    beta, vcov = fit.beta, coefficient_covariance(design.X, y, fit, kind)
    if options.vcov == "superpopulation":
        L, beta, vcov = with_sampled_people(design, pairs, fit.beta, vcov)
    df = np.full(len(L), float(fit.df_residual))
    # An arm in which everyone is alike has a mean without an interval; its difference from
    # an arm that varies has one.
    means, differences = (
        evaluate_contrasts(
            L[rows],
            beta=beta,
            vcov=vcov,
            df=df[rows],
            conf_level=conf_level,
            must_vary=rows.start is not None,
        )
        for rows in (slice(None, arms), slice(arms, None))
    )
    if options.adjust == "none" or not pairs:
        return means, differences, None
    if options.adjust == "dunnett":
        require_one_reference(pairs)
    family = Family(correlation=correlation_of(L[arms:], vcov), arms=arms)
    together = simultaneous(differences, family, procedure=options.adjust, conf_level=conf_level)
    limits = replace(differences, conf_low=together.conf_low, conf_high=together.conf_high)
    return means, limits, together.p_adjusted


def with_sampled_people(
    design: LinearDesign, pairs: Sequence[Pair], beta: FloatArray, vcov: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return L, the arm means and their covariance, people counted as a sample.

    The average over people of an arm's prediction varies with the people too: their
    covariance over n is added to that of the coefficients (uncorrelated with it, for
    residuals are orthogonal to the covariates within each arm).
    """
    if design.predictions is None:
        raise AssertionError("predictions of people stand in counterfactual designs only")
    predicted = design.predictions @ beta
    size = np.max(np.abs(design.predictions) @ np.abs(beta), axis=1, keepdims=True)
    distance = predicted - predicted.mean(axis=1, keepdims=True)
    distance = np.where(np.abs(distance) <= EXACT_FIT * size, 0.0, distance)
    people = predicted.shape[1]
    sampled = distance @ distance.T / (people - 1) / people
    covariance = covariance_of(design.L, vcov) + sampled
    on_means = replace(design, L=np.eye(len(design.arms)))
    return means_and_differences(on_means, pairs), design.L @ beta, covariance


def spreadless_notes(means: Inference, levels: Sequence[str]) -> tuple[str, ...]:
    """Return the note that names the arms whose adjusted mean has no interval."""
    flat = [
        level for level, size in zip(levels, means.std_error, strict=True) if not np.isfinite(size)
    ]
    if not flat:
        return ()
    note = tell(
        "{arms}: the model fits everyone of the arm exactly, so its adjusted mean has "
        "no standard error and no interval",
        arms=tell_list(flat),
    )
    return (note,)


def require_one_reference(pairs: Sequence[Pair]) -> None:
    """Raise unless all contrasts share their reference arm."""
    references = list(dict.fromkeys(other for _, other in pairs))
    if len(references) > 1:
        raise SpecificationError(
            "adjust: Dunnett's procedure compares with one reference arm, found "
            f"{', '.join(references)}; choose tukey_kramer for pairs of arms"
        )


def arm_counts(frame: pd.DataFrame, arm: str) -> dict[str, int]:
    """Return the people of each arm."""
    counts = frame[arm].astype(str).value_counts()
    return {str(level): int(count) for level, count in counts.items()}


def label_rows(
    means: Inference,
    differences: Inference,
    p_adjusted: FloatArray | None,
    *,
    levels: Sequence[str],
    pairs: Sequence[Pair],
    people: Mapping[str, int],
    method: str,
    procedure: str,
    conf_level: float,
) -> tuple[Estimate, ...]:
    """Return the adjusted means, then the differences, as labelled rows."""
    shared: dict[str, Any] = {"conf_level": conf_level}
    mean_rows = [
        from_inference(
            means,
            row,
            quantity="ls_mean",
            tested=False,
            arm=level,
            n_subjects=people[level],
            method=method,
            **shared,
        )
        for row, level in enumerate(levels)
    ]
    difference_rows = [
        from_inference(
            differences,
            row,
            quantity="ls_mean_difference",
            arm=treatment,
            reference_arm=other,
            n_subjects=people[treatment] + people[other],
            method=with_limits(method, procedure),
            p_adjusted=None if p_adjusted is None else float(p_adjusted[row]),
            **shared,
        )
        for row, (treatment, other) in enumerate(pairs)
    ]
    return (*mean_rows, *difference_rows)


def with_limits(method: str, procedure: str) -> str:
    """Return the method of a difference, and of its simultaneous limits where it has some."""
    if procedure == "none":
        return method
    return tell("{method}, {procedure} limits", method=method, procedure=PROCEDURE_NAMES[procedure])
