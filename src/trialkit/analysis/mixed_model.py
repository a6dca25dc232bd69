"""Linear mixed models: effects of trials, sites, people or stimuli that vary at random."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from trialkit.analysis.adjusted_means import WEIGHT_NAMES
from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.likelihood_rows import TESTS
from trialkit.analysis.mixed_model_records import (
    MixedRecords,
    mixed_columns,
    mixed_records,
)
from trialkit.analysis.mixed_model_rows import (
    boundary_notes,
    coefficient_labels,
    component_entries,
    effect_label,
    estimate_rows,
    joint_rows,
    labelled_rows,
)
from trialkit.analysis.mmrm_inference import Tester
from trialkit.analysis.mmrm_options import DF_NAMES, KENWARD_ROGER, LIKELIHOOD_NAMES
from trialkit.analysis.mmrm_rows import joint_notes
from trialkit.analysis.model_records import adjusted_words, formula_words
from trialkit.analysis.threads import on_one_thread
from trialkit.design.contrasts import contrast_pairs
from trialkit.errors import SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.expected_information import with_expected_information
from trialkit.numerics.mixed_fit import MixedFit
from trialkit.numerics.mixed_inference import (
    joint_test,
    kenward_roger_basis,
    kenward_roger_test,
    satterthwaite_df,
    satterthwaite_test,
    wald_statistic,
)
from trialkit.numerics.random_effects import (
    RandomFit,
    fit_random_effects,
    predicted_effects,
)
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import (
    CoefficientInterval,
    ContrastFamily,
    DfMethod,
    Information,
    MarginalWeights,
    allowed,
)

DF_METHODS: Final = ("satterthwaite", "kenward_roger", "kenward_roger_linear", "residual")


@on_one_thread
def mixed_model(  # noqa: PLR0913 -- every option is a decision of the analysis plan
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    random: str = "1 | trial",
    covariates: str = "1",
    visit: str | None = None,
    baseline: str | None = None,
    subject: str | None = None,
    df_method: DfMethod = "satterthwaite",
    information: Information = "observed",
    reml: bool = True,
    margins: MarginalWeights = "equal",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    interval: CoefficientInterval = "wald",
    predict: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare arms where records go together: people of a trial, ratings of a person.

    The fixed part is the arm and the covariates, with ``visit`` arm by visit and the
    covariates. Each group of a random factor has coefficients of its own, normally
    distributed about zero; factors are nested in each other.

    Parameters
    ----------
    frame : DataFrame
        Any number of rows per group; incomplete rows are left out, and the number left out
        per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    random : str
        As R's lme4 writes it: ``"1 | trial"``, ``"1 + arm | trial"``, ``"1 + arm || trial"``
        (uncorrelated, also where the arm is text), ``"(1 | USUBJID) + (1 |
        USUBJID:AVISIT)"``, ``"1 | site/USUBJID"``.
    covariates : str
        Right-hand side of a formula, as in ``ancova``; products may name arm and visit.
    visit : str, optional
        Column of the visit, ordered as in ``mmrm``: all figures are then by visit.
    baseline : str, optional
        The visit that changes are from; by default the first.
    subject : str, optional
        Column of the people, who are counted in ``n_subjects``; empty without it.
    df_method : "satterthwaite", "kenward_roger", "kenward_roger_linear" or "residual"
        Degrees of freedom, and for Kenward-Roger standard errors. The covariance is linear in
        its variances, so both forms of Kenward-Roger agree.
    information : "observed" or "expected"
        About the variances, in Satterthwaite and Kenward-Roger: SAS and lmerTest take the
        observed, R's pbkrtest the expected.
    reml : bool
        Restricted (the default) or plain maximum likelihood.
    margins : "equal", "proportional" or "counterfactual"
        How adjusted means average over the covariates' categories, as in ``ancova``;
        proportional to records.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences.
    interval : "wald" or "profile"
        Limits and tests from standard errors and degrees of freedom, or limits of the profile
        likelihood and likelihood-ratio tests (chi-square on 1 df), for which the model is
        refitted by maximum likelihood. Joint tests stay as they are.
    predict : str, optional
        Factor whose predicted effects are given (trials or sites; the groups are named in
        the result, so not people).
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``ls_mean`` of each arm (and visit) and ``ls_mean_difference`` of each contrast; with
        visits also the ``change`` of each arm from ``baseline`` and the differences of these
        (term ``change``); ``joint_test`` of arm, with visits of ``arm:visit`` and of arm at
        any visit; ``coefficient`` rows. ``glance()`` has log_likelihood, aic, aicc, bic,
        n_records, the groups of each factor (``n_groups trial``), n_parameters, converged,
        gradient_norm and singular; ``fit`` also the variances: ``variance[trial]``,
        ``variance[arm[active] | trial]``, ``correlation[Intercept, arm[active] | trial]``,
        ``variance[residual]``, each with ``std_dev``, and the ``random_effect`` entries.

    Raises
    ------
    SpecificationError
        If a column, arm, visit or word does not exist, ``random`` cannot be read, its factors
        are crossed, or Kenward-Roger is asked of maximum likelihood.
    NotEstimableError
        If the random effects are not fewer than the records, a factor has one group, the fixed
        part fits every group already (REML), terms are linearly dependent (named), or variances
        cannot be told apart.
    ConvergenceError
        If the likelihood has no maximum; the record of the search is attached.

    References
    ----------
    Laird NM, Ware JH (1982). Biometrics 38:963-974. R: ``lmerTest::lmer``; SAS: ``PROC MIXED;
    RANDOM INT / SUBJECT=trial``.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> frame = pd.DataFrame({"trial": np.repeat(list("ABCDEF"), 20),
    ...                       "arm": ["breath", "mind"] * 60,
    ...                       "pain": rng.normal(5, 1, 120) + np.repeat(rng.normal(0, 1, 6), 20)})
    >>> result = tk.mixed_model(frame, outcome="pain", arm="arm", reference="breath",
    ...                         random="1 | trial")
    >>> (row,) = result.select(quantity="ls_mean_difference")
    >>> round(row.df)
    113
    """
    require_conf_level(conf_level)
    require_word(df_method, DF_METHODS, option="df_method")
    require_word(information, allowed(Information), option="information")
    require_word(margins, allowed(MarginalWeights), option="margins")
    require_word(interval, allowed(CoefficientInterval), option="interval")
    require_likelihood(reml, df_method)
    columns = mixed_columns(
        outcome=outcome,
        arm=arm,
        visit=visit,
        subject=subject,
        covariates=covariates,
        random=random,
    )
    records = mixed_records(frame, columns, reference=reference)
    pairs = contrast_pairs(contrasts, arms=records.arms, reference=reference)
    first = start_visit(records, visit=visit, baseline=baseline)
    require_factor(records, predict, subject)
    X = records.design
    terms, names = [design.term for design in records.random], records.coding.names
    model = fit_random_effects(X, records.y, terms, reml=reml, names=names)
    likelihood = None
    if interval == "profile":
        likelihood = fit_random_effects(X, records.y, terms, reml=False) if reml else model
    tester = tests_of(model.fit, df_method, information, residual=len(X) - X.shape[1])
    means = records.cell_means(margins)
    method = method_words(random, df_method, information, reml=reml)
    limits = tell_list([method, TESTS[interval]]) if interval == "profile" else method
    shared: dict[str, Any] = {"conf_level": conf_level, "method": limits, "likelihood": likelihood}
    rows = [*labelled_rows(records, means, pairs, baseline=first)]
    joint = joint_rows(records, means, tester, method=method)
    return AnalysisResult(
        method=tell(
            "{outcome} by a linear mixed model ({method}), {adjusted}; {means}",
            outcome=outcome,
            method=limits,
            adjusted=adjusted_words(covariates),
            means=WEIGHT_NAMES[margins],
        ),
        estimates=(
            *estimate_rows(rows, tester, **shared),
            *joint,
            *estimate_rows(coefficient_labels(records), tester, **shared),
        ),
        fit=statistics(
            fit_figures(model, records, df_method=df_method)
            | component_entries(model)
            | predictions(model, records, X, predict)
        ),
        notes=(*records.notes, *boundary_notes(model), *joint_notes(joint)),
        provenance=call(
            "mixed_model",
            outcome=outcome,
            arm=arm,
            reference=reference,
            random=random,
            covariates=covariates,
            visit=visit,
            baseline=baseline,
            subject=subject,
            df_method=df_method,
            information=None if information == "observed" else information,
            reml=reml,
            margins=margins,
            contrasts=contrasts,
            interval=None if interval == "wald" else interval,
            predict=predict,
            conf_level=conf_level,
        ),
    )


