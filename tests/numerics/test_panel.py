"""Every column of a panel is tested as if it stood alone."""

import numpy as np
import pytest
from scipy import stats

from trialkit.numerics.means import change_moments, mean_inference, welch_difference
from trialkit.numerics.panel import change_panel, paired_panel, welch_panel

RNG = np.random.default_rng(7)
BEFORE = RNG.normal(5, 2, size=(13, 40))
AFTER = BEFORE + RNG.normal(-0.5, 1.5, size=BEFORE.shape)
HOLES = np.where(RNG.random(BEFORE.shape) < 0.2, np.nan, BEFORE)
FIELDS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


def pairs(before: np.ndarray, after: np.ndarray, column: int) -> tuple[np.ndarray, np.ndarray]:
    there = ~np.isnan(before[:, column] + after[:, column])
    return before[there, column], after[there, column]


@pytest.mark.parametrize("before", [BEFORE, HOLES], ids=["complete", "with holes"])
def test_a_column_is_the_paired_test_of_its_own_people(before):
    found = paired_panel(change_panel(AFTER, before), conf_level=0.9)

    for column in range(before.shape[1]):
        alone = mean_inference(change_moments(*pairs(before, AFTER, column)), conf_level=0.9)
        for field in FIELDS:
            assert getattr(found, field)[column] == pytest.approx(
                getattr(alone, field)[0], rel=1e-12
            )


def test_agrees_with_scipy():
    found = paired_panel(change_panel(AFTER, HOLES), conf_level=0.95)
    peer = stats.ttest_rel(AFTER, HOLES, nan_policy="omit")
    interval = peer.confidence_interval(0.95)

    np.testing.assert_allclose(found.p_value, np.asarray(peer.pvalue), rtol=1e-11)
    np.testing.assert_allclose(found.conf_low, np.asarray(interval.low), rtol=1e-10)
    np.testing.assert_allclose(found.conf_high, np.asarray(interval.high), rtol=1e-10)


def test_changes_may_be_given_instead_of_values():
    with_values = paired_panel(change_panel(AFTER, BEFORE), conf_level=0.95)
    with_changes = paired_panel(change_panel(AFTER - BEFORE, None), conf_level=0.95)

    np.testing.assert_array_equal(with_values.p_value, with_changes.p_value)


def test_two_arms_are_compared_as_welch_compares_them():
    arms = np.arange(len(AFTER)) % 3 == 0
    parts = [change_panel(AFTER[people], HOLES[people]) for people in (arms, ~arms)]
    found = welch_panel(*parts, conf_level=0.95)

    for column in (0, 17, 39):
        alone = welch_difference(
            *(
                change_moments(*pairs(HOLES[people], AFTER[people], column))
                for people in (arms, ~arms)
            ),
            conf_level=0.95,
        )
        for field in FIELDS:
            assert getattr(found, field)[column] == pytest.approx(
                getattr(alone, field)[0], rel=1e-12
            )


def test_a_column_that_cannot_be_tested_has_its_mean_alone():
    nobody, one = np.full(4, np.nan), np.array([1.5, np.nan, np.nan, np.nan])
    equal, tested = np.full(4, 2.0), np.array([1.0, 2, 3, 5])

    found = paired_panel(
        change_panel(np.column_stack([nobody, one, equal, tested]), None), conf_level=0.95
    )

    np.testing.assert_array_equal(found.n, [0, 1, 4, 4])
    np.testing.assert_array_equal(found.estimate, [np.nan, 1.5, 2.0, 2.75])
    for field in FIELDS[1:]:
        np.testing.assert_array_equal(np.isnan(getattr(found, field)), [True, True, True, False])


def test_changes_that_differ_by_rounding_only_are_equal():
    before = np.array([[0.1, 0.1], [0.5, 0.5], [0.2, 0.2]])
    after = np.array([[0.3, 0.3], [0.7, 0.7], [0.4, 0.401]])
    assert len(set((after - before)[:, 0])) > 1

    found = paired_panel(change_panel(after, before), conf_level=0.95)

    np.testing.assert_array_equal(np.isnan(found.p_value), [True, False])


def test_columns_of_very_different_size_do_not_disturb_one_another():
    small = AFTER * 1e-12
    together = paired_panel(
        change_panel(np.hstack([small, np.full((13, 1), 1e9)]), None), conf_level=0.95
    )
    alone = paired_panel(change_panel(small, None), conf_level=0.95)

    np.testing.assert_allclose(together.p_value[:-1], alone.p_value, rtol=1e-12)
    assert np.isnan(together.p_value[-1])


def test_nobody_at_all():
    found = paired_panel(change_panel(np.empty((0, 2)), None), conf_level=0.95)

    assert np.isnan(found.p_value).all()
    np.testing.assert_array_equal(found.n, [0, 0])
