"""Harms by arm are counted as the plan lists them, and silence about them is said."""

from dataclasses import replace
from typing import Any

import pytest

from report import variants
from trial_folder import STUDY, replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.present.harms import harms_sentences, harms_table, silence
from trialkit.result.study_results import StudyResults
from trialkit.study.read import read_study
from trialkit.study.reporting import Harm

HARM = """
[[harm]]
label = "Dizziness"
people = { breathing = 1, mindfulness = 0 }
source = "Diaries"
"""


def harm(label: str, mind: int, breath: int, **changes: Any) -> Harm:
    people = {"mind": mind, "breath": breath}
    return Harm(**({"label": label, "people": people, "source": "Diaries"} | changes))


def with_harms(*harms: Harm) -> StudyResults:
    results = variants.with_header(variants.real(), harms="collected")
    return replace(results, study=results.study.model_copy(update={"harm": harms}))


LISTED = (
    harm("Dizziness", 3, 1),
    harm("Hospital stay", 1, 0, serious=True),
    harm("Any harm at all", 4, 1, covers="any"),
    harm("Serious harm", 1, 0, covers="any_serious"),
)


def test_any_harm_stands_before_each_kind_of_all_people_of_the_arm():
    table = harms_table(with_harms(*LISTED))

    assert [row[:2] for row in table.rows] == [
        ("Any harm at all", "–"),
        ("Serious harm", "yes"),
        ("Dizziness", "–"),
        ("Hospital stay", "yes"),
    ]
    assert table.rows[2][2:] == ("3/17 (17.6\u00a0%)", "1/20 (5.0\u00a0%)")
    assert table.footnotes[-1] == "Read in: Diaries."


def test_the_people_asked_may_be_fewer_than_the_arm():
    (row,) = harms_table(with_harms(harm("Rash", 3, 1, of={"mind": 12}))).rows

    assert row[2:] == ("3/12 (25.0\u00a0%)", "1/20 (5.0\u00a0%)")


def test_an_arm_that_nobody_counted_is_not_called_free_of_harm():
    rash = Harm(label="Rash", covers="any", people={"mind": 2}, source="Diaries")
    results = with_harms(rash)

    assert harms_table(results).rows[0][3] == "–"
    (said,) = harms_sentences(results)
    assert "not stated for slow breathing" in said


def test_page_one_has_people_with_any_and_with_a_serious_harm():
    any_harm, serious = harms_sentences(with_harms(*LISTED), ("mind", "breath"))

    assert any_harm.replace("\u00a0", " ") == (
        "Any harm: 4 of 17 (23.5 %) with mindfulness and 1 of 20 (5.0 %) with slow breathing."
    )
    assert serious.replace("\u00a0", " ") == (
        "Any serious harm: 1 of 17 (5.9 %) with mindfulness and 0 of 20 (0.0 %) with slow "
        "breathing."
    )


def test_kinds_of_harm_are_never_added_up():
    (said,) = harms_sentences(with_harms(*LISTED[:2]))

    assert said == (
        "2 kinds of harm are counted by arm further on; how many people had any harm is not stated."
    )


def test_silence_ends_where_harms_are_listed():
    assert silence(with_harms()) == "Harms were collected, and the plan lists none of them."
    assert silence(with_harms(*LISTED)) is None


def test_harms_of_a_study_are_read(tmp_path):
    text = replaced(STUDY, "randomised = true", 'randomised = true\nharms = "collected"')
    study = read_study(write_trial(tmp_path, study=text + HARM))

    assert study.harm[0].people == {"breathing": 1, "mindfulness": 0}


@pytest.mark.parametrize(
    ("header", "entry", "said"),
    [
        ('harms = "not_collected"', HARM, "'collected' beside entries of harm"),
        ("", HARM, "'collected' beside entries of harm"),
        (
            'harms = "collected"',
            HARM.replace("mindfulness", "mindfullness"),
            "harm[0].people",
        ),
        (
            'harms = "collected"',
            HARM + "of = { breathing = 0 }",
            "1 people of 0 in arm 'breathing'",
        ),
        (
            'harms = "collected"',
            2 * (HARM + 'covers = "any"\n'),
            "'any' once",
        ),
        (
            'harms = "collected"',
            HARM + 'covers = "any_serious"\nserious = false',
            "goes with serious = true",
        ),
        ('harms = "collected"', HARM.replace('source = "Diaries"', ""), "harm[0].source"),
        ('harms = "collected"', HARM.replace("= 1,", "= -1,"), "harm[0].people"),
    ],
    ids=[
        "not collected",
        "not said",
        "arm",
        "more than all",
        "twice",
        "serious",
        "source",
        "minus",
    ],
)
def test_harms_that_cannot_be_are_refused(tmp_path, header: str, entry: str, said: str):
    text = replaced(STUDY, "randomised = true", f"randomised = true\n{header}")

    with pytest.raises(SpecificationError) as caught:
        read_study(write_trial(tmp_path, study=text + entry))

    assert said in str(caught.value)
