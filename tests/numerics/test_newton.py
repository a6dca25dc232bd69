"""Newton's climb: halved steps, no maximum, profiles that never fall."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.newton import (
    LocalLikelihood,
    covariance,
    maximise,
    profile_deviance,
    profile_limits,
)


def parabola(at: np.ndarray) -> LocalLikelihood:
    """A normal log-likelihood with means 1 and -2 and information [[4, 1], [1, 2]]."""
    information = np.array([[4.0, 1.0], [1.0, 2.0]])
    away = np.array([1.0, -2.0]) - at
    return LocalLikelihood(
        value=float(-0.5 * away @ information @ away),
        gradient=information @ away,
        information=information,
    )


def flattening(at: np.ndarray) -> LocalLikelihood:
    """-log cosh: a full step from afar would fly past the top."""
    x = at[0]
    return LocalLikelihood(
        value=float(-np.log(np.cosh(x))),
        gradient=np.array([-np.tanh(x)]),
        information=np.array([[1 / np.cosh(x) ** 2]]),
    )


def rising(at: np.ndarray) -> LocalLikelihood:
    """-log(1 + exp(-x)) rises for ever."""
    x = at[0]
    p = 1 / (1 + np.exp(-x))
    return LocalLikelihood(
        value=float(np.log(p)),
        gradient=np.array([1 - p]),
        information=np.array([[max(p * (1 - p), 0.0)]]),
    )


def test_a_parabola_is_one_step_and_one_to_make_sure():
    found = maximise(parabola, np.zeros(2))

    np.testing.assert_allclose(found.at, [1.0, -2.0], rtol=1e-15)
    assert (found.converged, found.steps) == (True, 2)
    np.testing.assert_allclose(covariance(found), np.array([[2.0, -1], [-1, 4]]) / 7)


def test_steps_are_halved_where_they_fly_past():
    found = maximise(flattening, np.array([1.5]))

    assert found.converged
    assert abs(found.at[0]) < 1e-12


def test_no_maximum_is_not_called_one():
    assert not maximise(rising, np.zeros(1)).converged


def test_profile_of_a_parabola_is_its_wald_interval():
    found = maximise(parabola, np.zeros(2))
    half = 1.959963984540054 * np.sqrt(2 / 7)

    limits = profile_limits(parabola, found, 0, conf_level=0.95)

    np.testing.assert_allclose(limits, [1 - half, 1 + half], rtol=1e-12)
    assert profile_deviance(parabola, found, 0, 1.0) == pytest.approx(0, abs=1e-14)


def test_a_profile_that_never_falls_far_is_refused():
    found = maximise(bounded, np.array([0.5]))

    with pytest.raises(NotEstimableError, match="Wald"):
        profile_limits(bounded, found, 0, conf_level=0.95)


def bounded(at: np.ndarray) -> LocalLikelihood:
    """A bump that loses at most a tenth."""
    x = at[0]
    bump = 0.1 * np.exp(-x * x / 2)
    return LocalLikelihood(
        value=float(bump),
        gradient=np.array([-x * bump]),
        information=np.array([[(1 - x * x) * bump]]),
    )
