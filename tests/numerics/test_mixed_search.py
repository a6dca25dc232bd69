"""The highest of several maxima, and likelihoods that have none."""

import numpy as np
import pytest

from mixed_trials import blocks_of, records
from trialkit.errors import ConvergenceError, NotEstimableError
from trialkit.numerics.covariance_structures import DirectSum, Scaled, build_structure
from trialkit.numerics.distance_structures import Distances, distance_blocks
from trialkit.numerics.mixed_determined import selects_visits, thin
from trialkit.numerics.mixed_fit import fit_mixed, require_converged, standardise, starting_moments
from trialkit.numerics.mixed_optimum import DEGENERATE, Optimum, correlation_eigenvalue, maximise
from trialkit.numerics.mixed_search import (
    RANGE_ZERO,
    around,
    better,
    misfitting,
    nearly_singular,
    search,
    several_starts,
    steep,
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
        NotEstimableError, match=r"no subject has records at both visit 1 \(in order\) and visit 3"
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
    starts = np.concatenate(
        [structure.start(several_starts(moments[0], structure)), around(structure, point)]
    )
    Sigma = structure.covariance(starts)

    assert len(starts) > 15
    assert np.linalg.eigvalsh(Sigma).min() > 0


def test_a_correlation_is_turned_round():
    structure = build_structure("ante_dependence", 3)
    assert isinstance(structure, Scaled)
    points = around(structure, np.array([[2.0, 0.5, 0.8]]))

    assert points[0, 1] < 0 < points[0, 2]
    assert points[1, 2] < 0 < points[1, 1]


def complete_but(n_complete: int) -> Blocks:
    """Ten subjects of five visits, of whom all but some have missed one visit."""
    rng = np.random.default_rng(83)
    y = rng.standard_normal((10, 1)) + rng.standard_normal((10, 5))
    kept = np.ones((10, 5), dtype=bool)
    for person in range(10 - n_complete):
        kept[2 * person % 10 + (2 * person >= 10), person % 5] = False
    subject, visit = np.nonzero(kept)
    X = np.eye(10)[(subject >= 5) * 5 + visit]
    return visit_blocks(X, y[subject, visit], subject=subject, visit=visit, n_visits=5)


def test_a_function_of_the_visits_that_is_fitted_exactly_leaves_no_maximum():
    """Six complete subjects of two arms have four residuals for five visits."""
    blocks = complete_but(6)
    standard = standardise(blocks).blocks
    moments = starting_moments(standard, reml=True)
    found = nearly_singular(standard, moments[0])

    assert abs(correlation_eigenvalue(found)[0]) < 1e-9
    assert not fit_mixed(blocks, build_structure("unstructured", 5)).optimum.converged[0]


def test_correlations_start_near_one_each_in_turn():
    structure = build_structure("ante_dependence", 4)
    assert isinstance(structure, Scaled)
    points = steep(structure, np.array([[2.0, 0.5, 0.8, 0.1]]))

    assert points.shape == (6, 4)
    assert points[0, 1] > 0.99
    assert points[1, 1] < -0.99
    assert points[0, 2] == 0.8


def test_a_correlation_that_the_likelihood_drives_to_one_leaves_no_maximum():
    """One person has both of the first two visits, which coefficients fit exactly (ML).

    The likelihood grows without bound as their correlation goes to -1, far from the moments.
    """
    y = np.array(
        [
            [2.5, 2.1, np.nan, 4.2],
            [-4.8, np.nan, -0.7, 3.2],
            [np.nan, 2.6, np.nan, 3.9],
            [np.nan, 2.7, 3.4, 2.3],
            [-0.3, np.nan, np.nan, 2.4],
            [np.nan, 1.8, 1.8, 1.0],
            [np.nan, 1.3, 3.2, 4.1],
            [0.6, np.nan, 3.1, 2.2],
        ]
    )
    subject, visit = np.nonzero(~np.isnan(y))
    X = np.eye(8)[(subject >= 4) * 4 + visit]
    blocks = visit_blocks(X, y[subject, visit], subject=subject, visit=visit, n_visits=4)
    fit = fit_mixed(blocks, build_structure("ante_dependence", 4), reml=False)

    assert fit.optimum.reason[0] == DEGENERATE


def test_the_sign_of_a_visit_between_others_is_turned_too():
    """Its correlations with the visits before and after change sign together."""
    structure = build_structure("ante_dependence", 4)
    signs = np.sign(around(structure, np.array([[1.0, 0.6, 0.5, 0.4]]))[:, 1:]).tolist()

    assert [-1, -1, 1] in signs
    assert [1, -1, -1] in signs


def test_many_matrices_side_by_side_are_climbed_once():
    """Twenty levels of two people each, whose matrices are singular: said at once."""
    rng = np.random.default_rng(3)
    levels, t = 20, 3
    group = np.repeat(np.arange(levels), 2 * t)
    visit = np.tile(np.arange(t), 2 * levels)
    blocks = visit_blocks(
        np.eye(t)[visit],
        rng.standard_normal(group.size),
        subject=np.repeat(np.arange(2 * levels), t),
        visit=visit,
        n_visits=t,
        group=group,
        n_groups=levels,
    )
    structure = DirectSum([build_structure("unstructured", t)] * levels)
    standard = standardise(blocks).blocks
    moments = starting_moments(standard, reml=True)
    once = maximise(standard, structure, structure.start(moments), reml=True)
    found = search(standard, structure, moments, reml=True)

    assert found.reason[0] == once.reason[0] == DEGENERATE
    assert found.iterations[0] == once.iterations[0]


@pytest.mark.parametrize("name", ["spatial_exponential", "spatial_gaussian"])
def test_a_range_that_goes_to_zero_is_no_maximum(name: str):
    rng = np.random.default_rng(2)
    y = rng.standard_normal((60, 3))
    y[:, 1] -= 0.5 * (y[:, 0] + y[:, 2])
    subject, visit = np.repeat(np.arange(60), 3), np.tile(np.arange(3), 60)
    structure = build_structure(name, 3, times=np.arange(3.0))
    blocks = visit_blocks(np.eye(3)[visit], y.ravel(), subject=subject, visit=visit, n_visits=3)
    fit = fit_mixed(blocks, structure)

    assert fit.optimum.reason[0] == RANGE_ZERO
    with pytest.raises(ConvergenceError, match="the range goes to 0: records are uncorrelated"):
        require_converged(fit, name)


def test_distances_of_each_subject_say_that_their_range_goes_to_zero():
    rng = np.random.default_rng(2)
    y = rng.standard_normal((60, 3))
    y[:, 1] -= 0.5 * (y[:, 0] + y[:, 2])
    blocks, distance = distance_blocks(
        np.eye(3)[np.tile(np.arange(3), 60)],
        y.ravel(),
        subject=np.repeat(np.arange(60), 3),
        coordinates=np.tile(np.arange(3.0), 60)[:, np.newaxis],
    )

    assert fit_mixed(blocks, Distances(distance, power=1)).optimum.reason[0] == RANGE_ZERO


def test_likelihoods_that_are_infinite_everywhere_are_compared_without_warning():
    lost = Optimum(
        point=np.ones((1, 1)),
        value=np.array([np.inf]),
        start_value=np.array([np.inf]),
        decrement=np.array([np.inf]),
        gradient_norm=np.array([np.inf]),
        iterations=np.zeros(1),
        reason=np.array([DEGENERATE]),
    )

    assert not better(lost, 0, lost, 0)


def test_visits_with_hardly_a_residual_start_from_the_variance_of_all():
    """The third visit has one record an arm: its residuals are 0, its variance is not."""
    rng = np.random.default_rng(5)
    y = rng.standard_normal((40, 1)) + rng.standard_normal((40, 3))
    kept = np.ones((40, 3), dtype=bool)
    kept[:, 2] = np.isin(np.arange(40), [0, 20])
    subject, visit = np.nonzero(kept)
    X = np.eye(6)[(subject >= 20) * 3 + visit]
    blocks = visit_blocks(X, y[subject, visit], subject=subject, visit=visit, n_visits=3)
    moments = starting_moments(standardise(blocks).blocks, reml=True)[0]

    assert 0.5 < moments[2, 2] / moments[0, 0] < 2
    for name in ("ar1", "compound_symmetry", "spatial_exponential"):
        structure = build_structure(name, 3, times=np.arange(3.0))
        assert fit_mixed(blocks, structure).optimum.converged[0], name


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
