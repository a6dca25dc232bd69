"""Pooling the estimates of trials: the average, its test, what a further trial may show."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, nan, sqrt

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.heterogeneity import (
    estimate_tau_squared,
    h_squared,
    i_squared,
    log_likelihood,
    residual_df,
    tau_squared_std_error,
    typical_variance,
    weighted_fit,
)
from trialkit.numerics.proportions import Interval
from trialkit.numerics.tails import chi_square_p_value, f_p_value, t_quantile

NORMAL = "z"
HARTUNG_KNAPP = "hartung_knapp"
NEVER_NARROWER = "hartung_knapp_never_narrower"
EQUAL_EFFECTS = "equal_effects"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaFit:
    """Coefficients of a meta-analysis (one: the average) and the variance between trials.

    Attributes
    ----------
    inference : Inference
        Of the p coefficients.
    vcov : array, shape (p, p)
    weights : array, shape (k,)
        Share of each trial in the average, percent.
    tau_squared, tau_squared_std_error : float
        Squared unit of the estimates; the standard error is NaN for equal effects.
    q, q_df, q_p_value : float
        Cochran's test of (residual) heterogeneity, whatever the estimator.
    i_squared, h_squared : float
        Percent, and ratio; NaN where the trials leave no degree of freedom.
    log_likelihood : float
        Restricted where tau squared is estimated so.
    df : float
        Of the tests of coefficients; ``inf`` for the normal.
    scale : float
        Hartung and Knapp's factor of the variance; 1 for z and t.
    """

    inference: Inference
    vcov: FloatArray
    weights: FloatArray
    tau_squared: float
    tau_squared_std_error: float
    q: float
    q_df: int
    q_p_value: float
    i_squared: float
    h_squared: float
    log_likelihood: float
    df: float
    scale: float


def fit_meta(
    y: FloatArray,
    v: FloatArray,
    *,
    X: FloatArray | None = None,
    estimator: str,
    test: str,
    conf_level: float,
) -> MetaFit:
    """Pool estimates by inverse variance, or regress them on moderators.

    Parameters
    ----------
    y, v : array, shape (k,)
        Estimates and their sampling variances.
    X : array, shape (k, p), optional
        Intercept and moderators; an intercept alone by default.
    estimator : str
        Of tau squared, a key of ``heterogeneity.ESTIMATORS``; ``"equal_effects"`` has none.
    test : "z", "t", "hartung_knapp" or "hartung_knapp_never_narrower"
        Normal; t on k - p df; t with the variance scaled by the weighted mean square of
        the residuals; the same, never scaled down.
    conf_level : float
        Coverage, in (0, 1).

    Raises
    ------
    NotEstimableError
        If a variance is not positive, there are no more trials than coefficients (one
        trial is its own average, for equal effects and z), or the trials agree exactly
        under ``"hartung_knapp"``.

    References
    ----------
    Hartung J, Knapp G (2001). Stat Med 20:3875-3889. R: metafor ``rma``.
    """
    design = np.ones((y.size, 1)) if X is None else X
    require_trials(y, v, design, estimator=estimator, test=test)
    k, p = design.shape
    tau_squared = estimate_tau_squared(y, v, design, estimator=estimator)
    fit = weighted_fit(y, v, design, tau_squared)
    mean_square = fit.q / (k - p) if k > p else nan
    scale = {HARTUNG_KNAPP: mean_square, NEVER_NARROWER: max(1.0, mean_square)}.get(test, 1.0)
    if scale == 0:
        raise NotEstimableError(
            tell(
                "the trials agree exactly, so Hartung and Knapp's standard error is zero; ask for "
                "test {never_narrower!r} or {normal!r}",
                never_narrower=NEVER_NARROWER,
                normal=NORMAL,
            )
        )
    vcov = scale * fit.unscaled
    df = inf if test == NORMAL else float(k - p)
    at_zero = weighted_fit(y, v, design, 0.0)
    i2, h2 = relative_heterogeneity(
        y, v, design, equal_effects=estimator == EQUAL_EFFECTS, tau_squared=tau_squared
    )
    return MetaFit(
        inference=infer(fit.beta, np.sqrt(np.diag(vcov)), np.full(p, df), conf_level=conf_level),
        vcov=vcov,
        weights=100 * fit.weights / np.sum(fit.weights),
        tau_squared=tau_squared,
        tau_squared_std_error=tau_squared_std_error(
            y, v, design, estimator=estimator, tau_squared=tau_squared
        ),
        q=at_zero.q,
        q_df=k - p,
        q_p_value=chi_square_p_value(at_zero.q, k - p) if k > p else nan,
        i_squared=i2,
        h_squared=h2,
        log_likelihood=log_likelihood(
            y, v, design, tau_squared, restricted=estimator == "restricted_maximum_likelihood"
        ),
        df=df,
        scale=scale,
    )


def require_trials(
    y: FloatArray, v: FloatArray, X: FloatArray, *, estimator: str, test: str
) -> None:
    """Raise unless the trials can determine what is asked for."""
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(v)) and np.all(v > 0)):
        raise NotEstimableError(
            tell("a trial's estimate is not finite or its variance not positive")
        )
    k, p = X.shape
    alone = k == p == 1 and estimator == EQUAL_EFFECTS and test == NORMAL
    if k <= p and not alone:
        if k == p == 1:
            raise NotEstimableError(
                tell(
                    "one trial alone cannot be pooled: it says nothing of the spread between "
                    "trials (tau2 'equal_effects' with test 'z' gives it back as it is)"
                )
            )
        raise NotEstimableError(
            tell(
                "{k} trials cannot determine {p} coefficients and the spread around them", k=k, p=p
            )
        )


def relative_heterogeneity(
    y: FloatArray, v: FloatArray, X: FloatArray, *, equal_effects: bool, tau_squared: float
) -> tuple[float, float]:
    """Return I squared (percent) and H squared.

    From tau squared where it is estimated; from Q (Higgins and Thompson 2002) under equal
    effects. The two agree for DerSimonian and Laird's estimate.
    """
    df = residual_df(X)
    if df < 1:
        return nan, nan
    if not equal_effects:
        typical = typical_variance(y, v, X)
        return i_squared(tau_squared, typical), h_squared(tau_squared, typical)
    q = weighted_fit(y, v, X, 0.0).q
    return (100 * max(0.0, (q - df) / q) if q > 0 else 0.0), q / df


def prediction_interval(fit: MetaFit, *, rule: str, conf_level: float) -> Interval:
    """Return where the effect of a further trial of the same kind is expected.

    The average +- quantile x sqrt(tau squared + squared standard error). ``"as_tested"``
    takes the quantile of the average's own test (z, or t on k - 1 df, as metafor does);
    ``"higgins"`` that of t on k - 2 df.

    Raises
    ------
    NotEstimableError
        If the fit has moderators, or under ``"higgins"`` fewer than three trials.

    References
    ----------
    Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). J R Statist Soc A 172:137-159.
    """
    if fit.inference.estimate.size != 1:
        raise NotEstimableError(tell("a prediction interval needs a single average"))
    df = float(fit.q_df - 1) if rule == "higgins" else fit.df
    if df < 1:
        raise NotEstimableError(tell("Higgins's prediction interval needs at least three trials"))
    centre = float(fit.inference.estimate[0])
    spread = sqrt(fit.tau_squared + float(fit.vcov[0, 0]))
    half = float(t_quantile(conf_level, np.array([df]))[0]) * spread
    return Interval(
        estimate=centre, std_error=spread, conf_low=centre - half, conf_high=centre + half
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """A test of several coefficients: chi-square (``df_den`` infinite) or F."""

    statistic: float
    df_num: int
    df_den: float
    p_value: float


def joint_test(fit: MetaFit, rows: slice = slice(1, None)) -> JointTest:
    """Test that the chosen coefficients (all but the intercept) are 0.

    A chi-square under z, an F (the same over its df) on k - p df otherwise.
    """
    b = fit.inference.estimate[rows]
    chi_square = float(b @ np.linalg.solve(fit.vcov[rows, rows], b))
    m = b.size
    if fit.df == inf:
        p_value = chi_square_p_value(chi_square, m)
        return JointTest(statistic=chi_square, df_num=m, df_den=inf, p_value=p_value)
    statistic = chi_square / m
    p_value = f_p_value(statistic, m, fit.df)
    return JointTest(statistic=statistic, df_num=m, df_den=fit.df, p_value=p_value)


def subgroup_difference(fits: Mapping[str, MetaFit]) -> JointTest:
    """Test that the averages of subgroups, each with its own tau squared, are equal.

    Cochran's Q of the averages with the squares of their standard errors, chi-square on
    (number of subgroups - 1) df.
    """
    estimate = np.array([fit.inference.estimate[0] for fit in fits.values()])
    variance = np.array([fit.vcov[0, 0] for fit in fits.values()])
    df = len(fits) - 1
    if df < 1:
        raise NotEstimableError(tell("one subgroup alone has nothing to differ from"))
    q = weighted_fit(estimate, variance, np.ones((df + 1, 1)), 0.0).q
    return JointTest(statistic=q, df_num=df, df_den=inf, p_value=chi_square_p_value(q, df))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeaveOneOut:
    """The meta-analysis without each trial in turn; every array has shape (k,).

    ``cook_distance`` is the squared shift of the average over its variance with all
    trials; ``residual`` the trial's distance from the average of the others over its
    standard deviation (externally standardised).
    """

    fits: tuple[MetaFit, ...]
    cook_distance: FloatArray
    residual: FloatArray


def leave_one_out(
    y: FloatArray, v: FloatArray, *, estimator: str, test: str, conf_level: float
) -> LeaveOneOut:
    """Pool all trials but one, for each trial in turn; tau squared is estimated anew.

    R: metafor ``leave1out`` and ``influence``.
    """
    fit = partial(fit_meta, estimator=estimator, test=test, conf_level=conf_level)
    whole = fit(y, v)
    keep = ~np.eye(y.size, dtype=bool)
    fits = tuple(fit(y[rows], v[rows]) for rows in keep)
    others = np.array([one.inference.estimate[0] for one in fits])
    spread = np.array([one.tau_squared + one.vcov[0, 0] for one in fits]) + v
    return LeaveOneOut(
        fits=fits,
        cook_distance=(whole.inference.estimate[0] - others) ** 2 / whole.vcov[0, 0],
        residual=(y - others) / np.sqrt(spread),
    )
