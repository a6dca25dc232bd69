"""The coefficients of the linear model behind an ANCOVA, and how well it fits its records."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, from_inference, statistics
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.model_records import (
    ModelRecords,
    formula_words,
    model_figures,
    model_records,
    require_model_covariance,
    robust_words,
)
from trialkit.analysis.normality import normality_rows
from trialkit.design.linear import LinearDesign, build_design
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, evaluate_contrasts
from trialkit.numerics.diagnostics import (
    breusch_pagan,
    record_diagnostics,
    skewness,
)
from trialkit.numerics.least_squares import LeastSquaresFit, fit_least_squares, residuals
from trialkit.numerics.robust_covariance import (
    cluster_covariance,
    coefficient_covariance,
    satterthwaite_df,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import ClusterCovarianceEstimator, CovarianceEstimator, allowed

# What counts as far from the model: a residual in standard deviations, Cook's distance.
LARGE_RESIDUAL = 3.0
LARGE_DISTANCE = 1.0


def model_coefficients(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    vcov: CovarianceEstimator = "model",
    cluster: str | None = None,
    cluster_vcov: ClusterCovarianceEstimator = "CR2",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Estimate the coefficients of the model of ``ancova``.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; incomplete rows are left out and counted in ``notes``.
    outcome, arm, reference, covariates : str
        As in ``ancova``. The arm and other categories are coded against their first level,
        the arm against its reference.
    vcov : "model" or "HC0" to "HC4"
        Standard errors from one residual variance, or from the sandwich; t with the
        residual degrees of freedom either way.
    cluster : str, optional
        Column of the groups in which people go together (therapist, site): standard errors
        then come from ``cluster_vcov``, whatever ``vcov`` is.
    cluster_vcov : "CR0", "CR1" or "CR2"
        CR2 is Bell and McCaffrey's, with their degrees of freedom for each coefficient; CR0
        and CR1 use the number of clusters minus 1, and are too narrow with few clusters.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``coefficient`` of each column of the design (``term``), in the unit of the outcome
        per unit of the column; ``glance()`` has residual_df, residual_std_dev, r_squared,
        adjusted_r_squared, f_statistic on f_df and residual_df, log_likelihood, aic and
        bic.

    Raises
    ------
    SpecificationError, NotEstimableError
        As ``ancova``; NotEstimableError also if there is one cluster only.

    References
    ----------
    R: ``summary(lm(...))``, ``lmtest::coeftest(vcov. = sandwich::vcovHC)``,
    ``clubSandwich::coef_test``; SAS: ``PROC GLM; MODEL ... / SOLUTION``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "BASE": [1.0, 2, 3, 1, 2, 3],
    ...                       "AVAL": [2.0, 3.1, 3.9, 1.0, 2.1, 2.9]})
    >>> result = tk.model_coefficients(frame, outcome="AVAL", arm="arm", reference="a",
    ...                                covariates="BASE")
    >>> [(row.term, round(row.estimate, 3)) for row in result.estimates]
    [('Intercept', 1.1), ('arm[b]', -1.0), ('BASE', 0.95)]
    """
    require_conf_level(conf_level)
    require_model_covariance(vcov)
    require_word(cluster_vcov, allowed(ClusterCovarianceEstimator), option="cluster_vcov")
    records = model_records(
        frame,
        outcome=outcome,
        arm=arm,
        reference=reference,
        covariates=covariates,
        group=cluster,
    )
    design = build_design(records.frame, arm=arm, arms=records.levels, terms=records.terms)
    fit = fit_least_squares(design.X, records.y, design.names)
    kind = cluster_vcov if cluster else vcov
    rows = design.given_coefficients()
    covariance, df = covariance_and_df(design, records, fit, rows, kind=kind, cluster=cluster)
    inference = evaluate_contrasts(
        rows,
        beta=fit.beta,
        vcov=covariance,
        df=df,
        conf_level=conf_level,
        must_vary=fit.sigma2 == 0,
    )
    (errors,) = robust_words(kind) or (tell("the model's standard errors"),)
    clusters = {"clusters": records.frame[cluster].nunique()} if cluster else {}
    return AnalysisResult(
        method=tell(
            "Linear model of {outcome} on {arm} and {covariates}, {errors}",
            outcome=outcome,
            arm=arm,
            covariates=formula_words(covariates),
            errors=errors,
        ),
        estimates=tuple(
            from_inference(
                inference,
                row,
                quantity="coefficient",
                conf_level=conf_level,
                method=tell("least squares, {errors}", errors=errors),
                term=readable(name),
                n_subjects=len(records.y),
            )
            for row, name in enumerate(design.names)
        ),
        fit=(*model_figures(fit), *statistics(clusters)),
        notes=(*records.notes, *spreadless_notes(inference, design.names)),
        provenance=call(
            "model_coefficients",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
            vcov=vcov,
            cluster=cluster,
            cluster_vcov=cluster_vcov if cluster else None,
            conf_level=conf_level,
        ),
    )


