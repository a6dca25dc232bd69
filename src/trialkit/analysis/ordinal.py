"""Ordered outcomes: the proportional odds model."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

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
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import DataError, NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.ordinal import (
    CumulativeFit,
    coefficient_limits,
    fit_proportional_odds,
    likelihood_ratio,
    proportionality_test,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import CoefficientInterval, ContrastFamily, allowed

# What keeps the wider model from being fitted, without the advice that a refusal ends with.
NO_MAXIMUM: Final = tell("the proportional odds model has no finite maximum")
SEPARATED: Final = ": separates higher categories from lower ones, so its coefficient is infinite"


def proportional_odds(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: CoefficientInterval = "profile",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare an ordered outcome between arms by one odds ratio for all its thresholds.

    The odds ratio is that of a *higher* category under treatment, whichever threshold
    divides higher from lower: logit P(Y <= k) = threshold k - effects.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome, arm or covariate is left out,
        and ``notes`` count them by arm.
    outcome, arm : str
        Columns; the outcome is an ordered categorical, or numbers whose order counts.
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
        ``odds_ratio`` of each contrast (std_error is that of its logarithm),
        ``coefficient`` of each term (log odds ratios of a higher category, the arm's named
        "arm: level") and of each threshold ("1|2"), with Wald tests, and
        ``assumption_test`` with the arm as its term: the likelihood-ratio test of one odds
        ratio for all thresholds. ``glance()`` has n_subjects, categories, log_likelihood,
        steps and max_gradient.

    Raises
    ------
    SpecificationError
        If a column, an arm or an option does not exist, or the covariates are no formula
        of columns.
    DataError
        If the outcome has no order.
    NotEstimableError
        If only one category occurs, a term depends on others, or a term orders the
        categories without overlap so that its coefficient is infinite (it is named).

    References
    ----------
    McCullagh P (1980). J R Statist Soc B 42:109-142. R: ``ordinal::clm``, ``MASS::polr``;
    SAS: ``PROC LOGISTIC; DESCENDING``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaaaabbbbbb"),
    ...                       "relief": [1, 1, 2, 2, 3, 1, 2, 3, 3, 3, 2, 1]})
    >>> result = proportional_odds(frame, outcome="relief", arm="arm", reference="a")
    >>> round(result.select(quantity="odds_ratio")[0].estimate, 4)
    5.0
    """
    require_conf_level(conf_level)
    require_word(interval, allowed(CoefficientInterval), option="interval")
    require_columns(frame, [outcome])
    require_order(frame, outcome)
    records = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates, ordered=True
    )
    require_plain_arm(records.terms, arm)
    levels = records.levels
    pairs = contrast_pairs(contrasts, arms=levels, reference=reference)
    X, names = model_matrix(records.frame, arm=arm, levels=levels, terms=records.terms)
    codes, categories, empty = category_codes(records.frame[outcome])
    fit = fit_proportional_odds(X[:, 1:], codes, names[1:])
    adjusted = adjusted_words(covariates)
    method = tell("proportional odds, {adjusted}", adjusted=adjusted)
    people = arm_counts(records.frame, arm)
    ratios = [
        odds_ratio_row(
            compare(*compared_matrix(X, levels, pair), codes, names, interval, conf_level),
            conf_level=conf_level,
            method=method,
            pair=pair,
            people=people,
        )
        for pair in pairs
    ]
    bounds = [f"{below}|{above}" for below, above in pairwise(categories)]
    coefficients = coefficient_rows(
        np.concatenate([fit.beta, fit.thresholds]),
        fit.vcov,
        [*names[1:], *bounds],
        n_subjects=len(codes),
        conf_level=conf_level,
        method=method,
    )
    assumption, untested = proportionality_rows(fit, X, codes, names, arms=len(levels), arm=arm)
    return AnalysisResult(
        method=tell(
            "{outcome} by proportional odds (cumulative logits), {adjusted}; {test}; odds of a "
            "higher category",
            outcome=outcome,
            adjusted=adjusted,
            test=TESTS[interval],
        ),
        estimates=(*ratios, *coefficients, *assumption),
        fit=statistics(
            {
                "n_subjects": len(codes),
                "categories": len(categories),
                "log_likelihood": fit.log_likelihood,
                "steps": fit.steps,
                "max_gradient": fit.max_gradient,
            }
        ),
        notes=(*records.notes, *empty_note(outcome, empty), *untested),
        provenance=call(
            "proportional_odds",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
            contrasts=contrasts,
            interval=interval,
            conf_level=conf_level,
        ),
    )


