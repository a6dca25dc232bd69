"""Visits that hardly differ, or differ a million times in size, cost no digits of inference."""

import numpy as np
import pytest

from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed
from trialkit.numerics.mixed_inference import kenward_roger_basis, satterthwaite_df
from trialkit.numerics.subject_blocks import visit_blocks

ARMS, PEOPLE, VISITS = 2, 25, 3


def fitted(Y: np.ndarray) -> MixedFit:
    """Return the saturated unstructured fit of complete data, shape (subjects, visits)."""
    n = len(Y)
    subject, visit = np.repeat(np.arange(n), VISITS), np.tile(np.arange(VISITS), n)
    cell = (subject >= n // 2) * VISITS + visit
    X = np.eye(ARMS * VISITS)[cell]
    blocks = visit_blocks(X, Y.ravel(), subject=subject, visit=visit, n_visits=VISITS)
    return fit_mixed(blocks, build_structure("unstructured", VISITS))


def differences() -> np.ndarray:
    """Return the rows of the difference of the arms at each visit."""
    return np.hstack([-np.eye(VISITS), np.eye(VISITS)])


@pytest.mark.parametrize("distance", [1.0, 1e-2, 1e-3, 1e-4])
def test_each_visit_is_the_t_test_of_its_own_values(distance: float):
    rng = np.random.default_rng(7)
    Y = rng.standard_normal((ARMS * PEOPLE, VISITS))
    Y[:, 1] = Y[:, 0] + 1 + distance * Y[:, 1]
    fit, L = fitted(Y), differences()

    within = [Y[half].var(axis=0, ddof=1) for half in (slice(PEOPLE), slice(PEOPLE, None))]
    std_error = np.sqrt(np.mean(within, axis=0) * 2 / PEOPLE)

    df = ARMS * (PEOPLE - 1)
    np.testing.assert_allclose(satterthwaite_df(fit, L)[0], df, rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(L @ fit.basis[0], axis=1), std_error, rtol=1e-9)
    adjusted = kenward_roger_basis(fit, linear=False)[0]
    turned = L @ fit.basis[0]
    corrected = np.sqrt(np.einsum("mp,pq,mq->m", turned, adjusted, turned))
    np.testing.assert_allclose(corrected, std_error, rtol=1e-8)


@pytest.mark.parametrize("spread", [1e2, 1e4])
def test_the_units_of_visits_do_not_matter(spread: float):
    rng = np.random.default_rng(11)
    person = rng.standard_normal((ARMS * PEOPLE, 1))
    Y = person + rng.standard_normal((ARMS * PEOPLE, VISITS))
    units = np.geomspace(1, spread, VISITS)
    plain, scaled, L = fitted(Y), fitted(Y * units), differences()

    np.testing.assert_allclose(satterthwaite_df(scaled, L), satterthwaite_df(plain, L), rtol=1e-9)
    np.testing.assert_allclose(
        np.linalg.norm(L @ scaled.basis[0], axis=1),
        units * np.linalg.norm(L @ plain.basis[0], axis=1),
        rtol=1e-9,
    )
