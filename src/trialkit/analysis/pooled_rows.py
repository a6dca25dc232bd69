"""Pooled figures to labelled rows: trials, average, prediction, heterogeneity, asymmetry."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import exp, inf, isfinite, sqrt
from typing import Any, Final

import numpy as np

from trialkit.analysis.estimates import from_inference, from_interval, number
from trialkit.analysis.pooling import ESTIMATOR_NAMES, Pooling
from trialkit.analysis.trial_rows import Trials
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.asymmetry import (
    FEWEST,
    FunnelRegression,
    RankTest,
    egger_regression,
    funnel_regression,
    rank_test,
)
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.heterogeneity import h_squared, i_squared, q_profile, typical_variance
from trialkit.numerics.meta_analysis import (
    EQUAL_EFFECTS,
    JointTest,
    MetaFit,
    prediction_interval,
)
from trialkit.numerics.pooled_tables import PooledTables
from trialkit.result.analysis_result import Estimate
from trialkit.terms import Quantity

PREDICTION_NAMES: Final[Mapping[str, str]] = {
    "as_tested": tell("prediction interval, quantile of the average's test"),
    "higgins": tell("prediction interval, t on k - 2 df (Higgins)"),
}
EMPTY_PROFILE: Final = tell(
    "the Q-profile interval of tau squared is empty: both limits lie below 0"
)
OUTSIDE_PROFILE: Final = tell("the estimate of tau squared lies outside its Q-profile interval")
# Below this many trials Egger's test hardly ever sees what there is to see (Sterne 2011).
FEW_TRIALS: Final = 10
LARGEST_LOGARITHM: Final = 709.0


def trial_rows(trials: Trials, *, conf_level: float, **labels: Any) -> tuple[Estimate, ...]:
    """Return the estimate of each trial with its own normal interval, untested."""
    inference = infer(
        trials.estimate,
        np.sqrt(trials.variance),
        np.full(trials.estimate.size, inf),
        conf_level=conf_level,
    )
    return tuple(
        labelled(
            inference,
            row,
            quantity="trial_estimate",
            conf_level=conf_level,
            tested=False,
            method=tell("estimate of the trial, normal interval"),
            term=name,
            n_subjects=trials.n_subjects[row] if trials.n_subjects else None,
            **labels,
        )
        for row, name in enumerate(trials.names)
    )


def labelled(inference: Inference, row: int, **labels: Any) -> Estimate:
    """Return a row of an inference; a normal one has no degrees of freedom."""
    estimate = from_inference(inference, row, **labels)
    return replace(estimate, df=None) if estimate.df == inf else estimate


def average_rows(
    fit: MetaFit, pooling: Pooling, *, n_subjects: int | None, **labels: Any
) -> tuple[Estimate, ...]:
    """Return the average (tested), as a ratio where it is a logarithm, and the prediction."""
    shared = {"conf_level": pooling.conf_level, "n_subjects": n_subjects, **labels}
    average = labelled(fit.inference, 0, quantity="pooled_estimate", method=pooling.text, **shared)
    rows = [average]
    if pooling.ratio:
        rows.append(ratio_row(average, pooling.ratio))
    if pooling.tau2 != EQUAL_EFFECTS:
        rows += predicted(fit, pooling, **labels)
    return tuple(rows)


def ratio_row(average: Estimate, quantity: Quantity) -> Estimate:
    """Return an average of logarithms as a ratio; its standard error stays the logarithm's."""
    low, estimate, high = (
        None if value is None else as_ratio(value)
        for value in (average.conf_low, average.estimate, average.conf_high)
    )
    return replace(
        average,
        quantity=quantity,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        statistic=None,
        p_value=None,
        method=tell("{pooling}, back-transformed", pooling=average.method),
    )


def as_ratio(logarithm: float) -> float:
    """Return e to a logarithm; infinite where a float cannot hold it."""
    return exp(logarithm) if logarithm < LARGEST_LOGARITHM else inf


def predicted(fit: MetaFit, pooling: Pooling, **labels: Any) -> tuple[Estimate, ...]:
    """Return the prediction interval; two trials have none by Higgins's rule."""
    if pooling.prediction == "higgins" and fit.q_df < FEWEST - 1:
        return ()
    interval = prediction_interval(fit, rule=pooling.prediction, conf_level=pooling.conf_level)
    return (
        from_interval(
            interval,
            quantity="prediction",
            conf_level=pooling.conf_level,
            method=PREDICTION_NAMES[pooling.prediction],
            **labels,
        ),
    )


def heterogeneity_rows(
    trials: Trials, fit: MetaFit, pooling: Pooling, **labels: Any
) -> tuple[Estimate, ...]:
    """Return tau squared, tau, I squared (percent), H squared and Q.

    The limits of the four are those of tau squared by the Q profile, carried over.
    """
    q = Estimate(
        quantity="heterogeneity",
        term="Q",
        statistic=fit.q,
        df=float(fit.q_df),
        p_value=number(fit.q_p_value),
        method=tell("Cochran's Q, chi-square"),
        **labels,
    )
    if pooling.tau2 == EQUAL_EFFECTS:
        share = {"quantity": "heterogeneity", "method": tell("from Q"), **labels}
        return (
            Estimate(term="I_squared", estimate=number(fit.i_squared), **share),
            Estimate(term="H_squared", estimate=number(fit.h_squared), **share),
            q,
        )
    X = np.ones((trials.estimate.size, 1)) if trials.X is None else trials.X
    limits = q_profile(trials.estimate, trials.variance, X, conf_level=pooling.conf_level)
    typical = typical_variance(trials.estimate, trials.variance, X)
    method = tell("{estimator}, Q-profile interval", estimator=ESTIMATOR_NAMES[pooling.tau2])
    figures = {
        "tau_squared": (fit.tau_squared, limits.low, limits.high),
        "tau": tuple(map(sqrt, (fit.tau_squared, limits.low, limits.high))),
        "I_squared": (
            fit.i_squared,
            i_squared(limits.low, typical),
            i_squared(limits.high, typical),
        ),
        "H_squared": (
            fit.h_squared,
            h_squared(limits.low, typical),
            h_squared(limits.high, typical),
        ),
    }
    return (
        *(
            Estimate(
                quantity="heterogeneity",
                term=term,
                estimate=estimate,
                std_error=number(fit.tau_squared_std_error) if term == "tau_squared" else None,
                conf_low=low,
                conf_high=high,
                conf_level=pooling.conf_level,
                method=method,
                **labels,
            )
            for term, (estimate, low, high) in figures.items()
        ),
        q,
    )


