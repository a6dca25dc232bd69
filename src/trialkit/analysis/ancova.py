"""Analysis of covariance: adjusted means of arms and their differences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trialkit.analysis.adjusted_means import (
    PROCEDURE_NAMES,
    WEIGHT_NAMES,
    ModelOptions,
    arm_counts,
    evaluate,
    label_rows,
    spreadless_notes,
)
from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.model_records import adjusted_words, model_records, robust_words
from trialkit.design.contrasts import contrast_pairs
from trialkit.design.linear import build_design, with_arm_interactions
from trialkit.errors import SpecificationError
from trialkit.language.told import Told, tell, tell_list
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import (
    BaselineModel,
    ContrastFamily,
    CovarianceEstimator,
    MarginalWeights,
    SimultaneousProcedure,
    allowed,
)

NAMES: Mapping[BaselineModel, str] = {"ancova": tell("ANCOVA"), "anhecova": tell("ANHECOVA")}


def ancova(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    covariates: str = "1",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    weights: MarginalWeights | None = None,
    model: BaselineModel = "ancova",
    vcov: CovarianceEstimator | None = None,
    adjust: SimultaneousProcedure = "none",
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
    weights : "equal", "proportional" or "counterfactual"
        How categories are averaged: every level alike (the default), each combination by
        the people who have it, or the predictions of everyone analysed (the default, and
        the meaning, of ANHECOVA).
    model : "ancova" or "anhecova"
        One slope for all arms, or a slope of each covariate in each arm (covariates centred
        at their means over everyone), which is never less precise in large trials however
        wrong the slopes' linear form is.
    vcov : "model", "HC0" to "HC4" or "superpopulation"
        Standard errors from one residual variance (the default of ANCOVA); from the
        sandwich, with the covariate means taken as known; or from the HC2 sandwich and the
        sampling of the covariates (the default of ANHECOVA). All on the t distribution
        with the residual degrees of freedom.
    adjust : "none", "tukey_kramer", "dunnett", "scheffe", "bonferroni" or "sidak"
        With a procedure, the limits of the differences hold all together and
        ``p_adjusted`` is filled in; ``p_value`` stays each contrast's own.
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
        If a column, the reference arm or a contrast does not exist, an option is unknown,
        or the covariates are no formula of columns; if Dunnett's procedure is asked for
        contrasts that do not share their reference arm.
    NotEstimableError
        If an arm is empty, a term is a linear combination of others (it is named), or
        there are fewer records than coefficients.

    References
    ----------
    EMA (2015). Guideline on adjustment for baseline covariates in clinical trials.
    EMA/CHMP/295050/2013. R: ``emmeans(lm(...), ~ arm)``; SAS: ``PROC GLM; LSMEANS``.
    ANHECOVA: Ye T, Shao J, Yi Y, Zhao Q (2022). J Am Statist Assoc 118:2370-2382.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": list("aaabbb"), "BASE": [1.0, 2, 3, 1, 2, 3],
    ...                       "AVAL": [2.0, 3.1, 3.9, 1.0, 2.1, 2.9]})
    >>> result = ancova(frame, outcome="AVAL", arm="arm", reference="a", covariates="BASE")
    >>> round(result.select(quantity="ls_mean_difference")[0].estimate, 6)
    -1.0
    """
    require_conf_level(conf_level)
    options = model_options(model=model, weights=weights, vcov=vcov, adjust=adjust)
    records = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates
    )
    levels, terms, y = records.levels, records.terms, records.y
    pairs = contrast_pairs(contrasts, arms=levels, reference=reference)
    if model == "anhecova":
        terms = with_arm_interactions(terms, arm)
    design = build_design(records.frame, arm=arm, arms=levels, terms=terms, weights=options.weights)
    fit = fit_least_squares(design.X, y, design.names)
    how = (adjusted_words(covariates), *robust_words(options.vcov))
    fitted = tell(
        "{outcome} by {model} (least squares), {how}",
        outcome=outcome,
        model=NAMES[model],
        how=tell_list(how),
    )
    evaluated = evaluate(design, pairs, y, fit, options=options, conf_level=conf_level)
    return AnalysisResult(
        method=tell_list([fitted, WEIGHT_NAMES[options.weights], *family_words(adjust)], "; "),
        estimates=label_rows(
            *evaluated,
            levels=levels,
            pairs=pairs,
            people=arm_counts(records.frame, arm),
            method=tell_list([NAMES[model], *how]),
            procedure=adjust,
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
        notes=(*records.notes, *spreadless_notes(evaluated[0], levels)),
        provenance=call(
            "ancova",
            outcome=outcome,
            arm=arm,
            reference=reference,
            covariates=covariates,
            contrasts=contrasts,
            weights=options.weights,
            model=None if model == "ancova" else model,
            vcov=vcov,
            adjust=None if adjust == "none" else adjust,
            conf_level=conf_level,
        ),
    )


def model_options(
    *,
    model: BaselineModel,
    weights: MarginalWeights | None,
    vcov: CovarianceEstimator | None,
    adjust: SimultaneousProcedure,
) -> ModelOptions:
    """Check the words of a model and fill in its defaults.

    Raises
    ------
    SpecificationError
        If a word is unknown, or the sampling of the covariates is to be counted in means
        that do not average over people.
    """
    require_word(model, allowed(BaselineModel), option="model")
    if weights is None:
        weights = "counterfactual" if model == "anhecova" else "equal"
    require_word(weights, allowed(MarginalWeights), option="weights")
    averaged = weights == "counterfactual"
    if vcov is None:
        vcov = "model" if model == "ancova" else "superpopulation" if averaged else "HC2"
    require_word(vcov, allowed(CovarianceEstimator), option="vcov")
    require_word(adjust, allowed(SimultaneousProcedure), option="adjust")
    if vcov == "superpopulation" and not averaged:
        raise SpecificationError(
            'vcov: expected weights = "counterfactual" beside vcov = "superpopulation", which '
            f'counts the sampling of the people averaged over; found weights = "{weights}"'
        )
    return ModelOptions(model=model, weights=weights, vcov=vcov, adjust=adjust)


def family_words(adjust: str) -> tuple[Told, ...]:
    """Return what the method of a result says of simultaneous limits, if there are some."""
    if adjust == "none":
        return ()
    procedure = PROCEDURE_NAMES[adjust]
    return (tell("differences with simultaneous limits by {procedure}", procedure=procedure),)
