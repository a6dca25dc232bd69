"""Pooled figures to labelled rows: trials, average, prediction, heterogeneity, asymmetry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import exp, inf, isfinite, sqrt
from typing import Any, Final

import numpy as np

from trialkit.analysis.estimates import from_inference, from_interval, number
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.trial_rows import Trials
from trialkit.errors import NotEstimableError
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
    fit_meta,
    prediction_interval,
)
from trialkit.numerics.pooled_tables import PooledTables
from trialkit.result.analysis_result import Estimate
from trialkit.terms import (
    EffectMeasure,
    HeterogeneityEstimator,
    PooledTest,
    PredictionRule,
    Quantity,
    SubgroupHeterogeneity,
    allowed,
)

ESTIMATOR_NAMES: Final[Mapping[str, str]] = {
    "equal_effects": "equal effects",
    "dersimonian_laird": "DerSimonian-Laird",
    "restricted_maximum_likelihood": "restricted maximum likelihood",
    "paule_mandel": "Paule-Mandel",
    "maximum_likelihood": "maximum likelihood",
    "hedges": "Hedges",
    "hunter_schmidt": "Hunter-Schmidt",
    "sidik_jonkman": "Sidik-Jonkman",
    "empirical_bayes": "empirical Bayes",
}
TEST_NAMES: Final[Mapping[str, str]] = {
    "z": "normal test",
    "t": "t test",
    "hartung_knapp": "Hartung-Knapp test",
    "hartung_knapp_never_narrower": "Hartung-Knapp test, never narrower",
}
PREDICTION_NAMES: Final[Mapping[str, str]] = {
    "as_tested": "prediction interval, quantile of the average's test",
    "higgins": "prediction interval, t on k - 2 df (Higgins)",
}
RATIOS: Final[Mapping[str, Quantity]] = {"risk_ratio": "risk_ratio", "odds_ratio": "odds_ratio"}
# Below this many trials Egger's test hardly ever sees what there is to see (Sterne 2011).
FEW_TRIALS: Final = 10
LARGEST_LOGARITHM: Final = 709.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """How trials are pooled; every word is checked when it is made.

    Raises
    ------
    SpecificationError
        If a word is unknown or the level is none.
    """

    tau2: HeterogeneityEstimator
    test: PooledTest
    prediction: PredictionRule = "as_tested"
    subgroup_tau2: SubgroupHeterogeneity = "separate"
    measure: EffectMeasure | None = None
    conf_level: float

    def __post_init__(self) -> None:
        """Refuse an unknown word, naming those that are known."""
        require_conf_level(self.conf_level)
        require_word(self.tau2, allowed(HeterogeneityEstimator), option="tau2")
        require_word(self.test, allowed(PooledTest), option="test")
        require_word(self.prediction, allowed(PredictionRule), option="prediction")
        require_word(self.subgroup_tau2, allowed(SubgroupHeterogeneity), option="subgroup_tau2")
        if self.measure is not None:
            require_word(self.measure, allowed(EffectMeasure), option="measure")

    def fit(self, trials: Trials, *, moderated: bool = False) -> MetaFit:
        """Pool the trials."""
        return fit_meta(
            trials.estimate,
            trials.variance,
            X=trials.X if moderated else None,
            estimator=self.tau2,
            test=self.test,
            conf_level=self.conf_level,
        )

    @property
    def ratio(self) -> Quantity | None:
        """The ratio whose logarithms are pooled, or None."""
        return RATIOS.get(self.measure) if self.measure else None

    @property
    def text(self) -> str:
        """The method in words."""
        ratio = self.ratio
        scale = f", log {ratio.replace('_', ' ')}" if ratio else ""
        kind = "" if self.tau2 == EQUAL_EFFECTS else "random effects, "
        return f"{kind}{ESTIMATOR_NAMES[self.tau2]}, {TEST_NAMES[self.test]}{scale}"


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
            method="estimate of the trial, normal interval",
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
        method=f"{average.method}, back-transformed",
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
        method="Cochran's Q, chi-square",
        **labels,
    )
    name = ESTIMATOR_NAMES[pooling.tau2]
    if pooling.tau2 == EQUAL_EFFECTS:
        share = {"quantity": "heterogeneity", "method": "from Q", **labels}
        return (
            Estimate(term="I_squared", estimate=number(fit.i_squared), **share),
            Estimate(term="H_squared", estimate=number(fit.h_squared), **share),
            q,
        )
    X = np.ones((trials.estimate.size, 1)) if trials.X is None else trials.X
    limits = q_profile(trials.estimate, trials.variance, X, conf_level=pooling.conf_level)
    typical = typical_variance(trials.estimate, trials.variance, X)
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
                method=f"{name}, Q-profile interval",
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
            return ("the Q-profile interval of tau squared is empty: both limits lie below 0",)
        if not (row.conf_low or 0.0) <= row.estimate <= row.conf_high:
            return ("the estimate of tau squared lies outside its Q-profile interval",)
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
        "egger": ("Egger's regression, t", lambda: egger_regression(y, v, conf_level=level)),
        "egger_mixed": (
            f"regression on the standard error, {pooling.text}",
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
            notes.append(f"no {method}: {error}")
            continue
        rows.append(slope_row(found, term=term, method=method, pooling=pooling, **labels))
        limits[f"{term}_limit"] = found.limit
    try:
        rows.append(rank_row(rank_test(y, v), **labels))
    except NotEstimableError as error:
        notes.append(f"no rank test of asymmetry: {error}")
    if y.size < FEW_TRIALS:
        notes.append(
            f"{y.size} trials: below {FEW_TRIALS} the tests of asymmetry have little power, and "
            "not finding it means little"
        )
    return tuple(rows), limits, tuple(notes)


def rank_row(rank: RankTest, **labels: Any) -> Estimate:
    """Return Begg's test as a row; how its p-value was found is in the method."""
    how = "exact" if rank.exact else "normal, ties"
    return Estimate(
        quantity="asymmetry_test",
        term="begg",
        estimate=rank.tau,
        p_value=rank.p_value,
        method=f"Begg's rank correlation, Kendall's tau, {how}",
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
