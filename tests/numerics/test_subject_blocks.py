"""Blocks of subjects: few rows, all cross-products, and parts that add up."""

import numpy as np
import pytest

from mixed_trials import blocks_of, records
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.subject_blocks import (
    Blocks,
    different_columns,
    in_order,
    reduce_subjects,
    stack,
)


def products(A: np.ndarray) -> np.ndarray:
    flat = A.reshape(len(A), -1)
    return flat.T @ flat


def fitted(blocks: Blocks):
    return fit_mixed(blocks, build_structure("unstructured", blocks.incidence.shape[-1]))


@pytest.mark.parametrize("subjects", [3, 12, 400])
def test_a_reduction_keeps_every_cross_product(subjects: int):
    A = np.random.default_rng(1).standard_normal((subjects, 3, 4))
    A[:, 1, 0] = A[:, 0, 0]
    A[:, 2, 1] = 0
    reduced = reduce_subjects(A)

    np.testing.assert_allclose(products(reduced), products(A), atol=1e-11 * subjects)
    assert len(reduced) == min(subjects, 10)


def test_a_reduction_keeps_the_digits_that_cross_products_lose():
    A = np.random.default_rng(2).standard_normal((300, 1, 2))
    A[:, 0, 1] = A[:, 0, 0] + 1e-9 * A[:, 0, 1]
    reduced = reduce_subjects(A)[:, 0]
    left = [
        rows[:, 1] - rows[:, 0] * (rows[:, 0] @ rows[:, 1]) / (rows[:, 0] @ rows[:, 0])
        for rows in (reduced, A[:, 0])
    ]

    assert np.linalg.norm(left[0]) == pytest.approx(np.linalg.norm(left[1]), rel=1e-5)


def test_equal_and_empty_columns_are_told_from_others():
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 50))
    almost = a.copy()
    almost[7] += 1e-13
    kept, place = different_columns(np.column_stack([a, b, a, 0 * a, almost, -b]))

    np.testing.assert_array_equal(kept, [0, 1, 4, 5])
    np.testing.assert_array_equal(place, [0, 1, 0, -1, 2, 3])


def test_subjects_are_counted_by_pattern():
    trial = records(people=40)
    blocks = blocks_of(trial)

    assert blocks.counts.sum() == np.unique(trial.subject).size
    assert blocks.n_records[0] == trial.y.size
    assert blocks.incidence.sum(axis=(1, 2)) @ blocks.counts[0] == trial.y.size


def test_groups_have_visits_of_their_own():
    blocks = blocks_of(records(people=40), grouped=True)
    first, second = blocks.incidence[..., :3], blocks.incidence[..., 3:]

    assert blocks.incidence.shape[-1] == 6
    assert not np.any(first.any(axis=(1, 2)) & second.any(axis=(1, 2)))


@pytest.mark.parametrize("parts", [2, 5, 40])
def test_any_partition_of_the_subjects_adds_up_to_the_same_fit(parts: int):
    trial = records(people=40)
    whole = fitted(blocks_of(trial))
    pieces = [
        blocks_of(trial.chosen(np.flatnonzero(trial.subject % parts == part)))
        for part in range(parts)
    ]
    stacked = stack(pieces)
    found = fitted(stacked)

    assert found.log_likelihood[0] == pytest.approx(whole.log_likelihood[0], abs=1e-11)
    np.testing.assert_allclose(found.beta, whole.beta, atol=1e-12)
    np.testing.assert_allclose(found.vcov, whole.vcov, atol=1e-12)
    assert stacked.counts.sum() == blocks_of(trial).counts.sum()


def test_weights_of_parts_add_up():
    trial = records(people=40)
    halves = [trial.chosen(np.flatnonzero(trial.subject % 2 == half)) for half in (0, 1)]
    stacked = stack([blocks_of(half, weighted=True) for half in halves])
    whole = blocks_of(trial, weighted=True)

    assert stacked.log_weights[0] == pytest.approx(np.log(trial.weights).sum(), rel=1e-13)
    np.testing.assert_allclose(fitted(stacked).beta, fitted(whole).beta, atol=1e-12)


def test_the_order_of_records_does_not_matter():
    trial = records(people=40)
    shuffled = trial.chosen(np.random.default_rng(4).permutation(trial.y.size))
    one, other = blocks_of(trial, grouped=True), blocks_of(shuffled, grouped=True)

    assert in_order(trial.subject, trial.visit)
    assert not in_order(shuffled.subject, shuffled.visit)
    np.testing.assert_array_equal(one.A, other.A)
    np.testing.assert_array_equal(one.counts, other.counts)
