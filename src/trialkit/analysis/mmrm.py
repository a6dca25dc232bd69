"""The mixed model for repeated measures."""

from collections.abc import Mapping, Sequence

import numpy as np

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.mmrm_inference import model_tests, robust_errors
from trialkit.analysis.mmrm_options import (
    DF_NAMES,
    LIKELIHOOD_NAMES,
    MmrmOptions,
    mmrm_options,
    structure_name,
)
from trialkit.analysis.mmrm_rows import (
    coefficient_rows,
    constant,
    constant_notes,
    joint_notes,
    joint_rows,
    mean_and_difference_rows,
)
from trialkit.analysis.model_records import adjusted_words
from trialkit.analysis.threads import on_one_thread
from trialkit.analysis.visit_columns import read_columns
from trialkit.analysis.visit_model import SpatialBlocks, VisitModel, fit_visit_model
from trialkit.analysis.visit_sources import VisitData, VisitSource, visit_data
from trialkit.analysis.visit_totals import design_matrix
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import SpecificationError
from trialkit.language.told import tell, tell_count, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.distance_structures import Distances, distance_blocks
from trialkit.numerics.mixed_fit import smallest_eigenvalue
from trialkit.numerics.mixed_sandwich import RobustCovariance
from trialkit.result.analysis_result import AnalysisResult, Estimate, FitStatistic
from trialkit.terms import (
    AdjustOver,
    ContrastFamily,
    CovarianceName,
    DfMethod,
    MarginalWeights,
    MixedCovarianceEstimator,
    SimultaneousProcedure,
    VisitEffects,
    VisitSummary,
)


