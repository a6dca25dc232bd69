"""How far a pooled effect hangs on one trial, or on trials that a funnel lacks."""

import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import require_word
from trialkit.analysis.pooled_rows import labelled, ratio_row, trial_rows
from trialkit.analysis.pooling import Pooling
from trialkit.analysis.trial_rows import Trials, read_trials
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics import asymmetry, meta_analysis
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import (
    EffectMeasure,
    FunnelSide,
    HeterogeneityEstimator,
    PooledTest,
    allowed,
)


def leave_one_out(
    frame: pd.DataFrame,
    *,
    estimate: str,
    std_error: str | None = None,
    variance: str | None = None,
    trial: str,
    measure: EffectMeasure | None = None,
    tau2: HeterogeneityEstimator = "restricted_maximum_likelihood",
    test: PooledTest = "hartung_knapp",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Pool all trials but one, for each trial in turn.

    Parameters
    ----------
    frame, estimate, std_error, variance, trial, measure, tau2, test, conf_level
        As in ``meta_analysis``.

    Returns
    -------
    AnalysisResult
        ``pooled_estimate`` of all trials (tested, without ``term``) and without each trial
        (``term`` names it; untested, since it restates the first), each as a ratio too where
        ``measure`` is one; ``heterogeneity`` with
        the tau squared left without it; ``sensitivity`` with its Cook's distance, the
        squared shift of the average over its variance.

    Raises
    ------
    SpecificationError, DataError
        As ``meta_analysis``.
    NotEstimableError
        If fewer than three trials are given.

    References
    ----------
    Viechtbauer W, Cheung MW-L (2010). Res Synth Methods 1:112-125. R: metafor
    ``leave1out``, ``influence``.

    Examples
    --------
    >>> trials = pd.DataFrame({"trial": list("ABC"), "estimate": [-1.0, -0.4, -0.7],
    ...                        "std_error": [0.3, 0.25, 0.4]})
    >>> result = leave_one_out(trials, estimate="estimate", std_error="std_error", trial="trial")
    >>> round(result.select(quantity="pooled_estimate", term="A")[0].estimate, 3)
    -0.484
    """
    pooling = Pooling(tau2=tau2, test=test, measure=measure, conf_level=conf_level)
    trials = read_trials(
        frame, estimate=estimate, std_error=std_error, variance=variance, trial=trial
    )
    if len(trials.names) < 3:
        raise NotEstimableError(
            tell("leaving one out of fewer than three trials leaves nothing pooled")
        )
    whole = pooling.fit(trials)
    without = meta_analysis.leave_one_out(
        trials.estimate, trials.variance, estimator=tau2, test=test, conf_level=conf_level
    )
    rows = [
        row
        for name, fit, cook in zip(trials.names, without.fits, without.cook_distance, strict=True)
        for row in rows_without(name, fit, float(cook), pooling)
    ]
    return AnalysisResult(
        method=tell(
            "Meta-analysis of {n} trials without each in turn: {pooling}",
            n=len(trials.names),
            pooling=pooling.text,
        ),
        estimates=(*average_rows(whole, pooling), *rows),
        fit=statistics({"n_trials": len(trials.names), "measure": measure}),
        notes=trials.notes,
        provenance=call(
            "leave_one_out",
            estimate=estimate,
            std_error=std_error,
            variance=variance,
            trial=trial,
            measure=measure,
            tau2=tau2,
            test=test,
            conf_level=conf_level,
        ),
    )


def rows_without(
    name: str, fit: meta_analysis.MetaFit, cook: float, pooling: Pooling
) -> tuple[Estimate, ...]:
    """Return average, tau squared and Cook's distance of one trial left out."""
    method = tell("without this trial, {pooling}", pooling=pooling.text)
    return (
        *again_rows(fit, pooling, term=name, method=method),
        Estimate(
            quantity="heterogeneity",
            term=name,
            estimate=fit.tau_squared,
            method=tell("tau squared without this trial, {pooling}", pooling=pooling.text),
        ),
        Estimate(quantity="sensitivity", term=name, estimate=cook, method=tell("Cook's distance")),
    )


def average_rows(fit: meta_analysis.MetaFit, pooling: Pooling) -> tuple[Estimate, ...]:
    """Return the average of all trials, tested, and its ratio where it is a logarithm."""
    average = labelled(
        fit.inference,
        0,
        quantity="pooled_estimate",
        conf_level=pooling.conf_level,
        method=pooling.text,
    )
    return with_ratio(average, pooling)


def again_rows(
    fit: meta_analysis.MetaFit, pooling: Pooling, *, term: str, method: str
) -> tuple[Estimate, ...]:
    """Return an average of other trials, untested, and its ratio where it is a logarithm."""
    average = labelled(
        fit.inference,
        0,
        quantity="pooled_estimate",
        tested=False,
        term=term,
        conf_level=pooling.conf_level,
        method=method,
    )
    return with_ratio(average, pooling)


def with_ratio(average: Estimate, pooling: Pooling) -> tuple[Estimate, ...]:
    """Return an average and, where it is a logarithm, the ratio itself."""
    return (average, ratio_row(average, pooling.ratio)) if pooling.ratio else (average,)


def trim_and_fill(
    frame: pd.DataFrame,
    *,
    estimate: str,
    std_error: str | None = None,
    variance: str | None = None,
    trial: str,
    measure: EffectMeasure | None = None,
    side: FunnelSide | None = None,
    tau2: HeterogeneityEstimator = "restricted_maximum_likelihood",
    test: PooledTest = "hartung_knapp",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Pool the trials together with those that a symmetric funnel would have besides.

    A picture of how much missing small trials could matter, not a corrected estimate:
    small trials differ from large ones for other reasons than going unpublished.

    Parameters
    ----------
    frame, estimate, std_error, variance, trial, measure, tau2, test, conf_level
        As in ``meta_analysis``.
    side : "left" or "right", optional
        Of the funnel where trials are missing; by default the side that its slope points
        away from.

    Returns
    -------
    AnalysisResult
        ``pooled_estimate`` of the trials (tested) and of trials and filled ones (term
        ``filled``, untested), each as a ratio too where ``measure`` is one;
        ``trial_estimate`` of each trial, and of the filled ones with term ``filled 1``,
        ``filled 2``, ...; ``glance()`` has n_filled and side.

    Raises
    ------
    SpecificationError, DataError
        As ``meta_analysis``.
    NotEstimableError
        If there are fewer than three trials, or the rounds do not settle.

    References
    ----------
    Duval SJ, Tweedie RL (2000). Biometrics 56:455-463. R: metafor ``trimfill`` (L0).

    Examples
    --------
    >>> trials = pd.DataFrame({"trial": list("ABCDEF"),
    ...                        "estimate": [-1.0, -0.4, -0.7, -0.5, -1.8, -1.5],
    ...                        "std_error": [0.3, 0.2, 0.25, 0.15, 0.6, 0.5]})
    >>> result = trim_and_fill(trials, estimate="estimate", std_error="std_error", trial="trial")
    >>> result.glance()[["n_filled", "side"]].to_numpy().tolist()
    [[2, 'right']]
    """
    if side is not None:
        require_word(side, allowed(FunnelSide), option="side")
    pooling = Pooling(tau2=tau2, test=test, measure=measure, conf_level=conf_level)
    trials = read_trials(
        frame, estimate=estimate, std_error=std_error, variance=variance, trial=trial
    )
    whole = pooling.fit(trials)
    filled = asymmetry.trim_and_fill(
        trials.estimate,
        trials.variance,
        estimator=tau2,
        test=test,
        conf_level=conf_level,
        side=side,
    )
    added = Trials(
        names=tuple(f"filled {i + 1}" for i in range(filled.missing)),
        estimate=filled.filled_estimate,
        variance=filled.filled_variance,
    )
    return AnalysisResult(
        method=tell(
            "Trim and fill (L0) of {n} trials: {pooling}",
            n=len(trials.names),
            pooling=pooling.text,
        ),
        estimates=(
            *trial_rows(trials, conf_level=conf_level),
            *(trial_rows(added, conf_level=conf_level) if filled.missing else ()),
            *average_rows(whole, pooling),
            *again_rows(filled.fit, pooling, term="filled", method=filled_text(pooling)),
            tau_squared_row(filled.fit, pooling),
        ),
        fit=statistics(
            {
                "n_trials": len(trials.names),
                "n_filled": filled.missing,
                "side": filled.side,
                "measure": measure,
            }
        ),
        notes=trials.notes,
        provenance=call(
            "trim_and_fill",
            estimate=estimate,
            std_error=std_error,
            variance=variance,
            trial=trial,
            measure=measure,
            side=side,
            tau2=tau2,
            test=test,
            conf_level=conf_level,
        ),
    )


def filled_text(pooling: Pooling) -> str:
    """Return the method of what rests on trials and filled trials, in words."""
    return tell("trim and fill (L0), {pooling}", pooling=pooling.text)


def tau_squared_row(fit: meta_analysis.MetaFit, pooling: Pooling) -> Estimate:
    """Return the tau squared of trials and filled trials."""
    return Estimate(
        quantity="heterogeneity",
        term="tau_squared filled",
        estimate=fit.tau_squared,
        method=filled_text(pooling),
    )
