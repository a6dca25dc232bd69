"""Pooling: what trials determine, Hartung and Knapp's scale, further trials."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.meta_analysis import (
    fit_meta,
    joint_test,
    leave_one_out,
    prediction_interval,
    subgroup_difference,
)

Y = np.array([-1.5, -0.5, -0.2, -0.9, -1.9, -0.1])
V = np.array([0.35, 0.18, 0.23, 0.10, 0.32, 0.07])
REML = "restricted_maximum_likelihood"


def pool(y=Y, v=V, *, estimator=REML, test="hartung_knapp", **options):
    return fit_meta(
        np.asarray(y), np.asarray(v), estimator=estimator, test=test, **options, conf_level=0.95
    )


def test_one_trial_is_its_own_average_and_nothing_else():
    alone = pool([2.0], [0.25], estimator="equal_effects", test="z")

    assert alone.inference.estimate[0] == 2.0
    assert alone.inference.std_error[0] == 0.5
    assert np.isnan(alone.i_squared)
    for estimator, test in (("equal_effects", "t"), (REML, "z"), (REML, "hartung_knapp")):
        with pytest.raises(NotEstimableError, match="one trial alone"):
            pool([2.0], [0.25], estimator=estimator, test=test)


def test_trials_that_agree_exactly_have_no_hartung_knapp_interval():
    with pytest.raises(NotEstimableError, match="agree exactly"):
        pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3])

    wider = pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], test="hartung_knapp_never_narrower")
    assert wider.scale == 1


def test_a_variance_must_be_positive():
    for wrong in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(NotEstimableError, match="not positive"):
            pool([0.1, 0.2], [0.1, wrong])


def test_moderators_need_trials_to_spare_and_to_vary():
    X = np.column_stack([np.ones(6), np.arange(6.0), np.arange(6.0) * 2])
    with pytest.raises(NotEstimableError, match="linear combination"):
        pool(X=X)
    with pytest.raises(NotEstimableError, match="2 trials cannot determine 2"):
        pool(Y[:2], V[:2], X=X[:2, :2])


def test_a_joint_test_of_one_coefficient_is_its_own_test():
    X = np.column_stack([np.ones(6), np.array([1.0, 3.0, 2.0, 5.0, 4.0, 6.0])])
    for test in ("z", "hartung_knapp"):
        fit = pool(X=X, test=test)
        together = joint_test(fit)

        assert together.statistic == pytest.approx(fit.inference.statistic[1] ** 2)
        assert together.p_value == pytest.approx(fit.inference.p_value[1])


def test_two_subgroups_differ_as_their_averages_do():
    fits = {"a": pool(Y[:3], V[:3], test="z"), "b": pool(Y[3:], V[3:], test="z")}
    gap = fits["a"].inference.estimate[0] - fits["b"].inference.estimate[0]
    z = gap / np.sqrt(fits["a"].vcov[0, 0] + fits["b"].vcov[0, 0])

    assert subgroup_difference(fits).statistic == pytest.approx(z**2)
    with pytest.raises(NotEstimableError, match="one subgroup"):
        subgroup_difference({"a": fits["a"]})


def test_the_prediction_interval_widens_with_fewer_degrees_of_freedom():
    fit = pool()
    as_tested = prediction_interval(fit, rule="as_tested", conf_level=0.95)
    higgins = prediction_interval(fit, rule="higgins", conf_level=0.95)

    assert higgins.conf_low < as_tested.conf_low < fit.inference.conf_low[0]
    with pytest.raises(NotEstimableError, match="three trials"):
        prediction_interval(pool(Y[:2], V[:2]), rule="higgins", conf_level=0.95)


def test_leaving_one_out_is_fitting_the_others():
    found = leave_one_out(Y, V, estimator=REML, test="z", conf_level=0.95)

    np.testing.assert_array_equal(
        [fit.inference.estimate[0] for fit in found.fits],
        [pool(np.delete(Y, i), np.delete(V, i), test="z").inference.estimate[0] for i in range(6)],
    )