@on_one_thread
def mmrm(  # noqa: PLR0913 -- every option is a decision of the analysis plan
    frame: VisitSource,
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    covariance: CovarianceName | Sequence[CovarianceName] = "unstructured",
    df_method: DfMethod = "kenward_roger",
    reml: bool = True,
    group_covariance: str | None = None,
    weights: str | None = None,
    visit_effects: VisitEffects = "by_arm",
    vcov: MixedCovarianceEstimator = "model",
    margins: MarginalWeights = "equal",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    summaries: Sequence[VisitSummary] = (),
    adjust: SimultaneousProcedure = "none",
    adjust_over: AdjustOver = "arms",
    times: Mapping[str, float] | str | Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare arms at every visit by a linear model with correlated errors.

    y_i = X_i beta + e_i, e_i ~ N(0, Sigma_i): arm, visit, their interaction and covariates,
    no random effects, and one covariance matrix of the visits of which subject i has the
    rows and columns of the visits observed. Valid where what is missing depends on what was
    observed (missing at random). The maximum of the likelihood is found by Newton steps
    with exact derivatives.

    Parameters
    ----------
    frame : DataFrame; path of Parquet; iterable of DataFrame; Dask DataFrame
        One row per subject and visit; a row with a missing outcome or covariate is left out,
        and the number left out per arm is in ``notes``. Data larger than memory are read in
        parts that are reduced to totals: a Parquet file or a folder of them; a list of
        frames, or a function that returns an iterator of frames (gone through twice); an
        iterator (once: its categories are categoricals); a Dask DataFrame, reduced where its
        partitions are. A subject stands in one part, or goes on at the start of the next
        (not so in Dask); what is remembered of it is 8 bytes. Robust ``vcov`` and times of
        each record need a DataFrame.
    outcome, subject, visit, arm : str
        Columns of ``frame``; the outcome is numeric. Visits are ordered as an ordered
        categorical says, as numbers by size, otherwise by the numbers in their names (VIS2
        before VIS10, Day -8 before Day -2).
    reference : str
        The arm that the others are compared with.
    covariates : str
        Right-hand side of a formula: ``"BASE + BASE:AVISIT + SEX"``. Text is a category,
        numbers are numbers unless wrapped in ``C()``.
    covariance : str or list of str
        ``unstructured``; ``compound_symmetry``, ``ar1``, ``toeplitz``, ``ante_dependence``,
        each also with ``heterogeneous_`` before it (a variance for each visit);
        ``spatial_exponential`` and ``spatial_gaussian`` in ``times``. A list is a ladder: the
        first that can be fitted is reported, and the notes say why those before it could not.
    df_method : str
        ``kenward_roger`` (standard errors and df as SAS ``DDFM=KR``),
        ``kenward_roger_linear`` (``KR(LINEAR)``, R's ``Kenward-Roger-Linear``),
        ``satterthwaite``, ``between_within`` or ``residual``.
    reml : bool
        Restricted likelihood (the default), or the plain one, which has no Kenward-Roger
        correction.
    group_covariance : str, optional
        Column (mostly the arm) each level of which has a covariance matrix of its own.
    weights : str, optional
        Column of positive weights; the variance of a record is divided by its weight.
    visit_effects : "by_arm", "common" or "none"
        Arm x visit (the default), arm + visit, or arm alone.
    vcov : "model", "CR0", "CR2" or "CR3"
        Standard errors of the model, or from the sandwich over subjects, plain,
        bias-reduced or jackknife.
    margins : "equal" or "proportional"
        How adjusted means average over the levels of other categories: alike, or by the
        records that have them.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    summaries : sequence of "average", "slope"
        Also the mean over visits (alike), or the least-squares slope over ``times``, of the
        adjusted means.
    adjust : "none", "tukey_kramer", "dunnett", "scheffe", "bonferroni" or "sidak"
        With a procedure, the limits of the differences of a family hold all together and
        ``p_adjusted`` is filled in; ``p_value`` stays each contrast's own. ``dunnett`` is the
        distribution of the largest of the correlated t statistics, on the fewest degrees of
        freedom among them.
    adjust_over : "arms", "visits" or "all"
        The family: the contrasts at one visit, one contrast at all visits, or everything.
    times : dict, str or list of str, optional
        When each visit is, for spatial structures and slopes (refused without); by default the
        number in its name. For spatial structures also columns: the time of each record.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``ls_mean`` of each visit and arm and ``ls_mean_difference`` of each visit and contrast
        (with ``term`` average or slope and no visit for a summary), ``joint_test`` of the
        interaction (``arm:visit``, if the model has one) and of arm at any visit (``arm``),
        ``coefficient`` rows. A row that the data say nothing about (a slope that the model
        sets to 0, a robust error of residuals of 0) has its estimate alone; the notes say so.
        ``glance()`` has log_likelihood, aic, aicc, bic, n_subjects, n_records,
        n_parameters (of the covariance), covariance, converged, gradient_norm, iterations,
        smallest_eigenvalue; ``fit`` also the entries of the covariance matrix and its
        correlations, ``covariance[VIS1, VIS2]``.

    Raises
    ------
    SpecificationError
        If a column, the reference or a contrast does not exist, or options are unknown,
        exclude each other, or are read by nothing.
    DataError
        If a subject has a visit twice or is in two arms, a weight is not positive (the records
        are attached), or numbers, or their products, cannot be squared.
    NotEstimableError
        If a visit has records in some arms only, the outcome is the same for everyone at a
        visit, a term is a linear combination of others (it is named), two visits never meet in
        one subject under an unstructured covariance, or no degrees of freedom are left.
    ConvergenceError
        If the likelihood has no maximum; the record of the search is attached.

    References
    ----------
    Mallinckrodt CH, Clark WS, David SR (2001). J Biopharm Stat 11:9-21. Kenward MG, Roger JH
    (1997). Biometrics 53:983-997. SAS: ``PROC MIXED; MODEL ... / DDFM=KR; REPEATED visit /
    SUBJECT=id TYPE=UN``; R: ``mmrm::mmrm(method = "Kenward-Roger", vcov =
    "Kenward-Roger-Linear")`` with ``emmeans``.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> frame = pd.DataFrame({"USUBJID": np.repeat(np.arange(40), 3),
    ...                       "AVISIT": ["Week 2", "Week 4", "Week 8"] * 40,
    ...                       "TRT01P": np.repeat(["sham", "mindfulness"], 60)})
    >>> person = np.repeat(rng.normal(size=40), 3)
    >>> frame["AVAL"] = 5 - 1.0 * (frame["TRT01P"] == "mindfulness") + person
    >>> frame["AVAL"] += rng.normal(size=120)
    >>> result = tk.mmrm(frame, outcome="AVAL", subject="USUBJID", visit="AVISIT",
    ...                  arm="TRT01P", reference="sham")
    >>> row = result.select(quantity="ls_mean_difference", visit="Week 8")[0]
    >>> row.arm, row.reference_arm, round(row.df, 6)
    ('mindfulness', 'sham', 38.0)
    """
    options = mmrm_options(
        covariance=covariance,
        df_method=df_method,
        reml=reml,
        visit_effects=visit_effects,
        vcov=vcov,
        margins=margins,
        summaries=summaries,
        adjust=adjust,
        adjust_over=adjust_over,
        times=times,
        conf_level=conf_level,
    )
    columns = read_columns(
        outcome=outcome,
        subject=subject,
        visit=visit,
        arm=arm,
        covariates=covariates,
        group=group_covariance,
        weights=weights,
        coordinates=options.coordinates,
    )
    data = visit_data(frame, columns, reference=reference, options=options)
    pairs = contrast_pairs(contrasts, arms=data.arms, reference=reference)
    model = fit_visit_model(
        data.totals,
        data.coding,
        outcome=outcome,
        origin=data.origin,
        groups=data.groups,
        options=options,
        spatial=spatial_blocks(data) if options.coordinates else None,
    )
    robust = robust_errors(data.records, model, options)
    tests = model_tests(model, options, robust)
    method = row_method(model, options)
    means = mean_and_difference_rows(model, tests, pairs, options=options, method=method)
    joint = joint_rows(model, tests, options=options, method=method)
    coefficients = coefficient_rows(model, tests, options=options, method=method)
    return AnalysisResult(
        method=tell(
            "{outcome} by a mixed model for repeated measures ({method}), {adjusted}",
            outcome=outcome,
            method=method,
            adjusted=adjusted_words(covariates),
        ),
        estimates=(*means, *joint, *coefficients),
        fit=fit_figures(model, options),
        notes=(
            *data.notes,
            *model.notes,
            *robust_notes(robust, [*means, *coefficients]),
            *constant_notes(means),
            *joint_notes(joint),
        ),
        provenance=call(
            "mmrm",
            outcome=outcome,
            subject=subject,
            visit=visit,
            arm=arm,
            reference=reference,
            covariates=covariates,
            covariance=covariance,
            df_method=df_method,
            reml=reml,
            group_covariance=group_covariance,
            weights=weights,
            visit_effects=None if visit_effects == "by_arm" else visit_effects,
            vcov=None if vcov == "model" else vcov,
            margins=margins,
            contrasts=contrasts,
            summaries=tuple(summaries) or None,
            adjust=None if adjust == "none" else adjust,
            adjust_over=None if adjust == "none" else adjust_over,
            times=times,
            conf_level=conf_level,
        ),
    )


def spatial_blocks(data: VisitData) -> SpatialBlocks:
    """Return one block a subject, whose records have times of their own.

    Raises
    ------
    SpecificationError
        If a covariance matrix for each group is asked for besides.
    """
    records = data.records
    if data.groups:
        raise SpecificationError(
            "group_covariance: expected none where records have times of their own"
        )
    if records is None or records.coordinates is None:
        raise AssertionError("records of a spatial model have coordinates")
    return distance_blocks(
        design_matrix(records, data.coding, data.origin),
        records.y,
        subject=records.subject,
        coordinates=records.coordinates,
        weights=records.weights,
    )


def robust_notes(robust: RobustCovariance | None, rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Return the note on what has no robust standard error, and why, if anything has none."""
    if robust is None:
        return ()
    if robust.n_exact:
        note = tell_count(
            robust.n_exact,
            "{n} of {subjects} subjects has records that the model fits exactly whatever they "
            "are; what rests on these has no robust standard error",
            "{n} of {subjects} subjects have records that the model fits exactly whatever they "
            "are; what rests on these has no robust standard error",
            subjects=robust.n_subjects,
        )
        return (note,)
    without = sum(row.std_error is None and not constant(row) for row in rows)
    if not without:
        return ()
    note = tell_count(
        without,
        "{n} row has no robust standard error: the residuals it rests on are 0",
        "{n} rows have no robust standard error: the residuals they rest on are 0",
    )
    return (note,)


def row_method(model: VisitModel, options: MmrmOptions) -> str:
    """Return what the method of a row says of the model."""
    parts = [structure_name(model.covariance)]
    if model.groups:
        parts.append(tell("one for each of {groups}", groups=tell_list(model.groups)))
    df = DF_NAMES[options.df_method]
    if options.vcov != "model":
        df = tell("{df} and {estimator} standard errors", df=df, estimator=options.vcov)
    return tell_list([*parts, LIKELIHOOD_NAMES[options.reml], df])


def fit_figures(model: VisitModel, options: MmrmOptions) -> tuple[FitStatistic, ...]:
    """Return what is printed about the fit: likelihood, criteria, search, matrices.

    AIC, AICc and BIC count covariance parameters alone, as R's mmrm does and SAS under REML
    (SAS adds the coefficients under maximum likelihood); AICc on the records less the
    coefficients, BIC on the subjects with a record.
    """
    fit = model.fit
    k = fit.structure.n_parameters
    n = max(model.totals.n_records - len(model.coding.names), k + 2)
    twice = -2 * float(fit.log_likelihood[0])
    scalars: dict[str, float | int | str | None] = {
        "log_likelihood": float(fit.log_likelihood[0]),
        "aic": twice + 2 * k,
        "aicc": twice + 2 * k * n / (n - k - 1),
        "bic": twice + k * float(np.log(model.totals.n_subjects)),
        "n_subjects": model.totals.n_subjects,
        "n_records": model.totals.n_records,
        "n_parameters": k,
        "covariance": model.covariance,
        "df_method": options.df_method,
        "reml": options.reml,
        "converged": bool(fit.optimum.converged[0]),
        "gradient_norm": float(fit.optimum.gradient_norm[0]),
        "iterations": int(fit.optimum.iterations[0]),
        "smallest_eigenvalue": smallest_eigenvalue(fit),
    }
    return statistics(scalars | matrix_entries(model))


def matrix_entries(model: VisitModel) -> dict[str, float]:
    """Return the covariances and correlations of the visits, by name."""
    if isinstance(model.fit.structure, Distances):
        variance, reach = model.fit.optimum.point[0]
        return {"variance": float(variance * model.fit.scale[0] ** 2), "range": float(reach)}
    t = len(model.visits)
    entries: dict[str, float] = {}
    for group, label in enumerate(model.groups or ("",)):
        rows = slice(group * t, (group + 1) * t)
        Sigma: FloatArray = model.fit.Sigma[0][rows, rows]
        spread = np.sqrt(np.diag(Sigma))
        suffix = f" | {label}" if label else ""
        named = {"covariance": Sigma, "correlation": Sigma / np.outer(spread, spread)}
        for name, matrix in named.items():
            for one in range(t):
                for other in range(one + 1 if name == "covariance" else one):
                    pair = f"{model.visits[other]}, {model.visits[one]}"
                    entries[f"{name}[{pair}{suffix}]"] = float(matrix[one, other])
    return entries
