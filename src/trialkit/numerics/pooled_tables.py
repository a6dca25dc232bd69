"""Two-by-two tables pooled without a variance between trials: Mantel-Haenszel and Peto."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, log, nan, sqrt

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.effect_measures import (
    Effects,
    Tables,
    odds_ratio,
    require_people,
    risk_difference,
    risk_ratio,
)
from trialkit.numerics.proportions import Counts, Interval
from trialkit.numerics.stratified import (
    common_odds_ratio,
    common_risk_difference,
    common_risk_ratio,
)
from trialkit.numerics.tails import chi_square_p_value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PooledTables:
    """One effect for all trials, on the log scale where it is a ratio.

    Attributes
    ----------
    inference : Inference
        One row; normal.
    weights : array, shape (k,)
        Percent.
    q, q_df, q_p_value
        Cochran's test that the trials agree.
    """

    inference: Inference
    weights: FloatArray
    q: float
    q_df: int
    q_p_value: float


def mantel_haenszel(tables: Tables, *, measure: str, conf_level: float) -> PooledTables:
    """Pool tables with the weights of Mantel and Haenszel.

    No cell is added to. Heterogeneity is tested on the trials' own effects, for which one
    half is added where a cell is empty; a trial without (or with only) events says nothing
    about a ratio and is left out of that test.

    Parameters
    ----------
    tables : Tables
    measure : "risk_ratio", "odds_ratio" or "risk_difference"
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If an arm has no people, or a ratio has no events in one of the arms of any trial.

    References
    ----------
    Mantel N, Haenszel W (1959). J Natl Cancer Inst 22:719-748. Variances: Greenland S,
    Robins JM (1985), Biometrics 41:55-68 (risk ratio); Robins J, Breslow N, Greenland S
    (1986), Biometrics 42:311-323 (odds ratio); Sato T (1989), Biometrics 45:1323-1324 (risk
    difference). R: metafor ``rma.mh``.
    """
    require_people(tables)
    chosen = MEASURES[measure]
    whole = chosen.pooled(counts(tables), conf_level=conf_level)
    if chosen.is_ratio and not 0 < whole.estimate < inf:
        raise NotEstimableError(
            tell(
                "one arm has no event (or nothing but events) in any trial, so the ratio is 0 or "
                "infinite; ask for the risk difference"
            )
        )
    estimate = log(whole.estimate) if chosen.is_ratio else whole.estimate
    q, trials = heterogeneity_q(tables, chosen.each(tables), estimate)
    return pack(
        estimate,
        whole.std_error,
        chosen.weights(tables),
        q=q,
        trials=trials,
        conf_level=conf_level,
    )


def peto(tables: Tables, *, conf_level: float) -> PooledTables:
    """Pool log odds ratios by observed minus expected events over hypergeometric variances.

    Heterogeneity: the sum of (o - e)^2 / V of the trials minus its part for the average.

    References
    ----------
    Yusuf S et al. (1985). Prog Cardiovasc Dis 27:335-371. R: metafor ``rma.peto``.
    """
    require_people(tables)
    n1, n0 = tables.n_treatment, tables.n_reference
    n, events = n1 + n0, tables.a + tables.c
    excess = tables.a - events * n1 / n
    variance = n1 * n0 * events * (n - events) / (n**2 * np.maximum(n - 1, 1))
    total = float(np.sum(variance))
    if total == 0:
        raise NotEstimableError(tell("no trial has both people with and people without the event"))
    informative = variance > 0
    own = excess[informative] / variance[informative]
    estimate = float(np.sum(excess)) / total
    return pack(
        estimate,
        1 / sqrt(total),
        variance,
        q=float(np.sum(variance[informative] * (own - estimate) ** 2)),
        trials=int(np.sum(informative)),
        conf_level=conf_level,
    )


def risk_ratio_weights(t: Tables) -> FloatArray:
    """Return c n1 / N of each trial."""
    return np.asarray(t.c * t.n_treatment / (t.n_treatment + t.n_reference), dtype=np.float64)


def odds_ratio_weights(t: Tables) -> FloatArray:
    """Return b c / N of each trial."""
    return np.asarray(t.b * t.c / (t.n_treatment + t.n_reference), dtype=np.float64)


def risk_difference_weights(t: Tables) -> FloatArray:
    """Return n1 n0 / N of each trial."""
    n1, n0 = t.n_treatment, t.n_reference
    return np.asarray(n1 * n0 / (n1 + n0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How one measure is pooled: over all tables, in each, and with which weights."""

    pooled: Callable[..., Interval]
    each: Callable[[Tables], Effects]
    weights: Callable[[Tables], FloatArray]
    is_ratio: bool


MEASURES: Mapping[str, Measure] = {
    "risk_ratio": Measure(
        pooled=common_risk_ratio, each=risk_ratio, weights=risk_ratio_weights, is_ratio=True
    ),
    "odds_ratio": Measure(
        pooled=common_odds_ratio, each=odds_ratio, weights=odds_ratio_weights, is_ratio=True
    ),
    "risk_difference": Measure(
        pooled=common_risk_difference,
        each=risk_difference,
        weights=risk_difference_weights,
        is_ratio=False,
    ),
}


def counts(tables: Tables) -> list[tuple[Counts, Counts]]:
    """Return the tables as events and people of both arms."""
    return [
        (Counts(events=int(a), n=int(a + b)), Counts(events=int(c), n=int(c + d)))
        for a, b, c, d in zip(tables.a, tables.b, tables.c, tables.d, strict=True)
    ]


def heterogeneity_q(tables: Tables, effects: Effects, estimate: float) -> tuple[float, int]:
    """Return Cochran's Q of the trials that have events and people without, and their number."""
    told = tables.tells_ratio
    own, variance = effects.estimate[told], effects.variance[told]
    return float(np.sum((own - estimate) ** 2 / variance)), int(np.sum(told))


def pack(
    estimate: float,
    std_error: float,
    weights: FloatArray,
    *,
    q: float,
    trials: int,
    conf_level: float,
) -> PooledTables:
    """Return the record of a pooled effect."""
    df = trials - 1
    return PooledTables(
        inference=infer(
            np.array([estimate]), np.array([std_error]), np.array([inf]), conf_level=conf_level
        ),
        weights=100 * weights / np.sum(weights),
        q=q,
        q_df=df,
        q_p_value=chi_square_p_value(q, df) if df > 0 else nan,
    )
