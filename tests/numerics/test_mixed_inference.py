"""Satterthwaite, Kenward and Roger: against their formulas written out record by record."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from scipy import stats
from tests.mixed_trials import Records, blocks_of, records

from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed
from trialkit.numerics.mixed_inference import (
    kenward_roger_basis,
    kenward_roger_test,
    pooled_df,
    satterthwaite_df,
    satterthwaite_test,
    scaled_f,
)

STEP = 1e-4
Matrix = Callable[[np.ndarray], np.ndarray]


def heterogeneous_ar1(theta: np.ndarray) -> np.ndarray:
    """Return the matrix of three visits in the parameters that SAS prints: variances, rho."""
    lags = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    spread = np.sqrt(theta[:3])
    return np.outer(spread, spread) * theta[3] ** lags


def unstructured(theta: np.ndarray) -> np.ndarray:
    """Return the matrix of three visits in variances and covariances."""
    Sigma = np.zeros((3, 3))
    Sigma[np.tril_indices(3)] = theta
    return Sigma + np.tril(Sigma, -1).T


MODELS = {
    "heterogeneous_ar1": (
        heterogeneous_ar1,
        lambda S: np.append(np.diag(S), S[0, 1] / np.sqrt(S[0, 0] * S[1, 1])),
    ),
    "unstructured": (unstructured, lambda S: S[np.tril_indices(3)]),
}


class Dense:
    """The model with its n x n covariance, and numerical derivatives in natural parameters."""

    def __init__(self, trial: Records, Sigma: Matrix, theta: np.ndarray) -> None:
        self.X, self.y = trial.X, trial.y
        same = trial.subject[:, np.newaxis] == trial.subject
        pair = np.ix_(trial.visit, trial.visit)
        self.V = lambda at: np.where(same, Sigma(at)[pair], 0.0)
        self.theta = theta
        h = theta.size
        steps = STEP * np.eye(h) * np.maximum(np.abs(theta), 0.1)
        sizes = np.diag(steps)

        def first(f: Callable[[np.ndarray], np.ndarray | float], i: int) -> np.ndarray | float:
            return (f(theta + steps[i]) - f(theta - steps[i])) / (2 * sizes[i])

        def second(f: Callable[[np.ndarray], np.ndarray | float], i: int, j: int):
            a, b = steps[i], steps[j]
            total = f(theta + a + b) - f(theta + a - b) - f(theta - a + b) + f(theta - a - b)
            return total / (4 * sizes[i] * sizes[j])

        self.D = [first(self.V, i) for i in range(h)]
        self.D2 = {(i, j): second(self.V, i, j) for i, j in product(range(h), repeat=2)}
        hessian = [[second(self.minus_log_likelihood, i, j) for j in range(h)] for i in range(h)]
        self.A = np.linalg.inv(hessian)
        self.W = np.linalg.inv(self.V(theta))
        self.Phi = self.vcov(theta)
        self.gradients = [first(self.vcov, i) for i in range(h)]

    def vcov(self, theta: np.ndarray) -> np.ndarray:
        return np.linalg.inv(self.X.T @ np.linalg.inv(self.V(theta)) @ self.X)

    def minus_log_likelihood(self, theta: np.ndarray) -> float:
        V = self.V(theta)
        W = np.linalg.inv(V)
        H = self.X.T @ W @ self.X
        e = self.y - self.X @ np.linalg.solve(H, self.X.T @ W @ self.y)
        return float(np.linalg.slogdet(V)[1] + np.linalg.slogdet(H)[1] + e @ W @ e) / 2

    def df(self, row: np.ndarray) -> float:
        gradient = np.array([row @ each @ row for each in self.gradients])
        return float(2 * (row @ self.Phi @ row) ** 2 / (gradient @ self.A @ gradient))

    def adjusted(self, *, linear: bool) -> np.ndarray:
        """Return Kenward and Roger's Phi_A, formula (2) of 1997, term by term."""
        X, W, Phi = self.X, self.W, self.Phi
        P = [-X.T @ W @ D @ W @ X for D in self.D]
        inner = np.zeros_like(Phi)
        for i, j in product(range(len(P)), repeat=2):
            Q = X.T @ W @ self.D[i] @ W @ self.D[j] @ W @ X
            R = 0 if linear else X.T @ W @ self.D2[i, j] @ W @ X
            inner = inner + self.A[i, j] * (Q - P[i] @ Phi @ P[j] - R / 4)
        return Phi + 2 * Phi @ inner @ Phi


