"""Paths and their products: identities, edges, and what would undo them."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.mediation import (
    MediationData,
    delta_errors,
    delta_inference,
    fit_mediation,
    indirect_at,
    indirect_effects,
    proportions_mediated,
    sensitivity,
)


def trial(n: int = 60, *, mediators: int = 2, offset: float = 0.0, scale: float = 1.0):
    """Return a three-arm trial with a covariate."""
    rng = np.random.default_rng(3)
    arm = np.arange(n) % 3
    arms = np.column_stack([arm == 1, arm == 2]).astype(float)
    age = rng.normal(40, 10, n)
    M = (
        rng.normal(size=(n, mediators))
        + arms @ rng.normal(size=(2, mediators))
        + 0.02 * age[:, None]
    )
    y = M.sum(axis=1) + arms @ [0.3, -0.7] + rng.normal(size=n)
    return MediationData(
        covariates=np.column_stack([np.ones(n), age]),
        arms=arms,
        mediators=offset + scale * M,
        outcome=offset + scale * y,
        names=("1", "age", "b", "c", *(f"m{j}" for j in range(mediators))),
    )


@pytest.mark.parametrize("mediators", [1, 2, 3])
def test_total_is_direct_plus_indirect(mediators: int):
    fit = fit_mediation(trial(mediators=mediators))

    whole = fit.direct + indirect_effects(fit.a, fit.b)[:, -1]

    np.testing.assert_allclose(whole, fit.total, rtol=1e-13)


def test_a_large_common_part_costs_only_the_digits_it_hides():
    plain, shifted = fit_mediation(trial()), fit_mediation(trial(offset=1e9))

    np.testing.assert_allclose(shifted.a, plain.a, rtol=1e-5)
    np.testing.assert_allclose(shifted.total, plain.total, rtol=1e-5)


def test_units_scale_the_effects_and_leave_rho():
    plain, small = trial(), trial(scale=1e-7)
    fit, tiny = fit_mediation(plain), fit_mediation(small)

    np.testing.assert_allclose(tiny.total, 1e-7 * fit.total, rtol=1e-12)
    np.testing.assert_allclose(tiny.b, fit.b, rtol=1e-12)
    np.testing.assert_allclose(
        sensitivity(tiny, small).rho, sensitivity(fit, plain).rho, rtol=1e-12
    )


def test_the_variance_of_the_sum_holds_the_covariances():
    fit = fit_mediation(trial())
    gradient = np.concatenate([fit.b, fit.a[0]])
    vcov = np.zeros((4, 4))
    vcov[:2, :2], vcov[2:, 2:] = fit.a_vcov[0], fit.b_vcov

    assert delta_errors(fit).sobel[0, -1] == pytest.approx(
        np.sqrt(gradient @ vcov @ gradient), rel=1e-13
    )
    np.testing.assert_allclose(
        np.sqrt(np.diagonal(fit.a_vcov, axis1=1, axis2=2)), fit.a_std_error, rtol=1e-13
    )


def test_a_variance_below_zero_is_given_as_such():
    data = trial()
    noise = np.random.default_rng(8).normal(size=len(data.outcome))
    unrelated = MediationData(
        covariates=data.covariates,
        arms=data.arms,
        mediators=np.random.default_rng(9).normal(size=data.mediators.shape),
        outcome=noise,
        names=data.names,
    )

    errors = delta_errors(fit_mediation(unrelated))

    assert (errors.goodman_variance < 0).any()
    assert (errors.aroian >= errors.sobel[:, :-1]).all()


def test_the_delta_test_is_normal():
    found = delta_inference(fit_mediation(trial()), conf_level=0.95)

    assert np.isinf(found.df).all()
    width = (found.conf_high - found.conf_low) / found.std_error
    np.testing.assert_allclose(width, 2 * 1.959963984540054, rtol=1e-12)


def test_a_share_needs_the_same_direction():
    fit = fit_mediation(trial())
    shares, effects = proportions_mediated(fit), indirect_effects(fit.a, fit.b)

    along = effects * fit.total[:, None] > 0
    assert (np.isnan(shares) == ~along).all()
    np.testing.assert_allclose((shares * fit.total[:, None])[along], effects[along], rtol=1e-13)


def test_the_effect_vanishes_at_rho_and_is_itself_at_zero():
    data = trial()
    fit = fit_mediation(data)
    found = sensitivity(fit, data)

    at = indirect_at(np.array([0.0, *found.rho]), a=fit.a, found=found)

    np.testing.assert_allclose(at[0], fit.a * fit.b, rtol=1e-12)
    np.testing.assert_allclose(at[1, :, 0], 0, atol=1e-15)
    np.testing.assert_allclose(at[2, :, 1], 0, atol=1e-15)


def test_rho_is_the_correlation_of_the_residuals():
    data = trial(mediators=1)
    found = sensitivity(fit_mediation(data), data)
    W = data.exposure
    left = [z - W @ np.linalg.lstsq(W, z)[0] for z in (data.mediators[:, 0], data.outcome)]

    assert found.rho[0] == pytest.approx(np.corrcoef(left)[0, 1], rel=1e-12)
    assert found.r_squared_unexplained[0] == pytest.approx(found.rho[0] ** 2)


def test_confounding_moves_the_estimate_as_the_curve_says():
    # A million people whose mediator and outcome share an error: b is all confounding.
    rng = np.random.default_rng(5)
    n, rho = 400_000, 0.4
    arm = np.repeat([0.0, 1.0], n // 2)
    errors = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=n)
    m, y = arm + errors[:, 0], 0.5 * arm + errors[:, 1]
    data = MediationData(
        covariates=np.ones((n, 1)),
        arms=arm[:, None],
        mediators=m[:, None],
        outcome=y,
        names=("1", "arm", "m"),
    )
    fit = fit_mediation(data)

    assert fit.b[0] == pytest.approx(rho, abs=0.01)
    assert indirect_at(
        np.array([rho]), a=fit.a, found=sensitivity(fit, data)
    ).item() == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"mediators": np.ones((60, 2))}, "m0, m1: determined", id="constant"),
        pytest.param({"mediators": np.repeat(np.arange(60.0)[:, None], 2, 1)}, "m1", id="same"),
        pytest.param({"arms": np.zeros((60, 2))}, "b, c", id="empty arms"),
        pytest.param({"outcome": np.zeros(60)}, "the outcome: determined", id="outcome"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(change, message: str):
    data = trial()
    fields = {name: getattr(data, name) for name in data.__dataclass_fields__}

    with pytest.raises(NotEstimableError, match=message):
        fit_mediation(MediationData(**{**fields, **change}))


def test_too_few_people_are_refused():
    with pytest.raises(NotEstimableError, match="6 complete records"):
        fit_mediation(trial(6))
