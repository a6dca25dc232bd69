"""Arms by visits: the multivariate linear model of complete profiles, and its univariate tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import chi_square_p_value, f_p_value

# Sums of squares this small beside those of the values, in units of machine epsilon, are
# what rounding leaves of profiles that the model fits exactly.
ROUNDING = 64 * np.finfo(np.float64).eps
UNCHANGING = tell("the changes between visits do not vary within the arms")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profiles:
    """Cell means and the error of profiles over visits, one unstructured covariance.

    Attributes
    ----------
    n : array, shape (a,)
        People of each arm.
    means : array, shape (a, k)
        Mean of each arm (row) at each visit (column), in the unit of the outcome.
    error : array, shape (k, k)
        Sums of squares and products of the residuals about the means of the arms.
    df_error : int
        N - a.
    scale : float
        Sum of squares of the values about their common mean.
    """

    n: FloatArray
    means: FloatArray
    error: FloatArray
    df_error: int
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FTest:
    """A term of the split-plot table: its sum of squares, its error, and their ratio."""

    sum_of_squares: float
    error_sum_of_squares: float
    df_num: float
    df_den: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphericity:
    """How far the covariance of the visits is from equal variances of all differences.

    ``huynh_feldt`` may exceed 1 and is given as computed; a correction uses at most 1.
    Mauchly's W, its chi-square and p are NaN for two visits, and where there are fewer
    error degrees of freedom than differences of visits or a difference does not vary.
    """

    greenhouse_geisser: float
    huynh_feldt: float
    mauchly: float
    chi_square: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariateTest:
    """Pillai's trace and Wilks's lambda of a term within people, with their F tests."""

    pillai: float
    pillai_test: tuple[float, float, float, float]
    wilks: float
    wilks_test: tuple[float, float, float, float]


def fit_profiles(samples: Sequence[FloatArray]) -> Profiles:
    """Fit one mean an arm and visit, and the covariance of visits within arms.

    Values are taken about their common mean first, so that a large common part costs no
    digits.

    Parameters
    ----------
    samples : sequence of array, shape (n_i, k)
        One array an arm: a row a person, a column a visit; no missing values, k >= 2.

    Raises
    ------
    NotEstimableError
        If an arm is empty, no arm has two people, or a square is beyond what a double holds.
    """
    n = np.array([float(len(sample)) for sample in samples])
    if not n.all():
        raise NotEstimableError(tell("an arm without complete people has no means"))
    df_error = int(n.sum()) - len(samples)
    if df_error < 1:
        raise NotEstimableError(
            tell(
                "{n} people in {arms} arms leave no degree of freedom for error",
                n=int(n.sum()),
                arms=len(samples),
            )
        )
    centre = float(np.mean(np.concatenate(samples)))
    shifted = [sample - centre for sample in samples]
    means = np.vstack([sample.mean(axis=0) for sample in shifted])
    with np.errstate(over="ignore"):
        scale = float(sum(np.sum(sample**2) for sample in shifted))
    if not np.isfinite(scale):
        raise NotEstimableError(tell("the values are too large to be squared; use a larger unit"))
    residuals = np.vstack([sample - mean for sample, mean in zip(shifted, means, strict=True)])
    return Profiles(
        n=n,
        means=means + centre,
        error=residuals.T @ residuals,
        df_error=df_error,
        scale=scale,
    )


def visit_contrasts(k: int) -> FloatArray:
    """Return k - 1 orthonormal contrasts of k visits (Helmert's), shape (k, k - 1)."""
    return np.asarray(linalg.helmert(k).T, dtype=np.float64)


def hypothesis_within(profiles: Profiles, term: str, *, sums_of_squares: str) -> FloatArray:
    """Return the sums of squares and products of a term within people.

    Parameters
    ----------
    profiles : Profiles
    term : "visit" or "arm:visit"
    sums_of_squares : "III" or "II"
        Of ``visit``: type III takes the mean of the arms with equal weight, type II with
        the weight of their size. The interaction is the same in both.

    Returns
    -------
    array, shape (k - 1, k - 1)
        In the orthonormal contrasts of ``visit_contrasts``.
    """
    n, means = profiles.n, profiles.means @ visit_contrasts(profiles.means.shape[1])
    if term == "visit":
        weight = np.ones_like(n) / n.size if sums_of_squares == "III" else n / n.sum()
        pooled = weight @ means
        return np.outer(pooled, pooled) / float(np.sum(weight**2 / n))
    apart = means - (n / n.sum()) @ means
    return np.asarray((apart.T * n) @ apart, dtype=np.float64)


def cell_function(profiles: Profiles, arms: FloatArray, visits: FloatArray) -> tuple[float, float]:
    """Return a linear function of the cell means and its standard error on N - a df.

    Parameters
    ----------
    profiles : Profiles
    arms : array, shape (a,)
        Weight of each arm.
    visits : array, shape (k,)
        Weight of each visit. A weighted sum of visits that does not vary within arms has
        the standard error 0.
    """
    parts = np.outer(visits, visits) * profiles.error
    squares = float(np.sum(parts))
    if squares <= ROUNDING * float(np.sum(np.abs(parts))):
        squares = 0.0
    variance = squares / profiles.df_error * float(np.sum(arms**2 / profiles.n))
    return float(arms @ profiles.means @ visits), float(np.sqrt(variance))


def between_test(profiles: Profiles) -> FTest:
    """Test whether the means over all visits are equal between arms.

    Raises
    ------
    NotEstimableError
        If people of one arm all have the same mean over visits.
    """
    k = profiles.means.shape[1]
    means = profiles.means.mean(axis=1)
    apart = means - (profiles.n @ means) / profiles.n.sum()
    error = float(np.sum(profiles.error)) / k
    require_error(error, profiles, tell("the means over visits do not vary within the arms"))
    return f_test(
        k * float(profiles.n @ apart**2),
        error,
        df_num=profiles.n.size - 1,
        df_den=profiles.df_error,
    )


def grand_mean_test(profiles: Profiles) -> FTest:
    """Test whether the mean of all cells is zero: the line other programs call intercept."""
    k = profiles.means.shape[1]
    mean = float(profiles.means.mean())
    squares = k * (profiles.n.size * mean) ** 2 / float(np.sum(1 / profiles.n))
    return f_test(squares, float(np.sum(profiles.error)) / k, df_num=1, df_den=profiles.df_error)


def within_test(profiles: Profiles, term: str, *, sums_of_squares: str, epsilon: float) -> FTest:
    """Test a term within people; both degrees of freedom are multiplied by ``epsilon``.

    Parameters
    ----------
    profiles : Profiles
    term : "visit" or "arm:visit"
    sums_of_squares : "III" or "II"
    epsilon : float
        At most 1; 1 without a correction.

    Raises
    ------
    NotEstimableError
        If nobody's profile departs from the means of the arm.

    References
    ----------
    Greenhouse SW, Geisser S (1959). Psychometrika 24:95-112.
    """
    k = profiles.means.shape[1]
    M = visit_contrasts(k)
    H = hypothesis_within(profiles, term, sums_of_squares=sums_of_squares)
    error = float(np.trace(M.T @ profiles.error @ M))
    require_error(error, profiles, UNCHANGING)
    rank = 1 if term == "visit" else profiles.n.size - 1
    return f_test(
        float(np.trace(H)),
        error,
        df_num=rank * (k - 1),
        df_den=profiles.df_error * (k - 1),
        epsilon=epsilon,
    )


def f_test(
    squares: float, error: float, *, df_num: int, df_den: int, epsilon: float = 1.0
) -> FTest:
    """Return the F test of a sum of squares; ``epsilon`` multiplies both df, F is the same."""
    statistic = (squares / df_num) / (error / df_den)
    return FTest(
        sum_of_squares=squares,
        error_sum_of_squares=error,
        df_num=df_num * epsilon,
        df_den=df_den * epsilon,
        statistic=statistic,
        p_value=f_p_value(statistic, df_num * epsilon, df_den * epsilon),
    )


def require_error(error: float, profiles: Profiles, because: str) -> None:
    """Raise unless an error sum of squares is more than rounding."""
    if error <= ROUNDING * profiles.scale:
        raise NotEstimableError(
            tell("{because}, so there is no error to test against", because=because)
        )


def sphericity(profiles: Profiles) -> Sphericity:
    """Return Mauchly's test and the two epsilons of the covariance of the visits.

    With S the error in k - 1 orthonormal contrasts, p = k - 1 and f = N - a:
    the first epsilon is tr(S)^2 / (p tr(S^2)); Huynh and Feldt's, in the form that
    Lecoutre (1991) corrected for several arms, is ((f + 1) p e - 2) / (p (f - p e)).

    References
    ----------
    Mauchly JW (1940). Ann Math Statist 11:204-209. Lecoutre B (1991). J Educ Statist
    16:371-372. R: ``car::Anova``, ``afex::aov_ez``; SAS: ``PROC GLM; REPEATED``.
    """
    k = profiles.means.shape[1]
    p, f = k - 1, profiles.df_error
    M = visit_contrasts(k)
    S = M.T @ profiles.error @ M
    trace = float(np.trace(S))
    require_error(trace, profiles, UNCHANGING)
    first = 1.0 if p == 1 else 1 / (p * float(np.sum((S / trace) ** 2)))
    below = p * (f - p * first)
    second = ((f + 1) * p * first - 2) / below if below > 0 else float("nan")
    W, chi_square, p_value = mauchly(S, k=k, df=f) if p > 1 else (float("nan"),) * 3
    return Sphericity(
        greenhouse_geisser=first,
        huynh_feldt=1.0 if p == 1 else second,
        mauchly=W,
        chi_square=chi_square,
        df=p * (p + 1) // 2 - 1,
        p_value=p_value,
    )


def mauchly(S: FloatArray, *, k: int, df: int) -> tuple[float, float, float]:
    """Return Mauchly's W, its chi-square and its p by Box's expansion to second order.

    In the second term R has 3 k where Box's series has 3 (k - 1); the printed p of R, car
    and afex is followed. They differ by a percent for five people and by far less for more.
    """
    p = k - 1
    eigenvalues = np.linalg.eigvalsh(S / np.trace(S) * p)
    if df < p or eigenvalues[0] <= ROUNDING * p:
        return float("nan"), float("nan"), float("nan")
    log_w = float(np.sum(np.log(eigenvalues)))
    rho = 1 - (2 * p**2 + p + 2) / (6 * p * df)
    if rho <= 0:
        return float(np.exp(log_w)), float("nan"), float("nan")
    second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * k + 2)
    weight = second / (288 * (df * p * rho) ** 2)
    chi_square = -df * rho * log_w
    freedom = p * (p + 1) // 2 - 1
    near = chi_square_p_value(chi_square, freedom)
    beyond = chi_square_p_value(chi_square, freedom + 4)
    p_value = near + weight * (beyond - near)
    return float(np.exp(log_w)), chi_square, min(max(p_value, 0.0), 1.0)


