"""Exact tests of tables: scipy's, one stratum or several, empty margins."""

from math import inf, isnan

import numpy as np
import pytest
from scipy import stats
from scipy.stats import contingency

from trialkit.errors import NotEstimableError
from trialkit.numerics.exact_tables import (
    condition_on_margins,
    conditional_odds_ratio,
    exact_p_value,
)
from trialkit.numerics.proportions import Counts

TABLES = [(34, 60, 21, 58), (0, 10, 4, 11), (7, 12, 2, 11), (520, 1000, 470, 1000), (1, 9, 9, 9)]
every_table = pytest.mark.parametrize("table", TABLES, ids=str)


def arms(x1: int, n1: int, x0: int, n0: int) -> tuple[Counts, Counts]:
    return Counts(events=x1, n=n1), Counts(events=x0, n=n0)


def cells(x1: int, n1: int, x0: int, n0: int) -> list[list[int]]:
    return [[x1, n1 - x1], [x0, n0 - x0]]


@every_table
@pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])
def test_fisher_agrees_with_scipy(table, alternative):
    expected = stats.fisher_exact(cells(*table), alternative.replace("_", "-")).pvalue

    assert exact_p_value([arms(*table)], alternative) == pytest.approx(expected, rel=1e-10)


@every_table
def test_conditional_odds_ratio_agrees_with_scipy(table):
    found = conditional_odds_ratio([arms(*table)], conf_level=0.95)

    expected = contingency.odds_ratio(cells(*table), kind="conditional")
    limits = expected.confidence_interval(0.95)
    assert found.estimate == pytest.approx(expected.statistic, rel=1e-8)
    assert found.conf_low == pytest.approx(limits.low, rel=1e-8)
    assert found.conf_high == pytest.approx(limits.high, rel=1e-8)


def test_a_tail_at_each_limit_holds_half_the_rest():
    tables = [arms(7, 12, 2, 11), arms(3, 8, 1, 9)]
    found = conditional_odds_ratio(tables, conf_level=0.9)
    margins = condition_on_margins(tables)

    assert margins.at_least(np.log(found.conf_low)) == pytest.approx(0.05, rel=1e-10)
    assert margins.at_most(np.log(found.conf_high)) == pytest.approx(0.05, rel=1e-10)
    assert margins.mean(np.log(found.estimate)) == pytest.approx(10, rel=1e-12)


def test_a_far_tail_keeps_its_digits():
    assert exact_p_value([arms(500, 500, 0, 500)]) == pytest.approx(
        2 * np.exp(stats.hypergeom(1000, 500, 500).logpmf(500)), rel=1e-10
    )


def test_a_stratum_that_is_all_or_none_changes_nothing():
    alone = exact_p_value([arms(7, 12, 2, 11)])

    assert exact_p_value([arms(7, 12, 2, 11), arms(0, 5, 0, 4)]) == pytest.approx(alone)


def test_margins_that_allow_one_table_know_nothing():
    found = conditional_odds_ratio([arms(0, 5, 0, 4)], conf_level=0.95)

    assert isnan(found.estimate)
    assert (found.conf_low, found.conf_high) == (0.0, inf)
    assert exact_p_value([arms(0, 5, 0, 4)]) == 1.0


def test_no_stratum_is_refused():
    with pytest.raises(NotEstimableError, match="stratum"):
        exact_p_value([])
