"""The largest of several correlated t statistics: its tail, without random numbers.

Three ways, the first that fits: two dimensions (two contrasts, or all pairs of three arms)
by the angle, one common factor (contrasts with one arm, without covariates) by nested
quadrature, and everything else by a fixed lattice. Each integrates the tail itself, so that
far tails keep their digits.
"""

from functools import lru_cache

import numpy as np
from scipy import special, stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.studentized import bound_of_tail, studentised_tail
from trialkit.numerics.tails import two_sided_p_value

# Correlations that agree to this are rounding apart.
ROUNDING = 1e-11
# Gauss-Legendre nodes of a panel of angles.
PANELS = 12
PANEL_NODES, PANEL_WEIGHTS = np.polynomial.legendre.leggauss(24)
# Trapezoidal rule over the common factor: its step beside the sharpest slope it meets.
STEP_SHARE, LONGEST_STEP, FACTOR_HALF_WIDTH = 0.3, 0.15, 9.0
# A lattice of Korobov's form: of 400 generators the one with the least P2 error in ten
# dimensions whose weights fall by 0.7.
LATTICE_POINTS, LATTICE_GENERATOR = 32749, 8583
INSIDE_UNIT = (1e-300, 1 - 1e-16)


def max_t_sf(c: float, correlation: FloatArray, df: float) -> float:
    """Return the probability that any of several t statistics is beyond ``c`` on either side.

    Parameters
    ----------
    c : float
        At least 0.
    correlation : array, shape (m, m)
        Of the contrasts; the statistics share one estimate of the variance.
    df : float
        Of that estimate; ``inf`` for a known variance.

    Returns
    -------
    float
        To about 13 digits for one or two contrasts, three arms, and contrasts with one arm
        without covariates; otherwise to about 7 (see the page on multiplicity).

    Raises
    ------
    SpecificationError
        If the matrix is no correlation matrix.
    NotEstimableError
        If more than two dimensions hold contrasts that depend on each other linearly.

    References
    ----------
    Dunnett CW (1955). J Am Statist Assoc 50:1096-1121. Genz A, Bretz F (2009). Computation
    of Multivariate Normal and t Probabilities. Springer, ch. 4.
    """
    R = checked_correlation(correlation)
    values, vectors = np.linalg.eigh(R)
    kept = values > ROUNDING * len(R)
    if kept.sum() <= 2:
        plane = vectors[:, kept] * np.sqrt(values[kept])
        return planar_tail(c, plane, df)
    loadings = common_factor(R)
    if loadings is not None:
        return studentised_tail(lambda w: one_factor_tail(w, loadings), c, df)
    if not kept.all():
        raise NotEstimableError(
            tell(
                "the contrasts depend on each other linearly; compare with one arm, or adjust by "
                "tukey_kramer, scheffe, bonferroni or sidak"
            )
        )
    return lattice_tail(c, R, df)


def max_t_bound(probability: float, correlation: FloatArray, df: float) -> float:
    """Return the c at which ``max_t_sf`` has the given probability."""
    return bound_of_tail(
        lambda c: max_t_sf(c, correlation, df), probability, df=df, tests=len(correlation)
    )


def checked_correlation(correlation: FloatArray) -> FloatArray:
    """Return the matrix, made symmetric to the last digit; raise if it is none."""
    R = np.asarray(correlation, dtype=np.float64)
    R = (R + R.T) / 2
    if not np.allclose(np.diag(R), 1, atol=1e-9) or np.linalg.eigvalsh(R)[0] < -1e-9 * len(R):
        raise SpecificationError("expected a correlation matrix")
    np.fill_diagonal(R, 1.0)
    return R


