"""The guard-rail of the single arm is an expectation, never a test."""

import pytest

import trialkit as tk

RULE = {"mean": 4.0, "std_dev": 2.0, "correlation": 0.6, "at_least": 5.0}


def test_the_rows_are_two_means_and_their_difference():
    entry, later, change = tk.expected_regression_to_mean(**RULE).estimates

    assert [row.quantity for row in (entry, later, change)] == ["mean", "mean", "change"]
    assert change.estimate == pytest.approx(later.estimate - entry.estimate)
    assert change.estimate == pytest.approx(-0.9128622162944516, rel=1e-12)
    assert change.method == "expected regression to the mean"


def test_an_expectation_is_no_test():
    result = tk.expected_regression_to_mean(**RULE)

    assert all(row.p_value is None and row.conf_low is None for row in result.estimates)
    with pytest.raises(tk.SpecificationError, match="holds no test"):
        tk.adjust_p_values(result, procedure="holm")


def test_the_share_that_meets_the_rule_is_told():
    fit = tk.expected_regression_to_mean(**RULE).glance().loc[0]

    assert fit["share_meeting_the_rule"] == pytest.approx(0.3085375387259868, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"at_least": None}, "expected an entry rule"),
        ({"at_most": 5.0}, "the first below the second"),
        ({"correlation": 1.1}, r"correlation: expected a number in \[0, 1\]"),
        ({"correlation": float("nan")}, "correlation"),
        ({"std_dev": 0}, "above 0"),
        ({"mean": float("nan")}, "finite"),
        ({"measurements": 0}, "whole number from 1"),
        ({"measurements": 1.5}, "whole number from 1"),
    ],
)
def test_figures_of_no_population_are_refused(change, told):
    with pytest.raises(tk.SpecificationError, match=told):
        tk.expected_regression_to_mean(**{**RULE, **change})
