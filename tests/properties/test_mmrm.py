"""What must hold for the mixed model, whatever the data."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trialkit as tk
from repeated_trial import differences, figure, fit, numbers, repeated_trial
from trialkit.terms import CovarianceName, allowed

few = settings(max_examples=12, deadline=None)
structures = st.sampled_from(
    ["unstructured", "compound_symmetry", "heterogeneous_ar1", "toeplitz", "ante_dependence"]
)
methods = st.sampled_from(["kenward_roger", "satterthwaite", "between_within"])
VISITS = ("week 2", "week 4", "week 8", "week 12")


@st.composite
def trials(
    draw: Any, arms: tuple[str, ...] = ("a", "b", "c"), *, complete: bool = False
) -> pd.DataFrame:
    """Return two or three arms, enough people for any covariance; complete, one for each arm."""
    return repeated_trial(
        draw(st.integers(14, 18)),
        arms=arms[: draw(st.integers(2, len(arms)))],
        visits=VISITS[: draw(st.integers(2, 4))],
        missing=0.0 if complete else draw(st.sampled_from([0.0, 0.08, 0.15])),
        effect=draw(st.floats(-3, 3)),
        seed=draw(st.integers(0, 2**16)),
    )


def same(one: tk.AnalysisResult, other: tk.AnalysisResult, rtol: float = 1e-9) -> None:
    """Assert that two results have the same numbers, estimates to within their errors' share."""
    for first, second in zip(one.estimates, other.estimates, strict=True):
        size = second.std_error or 1.0
        for name in ("estimate", "conf_low", "conf_high"):
            value = getattr(first, name)
            if value is not None:
                assert abs(value - getattr(second, name)) <= rtol * size, (first, second)
        for name in ("std_error", "df", "statistic", "p_value"):
            if getattr(first, name) is not None:
                assert getattr(first, name) == pytest.approx(
                    getattr(second, name), rel=rtol, abs=1e-300 if name == "p_value" else rtol
                )


@few
@given(frame=trials(), covariance=structures, method=methods)
def test_a_p_value_is_a_probability_and_an_interval_holds_its_estimate(frame, covariance, method):
    result = fit(frame, covariance=covariance, df_method=method, summaries=["average", "slope"])

    noted = sum(note.startswith("no joint test of") for note in result.notes)
    for row in result.estimates:
        if row.p_value is None:
            assert row.quantity == "ls_mean" or (row.quantity == "joint_test" and noted)
        else:
            assert 0 < row.p_value <= 1
        if row.quantity != "joint_test":
            assert row.conf_low < row.estimate < row.conf_high
            assert row.std_error > 0
            assert row.df > 1
    matrix = {each.name: each.value for each in result.fit}
    assert all(-1 <= v <= 1 for name, v in matrix.items() if name.startswith("correlation"))
    assert matrix["smallest_eigenvalue"] > 0


