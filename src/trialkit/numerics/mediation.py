"""Mediation by linear models: paths, products of paths, and what would make them vanish."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, infer
from trialkit.numerics.least_squares import LeastSquaresFit, fit_least_squares
from trialkit.numerics.nested_models import NestedTest, added_columns_test

# An effect this small beside the standard error of the total effect is zero but for rounding.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MediationData:
    """Complete people: who was in which arm, what may mediate, and the outcome.

    Attributes
    ----------
    covariates : array, shape (n, c)
        The intercept first, then the covariates, coded as numbers.
    arms : array, shape (n, k)
        One indicator an arm other than the reference.
    mediators : array, shape (n, p)
    outcome : array, shape (n,)
    names : tuple of str, length c + k + p
        Names of the columns above, in their order, for error messages.
    """

    covariates: FloatArray
    arms: FloatArray
    mediators: FloatArray
    outcome: FloatArray
    names: tuple[str, ...]

    @property
    def exposure(self) -> FloatArray:
        """Covariates and arms side by side, shape (n, c + k)."""
        return np.column_stack([self.covariates, self.arms])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MediationFit:
    """Three least-squares fits on the same people: mediators, outcome, outcome without them.

    With W the covariates and arms: M = W A + E, y = W g + M b + e and y = W h + u. The
    rows of A that belong to arms are the a paths, those of g the direct effects, those of
    h the total effects, and total = direct + a b.

    Attributes
    ----------
    a, a_std_error : array, shape (k, p)
        Mediator units, arm minus reference.
    a_vcov : array, shape (k, p, p)
        Covariance of an arm's a paths with one another.
    b, b_std_error : array, shape (p,)
        Outcome units per mediator unit, the other mediators held.
    b_vcov : array, shape (p, p)
    direct, direct_std_error, total, total_std_error : array, shape (k,)
        Outcome units, arm minus reference.
    df_mediator, df_outcome : int
        Residual degrees of freedom of the models without and with the mediators.
    residual_squares : float
        Residual sum of squares of the outcome given arms, covariates and mediators.
    unexplained : float
        Its share of the outcome's sum of squares about the mean: 1 - R^2.
    """

    a: FloatArray
    a_std_error: FloatArray
    a_vcov: FloatArray
    b: FloatArray
    b_std_error: FloatArray
    b_vcov: FloatArray
    direct: FloatArray
    direct_std_error: FloatArray
    total: FloatArray
    total_std_error: FloatArray
    df_mediator: int
    df_outcome: int
    residual_squares: float
    unexplained: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeltaErrors:
    """Standard errors of the indirect effects by the delta method and its two relatives.

    Attributes
    ----------
    sobel : array, shape (k, p + 1)
        First order (Sobel 1982); the last column is the sum over the mediators.
    aroian : array, shape (k, p)
        Second order, exact for independent normal paths (Aroian 1947).
    goodman_variance : array, shape (k, p)
        The unbiased estimate of the variance (Goodman 1960). It may be negative, and
        then has no square root.
    """

    sobel: FloatArray
    aroian: FloatArray
    goodman_variance: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity:
    """How much confounding of a mediator with the outcome undoes its indirect effect.

    Every array has shape (p,).

    Attributes
    ----------
    rho : array
        Correlation of the errors of mediator and outcome at which b, and with it the
        indirect effect in every arm, is zero; it has the sign of b.
    r_squared_unexplained : array
        rho^2: the product of the shares of the *unexplained* variances of mediator and
        outcome that a confounder would have to explain.
    r_squared_total : array
        The same product as shares of the total variances.
    outcome_per_mediator : array
        Standard deviation of the outcome over that of the mediator, both given the arms,
        the covariates and the other mediators.
    """

    rho: FloatArray
    r_squared_unexplained: FloatArray
    r_squared_total: FloatArray
    outcome_per_mediator: FloatArray


def fit_mediation(data: MediationData) -> MediationFit:
    """Fit the models of mediation by least squares, all on the same people.

    Parameters
    ----------
    data : MediationData
        No missing values.

    Returns
    -------
    MediationFit

    Raises
    ------
    NotEstimableError
        If a column depends on those before it, there are fewer people than coefficients,
        or a mediator or the outcome has no error variance.

    References
    ----------
    Hayes AF, Preacher KJ (2014). Br J Math Stat Psychol 67:451-470 (several arms).
    Preacher KJ, Hayes AF (2008). Behav Res Methods 40:879-891 (parallel mediators).
    """
    W, M, y = data.exposure, data.mediators, data.outcome
    c, q = data.covariates.shape[1], W.shape[1]
    of_mediators = [fit_least_squares(W, column, data.names[:q]) for column in M.T]
    require_scatter(of_mediators, data.names[q:])
    with_mediators = fit_least_squares(np.column_stack([W, M]), y, data.names)
    require_scatter([with_mediators], ["the outcome"])
    without = fit_least_squares(W, y, data.names[:q])
    residuals = M - W @ np.column_stack([fit.beta for fit in of_mediators])
    # vcov / sigma2 is (W'W)^-1, the same for every mediator.
    leverage = np.diag(of_mediators[0].vcov)[c:] / of_mediators[0].sigma2
    scatter = residuals.T @ residuals / of_mediators[0].df_residual
    return MediationFit(
        a=np.array([fit.beta[c:] for fit in of_mediators]).T,
        a_std_error=np.array([np.sqrt(np.diag(fit.vcov)[c:]) for fit in of_mediators]).T,
        a_vcov=leverage[:, np.newaxis, np.newaxis] * scatter,
        b=with_mediators.beta[q:],
        b_std_error=np.sqrt(np.diag(with_mediators.vcov)[q:]),
        b_vcov=with_mediators.vcov[q:, q:],
        direct=with_mediators.beta[c:q],
        direct_std_error=np.sqrt(np.diag(with_mediators.vcov)[c:q]),
        total=without.beta[c:],
        total_std_error=np.sqrt(np.diag(without.vcov)[c:]),
        df_mediator=without.df_residual,
        df_outcome=with_mediators.df_residual,
        residual_squares=with_mediators.sigma2 * with_mediators.df_residual,
        unexplained=1 - with_mediators.r_squared,
    )


def require_scatter(fits: Sequence[LeastSquaresFit], names: Sequence[str]) -> None:
    """Raise unless every model leaves an error variance."""
    exact = [name for fit, name in zip(fits, names, strict=True) if fit.sigma2 == 0]
    if exact:
        raise NotEstimableError(
            tell(
                "{mediators}: determined without error by the terms of its model, so no "
                "effect through it can be told apart",
                mediators=tell_list(exact),
            )
        )


def indirect_effects(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the products of paths, and their sum over the mediators as a last column.

    Parameters
    ----------
    a : array, shape (..., k, p)
    b : array, shape (..., p)

    Returns
    -------
    array, shape (..., k, p + 1)
        In the unit of the outcome.
    """
    specific = a * b[..., np.newaxis, :]
    return np.concatenate([specific, specific.sum(axis=-1, keepdims=True)], axis=-1)


