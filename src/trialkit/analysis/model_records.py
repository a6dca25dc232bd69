"""What the verbs on a model of arm and covariates share: its records, its words, its figures."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import statistics
from trialkit.analysis.frames import (
    compared_levels,
    complete_cases,
    require_columns,
    require_numeric,
    require_word,
)
from trialkit.design.linear import Terms, crossed, parse_terms
from trialkit.errors import SpecificationError
from trialkit.language.told import Told, tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.least_squares import LeastSquaresFit, fit_figures
from trialkit.result.analysis_result import FitStatistic
from trialkit.terms import CovarianceEstimator, allowed

# What stands between the columns of a formula.
SIGNS = re.compile(r"((?:\bC\(|(?<![\w.])\d+(?![\w.])|[\s+*:|/()])+)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelRecords:
    """The complete records of a model, its outcome, arms (reference first) and covariates."""

    frame: pd.DataFrame
    outcome: str
    levels: tuple[str, ...]
    terms: Terms
    notes: tuple[str, ...]

    @property
    def y(self) -> FloatArray:
        """The outcome as floats."""
        return self.frame[self.outcome].to_numpy(dtype=np.float64)


def model_records(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str,
    group: str | None = None,
    ordered: bool = False,
) -> ModelRecords:
    """Check the columns of a model and set incomplete records aside.

    ``group`` is a column that the model needs besides (a cluster, a trial); an ``ordered``
    outcome may be categories, any other is numeric.
    """
    terms = parse_terms(covariates)
    columns = [outcome, *([group] if group else []), *terms.columns]
    require_columns(frame, [*columns, arm])
    if not ordered:
        require_numeric(frame, outcome)
    require_own_roles(terms, outcome=outcome, arm=arm)
    complete = complete_cases(frame, columns=columns, arm=arm)
    return ModelRecords(
        frame=complete.frame,
        outcome=outcome,
        levels=compared_levels(complete.frame, arm, reference=reference),
        terms=terms,
        notes=complete.notes,
    )


def require_own_roles(terms: Terms, *, outcome: str, arm: str) -> None:
    """Raise if the outcome is the arm or a covariate, or the arm a covariate by itself.

    Crossed with a covariate (``"arm:BASE"``) the arm asks for slopes of its own.
    """
    if outcome == arm:
        raise SpecificationError(
            f"outcome: expected another column than the arm's, found {outcome!r} for both"
        )
    if outcome in terms.columns:
        raise SpecificationError(
            f"covariates: expected columns other than the outcome, found {outcome!r}"
        )
    if arm in terms.columns and not crossed(terms, arm):
        raise SpecificationError(
            f"covariates: expected columns other than the arm, which is in the model already, "
            f"found {arm!r}; leave it out"
        )


def formula_words(formula: str) -> Told | int:
    """Return a formula as it is, its columns one by one so that each can be called by a label.

    >>> formula_words("BASE + C(site)")
    'BASE + C(site)'
    >>> formula_words("BASE + C(site)").parts
    ('BASE', ' + C(', 'site', ')', '')
    >>> formula_words("1")
    1
    """
    return 1 if formula == "1" else tell_list(SIGNS.split(formula), "")


def adjusted_words(covariates: str) -> Told:
    """Return what a model is adjusted for, in words."""
    if covariates.strip() == "1":
        return tell("unadjusted")
    return tell("adjusted for {covariates}", covariates=formula_words(covariates))


def robust_words(vcov: str) -> tuple[Told, ...]:
    """Return what a method says of standard errors; nothing of the model's own."""
    if vcov == "model":
        return ()
    if vcov == "superpopulation":
        return (tell("HC2 standard errors that count the sampling of the covariates"),)
    return (tell("{estimator} standard errors", estimator=vcov),)


def require_model_covariance(vcov: CovarianceEstimator) -> None:
    """Raise unless a covariance is one of the coefficients alone."""
    require_word(vcov, allowed(CovarianceEstimator), option="vcov")
    if vcov == "superpopulation":
        raise SpecificationError(
            "vcov: expected model or HC0 to HC4, found 'superpopulation', which is for adjusted "
            "means alone"
        )


def model_figures(fit: LeastSquaresFit) -> tuple[FitStatistic, ...]:
    """Return what is printed about a linear model as a whole."""
    whole = fit_figures(fit)
    return statistics(
        {
            "n_subjects": fit.df_residual + fit.beta.size,
            "residual_df": fit.df_residual,
            "residual_std_dev": float(np.sqrt(fit.sigma2)),
            "r_squared": fit.r_squared,
            "adjusted_r_squared": whole.adjusted_r_squared,
            "f_statistic": whole.F,
            "f_df": whole.F_df,
            "log_likelihood": whole.log_likelihood,
            "aic": whole.aic,
            "bic": whole.bic,
        }
    )
