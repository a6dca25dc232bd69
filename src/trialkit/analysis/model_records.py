"""What the verbs on one linear model share: its complete records and the figures of its fit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import statistics
from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_numeric,
    require_word,
)
from trialkit.design.linear import Terms, parse_terms
from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.least_squares import LeastSquaresFit, fit_figures
from trialkit.result.analysis_result import FitStatistic
from trialkit.terms import CovarianceEstimator, allowed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelRecords:
    """The complete records of a model, its outcome, arms (reference first) and covariates."""

    frame: pd.DataFrame
    y: FloatArray
    levels: tuple[str, ...]
    terms: Terms
    notes: tuple[str, ...]


def model_records(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str,
    cluster: str | None = None,
) -> ModelRecords:
    """Check the columns of a model and set incomplete records aside."""
    terms = parse_terms(covariates)
    columns = [outcome, *terms.columns, *([cluster] if cluster else [])]
    require_columns(frame, [*columns, arm])
    require_numeric(frame, outcome)
    complete = complete_cases(frame, columns=columns, arm=arm)
    return ModelRecords(
        frame=complete.frame,
        y=complete.frame[outcome].to_numpy(dtype=np.float64),
        levels=arm_levels(complete.frame, arm, reference=reference),
        terms=terms,
        notes=complete.notes,
    )


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