@few
@given(frame=trials(), covariance=structures, seed=st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(frame, covariance, seed):
    options = {"covariance": covariance, "covariates": "base:visit + sex", "weights": "weight"}
    shuffled = frame.sample(frac=1, random_state=seed)

    one, other = fit(frame, **options), fit(shuffled, **options)

    np.testing.assert_allclose(numbers(other), numbers(one), rtol=1e-11, atol=1e-12)
    assert other.notes == one.notes


@few
@given(frame=trials(complete=True), covariance=structures, group=st.sampled_from([None, "arm"]))
def test_new_names_of_arms_move_rows_and_flip_signs_only(frame, covariance, group):
    renamed = frame.assign(arm=frame["arm"].map({"a": "z", "b": "y", "c": "x"}))
    options = {"covariance": covariance, "covariates": "base", "group_covariance": group}

    one = fit(frame, **options)
    other = fit(renamed, **options, reference="y")

    for row in differences(one, arm="b"):
        (flip,) = differences(other, arm="z", visit=row.visit)
        assert flip.estimate == pytest.approx(-row.estimate, rel=1e-9, abs=1e-9)
        assert flip.conf_low == pytest.approx(-row.conf_high, rel=1e-9, abs=1e-9)
        assert flip.p_value == pytest.approx(row.p_value, rel=1e-8)
    for term in ("arm", "arm:visit"):
        (first,) = one.select(quantity="joint_test", term=term)
        (second,) = other.select(quantity="joint_test", term=term)
        assert second.statistic == pytest.approx(first.statistic, rel=1e-7)
        assert second.df == pytest.approx(first.df, rel=1e-7)
    assert figure(other, "log_likelihood") == pytest.approx(figure(one, "log_likelihood"), abs=1e-8)


@few
@given(
    frame=trials(),
    covariance=structures,
    factor=st.sampled_from([1e-6, 0.01, 3.0, 1e5]),
    shift=st.sampled_from([-50.0, 0.0, 1e4]),
)
def test_the_outcomes_unit_scales_and_its_level_moves_the_means(frame, covariance, factor, shift):
    moved = frame.assign(y=factor * frame["y"] + shift * factor)

    one, other = fit(frame, covariance=covariance), fit(moved, covariance=covariance)

    for row, again in zip(one.estimates, other.estimates, strict=True):
        if row.quantity == "joint_test":
            assert again.statistic == pytest.approx(row.statistic, rel=1e-6)
            continue
        level = shift if row.quantity == "ls_mean" or row.term == "Intercept" else 0.0
        error = 1e-8 * row.std_error
        assert again.estimate / factor - level == pytest.approx(row.estimate, abs=error)
        assert again.std_error == pytest.approx(factor * row.std_error, rel=1e-8)
        assert again.df == pytest.approx(row.df, rel=1e-7)
    n = figure(one, "n_records") - len(one.select(quantity="coefficient"))
    assert figure(other, "log_likelihood") == pytest.approx(
        figure(one, "log_likelihood") - n * np.log(factor), abs=1e-6
    )


@few
@given(
    frame=trials(),
    factor=st.sampled_from([1e-5, 4.0, 1e6]),
    shift=st.sampled_from([-1e9, -70.0, 1e9]),
    covariates=st.sampled_from(["base", "base:visit", "base * age", "base * arm"]),
)
def test_a_covariates_unit_and_origin_change_no_contrast(frame, factor, shift, covariates):
    size = factor * frame["base"].abs().max()
    moved = frame.assign(base=factor * frame["base"] + shift * min(1.0, size))
    # What is left of a number beside a large origin is all that can be asked back.
    digits = np.finfo(float).eps * abs(shift) * min(1.0, size) / (factor * frame["base"].std())

    one, other = fit(frame, covariates=covariates), fit(moved, covariates=covariates)

    for quantity in ("ls_mean", "ls_mean_difference"):
        for row, again in zip(
            one.select(quantity=quantity), other.select(quantity=quantity), strict=True
        ):
            tolerance = 1e-8 + 100 * digits
            assert again.estimate == pytest.approx(row.estimate, abs=tolerance * row.std_error)
            assert again.std_error == pytest.approx(row.std_error, rel=tolerance)
            assert again.df == pytest.approx(row.df, rel=10 * tolerance)


@few
@given(frame=trials(), covariance=structures, factor=st.sampled_from([0.25, 2.0, 1000.0]))
def test_a_common_factor_of_the_weights_changes_no_inference(frame, covariance, factor):
    options = {"covariance": covariance, "weights": "weight", "covariates": "age"}

    same(fit(frame.assign(weight=factor * frame["weight"]), **options), fit(frame, **options), 1e-8)


@few
@given(frame=trials(), people=st.integers(1, 5))
def test_people_without_an_outcome_change_nothing(frame, people):
    absent = frame.head(3).assign(y=np.nan)
    more = pd.concat([frame, *(absent.assign(id=f"absent {i}") for i in range(people))])

    assert fit(more).estimates == fit(frame).estimates


@few
@given(frame=trials(complete=True), covariance=structures, reml=st.booleans())
def test_a_structure_with_fewer_parameters_has_no_higher_likelihood(frame, covariance, reml):
    options = {"reml": reml, "df_method": "satterthwaite"}
    freest = figure(fit(frame, **options), "log_likelihood")
    per_arm = figure(fit(frame, **options, group_covariance="arm"), "log_likelihood")

    assert figure(fit(frame, covariance=covariance, **options), "log_likelihood") <= freest + 1e-8
    assert per_arm >= freest - 1e-8


@few
@given(frame=trials(), covariance=st.sampled_from(allowed(CovarianceName)))
def test_the_same_input_gives_the_same_bytes(frame, covariance):
    options = {"covariance": covariance, "covariates": "base", "adjust": "sidak"}

    assert fit(frame, **options).to_json() == fit(frame.copy(), **options).to_json()


@few
@given(frame=trials(arms=("a", "b")), level=st.floats(0.5, 0.999))
def test_a_limit_is_zero_at_the_level_of_the_p_value(frame, level):
    for row in differences(fit(frame, conf_level=level)):
        assert (row.conf_low > 0 or row.conf_high < 0) == (row.p_value < 1 - level)
