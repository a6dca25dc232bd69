"""Meta-analysis: estimates of trials pooled, in subgroups, or regressed on moderators."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.pooled_rows import (
    asymmetry_rows,
    average_rows,
    fit_figures,
    heterogeneity_notes,
    heterogeneity_rows,
    joint_row,
    labelled,
    trial_rows,
)
from trialkit.analysis.pooling import Pooling
from trialkit.analysis.trial_rows import Trials, read_trials
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.meta_analysis import (
    JointTest,
    MetaFit,
    joint_test,
    subgroup_difference,
)
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import (
    EffectMeasure,
    HeterogeneityEstimator,
    PooledTest,
    PredictionRule,
    SubgroupHeterogeneity,
)

BETWEEN: Final = "between_subgroups"
MODERATORS: Final = "moderators"


def meta_analysis(  # noqa: PLR0913 (each option is a choice that a plan names)
    frame: pd.DataFrame,
    *,
    estimate: str,
    std_error: str | None = None,
    variance: str | None = None,
    trial: str,
    n: str | None = None,
    arm: str | None = None,
    reference: str | None = None,
    measure: EffectMeasure | None = None,
    tau2: HeterogeneityEstimator = "restricted_maximum_likelihood",
    test: PooledTest = "hartung_knapp",
    prediction: PredictionRule = "as_tested",
    subgroup: str | None = None,
    subgroup_tau2: SubgroupHeterogeneity = "separate",
    moderators: str | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Pool the estimates of trials by inverse variance.

    Parameters
    ----------
    frame : DataFrame
        One row a trial. A trial with a missing figure is left out and named in ``notes``.
    estimate : str
        Column of the estimates; of a ratio, the natural logarithms.
    std_error, variance : str
        Column of the standard errors, or of their squares: one of the two.
    trial : str
        Column of the trials' names.
    n : str, optional
        Column of the people of each trial, for the forest's table.
    arm, reference : str, optional
        Names of the arms that the estimates compare (no columns); every row then carries
        them.
    measure : str, optional
        What the estimates are. ``"risk_ratio"`` and ``"odds_ratio"`` say that they are
        logarithms, and add the average as a ratio.
    tau2 : str
        Estimator of the variance between trials; ``"equal_effects"`` has none.
    test : "hartung_knapp", "hartung_knapp_never_narrower", "t" or "z"
        Of the average. Hartung and Knapp's keeps its level with few trials, but can be
        narrower than z where the trials happen to agree; the never-narrower form cannot.
    prediction : "as_tested" or "higgins"
        Quantile of the prediction interval: the average's own (as metafor), or t on k - 2
        degrees of freedom. Both take tau squared as known: with half of the variance
        between trials a 95 % interval holds a further trial 81 to 91 % of the time (with
        three trials Higgins's 96 to 99 %).
    subgroup : str, optional
        Column whose groups are pooled apart as well and compared.
    subgroup_tau2 : "separate" or "common"
        One variance between trials in each subgroup, or one for all.
    moderators : str, optional
        Right-hand side of a formula; then the estimates are regressed on it, and there is
        no average.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        ``trial_estimate`` of each trial (``term``); ``pooled_estimate`` (the tested row,
        and untested ones with the subgroup in ``term``); ``prediction``;
        ``heterogeneity`` with terms tau_squared, tau, I_squared (percent), H_squared (all
        with Q-profile limits), Q, and between_subgroups; ``asymmetry_test`` with terms
        egger, egger_mixed and begg. With moderators ``coefficient`` rows and a
        ``joint_test``. ``glance()`` has n_trials, log_likelihood, the limit of Egger's
        line and ``weight <trial>`` in percent.

    Raises
    ------
    SpecificationError
        If a column or a word does not exist.
    DataError
        If a trial has two rows, or a standard error is not positive.
    NotEstimableError
        If there is one trial only (except for equal effects with z), or the trials agree
        exactly under ``"hartung_knapp"``.

    References
    ----------
    Viechtbauer W (2005). J Educ Behav Stat 30:261-293. Hartung J, Knapp G (2001). Stat Med
    20:3875-3889. R: metafor ``rma(yi, vi, method, test)``, ``predict``, ``confint``,
    ``regtest``, ``ranktest``.

    Examples
    --------
    >>> trials = pd.DataFrame({"trial": list("ABC"), "estimate": [-1.0, -0.4, -0.7],
    ...                        "std_error": [0.3, 0.25, 0.4]})
    >>> result = meta_analysis(trials, estimate="estimate", std_error="std_error", trial="trial")
    >>> round(result.select(quantity="pooled_estimate")[0].estimate, 3)
    -0.67
    """
    pooling = Pooling(
        tau2=tau2,
        test=test,
        prediction=prediction,
        subgroup_tau2=subgroup_tau2,
        measure=measure,
        conf_level=conf_level,
    )
    if subgroup is not None and moderators is not None:
        raise SpecificationError("expected one of subgroup and moderators, found both")
    if (arm is None) != (reference is None):
        raise SpecificationError("expected both of arm and reference or neither, found one")
    labels = {} if arm is None else {"arm": arm, "reference_arm": reference}
    trials = read_trials(
        frame,
        estimate=estimate,
        std_error=std_error,
        variance=variance,
        trial=trial,
        n=n,
        subgroup=subgroup,
        moderators=moderators,
    )
    pool = regress_trials if moderators else pool_trials
    pooled = pool(trials, pooling, **labels)
    return AnalysisResult(
        method=method_sentence(trials, pooling, moderators),
        estimates=pooled.estimates,
        fit=statistics(pooled.fit),
        notes=(*trials.notes, *pooled.notes),
        provenance=call(
            "meta_analysis",
            estimate=estimate,
            std_error=std_error,
            variance=variance,
            trial=trial,
            n=n,
            arm=arm,
            reference=reference,
            measure=measure,
            tau2=tau2,
            test=test,
            prediction=prediction,
            subgroup=subgroup,
            subgroup_tau2=subgroup_tau2,
            moderators=moderators,
            conf_level=conf_level,
        ),
    )