def require_order(frame: pd.DataFrame, outcome: str) -> None:
    """Raise DataError unless an outcome is an ordered categorical or finite numbers."""
    column = frame[outcome]
    if isinstance(column.dtype, pd.CategoricalDtype):
        if not column.cat.ordered:
            raise DataError(
                f"{outcome}: expected ordered categories or numbers, found categories without an "
                "order; make it pd.Categorical(..., ordered=True)"
            )
        return
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_complex_dtype(column):
        raise DataError(
            f"{outcome}: expected ordered categories or numbers, found {column.dtype} values"
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(f"{outcome}: expected finite numbers, found infinite ones")


def category_codes(column: pd.Series) -> tuple[np.ndarray, list[str], list[str]]:
    """Return the codes 0 .. K - 1 of the categories that occur, their labels, the empty ones."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        occurring = column.cat.remove_unused_categories()
        empty = [
            str(level) for level in column.cat.categories if level not in occurring.cat.categories
        ]
        labels = [str(level) for level in occurring.cat.categories]
        return occurring.cat.codes.to_numpy(dtype=np.int64), labels, empty
    values, codes = np.unique(column.to_numpy(dtype=np.float64), return_inverse=True)
    return codes.astype(np.int64), [f"{value:g}" for value in values], []


def empty_note(outcome: str, empty: Sequence[str]) -> tuple[str, ...]:
    """Return the note on declared categories that nobody is in."""
    if not empty:
        return ()
    note = tell(
        "{outcome}: nobody is in {categories}; the model has no threshold there",
        outcome=outcome,
        categories=tell_list(empty),
    )
    return (note,)


def compare(
    X: FloatArray,
    column: int,
    codes: np.ndarray,
    names: Sequence[str],
    interval: CoefficientInterval,
    conf_level: float,
) -> LogOddsRatio:
    """Return one coefficient as a contrast, with its profile where that is asked for."""
    fit = fit_proportional_odds(X[:, 1:], codes, names[1:])
    own = column - 1
    profile = None
    if interval == "profile":
        limits = coefficient_limits(fit, own, conf_level=conf_level)
        profile = (*limits, likelihood_ratio(fit, own))
    return LogOddsRatio(
        estimate=float(fit.beta[own]),
        std_error=float(np.sqrt(fit.vcov[own, own])),
        profile=profile,
    )


def proportionality_rows(
    fit: CumulativeFit,
    X: FloatArray,
    codes: np.ndarray,
    names: Sequence[str],
    *,
    arms: int,
    arm: str,
) -> tuple[list[Estimate], tuple[str, ...]]:
    """Return the test of one odds ratio for all thresholds, or a note why there is none."""
    try:
        found = proportionality_test(fit, X[:, 1:], codes, names[1:], range(arms - 1))
    except NotEstimableError as error:
        untested = tell(
            "proportional odds of {arm} not tested, no wider model: {reason}",
            arm=arm,
            reason=without_advice(error),
        )
        return [], (untested,)
    row = Estimate(
        quantity="assumption_test",
        term=arm,
        n_subjects=len(codes),
        statistic=found.statistic,
        df=float(found.df),
        p_value=found.p_value,
        method=tell("likelihood-ratio test of proportional odds"),
    )
    return [row], ()


def without_advice(error: NotEstimableError) -> str:
    """Return why the wider model cannot be fitted, without what to do about it."""
    refusal: str = error.args[0]
    reason, advice, _ = refusal.partition(";")
    if not advice:
        return refusal
    if reason == NO_MAXIMUM:
        return NO_MAXIMUM
    if reason.endswith(SEPARATED):
        return tell(
            "{terms}: separates higher categories from lower ones, so its coefficient is infinite",
            terms=reason.removesuffix(SEPARATED),
        )
    return reason