def path_inference(
    estimate: FloatArray, std_error: FloatArray, df: int, *, conf_level: float
) -> Inference:
    """Test coefficients of one of the models by Student's t, in their order when flattened."""
    return infer(
        estimate.ravel(),
        std_error.ravel(),
        np.full(estimate.size, float(df)),
        conf_level=conf_level,
    )


def delta_errors(fit: MediationFit) -> DeltaErrors:
    """Return the standard errors of the indirect effects that come from the paths' own.

    a and b are uncorrelated: b rests on what the arms and covariates leave of the
    mediators. The a paths of one arm are correlated with one another, and so are the b
    paths, which enters the variance of the sum: b' V(a) b + a' V(b) a.

    References
    ----------
    Sobel ME (1982). Sociological Methodology 13:290-312. Aroian LA (1947). Ann Math Stat
    18:265-271. Goodman LA (1960). JASA 55:708-713. Preacher and Hayes (2008), eq. 8.
    """
    from_a = (fit.b * fit.a_std_error) ** 2
    from_b = (fit.a * fit.b_std_error) ** 2
    both = (fit.a_std_error * fit.b_std_error) ** 2
    of_sum = np.einsum("i,kij,j->k", fit.b, fit.a_vcov, fit.b)
    of_sum = of_sum + np.einsum("ki,ij,kj->k", fit.a, fit.b_vcov, fit.a)
    return DeltaErrors(
        sobel=np.sqrt(np.column_stack([from_a + from_b, of_sum])),
        aroian=np.sqrt(from_a + from_b + both),
        goodman_variance=from_a + from_b - both,
    )


