"""The largest of correlated t statistics, by three ways that agree."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.max_t import lattice_tail, max_t_bound, max_t_sf

EVERY_DF = [2, 7, 105, 1e5, np.inf]


def with_one_arm(people: list[int], reference: int) -> np.ndarray:
    """Return the correlation of differences from one arm without covariates."""
    share = np.array(people) / (np.array(people) + reference)
    R = np.sqrt(np.outer(share, share))
    np.fill_diagonal(R, 1)
    return R


def adjusted_for(covariates: int, people: list[int], seed: int = 5) -> np.ndarray:
    """Return the correlation of differences from the first arm, adjusted for covariates."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.arange(len(people)), people)
    dummies = arm[:, np.newaxis] == np.arange(1, len(people))
    X = np.column_stack([np.ones(arm.size), dummies, rng.normal(size=(arm.size, covariates))])
    V = np.linalg.inv(X.T @ X)[1 : len(people), 1 : len(people)]
    scale = np.sqrt(np.diag(V))
    return V / np.outer(scale, scale)


@pytest.mark.parametrize("df", EVERY_DF)
@pytest.mark.parametrize("c", [0.5, 2.2, 12.0])
def test_one_contrast_is_a_t_test(c: float, df: float):
    assert max_t_sf(c, np.eye(1), df) == pytest.approx(2 * stats.t.sf(c, df), rel=1e-12)


@pytest.mark.parametrize("c", [0.5, 2.2, 8.0])
def test_two_independent_normals(c: float):
    single = 2 * stats.norm.sf(c)

    assert max_t_sf(c, np.eye(2), np.inf) == pytest.approx(2 * single - single**2, rel=1e-12)


@pytest.mark.parametrize("df", EVERY_DF)
@pytest.mark.parametrize("c", [0.5, 2.3, 6.0])
@pytest.mark.parametrize("people", [[40, 45, 50, 60], [5, 100, 3, 30]], ids=str)
def test_the_lattice_agrees_with_nested_quadrature(people: list[int], c: float, df: float):
    R = with_one_arm(people, 42)
    # Off the common factor by less than any digit promised, but enough to need the lattice.
    nudged = R + 1e-9 * np.outer([1, -1, 1, -1], [1, -1, 1, -1]) * (1 - np.eye(4))

    assert max_t_sf(c, nudged, df) == pytest.approx(max_t_sf(c, R, df), rel=1e-7)
    assert lattice_tail(c, R, df) == pytest.approx(max_t_sf(c, R, df), rel=1e-12)


@pytest.mark.parametrize("people", [[20, 30, 25], [40, 45, 50, 60], [12] * 8], ids=str)
def test_sign_and_order_of_contrasts_do_not_matter(people: list[int]):
    R = adjusted_for(2, people)
    m = len(R)
    sign = np.where(np.arange(m) % 2 == 0, 1.0, -1.0)
    order = np.random.default_rng(1).permutation(m)
    turned = (R * np.outer(sign, sign))[np.ix_(order, order)]

    assert max_t_sf(2.4, turned, 60) == pytest.approx(max_t_sf(2.4, R, 60), rel=1e-6)


@pytest.mark.parametrize("df", [2, 1e5])
@pytest.mark.parametrize("c", [1.5, 3.0, 40.0])
def test_lies_between_one_test_and_bonferroni(c: float, df: float):
    for R in (with_one_arm([10, 14, 9, 30, 12, 8, 40], 11), adjusted_for(3, [11] * 8)):
        single = 2 * stats.t.sf(c, df)

        assert single <= max_t_sf(c, R, df) <= 7 * single


@pytest.mark.parametrize("df", EVERY_DF)
def test_the_bound_inverts_the_tail(df: float):
    for R in (np.eye(2), with_one_arm([10, 20, 30], 15), adjusted_for(1, [14] * 5)):
        assert max_t_sf(max_t_bound(0.05, R, df), R, df) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(
    ("people", "df", "published"),
    # Dunnett CW (1964). Biometrics 20:482-491, table II: two-sided, 5 %, arms of one size.
    [([10, 10], 10, 2.57), ([10, 10, 10], 20, 2.54), ([10] * 5, 60, 2.58)],
    ids=str,
)
def test_agrees_with_dunnetts_table(people: list[int], df: float, published: float):
    assert max_t_bound(0.05, with_one_arm(people, 10), df) == pytest.approx(published, abs=0.006)


def test_nothing_is_certain_not_to_be_passed():
    assert max_t_sf(0.0, adjusted_for(1, [14] * 5), 60) == pytest.approx(1, abs=1e-9)


def test_all_pairs_of_four_arms_are_refused():
    L = np.array(
        [[-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1], [0, -1, 1, 0], [0, -1, 0, 1], [0, 0, -1, 1]]
    )

    with pytest.raises(NotEstimableError, match="depend on each other linearly"):
        max_t_sf(2.0, L @ L.T / 2, 30)


def test_a_matrix_that_is_no_correlation_is_refused():
    with pytest.raises(SpecificationError, match="correlation matrix"):
        max_t_sf(2.0, np.array([[1.0, 2.0], [2.0, 1.0]]), 30)
