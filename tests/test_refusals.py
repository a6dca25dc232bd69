"""Every broken study and data file gives one message and exit code 2, and writes nothing.

What a verb cannot use it refuses too, by a message that says what was expected.
"""

import sys
from inspect import signature

import pandas as pd
import pytest

import trialkit as tk
from dataset.test_read_dataset import BROKEN as BROKEN_DATA
from study.test_read import BROKEN as BROKEN_STUDIES
from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.cli import main


def refuse(capsys, monkeypatch, folder, *, study=STUDY, data=DATA) -> str:
    """Run a broken study as a user does; return the message."""
    write_trial(folder / "mine", study=study, data=data)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["trialkit", "run", "mine"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.out == ""
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert sorted(path.name for path in (folder / "mine").iterdir()) == [
        "participants.csv",
        "study.toml",
    ]
    return printed.err


@pytest.mark.parametrize(("old", "new", "said"), BROKEN_STUDIES)
def test_a_broken_study_is_refused(tmp_path, capsys, monkeypatch, old, new, said):
    message = refuse(capsys, monkeypatch, tmp_path, study=replaced(STUDY, old, new))

    assert message.startswith("trialkit: ")
    assert all(part in message for part in said)


@pytest.mark.parametrize(("data", "said"), BROKEN_DATA)
def test_broken_data_are_refused(tmp_path, capsys, monkeypatch, data, said):
    message = refuse(capsys, monkeypatch, tmp_path, data=data)

    assert message.startswith("trialkit: ")
    assert all(part in message for part in said)


def people(**columns: object) -> pd.DataFrame:
    """Return 24 people of two arms, with columns changed."""
    frame = pd.DataFrame(
        {
            "arm": ["a", "b"] * 12,
            "base": [float(3 + (7 * i) % 5) for i in range(24)],
            "pain": [float(2 + (5 * i) % 7) for i in range(24)],
            "level": [(5 * i) % 4 for i in range(24)],
            "better": [int(i % 3 == 0) for i in range(24)],
            "sleep": [float((11 * i) % 13) for i in range(24)],
            "trial": ["t", "t", "t", "u", "u", "u"] * 4,
        }
    )
    return frame.assign(**columns)


TWO = {"arm": "arm", "reference": "a"}
# Verbs whose reference is no choice, each with what it needs.
COMPARING = {
    "ancova": {"outcome": "pain", **TWO},
    "model_terms": {"outcome": "pain", **TWO},
    "model_coefficients": {"outcome": "pain", **TWO},
    "model_diagnostics": {"outcome": "pain", **TWO},
    "pooled_trials": {"outcome": "pain", "trial": "trial", **TWO},
    "mediation": {"outcome": "pain", "mediators": ["sleep"], "interval": "delta", **TWO},
    "logistic": {"response": "better", **TWO},
    "proportional_odds": {"outcome": "level", **TWO},
    "mean_difference": {"outcome": "pain", **TWO},
    "multiple_comparisons": {"outcome": "pain", **TWO},
    "rank_sum": {"outcome": "pain", **TWO},
    "brunner_munzel": {"outcome": "pain", **TWO},
    "effect_size": {"outcome": "pain", **TWO},
    "bayes_factor": {"outcome": "pain", **TWO},
    "permutation_test": {"outcome": "pain", "seed": 1, **TWO},
    "bootstrap_difference": {"outcome": "pain", "seed": 1, **TWO},
    "equivalence": {"outcome": "pain", "margin_low": -1, "margin_high": 1, **TWO},
    "baseline_balance": {"baseline": "base", **TWO},
}
MODELS = [name for name in COMPARING if "covariates" in signature(getattr(tk, name)).parameters]
every_verb = pytest.mark.parametrize("verb", COMPARING)
every_model = pytest.mark.parametrize("verb", MODELS)


def said(verb: str, frame: object, **options: object) -> str:
    """Return what a verb says of an input that it refuses."""
    with pytest.raises((tk.SpecificationError, tk.DataError)) as refusal:
        getattr(tk, verb)(frame, **COMPARING[verb] | options)
    message = str(refusal.value)
    assert "\x1b" not in message
    return message


@every_verb
@pytest.mark.parametrize("reference", [None, 1, ["a"], "c", ""], ids=repr)
def test_a_reference_is_one_of_the_arms(verb: str, reference):
    message = said(verb, people(), reference=reference)

    assert "reference: expected one of the arms a, b" in message
    assert repr(reference) in message


def test_an_arm_coded_as_a_number_is_named_as_text():
    frame = people(arm=[1, 2] * 12)

    assert said("ancova", frame, reference=1).endswith("found 1; name it as text")
    assert tk.ancova(frame, **COMPARING["ancova"] | {"reference": "1"}).estimates


@every_verb
@pytest.mark.parametrize("contrasts", [5, [], [5], [None], "each", ["b - c"], {"b": "a"}], ids=repr)
def test_contrasts_are_a_family_or_a_list_of_texts(verb: str, contrasts):
    if "contrasts" not in signature(getattr(tk, verb)).parameters:
        return
    assert said(verb, people(), contrasts=contrasts).startswith("contrasts: expected")


@every_verb
@pytest.mark.parametrize("level", ["0.95", None, 0, 1, 95, -0.1, float("nan"), [0.95]], ids=repr)
def test_a_confidence_level_is_a_number(verb: str, level):
    if "conf_level" not in signature(getattr(tk, verb)).parameters:
        return
    assert said(verb, people(), conf_level=level).startswith("conf_level: expected a number in")


@pytest.mark.parametrize("option", ["weights", "model", "vcov", "adjust"])
@pytest.mark.parametrize("word", ["", 5, ["HC3"], "?"], ids=repr)
def test_a_word_is_one_of_its_vocabulary(option: str, word):
    assert said("ancova", people(), **{option: word}).startswith(f"{option}: expected one of ")


@every_verb
@pytest.mark.parametrize("frame", [{"pain": [1.0]}, [1.0], None, "pain.csv"], ids=repr)
def test_the_records_are_a_frame(verb: str, frame):
    assert said(verb, frame).startswith("frame: expected a pandas DataFrame, found ")


@every_verb
def test_a_column_stands_once(verb: str):
    frame = people()
    twice = pd.concat([frame, frame], axis=1)

    assert "more than once" in said(verb, twice)


@every_verb
@pytest.mark.parametrize("name", [None, 0, ["arm"], ("arm",)], ids=repr)
def test_a_column_is_named_by_text(verb: str, name):
    frame = people().rename(columns={"base": 0})

    assert f"names of columns as text, found {name!r}" in said(verb, frame, arm=name)


@pytest.mark.parametrize("trial", [None, 5, "nowhere"], ids=repr)
def test_a_trial_is_a_column(trial):
    assert repr(trial) in said("pooled_trials", people(), trial=trial)


@every_model
@pytest.mark.parametrize(
    ("covariates", "found"),
    [
        ("", "an empty text"),
        ("  ", "an empty text"),
        (None, "found None"),
        (5, "found 5"),
        (["base"], "expected one text"),
        ("base +", "cannot be read"),
        ("base + `arm", "another sign or a call"),
    ],
)
def test_covariates_are_one_text(verb: str, covariates, found: str):
    assert found in said(verb, people(), covariates=covariates)


@every_model
@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_an_infinite_covariate_is_refused(verb: str, value: float):
    frame = people()
    frame.loc[3, "base"] = value

    assert "base: expected finite numbers, found 1 infinite" in said(verb, frame, covariates="base")


@every_model
@pytest.mark.parametrize(("factor", "size"), [(1e200, "large"), (1e-200, "small")])
def test_a_covariate_beyond_squares_is_refused(verb: str, factor: float, size: str):
    frame = people(base=people()["base"] * factor)

    assert f"values too {size} to be squared" in said(verb, frame, covariates="base")


@every_model
def test_a_covariate_of_mixed_values_is_refused(verb: str):
    frame = people(base=[1, "x"] * 12)

    assert "values of one kind to make categories of, found int, str" in said(
        verb, frame, covariates="base"
    )


@every_model
def test_a_complex_covariate_is_refused(verb: str):
    frame = people(base=people()["base"] + 1j)

    assert "base: expected numbers, found complex values" in said(verb, frame, covariates="base")


@every_model
def test_an_arm_with_a_backtick_is_refused(verb: str):
    frame = people().rename(columns={"arm": "a`rm"})

    assert "cannot enter a model; rename it" in said(verb, frame, arm="a`rm")


NUMBERS = [name for name in COMPARING if COMPARING[name].get("outcome") == "pain"]


@pytest.mark.parametrize("verb", NUMBERS)
@pytest.mark.parametrize(
    ("factor", "size"), [(1e200, "large"), (1e-160, "small"), (1e-170, "small"), (1e-320, "small")]
)
def test_an_outcome_beyond_squares_is_refused(verb: str, factor: float, size: str):
    frame = people(pain=people()["pain"] * factor)

    assert f"values too {size} to be squared" in said(verb, frame)


@pytest.mark.parametrize("verb", NUMBERS)
def test_a_complex_outcome_is_refused(verb: str):
    frame = people(pain=people()["pain"] + 1j)

    assert "pain: expected numbers, found complex values" in said(verb, frame)


@pytest.mark.parametrize(
    ("arms", "counted"),
    [
        ([1.0, None, 2.0, None, *[1.0, 2.0] * 10], "1 in 1.0; 2 in no arm"),
        (["a", None, 2, None, *["a", 2] * 10], "1 in a; 2 in no arm"),
        (pd.Categorical(["a", None, "b", None, *["a", "b"] * 10]), "1 in a; 2 in no arm"),
        (pd.array([1, None, 2, None, *[1, 2] * 10], dtype="Int64"), "1 in 1; 2 in no arm"),
    ],
    ids=["numbers", "mixed", "categories", "whole numbers"],
)
def test_people_without_an_arm_and_an_outcome_are_counted(arms, counted: str):
    pain = [None, None, 3.0, 4.0, *people()["pain"][4:]]
    frame = people(arm=arms, pain=pain)

    result = tk.one_way(frame, outcome="pain", arm="arm")

    assert result.notes[0].startswith(f"3 of 24 records left out as incomplete ({counted})")


def test_an_infinite_moderator_is_refused():
    trials = pd.DataFrame(
        {
            "trial": list("tuvwx"),
            "estimate": [0.1, 0.3, 0.2, 0.5, 0.4],
            "error": [0.1, 0.2, 0.1, 0.2, 0.1],
            "weeks": [4.0, 8.0, float("inf"), 6.0, 12.0],
        }
    )

    with pytest.raises(tk.DataError, match="weeks: expected finite numbers, found 1 infinite"):
        tk.meta_analysis(
            trials, estimate="estimate", std_error="error", trial="trial", moderators="weeks"
        )