def heterogeneity_notes(rows: tuple[Estimate, ...]) -> tuple[str, ...]:
    """Return what a reader must know of an interval of tau squared."""
    for row in rows:
        if row.term != "tau_squared" or row.estimate is None or row.conf_high is None:
            continue
        if row.conf_high == 0:
            return (EMPTY_PROFILE,)
        if not (row.conf_low or 0.0) <= row.estimate <= row.conf_high:
            return (OUTSIDE_PROFILE,)
    return ()


def joint_row(
    test: JointTest, *, term: str, quantity: Quantity, method: str, **labels: Any
) -> Estimate:
    """Return a chi-square or F test of several coefficients."""
    is_f = isfinite(test.df_den)
    return Estimate(
        quantity=quantity,
        term=term,
        statistic=test.statistic,
        df_num=float(test.df_num) if is_f else None,
        df=test.df_den if is_f else float(test.df_num),
        p_value=test.p_value,
        method=method,
        **labels,
    )


def asymmetry_rows(
    trials: Trials, pooling: Pooling, **labels: Any
) -> tuple[tuple[Estimate, ...], dict[str, float], tuple[str, ...]]:
    """Return Egger's tests, Begg's, the limits of Egger's lines, and the notes.

    Egger's slope is the change of the estimate per unit of standard error, 0 for a
    symmetric funnel. A test that the trials do not determine is named in the notes.
    """
    y, v = trials.estimate, trials.variance
    if y.size < FEWEST:
        return (), {}, ()
    level = pooling.conf_level
    regressions: dict[str, tuple[str, Callable[[], FunnelRegression]]] = {
        "egger": (tell("Egger's regression, t"), lambda: egger_regression(y, v, conf_level=level)),
        "egger_mixed": (
            tell("regression on the standard error, {pooling}", pooling=pooling.text),
            lambda: funnel_regression(
                y, v, estimator=pooling.tau2, test=pooling.test, conf_level=level
            ),
        ),
    }
    rows, limits, notes = [], {}, []
    for term, (method, regress) in regressions.items():
        try:
            found = regress()
        except NotEstimableError as error:
            notes.append(tell("no {test}: {why}", test=method, why=error.args[0]))
            continue
        rows.append(slope_row(found, term=term, method=method, pooling=pooling, **labels))
        limits[f"{term}_limit"] = found.limit
    try:
        rows.append(rank_row(rank_test(y, v), **labels))
    except NotEstimableError as error:
        notes.append(tell("no rank test of asymmetry: {why}", why=error.args[0]))
    if y.size < FEW_TRIALS:
        notes.append(
            tell(
                "{n} trials: below {few} the tests of asymmetry have little power, and not "
                "finding it means little",
                n=y.size,
                few=FEW_TRIALS,
            )
        )
    return tuple(rows), limits, tuple(notes)


def rank_row(rank: RankTest, **labels: Any) -> Estimate:
    """Return Begg's test as a row; how its p-value was found is in the method."""
    return Estimate(
        quantity="asymmetry_test",
        term="begg",
        estimate=rank.tau,
        p_value=rank.p_value,
        method=tell(
            "Begg's rank correlation, Kendall's tau, {p_value}",
            p_value=tell("exact" if rank.exact else "normal, ties"),
        ),
        **labels,
    )


def slope_row(
    regression: FunnelRegression, *, term: str, method: str, pooling: Pooling, **labels: Any
) -> Estimate:
    """Return the slope of a funnel as a row."""
    return labelled(
        regression.inference,
        1,
        quantity="asymmetry_test",
        term=term,
        conf_level=pooling.conf_level,
        method=method,
        **labels,
    )


def fit_figures(
    trials: Trials, fit: MetaFit | PooledTables, pooling: Pooling
) -> dict[str, float | int | str | None]:
    """Return the figures about a fit: sizes, likelihood, and the weight of each trial.

    ``weight <trial>`` is in percent; ``subgroup <trial>`` names the subgroup it is in.
    """
    likelihood = {"log_likelihood": fit.log_likelihood} if isinstance(fit, MetaFit) else {}
    return {
        "n_trials": trials.estimate.size,
        "n_subjects": sum(trials.n_subjects) if trials.n_subjects else None,
        "measure": pooling.measure,
        **likelihood,
        **{
            f"weight {name}": float(weight)
            for name, weight in zip(trials.names, fit.weights, strict=True)
        },
        **{
            f"subgroup {name}": group
            for name, group in zip(trials.names, trials.subgroups or (), strict=False)
        },
    }
