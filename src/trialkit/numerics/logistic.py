"""Logistic regression by maximum likelihood, with profile limits and separation refused."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.newton import (
    LocalLikelihood,
    LogLikelihood,
    Maximum,
    covariance,
    maximise,
    profile_deviance,
    profile_limits,
    steepest,
)
from trialkit.numerics.separation import refuse_separation
from trialkit.numerics.standardise import Standardised, standardise

# Fitted probabilities this near to 0 or 1 are looked into: separation, or just far away.
NEARLY_CERTAIN = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticFit:
    """Coefficients of a logistic regression, and what their profiles need.

    Attributes
    ----------
    beta : array, shape (k,)
        Log odds and log odds ratios, per unit of the column; the intercept first.
    vcov : array, shape (k, k)
        Inverse of the information.
    log_likelihood, deviance : float
        The deviance is minus twice the log-likelihood.
    max_gradient : float
        Largest slope at the estimate, in the standardised columns.
    steps : int
        Newton's steps.
    """

    beta: FloatArray
    vcov: FloatArray
    log_likelihood: float
    deviance: float
    max_gradient: float
    steps: int
    likelihood: LogLikelihood
    maximum: Maximum
    scale: FloatArray


def fit_logistic(X: FloatArray, y: FloatArray, names: Sequence[str]) -> LogisticFit:
    """Fit log odds(y = 1) = X beta by Newton's steps, on centred and scaled columns.

    Parameters
    ----------
    X : array, shape (n, k)
        Design matrix whose first column is 1.
    y : array, shape (n,)
        0 or 1.
    names : sequence of str, length k
        Names of the columns, for the error message.

    Raises
    ------
    NotEstimableError
        If everyone or nobody responds, a column depends on others, or some terms separate
        responders from the rest (their names are in the message).

    References
    ----------
    McCullagh P, Nelder JA (1989). Generalized Linear Models, 2nd ed., section 4.4. R:
    ``glm(family = binomial)``. SAS: ``PROC LOGISTIC``.
    """
    if y.min() == y.max():
        raise NotEstimableError(
            tell("everyone has the same response, so no odds ratio can be estimated")
        )
    columns = standardise(X[:, 1:], names[1:])
    Z = np.column_stack([np.ones(len(y)), columns.Z])
    likelihood = logistic_likelihood(Z, y)
    start = np.zeros(Z.shape[1])
    start[0] = special.logit(y.mean())
    maximum = maximise(likelihood, start)
    if not maximum.converged or np.max(np.abs(Z @ maximum.at)) > -np.log(NEARLY_CERTAIN):
        refuse_separation(
            (2 * y - 1)[:, np.newaxis] * Z,
            ["", *names[1:]],
            what=tell("responders from the others"),
        )
    if not maximum.converged:
        raise NotEstimableError(tell("the logistic regression has no finite maximum; simplify it"))
    back = to_original(columns)
    return LogisticFit(
        beta=back @ maximum.at,
        vcov=back @ covariance(maximum) @ back.T,
        log_likelihood=maximum.local.value,
        deviance=-2 * maximum.local.value,
        max_gradient=steepest(maximum.local),
        steps=maximum.steps,
        likelihood=likelihood,
        maximum=maximum,
        scale=np.concatenate([[1.0], columns.scale]),
    )


def logistic_likelihood(Z: FloatArray, y: FloatArray) -> LogLikelihood:
    """Return the log-likelihood of 0/1 answers as a function of the coefficients."""
    sign = 2 * y - 1

    def local(gamma: FloatArray) -> LocalLikelihood:
        eta = Z @ gamma
        # The probability of the answer that was not given keeps its digits near 0.
        unlikely = special.expit(-sign * eta)
        weight = unlikely * special.expit(sign * eta)
        return LocalLikelihood(
            value=float(np.sum(special.log_expit(sign * eta))),
            gradient=Z.T @ (sign * unlikely),
            information=(Z * weight[:, np.newaxis]).T @ Z,
        )

    return local


def to_original(columns: Standardised) -> FloatArray:
    """Return the matrix from standardised coefficients to those of the original columns."""
    k = len(columns.scale)
    back = np.diag(np.concatenate([[1.0], 1 / columns.scale]))
    back[0, 1:] = -columns.shift / columns.scale
    return np.asarray(back.reshape(k + 1, k + 1), dtype=np.float64)


def coefficient_limits(
    fit: LogisticFit, coefficient: int, *, conf_level: float
) -> tuple[float, float]:
    """Return the profile-likelihood limits of a coefficient (not of the intercept).

    References
    ----------
    Venzon DJ, Moolgavkar SH (1988). Appl Statist 37:87-94. SAS: ``PROC LOGISTIC;
    CLODDS=PL``. R: ``confint(glm)``, which interpolates the profile (to about 1e-5).
    """
    low, high = profile_limits(fit.likelihood, fit.maximum, coefficient, conf_level=conf_level)
    scale = float(fit.scale[coefficient])
    return low / scale, high / scale


def likelihood_ratio(fit: LogisticFit, coefficient: int) -> float:
    """Return the likelihood-ratio statistic (1 df) of a coefficient being 0."""
    return profile_deviance(fit.likelihood, fit.maximum, coefficient, 0.0)
