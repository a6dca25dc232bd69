"""Limits and p-values from draws: agreement with one another, edges, and their own error."""

import numpy as np
import pytest

from numerics.test_mediation import trial
from trialkit.numerics.bootstrap import summarise
from trialkit.numerics.mediation import fit_mediation, indirect_effects
from trialkit.numerics.mediation_intervals import acceleration, drawn_inference, p_value
from trialkit.numerics.mediation_resampling import (
    bootstrap_effects,
    jackknife_effects,
    make_basis,
)


def effects_of(data):
    fit = fit_mediation(data)
    return indirect_effects(fit.a, fit.b)


@pytest.mark.parametrize("kind", ["percentile", "bca"])
def test_the_p_value_is_the_level_whose_interval_ends_at_zero(kind: str):
    data = trial()
    basis = make_basis(data)
    estimate = effects_of(data)
    effects = bootstrap_effects(basis, draws=20_000, seed=2).effects
    jackknife = jackknife_effects(basis) if kind == "bca" else None

    def inference(level: float):
        return drawn_inference(estimate, effects, conf_level=level, jackknife=jackknife)

    p = inference(0.95).p_value
    for cell in np.ndindex(*p.shape):
        if 0.01 < p[cell] < 0.9:
            found = inference(1 - p[cell])
            ends = np.array([found.conf_low[cell], found.conf_high[cell]])
            assert np.abs(ends).min() < 0.01 * found.std_error[cell]


def test_a_p_value_is_never_zero():
    effects = np.full(999, 3.0)

    assert p_value(effects, z0=0, acceleration=0) == 2 / 1000
    # So strong a correction that zero lies outside the interval of every level.
    assert p_value(effects, z0=1.0, acceleration=0.9) == 2 / 1000
    assert p_value(-effects, z0=-1.0, acceleration=-0.9) == 2 / 1000


def test_a_p_value_is_the_same_for_mirrored_draws():
    effects = np.random.default_rng(1).gamma(2, size=999) - 0.4

    p = p_value(effects, z0=0.1, acceleration=0.05)

    assert p == pytest.approx(p_value(-effects, z0=-0.1, acceleration=-0.05), rel=1e-12)
    assert p != pytest.approx(p_value(effects, z0=0, acceleration=0), rel=0.01)


def cell(effects, estimate: float, skewness: float = 0.0, conf_level: float = 0.95):
    jackknife = (
        np.random.default_rng(4).gamma(4 / skewness**2, size=50) if skewness else np.ones(50)
    )
    return drawn_inference(
        np.array([[estimate]]),
        effects[:, None, None],
        conf_level=conf_level,
        jackknife=jackknife[:, None, None],
    )


def test_an_estimate_at_the_edge_of_its_draws_has_no_bca_interval():
    effects = np.random.default_rng(1).normal(size=999)

    for estimate in (2.2, -2.2, 9.0):
        found = cell(effects, estimate)
        assert np.isnan([found.conf_low, found.conf_high, found.p_value]).all()
        assert found.std_error.item() == pytest.approx(1, rel=0.1)


def test_a_limit_beyond_the_draws_is_the_last_of_them_and_marked():
    effects = np.random.default_rng(1).normal(size=999)

    found = cell(effects, 1.5)

    assert found.at_end.item()
    assert found.conf_high.item() == effects.max()
    assert found.conf_low.item() < 1.5
    assert not cell(effects, 0.1).at_end.item()


def test_limits_agree_with_the_bootstrap_of_means():
    effects = np.random.default_rng(1).gamma(3, size=4999)
    found = cell(effects, 2.9, skewness=1.0)
    jackknife = np.random.default_rng(4).gamma(4, size=50)

    other = summarise(
        effects - 2.9,
        estimate=2.9,
        acceleration=acceleration(jackknife),
        interval="bca",
        conf_level=0.95,
    )

    assert found.conf_low.item() == pytest.approx(other.conf_low, rel=1e-12)
    assert found.conf_high.item() == pytest.approx(other.conf_high, rel=1e-12)
    assert found.limit_error.item() == pytest.approx(max(other.low_error, other.high_error))


def test_equal_values_without_each_person_accelerate_nothing():
    assert acceleration(np.ones(5)) == 0


def test_the_error_of_the_limits_is_their_spread_over_seeds():
    data = trial()
    basis, estimate = make_basis(data), effects_of(data)
    jackknife = jackknife_effects(basis)
    found = [
        drawn_inference(
            estimate,
            bootstrap_effects(basis, draws=1000, seed=seed).effects,
            conf_level=0.95,
            jackknife=jackknife,
        )
        for seed in range(60)
    ]

    spread = np.maximum(
        np.std([item.conf_low for item in found], axis=0),
        np.std([item.conf_high for item in found], axis=0),
    )
    told = np.mean([item.limit_error for item in found], axis=0)
    np.testing.assert_allclose(told, spread, rtol=0.35)
