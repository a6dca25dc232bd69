"""Nobody is lost between strata or thresholds whose texts look alike."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.errors import SpecificationError

RNG = np.random.default_rng(8)
N = 40
TRIAL = pd.DataFrame(
    {
        "arm": np.repeat(["a", "b"], N // 2),
        "before": RNG.integers(3, 10, N).astype(float),
        "after": RNG.integers(0, 8, N).astype(float),
        "better": RNG.integers(0, 2, N),
    }
)
EVEN = np.arange(N) % 2 == 0
WITHIN = {"response": "better", "arm": "arm", "reference": "a"}
CURVE = {"outcome": "after", "baseline": "before", "arm": "arm", "reference": "a"}


def test_strata_whose_joined_names_agree_stay_two():
    alike = TRIAL.assign(one=np.where(EVEN, "a", "a, b"), two=np.where(EVEN, "b, c", "c"))
    apart = TRIAL.assign(one=np.where(EVEN, "x", "y"), two="z")

    found, expected = (
        tk.stratified_responders(frame, **WITHIN, strata=["one", "two"]).estimates
        for frame in (alike, apart)
    )

    assert found == expected
    assert {row.n_subjects for row in found} == {N}


def test_one_and_its_text_are_one_stratum():
    mixed = TRIAL.assign(site=pd.Series([1, "1"] * (N // 2), dtype=object))

    result = tk.stratified_responders(mixed, **WITHIN, strata="site")

    one = tk.stratified_responders(TRIAL.assign(site="1"), **WITHIN, strata="site")
    assert result.estimates == one.estimates
    assert result.estimates[0].n_subjects == N


@pytest.mark.parametrize(
    "options",
    [
        {"thresholds": "30"},
        {"thresholds": 30},
        {"thresholds": ["x"]},
        {"thresholds": ["30"]},
        {"thresholds": [np.nan]},
        {"thresholds": []},
        {"step": "5"},
        {"step": None},
        {"step": np.nan},
    ],
)
def test_thresholds_are_numbers(options: dict):
    (name,) = options
    with pytest.raises(SpecificationError, match=name):
        tk.cumulative_responders(TRIAL, **CURVE, **options)


def test_thresholds_that_differ_have_terms_that_differ():
    result = tk.cumulative_responders(TRIAL, **CURVE, thresholds=[30, 30.0000001, 33.3333331])

    terms = [row.term for row in result.select(quantity="risk_difference")]
    assert terms == ["at least 30 %", "at least 30.0000001 %", "at least 33.3333331 %"]


def test_a_third_reaches_a_threshold_of_a_third():
    thirds = TRIAL.assign(before=9.0, after=6.0)

    result = tk.cumulative_responders(thirds, **CURVE, thresholds=[100 / 3])

    assert {row.estimate for row in result.select(quantity="proportion")} == {1.0}


def test_no_name_of_the_arm_is_in_the_way():
    renamed = TRIAL.rename(columns={"arm": "improvement"})

    result = tk.cumulative_responders(
        renamed, **{**CURVE, "arm": "improvement"}, thresholds=[30, 50]
    )

    plain = tk.cumulative_responders(TRIAL, **CURVE, thresholds=[30, 50])
    assert result.estimates == plain.estimates
