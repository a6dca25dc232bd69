"""Fitted mixed models: digits kept in every unit, and clear refusals."""

from dataclasses import replace

import numpy as np
import pytest

from mixed_trials import Records, blocks_of, dense_log_likelihood, records
from trialkit.errors import ConvergenceError, NotEstimableError
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import (
    MixedFit,
    fit_mixed,
    optimisation_record,
    require_converged,
    residual_moments,
    standardise,
    starting_moments,
)
from trialkit.numerics.subject_blocks import visit_blocks

US = build_structure("unstructured", 3)


def fitted(trial: Records, *, reml: bool = True) -> MixedFit:
    return fit_mixed(blocks_of(trial), US, reml=reml, names=[f"x{j}" for j in range(7)])


def scaled(trial: Records, *, X: float | np.ndarray = 1.0, y: float = 1.0, level: float = 0.0):
    return Records(
        X=trial.X * X,
        y=level + y * trial.y,
        subject=trial.subject,
        visit=trial.visit,
        n_visits=trial.n_visits,
        group=trial.group,
        weights=trial.weights,
    )


@pytest.mark.parametrize("reml", [True, False])
def test_the_log_likelihood_is_that_of_all_records_and_has_its_maximum_there(*, reml: bool):
    trial = records()
    fit = fitted(trial, reml=reml)
    top = dense_log_likelihood(trial, fit.Sigma[0], reml=reml)

    assert fit.log_likelihood[0] == pytest.approx(top, abs=1e-10)
    rng = np.random.default_rng(1)
    for _ in range(20):
        away = rng.standard_normal((3, 3)) * 0.05
        Sigma = fit.Sigma[0] + (away + away.T)
        assert dense_log_likelihood(trial, Sigma, reml=reml) < top


def test_complete_data_have_the_moments_of_the_residuals():
    trial = records(missing=0.0)
    # The same columns at each visit: arm by visit alone, so least squares is efficient.
    trial = scaled(Records(**{**vars(trial), "X": trial.X[:, :6]}))
    fit = fit_mixed(blocks_of(trial), US)
    residual = trial.y - trial.X @ np.linalg.lstsq(trial.X, trial.y, rcond=None)[0]
    rows = residual.reshape(-1, 3)

    np.testing.assert_allclose(fit.Sigma[0], rows.T @ rows / (len(rows) - 2), rtol=1e-10)


def test_a_level_a_billion_times_the_spread_costs_no_more_digits_than_it_must():
    trial = records()
    plain, lifted = fitted(trial), fitted(scaled(trial, level=1e9))
    constant = trial.X[:, :3].sum(axis=1)
    assert np.all(constant == 1)

    # 1e9 leaves 7 digits after the point in the outcomes themselves.
    np.testing.assert_allclose(lifted.beta[0, 3:], plain.beta[0, 3:], atol=1e-6)
    np.testing.assert_allclose(lifted.Sigma, plain.Sigma, rtol=1e-6)
    np.testing.assert_allclose(lifted.beta[0, :3] - 1e9, plain.beta[0, :3], atol=1e-6)
    assert lifted.optimum.converged[0]


