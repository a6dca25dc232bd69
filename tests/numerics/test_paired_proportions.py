"""Paired answers: McNemar's tests, Tango's definition, Newcombe's printed example."""

from itertools import product
from math import inf, isnan, log

import pytest
from scipy import optimize
from statsmodels.stats.contingency_tables import mcnemar as peer

from trialkit.errors import NotEstimableError
from trialkit.numerics.paired_proportions import (
    PairedCounts,
    lost_rate,
    mcnemar,
    mcnemar_exact,
    paired_difference,
    paired_difference_newcombe,
    paired_odds_ratio,
)

SAMPLE = PairedCounts(both=12, gained=9, lost=2, neither=14)


@pytest.mark.parametrize(("gained", "lost"), [(9, 2), (0, 7), (21, 26), (400, 300), (1, 0)])
def test_mcnemar_agrees_with_statsmodels(gained: int, lost: int):
    pairs = PairedCounts(both=5, gained=gained, lost=lost, neither=8)
    table = [[5, lost], [gained, 8]]

    assert mcnemar_exact(pairs) == pytest.approx(peer(table, exact=True).pvalue, rel=1e-10)
    for corrected in (False, True):
        expected = peer(table, exact=False, correction=corrected)
        found = mcnemar(pairs, corrected=corrected)
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_nobody_changed():
    pairs = PairedCounts(both=5, gained=0, lost=0, neither=8)

    assert mcnemar(pairs).p_value == mcnemar(pairs, corrected=True).p_value == 1.0
    assert mcnemar_exact(pairs) == 1.0
    found = paired_difference(pairs, conf_level=0.95)
    assert found.estimate == 0
    assert found.conf_low == pytest.approx(-found.conf_high)
    assert isnan(paired_odds_ratio(pairs, conf_level=0.95).estimate)


@pytest.mark.parametrize("theta", [-0.5, -0.05, 0.0, 0.3, 0.7])
@pytest.mark.parametrize("lost", [0, 2, 11])
def test_the_restricted_share_maximises_the_likelihood(theta: float, lost: int):
    pairs = PairedCounts(both=12, gained=9, lost=lost, neither=14)

    def minus_log_likelihood(q: float) -> float:
        terms = ((pairs.gained, q + theta), (lost, q), (26, 1 - 2 * q - theta))
        return -sum(count * log(p) for count, p in terms)

    low, high = max(0.0, -theta), (1 - theta) / 2
    found = optimize.minimize_scalar(
        minus_log_likelihood,
        bounds=(low + 1e-12, high - 1e-12),
        method="bounded",
        options={"xatol": 1e-12},
    )
    assert lost_rate(pairs, theta) == pytest.approx(found.x, abs=2e-6)


def test_tango_at_zero_is_mcnemar():
    p = mcnemar(SAMPLE).p_value

    assert paired_difference(SAMPLE, conf_level=1 - p).conf_low == pytest.approx(0, abs=1e-12)


def test_limits_hold_in_every_small_table():
    for both, gained, lost, neither in product(range(4), repeat=4):
        if both + gained + lost + neither == 0:
            continue
        pairs = PairedCounts(both=both, gained=gained, lost=lost, neither=neither)
        for interval in (paired_difference, paired_difference_newcombe):
            found = interval(pairs, conf_level=0.95)
            assert -1 <= found.conf_low <= found.estimate <= found.conf_high <= 1


# Newcombe RG (1998). Stat Med 17:2635-2650, table III, method 10, as printed (4 decimals).
def test_newcombe_agrees_with_his_own_table():
    pairs = PairedCounts(both=36, gained=12, lost=2, neither=0)

    found = paired_difference_newcombe(pairs, conf_level=0.95)

    assert (found.conf_low, found.conf_high) == pytest.approx((0.0569, 0.3404), abs=6e-5)


def test_all_gained_has_an_infinite_odds_ratio_with_a_lower_limit():
    pairs = PairedCounts(both=0, gained=6, lost=0, neither=3)

    found = paired_odds_ratio(pairs, conf_level=0.95)

    assert found.estimate == found.conf_high == inf
    assert found.conf_low > 1


def test_nobody_is_refused():
    with pytest.raises(NotEstimableError, match="nobody"):
        mcnemar(PairedCounts(both=0, gained=0, lost=0, neither=0))
