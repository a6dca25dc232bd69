"""What models fitted by maximum likelihood share: contrasts of arms as coefficients, their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import pandas as pd

from trialkit.design.contrasts import Pair
from trialkit.design.linear import Terms, build_design
from trialkit.errors import SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import chi_square_p_value, normal_p_value, normal_quantile
from trialkit.result.analysis_result import Estimate

TESTS: Mapping[str, str] = {
    "profile": tell("profile-likelihood interval, likelihood-ratio test"),
    "wald": tell("Wald interval and test"),
}


def require_plain_arm(terms: Terms, arm: str) -> None:
    """Raise where the arm is a covariate: an odds ratio would depend on the person."""
    if arm in terms.columns:
        raise SpecificationError(
            f"covariates: expected columns other than the arm {arm!r}, which is in the model "
            "already; an interaction with it has no single odds ratio"
        )


def model_matrix(
    frame: pd.DataFrame, *, arm: str, levels: Sequence[str], terms: Terms
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the intercept, the arms against the first, the covariates; and plain names."""
    design = build_design(frame, arm=arm, arms=levels, terms=terms, centring=False)
    names = [*design.names]
    names[1 : len(levels)] = [f"{arm}: {level}" for level in levels[1:]]
    return design.X, tuple(names)


def compared_matrix(X: FloatArray, levels: Sequence[str], pair: Pair) -> tuple[FloatArray, int]:
    """Return a matrix of the same model in which one coefficient is the contrast asked for.

    Making the contrast's own reference the one that the others are compared with changes
    no fitted value.
    """
    treatment, other = (list(levels).index(level) for level in pair)
    if other == 0:
        return X, treatment
    first = 1 - X[:, 1 : len(levels)].sum(axis=1)
    turned = X.copy()
    turned[:, other] = first
    if treatment == 0:
        return turned, other
    return turned, treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOddsRatio:
    """A contrast of two arms on the log-odds scale.

    ``profile`` holds the profile-likelihood limits and the likelihood-ratio statistic; it
    is None where Wald's are asked for.
    """

    estimate: float
    std_error: float
    profile: tuple[float, float, float] | None


def odds_ratio_row(
    found: LogOddsRatio, *, conf_level: float, method: str, pair: Pair, people: Mapping[str, int]
) -> Estimate:
    """Return an odds ratio with its interval and test; std_error is that of the logarithm."""
    df: float | None = None
    if found.profile is None:
        half = normal_quantile(conf_level) * found.std_error
        low, high = found.estimate - half, found.estimate + half
        statistic = found.estimate / found.std_error
        p_value = normal_p_value(statistic)
    else:
        low, high, statistic = found.profile
        df, p_value = 1.0, chi_square_p_value(statistic, 1)
    return Estimate(
        quantity="odds_ratio",
        arm=pair[0],
        reference_arm=pair[1],
        n_subjects=people[pair[0]] + people[pair[1]],
        estimate=exp(found.estimate),
        std_error=found.std_error,
        df=df,
        statistic=statistic,
        p_value=p_value,
        conf_low=exp(low),
        conf_high=exp(high),
        conf_level=conf_level,
        method=tell_list([method, TESTS["wald" if found.profile is None else "profile"]]),
    )


def coefficient_rows(
    estimates: FloatArray,
    vcov: FloatArray,
    names: Sequence[str],
    *,
    n_subjects: int,
    conf_level: float,
    method: str,
) -> list[Estimate]:
    """Return every coefficient with its Wald test and interval, on the log-odds scale."""
    rows = []
    half = normal_quantile(conf_level)
    for name, estimate, variance in zip(
        names, estimates.tolist(), np.diag(vcov).tolist(), strict=True
    ):
        std_error = sqrt(variance)
        rows.append(
            Estimate(
                quantity="coefficient",
                term=name,
                n_subjects=n_subjects,
                estimate=estimate,
                std_error=std_error,
                statistic=estimate / std_error,
                p_value=normal_p_value(estimate / std_error),
                conf_low=estimate - half * std_error,
                conf_high=estimate + half * std_error,
                conf_level=conf_level,
                method=tell("{method}, Wald", method=method),
            )
        )
    return rows