@pytest.fixture(scope="module", params=list(MODELS))
def both(request: pytest.FixtureRequest) -> tuple[MixedFit, Dense]:
    """Return a fit and the same model written out."""
    trial = records(people=14, t=3, seed=21, missing=0.15)
    fit = fit_mixed(blocks_of(trial), build_structure(request.param, 3))
    Sigma, natural = MODELS[request.param]
    return fit, Dense(trial, Sigma, natural(fit.Sigma[0]))


def test_satterthwaites_df_are_the_delta_methods(both: tuple[MixedFit, Dense]):
    fit, dense = both
    L = np.vstack([np.eye(7), np.array([-1.0, 0, 1, -1, 0, 1, 0.5])])

    expected = [dense.df(row) for row in L]

    np.testing.assert_allclose(satterthwaite_df(fit, L)[0], expected, rtol=2e-5)


@pytest.mark.parametrize("linear", [True, False])
def test_kenward_and_rogers_covariance_is_their_formula(both: tuple[MixedFit, Dense], linear: bool):
    fit, dense = both
    actual = fit.basis[0] @ kenward_roger_basis(fit, linear=linear)[0] @ fit.basis[0].T

    np.testing.assert_allclose(
        np.sqrt(np.diag(actual)), np.sqrt(np.diag(dense.adjusted(linear=linear))), rtol=1e-5
    )


def test_second_derivatives_count_only_where_the_structure_bends(both: tuple[MixedFit, Dense]):
    fit, dense = both
    bends = any(np.abs(D2).max() > 1e-5 for D2 in dense.D2.values())
    forms = [kenward_roger_basis(fit, linear=linear)[0] for linear in (True, False)]

    assert bends == bool(np.abs(forms[0] - forms[1]).max() > 1e-6)


def test_one_row_has_the_same_test_either_way(both: tuple[MixedFit, Dense]):
    fit, _ = both
    L = np.array([[0.0, 0, 0, 0, 0, 1, 0]])
    adjusted = kenward_roger_basis(fit, linear=False)[0]
    joint = kenward_roger_test(fit, L, adjusted)
    turned = L @ fit.basis[0]
    t = (L @ fit.beta[0])[0] / np.sqrt((turned @ adjusted @ turned.T)[0, 0])

    assert joint.statistic == pytest.approx(t**2, rel=1e-9)
    assert joint.df == pytest.approx(satterthwaite_df(fit, L)[0, 0], rel=1e-7)
    assert joint.p_value == pytest.approx(2 * stats.t.sf(abs(t), joint.df), rel=1e-7)


def test_rows_written_otherwise_leave_kenward_and_rogers_test(both: tuple[MixedFit, Dense]):
    fit, _ = both
    L = np.eye(7)[3:6]
    mixed = np.array([[1.0, 2, 0], [0, 1, -1], [3, 0, 1]]) @ L
    adjusted = kenward_roger_basis(fit, linear=False)[0]
    tests = [kenward_roger_test(fit, rows, adjusted) for rows in (L, mixed)]

    assert tests[0].statistic == pytest.approx(tests[1].statistic, rel=1e-9)
    assert tests[0].df == pytest.approx(tests[1].df, rel=1e-9)


def test_satterthwaites_joint_test_pools_uncorrelated_rows(both: tuple[MixedFit, Dense]):
    fit, _ = both
    L = np.eye(7)[3:6]
    covariance = L @ fit.vcov[0] @ L.T
    values, vectors = np.linalg.eigh(covariance)
    rows = vectors.T @ L
    each = satterthwaite_df(fit, rows)[0]
    squares = (rows @ fit.beta[0]) ** 2 / values
    actual = satterthwaite_test(fit, L)
    E = np.sum(each / (each - 2))

    assert actual.statistic == pytest.approx(squares.mean(), rel=1e-10)
    assert actual.df == pytest.approx(2 * E / (E - 3), rel=1e-8)
    assert actual.p_value == pytest.approx(stats.f.sf(actual.statistic, 3, actual.df), rel=1e-10)


@pytest.mark.parametrize(
    ("each", "df"),
    [([7.0, 7.0], 7.0), ([1.5, 30.0], 2.0), ([10.0, 30.0], 2 * 2.32142857 / 0.32142857)],
    ids=["alike", "one has no variance", "between"],
)
def test_pooled_df(each: list[float], df: float):
    assert pooled_df(np.array(each)) == pytest.approx(df, rel=1e-7)


def test_one_row_is_not_scaled():
    scale, df = scaled_f(1, 0.08, 0.08)

    assert scale == pytest.approx(1.0, rel=1e-12)
    assert df == pytest.approx(2 / 0.08, rel=1e-12)
