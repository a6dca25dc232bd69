"""A stored message is used only if it makes its text; any other file is refused, and at once."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trial_folder import write_trial
from trialkit.errors import SpecificationError
from trialkit.language.speech import say_again, speaking
from trialkit.language.told import Told, tell, tell_count, tell_list
from trialkit.result.made import impossible_messages
from trialkit.result.messages import StoredMessage, remembering, stored_messages
from trialkit.result.study_results import StudyResults, read_results
from trialkit.run.study import run_study

EXPECTED = {
    "text": "a text that is not empty",
    "inner": "inner texts that are stored before",
    "kind": "either messages with their values",
    "count": "one message, or one and many",
    "places": "messages whose places are names",
    "made": "that give the text",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    return run_study(write_trial(tmp_path_factory.mktemp("made")), articles=())


def message(text: str = "2 in a", **changes: Any) -> dict[str, Any]:
    return {
        "text": text,
        "messages": ["{n} in {arm}"],
        "values": {"n": 2, "arm": "a"},
        **changes,
    }


FORGED = [
    pytest.param(message(""), "text", id="no text"),
    pytest.param(message(values={"n": 2}), "places", id="no value"),
    pytest.param(message(values={}), "made", id="no values"),
    pytest.param(message(values={"n": "two", "arm": "a"}), "made", id="another value"),
    pytest.param(message(messages=["{n:>1000000000} in {arm}"]), "places", id="width"),
    pytest.param(message(messages=["{n:.1000000000f} in {arm}"]), "places", id="decimals"),
    pytest.param(message(messages=["{n:{n}} in {arm}"]), "places", id="nested"),
    pytest.param(message(messages=["{n:g} in {arm:g}"]), "places", id="a name as number"),
    pytest.param(message(messages=["{n.__class__} in {arm}"]), "places", id="attribute"),
    pytest.param(message(messages=["{n} in {arm[0]}"]), "places", id="item"),
    pytest.param(message(messages=["{n} in {arm!a}"]), "places", id="conversion"),
    pytest.param(message(messages=["{n} in {}"]), "places", id="no name"),
    pytest.param(message(messages=["{n} in {arm"]), "places", id="open place"),
    pytest.param(message(messages=["{n} of {arm}"]), "made", id="another message"),
    pytest.param(message(messages=["{n} in {arm}"] * 2), "count", id="two without a number"),
    pytest.param(message(number=2), "count", id="one with a number"),
    pytest.param(message(messages=["{n} in {arm}", "{x}"], number=1), "places", id="many"),
    pytest.param(message(parts=["2 in a"]), "count", id="both"),
    pytest.param(message(messages=[], parts=["2 in a"]), "kind", id="parts and values"),
    pytest.param(message(messages=[], values={}), "kind", id="neither"),
    pytest.param(message(messages=[], values={}, parts=["2", "a"]), "made", id="parts"),
    pytest.param(message(inner=["arm"]), "inner", id="inner text that is not there"),
    pytest.param(message(inner=["n"]), "inner", id="inner number"),
    pytest.param(message(inner=["7"]), "inner", id="inner part that is not there"),
]


@pytest.mark.parametrize(("forged", "fault"), FORGED)
def test_a_forged_message_is_refused(
    forged: dict[str, Any], fault: str, results: StudyResults, tmp_path: Path
):
    path = tmp_path / "results.json"
    content = json.loads(results.to_json())
    path.write_text(json.dumps({**content, "messages": [forged]}), encoding="utf-8")

    with pytest.raises(SpecificationError, match="messages that do not make their texts") as caught:
        read_results(path)

    (finding,) = caught.value.findings
    assert finding.where == "messages[0]"
    assert EXPECTED[fault] in finding.expected


def test_a_text_that_stands_twice_or_after_what_holds_it_is_refused():
    inner = StoredMessage(text="x", messages=("x",))
    outer = StoredMessage(text="x!", messages=("{x}!",), values={"x": "x"}, inner=("x",))

    assert impossible_messages([inner, outer]) == []
    assert [item.where for item in impossible_messages([outer, inner])] == ["messages[0]"]
    assert [item.where for item in impossible_messages([inner, inner])] == ["messages[1]"]


def test_texts_inside_one_another_without_end_are_refused():
    chain = [StoredMessage(text="x", messages=("x",))]
    for _ in range(100):
        inner = chain[-1].text
        chain.append(
            StoredMessage(text=f"{inner}x", parts=(inner, "x"), separator="", inner=("0",))
        )

    assert {item.expected for item in impossible_messages(chain)} == {
        "at most 30 texts inside one another"
    }


def test_an_inner_text_that_no_sentence_needs_is_never_said():
    """Else a few short messages, each holding the last one twice, would take for ever."""
    chain = [StoredMessage(text="x", messages=("x",))]
    for at in range(25):
        values = {"a": chain[-1].text, "b": chain[-1].text, "n": 1}
        text = "x" * (at + 2)
        chain.append(
            StoredMessage(
                text=text, messages=(text, "{a}{b}"), number=1, values=values, inner=("a", "b")
            )
        )
    assert impossible_messages(chain) == []

    (again,) = remembering((chain[-1].text,), chain)

    assert say_again(again) == "x" * 26


def test_every_message_of_a_run_makes_its_text(results: StudyResults):
    messages = stored_messages(results)

    assert messages
    assert impossible_messages(messages) == []


def test_a_message_that_would_not_make_its_text_is_not_stored():
    odd = Told.made("2 in a", messages=("{n} in {b}",), values={"n": 2, "a": "a"})

    assert stored_messages((odd,)) == ()


def test_a_name_that_reads_like_a_message_stays_a_name():
    before = tell("before")
    told = tell_list([tell("{n} at {visit}", n=1, visit="before"), before], "; ")

    (again,) = remembering((str(told),), stored_messages((told,)))

    with speaking("de"):
        assert say_again(again, {"before": "Woche 0"}) == say_again(told, {"before": "Woche 0"})
        assert "Woche 0" in say_again(again, {"before": "Woche 0"})


def test_the_order_of_messages_is_that_of_no_file(results: StudyResults, tmp_path: Path):
    """An id that reads like a message is none, and moves none."""
    arm = results.study.arm[0].id
    notes = (*results.notes, tell_count(2, "{n} thing", "{n} things"), tell(arm))
    path = replace(results, notes=notes).write(tmp_path / "results.json")

    again = read_results(path)

    assert again.to_json() == path.read_text(encoding="utf-8")
    assert not any(isinstance(row.arm, Told) for row in again.flow)
    assert isinstance(again.notes[-1], Told)


def test_an_arm_called_infinity_takes_the_place_of_no_limit():
    told = tell("{low:g} to {high:g} in {arm}", low=0.5, high=float("inf"), arm="Infinity")

    (again,) = remembering((str(told),), stored_messages((told,)))

    assert say_again(again, {"Infinity": "the endless arm"}) == "0.5 to inf in the endless arm"
