"""Intervals and p-values of indirect effects from their draws: percentile and BCa."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.bootstrap import (
    TIED,
    Level,
    bias_correction,
    plain_level,
    quantile,
    quantile_error,
    sixth_of_skewness,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnInference:
    """Indirect effects with what the draws say of them; every array has shape (k, p + 1).

    Attributes
    ----------
    std_error, conf_low, conf_high : array
        Unit of the outcome; the standard error is the standard deviation of the draws.
    p_value : array
        Two-sided, at least 2 / (draws + 1).
    limit_error : array
        Monte-Carlo standard error of the worse of the two limits.
    at_end : boolean array
        Whether a limit is the most extreme draw, so that more draws would move it.

    Where no BCa interval exists its limits and p-value are NaN.
    """

    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    p_value: FloatArray
    limit_error: FloatArray
    at_end: np.ndarray


def drawn_inference(
    estimate: FloatArray,
    effects: FloatArray,
    *,
    conf_level: float,
    jackknife: FloatArray | None = None,
) -> DrawnInference:
    """Return percentile intervals, or BCa ones where the values without each person are given.

    Parameters
    ----------
    estimate : array, shape (k, p + 1)
    effects : array, shape (draws, k, p + 1)
    conf_level : float
        Coverage, in (0, 1).
    jackknife : array, shape (n, k, p + 1), optional

    References
    ----------
    Efron B (1987). JASA 82:171-185. Davison AC, Hinkley DV (1997). Bootstrap Methods,
    section 5.3. R: ``boot.ci(type = "perc")``; ``boot.ci(type = "bca", L = ...)`` with the
    jackknife's influence values.
    """
    cells = [
        cell_inference(
            effects[:, *cell] - estimate[cell],
            estimate=float(estimate[cell]),
            conf_level=conf_level,
            acceleration=None if jackknife is None else acceleration(jackknife[:, *cell]),
        )
        for cell in np.ndindex(*estimate.shape)
    ]
    columns = np.array(cells, dtype=np.float64).T.reshape(-1, *estimate.shape)
    std_error, conf_low, conf_high, p, limit_error, at_end = columns
    return DrawnInference(
        std_error=std_error,
        conf_low=conf_low,
        conf_high=conf_high,
        p_value=p,
        limit_error=limit_error,
        at_end=at_end > 0,
    )


def cell_inference(
    deviations: FloatArray, *, estimate: float, conf_level: float, acceleration: float | None
) -> tuple[float, ...]:
    """Return one effect's standard error, limits, p-value, limit error, and whether at an end.

    A product of two paths that are both near zero may lie near the edge of its draws. Where
    a BCa interval would then leave out its own estimate there is none: its limits and
    p-value are NaN.

    Parameters
    ----------
    deviations : array, shape (draws,)
        Draws less the estimate.
    estimate : float
    conf_level : float
    acceleration : float, optional
        Without it the interval is that of percentiles.
    """
    ordered = np.sort(deviations)
    std_error = float(ordered.std(ddof=1))
    tails = ((1 - conf_level) / 2, (1 + conf_level) / 2)
    z0 = 0.0
    if acceleration is None:
        levels = [plain_level(tail, draws=ordered.size) for tail in tails]
    else:
        z0 = bias_correction(ordered, rounding=TIED * std_error)
        steps = [z0 + float(special.ndtri(tail)) for tail in tails]
        if not steps[0] < 0 < steps[1] or max(acceleration * step for step in steps) >= 1:
            return std_error, *[float("nan")] * 3, 0.0, 0.0
        levels = [corrected_level(z0, step, acceleration, ordered.size) for step in steps]
    low, high = (estimate + quantile(ordered, level.share) for level in levels)
    p = p_value(ordered + estimate, z0=z0, acceleration=acceleration or 0.0)
    error = max(quantile_error(ordered, level) for level in levels)
    ranks = [(ordered.size + 1) * level.share for level in levels]
    return std_error, low, high, p, error, float(ranks[0] < 1 or ranks[1] > ordered.size)


def corrected_level(z0: float, step: float, acceleration: float, draws: int) -> Level:
    """Return a level of a BCa interval, ``step`` normal quantiles (z0 included) away.

    Unlike ``bootstrap.bca_level`` it may lie beyond the last draw: the limit is then the last
    draw, which is told, because one effect of many is no reason to refuse the others.
    """
    slope = 1 - acceleration * step
    place = z0 + step / slope
    share, below = float(special.ndtr(place)), float(special.ndtr(z0))
    # The draws settle z0 and the quantile both, and the two errors go together.
    pull = float(np.exp((z0**2 - place**2) / 2)) * (1 + slope**-2)
    together = min(below, share) - below * share
    variance = pull**2 * below * (1 - below) + share * (1 - share) - 2 * pull * together
    return Level(share=share, variance=max(variance, 0.0) / draws)


def acceleration(jackknife: FloatArray) -> float:
    """Return the acceleration of one effect from its values without each person."""
    return sixth_of_skewness(jackknife.mean() - jackknife)


def p_value(effects: FloatArray, *, z0: float, acceleration: float) -> float:
    """Return the level at which an interval just reaches zero: a two-sided p-value.

    Twice (b + 1) / (draws + 1), b the draws beyond zero on the rarer side; for a BCa
    interval (z0 or acceleration not 0) that share is moved as its limits are. Never below
    2 / (draws + 1), never above 1.
    """
    least = 1 / (effects.size + 1)
    shares = [least * (1 + np.sum(side)) for side in (effects <= 0, effects >= 0)]
    tails = []
    # The upper tail is the lower one of the mirrored draws, whose z0 and a change sign.
    for share, sign in zip(shares, (1.0, -1.0), strict=True):
        away = float(special.ndtri(min(max(share, least), 1 - least))) - sign * z0
        room = 1 + sign * acceleration * away
        # Without room zero lies outside the interval of every level.
        moved = away / room - sign * z0 if room > 0 else np.copysign(np.inf, away)
        tails.append(float(special.ndtr(moved)))
    return float(np.clip(2 * min(tails), 2 * least, 1.0))
