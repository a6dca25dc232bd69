"""What kind of evidence a study is: badges, limits, strength and design, by rule."""

from dataclasses import replace
from typing import Any

import pytest

from present import sample
from trialkit.present import synopsis, word_choice
from trialkit.result.study_results import FlowCount
from trialkit.study.reporting import Harm
from trialkit.study.study import Study

TWO = sample.two_arms()
ONE = sample.one_arm().study


def with_header(study: Study, **changes: Any) -> Study:
    return study.model_copy(update={"study": study.study.model_copy(update=changes)})


REAL = with_header(TWO.study, data_status="real")


def texts(study: Study, **options: bool) -> list[str]:
    return [text for text, _ in synopsis.badges(study, **options)]


@pytest.mark.parametrize(
    ("changes", "badge", "tone"),
    [
        ({}, "real data", "strength"),
        ({"data_status": "simulated"}, "SIMULATED", "warning"),
        ({"data_status": "published_figures"}, "published figures only", "limit"),
        ({"randomised": True}, "randomised", "strength"),
        ({"randomised": False}, "not randomised", "limit"),
        ({"masking": "none"}, "not masked", "limit"),
        ({"masking": "participants"}, "participants masked", "strength"),
        ({"masking": None}, "masking not stated", "limit"),
        ({"participant_kind": "volunteers"}, "volunteers, not patients", "limit"),
        ({"participant_kind": "patients"}, "patients", "strength"),
        ({"plan_written": "after_data"}, "plan written after the trial", "limit"),
        ({"plan_written": "before_data"}, "plan written before the data", "strength"),
        ({"registered_before_start": True}, "registered before start", "strength"),
        ({"registered_before_start": False}, "registered after start", "limit"),
    ],
)
def test_a_badge_follows_from_the_plan(changes: dict[str, Any], badge: str, tone: str):
    assert (badge, tone) in synopsis.badges(with_header(REAL, **changes))


def test_warnings_come_first_then_strengths_then_limits():
    tones = [tone for _, tone in synopsis.badges(TWO.study)]

    assert tones == sorted(tones, key=["warning", "strength", "limit"].index)


def test_a_single_arm_has_no_comparator_and_is_not_called_unmasked():
    assert "no comparator" in texts(ONE)
    assert not any("mask" in text or "randomised" in text for text in texts(ONE))


def test_stand_ins_take_the_place_of_real_data():
    assert "real data" not in texts(REAL, stand_in=True)
    assert "from published figures: participants not on this machine" in texts(REAL, stand_in=True)


def test_simulated_participants_beside_published_figures_are_named():
    data = REAL.data.model_copy(update={"simulated": True})
    study = with_header(REAL, data_status="published_figures").model_copy(update={"data": data})

    assert texts(study)[0] == "SIMULATED participants"
    assert synopsis.warning(study) == synopsis.PARTLY_SIMULATED_WARNING
    assert synopsis.warning(TWO.study) == synopsis.SIMULATED_WARNING
    assert synopsis.warning(REAL) is None


@pytest.mark.parametrize(
    ("harms", "words"),
    [
        ("not_collected", "about harms: harms were not collected"),
        ("not_in_data", "about harms: harms are not in the data"),
        (None, "about harms: the plan says nothing of them"),
    ],
)
def test_absent_harms_are_said_loudly(harms: str | None, words: str):
    assert synopsis.limits(with_header(REAL, harms=harms))[-1] == (words, True)


def test_harms_that_are_listed_are_no_limit():
    collected = with_header(REAL, harms="collected")
    harm = Harm(label="Nausea", people={"mind": 1}, source="Diaries")
    ((said, loud),) = synopsis.limits(collected)

    assert "the plan lists none of them" in said
    assert loud
    assert synopsis.limits(collected.model_copy(update={"harm": (harm,)})) == ()


def test_the_authors_own_words_on_harms_are_loud_and_not_doubled():
    study = with_header(REAL, harms="not_in_data", limits=("about harms: none is in the file",))

    assert synopsis.limits(study) == (("about harms: none is in the file", True),)


def test_a_design_without_comparator_leaves_the_cause_open():
    cause = "whether the treatment is the cause of any change: nobody was compared"
    assert synopsis.limits(ONE)[0] == (cause, False)

    own = with_header(ONE, limits=("whether it caused anything",))
    assert cause not in [text for text, _ in synopsis.limits(own)]


@pytest.mark.parametrize(
    ("study", "certain", "status", "words"),
    [
        (REAL, True, "real", "the difference can be put down to what was done"),
        (REAL, False, "real", "can neither show nor rule out one"),
        (with_header(REAL, masking="none"), True, "real", "attention and expectation included"),
        (with_header(REAL, randomised=False), True, "real", "Chance did not form the arms"),
        (ONE, True, "real", "Nobody was compared"),
        (TWO.study, True, "simulated", "The numbers are simulated"),
    ],
)
def test_strength_follows_from_design_and_interval(
    study: Study, certain: bool, status: Any, words: str
):
    said = word_choice.strength(study, certain=certain, data_status=status)

    assert words in said
    assert "effect" not in said


def test_the_design_is_told_in_a_sentence():
    assert synopsis.design_sentence(REAL) == (
        "2 arms, formed by chance: mindfulness (experimental) and slow breathing (active "
        "comparator); seen at 3 visits (before, 4 weeks and 8 weeks)."
    )
    assert synopsis.design_sentence(ONE).endswith("nobody was compared.")


def test_families_of_p_values_are_told():
    said = synopsis.multiplicity_sentences(REAL)
    assert said[0].startswith("Family “confirmatory” (2 planned analyses)")
    assert "Holm" in said[0]

    alone = REAL.model_copy(update={"multiplicity": {}})
    assert "unadjusted" in synopsis.multiplicity_sentences(alone)[0]


def test_the_flow_is_told_up_to_the_arms():
    assert synopsis.flow_sentence(TWO) == (
        "61 people assessed; not entered: no pain 24; "
        "randomised: mindfulness 17, slow breathing 20."
    )


def test_simulated_people_are_not_counted_as_studied():
    data = REAL.data.model_copy(update={"simulated": True})
    study = with_header(REAL, data_status="published_figures").model_copy(update={"data": data})

    said = synopsis.flow_sentence(replace(TWO, study=study))
    assert said == "61 people assessed; not entered: no pain 24."


def test_one_person_is_one_person():
    counts = [FlowCount(stage="Assessed", arm=None, n_subjects=1)]

    assert synopsis.stage_words(REAL, counts) == "1 person assessed"


@pytest.mark.parametrize(
    ("covariates", "words"),
    [
        (None, ""),
        ("1", ""),
        ("BASE", "at equal values before treatment"),
        ("BASE + C(sex)", "at equal values before treatment and sex"),
        ("BASE + a + b + c", "at equal values of 4 characteristics"),
    ],
)
def test_an_adjustment_is_told_for_a_clinician(covariates: str | None, words: str):
    analysis = REAL.analysis[0].model_copy(update={"covariates": covariates})

    assert synopsis.adjustment_words(REAL, analysis) == words


@pytest.mark.parametrize(("written", "explores"), [("after_data", True), ("before_data", False)])
def test_a_plan_made_with_the_data_in_hand_confirms_nothing(written: str, explores: bool):
    real = with_header(REAL, plan_written=written)

    said = word_choice.strength(real, certain=True, data_status="real")

    assert ("does not confirm" in said) is explores