def planar_tail(c: float, plane: FloatArray, df: float) -> float:
    """Return the tail of contrasts that span at most two dimensions, by the angle.

    In polar coordinates the statistics are R |cos(angle - angle_i)|, R^2 / 2 is F with 2
    and df degrees of freedom, and only the nearest of the directions angle_i counts. So
    the tail is 2 / pi times the sum, over the gaps between neighbouring directions, of the
    integral of P(R > c / cos a) over a from 0 to half the gap.

    Parameters
    ----------
    plane : array, shape (m, 1) or (m, 2)
        Unit vectors whose inner products are the correlations.
    """
    x = plane[:, 0]
    y = plane[:, 1] if plane.shape[1] == 2 else np.zeros(len(plane))
    angles = np.sort(np.mod(np.arctan2(y, x), np.pi))
    gaps = np.diff(np.append(angles, angles[0] + np.pi))
    return float(min(2 / np.pi * sum(sector(gap / 2, c, df) for gap in gaps), 1.0))


def sector(end: float, c: float, df: float) -> float:
    """Return the integral of P(R > c / cos a) over a from 0 to ``end``, at most pi / 2."""
    # It falls off from 0 on the scale of 1 / c, and near pi / 2 faster than any power: panels
    # grow by 2 from both ends.
    doublings = 2.0 ** np.arange(PANELS)
    rising = doublings / max(c, 1.0)
    edges = np.unique([0.0, *rising[rising < end], *(end - end / (2 * doublings)), end])
    half = np.diff(edges)[:, np.newaxis] / 2
    angle = edges[:-1, np.newaxis] + half * (1 + PANEL_NODES)
    squared = (c / np.cos(angle)) ** 2
    log_tail = -squared / 2 if np.isinf(df) else -df / 2 * np.log1p(squared / df)
    return float(np.sum(half * PANEL_WEIGHTS * np.exp(log_tail)))


def common_factor(R: FloatArray) -> FloatArray | None:
    """Return b with |R_ij| = b_i b_j and fitting signs, or None where there is none.

    Contrasts with one arm have it without covariates: b_i^2 = n_i / (n_i + n_0).
    """
    b = nearest_factor(R)
    if b is None or not np.allclose(off_diagonal(np.outer(b, b) - np.abs(R)), 0, atol=ROUNDING):
        return None
    return b


def nearest_factor(R: FloatArray) -> FloatArray | None:
    """Return b > 0 with log b_i + log b_j nearest to log |R_ij|, for three or more contrasts.

    None where the signs are no common factor's, or one would be 1 or more.
    """
    # The sign of a contrast does not matter: turn all to the side of the first.
    sign = np.where(R[0] < 0, -1.0, 1.0)
    turned = R * np.outer(sign, sign)
    if np.any(off_diagonal(turned) <= ROUNDING):
        return None
    total = np.log(turned).sum(axis=1)  # the diagonal adds log 1
    m = len(R)
    b = np.exp((total - total.sum() / (2 * (m - 1))) / (m - 2))
    return b if np.all(b < 1 - ROUNDING) else None


def off_diagonal(matrix: FloatArray) -> FloatArray:
    """Return the entries off the diagonal, in a row."""
    return np.asarray(matrix[~np.eye(len(matrix), dtype=bool)])


def one_factor_tail(w: FloatArray, loadings: FloatArray) -> FloatArray:
    """Return P(max |Z_i| > w) for Z_i = b_i Z + sqrt(1 - b_i^2) e_i, all standard normal.

    Integrated over z >= 0, for the integrand is even; the trapezoidal rule is exponentially
    accurate there.
    """
    own = np.sqrt(1 - loadings**2)
    end = FACTOR_HALF_WIDTH + loadings.max() * w.max()
    step = min(STEP_SHARE * own.min(), LONGEST_STEP)
    z = np.arange(0.0, end + step, step)
    density = 2 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * step
    density[0] /= 2
    used = density > 0
    tail = np.array([density[used] @ any_beyond(bound, z[used], loadings, own) for bound in w])
    return np.asarray(np.minimum(tail, 1.0), dtype=np.float64)


