"""Asymmetry of a funnel: Egger's regression, Begg's rank test, trim and fill."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference
from trialkit.numerics.meta_analysis import EQUAL_EFFECTS, HARTUNG_KNAPP, MetaFit, fit_meta
from trialkit.numerics.tails import normal_p_value

# Estimates at which trim and fill may swing to and fro before it is given up.
ROUNDS = 100
FEWEST = 3

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FunnelRegression:
    """Regression of the estimates on their standard errors.

    ``limit`` is the expected estimate of a trial without sampling error, ``slope`` the
    change of the estimate per unit of standard error: 0 for a symmetric funnel. Each is
    row 0 or 1 of ``inference``.
    """

    inference: Inference

    @property
    def limit(self) -> float:
        """Intercept of the line, in the unit of the estimates."""
        return float(self.inference.estimate[0])

    @property
    def slope(self) -> float:
        """Change of the estimate per unit of standard error; dimensionless."""
        return float(self.inference.estimate[1])


def egger_regression(y: FloatArray, v: FloatArray, *, conf_level: float) -> FunnelRegression:
    """Regress estimates on standard errors with weights 1 / v and a free error variance.

    The slope is the intercept of Egger's own form (standard normal deviate on precision);
    t on k - 2 df.

    Raises
    ------
    NotEstimableError
        With fewer than three trials, or the same standard error in all.

    References
    ----------
    Egger M, Davey Smith G, Schneider M, Minder C (1997). BMJ 315:629-634.
    R: metafor ``regtest(model = "lm")``.
    """
    return funnel_regression(
        y, v, estimator=EQUAL_EFFECTS, test=HARTUNG_KNAPP, conf_level=conf_level
    )


def funnel_regression(
    y: FloatArray, v: FloatArray, *, estimator: str, test: str, conf_level: float
) -> FunnelRegression:
    """Regress estimates on standard errors with a variance between trials besides.

    The mixed-effects form (Sterne and Egger 2005; metafor ``regtest(model = "rma")``).
    """
    require_three(y)
    std_error = np.sqrt(v)
    if np.ptp(std_error) <= 1e-12 * float(np.max(std_error)):
        raise NotEstimableError(
            tell("every trial has the same standard error; a funnel needs more")
        )
    X = np.column_stack([np.ones(y.size), std_error])
    fit = fit_meta(y, v, X=X, estimator=estimator, test=test, conf_level=conf_level)
    return FunnelRegression(inference=fit.inference)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest:
    """Kendall's tau b with its two-sided p-value; ``exact`` tells how that was found."""

    tau: float
    p_value: float
    exact: bool


def rank_test(y: FloatArray, v: FloatArray) -> RankTest:
    """Correlate standardised estimates with their variances by Kendall's tau.

    The exact distribution is used where no two values are equal, else the normal one with
    the variance for ties: the rule of R's ``cor.test``, which metafor's ``ranktest`` calls.

    References
    ----------
    Begg CB, Mazumdar M (1994). Biometrics 50:1088-1101.
    """
    require_three(y)
    weights = 1 / v
    average = float(weights @ y / np.sum(weights))
    standardised = (y - average) / np.sqrt(v - 1 / np.sum(weights))
    return kendall(standardised, v)


def kendall(a: FloatArray, b: FloatArray) -> RankTest:
    """Return Kendall's tau b of two samples of equal size, and its two-sided p-value."""
    n = a.size
    upper = np.triu_indices(n, 1)
    signs_a, signs_b = (np.sign(np.subtract.outer(x, x))[upper] for x in (a, b))
    score = float(signs_a @ signs_b)
    untied_a, untied_b = float(np.abs(signs_a).sum()), float(np.abs(signs_b).sum())
    if untied_a == 0 or untied_b == 0:
        raise NotEstimableError(tell("all values are equal, so they have no order to correlate"))
    tau = score / float(np.sqrt(untied_a * untied_b))
    pairs = n * (n - 1) / 2
    if untied_a == untied_b == pairs:
        return RankTest(tau=tau, p_value=kendall_exact_p_value(score, n), exact=True)
    p_value = normal_p_value(score / float(np.sqrt(kendall_variance(a, b))))
    return RankTest(tau=tau, p_value=p_value, exact=False)


def kendall_exact_p_value(score: float, n: int) -> float:
    """Return P(|S| >= |score|) for the score S of a random order of n untied values.

    The number of inversions of a random permutation is a sum of independent uniform
    counts on 0..i - 1, whose distributions are convolved.
    """
    chance = np.ones(1)
    for size in range(2, n + 1):
        padded = np.concatenate([np.zeros(1), np.cumsum(np.append(chance, np.zeros(size - 1)))])
        top = padded[1:]
        chance = (top - np.concatenate([np.zeros(size), top[:-size]])) / size
    pairs = n * (n - 1) // 2
    inversions = (pairs - abs(round(score))) // 2
    return float(min(1.0, 2 * np.sum(chance[: inversions + 1])))


