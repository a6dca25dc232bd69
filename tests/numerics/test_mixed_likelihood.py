"""The likelihood of correlated records and its derivatives, against one matrix of all records."""

import numpy as np
import pytest

from mixed_trials import blocks_of, dense_log_likelihood, records
from trialkit.numerics.covariance_structures import DirectSum, build_structure
from trialkit.numerics.mixed_likelihood import derivatives, likelihood

KINDS = [
    pytest.param(False, False, id="plain"),
    pytest.param(True, False, id="a matrix an arm"),
    pytest.param(False, True, id="weighted"),
    pytest.param(True, True, id="both"),
]
every_kind = pytest.mark.parametrize(("grouped", "weighted"), KINDS)
both_likelihoods = pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])


def structure_of(name: str, *, grouped: bool):
    one = build_structure(name, 3, times=np.array([0.0, 1.0, 3.0]))
    return DirectSum([one, one]) if grouped else one


def start(structure) -> np.ndarray:
    factors = np.random.default_rng(5).standard_normal((1, structure.size, 9))
    return structure.start(factors @ np.swapaxes(factors, 1, 2) / 4)


@every_kind
@both_likelihoods
def test_the_value_is_that_of_all_records_together(*, grouped: bool, weighted: bool, reml: bool):
    trial = records()
    structure = structure_of("unstructured", grouped=grouped)
    Sigma = structure.covariance(start(structure))
    found = likelihood(blocks_of(trial, grouped=grouped, weighted=weighted), Sigma, reml=reml)
    expected = dense_log_likelihood(trial, Sigma[0], reml=reml, grouped=grouped, weighted=weighted)

    assert -found.value[0] == pytest.approx(expected, abs=1e-10)


def test_coefficients_are_those_of_generalised_least_squares():
    trial = records()
    Sigma = structure_of("ar1", grouped=False)
    V = Sigma.covariance(start(Sigma))
    same = trial.subject[:, np.newaxis] == trial.subject
    W = np.linalg.inv(V[0][np.ix_(trial.visit, trial.visit)] * same)
    H = trial.X.T @ W @ trial.X
    found = likelihood(blocks_of(trial), V, reml=True)

    np.testing.assert_allclose(found.beta[0], np.linalg.solve(H, trial.X.T @ W @ trial.y))
    np.testing.assert_allclose(found.K[0] @ found.K[0].T, H, rtol=1e-10, atol=1e-10)


@every_kind
@both_likelihoods
@pytest.mark.parametrize(
    "name",
    ["unstructured", "heterogeneous_toeplitz", "ar1", "ante_dependence", "spatial_exponential"],
)
def test_derivatives_are_those_of_the_dense_likelihood(
    name: str, *, grouped: bool, weighted: bool, reml: bool
):
    trial = records()
    structure = structure_of(name, grouped=grouped)
    point = start(structure)
    blocks = blocks_of(trial, grouped=grouped, weighted=weighted)
    at = likelihood(blocks, structure.covariance(point), reml=reml)
    slopes = derivatives(blocks, at, structure.local(point), reml=reml)
    h, size = structure.n_parameters, 1e-3

    def value(*steps: np.ndarray) -> float:
        Sigma = structure.covariance(structure.move(point, sum(steps)[np.newaxis]))
        return -dense_log_likelihood(trial, Sigma[0], reml=reml, grouped=grouped, weighted=weighted)

    steps = size * np.eye(h)
    # Richardson: the error of a central difference of two sizes, taken off.
    gradient = [
        (8 * (value(e) - value(-e)) - (value(2 * e) - value(-2 * e))) / (12 * size) for e in steps
    ]
    np.testing.assert_allclose(slopes.gradient[0], gradient, atol=1e-7, rtol=1e-7)
    chosen = [(i, j) for i in range(h) for j in range(i + 1) if (i + j) % 3 == 0]
    for i, j in chosen:
        a, b = steps[i], steps[j]
        second = value(a, b) - value(a, -b) - value(-a, b) + value(-a, -b)
        assert slopes.hessian[0, i, j] == pytest.approx(
            second / (2 * size) ** 2, abs=3e-3, rel=3e-4
        )
    np.testing.assert_array_equal(slopes.hessian[0], slopes.hessian[0].T)


def test_a_matrix_that_is_not_positive_definite_has_no_likelihood_and_spares_other_trials():
    blocks = blocks_of(records()).trials(np.zeros(2, dtype=np.int64))
    Sigma = np.array([np.eye(3), np.diag([1.0, -1.0, 1.0])])
    found = likelihood(blocks, Sigma, reml=True)

    assert found.value[1] == np.inf
    alone = likelihood(blocks_of(records()), Sigma[:1], reml=True)
    assert found.value[0] == pytest.approx(alone.value[0], rel=1e-14)


def test_patterns_without_members_and_rows_of_zeros_change_nothing():
    blocks = blocks_of(records())
    from_nothing = likelihood(blocks, np.eye(3)[np.newaxis], reml=True)
    more = type(blocks)(
        incidence=np.concatenate([blocks.incidence, np.eye(3)[np.newaxis]]),
        counts=np.append(blocks.counts, [[0.0]], axis=1),
        pattern=np.append(blocks.pattern, [len(blocks.incidence)] * 2),
        A=np.concatenate([blocks.A, np.zeros((1, 2, *blocks.A.shape[2:]))], axis=1),
        n_records=blocks.n_records,
        log_weights=blocks.log_weights,
    )
    structure = build_structure("unstructured", 3)
    point = structure.start(np.eye(3)[np.newaxis])
    with_nothing = likelihood(more, np.eye(3)[np.newaxis], reml=True)

    assert with_nothing.value[0] == pytest.approx(from_nothing.value[0], rel=1e-14)
    for each in ("gradient", "hessian"):
        one = getattr(derivatives(blocks, from_nothing, structure.local(point), reml=True), each)
        other = getattr(derivatives(more, with_nothing, structure.local(point), reml=True), each)
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-11)
