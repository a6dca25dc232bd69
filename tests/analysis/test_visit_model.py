"""Models that the subjects of a trial cannot bear, refused by what is missing."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.errors import ConvergenceError, DataError, NotEstimableError

ASKED = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "a"}


def trial(people: int = 40, visits: int = 3, seed: int = 1) -> pd.DataFrame:
    """Two arms, people with a level of their own, complete."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((people, 1)) + rng.standard_normal((people, visits))
    return pd.DataFrame(
        {
            "id": np.repeat(np.arange(people), visits),
            "visit": np.tile([f"V{k + 1}" for k in range(visits)], people),
            "day": np.tile(np.arange(visits) * 7.0, people),
            "arm": np.repeat(np.where(np.arange(people) < people / 2, "a", "b"), visits),
            "y": y.ravel(),
        }
    )


@pytest.mark.parametrize(
    ("levels", "covariance", "words"),
    [
        (20, "unstructured", r"expected 4 or more .* found s0 \(2\), .* and 15 more"),
        (40, "ar1", r"expected 2 or more .* found s0 \(1\)"),
    ],
)
def test_levels_of_too_few_subjects_have_no_matrix_of_their_own(
    levels: int, covariance: str, words: str
):
    frame = trial()
    frame["site"] = [f"s{k % levels}" for k in frame["id"]]
    with pytest.raises(NotEstimableError, match=words):
        tk.mmrm(frame, **ASKED, group_covariance="site", covariance=covariance)


def test_levels_that_leave_no_maximum_say_so_and_warn_of_nothing():
    frame = trial()
    frame["site"] = [f"s{k % 10}" for k in frame["id"]]
    with pytest.raises(ConvergenceError, match="covariance matrix becomes singular") as caught:
        tk.mmrm(frame, **ASKED, group_covariance="site")

    assert np.isfinite(caught.value.record.log_likelihood)


@pytest.mark.parametrize("covariance", ["spatial_exponential", "spatial_gaussian"])
def test_records_of_a_subject_on_one_day_are_refused(covariance: str):
    frame = trial()
    frame.loc[frame["visit"] == "V3", "day"] = 7.0
    with pytest.raises(DataError, match="subjects with several at the same"):
        tk.mmrm(frame, **ASKED, covariance=covariance, times="day")


@pytest.mark.parametrize("covariance", ["spatial_exponential", "spatial_gaussian"])
def test_records_without_correlation_have_no_range(covariance: str):
    frame = trial(people=60)
    rng = np.random.default_rng(2)
    y = rng.standard_normal((60, 3))
    y[:, 1] -= 0.5 * (y[:, 0] + y[:, 2])
    frame["y"] = y.ravel()
    with pytest.raises(ConvergenceError, match="the range goes to 0"):
        tk.mmrm(frame, **ASKED, covariance=covariance)


@pytest.mark.parametrize(
    ("covariance", "words"),
    [
        ("toeplitz", "do not determine the covariance of V1 and V4"),
        ("unstructured", "V4: expected more records than coefficients, found 2"),
    ],
)
def test_a_visit_of_one_record_an_arm_is_refused_by_name(covariance: str, words: str):
    frame = trial(visits=4)
    frame = frame[(frame["visit"] != "V4") | frame["id"].isin([0, 20])]
    with pytest.raises(NotEstimableError, match=words):
        tk.mmrm(frame, **ASKED, covariance=covariance)

    assert tk.mmrm(frame, **ASKED, covariance="ar1").glance()["converged"][0]


def test_a_visit_whose_outcome_a_covariate_repeats_is_refused_by_name():
    frame = trial()
    second = frame["visit"] == "V2"
    frame["copy"] = np.repeat(frame.loc[second, "y"].to_numpy(), 3)
    with pytest.raises(NotEstimableError, match="V2: the model fits the outcome exactly"):
        tk.mmrm(frame, **ASKED, covariates="copy * visit")