def delta_inference(fit: MediationFit, *, conf_level: float) -> Inference:
    """Test every indirect effect by its first-order standard error and the normal.

    The product of two normal paths is not normal; with few people the interval is too
    symmetric, and its coverage falls short where one path is near zero and the other not.

    Returns
    -------
    Inference
        One entry an arm and effect, arms outermost; each arm ends with the sum.
    """
    effects = indirect_effects(fit.a, fit.b)
    return infer(
        effects.ravel(),
        delta_errors(fit).sobel.ravel(),
        np.full(effects.size, np.inf),
        conf_level=conf_level,
    )


def interaction_tests(data: MediationData) -> tuple[NestedTest, ...]:
    """Test, mediator by mediator, that its b path is the same in every arm.

    The products of a mediator with the arms are added to the outcome's model. The indirect
    effects here assume that none is needed.

    Raises
    ------
    NotEstimableError
        If there are too few people for the larger model.

    References
    ----------
    Valeri L, VanderWeele TJ (2013). Psychol Methods 18:137-150. R: ``anova`` of two ``lm``.
    """
    X = np.column_stack([data.exposure, data.mediators])
    centred = data.mediators - data.mediators.mean(axis=0)
    return tuple(
        added_columns_test(X, data.arms * column[:, np.newaxis], data.outcome)
        for column in centred.T
    )


def proportions_mediated(fit: MediationFit) -> FloatArray:
    """Return each indirect effect as a share of its arm's total effect.

    Returns
    -------
    array, shape (k, p + 1)
        NaN where the indirect and the total effect do not point the same way, because a
        share of something of the other sign is no share, and where either is zero.
    """
    effects = indirect_effects(fit.a, fit.b)
    total = fit.total[:, np.newaxis]
    zero = ROUNDING * fit.total_std_error[:, np.newaxis]
    along = (np.sign(effects) * np.sign(total) > 0) & (
        np.minimum(np.abs(effects), np.abs(total)) > zero
    )
    return np.where(along, effects / np.where(along, total, 1.0), np.nan)


def sensitivity(fit: MediationFit, data: MediationData) -> Sensitivity:
    """Return the error correlation at which each indirect effect vanishes.

    For one mediator this is the closed form of the linear case: the correlation of the
    residuals of outcome and mediator given arms and covariates. With several, the other
    mediators count among the covariates of both models.

    References
    ----------
    Imai K, Keele L, Yamamoto T (2010). Stat Sci 25:51-71, theorem 4 and section 5.
    R: ``mediation::medsens`` (rho, R^2* and R^2~ at which the effect is 0).
    """
    # 1 / diagonal of (X'X)^-1: what the other columns leave of each mediator.
    left = fit.residual_squares / fit.df_outcome / np.diag(fit.b_vcov)
    outcome_left = fit.residual_squares + fit.b**2 * left
    ratio = np.sqrt(outcome_left / left)
    rho = fit.b / ratio
    spread = np.sum((data.mediators - data.mediators.mean(axis=0)) ** 2, axis=0)
    return Sensitivity(
        rho=rho,
        r_squared_unexplained=rho**2,
        r_squared_total=rho**2 * (left / spread) * fit.unexplained,
        outcome_per_mediator=ratio,
    )


def indirect_at(rho: FloatArray, *, a: FloatArray, found: Sensitivity) -> FloatArray:
    """Return the specific indirect effects, were the errors correlated by ``rho``.

    Parameters
    ----------
    rho : array, shape (r,)
        In (-1, 1).
    a : array, shape (k, p)
        The a paths, which randomisation protects.
    found : Sensitivity

    Returns
    -------
    array, shape (r, k, p)
        At rho = 0 the products a b; zero at ``found.rho``.

    References
    ----------
    Imai, Keele and Yamamoto (2010), theorem 4.
    """
    rho = rho[:, np.newaxis]
    shift = rho * np.sqrt((1 - found.rho**2) / (1 - rho**2))
    b = found.outcome_per_mediator * (found.rho - shift)
    return a * b[:, np.newaxis, :]
