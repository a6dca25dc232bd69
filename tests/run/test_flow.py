"""The flow of people: what the data show is counted, what is declared must add up."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.cli import main
from trialkit.dataset.new_study import write_new_study
from trialkit.errors import SpecificationError
from trialkit.present.diagnostics import diagnostic_sentences
from trialkit.result.flow import people_at
from trialkit.result.study_results import StudyResults, read_results
from trialkit.run.flow import declared_counts
from trialkit.run.flow_arithmetic import flow_findings
from trialkit.run.study import run_study
from trialkit.study.read import read_study
from trialkit.study.specification import DeclaredFlow
from trialkit.study.study import Study
from visit_trial import MMRM, participants
from visit_trial import STUDY as VISIT_STUDY

FLOW = """
[flow]
assessed = 20
not_entered = [{ reason = "no pain", n = 5 }, { n = 3 }]
entered = 12
source = "the trial's log"

[[flow.arm]]
arm = "breathing"
allocated = 6
received = 5
not_received = [{ reason = "moved away", n = 1 }]
discontinued = [{ reason = "tired of it", n = 2 }]
lost = []
analysed = 6

[[flow.arm]]
arm = "mindfulness"
allocated = 6
lost = [{ reason = "moved away", n = 1 }]
left_out = []
analysed = 5
"""


def run(folder: Path, flow: str = FLOW, *, study: str = STUDY, data: str = DATA) -> StudyResults:
    return run_study(write_trial(folder, study=study + flow, data=data), articles=())


def people(results: StudyResults, step: Any, *, source: Any = None) -> dict[str, int | None]:
    """Return the people of each arm at a step."""
    return {
        arm.id: people_at(results.flow, step, arm=arm.id, source=source)
        for arm in results.study.arm
    }


def refused(folder: Path, flow: str, **texts: str) -> str:
    with pytest.raises(SpecificationError, match="does not add up") as caught:
        run(folder, flow, **texts)
    return str(caught.value)


def test_the_data_are_counted_from_the_arms_to_the_analysis(tmp_path: Path):
    results = run(tmp_path, "")

    assert people(results, "in_data") == {"breathing": 6, "mindfulness": 6}
    assert people(results, "lost") == {"breathing": 0, "mindfulness": 1}
    assert people(results, "outside_population") == {"breathing": 0, "mindfulness": 0}
    assert people(results, "incomplete") == {"breathing": 0, "mindfulness": 0}
    assert people(results, "analysed") == {"breathing": 6, "mindfulness": 5}
    assert {count.source for count in results.flow} == {"counted"}


def test_who_is_outside_the_population_or_lacks_a_baseline_is_left_out(tmp_path: Path):
    women = 'label = "Women"\nwhere = [{ column = "sex", operator = "==", value = "f" }]'
    study = replaced(STUDY, 'label = "Everyone randomised"', women)
    data = replaced(DATA, "p01,0,6,5,f", "p01,0,NA,5,f")
    for person in ("p02,0,7,7", "p04,0,8,6", "p08,1,7,4"):
        data = replaced(data, f"{person},m", f"{person},f")

    results = run(tmp_path, "", study=study, data=data)

    assert people(results, "outside_population") == {"breathing": 1, "mindfulness": 2}
    assert people(results, "incomplete") == {"breathing": 1, "mindfulness": 0}
    assert people(results, "analysed") == {"breathing": 4, "mindfulness": 3}
    assert people(results, "lost") == {"breathing": 0, "mindfulness": 1}


def test_labels_that_are_alike_do_not_mix_up_who_they_count(tmp_path: Path):
    women = 'where = [{ column = "sex", operator = "==", value = "f" }]'
    second = f'[[population]]\nid = "women"\nlabel = "randomised"\n{women}\n\n[[estimand]]'
    study = replaced(STUDY, 'label = "Everyone randomised"', 'label = "randomised"')

    results = run(tmp_path, "", study=replaced(study, "[[estimand]]", second))

    assert people(results, "in_data") == {"breathing": 6, "mindfulness": 6}
    counted = [count.n_subjects for count in results.flow if count.step == "population"]
    assert counted == [6, 6, 3, 3]
    (said,) = (
        sentence
        for sentence in diagnostic_sentences(results, results.find_record("primary"))
        if "of its population" in sentence
    )
    assert said.startswith("1 of the 12 people of its population")


def test_who_is_lost_and_counts_as_not_reached_is_analysed(tmp_path: Path):
    study = replaced(STUDY, 'role = "main"\n', "")
    study = replaced(
        study, 'missing_as = "observed"', 'missing_as = "non_responder"\nrole = "main"'
    )

    results = run(tmp_path, "", study=study)

    assert people(results, "lost_and_analysed") == {"breathing": 0, "mindfulness": 1}
    assert people(results, "analysed") == {"breathing": 6, "mindfulness": 6}


def test_a_model_of_visits_analyses_everyone_with_a_value_at_one_of_them(tmp_path: Path):
    folder = write_trial(tmp_path, study=VISIT_STUDY + MMRM, data=participants())
    results = run_study(folder, articles=())

    together = results.find_record("visits").result
    assert together is not None
    (total,) = [item.value for item in together.fit if item.name == "n_subjects"]
    analysed, lost = people(results, "analysed"), people(results, "lost")
    assert sum(n or 0 for n in analysed.values()) == total
    assert any(lost.values())
    for arm in analysed:
        whole = people_at(results.flow, "in_data", arm=arm) or 0
        out = people_at(results.flow, "outside_population", "incomplete", arm=arm) or 0
        kept = people_at(results.flow, "lost_and_analysed", arm=arm) or 0
        assert analysed[arm] == whole - (lost[arm] or 0) - out + kept


def test_what_is_declared_stands_before_what_is_counted(tmp_path: Path):
    results = run(tmp_path)

    assert people(results, "lost") == {"breathing": 0, "mindfulness": 1}
    assert people(results, "lost", source="declared") == {"breathing": 0, "mindfulness": 1}
    assert people_at(results.flow, "not_entered") == 8
    assert people(results, "received") == {"breathing": 5, "mindfulness": None}
    assert people_at(results.flow, "not_entered", arm="breathing") is None
    results.write(tmp_path / "results.json")
    assert read_results(tmp_path / "results.json").flow == results.flow


# What is broken, and what the refusal says of it: the counts, and what they should be.
WRONG = {
    "entered": (
        "entered = 12",
        "entered = 10",
        [
            "flow.entered: expected 20 assessed − 8 who did not enter = 12, found 10 entered",
            "flow.arm: expected arms of 10 people, all who entered, found 6 + 6 = 12 allocated",
            "expected 12 people in the data + 0 not in the data = 12, found 10 entered",
        ],
    ),
    "exclusions": (
        "n = 5 }",
        "n = 4 }",
        ["flow.entered: expected 20 assessed − 7 who did not enter = 13, found 12 entered"],
    ),
    "more excluded than assessed": (
        "n = 5 }",
        "n = 50 }",
        ["flow.not_entered: expected at most the 20 assessed, found 53 who did not enter"],
    ),
    "arms": (
        'arm = "mindfulness"\nallocated = 6',
        'arm = "mindfulness"\nallocated = 7',
        [
            "flow.arm: expected arms of 12 people, all who entered, found 6 + 7 = 13 allocated",
            "flow.arm[1] (mindfulness).analysed: expected 7 allocated − 1 lost − 0 left out = 6",
            "flow.arm[1] (mindfulness).allocated: expected 6 people, as the data show, found 7",
        ],
    ),
    "received": (
        "received = 5",
        "received = 6",
        ["(breathing).received: expected 6 allocated − 1 who did not receive it = 5, found 6"],
    ),
    "stopped": (
        "n = 2 }",
        "n = 6 }",
        ["(breathing).discontinued: expected at most the 5 who received it, found 6 who stopped"],
    ),
    "analysed": (
        "analysed = 6",
        "analysed = 4",
        [
            "(breathing).analysed: expected 6 allocated − 0 lost − 0 left out = 6, found 4",
            "(breathing).analysed: expected 6 people, as the data show, found 4 declared",
        ],
    ),
    "lost": (
        "lost = []",
        "lost = [{ n = 7 }]",
        [
            "(breathing).lost: expected at most the 6 allocated to be lost or left out, found 7",
            "flow.arm[0] (breathing).lost: expected 0 people, as the data show, found 7 declared",
        ],
    ),
    "kept": (
        "left_out = []",
        "left_out = []\nlost_and_analysed = 2",
        [
            "(mindfulness).lost_and_analysed: expected at most the 1 lost, found 2 lost",
            "6 allocated − 1 lost − 0 left out + 2 lost and analysed = 7, found 5 analysed",
            "(mindfulness).lost_and_analysed: expected 0 people, as the data show, found 2",
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_sum_that_is_wrong_is_refused_with_its_counts(
    tmp_path: Path, old: str, new: str, said: list[str]
):
    message = refused(tmp_path, replaced(FLOW, old, new))

    for part in said:
        assert part in message
    assert len(message.splitlines()) == 1 + len(said)


@pytest.mark.parametrize("command", ["check", "run"])
def test_all_wrong_sums_are_listed_at_once_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
):
    flow = FLOW
    for name in ("exclusions", "received", "analysed", "arms"):
        old, new, _ = WRONG[name]
        flow = replaced(flow, old, new)
    write_trial(tmp_path / "mine", study=STUDY + flow, data=DATA)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["trialkit", command, "mine"])

    with pytest.raises(SystemExit) as left:
        main()

    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.out == ""
    for name in ("exclusions", "received", "analysed", "arms"):
        assert all(part in printed.err for part in WRONG[name][2])
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ('[flow]\n[[flow.arm]]\narm = "nobody"\n', "flow.arm[0].arm: expected the id of an arm"),
        (
            '[flow]\n[[flow.arm]]\narm = "breathing"\n[[flow.arm]]\narm = "breathing"\n',
            "flow.arm.arm: expected each arm once, found 'breathing' 2 times",
        ),
        ("[flow]\nassessed = -1\n", "flow.assessed: expected greater than or equal to 0, found -1"),
        ("[flow]\nnot_entered = [{ n = -2 }]\n", "flow.not_entered[0].n"),
        ('[flow]\n[[flow.arm]]\narm = "breathing"\nlost = 4\n', "flow.arm[0].lost"),
    ],
)
def test_a_flow_that_names_no_arm_or_counts_below_zero_is_not_read(
    tmp_path: Path, flow: str, said: str
):
    folder = write_trial(tmp_path, study=f"{STUDY}\n{flow}", data=DATA)

    with pytest.raises(SpecificationError) as caught:
        read_study(folder)

    assert said in str(caught.value)


def test_people_who_are_not_in_the_data_are_counted_beside_them(tmp_path: Path):
    flow = "[flow]\nassessed = 15\nentered = 14\nnot_entered = [{ n = 1 }]\n"
    absent = 'not_in_data = [{ reason = "asked to be left out", n = 2 }]\n'

    assert people_at(run(tmp_path / "all", flow + absent).flow, "not_in_data") == 2
    message = refused(tmp_path / "less", flow)
    assert "expected 12 people in the data + 0 not in the data = 12, found 14 entered" in message


def test_an_arm_may_have_lost_people_to_the_data_but_not_more(tmp_path: Path):
    flow = (
        "[flow]\nentered = 14\nnot_in_data = [{ n = 2 }]\n"
        '[[flow.arm]]\narm = "breathing"\nallocated = 8\n'
    )

    assert people(run(tmp_path / "all", flow), "allocated")["breathing"] == 8
    message = refused(tmp_path / "more", replaced(flow, "allocated = 8", "allocated = 9"))
    assert "flow.arm[0] (breathing).allocated: expected 6 to 8 people, as the data show" in message


def test_the_flow_of_a_first_study_file_can_be_taken_up(tmp_path: Path):
    (tmp_path / "people.csv").write_text(DATA)
    write_new_study(tmp_path / "new", tmp_path / "people.csv")
    text = (tmp_path / "new" / "study.toml").read_text()
    taken_up = text[text.index("# [flow]") : text.index("\n[[arm]]")].replace("# ", "")
    taken_up = taken_up.replace("without the outcome", "# without the outcome")

    flow = DeclaredFlow.model_validate(tomllib.loads(taken_up)["flow"])

    assert [arm.arm for arm in flow.arm] == re.findall(r'^id = "(.*)"$', text, re.MULTILINE)[1:3]
    assert flow.assessed == 0


def single_arm(flow: str) -> str:
    study = replaced(STUDY, 'design = "parallel"', 'design = "pre_post"')
    study = replaced(study, "randomised = true", "randomised = false")
    study = replaced(study, 'arm = "arm"\n', "")
    first = study.index("[[arm]]")
    study = study[:first] + study[study.index("[[arm]]", first + 1) :]
    study = replaced(study, 'reference = "breathing"\n', "")
    study = replaced(study, 'method = "ancova"\ncovariates = "BASE"', 'method = "paired_change"')
    return study[: study.index('[[analysis]]\nid = "responders"')] + (
        f'[multiplicity.confirmatory]\nprocedure = "holm"\n{flow}'
    )


def test_one_arm_adds_up_as_several_do(tmp_path: Path):
    flow = (
        "[flow]\nassessed = 30\nnot_entered = [{ n = 18 }]\n"
        '[[flow.arm]]\narm = "mindfulness"\nallocated = 12\nlost = [{ n = 1 }]\nanalysed = 11\n'
    )

    results = run(tmp_path / "sound", "", study=single_arm(flow))
    assert people(results, "analysed", source="counted") == {"mindfulness": 11}
    message = refused(tmp_path / "wrong", "", study=single_arm(replaced(flow, "= 30", "= 31")))
    assert "expected 31 assessed − 18 who did not enter = 13, found 12 entered" in message


def test_arms_that_chance_did_not_form_add_up_too(tmp_path: Path):
    study = replaced(STUDY, "randomised = true", "randomised = false")

    assert people(run(tmp_path / "sound", study=study), "in_data")["breathing"] == 6
    broken = replaced(FLOW, "allocated = 6\nreceived", "allocated = 5\nreceived")
    assert "found 5 + 6 = 11 allocated" in refused(tmp_path / "wrong", broken, study=study)


def test_simulated_participants_are_not_held_against_a_real_flow(tmp_path: Path):
    study = replaced(STUDY, 'missing = ["", "NA"]', 'missing = ["", "NA"]\nsimulated = true')
    flow = "[flow]\nassessed = 900\nnot_entered = [{ n = 700 }]\nentered = 200\n"

    assert people_at(run(tmp_path / "sound", flow, study=study).flow, "entered") == 200
    message = refused(tmp_path / "wrong", replaced(flow, "= 200", "= 201"), study=study)
    assert "expected 900 assessed − 700 who did not enter = 200, found 201 entered" in message
    assert len(message.splitlines()) == 2


@st.composite
def sound_flows(draw: st.DrawFn) -> dict[str, Any]:
    """Return a declared flow whose every sum is right."""
    few = st.integers(0, 9)
    arms = []
    for name in ("breathing", "mindfulness"):
        not_received, lost, left_out, stopped = (draw(few) for _ in range(4))
        kept = draw(st.integers(0, lost))
        received = draw(st.integers(max(stopped, lost + left_out), 60))
        allocated = received + not_received
        arms.append(
            {
                "arm": name,
                "allocated": allocated,
                "received": received,
                "not_received": [{"n": not_received}],
                "discontinued": [{"n": stopped}],
                "lost": [{"n": lost}],
                "left_out": [{"n": left_out}],
                "lost_and_analysed": kept,
                "analysed": allocated - lost - left_out + kept,
            }
        )
    entered = sum(arm["allocated"] for arm in arms)
    out = draw(st.lists(few, min_size=1, max_size=4))
    return {
        "assessed": entered + sum(out),
        "entered": entered,
        "not_entered": [{"n": n} for n in out],
        "arm": arms,
    }


def places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every count of a flow, those apart that are only bounded."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list):
            yield from places(value, (*way, key))
        elif isinstance(value, int) and "discontinued" not in way:
            yield (*way, key)


def findings_of(study: Study, flow: dict[str, Any]) -> list[Any]:
    declared = DeclaredFlow.model_validate(flow)
    changed = study.model_copy(update={"flow": declared})
    return flow_findings(changed, tuple(declared_counts(changed)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(write_trial(tmp_path_factory.mktemp("flow"), study=STUDY, data=DATA))


@given(flow=sound_flows(), data=st.data())
def test_a_sound_flow_passes_and_one_person_more_anywhere_does_not(
    small: Study, flow: dict[str, Any], data: st.DataObject
):
    assert findings_of(small, flow) == []

    *way, last = data.draw(st.sampled_from(list(places(flow))))
    part = flow
    for key in way:
        part = part[key]
    part[last] += 1
    assert findings_of(small, flow)
