"""Many trials fitted together are the same trials fitted one by one."""

import numpy as np
import pytest

from trialkit.errors import DataError
from trialkit.numerics import many_trials
from trialkit.numerics.covariance_structures import CovarianceStructure, build_structure
from trialkit.numerics.many_trials import ManyFits, fit_many, shared_layout, trial_blocks
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.mixed_inference import kenward_roger_basis, satterthwaite_df
from trialkit.numerics.subject_blocks import visit_blocks

TRIALS, PEOPLE, T = 9, 40, 3
L = np.hstack([np.zeros((T, T)), np.eye(T), np.zeros((T, 1))])
SUBJECT, VISIT = np.repeat(np.arange(PEOPLE), T), np.tile(np.arange(T), PEOPLE)
STRUCTURE = build_structure("unstructured", T)


def trials(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arm, baseline = np.arange(PEOPLE) % 2, rng.standard_normal(PEOPLE)
    by_visit = np.tile(np.eye(T), (PEOPLE, 1))
    X = np.column_stack([by_visit, by_visit * arm[SUBJECT, np.newaxis], baseline[SUBJECT]])
    shared = rng.standard_normal((TRIALS, PEOPLE))[:, SUBJECT]
    y = shared + rng.standard_normal((TRIALS, PEOPLE * T)) + 10
    y[rng.random(y.shape) < 0.15] = np.nan
    y[0, VISIT == 2] = np.where(np.arange(PEOPLE) < 30, y[0, VISIT == 2], np.nan)
    return X, y


def many(X: np.ndarray, y: np.ndarray, structure: CovarianceStructure = STRUCTURE, **options):
    return fit_many(X, y, subject=SUBJECT, visit=VISIT, structure=structure, L=L, **options)


def one_by_one(
    X: np.ndarray, y: np.ndarray, structure: CovarianceStructure, *, reml: bool
) -> dict[str, np.ndarray]:
    there = ~np.isnan(y)
    blocks = visit_blocks(
        X[there], y[there], subject=SUBJECT[there], visit=VISIT[there], n_visits=T
    )
    fit = fit_mixed(blocks, structure, reml=reml)
    turned = L @ fit.basis[0]
    adjusted = turned @ kenward_roger_basis(fit, linear=False)[0]
    return {
        "beta": fit.beta[0],
        "vcov": fit.vcov[0],
        "Sigma": fit.Sigma[0],
        "log_likelihood": fit.log_likelihood[0],
        "estimate": L @ fit.beta[0],
        "std_error": np.sqrt(np.diag(L @ fit.vcov[0] @ L.T)),
        "df": satterthwaite_df(fit, L)[0],
        "kenward_roger_std_error": np.sqrt((adjusted * turned).sum(axis=1)),
    }


def assert_same(found: ManyFits, trial: int, alone: dict[str, np.ndarray]) -> None:
    for name, value in alone.items():
        together = getattr(found, name)[trial]
        np.testing.assert_allclose(together, value, rtol=1e-10, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", ["unstructured", "heterogeneous_ar1", "toeplitz"])
def test_each_trial_is_fitted_as_if_alone(name: str, *, reml: bool):
    X, y = trials()
    structure = build_structure(name, T)
    found = many(X, y, structure, reml=reml)

    assert found.converged.all()
    for trial in range(TRIALS):
        assert_same(found, trial, one_by_one(X, y[trial], structure, reml=reml))


def test_designs_may_differ_from_trial_to_trial():
    X, y = trials()
    own = np.array([X + 0.1 * trial * (X != 0) for trial in range(TRIALS)])
    found = many(own, y)

    for trial in range(TRIALS):
        assert_same(found, trial, one_by_one(own[trial], y[trial], STRUCTURE, reml=True))


def test_groups_of_trials_do_not_matter(monkeypatch):
    X, y = trials()
    together = many(X, y)
    monkeypatch.setattr(many_trials, "AT_ONCE", 2)

    np.testing.assert_allclose(many(X, y).beta, together.beta, rtol=1e-11, atol=1e-12)


def test_patterns_that_a_trial_lacks_count_nothing():
    X, y = trials()
    y[1] = np.where(np.isnan(y[1]), 0.0, y[1])
    layout = shared_layout(X[np.newaxis], SUBJECT, VISIT)
    blocks = trial_blocks(y, layout.columns, layout, T)
    complete = blocks.incidence.sum(axis=(1, 2)) == T

    np.testing.assert_array_equal(blocks.counts[1], np.where(complete, PEOPLE, 0))
    assert not blocks.A[1, ~complete[blocks.pattern]].any()
    assert blocks.n_records[1] == PEOPLE * T


def test_the_order_of_records_does_not_matter():
    X, y = trials()
    order = np.random.default_rng(2).permutation(SUBJECT.size)
    found = fit_many(
        X[order], y[:, order], subject=SUBJECT[order], visit=VISIT[order], structure=STRUCTURE, L=L
    )

    np.testing.assert_allclose(found.estimate, many(X, y).estimate, rtol=1e-11, atol=1e-12)


def test_a_trial_that_cannot_be_fitted_leaves_the_others_alone():
    X, y = trials()
    hopeless = y.copy()
    hopeless[4, (VISIT == 1) & (SUBJECT % 2 == 1)] = np.nan
    found, expected = many(X, hopeless), many(X, y)
    others = np.arange(TRIALS) != 4

    np.testing.assert_array_equal(found.converged, others)
    assert np.isnan(found.estimate[4]).all()
    assert np.isnan(found.df[4]).all()
    np.testing.assert_allclose(found.estimate[others], expected.estimate[others], rtol=1e-11)


def test_a_trial_that_does_not_converge_has_no_numbers():
    X, y = trials()
    few = y.copy()
    few[3, SUBJECT >= 10] = np.nan
    few[3, SUBJECT < 10] = np.round(few[3, SUBJECT < 10])
    few[3, (VISIT == 2) & (SUBJECT > 4)] = np.nan
    found = many(X, few)

    assert not found.converged[3]
    assert np.isnan(found.beta[3]).all()
    assert found.converged.sum() == TRIALS - 1


def test_a_visit_twice_is_refused():
    X, y = trials()
    twice = VISIT.copy()
    twice[1] = 0

    with pytest.raises(DataError, match="each visit once a subject"):
        fit_many(X, y, subject=SUBJECT, visit=twice, structure=STRUCTURE, L=L)
