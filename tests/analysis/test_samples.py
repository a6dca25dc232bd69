"""Samples by arm, pairs by arm: one extraction for every verb."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from trialkit.analysis.sample_rows import BEFORE, before_after_rows
from trialkit.analysis.samples import arm_samples, paired_samples
from trialkit.errors import NotEstimableError


@pytest.fixture
def doses() -> pd.DataFrame:
    arms = [1, 1, 1, 2, 2, 2, np.nan, 1]
    return pd.DataFrame({"dose": arms, "before": 5.0, "pain": [1.0, 2, 3, 4, 5, 6, 7, np.nan]})


@pytest.mark.parametrize("kind", ["float64", "category"])
def test_people_without_a_numeric_arm_are_counted(doses: pd.DataFrame, kind: str):
    frame = doses.astype({"dose": kind})

    samples = arm_samples(frame, outcome="pain", arm="dose", reference="2.0")

    assert list(samples.outcomes) == ["2.0", "1.0"]
    (note,) = samples.notes
    assert note.startswith("2 of 8 records left out as incomplete (1 in 1.0; 1 in no arm): ")


def test_pairs_by_arm_keep_the_order_of_the_people(doses: pd.DataFrame):
    samples = paired_samples(doses, outcome="pain", baseline="before", arm="dose")

    assert [people.arm for people in samples.arms] == ["1.0", "2.0"]
    assert [people.after.tolist() for people in samples.arms] == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("arm", [None, "dose"])
def test_nobody_with_both_values_is_refused(doses: pd.DataFrame, arm: str | None):
    for verb in (tk.paired_change, tk.signed_rank, tk.sign_test, tk.sign_flip):
        with pytest.raises(NotEstimableError, match="nobody has both values"):
            verb(doses.assign(before=np.nan), outcome="pain", baseline="before", arm=arm)


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_the_row_before_is_known_by_its_method(doses: pd.DataFrame, statistic: str):
    samples = paired_samples(doses, outcome="pain", baseline="before", arm=None)

    before, after = before_after_rows(samples.arms, statistic=statistic)

    assert before.method in BEFORE
    assert after.method not in BEFORE
