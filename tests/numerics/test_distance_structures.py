"""Covariance by distance: its derivatives, its blocks, its agreement with the visit-wise form."""

import numpy as np
import pytest

from trialkit.errors import DataError, NotEstimableError
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.distance_structures import Distances, distance_blocks
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.mixed_inference import kenward_roger_basis, satterthwaite_df
from trialkit.numerics.mixed_likelihood import derivatives, likelihood
from trialkit.numerics.subject_blocks import Blocks, visit_blocks

TIMES = np.array([0.0, 1.0, 2.5, 6.0])


def trial(n: int = 40, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return design, outcome, subject and visit of a SIMULATED trial with missing visits."""
    rng = np.random.default_rng(seed)
    subject, visit = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    X = np.column_stack([np.ones(4 * n), subject % 2, TIMES[visit], rng.normal(size=n)[subject]])
    y = rng.normal(size=n)[subject] + rng.normal(size=4 * n) + X @ [1.0, 0.5, 0.2, 1.0]
    kept = rng.random(4 * n) > 0.15
    return X[kept], y[kept], subject[kept], visit[kept]


def blocks_of(weights: np.ndarray | None = None) -> tuple[Blocks, np.ndarray]:
    X, y, subject, visit = trial()
    coordinates = np.column_stack([TIMES[visit], 0.3 * subject * (visit % 2)])
    return distance_blocks(X, y, subject=subject, coordinates=coordinates, weights=weights)


def minus_log_likelihood(
    blocks: Blocks, structure: Distances, point: np.ndarray, *, reml: bool
) -> float:
    return float(likelihood(blocks, structure.covariance(point), reml=reml).value[0])


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_are_those_of_the_likelihood(power: int, reml: bool):
    blocks, distance = blocks_of()
    structure = Distances(distance, power=power)
    point = np.array([[1.7, 2.1]])
    at = likelihood(blocks, structure.covariance(point), reml=reml)
    exact = derivatives(blocks, at, structure.local(point), reml=reml)
    h = 1e-4

    def value(*step: float) -> float:
        moved = structure.move(point, np.array([step]))
        return minus_log_likelihood(blocks, structure, moved, reml=reml)

    gradient = [
        (value(h, 0) - value(-h, 0)) / (2 * h),
        (value(0, h) - value(0, -h)) / (2 * h),
    ]
    cross = (value(h, h) - value(h, -h) - value(-h, h) + value(-h, -h)) / (4 * h * h)
    bend = [(value(*s) - 2 * value(0, 0) + value(*-np.array(s))) / h**2 for s in ((h, 0), (0, h))]

    np.testing.assert_allclose(exact.gradient[0], gradient, rtol=1e-6)
    np.testing.assert_allclose(
        exact.hessian[0], [[bend[0], cross], [cross, bend[1]]], rtol=1e-4, atol=1e-4
    )


def test_common_times_give_the_model_of_the_visits():
    X, y, subject, visit = trial()
    blocks, distance = distance_blocks(
        X, y, subject=subject, coordinates=TIMES[visit][:, np.newaxis]
    )
    by_subject = fit_mixed(blocks, Distances(distance, power=1))
    by_visit = fit_mixed(
        visit_blocks(X, y, subject=subject, visit=visit, n_visits=4),
        build_structure("spatial_exponential", 4, times=TIMES),
    )

    np.testing.assert_allclose(by_subject.log_likelihood, by_visit.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(by_subject.beta, by_visit.beta, rtol=1e-9)
    L = np.eye(4)
    np.testing.assert_allclose(
        satterthwaite_df(by_subject, L), satterthwaite_df(by_visit, L), rtol=1e-8
    )
    for linear in (True, False):
        adjusted = [
            fit.basis @ kenward_roger_basis(fit, linear=linear) @ np.swapaxes(fit.basis, 1, 2)
            for fit in (by_subject, by_visit)
        ]
        np.testing.assert_allclose(adjusted[0], adjusted[1], rtol=1e-8)


def test_the_unit_of_time_moves_the_range_alone():
    X, y, subject, visit = trial()
    fits = [
        fit_mixed(blocks, Distances(distance, power=2))
        for unit in (1.0, 7.0)
        for blocks, distance in [
            distance_blocks(
                X, y, subject=subject, coordinates=unit * (TIMES[visit] + subject)[:, np.newaxis]
            )
        ]
    ]

    np.testing.assert_allclose(fits[0].log_likelihood, fits[1].log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(
        7 * fits[0].optimum.point[0, 1], fits[1].optimum.point[0, 1], rtol=1e-8
    )


def test_weights_divide_the_variance():
    X, y, subject, visit = trial()
    coordinates = TIMES[visit][:, np.newaxis]
    plain, weighted = (
        fit_mixed(blocks, Distances(distance, power=1))
        for weights in (None, np.full(y.size, 4.0))
        for blocks, distance in [
            distance_blocks(X, y, subject=subject, coordinates=coordinates, weights=weights)
        ]
    )

    np.testing.assert_allclose(plain.log_likelihood, weighted.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(plain.vcov, weighted.vcov, rtol=1e-9)


@pytest.mark.parametrize("days", [[0.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
def test_two_records_of_a_subject_at_one_time_are_refused(days: list[float]):
    with pytest.raises(DataError, match="found 5 of 5 subjects with several at the same"):
        distance_blocks(
            np.ones((15, 1)),
            np.arange(15.0),
            subject=np.repeat(np.arange(5), 3),
            coordinates=np.tile(days, 5)[:, np.newaxis],
        )


def test_subjects_of_one_record_have_no_distances():
    with pytest.raises(NotEstimableError, match="no subject has two records"):
        distance_blocks(
            np.ones((5, 1)),
            np.arange(5.0),
            subject=np.arange(5),
            coordinates=np.zeros((5, 1)),
        )