def multivariate_test(
    profiles: Profiles, term: str, *, sums_of_squares: str
) -> MultivariateTest | None:
    """Return Pillai's trace and Wilks's lambda, which need no sphericity.

    None where there are fewer error degrees of freedom than differences of visits, or a
    difference of visits does not vary within arms.

    References
    ----------
    Rencher AC, Christensen WF (2012). Methods of Multivariate Analysis, 3rd ed., ch. 6.
    R: ``summary(car::Anova(...))$multivariate.tests``.
    """
    k = profiles.means.shape[1]
    p, f = k - 1, profiles.df_error
    M = visit_contrasts(k)
    S = M.T @ profiles.error @ M
    if f < p or np.linalg.eigvalsh(S)[0] <= ROUNDING * np.trace(S):
        return None
    H = hypothesis_within(profiles, term, sums_of_squares=sums_of_squares)
    roots = np.maximum(linalg.eigh(H, S, eigvals_only=True), 0.0)
    q = 1 if term == "visit" else profiles.n.size - 1
    return MultivariateTest(
        pillai=float(np.sum(roots / (1 + roots))),
        pillai_test=pillai_test(roots, q=q, df_error=f),
        wilks=float(np.exp(-np.sum(np.log1p(roots)))),
        wilks_test=wilks_test(roots, q=q, df_error=f),
    )


def pillai_test(roots: FloatArray, *, q: int, df_error: int) -> tuple[float, float, float, float]:
    """Return Pillai's approximate F, its degrees of freedom and its p."""
    p = roots.size
    s = min(p, q)
    trace = float(np.sum(roots / (1 + roots)))
    one = abs(p - q) + s
    two = df_error - p + s
    statistic = (two / one) * trace / float(np.sum(1 / (1 + roots)) - (p - s))
    return statistic, float(s * one), float(s * two), f_p_value(statistic, s * one, s * two)


def wilks_test(roots: FloatArray, *, q: int, df_error: int) -> tuple[float, float, float, float]:
    """Return Rao's approximate F of Wilks's lambda, its degrees of freedom and its p."""
    p = roots.size
    freedom = p**2 + q**2 - 5
    power = np.sqrt(((p * q) ** 2 - 4) / freedom) if freedom > 0 else 1.0
    df_den = (df_error - (p - q + 1) / 2) * power - (p * q - 2) / 2
    log_lambda = -float(np.sum(np.log1p(roots)))
    statistic = float(np.expm1(-log_lambda / power)) * df_den / (p * q)
    return statistic, float(p * q), float(df_den), f_p_value(statistic, p * q, df_den)
