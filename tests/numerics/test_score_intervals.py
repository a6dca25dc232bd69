"""Score limits: what defines them, printed examples, empty and full arms."""

from itertools import product
from math import exp, inf, log

import numpy as np
import pytest
from scipy import optimize, stats

from trialkit.errors import NotEstimableError
from trialkit.numerics import score_intervals as score
from trialkit.numerics.proportions import (
    Counts,
    Interval,
    clopper_pearson,
    normal_quantile,
    pearson_chi_square,
    risk_difference_agresti_caffo,
    yates_chi_square,
)

EDGES = [(0, 5), (5, 5), (2, 5), (0, 1), (1, 1)]


def arms(x1: int, n1: int, x0: int, n0: int) -> tuple[Counts, Counts]:
    return Counts(events=x1, n=n1), Counts(events=x0, n=n0)


def likelihood(one: Counts, zero: Counts, p1: float, p0: float) -> float:
    return sum(
        count * log(p) if count else 0.0
        for count, p in (
            (one.events, p1),
            (one.n - one.events, 1 - p1),
            (zero.events, p0),
            (zero.n - zero.events, 1 - p0),
        )
    )


@pytest.mark.parametrize("theta", [-0.7, -0.1, 0.0, 1e-9, 0.2, 0.85])
@pytest.mark.parametrize("table", [(34, 60, 21, 58), (0, 10, 4, 11), (10, 10, 7, 10)])
def test_restricted_rates_maximise_the_likelihood(table, theta):
    one, zero = arms(*table)

    p1, p0 = score.rates_with_difference(one, zero, theta)

    low, high = max(0.0, -theta), min(1.0, 1 - theta)
    found = optimize.minimize_scalar(
        lambda p: -likelihood(one, zero, p + theta, p),
        bounds=(low + 1e-12, high - 1e-12),
        method="bounded",
        options={"xatol": 1e-12},
    )
    assert p1 - p0 == pytest.approx(theta, abs=1e-15)
    assert p0 == pytest.approx(found.x, abs=2e-6)


@pytest.mark.parametrize("ratio", [0.01, 0.4, 1.0, 3.0, 200.0])
def test_restricted_ratios_hold_and_keep_the_margin(ratio):
    one, zero = arms(7, 12, 2, 11)

    p1, p0 = score.rates_with_ratio(one, zero, ratio)
    (q1, c1), (q0, c0) = score.rates_with_odds_ratio(one, zero, ratio)

    assert p1 / p0 == pytest.approx(ratio, rel=1e-12)
    assert q1 / c1 / (q0 / c0) == pytest.approx(ratio, rel=1e-12)
    # The likelihood equation of the odds ratio: fitted events are the observed ones.
    assert 12 * q1 + 11 * q0 == pytest.approx(9, rel=1e-12)


def test_the_cubic_where_two_roots_meet_costs_no_digits():
    one, zero = arms(0, 50, 0, 50)
    z = normal_quantile(0.95)

    interval = score.risk_difference_miettinen_nurminen(one, zero, conf_level=0.95)

    # Nobody responds: the reference rate is 0 and the limit solves d^2 = z^2 d (1 - d) k / n.
    k = z * z * 100 / 99 / 50
    assert interval.conf_high == pytest.approx(k / (1 + k), rel=1e-12)
    assert interval.conf_low == pytest.approx(-k / (1 + k), rel=1e-12)


@pytest.mark.parametrize(
    "interval",
    [
        score.risk_difference_miettinen_nurminen,
        score.risk_difference_mee,
        score.risk_difference_skewness_corrected,
        risk_difference_agresti_caffo,
    ],
)
def test_a_difference_has_limits_on_the_scale_in_every_table(interval):
    for (x1, n1), (x0, n0) in product(EDGES, EDGES):
        found: Interval = interval(*arms(x1, n1, x0, n0), conf_level=0.95)

        assert -1 <= found.conf_low < found.conf_high <= 1
        assert found.conf_low - 1e-12 <= found.estimate <= found.conf_high + 1e-12


@pytest.mark.parametrize(
    "interval", [score.risk_ratio_miettinen_nurminen, score.odds_ratio_miettinen_nurminen]
)
def test_a_ratio_has_limits_in_every_table(interval):
    for (x1, n1), (x0, n0) in product(EDGES, EDGES):
        found: Interval = interval(*arms(x1, n1, x0, n0), conf_level=0.95)

        assert 0 <= found.conf_low < found.conf_high
        if not np.isnan(found.estimate):
            assert found.conf_low <= found.estimate <= found.conf_high


def test_an_empty_cell_leaves_one_finite_limit():
    none, some = arms(0, 10, 4, 11)

    assert score.risk_ratio_miettinen_nurminen(none, some, conf_level=0.95).conf_high < 1
    assert score.odds_ratio_miettinen_nurminen(some, none, conf_level=0.95).conf_low > 1
    assert score.odds_ratio_miettinen_nurminen(some, none, conf_level=0.95).conf_high == inf


def test_swapping_the_arms_turns_every_interval_over():
    one, zero = arms(7, 12, 2, 11)

    there = score.risk_difference_miettinen_nurminen(one, zero, conf_level=0.9)
    back = score.risk_difference_miettinen_nurminen(zero, one, conf_level=0.9)
    assert (back.conf_low, back.conf_high) == pytest.approx((-there.conf_high, -there.conf_low))
    for interval in (score.risk_ratio_miettinen_nurminen, score.odds_ratio_miettinen_nurminen):
        there, back = interval(one, zero, conf_level=0.9), interval(zero, one, conf_level=0.9)
        turned = (1 / there.conf_high, 1 / there.conf_low)
        assert (back.conf_low, back.conf_high) == pytest.approx(turned, rel=1e-12)


def test_mees_limit_at_zero_is_pearsons_test():
    one, zero = arms(34, 60, 21, 58)
    _, p = pearson_chi_square(one, zero)

    interval = score.risk_difference_mee(one, zero, conf_level=1 - p)

    assert interval.conf_low == pytest.approx(0, abs=1e-12)


def test_large_arms_agree_with_wald():
    one, zero = arms(1_000_000, 2_000_000, 1_000_100, 2_000_000)

    found = score.odds_ratio_miettinen_nurminen(one, zero, conf_level=0.95)

    assert log(found.conf_high) - log(found.conf_low) == pytest.approx(4 * 0.98 * 2e-3, rel=1e-4)
    assert found.conf_low < exp(-2e-4) < found.conf_high


def test_an_empty_arm_is_refused():
    with pytest.raises(NotEstimableError, match="without people"):
        score.risk_difference_miettinen_nurminen(*arms(0, 0, 1, 5), conf_level=0.95)


@pytest.mark.parametrize(("events", "n"), [(0, 10), (1, 10), (34, 60), (10, 10)])
def test_clopper_pearson_holds_its_tails(events: int, n: int):
    found = clopper_pearson(Counts(events=events, n=n), conf_level=0.9)

    assert (found.conf_low == 0) == (events == 0)
    assert (found.conf_high == 1) == (events == n)
    if events:
        assert stats.binom.sf(events - 1, n, found.conf_low) == pytest.approx(0.05, rel=1e-9)
    if events < n:
        assert stats.binom.cdf(events, n, found.conf_high) == pytest.approx(0.05, rel=1e-9)


def test_yates_never_corrects_past_the_expectation():
    assert yates_chi_square(*arms(5, 10, 5, 10)) == (0.0, 1.0)
    assert yates_chi_square(*arms(0, 4, 0, 9)) == (0.0, 1.0)
