"""A panel is one family: every endpoint has its row, and those without a test are named."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk
from trialkit.result.analysis_result import COLUMNS, Estimate


def wide(n: int = 12, endpoints: int = 6, seed: int = 5) -> tuple[pd.DataFrame, dict]:
    rng = np.random.default_rng(seed)
    before = rng.normal(5, 2, size=(n, endpoints))
    after = before + rng.normal(-0.6, 1.0, size=before.shape)
    names = [f"protein {position}" for position in range(endpoints)]
    frame = pd.DataFrame(
        np.hstack([before, after]), columns=[f"{name}, {v}" for v in (0, 1) for name in names]
    )
    options = {
        "baselines": [f"{name}, 0" for name in names],
        "outcomes": [f"{name}, 1" for name in names],
        "labels": names,
    }
    return frame.assign(arm=["mind", "breath"] * (n // 2)), options


def test_each_endpoint_is_its_paired_change():
    frame, options = wide()

    result = tk.panel(frame, **options)

    for position, row in enumerate(result.estimates):
        alone = tk.paired_change(
            frame, outcome=options["outcomes"][position], baseline=options["baselines"][position]
        ).estimates[-1]
        assert row.parameter == options["labels"][position]
        assert (row.quantity, row.n_subjects, row.df) == ("change", 12, 11.0)
        assert [row.estimate, row.p_value, row.conf_low, row.conf_high] == pytest.approx(
            [alone.estimate, alone.p_value, alone.conf_low, alone.conf_high], rel=1e-12
        )


@pytest.mark.parametrize("procedure", ["benjamini_hochberg", "holm"])
def test_the_family_is_the_whole_panel(procedure):
    frame, options = wide()
    result = tk.panel(frame, procedure=procedure, **options)
    (again,) = tk.adjust_p_values(result, procedure=procedure)

    assert again == result
    p = [row.p_value for row in result.estimates]
    if procedure == "benjamini_hochberg":
        expected = stats.false_discovery_control(p)
        assert [row.p_adjusted for row in result.estimates] == pytest.approx(list(expected))
    assert result.glance().loc[0, "family_size"] == 6


def test_the_other_adjustment_is_one_call_away():
    frame, options = wide()

    (holm,) = tk.adjust_p_values(tk.panel(frame, **options), procedure="holm")

    assert holm.estimates == tk.panel(frame, procedure="holm", **options).estimates


def test_endpoints_without_a_test_are_rows_and_are_named():
    frame, options = wide()
    frame["protein 1, 1"] = frame["protein 1, 0"] + 1.0
    frame.loc[1:, "protein 4, 0"] = np.nan
    frame.loc[3, "protein 2, 1"] = np.nan

    result = tk.panel(frame, **options)

    without = [row for row in result.estimates if row.p_value is None]
    assert [row.parameter for row in without] == ["protein 1", "protein 4"]
    assert all(
        getattr(row, name) is None
        for row in without
        for name in ("std_error", "df", "statistic", "p_adjusted", "conf_low", "conf_level")
    )
    assert without[0].estimate == pytest.approx(1.0)
    untested, missing = result.notes
    assert untested == (
        "2 of 6 endpoints have no test, since fewer than two people have values or nothing "
        "varies: protein 1, protein 4; tests in the family: 4"
    )
    assert missing == (
        "2 of 6 endpoints lack values of some people; an endpoint has 1 to 12 of them"
    )
    assert result.glance().loc[0, "family_size"] == 4


def test_a_row_is_an_estimate_like_any_other():
    frame, options = wide()
    row = tk.panel(frame, **options).estimates[2]

    made = Estimate(**{name: getattr(row, name) for name in COLUMNS})

    assert type(row) is Estimate
    assert row == made
    assert hash(row) == hash(made)
    with pytest.raises(AttributeError):
        row.estimate = 0.0
    result = tk.panel(frame, **options)
    assert tk.AnalysisResult.from_json(result.to_json()) == result


def test_arms_are_compared_by_their_changes():
    frame, options = wide()
    change = frame.assign(change=frame["protein 3, 1"] - frame["protein 3, 0"])

    result = tk.panel(frame, arm="arm", reference="breath", **options)
    alone = tk.mean_difference(change, outcome="change", arm="arm", reference="breath")

    row = result.estimates[3]
    expected = alone.select(quantity="mean_difference")[0]
    assert (row.quantity, row.arm, row.reference_arm) == ("mean_difference", "mind", "breath")
    assert [row.estimate, row.df, row.p_value] == pytest.approx(
        [expected.estimate, expected.df, expected.p_value], rel=1e-11
    )


def test_several_arms_are_one_family():
    frame, options = wide()
    frame["arm"] = ["mind", "breath", "book"] * 4
    frame.loc[0, "arm"] = None

    result = tk.panel(frame, arm="arm", reference="book", **options)

    assert [row.arm for row in result.estimates] == ["breath"] * 6 + ["mind"] * 6
    assert result.glance().loc[0, "family_size"] == 12
    assert result.notes == ("1 of 12 records left out: no arm",)


def test_columns_of_changes_need_no_baseline():
    frame, options = wide()
    changes = pd.DataFrame(
        {
            name: frame[after] - frame[before]
            for name, after, before in zip(
                options["labels"], options["outcomes"], options["baselines"], strict=True
            )
        }
    )

    result = tk.panel(changes, outcomes=options["labels"])

    assert result.estimates == tk.panel(frame, **options).estimates


def test_numbers_of_any_kind_are_read():
    frame, options = wide()
    frame = frame.round(1)
    expected = tk.panel(frame, **options)
    frame["protein 0, 0"] = frame["protein 0, 0"].astype("Float64")
    frame["protein 1, 0"] = frame["protein 1, 0"].astype("float64")

    assert tk.panel(frame, **options).estimates == expected.estimates


def test_the_call_shows_a_long_list_by_its_ends():
    frame, _ = wide(endpoints=30)
    names = list(frame.columns[30:60])

    result = tk.panel(frame, outcomes=names)

    assert "['protein 0, 1', ..., 'protein 29, 1'] (30 columns)" in str(result.provenance)


def test_a_panel_of_thousands_takes_seconds():
    frame, options = wide(n=20, endpoints=7596)

    start = time.perf_counter()
    table = tk.panel(frame, **options).tidy()

    assert time.perf_counter() - start < 5
    assert len(table) == 7596


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"outcomes": "protein 0, 1"}, tk.SpecificationError, "outcomes: expected a list"),
        ({"outcomes": []}, tk.SpecificationError, "expected a list of columns"),
        ({"outcomes": ["protein 0, 1"]}, tk.SpecificationError, "one for each of the 1"),
        ({"labels": ["a"] * 6}, tk.SpecificationError, "6 different endpoints, found 5 again"),
        ({"outcomes": ["x", *map(str, range(5))]}, tk.SpecificationError, "found 'x', '0'"),
        ({"procedure": "fdr"}, tk.SpecificationError, "benjamini_hochberg"),
        ({"arm": "arm"}, tk.SpecificationError, "both or neither"),
        ({"arm": "arm", "reference": "cream"}, tk.SpecificationError, "reference"),
        ({"conf_level": 0}, tk.SpecificationError, "conf_level"),
    ],
)
def test_wrong_options_are_refused(change, error, told):
    frame, options = wide()

    with pytest.raises(error, match=told):
        tk.panel(frame, **{**options, **change})


def test_wrong_values_are_refused():
    frame, options = wide()

    with pytest.raises(tk.DataError, match="protein 2, 0: expected numbers"):
        tk.panel(frame.assign(**{"protein 2, 0": "high"}), **options)
    with pytest.raises(tk.DataError, match="protein 2, 0: expected finite numbers"):
        tk.panel(frame.assign(**{"protein 2, 0": np.inf}), **options)
    with pytest.raises(tk.NotEstimableError, match="no endpoint has two people"):
        tk.panel(frame.head(1), **options)
    with pytest.raises(tk.SpecificationError, match="different names"):
        tk.panel(frame.rename(columns={"protein 1, 0": "protein 2, 0"}), **options)