def require_likelihood(reml: object, df_method: str) -> None:
    """Raise unless the likelihood is one of two, and goes with the degrees of freedom."""
    if not isinstance(reml, bool):
        raise SpecificationError(f"reml: expected True or False, found {reml!r}")
    if df_method in KENWARD_ROGER and not reml:
        raise SpecificationError(
            f"df_method: expected satterthwaite or residual beside reml=False, found "
            f"{df_method!r}; Kenward and Roger's correction is of restricted likelihood"
        )


def start_visit(records: MixedRecords, *, visit: str | None, baseline: str | None) -> str | None:
    """Return the visit that changes are from; None without visits."""
    if visit is None:
        if baseline is not None:
            raise SpecificationError(
                f"baseline: expected a visit only where `visit` names its column, found "
                f"{baseline!r}"
            )
        return None
    if baseline is None:
        return records.visits[0]
    if baseline not in records.visits:
        raise SpecificationError(
            f"baseline: expected one of the visits {', '.join(records.visits)}, found {baseline!r}"
        )
    return baseline


def require_factor(records: MixedRecords, predict: str | None, subject: str | None) -> None:
    """Raise unless predictions are asked for a random factor that is not the people."""
    if predict is None:
        return
    factors = [design.term.factor for design in records.random]
    if predict not in factors:
        raise SpecificationError(
            f"predict: expected a factor of `random` ({', '.join(factors)}), found {predict!r}"
        )
    if subject is not None and subject in predict.split(":"):
        raise SpecificationError(
            f"predict: expected groups of people, such as trials or sites, found {predict!r}: a "
            "result never names people"
        )