def kendall_variance(a: FloatArray, b: FloatArray) -> float:
    """Return the variance of Kendall's score with ties (Kendall 1970, equation 4.4)."""
    n = a.size
    ties_a, ties_b = (np.unique(x, return_counts=True)[1].astype(np.float64) for x in (a, b))

    def five(t: FloatArray | float) -> float:
        return float(np.sum(np.multiply(t, np.subtract(t, 1)) * (2 * np.asarray(t) + 5)))

    def three(t: FloatArray) -> float:
        return float(np.sum(t * (t - 1) * (t - 2)))

    def two(t: FloatArray) -> float:
        return float(np.sum(t * (t - 1)))

    variance = (five(float(n)) - five(ties_a) - five(ties_b)) / 18
    variance += two(ties_a) * two(ties_b) / (2 * n * (n - 1))
    return variance + three(ties_a) * three(ties_b) / (9 * n * (n - 1) * (n - 2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrimAndFill:
    """The meta-analysis with the trials that a symmetric funnel would have.

    Attributes
    ----------
    missing : int
        Number of trials estimated to be missing.
    side : "left" or "right"
        Of the funnel where they are missing.
    fit : MetaFit
        Of the k trials and the filled ones.
    filled_estimate, filled_variance : array, shape (missing,)
    """

    missing: int
    side: Side
    fit: MetaFit
    filled_estimate: FloatArray
    filled_variance: FloatArray


def trim_and_fill(
    y: FloatArray,
    v: FloatArray,
    *,
    estimator: str,
    test: str,
    conf_level: float,
    side: Side | None = None,
) -> TrimAndFill:
    """Add the mirror images of the trials without a counterpart (Duval and Tweedie's L0).

    Parameters
    ----------
    y, v : array, shape (k,)
        Estimates and their sampling variances, k >= 3.
    estimator, test, conf_level
        As in ``fit_meta``; every round of trimming estimates tau squared anew.
    side : "left" or "right", optional
        Where trials are missing; by default the side that the slope of the funnel points
        away from.

    Raises
    ------
    NotEstimableError
        With fewer than three trials, or if the rounds do not settle.

    References
    ----------
    Duval SJ, Tweedie RL (2000). Biometrics 56:455-463. R: metafor ``trimfill``.
    """
    require_three(y)
    side = side or missing_side(y, v, estimator=estimator)
    # Worked on with the missing trials on the left; the mirror turns the right side over.
    turned = -1.0 if side == "right" else 1.0
    order = np.lexsort((v, turned * y))
    values, variances = turned * y[order], v[order]
    missing, average = unmatched(values, variances, estimator=estimator)
    largest = slice(y.size - missing, y.size)
    filled_y = turned * (2 * average - values[largest])
    filled_v = variances[largest]
    fit = fit_meta(
        np.concatenate([y, filled_y]),
        np.concatenate([v, filled_v]),
        estimator=estimator,
        test=test,
        conf_level=conf_level,
    )
    return TrimAndFill(
        missing=missing, side=side, fit=fit, filled_estimate=filled_y, filled_variance=filled_v
    )


def missing_side(y: FloatArray, v: FloatArray, *, estimator: str) -> Side:
    """Return the side of the funnel where small trials are missing, from its slope."""
    try:
        slope = funnel_regression(y, v, estimator=estimator, test="z", conf_level=0.95).slope
    except NotEstimableError:  # equal standard errors: a funnel without a slope
        return "left"
    return "right" if slope < 0 else "left"


def unmatched(values: FloatArray, variances: FloatArray, *, estimator: str) -> tuple[int, float]:
    """Return how many of the largest estimates lack a counterpart, and the average without them.

    ``values`` ascend. L0 = (4 S - k (k + 1)) / (2 k - 1), with S the sum of the ranks of
    the positive deviations, rounded half to even.
    """
    k = values.size
    missing = 0
    for _ in range(ROUNDS):
        seen = missing
        average = trimmed_average(values[: k - seen], variances[: k - seen], estimator=estimator)
        deviation = values - average
        rank = np.empty(k)
        rank[np.argsort(np.abs(deviation), kind="stable")] = np.arange(1, k + 1)
        ranks = float(np.sum(rank[deviation > 0]))
        missing = max(0, round((4 * ranks - k * (k + 1)) / (2 * k - 1)))
        if missing == seen:
            return missing, average
    raise NotEstimableError(tell("trim and fill does not settle on a number of missing trials"))


def trimmed_average(values: FloatArray, variances: FloatArray, *, estimator: str) -> float:
    """Return the average of the trials that are left; a single one is its own."""
    if values.size == 1:
        return float(values[0])
    fit = fit_meta(values, variances, estimator=estimator, test="z", conf_level=0.95)
    return float(fit.inference.estimate[0])


def require_three(y: FloatArray) -> None:
    """Raise unless there are enough trials to see a slope."""
    if y.size < FEWEST:
        raise NotEstimableError(
            tell("a funnel of {n} trials has no shape; three are needed", n=y.size)
        )
