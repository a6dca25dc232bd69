"""Covariance structures: exact derivatives, positive definite matrices, sensible starts."""

import numpy as np
import pytest

from trialkit.numerics.correlation_patterns import PATTERNS
from trialkit.numerics.covariance_structures import (
    SPATIAL_POWERS,
    CovarianceStructure,
    DirectSum,
    Unstructured,
    build_structure,
    positive_definite,
)

TIMES = np.array([0.0, 1.0, 2.5, 4.0])
NAMES = [
    "unstructured",
    *PATTERNS,
    *(f"heterogeneous_{name}" for name in PATTERNS),
    *SPATIAL_POWERS,
]


def of_name(name: str) -> CovarianceStructure:
    return build_structure(name, 4, times=TIMES)


def moments(trials: int = 3, size: int = 4) -> np.ndarray:
    rng = np.random.default_rng(1)
    factors = rng.standard_normal((trials, size, 12)) * np.arange(1, size + 1)[:, np.newaxis]
    return factors @ np.swapaxes(factors, 1, 2) / 12


def structures() -> list:
    each = [pytest.param(of_name(name), id=name) for name in NAMES]
    both = DirectSum([of_name("heterogeneous_ar1"), Unstructured(2)])
    return [*each, pytest.param(both, id="direct sum")]


every_structure = pytest.mark.parametrize("structure", structures())


def central(structure, point, h: int, size: float = 1e-5) -> np.ndarray:
    step = np.zeros((len(point), structure.n_parameters))
    step[:, h] = size
    ahead = structure.covariance(structure.move(point, step))
    return (ahead - structure.covariance(structure.move(point, -step))) / (2 * size)


@every_structure
def test_first_derivatives_are_those_of_the_matrix(structure):
    point = structure.start(moments(size=structure.size))
    local = structure.local(point)

    np.testing.assert_array_equal(local.Sigma, structure.covariance(point))
    for h in range(structure.n_parameters):
        np.testing.assert_allclose(local.first[:, h], central(structure, point, h), atol=2e-8)


@every_structure
def test_curvature_is_that_of_the_product_with_a_matrix(structure):
    point = structure.start(moments(size=structure.size))
    Gamma = np.random.default_rng(2).standard_normal((3, structure.size, structure.size))
    Gamma = Gamma + np.swapaxes(Gamma, 1, 2)

    def product(step: np.ndarray) -> np.ndarray:
        return (structure.covariance(structure.move(point, step)) * Gamma).sum(axis=(1, 2))

    actual, size = structure.local(point).curvature(Gamma), 1e-3
    h = structure.n_parameters
    steps = size * np.repeat(np.eye(h)[:, np.newaxis], 3, axis=1)
    for i in range(h):
        for j in range(h):
            both, apart = steps[i] + steps[j], steps[i] - steps[j]
            second = product(both) - product(apart) - product(-apart) + product(-both)
            np.testing.assert_allclose(actual[:, i, j], second / (2 * size) ** 2, atol=2e-3)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "unstructured"])
def test_natural_second_derivatives_are_in_the_parameters_themselves(name: str):
    structure = of_name(name)
    point = structure.start(moments())
    natural, size = structure.natural(point), 1e-3
    steps = size * np.repeat(np.eye(structure.n_parameters)[:, np.newaxis], 3, axis=1)
    if natural.second is None:
        assert name in {"compound_symmetry", "toeplitz"}
        return
    for i, one in enumerate(steps):
        for j, other in enumerate(steps):
            corners = [(one + other, 1), (one - other, -1), (other - one, -1), (-one - other, 1)]
            second = sum(sign * structure.covariance(point + by) for by, sign in corners)
            expected = second / (2 * size) ** 2
            np.testing.assert_allclose(natural.second[:, i, j], expected, atol=2e-4, rtol=2e-4)


@every_structure
def test_natural_rates_are_how_fast_each_parameter_moves(structure):
    point = structure.start(moments(size=structure.size))
    natural = structure.natural(point)
    if structure.width != structure.n_parameters:
        assert natural.rate.shape == (3, structure.n_parameters)
        return
    ahead = structure.move(point, np.full(point.shape, 1e-6))

    np.testing.assert_allclose((ahead - point) / 1e-6, natural.rate, rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_start_from_a_matrix_of_the_family_is_that_matrix(name: str):
    structure = of_name(name)
    # Neighbours of unequal distances have different correlations in the spatial structures.
    even = build_structure(name, 4, times=np.arange(4.0)) if name in SPATIAL_POWERS else structure
    Sigma = even.covariance(even.start(moments()))

    np.testing.assert_allclose(even.covariance(even.start(Sigma)), Sigma, rtol=1e-9)


@pytest.mark.parametrize("name", ["unstructured", "ar1", "ante_dependence", "spatial_gaussian"])
def test_structures_without_bounds_stay_positive_definite_however_long_the_step(name: str):
    structure = of_name(name)
    point = structure.start(moments())
    step = np.random.default_rng(3).uniform(-2, 2, (3, structure.n_parameters))
    moved = structure.covariance(structure.move(point, step))

    assert np.linalg.eigvalsh(moved).min() > 0


def test_each_visit_of_a_heterogeneous_structure_has_the_variance_of_its_moments():
    Sigma = moments()
    structure = of_name("heterogeneous_toeplitz")
    started = structure.covariance(structure.start(Sigma))

    np.testing.assert_allclose(
        np.diagonal(started, axis1=1, axis2=2), np.diagonal(Sigma, axis1=1, axis2=2)
    )


def test_moments_that_are_no_covariance_matrix_are_lifted():
    indefinite = np.array([[[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]])
    assert np.linalg.eigvalsh(indefinite[0])[0] < 0

    assert np.linalg.eigvalsh(positive_definite(indefinite)[0])[0] > 0
    for name in NAMES:
        structure = build_structure(name, 3, times=np.arange(3.0))
        Sigma = structure.covariance(structure.start(indefinite))
        assert np.linalg.eigvalsh(Sigma[0])[0] > 0, name


def test_a_direct_sum_keeps_its_parts_apart():
    one, other = of_name("ar1"), Unstructured(2)
    both = DirectSum([one, other])
    Sigma = np.zeros((1, 6, 6))
    Sigma[:, :4, :4], Sigma[:, 4:, 4:] = moments(1), moments(1, 2)
    started = both.covariance(both.start(Sigma))

    np.testing.assert_array_equal(started[:, :4, :4], one.covariance(one.start(Sigma[:, :4, :4])))
    np.testing.assert_array_equal(started[:, :4, 4:], 0)
    assert both.n_parameters == one.n_parameters + other.n_parameters


def test_one_visit_has_one_variance():
    assert build_structure("ar1", 1).n_parameters == 1