def method_sentence(trials: Trials, pooling: Pooling, moderators: str | None) -> str:
    """Return the footnote of the table."""
    n = len(trials.names)
    if moderators:
        return tell(
            "Meta-regression on {moderators} of {n} trials: {pooling}",
            moderators=moderators,
            n=n,
            pooling=pooling.text,
        )
    return tell("Meta-analysis of {n} trials: {pooling}", n=n, pooling=pooling.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Rows, figures about the fit, and notes of one pooled comparison."""

    estimates: tuple[Estimate, ...]
    fit: dict[str, float | int | str | None]
    notes: tuple[str, ...]


def pool_trials(trials: Trials, pooling: Pooling, **labels: Any) -> Pooled:
    """Pool trials, whole and by subgroup; ``labels`` are the arms that all rows carry."""
    fit = fit_comparison(trials, pooling, labels)
    people = sum(trials.n_subjects) if trials.n_subjects else None
    spread = heterogeneity_rows(trials, fit, pooling, **labels)
    groups, group_notes = subgroup_rows(trials, pooling, **labels)
    asymmetry, limits, asymmetry_notes = asymmetry_rows(trials, pooling, **labels)
    return Pooled(
        estimates=(
            *trial_rows(trials, conf_level=pooling.conf_level, **labels),
            *average_rows(fit, pooling, n_subjects=people, **labels),
            *spread,
            *groups,
            *asymmetry,
        ),
        fit={**fit_figures(trials, fit, pooling), **limits},
        notes=(*heterogeneity_notes(spread), *group_notes, *asymmetry_notes),
    )


def fit_comparison(trials: Trials, pooling: Pooling, labels: Mapping[str, str]) -> MetaFit:
    """Pool the trials; what cannot be pooled is refused by the names of its arms."""
    try:
        return pooling.fit(trials)
    except NotEstimableError as error:
        if not labels:
            raise
        arm, reference = labels["arm"], labels["reference_arm"]
        raise NotEstimableError(
            tell("{arm} - {reference}: {why}", arm=arm, reference=reference, why=error.args[0])
        ) from error


def subgroup_rows(
    trials: Trials, pooling: Pooling, **labels: Any
) -> tuple[tuple[Estimate, ...], tuple[str, ...]]:
    """Return the average and the spread of each subgroup, the test between them, and notes."""
    if trials.subgroups is None:
        return (), ()
    groups = sorted(set(trials.subgroups))
    if len(groups) < 2:
        raise NotEstimableError(
            tell("every trial is in subgroup {subgroup!r}; nothing to compare", subgroup=groups[0])
        )
    if pooling.subgroup_tau2 == "common":
        return common_rows(trials, groups, pooling, **labels), ()
    parts = {name: trials.only([group == name for group in trials.subgroups]) for name in groups}
    fits = {name: fit_subgroup(name, part, pooling) for name, part in parts.items()}
    rows = [
        row
        for name, fit in fits.items()
        for row in one_subgroup(name, parts[name], fit, pooling, **labels)
    ]
    test = subgroup_difference(fits)
    how = tell("{pooling}, own tau squared in each", pooling=pooling.text)
    between = between_row(test, how, **labels)
    alone = [name for name, part in parts.items() if len(part.names) == 1]
    note = tell(
        "a single trial in subgroup {subgroups}: its own estimate", subgroups=tell_list(alone)
    )
    return (*rows, between), (note,) if alone else ()


def fit_subgroup(name: str, part: Trials, pooling: Pooling) -> MetaFit:
    """Pool the trials of one subgroup; a single trial stands for itself."""
    if len(part.names) == 1:
        return replace(pooling, tau2="equal_effects", test="z").fit(part)
    try:
        return pooling.fit(part)
    except NotEstimableError as error:
        raise NotEstimableError(
            tell("subgroup {subgroup}: {why}", subgroup=name, why=error.args[0])
        ) from error


def one_subgroup(
    name: str, part: Trials, fit: MetaFit, pooling: Pooling, **labels: Any
) -> tuple[Estimate, ...]:
    """Return the average of a subgroup, untested, with its tau squared and I squared."""
    average = labelled(
        fit.inference,
        0,
        quantity="pooled_estimate",
        tested=False,
        term=name,
        conf_level=pooling.conf_level,
        n_subjects=sum(part.n_subjects) if part.n_subjects else None,
        method=tell("the one trial of the subgroup") if len(part.names) == 1 else pooling.text,
        **labels,
    )
    if len(part.names) == 1:
        return (average,)
    spread = heterogeneity_rows(part, fit, pooling, **labels)
    kept = [row for row in spread if row.term in {"tau_squared", "I_squared", "Q"}]
    return (average, *(replace(row, term=f"{row.term} {name}") for row in kept))


def common_rows(
    trials: Trials, groups: list[str], pooling: Pooling, **labels: Any
) -> tuple[Estimate, ...]:
    """Return the averages of subgroups that share one tau squared, and their test."""
    members = np.array([[group == name for name in groups] for group in trials.subgroups or ()])
    means = members.astype(np.float64)
    fit = pooling.fit(replace(trials, X=means), moderated=True)
    coded = np.column_stack([np.ones(len(means)), means[:, 1:]])
    test = joint_test(pooling.fit(replace(trials, X=coded), moderated=True))
    method = tell("{pooling}, one tau squared", pooling=pooling.text)
    averages = (
        labelled(
            fit.inference,
            row,
            quantity="pooled_estimate",
            tested=False,
            term=name,
            conf_level=pooling.conf_level,
            n_subjects=sum(np.array(trials.n_subjects)[members[:, row]].tolist())
            if trials.n_subjects
            else None,
            method=method,
            **labels,
        )
        for row, name in enumerate(groups)
    )
    return (*averages, between_row(test, method, **labels))


def between_row(test: JointTest, method: str, **labels: Any) -> Estimate:
    """Return the test that subgroups have one average."""
    tested = tell(
        "chi-square test, {pooling}" if test.df_den == inf else "F test, {pooling}", pooling=method
    )
    return joint_row(test, term=BETWEEN, quantity="heterogeneity", method=tested, **labels)


def regress_trials(trials: Trials, pooling: Pooling, **labels: Any) -> Pooled:
    """Regress the estimates on the moderators: coefficients, their joint test, what is left."""
    fit = pooling.fit(trials, moderated=True)
    coefficients = tuple(
        labelled(
            fit.inference,
            row,
            quantity="coefficient",
            term=term,
            conf_level=pooling.conf_level,
            method=pooling.text,
            **labels,
        )
        for row, term in enumerate(trials.terms)
    )
    spread = heterogeneity_rows(trials, fit, pooling, **labels)
    together = joint_row(
        joint_test(fit),
        term=MODERATORS,
        quantity="joint_test",
        method=tell("all moderators, {pooling}", pooling=pooling.text),
        **labels,
    )
    return Pooled(
        estimates=(
            *trial_rows(trials, conf_level=pooling.conf_level, **labels),
            *coefficients,
            together,
            *spread,
        ),
        fit=fit_figures(trials, fit, pooling),
        notes=heterogeneity_notes(spread),
    )
