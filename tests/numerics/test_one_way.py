"""One-way tests reach NIST's digits and refuse what they cannot answer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reference_cases import agreeing_digits
from trialkit.errors import NotEstimableError
from trialkit.numerics.means import sample_moments
from trialkit.numerics.one_way import classic_one_way, welch_one_way

# 18 009 people in nine arms; certified to 15 digits. SmLs06 has 7 common digits.
LARGE = [("SmLs03", 14.5), ("SmLs06", 9.8)]


@pytest.mark.parametrize(("name", "digits"), LARGE)
def test_agrees_with_certified_large_problems(shared: Path, name: str, digits: float):
    text = (shared / "data" / "nist_strd" / f"{name}.dat").read_text(encoding="utf-8")
    records = [line.split() for line in text.splitlines()[60:] if line.strip()]
    data = pd.DataFrame(records, columns=["group", "y"]).astype({"y": float})

    table = classic_one_way([group.to_numpy() for _, group in data.groupby("group")["y"]])

    assert (table.df_between, table.df_within) == (8, 18000)
    assert agreeing_digits([table.between, table.within], [160.08, 180.0]) >= digits
    assert agreeing_digits([table.test.F], [2001.0]) >= digits


def test_two_arms_are_a_t_test():
    a, b = np.array([1.0, 2, 4, 8]), np.array([3.0, 9, 7, 7, 5])

    pooled, welch = stats.ttest_ind(a, b), stats.ttest_ind(a, b, equal_var=False)
    classic = classic_one_way([a, b]).test
    unequal = welch_one_way([sample_moments(a), sample_moments(b)])

    np.testing.assert_allclose([classic.F, classic.p_value], [pooled.statistic**2, pooled.pvalue])
    np.testing.assert_allclose(
        [unequal.F, unequal.df, unequal.p_value], [welch.statistic**2, welch.df, welch.pvalue]
    )


def test_a_large_common_part_costs_no_digits():
    samples = [np.array([1.0, 2, 4]), np.array([3.0, 9, 7]), np.array([5.0, 5, 6])]

    plain = classic_one_way(samples)
    moved = classic_one_way([sample + 1e9 for sample in samples])

    np.testing.assert_allclose(moved.test.F, plain.test.F, rtol=1e-14)


def test_an_arm_of_one_person_counts_in_the_classic_test():
    table = classic_one_way([np.array([1.0]), np.array([3.0, 5]), np.array([4.0])])

    assert table.df_within == 1


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        ([[1.0, 2.0]], "1 arm cannot differ"),
        ([[1.0], [2.0]], "no arm has two values"),
        ([[0.3, 0.1 + 0.2], [1.1, 1.1]], "no arm varies"),
    ],
)
def test_what_says_nothing_is_refused(samples, reason: str):
    with pytest.raises(NotEstimableError, match=reason):
        classic_one_way([np.array(sample) for sample in samples])


@pytest.mark.parametrize("arm", [[2.0], [2.0, 2.0]])
def test_welch_needs_spread_in_every_arm(arm: list[float]):
    with pytest.raises(NotEstimableError, match="vary in every arm"):
        welch_one_way([sample_moments(np.array(arm)), sample_moments(np.array([1.0, 2]))])


@pytest.mark.parametrize("power", [-1000, -565, -532, 500, 1000])
def test_no_unit_is_too_small_or_too_large(power: int):
    """Values near 1e-160 have squares that lose digits, near 1e-170 squares of 0."""
    arms = [np.array([5.1, 6.3, 7.2]), np.array([2.4, 3.3, 4.0]), np.array([4.5, 5.5])]

    test = classic_one_way([np.ldexp(arm, power) for arm in arms]).test

    assert test == classic_one_way(arms).test
