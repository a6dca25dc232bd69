"""Strata: one stratum is the plain table, and the score test is Mantel and Haenszel's."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from trialkit.errors import NotEstimableError
from trialkit.numerics import stratified
from trialkit.numerics.proportions import Counts, odds_ratio, pearson_chi_square, risk_ratio
from trialkit.numerics.score_intervals import risk_difference_miettinen_nurminen


def arms(x1: int, n1: int, x0: int, n0: int) -> tuple[Counts, Counts]:
    return Counts(events=x1, n=n1), Counts(events=x0, n=n0)


THREE = [arms(24, 52, 23, 60), arms(25, 49, 28, 46), arms(25, 55, 9, 38)]
ONE = [arms(34, 60, 21, 58)]


@pytest.fixture(scope="module")
def peer() -> StratifiedTable:
    return StratifiedTable(
        [
            np.array([[a.events, a.n - a.events], [b.events, b.n - b.events]], dtype=float)
            for a, b in THREE
        ]
    )


def test_odds_ratio_and_tests_agree_with_statsmodels(peer: StratifiedTable):
    found = stratified.common_odds_ratio(THREE, conf_level=0.95)
    test = stratified.cochran_mantel_haenszel(THREE)
    homogeneity = stratified.breslow_day(THREE)

    assert found.estimate == pytest.approx(peer.oddsratio_pooled, rel=1e-12)
    assert found.std_error == pytest.approx(peer.logodds_pooled_se, rel=1e-12)
    assert test.p_value == pytest.approx(peer.test_null_odds().pvalue, rel=1e-10)
    expected = peer.test_equal_odds(adjust=True)
    assert homogeneity.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert homogeneity.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_one_stratum_is_the_plain_table():
    one, zero = ONE[0]
    score = risk_difference_miettinen_nurminen(one, zero, conf_level=0.95)

    common = stratified.common_risk_difference_score(ONE, conf_level=0.95)
    assert (common.conf_low, common.conf_high) == (score.conf_low, score.conf_high)
    for pooled, plain in (
        (stratified.common_odds_ratio, odds_ratio),
        (stratified.common_risk_ratio, risk_ratio),
    ):
        found, expected = pooled(ONE, conf_level=0.95), plain(one, zero, conf_level=0.95)
        assert found.estimate == pytest.approx(expected.estimate, rel=1e-12)
        assert found.std_error == pytest.approx(expected.std_error, rel=1e-10)
    statistic, _ = pearson_chi_square(one, zero)
    n = one.n + zero.n
    assert stratified.cochran_mantel_haenszel(ONE).statistic == pytest.approx(
        statistic * (n - 1) / n, rel=1e-12
    )


def test_the_score_limit_at_zero_is_the_mantel_haenszel_test():
    p = stratified.cochran_mantel_haenszel(THREE).p_value

    interval = stratified.common_risk_difference_score(THREE, conf_level=1 - p)

    assert interval.conf_low == pytest.approx(0, abs=1e-12)


def test_strata_that_are_all_or_none_test_nothing():
    nothing = [arms(0, 5, 0, 4), arms(3, 3, 8, 8)]

    assert stratified.cochran_mantel_haenszel(nothing).p_value == 1.0
    assert np.isnan(stratified.common_odds_ratio(nothing, conf_level=0.95).estimate)
    with pytest.raises(NotEstimableError, match="homogeneity"):
        stratified.breslow_day(nothing)


def test_a_stratum_of_one_a_side_is_no_division_by_zero():
    tables = [*THREE, arms(1, 1, 0, 1)]

    assert 0 < stratified.cochran_mantel_haenszel(tables, corrected=True).p_value < 1
    assert stratified.common_risk_difference(tables, conf_level=0.95).std_error > 0


def test_equal_odds_ratios_are_homogeneous():
    found = stratified.breslow_day([arms(10, 20, 5, 20), arms(20, 40, 10, 40)])

    assert found.statistic == pytest.approx(0, abs=1e-12)
    assert found.df == 1


def test_corrected_is_never_more_than_uncorrected():
    plain = stratified.cochran_mantel_haenszel(THREE)
    corrected = stratified.cochran_mantel_haenszel(THREE, corrected=True)

    assert corrected.statistic < plain.statistic
    assert corrected.p_value == pytest.approx(stats.chi2.sf(corrected.statistic, 1))
