"""What must hold for every meta-analysis, whatever the trials."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import trialkit as tk
from trialkit.terms import HeterogeneityEstimator, PooledTest, allowed

ESTIMATORS = allowed(HeterogeneityEstimator)
COLUMNS = {"estimate": "estimate", "std_error": "std_error", "trial": "trial"}
NUMBERS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")

every_estimator = pytest.mark.parametrize("tau2", ESTIMATORS)
fewer = settings(max_examples=12)  # of each of nine estimators


@st.composite
def studies(draw: st.DrawFn, least: int = 2) -> pd.DataFrame:
    """Draw estimates in hundredths and standard errors of usual size."""
    k = draw(st.integers(min_value=least, max_value=9))
    estimates = draw(st.lists(st.integers(-300, 300), min_size=k, max_size=k))
    errors = draw(st.lists(st.integers(5, 120), min_size=k, max_size=k))
    assume(max(estimates) > min(estimates))
    return pd.DataFrame(
        {
            "trial": [f"t{i}" for i in range(k)],
            "estimate": np.array(estimates) / 100,
            "std_error": np.array(errors) / 100,
        }
    )


def average(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.meta_analysis(frame, **COLUMNS, **options)


def pooled(result: tk.AnalysisResult) -> np.ndarray:
    (row,) = result.select(quantity="pooled_estimate")
    return np.array([getattr(row, name) for name in NUMBERS])


@every_estimator
@fewer
@given(frame=studies())
def test_the_average_lies_among_the_trials_and_in_its_interval(tau2, frame):
    result = average(frame, tau2=tau2)
    (row,) = result.select(quantity="pooled_estimate")

    assert frame["estimate"].min() <= row.estimate <= frame["estimate"].max()
    assert row.conf_low < row.estimate < row.conf_high
    assert 0 < row.p_value <= 1
    weights = result.glance().filter(like="weight ").to_numpy()
    assert weights.sum() == pytest.approx(100)
    assert (weights > 0).all()


@every_estimator
@fewer
@given(frame=studies(), data=st.data())
def test_the_order_of_trials_does_not_matter(tau2, frame, data):
    order = data.draw(st.permutations(range(len(frame))))

    shuffled = average(frame.iloc[order], tau2=tau2)

    np.testing.assert_allclose(
        pooled(shuffled), pooled(average(frame, tau2=tau2)), rtol=1e-9, atol=1e-11
    )


@every_estimator
@fewer
@given(frame=studies(), factor=st.sampled_from([-1.0, 0.001, 2.5, 1000.0]))
def test_rescaling_the_estimates_rescales_the_average(tau2, frame, factor):
    scaled = frame.assign(
        estimate=frame["estimate"] * factor, std_error=frame["std_error"] * abs(factor)
    )
    estimate, std_error, statistic, p_value, low, high = pooled(average(frame, tau2=tau2))
    limits = sorted((low * factor, high * factor))

    np.testing.assert_allclose(
        pooled(average(scaled, tau2=tau2)),
        [
            estimate * factor,
            std_error * abs(factor),
            statistic * np.sign(factor),
            p_value,
            *limits,
        ],
        rtol=1e-8,
        atol=1e-10 * abs(factor),
    )


@every_estimator
@fewer
@given(frame=studies(), constant=st.integers(-20, 20))
def test_adding_a_constant_moves_the_average_alone(tau2, frame, constant):
    plain, moved = (
        average(frame.assign(estimate=frame["estimate"] + shift), tau2=tau2)
        for shift in (0, constant)
    )

    one, other = pooled(plain), pooled(moved)
    np.testing.assert_allclose(other[[0, 4, 5]] - constant, one[[0, 4, 5]], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(other[1], one[1], rtol=1e-7)


@given(frame=studies(), tau2=st.sampled_from(ESTIMATORS))
def test_never_narrower_is_never_narrower(frame, tau2):
    safe = pooled(average(frame, tau2=tau2, test="hartung_knapp_never_narrower"))[1]

    assert safe >= pooled(average(frame, tau2=tau2, test="z"))[1] * (1 - 1e-12)
    assert safe >= pooled(average(frame, tau2=tau2, test="hartung_knapp"))[1] * (1 - 1e-12)


@given(
    frame=studies(),
    levels=st.tuples(st.floats(0.5, 0.99), st.floats(0.5, 0.99)),
    test=st.sampled_from(allowed(PooledTest)),
)
def test_more_confidence_is_a_wider_interval(frame, levels, test):
    low, high = sorted(levels)
    assume(high - low > 1e-3)
    narrow, wide = (average(frame, test=test, conf_level=level) for level in (low, high))
    for quantity, term in (
        ("pooled_estimate", None),
        ("prediction", None),
        ("heterogeneity", "tau_squared"),
    ):
        (one,), (other,) = (r.select(quantity=quantity, term=term) for r in (narrow, wide))
        assert other.conf_low <= one.conf_low
        assert one.conf_high <= other.conf_high


@given(frame=studies())
def test_a_further_trial_is_less_certain_than_the_average(frame):
    for rule in ("as_tested", "higgins"):
        result = average(frame, prediction=rule)
        (row,) = result.select(quantity="pooled_estimate")
        for prediction in result.select(quantity="prediction"):
            assert prediction.conf_low <= row.conf_low
            assert row.conf_high <= prediction.conf_high


@given(frame=studies(least=4))
def test_turning_the_estimates_over_turns_the_funnel_over(frame):
    turned = frame.assign(estimate=-frame["estimate"])
    # A line that all trials lie on has no error, which rounding may or may not show.
    assume(len(set(frame["std_error"])) > 2)

    one, other = (average(item) for item in (frame, turned))

    tests, turned_tests = (r.select(quantity="asymmetry_test") for r in (one, other))
    assert [row.term for row in tests] == [row.term for row in turned_tests]
    assert tests[-1].term == "begg"
    for a, b in zip(tests, turned_tests, strict=True):
        assert b.estimate == pytest.approx(-a.estimate, rel=1e-8, abs=1e-9)
        assert b.p_value == pytest.approx(a.p_value, rel=1e-7, abs=1e-12)


@given(frame=studies(least=3), lost=st.integers(1, 2))
def test_trials_left_out_are_named(frame, lost):
    gone = pd.DataFrame(
        {"trial": [f"x{i}" for i in range(lost)], "estimate": np.nan, "std_error": 1.0}
    )

    result = average(pd.concat([frame, gone], ignore_index=True))

    np.testing.assert_allclose(pooled(result), pooled(average(frame)), rtol=1e-12)
    assert any("x0" in note for note in result.notes)


@given(
    shift=st.integers(-50, 50),
    rows=st.lists(
        st.tuples(st.integers(5, 40), st.integers(0, 100), st.integers(5, 30)),
        min_size=6,
        max_size=6,
    ),
)
def test_adding_a_constant_to_every_outcome_changes_no_difference(shift, rows):
    frame = pd.DataFrame(rows, columns=["n", "mean", "std_dev"]).assign(
        trial=list("AABBCC"), arm=["new", "old"] * 3
    )
    frame[["mean", "std_dev"]] /= 10
    options = {"reference": "old", "measure": "mean_difference", "test": "z"}

    one = tk.meta_analysis_from_summary(frame, **options)
    other = tk.meta_analysis_from_summary(frame.assign(mean=frame["mean"] + shift), **options)
    turned = tk.meta_analysis_from_summary(frame, **{**options, "reference": "new"})

    np.testing.assert_allclose(pooled(other), pooled(one), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(pooled(turned)[:2], pooled(one)[:2] * [-1, 1], rtol=1e-8, atol=1e-10)
