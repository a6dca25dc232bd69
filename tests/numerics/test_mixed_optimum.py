"""The climb to a maximum: from anywhere, in few steps, or with a reason why not."""

import numpy as np
import pytest

from mixed_trials import blocks_of, records
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import standardise
from trialkit.numerics.mixed_likelihood import Derivatives
from trialkit.numerics.mixed_optimum import (
    CONVERGED,
    DEGENERATE,
    EXHAUSTED,
    FLAT,
    correlation_eigenvalue,
    maximise,
    newton_step,
    record_eigenvalue,
)


def slopes_of(gradient: list[float], hessian: list[list[float]]) -> Derivatives:
    h = len(gradient)
    return Derivatives(
        gradient=np.array([gradient]), hessian=np.array([hessian]), moved=np.zeros((1, h, 1, 1))
    )


def test_a_step_on_a_bowl_is_newtons():
    step, gain, convex = newton_step(slopes_of([0.4, -0.2], [[4.0, 1.0], [1.0, 2.0]]))

    np.testing.assert_allclose(step[0], -np.linalg.solve([[4, 1], [1, 2]], [0.4, -0.2]))
    assert gain[0] == pytest.approx(-step[0] @ [0.4, -0.2])
    assert convex[0]


def test_a_step_on_a_saddle_goes_down_both_ways():
    step, gain, convex = newton_step(slopes_of([0.1, 0.1], [[1.0, 0.0], [0.0, -1.0]]))

    np.testing.assert_allclose(step[0], [-0.1, -0.1])
    assert gain[0] > 0
    assert not convex[0]


def test_a_flat_direction_does_not_take_up_the_step():
    step, _, convex = newton_step(slopes_of([0.1, 1e-9], [[1.0, 0.0], [0.0, FLAT / 10]]))

    assert step[0, 0] == pytest.approx(-0.1)
    assert not convex[0]


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", ["unstructured", "heterogeneous_ar1", "toeplitz"])
def test_every_start_leads_to_the_same_maximum(name: str, *, reml: bool):
    blocks = standardise(blocks_of(records(people=60))).blocks
    structure = build_structure(name, 3)
    scales = np.array([1e-4, 1.0, 1e4, 1.0])
    starts = scales[:, np.newaxis, np.newaxis] * np.eye(3)
    starts[3] += 0.9 * (1 - np.eye(3))
    copies = blocks.trials(np.zeros(4, dtype=np.int64))
    found = maximise(copies, structure, structure.start(starts), reml=reml)

    assert found.converged.all()
    np.testing.assert_allclose(found.value, found.value[0], rtol=1e-12)
    np.testing.assert_allclose(
        structure.covariance(found.point), structure.covariance(found.point)[[0] * 4], rtol=1e-7
    )
    assert np.all(found.gradient_norm < 1e-8)
    assert np.all(found.value <= found.start_value)
    assert np.all(found.iterations < 40)


def test_trials_do_not_hear_of_each_other():
    blocks = standardise(blocks_of(records(people=60))).blocks
    structure = build_structure("unstructured", 3)
    start = structure.start(np.eye(3)[np.newaxis])
    alone = maximise(blocks, structure, start, reml=True)
    far = structure.start(1e6 * np.eye(3)[np.newaxis])
    together = maximise(
        blocks.trials(np.zeros(2, dtype=np.int64)),
        structure,
        np.concatenate([start, far]),
        reml=True,
    )

    np.testing.assert_allclose(together.point[0], alone.point[0], rtol=1e-12)
    assert together.iterations[0] == alone.iterations[0]
    assert together.iterations[1] > alone.iterations[0]


def test_too_few_subjects_for_the_matrix_end_at_a_singular_one():
    blocks = standardise(blocks_of(records(people=7, t=5, missing=0.0))).blocks
    structure = build_structure("unstructured", 5)
    found = maximise(blocks, structure, structure.start(np.eye(5)[np.newaxis]), reml=False)
    Sigma = structure.covariance(found.point)

    assert found.reason[0] == DEGENERATE
    assert not found.converged[0]
    assert record_eigenvalue(blocks, Sigma)[0] < 1e-9


def test_a_climb_that_is_cut_off_says_so():
    blocks = standardise(blocks_of(records(people=60))).blocks
    structure = build_structure("unstructured", 3)
    start = structure.start(1e4 * np.eye(3)[np.newaxis])
    found = maximise(blocks, structure, start, reml=True, iterations_allowed=2)

    assert found.reason[0] == EXHAUSTED
    assert found.reason[0] != CONVERGED
    assert found.iterations[0] == 2


def test_the_smallest_eigenvalue_does_not_depend_on_units():
    Sigma = np.array([[1.0, 0.8], [0.8, 1.0]]) * np.outer([1e-3, 1e3], [1e-3, 1e3])

    assert correlation_eigenvalue(Sigma[np.newaxis])[0] == pytest.approx(0.2, rel=1e-12)
