"""What is no number, no column and no count of draws is refused in words, wherever it is given."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.errors import SpecificationError

RNG = np.random.default_rng(3)
TRIAL = pd.DataFrame(
    {
        "arm": ["a", "b"] * 12,
        "before": RNG.integers(3, 10, 24).astype(float),
        "after": RNG.integers(0, 8, 24).astype(float),
        "better": RNG.integers(0, 2, 24),
    }
)
ARMS = {"outcome": "after", "arm": "arm", "reference": "a"}
CHANGE = {"outcome": "after", "baseline": "before"}


@pytest.mark.parametrize("draws", [1000.0, 200.5, "9", 0, -5, True, None])
@pytest.mark.parametrize(
    ("verb", "options"),
    [
        (tk.permutation_test, ARMS),
        (tk.sign_flip, CHANGE),
        (tk.brunner_munzel, {**ARMS, "distribution": "permutation"}),
        (tk.bootstrap_difference, {**ARMS, "seed": 1}),
        (tk.bootstrap_change, {**CHANGE, "seed": 1}),
    ],
)
def test_draws_are_a_whole_number_even_where_nothing_is_drawn(verb, options, draws: object):
    with pytest.raises(SpecificationError, match="draws: expected a whole number"):
        verb(TRIAL, **options, draws=draws)


@pytest.mark.parametrize(
    ("attempt", "match"),
    [
        (lambda: tk.equivalence(TRIAL, **ARMS, margin_low="-1", margin_high=1), "margin_low"),
        (
            lambda: tk.paired_equivalence(TRIAL, **CHANGE, margin_low=-1, margin_high=None),
            "margin_high",
        ),
        (lambda: tk.bayes_factor(TRIAL, **ARMS, prior_scale="medium"), "prior_scale"),
        (lambda: tk.bayes_factor(TRIAL, **ARMS, contrasts=[]), "at least one difference"),
        (
            lambda: tk.expected_regression_to_mean(
                mean=5, std_dev=2, correlation=0.6, at_least="4"
            ),
            "at_least",
        ),
        (
            lambda: tk.expected_regression_to_mean(
                mean=5, std_dev="2", correlation=0.6, at_least=4
            ),
            "std_dev",
        ),
        (
            lambda: tk.mediation(TRIAL, **ARMS, mediators=5, interval="delta"),  # type: ignore[arg-type]
            "mediators: expected a list",
        ),
    ],
)
def test_what_is_no_number_is_refused(attempt, match: str):
    with pytest.raises(SpecificationError, match=match):
        attempt()


@pytest.mark.parametrize("strata", [None, [], 3, [3], ["before", "before"]])
def test_strata_are_columns(strata: object):
    with pytest.raises(SpecificationError, match="strata"):
        tk.stratified_responders(
            TRIAL,
            response="better",
            arm="arm",
            reference="a",
            strata=strata,  # type: ignore[arg-type]
        )
