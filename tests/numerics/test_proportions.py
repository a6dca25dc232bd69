"""Proportions: scipy's intervals, the limits at 0 and 1, and numbers needed to treat."""

from math import inf

import pytest
from scipy import stats
from scipy.stats import contingency

from trialkit.errors import NotEstimableError
from trialkit.numerics.proportions import (
    Counts,
    number_needed_to_treat,
    pearson_chi_square,
    risk_difference_newcombe,
    risk_difference_wald,
    risk_ratio,
    wilson,
)

TABLES = [((34, 60), (21, 58)), ((7, 12), (2, 11)), ((520, 1000), (470, 1000)), ((1, 9), (9, 9))]
pairs = pytest.mark.parametrize(
    ("treatment", "reference"),
    [(Counts(events=a, n=m), Counts(events=c, n=n)) for (a, m), (c, n) in TABLES],
    ids=str,
)


@pytest.mark.parametrize(("events", "n"), [(0, 10), (1, 10), (34, 60), (10, 10)])
@pytest.mark.parametrize("conf_level", [0.9, 0.95, 0.99])
def test_wilson_agrees_with_scipy(events: int, n: int, conf_level: float):
    interval = wilson(Counts(events=events, n=n), conf_level=conf_level)

    expected = stats.binomtest(events, n).proportion_ci(conf_level, method="wilson")
    assert interval.conf_low == pytest.approx(expected.low, rel=1e-12, abs=1e-15)
    assert interval.conf_high == pytest.approx(expected.high, rel=1e-12)


@pairs
def test_risk_ratio_agrees_with_scipy(treatment: Counts, reference: Counts):
    interval = risk_ratio(treatment, reference, conf_level=0.95)

    expected = contingency.relative_risk(
        treatment.events, treatment.n, reference.events, reference.n
    )
    limits = expected.confidence_interval(0.95)
    assert interval.estimate == pytest.approx(expected.relative_risk, rel=1e-12)
    assert interval.conf_low == pytest.approx(limits.low, rel=1e-12)
    assert interval.conf_high == pytest.approx(limits.high, rel=1e-12)


@pairs
def test_chi_square_agrees_with_scipy(treatment: Counts, reference: Counts):
    statistic, p = pearson_chi_square(treatment, reference)

    table = [[arm.events, arm.n - arm.events] for arm in (treatment, reference)]
    expected = contingency.chi2_contingency(table, correction=False)
    assert statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert p == pytest.approx(expected.pvalue, rel=1e-10)


def test_nothing_differs_where_nothing_happened():
    assert pearson_chi_square(Counts(events=0, n=5), Counts(events=0, n=9)) == (0.0, 1.0)


# Newcombe RG (1998). Stat Med 17:873-890, table II, method 10, as printed (4 decimals).
@pytest.mark.parametrize(
    ("treatment", "reference", "limits"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
    ],
)
def test_newcombe_agrees_with_his_own_table(treatment, reference, limits):
    interval = risk_difference_newcombe(
        Counts(events=treatment[0], n=treatment[1]),
        Counts(events=reference[0], n=reference[1]),
        conf_level=0.95,
    )

    assert (round(interval.conf_low, 4), round(interval.conf_high, 4)) == limits


def test_wald_has_no_width_where_all_or_none_respond():
    interval = risk_difference_wald(Counts(events=5, n=5), Counts(events=0, n=7), conf_level=0.95)

    assert interval.conf_low == interval.conf_high == 1.0


@pytest.mark.parametrize(
    ("treated", "control", "ratio"), [(0, 4, 0.0), (3, 0, inf)], ids=["no event", "none to compare"]
)
def test_a_ratio_with_an_empty_cell_has_no_interval(treated: int, control: int, ratio: float):
    interval = risk_ratio(Counts(events=treated, n=9), Counts(events=control, n=9), conf_level=0.95)

    assert interval.estimate == ratio
    assert (interval.conf_low, interval.conf_high) == (0.0, inf)


def test_number_needed_to_treat_turns_limits_over():
    difference = risk_difference_newcombe(
        Counts(events=87, n=161), Counts(events=45, n=140), conf_level=0.95
    )
    number = number_needed_to_treat(difference)

    assert number.conf_low == pytest.approx(1 / difference.conf_high)
    assert number.conf_high == pytest.approx(1 / difference.conf_low)
    assert number.conf_low < number.estimate < number.conf_high


def test_number_needed_to_treat_of_no_difference_is_infinite():
    same = Counts(events=3, n=10)
    assert number_needed_to_treat(risk_difference_wald(same, same, conf_level=0.95)).estimate == inf


def test_an_empty_arm_is_refused():
    with pytest.raises(NotEstimableError, match="without people"):
        wilson(Counts(events=0, n=0), conf_level=0.95)
