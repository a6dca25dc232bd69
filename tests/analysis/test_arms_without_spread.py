"""An arm in which everyone is alike: no false interval, no test made of rounding."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk

MODELS = (
    {"model": "anhecova", "covariates": "b"},
    {"model": "anhecova", "covariates": "b + C(site)"},
    {"model": "anhecova", "covariates": "b", "vcov": "HC3"},
    {"covariates": "arm*b", "vcov": "HC3"},
    {"covariates": "1", "vcov": "HC2"},
    {"covariates": "1", "weights": "counterfactual", "vcov": "superpopulation"},
)
every_model = pytest.mark.parametrize("options", MODELS, ids=str)


def people(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "b": rng.integers(0, 11, 24) * 1.0,
            "arm": np.repeat(["a", "c"], 12),
            "site": np.tile(["p", "q", "r"], 8),
            "noise": rng.normal(size=24),
        }
    )


def adjusted(frame: pd.DataFrame, **options: object) -> tk.AnalysisResult:
    return tk.ancova(frame, outcome="y", arm="arm", reference="c", **options)


@every_model
@pytest.mark.parametrize("level", [(1.0, 1.0), (1.0, 2.0), (0.1, 0.3)], ids=str)
def test_rounding_is_no_spread(options: dict, level: tuple[float, float]):
    for seed in range(5):
        frame = people(seed).assign(y=lambda d: np.where(d["arm"].eq("a"), *level))

        with pytest.raises(tk.NotEstimableError, match="does not vary"):
            adjusted(frame, **options)


@every_model
@pytest.mark.parametrize("level", [0.0, 1.0, 0.1, 1e6])
def test_an_arm_without_spread_has_no_interval_and_the_difference_has_one(
    options: dict, level: float
):
    frame = people().assign(y=lambda d: np.where(d["arm"].eq("a"), level, level + d["noise"]))

    result = adjusted(frame, **options)

    flat, varying = (result.select(quantity="ls_mean", arm=arm)[0] for arm in "ac")
    (difference,) = result.select(quantity="ls_mean_difference")
    assert flat.estimate == pytest.approx(level, rel=1e-12, abs=1e-12)
    assert {flat.std_error, flat.df, flat.conf_low, flat.conf_high} == {None}
    assert difference.std_error == pytest.approx(varying.std_error, rel=1e-6)
    assert any(note.startswith("a: the model fits everyone") for note in result.notes)


def test_spread_of_people_stays_where_the_fit_is_exact():
    """Outcomes on a line: the mean of the arm varies with the people, and with them alone."""
    frame = people().assign(y=lambda d: 0.3 + 0.1 * d["b"] + d["noise"] * d["arm"].eq("c"))

    mean = adjusted(frame, covariates="b", model="anhecova").select(quantity="ls_mean", arm="a")[0]

    assert mean.std_error == pytest.approx(0.1 * frame["b"].std() / np.sqrt(24), rel=1e-10)


@pytest.mark.parametrize("errors", [{"vcov": "HC3"}, {"cluster": "site"}], ids=str)
def test_a_coefficient_of_people_alike_has_no_test(errors: dict):
    frame = people().assign(y=lambda d: np.where(d["arm"].eq("a"), 1.0, d["noise"]))

    result = tk.model_coefficients(
        frame, outcome="y", arm="arm", reference="a", covariates="arm*b", **errors
    )

    figures = {row.term: (row.std_error is None, row.p_value is None) for row in result.estimates}
    assert figures == {
        "Intercept": (True, True),
        "arm[c]": (False, False),
        "b": (True, True),
        "arm[c]:b": (False, False),
    }
    assert any(note.startswith("Intercept, b: ") for note in result.notes)


def test_a_column_has_one_role():
    frame = people().assign(y=lambda d: d["noise"], event=lambda d: (d["noise"] > 0).astype(int))
    roles = {"arm": "arm", "reference": "c"}
    verbs = (
        (tk.ancova, {"outcome": "y"}),
        (tk.model_terms, {"outcome": "y"}),
        (tk.model_coefficients, {"outcome": "y"}),
        (tk.model_diagnostics, {"outcome": "y"}),
        (tk.pooled_trials, {"outcome": "y", "trial": "site"}),
        (tk.proportional_odds, {"outcome": "event"}),
        (tk.logistic, {"response": "event"}),
    )
    for verb, own in verbs:
        outcome = own.get("outcome", "event")
        with pytest.raises(
            tk.SpecificationError, match=f"other than the outcome, found '{outcome}"
        ):
            verb(frame, **own, **roles, covariates=f"b + {outcome}")
        with pytest.raises(tk.SpecificationError, match=r"other than the arm, .*found 'arm'"):
            verb(frame, **own, **roles, covariates="arm + b")
    with pytest.raises(tk.SpecificationError, match=r"other than the trial, .*found 'site'"):
        tk.pooled_trials(frame, outcome="y", trial="site", **roles, covariates="site")
    with pytest.raises(tk.SpecificationError, match="found 'arm' for both"):
        tk.ancova(frame.assign(arm=1), outcome="arm", arm="arm", reference="1")
    assert adjusted(frame, covariates="arm*b").estimates


@pytest.mark.parametrize("contrasts", [["a - c", "a - c"], ["a - c", "c - a"]])
def test_two_arms_are_compared_once(contrasts: list[str]):
    frame = people().assign(y=lambda d: d["noise"])

    with pytest.raises(tk.SpecificationError, match="expected each two arms once"):
        adjusted(frame, contrasts=contrasts)
    with pytest.raises(tk.SpecificationError, match="expected each two arms once"):
        tk.mean_difference(frame, outcome="y", arm="arm", reference="c", contrasts=contrasts)


def test_a_dependent_term_is_named_once():
    frame = pd.concat([people(seed) for seed in range(5)]).reset_index(drop=True)
    frame = frame.assign(
        y=frame["noise"],
        group=np.repeat(list("vwxyz"), 24),
        arm=lambda d: d["arm"].where(~d["group"].isin(["v", "w"]), "c"),
    )

    with pytest.raises(tk.NotEstimableError, match=r"^arm:group: a linear combination"):
        tk.model_terms(frame, outcome="y", arm="arm", reference="c", covariates="group + arm:group")
