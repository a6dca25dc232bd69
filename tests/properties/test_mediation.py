"""What must hold of a mediation whatever the trial."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import levels

ARMS = ("book", "breathing", "mindfulness")
EFFECTS = ("total_effect", "direct_effect", "indirect_effect")


@st.composite
def mediated(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a three-arm trial with two mediators, on grids of tenths."""
    seed = draw(st.integers(min_value=0, max_value=10_000))
    sizes = [draw(st.integers(min_value=5, max_value=12)) for _ in ARMS]
    push = draw(st.floats(min_value=-2, max_value=2))
    rng = np.random.default_rng(seed)
    arm = np.repeat(ARMS, sizes)
    lift = np.where(arm == "book", 0.0, push)
    breaths = lift + rng.normal(size=arm.size)
    worry = 0.5 * lift + rng.normal(size=arm.size)
    pain = 0.5 * breaths + 0.3 * worry + rng.normal(size=arm.size)
    frame = pd.DataFrame({"arm": arm, "breaths": breaths, "worry": worry, "pain": pain}).round(
        {"breaths": 1, "worry": 1, "pain": 1}
    )
    assume(frame[["breaths", "worry", "pain"]].nunique().min() > 4)
    return frame


def run(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    given_options = {"reference": "book", "mediators": ["breaths", "worry"], "interval": "delta"}
    return tk.mediation(frame, outcome="pain", arm="arm", **{**given_options, **options})


def numbers(result: tk.AnalysisResult, column: str = "estimate", **names: str) -> np.ndarray:
    return np.array([getattr(row, column) for row in result.select(**names)], dtype=float)


@given(mediated())
def test_direct_and_indirect_add_up_to_total(frame: pd.DataFrame):
    result = run(frame)
    for arm in ARMS[1:]:
        total, direct = (
            numbers(result, quantity=name, arm=arm)[0] for name in ("total_effect", "direct_effect")
        )
        indirect = numbers(result, quantity="indirect_effect", arm=arm)
        assert indirect[:-1].sum() == pytest.approx(indirect[-1], abs=1e-12)
        assert direct + indirect[-1] == pytest.approx(total, abs=1e-11)


@given(mediated())
def test_another_reference_turns_and_subtracts_effects(frame: pd.DataFrame):
    by_book, by_breathing = run(frame), run(frame, reference="breathing")
    for name in EFFECTS:
        book, mindful = (
            numbers(by_breathing, quantity=name, arm=arm) for arm in ("book", "mindfulness")
        )
        breathing = numbers(by_book, quantity=name, arm="breathing")
        np.testing.assert_allclose(book, -breathing, atol=1e-11)
        np.testing.assert_allclose(
            mindful, numbers(by_book, quantity=name, arm="mindfulness") - breathing, atol=1e-11
        )
    turned, own = (
        [row.p_value for row in result.select(quantity="indirect_effect", arm=arm)]
        for result, arm in ((by_breathing, "book"), (by_book, "breathing"))
    )
    np.testing.assert_allclose(turned, own, rtol=1e-8)


@settings(max_examples=20)
@given(mediated(), st.integers(min_value=0, max_value=5))
def test_the_order_of_rows_does_not_matter(frame: pd.DataFrame, seed: int):
    shuffled = frame.sample(frac=1, random_state=seed)
    for interval in ("percentile", "monte_carlo"):
        one, two = (run(f, interval=interval, draws=200, seed=1).tidy() for f in (frame, shuffled))
        for column in ("estimate", "conf_low", "conf_high", "p_value"):
            np.testing.assert_allclose(one[column], two[column], rtol=1e-8, atol=1e-10)


@given(mediated())
def test_the_order_of_mediators_does_not_matter(frame: pd.DataFrame):
    one, two = run(frame), run(frame, mediators=["worry", "breaths"])
    for row in one.estimates:
        (other,) = two.select(quantity=row.quantity, arm=row.arm, term=row.term)
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            mine, theirs = getattr(row, column), getattr(other, column)
            assert mine == (None if theirs is None else pytest.approx(theirs, rel=1e-8, abs=1e-10))


@settings(max_examples=30)
@given(mediated(), st.sampled_from([1e-6, 0.5, 1e5]), st.sampled_from([0.0, -3.0, 1e3]))
def test_units_scale_effects_and_nothing_else(frame: pd.DataFrame, scale: float, shift: float):
    changed = frame.assign(breaths=frame["breaths"] * 7 + 2, pain=scale * (frame["pain"] + shift))
    options = {"interval": "percentile", "draws": 200, "seed": 3}
    one, two = run(frame, **options), run(changed, **options)
    for name in EFFECTS:
        for column in ("estimate", "conf_low", "conf_high"):
            np.testing.assert_allclose(
                numbers(two, column, quantity=name),
                scale * numbers(one, column, quantity=name),
                rtol=1e-6,
                atol=1e-9 * scale,
            )
    np.testing.assert_allclose(
        numbers(one, quantity="sensitivity"), numbers(two, quantity="sensitivity"), atol=1e-8
    )


@given(mediated())
def test_one_sign_turned_turns_the_effects(frame: pd.DataFrame):
    one, two = run(frame), run(frame.assign(pain=-frame["pain"]))
    for name in EFFECTS:
        np.testing.assert_allclose(
            numbers(one, quantity=name), -numbers(two, quantity=name), atol=1e-12
        )
        np.testing.assert_allclose(
            numbers(one, "conf_low", quantity=name),
            -numbers(two, "conf_high", quantity=name),
            atol=1e-12,
        )


@settings(max_examples=15)
@given(mediated(), levels, st.sampled_from(["percentile", "monte_carlo", "delta"]))
def test_a_higher_level_never_narrows_and_p_stays_a_probability(
    frame: pd.DataFrame, level: float, interval: str
):
    options = {"interval": interval, "draws": 2000, "seed": 1}
    narrow, wide = (
        run(frame, conf_level=level / 2, **options),
        run(frame, conf_level=level, **options),
    )
    low, high = (
        [numbers(result, column, quantity="indirect_effect") for result in (narrow, wide)]
        for column in ("conf_low", "conf_high")
    )
    assert (low[1] <= low[0] + 1e-12).all()
    assert (high[1] >= high[0] - 1e-12).all()
    p = numbers(wide, "p_value", quantity="indirect_effect")
    assert ((p > 0) & (p <= 1)).all()


@given(mediated())
def test_missing_rows_are_counted(frame: pd.DataFrame):
    holes = pd.concat([frame, frame.head(2).assign(worry=np.nan)], ignore_index=True)

    result = run(holes)

    assert result.notes[0].startswith(f"2 of {len(holes)} records left out")
    assert result.estimates == run(frame).estimates
