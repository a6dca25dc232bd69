"""Covariances that the records do not determine, and visits that are fitted exactly."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.covariance_structures import DirectSum, build_structure
from trialkit.numerics.expected_information import with_expected_information
from trialkit.numerics.mixed_determined import (
    NO_INFORMATION,
    expected_information,
    own_variances,
    residual_freedom,
)
from trialkit.numerics.mixed_fit import fit_mixed, standardise
from trialkit.numerics.mixed_likelihood import in_frame
from trialkit.numerics.subject_blocks import Blocks, visit_blocks

PEOPLE, VISITS = 60, 4


def two_arms(y: np.ndarray, kept: np.ndarray | None = None) -> Blocks:
    """Two arms with a mean of their own at each visit."""
    n, t = y.shape
    subject, visit = np.nonzero(np.ones_like(y, dtype=bool) if kept is None else kept)
    X = np.eye(2 * t)[(subject >= n // 2) * t + visit]
    return visit_blocks(X, y[subject, visit], subject=subject, visit=visit, n_visits=t)


def values(seed: int = 21) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((PEOPLE, 1)) + rng.standard_normal((PEOPLE, VISITS))


def last_visit_once() -> Blocks:
    """The last visit has one record in each arm."""
    kept = np.ones((PEOPLE, VISITS), dtype=bool)
    kept[:, -1] = np.isin(np.arange(PEOPLE), [0, PEOPLE // 2])
    return two_arms(values(), kept)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("toeplitz", "the covariance of A and D"),
        ("ante_dependence", "the covariance of A and D, .*B and D, .*C and D"),
        ("unstructured", "D: expected more records than coefficients, found 2"),
        ("heterogeneous_ar1", "D: expected more records than coefficients, found 2"),
    ],
)
def test_a_parameter_that_the_likelihood_does_not_know_is_named(name: str, words: str):
    with pytest.raises(NotEstimableError, match=words):
        fit_mixed(last_visit_once(), build_structure(name, VISITS), visits=list("ABCD"))


def test_large_models_are_looked_at_where_the_climb_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trialkit.numerics.mixed_determined.MOST_WORK", 0)
    with pytest.raises(NotEstimableError, match="the covariance of A and D"):
        fit_mixed(last_visit_once(), build_structure("toeplitz", VISITS), visits=list("ABCD"))


@pytest.mark.parametrize("name", ["ar1", "compound_symmetry", "spatial_gaussian"])
def test_patterns_that_tie_the_visit_to_others_are_fitted(name: str):
    structure = build_structure(name, VISITS, times=np.arange(VISITS) * 1.0)

    assert fit_mixed(last_visit_once(), structure).optimum.converged[0]


@pytest.mark.parametrize("reml", [True, False])
def test_information_at_the_start_is_that_of_kenward_and_roger(reml: bool):
    rng = np.random.default_rng(4)
    kept = rng.random((PEOPLE, VISITS)) > 0.2
    structure = build_structure("heterogeneous_toeplitz", VISITS)
    fit = fit_mixed(two_arms(values(), kept), structure, reml=reml)
    first = in_frame(fit.at, structure.local(fit.optimum.point).first)

    np.testing.assert_allclose(
        expected_information(fit.blocks, fit.at, first, reml=reml),
        with_expected_information(fit).slopes.hessian,
        rtol=1e-10,
        atol=1e-10,
    )


def test_ordinary_trials_are_far_from_the_limit():
    fit = fit_mixed(two_arms(values()[::3]), build_structure("unstructured", VISITS))
    flat = in_frame(fit.at, fit.structure.local(fit.optimum.point).first).reshape(1, 10, 16)
    known = np.linalg.inv(np.linalg.cholesky(flat @ np.swapaxes(flat, 1, 2) / 2))
    told = np.linalg.eigvalsh(known @ fit.slopes.hessian @ np.swapaxes(known, 1, 2))

    assert told.min() > 1e9 * NO_INFORMATION


@pytest.mark.parametrize("noise", [0.0, 1e-11, 1e-9])
@pytest.mark.parametrize(
    "name", ["unstructured", "heterogeneous_toeplitz", "heterogeneous_ante_dependence"]
)
def test_a_visit_that_the_model_fits_exactly_is_named(name: str, noise: float):
    y = values()
    y[:, 1] = 2 + (np.arange(PEOPLE) >= PEOPLE // 2) + noise * y[:, 1]
    with pytest.raises(NotEstimableError, match="B: the model fits the outcome exactly"):
        fit_mixed(
            two_arms(y),
            build_structure(name, VISITS),
            visits=list("ABCD"),
            spread=np.ptp(y, axis=0),
        )


def test_a_visit_is_judged_beside_its_own_spread():
    y = values()
    y[:, 1] *= 1e-5
    fit = fit_mixed(two_arms(y), build_structure("unstructured", VISITS), spread=np.ptp(y, axis=0))

    assert fit.optimum.converged[0]


def test_a_visit_that_only_the_weighted_fit_explains_is_named():
    """Arm and visit without their interaction: least squares leaves residuals at visit B."""
    y = values()
    late = np.arange(PEOPLE) >= PEOPLE // 2
    y[late] += 0.3
    y[:, 1] = 2 + late
    subject, visit = np.nonzero(np.ones_like(y, dtype=bool))
    X = np.column_stack([np.eye(VISITS)[visit], late[subject]])
    blocks = visit_blocks(X, y.ravel(), subject=subject, visit=visit, n_visits=VISITS)
    with pytest.raises(NotEstimableError, match="B: the model fits the outcome exactly"):
        fit_mixed(
            blocks,
            build_structure("heterogeneous_compound_symmetry", VISITS),
            visits=list("ABCD"),
            spread=np.ptp(y, axis=0),
        )


def test_records_less_leverages_are_counted_by_visit():
    freedom = residual_freedom(standardise(last_visit_once()).blocks)

    np.testing.assert_allclose(freedom, [[58, 58, 58, 0]], atol=1e-10)


def test_which_structures_have_a_variance_for_each_visit():
    one, other = build_structure("ar1", 2), build_structure("unstructured", 2)

    assert own_variances(DirectSum([one, other])).tolist() == [False, False, True, True]
    assert own_variances(build_structure("heterogeneous_ar1", 3)).all()
