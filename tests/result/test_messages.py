"""What a text was made of outlives the file, so that a report can say it in its language."""

from dataclasses import replace

import pytest

from trial_folder import write_trial
from trialkit.language.speech import say_again, speaking
from trialkit.language.told import Told, tell, tell_count, tell_list
from trialkit.result.messages import remembering, stored_messages, told_in
from trialkit.result.study_results import read_results
from trialkit.run.study import run_study


@pytest.fixture
def told():
    by_arm = tell_list(
        [tell("{n} in {arm}", n=n, arm=arm) for n, arm in ((1, "a"), (2, "b"))], "; "
    )
    return tell_count(3, "{n} record ({arms})", "{n} records ({arms})", arms=by_arm)


def test_a_told_text_is_its_english(told):
    assert told == "3 records (1 in a; 2 in b)"
    assert f"{told}." == "3 records (1 in a; 2 in b)."
    assert {told: 1}["3 records (1 in a; 2 in b)"] == 1
    assert told.count("in") == 2


def test_a_told_text_is_said_again_with_labels_and_another_plural(told):
    again = say_again(told, {"a": "the first", "b": "the second"})

    assert again == "3 records (1 in the first; 2 in the second)"


def test_a_text_that_remembers_nothing_is_said_as_it_is():
    assert say_again("3 in a", {"a": "the first"}) == "3 in a"


def test_numbers_have_the_decimal_mark_of_the_language():
    told = tell("{low:.2f} to {high:g} ({level:.1%})", low=-0.5, high=1.5, level=0.975)

    with speaking("de"):
        assert say_again(told) == "-0,50 to 1,5 (97,5%)"


def test_messages_are_stored_inner_ones_first_and_once(told):
    stored = stored_messages((told, told, "plain"))

    assert [item.text for item in stored] == ["1 in a", "2 in b", "1 in a; 2 in b", str(told)]


def test_a_list_of_one_and_a_message_of_one_place_keep_what_they_hold():
    inner = tell("adjusted for {column}", column="BASE")

    for outer in (tell_list([inner]), tell("{covariates}", covariates=inner)):
        again = remembering((str(outer),), stored_messages((outer,)))[0]

        assert say_again(again, {"BASE": "pain before"}) == "adjusted for pain before"


def test_results_remember_again(told):
    plain = (str(told), ("1 in a", "other"))
    known = stored_messages((told,))

    again = remembering(plain, known)

    assert again == plain
    assert isinstance(again[0], Told)
    assert isinstance(again[1][0], Told)
    assert not isinstance(again[1][1], Told)
    assert stored_messages(again)[-1] == known[-1]
    assert again[0].values["arms"].parts[0].values == {"n": 1, "arm": "a"}


def test_a_results_file_remembers_its_notes(tmp_path, told):
    study = write_trial(tmp_path / "study")
    limit = tell("up to {high:g}", high=float("inf"))
    results = replace(run_study(study, articles=()), notes=(told, limit))
    path = results.write(tmp_path / "results.json")

    again = read_results(path)

    assert again == results
    assert say_again(again.notes[0], {"a": "the first"}) == "3 records (1 in the first; 2 in b)"
    assert say_again(again.notes[1]) == "up to inf"
    assert again.to_json() == path.read_text(encoding="utf-8")
    assert again.messages == ()
    assert any(told_in(again))