def any_beyond(w: float, z: FloatArray, loadings: FloatArray, own: FloatArray) -> FloatArray:
    """Return the probability that any statistic is beyond ``w``, given the common factor."""
    common = np.outer(loadings, z)
    with np.errstate(divide="ignore"):  # a statistic certainly beyond: log 0
        inside = np.log1p(
            -special.ndtr((common - w) / own[:, np.newaxis])
            - special.ndtr((-common - w) / own[:, np.newaxis])
        )
    return np.asarray(-np.expm1(inside.sum(axis=0)), dtype=np.float64)


def lattice_tail(c: float, R: FloatArray, df: float) -> float:
    """Return the tail by a lattice, corrected by what the lattice misses of a near relative.

    The relative is the correlation matrix of one common factor nearest to R, of which the
    tail is known to 15 digits; contrasts with one arm, adjusted for covariates that the
    arms share, are close to it.
    """
    plain = lattice_sum(c, R, df)
    near = nearest_factor(R)
    if near is None or plain == 0:
        return min(plain, 1.0)
    relative = np.outer(near, near)
    np.fill_diagonal(relative, 1.0)
    known = studentised_tail(lambda w: one_factor_tail(w, near), c, df)
    return min(plain * known / lattice_sum(c, relative, df), 1.0)


def lattice_sum(c: float, R: FloatArray, df: float) -> float:
    """Return the sum over i of P(|T_i| > c and all before it inside +-c).

    Every summand is P(|T_i| > c) times a probability given that, computed by Genz's
    sequence of conditional distributions. Given T_i = t the variance estimate s^2 is
    chi-square on df + 1 over df + t^2.
    """
    points, weight = lattice(len(R))
    single = float(two_sided_p_value(np.array(c), np.array(df)))
    t = stats.t.isf(np.maximum(points[0] * single / 2, np.finfo(np.float64).tiny), df)
    s = np.ones_like(t) if np.isinf(df) else np.sqrt(chi_square_points(df + 1) / (df + t**2))
    total = 1.0
    for i in range(1, len(R)):
        order = [i, *range(i)]
        total += float(np.mean(weight * others_inside(c, R[np.ix_(order, order)], t, s, points)))
    return single * total


def others_inside(
    c: float, R: FloatArray, t: FloatArray, s: FloatArray, points: FloatArray
) -> FloatArray:
    """Return, at each point, P(all others inside +-c) given the first statistic and s."""
    L = np.linalg.cholesky(R)
    z = np.empty((len(R), t.size))
    z[0] = t * s
    inside = np.ones_like(t)
    for j in range(1, len(R)):
        centre = L[j, :j] @ z[:j]
        low = special.ndtr((-c * s - centre) / L[j, j])
        share = special.ndtr((c * s - centre) / L[j, j]) - low
        inside *= share
        if j + 1 < len(R):
            z[j] = special.ndtri(np.clip(low + points[j + 1] * share, *INSIDE_UNIT))
    return inside


@lru_cache(maxsize=8)
def lattice(dimensions: int) -> tuple[FloatArray, FloatArray]:
    """Return points of the unit cube, shape (dimensions, n), and their weights, shape (n,).

    Sidi's transformation makes the integrand periodic, which a lattice needs.
    """
    step = [pow(LATTICE_GENERATOR, j, LATTICE_POINTS) for j in range(dimensions)]
    x = np.mod((np.outer(step, np.arange(LATTICE_POINTS)) + 0.5) / LATTICE_POINTS, 1.0)
    points = np.clip(x - np.sin(2 * np.pi * x) / (2 * np.pi), *INSIDE_UNIT)
    return points, np.prod(1 - np.cos(2 * np.pi * x), axis=0)


@lru_cache(maxsize=4)
def chi_square_points(df: float) -> FloatArray:
    """Return the chi-square quantiles of the lattice's second coordinate."""
    points, _ = lattice(2)
    return np.asarray(stats.chi2.ppf(points[1], df), dtype=np.float64)