def tests_of(fit: MixedFit, df_method: str, information: str, *, residual: int) -> Tester:
    """Return the standard errors and degrees of freedom that the options name."""
    if information == "expected":
        fit = with_expected_information(fit)
    beta, basis = fit.beta[0], fit.basis[0]
    plain = np.eye(beta.size)
    if df_method in KENWARD_ROGER:
        adjusted = kenward_roger_basis(fit, linear=True)[0]
        return Tester(
            beta=beta,
            basis=basis,
            middle=adjusted,
            df=lambda L: satterthwaite_df(fit, L)[0],
            joint=lambda L: kenward_roger_test(fit, L, adjusted),
        )
    if df_method == "satterthwaite":
        return Tester(
            beta=beta,
            basis=basis,
            middle=plain,
            df=lambda L: satterthwaite_df(fit, L)[0],
            joint=lambda L: satterthwaite_test(fit, L),
        )
    return Tester(
        beta=beta,
        basis=basis,
        middle=plain,
        df=lambda L: np.full(len(L), float(residual)),
        joint=lambda L: joint_test(
            wald_statistic(L @ beta, L @ basis @ (L @ basis).T), len(L), float(residual)
        ),
    )


def method_words(random: str, df_method: DfMethod, information: str, *, reml: bool) -> str:
    """Return what the method of a row says of the model."""
    df = DF_NAMES[df_method]
    if information == "expected":
        df = tell("{df} from the expected information", df=df)
    effects = tell("random effects {random}", random=formula_words(random))
    return tell_list([effects, LIKELIHOOD_NAMES[reml], df])


def fit_figures(
    model: RandomFit, records: MixedRecords, *, df_method: str
) -> dict[str, float | int | str | None]:
    """Return what is printed about the fit as a whole.

    AIC, AICc and BIC count the covariance parameters that are not on a boundary, as in
    ``mmrm``; AICc on the records (less the coefficients under REML), BIC on the groups of the
    outermost factor.
    """
    fit = model.fit
    p = len(records.coding.names)
    k = fit.structure.n_parameters
    n = max(len(records.y) - (p if fit.reml else 0), k + 2)
    groups = {f"n_groups {level[0].factor}": level[0].n_groups for level in reversed(model.levels)}
    twice = -2 * float(fit.log_likelihood[0])
    return {
        "log_likelihood": float(fit.log_likelihood[0]),
        "aic": twice + 2 * k,
        "aicc": twice + 2 * k * n / (n - k - 1),
        "bic": twice + k * float(np.log(model.levels[0][0].n_groups)),
        "n_subjects": records.n_subjects,
        "n_records": len(records.y),
        **groups,
        "n_parameters": k,
        "df_method": df_method,
        "reml": fit.reml,
        "singular": model.singular,
        "converged": bool(fit.optimum.converged[0]),
        "gradient_norm": float(fit.optimum.gradient_norm[0]),
        "iterations": int(fit.optimum.iterations[0]),
    }


def predictions(
    model: RandomFit, records: MixedRecords, X: FloatArray, predict: str | None
) -> dict[str, float]:
    """Return the predicted effects of the groups of a factor, by name."""
    if predict is None:
        return {}
    groups = next(design.groups for design in records.random if design.term.factor == predict)
    if len(set(groups)) < len(groups):
        raise SpecificationError(
            f"predict: expected groups of {predict} with different names, found one name twice; "
            'write the parts of a name without ":"'
        )
    entries: dict[str, float] = {}
    for level, effects in zip(model.levels, predicted_effects(model, X, records.y), strict=True):
        for term, values in zip(level, effects, strict=True):
            if term.factor != predict:
                continue
            for column, name in enumerate(term.columns):
                for group, own in enumerate(groups):
                    label = effect_label(name, f"{predict} {own}")
                    entries[f"random_effect[{label}]"] = float(values[group, column])
    return entries
