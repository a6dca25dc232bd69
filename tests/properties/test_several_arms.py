"""What must hold for every comparison of several arms, whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import trials
from trialkit.numerics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    hochberg,
    holm,
    hommel,
    sidak,
)

ARMS = ("breathing", "mindfulness", "audiobook", "waiting")
MODEL = {"outcome": "after", "arm": "arm", "reference": "breathing"}
PROCEDURES = ("tukey_kramer", "dunnett", "games_howell", "scheffe", "bonferroni", "sidak")
ADJUSTMENTS = (
    holm,
    hochberg,
    hommel,
    bonferroni,
    sidak,
    benjamini_hochberg,
    benjamini_yekutieli,
)
four_arms = trials(arms=ARMS)
every_procedure = pytest.mark.parametrize("procedure", PROCEDURES)
every_adjustment = pytest.mark.parametrize("adjust", ADJUSTMENTS, ids=lambda f: f.__name__)
families = st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=12).map(np.array)


def compared(frame: pd.DataFrame, **options: object) -> dict[tuple[str, str], tk.Estimate]:
    """Return the differences of a call by their arms."""
    result = tk.multiple_comparisons(frame, **{**MODEL, **options})
    rows = result.select(quantity="mean_difference")
    return {(row.arm, row.reference_arm): row for row in rows}


@every_procedure
@given(frame=four_arms)
def test_adjusted_p_and_limits_decide_alike(procedure: str, frame):
    for row in compared(frame, procedure=procedure).values():
        assert 0 < row.p_value <= row.p_adjusted * (1 + 1e-12)
        assert row.p_adjusted <= 1
        assert row.conf_low < row.estimate < row.conf_high
        if abs(row.p_adjusted - 0.05) > 1e-7:
            assert (row.conf_low > 0 or row.conf_high < 0) == (row.p_adjusted < 0.05)


@every_procedure
@settings(max_examples=12)
@given(frame=four_arms, data=st.data())
def test_the_order_of_rows_does_not_matter(procedure: str, frame, data):
    order = data.draw(st.permutations(range(len(frame))))

    plain = compared(frame, procedure=procedure)
    shuffled = compared(frame.iloc[order], procedure=procedure)

    for pair, row in plain.items():
        np.testing.assert_allclose(
            [shuffled[pair].p_adjusted, shuffled[pair].conf_low],
            [row.p_adjusted, row.conf_low],
            rtol=1e-8,
            atol=1e-10,
        )


@every_procedure
@given(frame=four_arms)
def test_turning_a_pair_round_flips_the_sign(procedure: str, frame):
    forth = compared(frame, procedure=procedure, contrasts=["mindfulness - audiobook"])
    back = compared(frame, procedure=procedure, contrasts=["audiobook - mindfulness"])

    (one,), (other,) = forth.values(), back.values()
    np.testing.assert_allclose(
        [-other.estimate, -other.conf_high, other.p_adjusted],
        [one.estimate, one.conf_low, one.p_adjusted],
        rtol=1e-9,
        atol=1e-11,
    )


@given(frame=four_arms)
def test_procedures_stand_in_their_order(frame):
    p = {
        procedure: compared(frame, procedure=procedure, contrasts="pairwise")
        for procedure in ("tukey_kramer", "sidak", "bonferroni", "scheffe")
    }

    for pair, row in p["tukey_kramer"].items():
        assert row.p_adjusted <= p["sidak"][pair].p_adjusted * (1 + 1e-9)
        assert p["sidak"][pair].p_adjusted <= p["bonferroni"][pair].p_adjusted * (1 + 1e-9)
        assert row.p_adjusted <= p["scheffe"][pair].p_adjusted * (1 + 1e-9)


@given(frame=four_arms, factor=st.sampled_from([0.01, 2.5, 1000.0]))
def test_scale_and_shift_change_no_test_of_all_arms(frame, factor: float):
    for variances in ("equal", "unequal"):
        tests = [
            tk.one_way(scores, outcome="after", arm="arm", variances=variances).select(
                quantity="joint_test"
            )[0]
            for scores in (frame, frame.assign(after=3 + factor * frame["after"]))
        ]
        assert tests[1].statistic == pytest.approx(tests[0].statistic, rel=1e-8)
        assert 0 < tests[0].p_value <= 1


@pytest.mark.parametrize("vcov", ["model", "HC0", "HC1", "HC2", "HC3", "HC4"])
@settings(max_examples=6)
@given(frame=four_arms, factor=st.sampled_from([0.01, 3.0, 1e4]))
def test_units_of_a_covariate_change_no_difference(vcov: str, frame, factor: float):
    rows = [
        tk.ancova(scores, **MODEL, covariates="before", vcov=vcov).select(
            quantity="ls_mean_difference", arm="waiting"
        )[0]
        for scores in (frame, frame.assign(before=7 - factor * frame["before"]))
    ]

    np.testing.assert_allclose(
        [rows[1].estimate, rows[1].std_error],
        [rows[0].estimate, rows[0].std_error],
        rtol=1e-7,
        atol=1e-10,
    )


@every_adjustment
@given(p=families)
def test_adjusting_never_helps_and_keeps_the_order(adjust, p):
    adjusted = adjust(p)

    assert np.all(adjusted >= p * (1 - 1e-12))
    assert np.all(adjusted <= 1)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(adjusted[order]) >= -1e-15)
    ties = p[order][1:] == p[order][:-1]
    assert np.all(np.diff(adjusted[order])[ties] == 0)


@every_adjustment
@given(p=families)
def test_a_missing_p_value_is_no_member(adjust, p):
    gaps = np.insert(p, len(p) // 2, np.nan)

    adjusted = adjust(gaps)

    assert np.isnan(adjusted[len(p) // 2])
    np.testing.assert_array_equal(np.delete(adjusted, len(p) // 2), adjust(p))


@given(p=families)
def test_sharper_procedures_are_never_larger(p):
    tolerance = 1 + 1e-12
    assert np.all(hommel(p) <= hochberg(p) * tolerance)
    assert np.all(hochberg(p) <= holm(p) * tolerance)
    assert np.all(holm(p) <= bonferroni(p) * tolerance)
    assert np.all(sidak(p) <= bonferroni(p) * tolerance)
    assert np.all(benjamini_hochberg(p) <= hochberg(p) * tolerance)
    assert np.all(benjamini_hochberg(p) <= benjamini_yekutieli(p) * tolerance)
