"""Where a covariate's zero lies says nothing of the arms, however far away it is."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk

ARMS = ("breathing", "mindfulness", "audiobook")
CALL = {"outcome": "pain", "arm": "arm", "reference": "breathing"}
OFFSETS = (-(2.0**31), 1e7, 1e9)
SAME = 2e-11
FIGURES = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
every_offset = pytest.mark.parametrize("offset", OFFSETS)


def people() -> pd.DataFrame:
    """Return 90 people; whole-number covariates, so that an offset costs no digit of theirs."""
    rng = np.random.default_rng(41)
    age = rng.integers(18, 80, 90).astype(float)
    frame = pd.DataFrame(
        {
            "arm": rng.permutation(np.repeat(ARMS, 30)),
            "trial": np.tile(["A", "B", "C"], 30),
            "sex": rng.permutation(np.tile(["f", "m"], 45)),
            "age": age,
            "dose": rng.integers(0, 9, 90).astype(float),
        }
    )
    frame["sleep"] = 0.1 * age + rng.normal(0, 2, 90)
    frame["pain"] = 0.05 * age - 1.0 * (frame["arm"] == "mindfulness") + rng.normal(0, 1.5, 90)
    return frame


def figures(result: tk.AnalysisResult, *, without: tuple[str, ...] = ()) -> list[float]:
    """Return every number of the rows, apart from those of some terms."""
    return [
        getattr(row, name)
        for row in result.estimates
        if row.term not in without
        for name in FIGURES
        if getattr(row, name) is not None
    ]


def shifted(offset: float) -> pd.DataFrame:
    frame = people()
    return frame.assign(age=frame["age"] + offset)


@every_offset
@pytest.mark.parametrize(
    "options",
    [
        {"covariates": "age"},
        {"covariates": "age", "vcov": "HC0"},
        {"covariates": "age", "vcov": "HC3"},
        {"covariates": "age + sex", "weights": "proportional"},
        {"covariates": "age + sex", "weights": "counterfactual"},
        {"covariates": "arm:age + age"},
        {"covariates": "arm:age"},
        {"covariates": "age * sex + dose", "vcov": "HC2"},
        {"covariates": "age * dose"},
        {"covariates": "age", "model": "anhecova"},
        {"covariates": "age + sex", "model": "anhecova"},
        {"covariates": "age", "adjust": "tukey_kramer", "contrasts": "pairwise"},
    ],
    ids=str,
)
def test_adjusted_means_do_not_depend_on_it(offset: float, options):
    near = figures(tk.ancova(people(), **CALL, **options))
    far = figures(tk.ancova(shifted(offset), **CALL, **options))

    np.testing.assert_allclose(far, near, rtol=SAME)


@every_offset
@pytest.mark.parametrize("stages", ["one_stage", "two_stage"])
def test_pooled_trials_do_not_depend_on_it(offset: float, stages: str):
    options = {"trial": "trial", "stages": stages, "covariates": "age"}
    near = figures(tk.pooled_trials(people(), **CALL, **options))
    far = figures(tk.pooled_trials(shifted(offset), **CALL, **options))

    np.testing.assert_allclose(far, near, rtol=1e-9)  # two stages: a root is searched for


@every_offset
def test_mediation_does_not_depend_on_it(offset: float):
    options = {"mediators": ["sleep"], "covariates": "age", "interval": "delta"}
    near = figures(tk.mediation(people(), **CALL, **options))
    far = figures(tk.mediation(shifted(offset), **CALL, **options))

    np.testing.assert_allclose(far, near, rtol=1e-10)


@every_offset
@pytest.mark.parametrize("vcov", ["model", "HC0", "HC3"])
def test_slopes_do_not_depend_on_it(offset: float, vcov: str):
    options = {"covariates": "age + sex + dose", "vcov": vcov}
    near = tk.model_coefficients(people(), **CALL, **options)
    far = tk.model_coefficients(shifted(offset), **CALL, **options)

    np.testing.assert_allclose(
        figures(far, without=("Intercept",)), figures(near, without=("Intercept",)), rtol=SAME
    )
    (here,) = near.select(term="Intercept")
    (there,) = far.select(term="Intercept")
    (slope,) = near.select(term="age")
    assert there.estimate == pytest.approx(here.estimate - offset * slope.estimate, rel=SAME)
    assert there.std_error == pytest.approx(abs(offset) * slope.std_error, rel=1e-4)


@pytest.mark.parametrize(
    "covariates", ["age", "age * sex", "arm * age + dose", "age * dose * sex", "arm:age + sex:dose"]
)
def test_coefficients_are_those_of_the_covariates_as_given(covariates: str):
    frame = people()
    statsmodels = pytest.importorskip("statsmodels.formula.api")
    order = f"C(arm, levels={list(ARMS)})"
    model = statsmodels.ols(f"pain ~ {order} + {covariates.replace('arm', order)}", frame).fit()

    result = tk.model_coefficients(frame, **CALL, covariates=covariates)

    got = sorted(row.estimate for row in result.estimates)
    np.testing.assert_allclose(got, sorted(model.params), rtol=1e-7, atol=1e-9)
    got = sorted(row.std_error for row in result.estimates)
    np.testing.assert_allclose(got, sorted(model.bse), rtol=1e-7)


@every_offset
@pytest.mark.parametrize("vcov", ["model", "HC3"])
def test_terms_of_type_two_do_not_depend_on_it(offset: float, vcov: str):
    options = {"covariates": "age * sex + arm:age", "sums_of_squares": "II", "vcov": vcov}
    near = figures(tk.model_terms(people(), **CALL, **options))
    far = figures(tk.model_terms(shifted(offset), **CALL, **options))

    np.testing.assert_allclose(far, near, rtol=1e-9)  # limits of effect sizes are searched for


@pytest.mark.parametrize("covariates", ["age + arm:age", "age * sex", "arm * age * sex"])
def test_terms_of_type_three_stand_at_the_origin_given(covariates: str):
    """The main effect of the arm is asked for where age is 0: the origin matters."""
    terms = {"covariates": covariates}
    at = {offset: tk.model_terms(shifted(offset), **CALL, **terms) for offset in (-40.0, 0.0, 1e9)}

    def statistic(offset: float, *factors: str) -> float:
        rows = at[offset].select(quantity="joint_test")
        (row,) = (row for row in rows if set(row.term.split(":")) == set(factors))
        return row.statistic

    crossed = "arm" if "arm" in covariates else "sex"
    highest = at[0.0].select(quantity="joint_test")[-1].term.split(":")
    assert statistic(1e9, *highest) == pytest.approx(statistic(0.0, *highest), rel=1e-10)
    assert statistic(-40.0, crossed) != pytest.approx(statistic(0.0, crossed), rel=1e-3)
    # Far away, the difference of the arms is that of their slopes.
    slopes = statistic(0.0, crossed, "age")
    assert statistic(1e9, crossed) == pytest.approx(slopes, rel=1e-6)


@every_offset
def test_diagnostics_do_not_depend_on_it(offset: float):
    near = tk.model_diagnostics(people(), **CALL, covariates="age * sex")
    far = tk.model_diagnostics(shifted(offset), **CALL, covariates="age * sex")

    np.testing.assert_allclose(figures(far), figures(near), rtol=SAME)
    np.testing.assert_allclose(far.glance().iloc[0], near.glance().iloc[0], rtol=SAME)


@pytest.mark.parametrize("value", [0.1, 1e9 + 0.3])
def test_a_covariate_of_equal_values_is_named(value: float):
    frame = people().assign(age=value)

    with pytest.raises(tk.NotEstimableError, match="age: a linear combination"):
        tk.ancova(frame, **CALL, covariates="age")


def test_a_product_without_its_parts_is_left_at_its_origin():
    """x:z without x and z is another model at another origin, so nothing is centred."""
    frame = people()
    statsmodels = pytest.importorskip("statsmodels.formula.api")
    model = statsmodels.ols(f"pain ~ C(arm, levels={list(ARMS)}) + age:dose", frame).fit()

    result = tk.model_coefficients(frame, **CALL, covariates="age:dose")

    got = sorted(row.estimate for row in result.estimates)
    np.testing.assert_allclose(got, sorted(model.params), rtol=1e-9)