@pytest.mark.parametrize("power", [-8, -4, 4, 8])
def test_units_of_covariates_and_outcome_change_units_alone(power: int):
    trial = records()
    units = 10.0 ** (power * np.array([1, -1, 1, -1, 1, -1, 1]))
    plain, other = fitted(trial), fitted(scaled(trial, X=units, y=10.0**power))
    size = 10.0**power

    np.testing.assert_allclose(other.beta * units / size, plain.beta, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(other.Sigma / size**2, plain.Sigma, rtol=1e-9)
    back = other.vcov * np.outer(units, units) / size**2
    np.testing.assert_allclose(back, plain.vcov, rtol=1e-8, atol=1e-11)
    shift = (trial.y.size - 7) * np.log(size) + np.log(units).sum()
    assert other.log_likelihood[0] == pytest.approx(plain.log_likelihood[0] - shift, abs=1e-7)


def test_a_column_that_others_make_up_is_named():
    trial = records()
    twice = np.column_stack([trial.X, trial.X[:, 0] - 2 * trial.X[:, 6]])
    blocks = visit_blocks(twice, trial.y, subject=trial.subject, visit=trial.visit, n_visits=3)

    with pytest.raises(NotEstimableError, match=r"^x7: .*rank 7 of 8"):
        fit_mixed(blocks, US, names=[f"x{j}" for j in range(8)])


def test_an_outcome_that_the_columns_fit_exactly_is_refused():
    trial = records()
    exact = trial.X @ np.arange(1.0, 8.0)
    blocks = visit_blocks(trial.X, exact, subject=trial.subject, visit=trial.visit, n_visits=3)

    with pytest.raises(NotEstimableError, match="fit every record exactly"):
        fit_mixed(blocks, US)


def test_records_must_outnumber_coefficients():
    trial = records()
    few = trial.chosen(np.arange(7))

    with pytest.raises(NotEstimableError, match="7 complete records cannot determine 7"):
        standardise(blocks_of(few))


def test_where_there_is_no_maximum_the_record_says_how_far_it_went():
    fit = fit_mixed(
        blocks_of(records(people=7, t=5, missing=0.0)),
        build_structure("unstructured", 5),
        reml=False,
    )
    with pytest.raises(ConvergenceError, match="becomes singular") as caught:
        require_converged(fit, "covariance unstructured")
    record = caught.value.record

    assert record == optimisation_record(fit)
    assert record.reason == "covariance matrix becomes singular"
    assert record.log_likelihood > record.start_log_likelihood
    assert record.iterations > 0
    assert record.smallest_eigenvalue < 1e-6 * np.max(fit.Sigma)


def test_the_record_of_a_good_fit_is_kept_too():
    fit = fitted(records())
    record = optimisation_record(fit)
    require_converged(fit, "covariance unstructured")

    assert record.reason == "gradient below tolerance"
    assert record.gradient_norm < 1e-9
    assert record.log_likelihood == fit.log_likelihood[0]
    assert record.smallest_eigenvalue == pytest.approx(np.linalg.eigvalsh(fit.Sigma[0])[0])


def test_a_climb_from_a_singular_start_is_recorded_without_warning():
    fit = fitted(records())
    lost = replace(fit.optimum, start_value=np.array([np.inf]), value=np.array([np.inf]))

    assert optimisation_record(replace(fit, optimum=lost)).start_log_likelihood == -np.inf


def test_the_same_input_gives_the_same_bits():
    one, other = fitted(records()), fitted(records())

    for each in ("beta", "basis", "Sigma", "log_likelihood"):
        assert getattr(one, each).tobytes() == getattr(other, each).tobytes()


def test_a_start_of_ones_own_leads_to_the_same_fit():
    trial = records()
    fit = fit_mixed(blocks_of(trial), US, start=100 * np.eye(3)[np.newaxis])

    np.testing.assert_allclose(fit.Sigma, fitted(trial).Sigma, rtol=1e-9)


def test_quiet_visits_start_from_their_own_variance():
    rng = np.random.default_rng(2)
    subject, visit = np.repeat(np.arange(100), 2), np.tile([0, 1], 100)
    baseline = rng.standard_normal(100)
    X = np.column_stack([np.eye(2)[visit], baseline[subject]])
    y = rng.standard_normal(200) * np.where(visit == 0, 1000.0, 1.0)
    standard = standardise(visit_blocks(X, y, subject=subject, visit=visit, n_visits=2))
    units = standard.scale[0] ** 2
    unweighted = residual_moments(standard.blocks)[0, 1, 1] * units
    weighted = starting_moments(standard.blocks, reml=True)[0, 1, 1] * units

    assert unweighted > 100
    assert 0.5 < weighted < 2
