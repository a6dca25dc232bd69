"""Profile limits: roots of refits, also where a variance is zero at the maximum."""

import numpy as np
import pytest
from scipy import stats

from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.mixed_fit import MixedFit
from trialkit.numerics.mixed_profile import Profile, profile_limits
from trialkit.numerics.random_blocks import RandomTerm
from trialkit.numerics.random_effects import RandomFit, fit_random_effects

GROUP = np.repeat(np.arange(9), [3, 4, 5, 6, 7, 4, 5, 6, 8])
TERM = RandomTerm(factor="g", columns=("Intercept",), Z=np.ones((GROUP.size, 1)), group=GROUP)


def outcome(spread: float) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(GROUP.size), rng.normal(size=GROUP.size)])
    y = X @ [3.0, 0.4] + spread * rng.normal(size=9)[GROUP] + rng.normal(size=GROUP.size)
    return X, y


def limits(model: RandomFit, L: FloatArray, conf_level: float = 0.95) -> Profile:
    start = model.fit.scale[0] ** 2 / 2 * np.eye(model.free.size)[np.newaxis]
    free = MixedFit(
        **{
            name: model.free if name == "structure" else getattr(model.fit, name)
            for name in model.fit.__dataclass_fields__
        }
    )
    return profile_limits(free, L, start=start, conf_level=conf_level)


@pytest.mark.parametrize("spread", [1.0, 0.0], ids=["variance", "no variance"])
def test_limits_are_roots_of_the_likelihood_ratio_of_refits(spread: float):
    X, y = outcome(spread)
    model = fit_random_effects(X, y, [TERM], reml=False)
    assert model.singular == (spread == 0)

    profile = limits(model, np.eye(2))

    for column, ends in enumerate(zip(profile.conf_low, profile.conf_high, strict=True)):
        for end in ends:
            held = fit_random_effects(
                X[:, [1 - column]], y - end * X[:, column], [TERM], reml=False
            )
            loss = 2 * (model.fit.log_likelihood[0] - held.fit.log_likelihood[0])
            np.testing.assert_allclose(loss, stats.chi2.isf(0.05, 1), rtol=1e-8)


def test_the_statistic_is_the_loss_at_zero():
    X, y = outcome(1.0)
    model = fit_random_effects(X, y, [TERM], reml=False)
    without = fit_random_effects(X[:, :1], y, [TERM], reml=False)

    profile = limits(model, np.eye(2)[1:])

    loss = 2 * (model.fit.log_likelihood[0] - without.fit.log_likelihood[0])
    np.testing.assert_allclose(profile.deviance, [loss], rtol=1e-9)
    np.testing.assert_allclose(profile.p_value, [stats.chi2.sf(loss, 1)], rtol=1e-8)


def test_a_model_of_one_mean_has_limits():
    X, y = outcome(1.0)
    model = fit_random_effects(X[:, :1], y, [TERM], reml=False)

    profile = limits(model, np.ones((1, 1)))

    assert profile.conf_low[0] < model.fit.beta[0, 0] < profile.conf_high[0]


def test_opposite_functions_have_opposite_limits():
    X, y = outcome(1.0)
    model = fit_random_effects(X, y, [TERM], reml=False)

    one, other = limits(model, np.array([[1.0, 2.0]])), limits(model, -np.array([[1.0, 2.0]]))

    np.testing.assert_allclose(one.conf_low, -other.conf_high, rtol=1e-9)


def test_a_higher_level_is_wider():
    X, y = outcome(1.0)
    model = fit_random_effects(X, y, [TERM], reml=False)

    narrow, wide = (limits(model, np.eye(2), conf_level=level) for level in (0.9, 0.99))

    assert np.all(wide.conf_low < narrow.conf_low)
    assert np.all(wide.conf_high > narrow.conf_high)


def test_a_held_value_that_leaves_the_intercepts_hardly_any_variance_has_its_limits():
    rng = np.random.default_rng(120)
    group, x = np.repeat(np.arange(9), 5), rng.normal(size=45)
    y = 5 + rng.normal(0, 0.9, 9)[group] * x + rng.normal(size=45)
    X = np.column_stack([np.ones(45), np.arange(45) % 2])
    lines = RandomTerm(
        factor="g", columns=("Intercept", "x"), Z=np.column_stack([np.ones(45), x]), group=group
    )
    model = fit_random_effects(X, y, [lines], reml=False)

    profile = limits(model, np.eye(2))

    for column in range(2):
        for value, loss in (
            (profile.conf_low[column], stats.chi2.isf(0.05, 1)),
            (profile.conf_high[column], stats.chi2.isf(0.05, 1)),
            (0.0, profile.deviance[column]),
        ):
            held = fit_random_effects(
                X[:, [1 - column]], y - value * X[:, column], [lines], reml=False
            )
            found = 2 * (model.fit.log_likelihood[0] - held.fit.log_likelihood[0])
            np.testing.assert_allclose(found, loss, rtol=1e-6)
