"""The highest of several maxima, and likelihoods that have none."""

import numpy as np
import pytest

from mixed_trials import blocks_of, records
from trialkit.errors import NotEstimableError
from trialkit.numerics.covariance_structures import DirectSum, Scaled, build_structure
from trialkit.numerics.mixed_fit import fit_mixed, standardise, starting_moments
from trialkit.numerics.mixed_optimum import DEGENERATE, maximise
from trialkit.numerics.mixed_search import (
    around,
    misfitting,
    search,
    selects_visits,
    several_starts,
    thin,
)
from trialkit.numerics.subject_blocks import Blocks, visit_blocks


def crooked(seed: int) -> Blocks:
    """A trial whose four visits have variances from 1 to 1 000 and unequal correlations."""
    rng = np.random.default_rng(seed)
    spread = np.sqrt([1.0, 1000.0, 3.0, 300.0])
    factors = rng.standard_normal((4, 5))
    y = (rng.standard_normal((60, 5)) @ factors.T) * spread
    subject, visit = np.nonzero(rng.random((60, 4)) > 0.1)
    return visit_blocks(
        np.eye(4)[visit], y[subject, visit], subject=subject, visit=visit, n_visits=4
    )


def highest_of_random(blocks: Blocks, structure, starts: int = 60) -> float:
    factors = np.random.default_rng(9).standard_normal((starts, 4, 6))
    copies = blocks.trials(np.zeros(starts, dtype=np.int64))
    points = structure.start(factors @ np.swapaxes(factors, 1, 2))
    found = maximise(copies, structure, points, reml=True)
    return float(found.value[found.converged].min())


@pytest.mark.parametrize("name", ["toeplitz", "ante_dependence"])
def test_no_random_start_ends_higher(name: str):
    structure, lower = build_structure(name, 4), 0
    for seed in (23, 71, *range(8)):
        blocks = standardise(crooked(seed)).blocks
        moments = starting_moments(blocks, reml=True)
        found = search(blocks, structure, moments, reml=True)
        single = maximise(blocks, structure, structure.start(moments), reml=True)
        assert found.converged[0]
        assert found.value[0] <= highest_of_random(blocks, structure) + 1e-7
        lower += single.value[0] > found.value[0] + 1e-3
    # One climb alone is not enough for every one of these, or the test shows nothing.
    assert lower > 0


def test_ordinary_trials_are_climbed_once():
    blocks = standardise(blocks_of(records(people=60))).blocks
    moments = starting_moments(blocks, reml=True)

    assert not thin(blocks).any()
    assert not misfitting(build_structure("heterogeneous_ar1", 3), moments).any()


def test_data_are_thin_where_few_subjects_share_two_visits():
    assert thin(standardise(blocks_of(records(people=9))).blocks).all()
    assert thin(standardise(blocks_of(records(people=20), grouped=True)).blocks).all()
    assert not thin(standardise(blocks_of(records(people=90), grouped=True)).blocks).any()


def test_unlike_variances_are_far_from_one_variance():
    moments = np.diag([1.0, 30.0, 2.0])[np.newaxis]

    assert misfitting(build_structure("ar1", 3), moments).all()
    assert not misfitting(build_structure("heterogeneous_ar1", 3), moments).any()


def test_a_likelihood_without_a_maximum_is_said_to_have_none():
    fit = fit_mixed(
        blocks_of(records(people=7, t=5, missing=0.0)),
        build_structure("unstructured", 5),
        reml=False,
    )

    assert fit.optimum.reason[0] == DEGENERATE


def separate() -> Blocks:
    """Subjects have the first and second visit, or the second and third."""
    rng = np.random.default_rng(3)
    subject = np.repeat(np.arange(40), 2)
    visit = np.where(subject % 2 == 0, 0, 1) + np.tile([0, 1], 40)
    X = np.eye(3)[visit]
    return visit_blocks(X, rng.standard_normal(80), subject=subject, visit=visit, n_visits=3)


def test_a_covariance_that_no_subject_bears_on_is_refused_by_its_visits():
    with pytest.raises(
        NotEstimableError, match="no subject has records at both visit 1 and visit 3"
    ):
        fit_mixed(separate(), build_structure("unstructured", 3))


def test_structures_that_need_no_such_pair_are_fitted():
    for name in ("ar1", "compound_symmetry", "heterogeneous_ante_dependence"):
        assert fit_mixed(separate(), build_structure(name, 3)).optimum.converged[0], name


def test_visits_of_two_arms_need_never_meet():
    one = build_structure("unstructured", 3)
    fit = fit_mixed(blocks_of(records(people=60), grouped=True), DirectSum([one, one]))

    assert fit.optimum.converged[0]


@pytest.mark.parametrize("name", ["unstructured", "toeplitz", "heterogeneous_ar1", "direct sum"])
def test_every_start_is_a_covariance_matrix(name: str):
    if name == "direct sum":
        structure = DirectSum([build_structure("toeplitz", 2), build_structure("unstructured", 2)])
    else:
        structure = build_structure(name, 4)
    factors = np.random.default_rng(1).standard_normal((1, 4, 9))
    moments = factors @ np.swapaxes(factors, 1, 2)
    point = structure.start(moments)
    starts = np.concatenate([structure.start(several_starts(moments[0])), around(structure, point)])
    Sigma = structure.covariance(starts)

    assert len(starts) > 20
    assert np.linalg.eigvalsh(Sigma).min() > 0


def test_a_correlation_is_turned_round():
    structure = build_structure("ante_dependence", 3)
    assert isinstance(structure, Scaled)
    points = around(structure, np.array([[2.0, 0.5, 0.8]]))

    assert points[0, 1] < 0 < points[0, 2]
    assert points[1, 2] < 0 < points[1, 1]


def test_records_that_mix_visits_are_random_effects():
    blocks = blocks_of(records())

    assert selects_visits(blocks)
    assert not selects_visits(
        Blocks(
            incidence=blocks.incidence + 0.5,
            counts=blocks.counts,
            pattern=blocks.pattern,
            A=blocks.A,
            n_records=blocks.n_records,
            log_weights=blocks.log_weights,
        )
    )
