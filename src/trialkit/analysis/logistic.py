"""Logistic regression: the odds of responding, adjusted for covariates."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trialkit.analysis.adjusted_means import arm_counts
from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_columns, require_conf_level, require_word
from trialkit.analysis.likelihood_rows import (
    TESTS,
    LogOddsRatio,
    coefficient_rows,
    compared_matrix,
    model_matrix,
    odds_ratio_row,
    require_plain_arm,
)
from trialkit.analysis.model_records import adjusted_words, model_records
from trialkit.analysis.responders import response_values
from trialkit.design.contrasts import contrast_pairs
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.logistic import coefficient_limits, fit_logistic, likelihood_ratio
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import CoefficientInterval, ContrastFamily, allowed


def logistic(
    frame: pd.DataFrame,
    *,
    response: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: CoefficientInterval = "profile",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare the odds of responding between arms, adjusted for covariates.

    An adjusted odds ratio is conditional on the covariates and lies, as a rule, farther
    from 1 than the unadjusted one; the two estimate different things.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing response, arm or covariate is left out,
        and ``notes`` count them by arm.
    response, arm : str
        Columns; the response is 0, 1 or missing (or a boolean).
    reference : str
        The arm that the others are compared with.
    covariates : str
        Right-hand side of a formula, as in ``ancova``, without the arm.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which comparisons.
    interval : "profile" or "wald"
        Of the odds ratio, with the test that belongs to it: likelihood ratio (chi-square
        on 1 df) or Wald (z).
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``odds_ratio`` of each contrast (std_error is that of its logarithm) and
        ``coefficient`` of each term (log odds ratios with Wald tests; the arm's are named
        "arm: level"); ``glance()`` has n_subjects, log_likelihood, deviance, steps and
        max_gradient.

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist, or the covariates are no formula
        of columns.
    DataError
        If a response is anything but 0, 1 or missing.
    NotEstimableError
        If everyone responds or nobody, a term depends on others, or a term separates
        responders from the rest so that its coefficient is infinite (it is named).

    References
    ----------
    McCullagh P, Nelder JA (1989). Generalized Linear Models, 2nd ed., chapter 4. Venzon DJ,
    Moolgavkar SH (1988). Appl Statist 37:87-94. R: ``glm(family = binomial)``; SAS:
    ``PROC LOGISTIC; CLODDS=PL``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "better": [0, 0, 0, 1, 1, 1, 1, 0]})
    >>> result = logistic(frame, response="better", arm="arm", reference="a")
    >>> round(result.select(quantity="odds_ratio")[0].estimate, 6)
    9.0
    """
    require_conf_level(conf_level)
    require_word(interval, allowed(CoefficientInterval), option="interval")
    require_columns(frame, [response])
    answered = frame.assign(**{response: response_values(frame, response)})
    records = model_records(
        answered, outcome=response, arm=arm, reference=reference, covariates=covariates
    )
    require_plain_arm(records.terms, arm)
    levels, y = records.levels, records.y
    pairs = contrast_pairs(contrasts, arms=levels, reference=reference)
    X, names = model_matrix(records.frame, arm=arm, levels=levels, terms=records.terms)
    fit = fit_logistic(X, y, names)
    adjusted = adjusted_words(covariates)
    method = tell("logistic regression, {adjusted}", adjusted=adjusted)
    people = arm_counts(records.frame, arm)
    ratios = [
        odds_ratio_row(
            compare(*compared_matrix(X, levels, pair), y, names, interval, conf_level),
            conf_level=conf_level,
            method=method,
            pair=pair,
            people=people,
        )
        for pair in pairs
    ]
    coefficients = coefficient_rows(
        fit.beta, fit.vcov, names, n_subjects=len(y), conf_level=conf_level, method=method
    )
    return AnalysisResult(
        method=tell(
            "{response} by logistic regression, {adjusted}; {test}",
            response=response,
            adjusted=adjusted,
            test=TESTS[interval],
        ),
        estimates=(*ratios, *coefficients),
        fit=statistics(
            {
                "n_subjects": len(y),
                "log_likelihood": fit.log_likelihood,
                "deviance": fit.deviance,
                "steps": fit.steps,
                "max_gradient": fit.max_gradient,
            }
        ),
        notes=records.notes,
        provenance=call(
            "logistic",
            response=response,
            arm=arm,
            reference=reference,
            covariates=covariates,
            contrasts=contrasts,
            interval=interval,
            conf_level=conf_level,
        ),
    )


def compare(
    X: FloatArray,
    column: int,
    y: FloatArray,
    names: Sequence[str],
    interval: CoefficientInterval,
    conf_level: float,
) -> LogOddsRatio:
    """Return one coefficient as a contrast, with its profile where that is asked for."""
    fit = fit_logistic(X, y, names)
    profile = None
    if interval == "profile":
        limits = coefficient_limits(fit, column, conf_level=conf_level)
        profile = (*limits, likelihood_ratio(fit, column))
    return LogOddsRatio(
        estimate=float(fit.beta[column]),
        std_error=float(np.sqrt(fit.vcov[column, column])),
        profile=profile,
    )