def covariance_and_df(
    design: LinearDesign,
    records: ModelRecords,
    fit: LeastSquaresFit,
    rows: FloatArray,
    *,
    kind: str,
    cluster: str | None,
) -> tuple[FloatArray, FloatArray]:
    """Return the covariance of the coefficients, and the degrees of freedom of each row."""
    k = len(rows)
    if cluster is None or fit.sigma2 == 0:
        df = np.full(k, float(fit.df_residual))
        return coefficient_covariance(design.X, records.y, fit, kind), df
    residual = residuals(design.X, records.y, fit.beta)
    groups = records.frame[cluster].astype(str).to_numpy()
    robust = cluster_covariance(design.X, residual, groups, kind)
    if kind == "CR2":
        return robust.vcov, np.array([satterthwaite_df(robust, row) for row in rows])
    return robust.vcov, np.full(k, len(set(groups.tolist())) - 1.0)


def spreadless_notes(inference: Inference, names: Sequence[str]) -> tuple[str, ...]:
    """Return the note that names the coefficients without a standard error."""
    flat = [
        readable(name)
        for name, size in zip(names, inference.std_error, strict=True)
        if not np.isfinite(size)
    ]
    if not flat:
        return ()
    note = tell(
        "{terms}: the people who determine it are fitted exactly, so it has no standard "
        "error and no test",
        terms=tell_list(flat),
    )
    return (note,)


def readable(name: str) -> str:
    """Return a column of the design as it is read: the level of a category in brackets."""
    return name.replace("[T.", "[")


def model_diagnostics(
    frame: pd.DataFrame, *, outcome: str, arm: str, reference: str, covariates: str = "1"
) -> AnalysisResult:
    """Ask whether one record carries the model of ``ancova``, or its errors are unusual.

    A small p-value of the variance test is a reason to read the result with robust
    standard errors beside it; it never chooses them. The method is the plan's.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; incomplete rows are left out and counted in ``notes``.
    outcome, arm, reference, covariates : str
        As in ``ancova``.

    Returns
    -------
    AnalysisResult
        ``assumption_test``: the studentised Breusch-Pagan chi-square, its df and p
        (``term`` equal_variances), and of the residuals Shapiro and Wilk's test
        (normal_residuals; for 4 to 5000 records). ``glance()`` has largest_leverage,
        average_leverage, largest_cooks_distance and largest_std_residual (internally
        studentised), residual_skewness, large_residuals (how many are beyond 3 standard
        deviations) and influential_records (how many have a Cook's distance above 1) beside
        the figures of the fit.

    Raises
    ------
    SpecificationError, NotEstimableError
        As ``ancova``; NotEstimableError also if the model fits exactly.

    References
    ----------
    Cook RD (1977). Technometrics 19:15-18. Koenker R (1981). J Econometrics 17:107-112. R:
    ``hatvalues``, ``cooks.distance``, ``lmtest::bptest``.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaaabbbb"), "BASE": [1.0, 2, 3, 4, 1, 2, 3, 4],
    ...                       "AVAL": [2.0, 3.1, 3.9, 5.2, 1.0, 2.1, 2.9, 3.6]})
    >>> result = tk.model_diagnostics(frame, outcome="AVAL", arm="arm", reference="a",
    ...                               covariates="BASE")
    >>> round(float(result.glance().loc[0, "largest_leverage"]), 3)
    0.475
    """
    records = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates
    )
    design = build_design(records.frame, arm=arm, arms=records.levels, terms=records.terms)
    fit = fit_least_squares(design.X, records.y, design.names)
    residual = records.y - design.X @ fit.beta
    each = record_diagnostics(design.X, residual, fit.sigma2)
    test = breusch_pagan(design.X, residual)
    spread = Estimate(
        quantity="assumption_test",
        term="equal_variances",
        n_subjects=len(records.y),
        df=float(test.df),
        statistic=test.statistic,
        p_value=test.p_value,
        method=tell("Breusch-Pagan, studentised"),
    )
    return AnalysisResult(
        method=tell(
            "Diagnostics of the linear model of {outcome} on {arm} and {covariates}",
            outcome=outcome,
            arm=arm,
            covariates=formula_words(covariates),
        ),
        estimates=(spread, *normality_rows(residual)),
        fit=(
            *model_figures(fit),
            *statistics(
                {
                    "largest_leverage": float(each.leverage.max()),
                    "average_leverage": float(each.leverage.mean()),
                    "largest_cooks_distance": float(each.cooks_distance.max()),
                    "largest_std_residual": float(np.max(np.abs(each.std_residual))),
                    "residual_skewness": skewness(residual),
                    "large_residuals": int(np.sum(np.abs(each.std_residual) > LARGE_RESIDUAL)),
                    "influential_records": int(np.sum(each.cooks_distance > LARGE_DISTANCE)),
                }
            ),
        ),
        notes=records.notes,
        provenance=call(
            "model_diagnostics",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
        ),
    )
