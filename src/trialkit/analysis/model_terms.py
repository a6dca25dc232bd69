"""Tests of the terms of the linear model behind an ANCOVA."""

import pandas as pd

from trialkit.analysis.estimates import call
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.model_records import (
    formula_words,
    model_figures,
    model_records,
    require_model_covariance,
    robust_words,
)
from trialkit.analysis.one_way import share_row
from trialkit.design.model_terms import INTERCEPT, TermDesign, build_term_design
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.least_squares import LeastSquaresFit, fit_least_squares
from trialkit.numerics.robust_covariance import coefficient_covariance
from trialkit.numerics.term_tests import TermTest, term_test, type_three, type_two
from trialkit.numerics.variance_explained import eta_squared
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import CovarianceEstimator, SumsOfSquares, allowed


def model_terms(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    sums_of_squares: SumsOfSquares = "III",
    vcov: CovarianceEstimator = "model",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test every term of the model of ``ancova`` as a whole.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; incomplete rows are left out and counted in ``notes``.
    outcome, arm, reference, covariates : str
        As in ``ancova``. A term crossed with the arm (``"BASE + arm:BASE"``) asks whether
        its slope is the same in every arm.
    sums_of_squares : "III" or "II"
        Given all other terms, with categories coded to sum to zero and numbers as they are
        (so that a main effect stands where the numbers it is crossed with are 0); or given
        all terms that do not contain it.
    vcov : "model" or "HC0" to "HC4"
        Standard errors from one residual variance, or from the sandwich.
    conf_level : float
        Coverage of the lower limits of the effect sizes, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``joint_test`` of each term (``term``) with F, ``df_num``, ``df`` and p; under type
        III also the intercept's F, without p; with the model's covariance
        ``effect_size`` of each term, method partial_eta_squared, whose interval
        runs from its one-sided lower limit to 1.

    Raises
    ------
    SpecificationError, NotEstimableError
        As ``ancova``.

    References
    ----------
    Fox J, Weisberg S (2019). An R Companion to Applied Regression, 3rd ed. R:
    ``car::Anova``; SAS: ``PROC GLM; MODEL ... / SS3``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "BASE": [1.0, 2, 3, 1, 2, 3],
    ...                       "AVAL": [2.0, 3.1, 3.9, 1.0, 2.1, 2.9]})
    >>> result = tk.model_terms(frame, outcome="AVAL", arm="arm", reference="a",
    ...                         covariates="BASE")
    >>> [row.term for row in result.select(quantity="joint_test")]
    ['Intercept', 'arm', 'BASE']
    """
    require_conf_level(conf_level)
    require_word(sums_of_squares, allowed(SumsOfSquares), option="sums_of_squares")
    require_model_covariance(vcov)
    records = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates
    )
    design = build_term_design(records.frame, arm=arm, arms=records.levels, terms=records.terms)
    fit = fit_least_squares(design.X, records.y, design.names)
    covariance = coefficient_covariance(design.X, records.y, fit, vcov)
    tests = term_tests(design, fit, covariance, sums_of_squares)
    name = tell_list([tell("F test, type {kind}", kind=sums_of_squares), *robust_words(vcov)])
    people = len(records.y)
    shares = (
        share_row(
            eta_squared(test.F, test.df_num, test.df, conf_level=conf_level),
            people=people,
            method="partial_eta_squared",
            conf_level=conf_level,
            term=term,
        )
        for term, test in tests.items()
        if term != INTERCEPT and vcov == "model"
    )
    return AnalysisResult(
        method=tell(
            "Terms of the linear model of {outcome} on {arm} and {covariates}; {test}",
            outcome=outcome,
            arm=arm,
            covariates=formula_words(covariates),
            test=name,
        ),
        estimates=(*(term_row(term, test, people, name) for term, test in tests.items()), *shares),
        fit=model_figures(fit),
        notes=records.notes,
        provenance=call(
            "model_terms",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
            sums_of_squares=sums_of_squares,
            vcov=vcov,
            conf_level=conf_level,
        ),
    )


def term_tests(
    design: TermDesign, fit: LeastSquaresFit, vcov: FloatArray, sums_of_squares: SumsOfSquares
) -> dict[str, TermTest]:
    """Return the test of each term; type II has none of the intercept."""
    tests = {}
    for position, term in enumerate(design.terms):
        own = design.columns[position]
        if sums_of_squares == "III":
            L = type_three(own, design.given)
        elif term == INTERCEPT:
            continue
        else:
            factors = design.factors[position]
            relatives = [
                column
                for other, columns in zip(design.factors, design.columns, strict=True)
                if factors < other
                for column in columns
            ]
            L = type_two(own, relatives, vcov)
        tests[term] = term_test(
            L, beta=fit.beta, vcov=vcov, df=float(fit.df_residual), sigma2=fit.sigma2
        )
    return tests


def term_row(term: str, test: TermTest, people: int, method: str) -> Estimate:
    """Return the test of a term as a row; that of the intercept asks nothing, so has no p."""
    return Estimate(
        quantity="joint_test",
        term=term,
        n_subjects=people,
        df_num=float(test.df_num),
        df=test.df,
        statistic=test.F,
        p_value=None if term == INTERCEPT else test.p_value,
        method=method,
    )
