"""Pooled tables: trials without information, and ratios that do not exist."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.effect_measures import Tables, odds_ratio, risk_difference, risk_ratio
from trialkit.numerics.pooled_tables import mantel_haenszel, peto


def tables(*rows: tuple[float, float, float, float]) -> Tables:
    a, b, c, d = np.array(rows, dtype=float).T
    return Tables(a=a, b=b, c=c, d=d)


TWO = tables((4, 16, 8, 12), (10, 40, 21, 29))
NOBODY = (0, 25, 0, 30)


@pytest.mark.parametrize(
    ("measure", "own"),
    [("risk_ratio", risk_ratio), ("odds_ratio", odds_ratio), ("risk_difference", risk_difference)],
)
def test_one_trial_pooled_is_itself(measure, own):
    one = tables((4, 16, 8, 12))

    pooled = mantel_haenszel(one, measure=measure, conf_level=0.95)

    assert pooled.inference.estimate[0] == pytest.approx(own(one).estimate[0])
    assert pooled.weights.tolist() == [100.0]
    assert pooled.q_df == 0


@pytest.mark.parametrize("measure", ["risk_ratio", "odds_ratio"])
def test_a_trial_without_events_says_nothing_about_a_ratio(measure):
    alone = mantel_haenszel(TWO, measure=measure, conf_level=0.95)
    with_empty = mantel_haenszel(
        tables((4, 16, 8, 12), (10, 40, 21, 29), NOBODY), measure=measure, conf_level=0.95
    )

    assert with_empty.inference.estimate[0] == pytest.approx(alone.inference.estimate[0])
    assert (with_empty.q, with_empty.q_df) == (pytest.approx(alone.q), alone.q_df)
    assert with_empty.weights[-1] == 0


def test_a_trial_without_events_pulls_a_difference_towards_zero():
    alone = mantel_haenszel(TWO, measure="risk_difference", conf_level=0.95)
    with_empty = mantel_haenszel(
        tables((4, 16, 8, 12), (10, 40, 21, 29), NOBODY),
        measure="risk_difference",
        conf_level=0.95,
    )

    assert abs(with_empty.inference.estimate[0]) < abs(alone.inference.estimate[0])


def test_peto_is_the_excess_over_its_variance():
    pooled = peto(tables((4, 16, 8, 12)), conf_level=0.95)

    excess, variance = 4 - 12 * 20 / 40, 20 * 20 * 12 * 28 / (40**2 * 39)
    assert pooled.inference.estimate[0] == pytest.approx(excess / variance)
    assert pooled.inference.std_error[0] == pytest.approx(1 / np.sqrt(variance))


def test_a_ratio_without_events_in_one_arm_is_refused():
    empty = tables((0, 20, 3, 17), (0, 30, 5, 25))
    with pytest.raises(NotEstimableError, match="ask for the risk difference"):
        mantel_haenszel(empty, measure="odds_ratio", conf_level=0.95)
    with pytest.raises(NotEstimableError, match="no trial has both"):
        peto(tables(NOBODY), conf_level=0.95)
