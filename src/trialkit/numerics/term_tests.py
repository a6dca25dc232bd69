"""F tests of whole terms of a linear model: types III and II."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import ROUNDING, covariance_of
from trialkit.numerics.tails import f_p_value


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTest:
    """The test that a term adds nothing.

    ``sum_of_squares`` is F times its numerator's degrees of freedom times the residual
    variance: the classical sum of squares where the covariance is the model's.
    """

    F: float
    df_num: int
    df: float
    p_value: float
    sum_of_squares: float


def term_test(
    L: FloatArray, *, beta: FloatArray, vcov: FloatArray, df: float, sigma2: float
) -> TermTest:
    """Test that L beta = 0 by F = (L beta)' (L V L')^-1 (L beta) / q.

    Parameters
    ----------
    L : array, shape (q, k)
        Full rank.
    beta : array, shape (k,)
    vcov : array, shape (k, k)
        The model's covariance, or a robust one.
    df : float
        Of the denominator.
    sigma2 : float
        Residual variance, squared unit of the outcome.

    Raises
    ------
    NotEstimableError
        If the model fits exactly, or a combination of L beta has no variance.

    References
    ----------
    Searle SR, Gruber MHJ (2017). Linear Models, 2nd ed. Wiley, ch. 3.
    """
    if not sigma2 > 0:
        raise NotEstimableError(tell("the model fits exactly, so its terms have no F test"))
    q = len(L)
    factor = root_of(covariance_of(L, vcov))
    root = linalg.solve_triangular(factor, L @ beta, lower=True)
    F = float(root @ root) / q
    return TermTest(
        F=F,
        df_num=q,
        df=df,
        p_value=f_p_value(F, q, df),
        sum_of_squares=F * q * sigma2,
    )


def root_of(covariance: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of a covariance of full rank."""
    try:
        factor = linalg.cholesky(covariance, lower=True)
    except linalg.LinAlgError:
        factor = np.zeros_like(covariance)
    if np.any(np.diag(factor) ** 2 <= ROUNDING * np.diag(covariance)):
        raise NotEstimableError(
            tell(
                "the outcome does not vary among the people who determine a term (an arm in which "
                "everyone is alike), so it has no F test; choose the model's standard errors"
            )
        )
    return np.asarray(factor, dtype=np.float64)


def type_three(columns: Sequence[int], coefficients: FloatArray) -> FloatArray:
    """Return the hypothesis that a term's own coefficients are all 0, shape (q, k).

    With categories coded to sum to zero this is type III. It stands at the origin of the
    covariates: ``coefficients``, shape (k, k), turns those of the fit into those at that
    origin (the identity where the fit is at the origin already).
    """
    return coefficients[list(columns)]


def type_two(columns: Sequence[int], relatives: Sequence[int], vcov: FloatArray) -> FloatArray:
    """Return the hypothesis that a term adds nothing to all terms that do not contain it.

    The part of (term and relatives) = 0 that is uncorrelated with relatives = 0.

    Parameters
    ----------
    columns : sequence of int
        Of the term.
    relatives : sequence of int
        Of the terms that contain it.
    vcov : array, shape (k, k)

    References
    ----------
    Fox J, Weisberg S (2019). An R Companion to Applied Regression, 3rd ed., section 5.3.4.
    """
    identity = np.eye(len(vcov))
    if not relatives:
        return identity[list(columns)]
    both = identity[sorted([*columns, *relatives])]
    shared = both @ vcov @ identity[list(relatives)].T
    free = linalg.qr(shared)[0][:, len(relatives) :]
    return np.asarray(free.T @ both, dtype=np.float64)
