"""Resamples all at once give what one fit at a time gives; odd resamples are named."""

from dataclasses import fields, replace

import numpy as np
import pytest

from numerics.test_mediation import trial
from trialkit.errors import NotEstimableError
from trialkit.numerics import mediation_resampling
from trialkit.numerics.mediation import MediationData, fit_mediation, indirect_effects
from trialkit.numerics.mediation_resampling import (
    bootstrap_effects,
    draw_counts,
    estimate_all,
    jackknife_effects,
    make_basis,
    simulated_effects,
)


def take(data: MediationData, rows) -> MediationData:
    """Return some people, in this order, as often as named."""
    arrays = {f.name: getattr(data, f.name) for f in fields(data) if f.name != "names"}
    return replace(data, **{name: array[rows] for name, array in arrays.items()})


def in_basis_order(data: MediationData) -> MediationData:
    keys = np.column_stack([data.covariates, data.arms, data.mediators[:, ::-1], data.outcome])
    return take(data, np.lexsort(keys.T))


def effects_of(data: MediationData):
    fit = fit_mediation(data)
    return indirect_effects(fit.a, fit.b)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_all_resamples_at_once_are_each_resample_on_its_own(offset: float):
    data = in_basis_order(trial(offset=offset))
    basis = make_basis(data)
    counts = draw_counts(np.random.default_rng(1), 20, 60)

    effects, valid = estimate_all(basis, counts)

    assert valid.all()
    for count, found in zip(counts.astype(int), effects, strict=True):
        alone = effects_of(take(data, np.repeat(np.arange(60), count)))
        np.testing.assert_allclose(found, alone, rtol=1e-8 if offset else 1e-11)


def test_the_jackknife_is_each_fit_without_one_person():
    data = in_basis_order(trial(25))

    expected = [effects_of(take(data, np.arange(25) != i)) for i in range(25)]

    np.testing.assert_allclose(jackknife_effects(make_basis(data)), expected, rtol=1e-11)


def with_rare_site(n: int = 30) -> MediationData:
    """Return people of whom one alone is of a certain site."""
    data = trial(n)
    site = np.zeros((n, 1))
    site[4] = 1.0
    return replace(
        data,
        covariates=np.column_stack([data.covariates, site]),
        names=("1", "age", "site", *data.names[2:]),
    )


def test_a_lost_category_of_a_covariate_loses_no_resample():
    data = with_rare_site()
    alone = effects_of(take(trial(30), np.arange(30) != 4))

    basis = make_basis(data)
    counts = np.ones((1, 30))
    row = np.flatnonzero(in_basis_order(data).covariates[:, 2])[0]
    counts[0, row] = 0
    effects, valid = estimate_all(basis, counts)

    assert valid.all()
    np.testing.assert_allclose(effects[0], alone, rtol=1e-11)
    assert bootstrap_effects(basis, draws=200, seed=1).redrawn == 0


def test_a_person_with_a_site_of_their_own_moves_no_path():
    data = with_rare_site()

    jackknife = jackknife_effects(make_basis(data))

    row = np.flatnonzero(in_basis_order(data).covariates[:, 2])[0]
    np.testing.assert_allclose(jackknife[row], effects_of(data), rtol=1e-11)


def test_a_resample_without_an_arm_is_drawn_again_and_counted():
    data = take(trial(60, mediators=1), [0, 3, 6, 9, 12, 15, 18, 1, 4, 7, 10, 2, 5, 8, 11])
    basis = make_basis(data)

    drawn = bootstrap_effects(basis, draws=2000, seed=1)

    assert 10 < drawn.redrawn < 150
    assert np.isfinite(drawn.effects).all()
    again = bootstrap_effects(basis, draws=2000, seed=1)
    np.testing.assert_array_equal(again.effects, drawn.effects)


def test_an_arm_of_one_is_refused():
    data = take(trial(60, mediators=1), [*range(0, 60, 3), *range(1, 60, 3), 2])
    basis = make_basis(data)

    with pytest.raises(NotEstimableError, match="have lost an arm"):
        bootstrap_effects(basis, draws=500, seed=1)
    with pytest.raises(NotEstimableError, match="rests on one person"):
        jackknife_effects(basis)


def test_the_size_of_a_chunk_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    basis = make_basis(trial())
    whole = bootstrap_effects(basis, draws=100, seed=7).effects

    monkeypatch.setattr(mediation_resampling, "CELLS", 420)
    pieces = bootstrap_effects(basis, draws=100, seed=7).effects

    np.testing.assert_allclose(pieces, whole, rtol=1e-12)


def test_redrawn_replicates_keep_their_own_streams():
    data = take(trial(60, mediators=1), [0, 3, 6, 9, 12, 15, 18, 1, 4, 7, 10, 2, 5, 8, 11])
    few, many = (bootstrap_effects(make_basis(data), draws=draws, seed=3) for draws in (500, 1500))

    assert few.redrawn > 0
    np.testing.assert_allclose(many.effects[:500], few.effects, rtol=1e-9)


def test_more_draws_begin_with_the_same_draws():
    basis = make_basis(trial())
    few, many = (bootstrap_effects(basis, draws=draws, seed=7).effects for draws in (100, 300))

    np.testing.assert_allclose(many[:100], few, rtol=1e-12)


def test_simulated_paths_have_the_covariances_of_the_fits():
    fit = fit_mediation(trial())

    effects = simulated_effects(fit, draws=200_000, seed=1)

    variance = (
        np.einsum("i,kij,j->k", fit.b, fit.a_vcov, fit.b)
        + np.einsum("ki,ij,kj->k", fit.a, fit.b_vcov, fit.a)
        + np.einsum("kij,ij->k", fit.a_vcov, fit.b_vcov)
    )
    np.testing.assert_allclose(effects[..., -1].var(axis=0), variance, rtol=0.02)


def test_no_name_or_order_of_arms_moves_a_simulated_effect():
    data = trial()
    turned = replace(data, arms=data.arms[:, ::-1])

    effects = simulated_effects(fit_mediation(data), draws=500, seed=3)
    others = simulated_effects(fit_mediation(turned), draws=500, seed=3)

    np.testing.assert_allclose(others[:, ::-1], effects, rtol=1e-8, atol=1e-10)


def test_a_simulated_effect_mirrors_when_two_arms_change_places():
    data = trial()
    first, second = data.arms.T
    # The reference and the first arm change places: what was 0 - 1 is now 1 - 0.
    turned = replace(data, arms=np.column_stack([1 - first - second, second]))

    effects = simulated_effects(fit_mediation(data), draws=500, seed=3)
    mirrored = simulated_effects(fit_mediation(turned), draws=500, seed=3)

    np.testing.assert_allclose(mirrored[:, 0], -effects[:, 0], rtol=1e-7, atol=1e-9)
