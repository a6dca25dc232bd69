"""No stored figure depends on what the only person of an arm scored, whatever the method."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from run.test_every_method import FIGURES, LEAST, STUDY, each_method, participants, plan
from trial_folder import write_trial
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study
from trialkit.study.method_rules import RULES
from trialkit.terms import VALUE

# The whole file changes with the data, and counts of people say where a person stands; of
# everyone's ranks over visits no part is shown that could be taken away.
ABOUT_ALL = ("fingerprint", "sha256", ".counts", ".cells")
OF_EVERYONE = {"friedman", "mediation"}


def few(people: int, score: float, *, arm: str = "book") -> str:
    """Return the participants with an arm cut down, whose people scored this, one less, ..."""
    head, *rows = (line.split(",") for line in participants().splitlines())
    mine = [row for row in rows if row[1] == arm][:people]
    for place, row in enumerate(mine):
        row[4:7] = ["10", "9", str(score - place)]
    kept = [row for row in rows if row[1] != arm] + mine
    return "\n".join(",".join(row) for row in [head, *kept]) + "\n"


def run(folder: Path, study: str, data: str) -> StudyResults:
    folder.mkdir()
    write_trial(folder, study=study, data=data)
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    return run_study(folder, articles=())


def leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and text of a file with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{where}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from leaves(item, f"{where}[{at}]")
    else:
        yield where, value


def changed(one: StudyResults, other: StudyResults) -> list[str]:
    """Return the places in which two files differ by more than rounding."""
    first, second = (dict(leaves(json.loads(results.to_json()))) for results in (one, other))
    return [
        where
        for where in sorted(first.keys() | second.keys())
        if not any(name in where for name in ABOUT_ALL)
        and not alike(first.get(where), second.get(where))
    ]


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-5, abs=1e-6)
    return bool(one == other)


@each_method
@pytest.mark.parametrize("people", [1, 2])
def test_what_one_or_two_of_a_third_arm_scored_changes_no_figure(
    method: str, people: int, tmp_path: Path
):
    """How far two lie apart changes the spread of residuals; where they lie changes nothing."""
    if not RULES[method].on_participants or method in OF_EVERYONE:
        pytest.skip("printed figures, or figures of everyone")
    study = plan(method).rstrip() + '\nrole = "main"\n'

    pair = [run(tmp_path / str(score), study, few(people, score)) for score in (8.25, 8.75)]

    assert changed(*pair) == []


@pytest.mark.parametrize(
    "method",
    ["one_way", "kruskal_wallis", "model_terms", "repeated_measures_anova", "proportional_odds"],
)
@pytest.mark.parametrize("people", [1, 2])
def test_a_question_about_all_arms_is_not_run_with_an_arm_of_one_or_two(
    method: str, people: int, tmp_path: Path
):
    record = run(tmp_path / "few", plan(method), few(people, 7)).find_record("only")

    assert record.status == "not_run"
    assert record.reason == (
        "fewer than 3 people with a value in book: a test of all arms would show what they scored"
    )


@pytest.mark.parametrize("method", ["ancova", "mmrm", "mixed_model", "model_coefficients"])
def test_tests_of_all_arms_are_left_out_and_noted(method: str, tmp_path: Path):
    whole, part = (
        run(tmp_path / str(people), plan(method), few(people, 7)).find_record("only").result
        for people in (5, 2)
    )

    joint = {row.term for row in whole.estimates if row.quantity == "joint_test"}
    shares = {figure.name for figure in whole.fit if figure.name == "r_squared"}
    assert joint | shares
    assert not [row for row in part.estimates if row.quantity == "joint_test"]
    assert not [figure for figure in part.fit if figure.name == "r_squared"]
    noted = [note for note in part.notes if "all arms together are left out" in note]
    assert len(noted) == 1
    assert not any("all arms together" in note for note in whole.notes)


WITHIN = {
    "paired_change": "",
    "signed_rank": "",
    "sign_flip": "",
    "paired_equivalence": LEAST["paired_equivalence"],
    "paired_bootstrap": LEAST["paired_bootstrap"],
    "paired_bayes_factor": "",
    "percent_change": "",
}


@pytest.mark.parametrize("method", WITHIN)
def test_the_change_of_two_people_is_not_stored(method: str, tmp_path: Path):
    record = run(tmp_path / "few", plan(method), few(2, 4)).find_record("only")

    assert record.status == "ran"
    shown = [row for row in record.result.estimates if row.arm == "book"]
    assert [row.quantity for row in shown if row.estimate is not None] == []
    assert not [each.name for each in record.result.fit if re.search(r"\bbook\b", each.name)]


@pytest.mark.parametrize("method", WITHIN)
def test_the_change_of_two_people_is_no_answer(method: str, tmp_path: Path):
    data = few(2, 4, arm="mindfulness")

    record = run(tmp_path / "few", plan(method), data).find_record("only")

    assert record.status == "not_run"
    assert "show what they scored" in record.reason
    assert VALUE not in record.reason
    assert STUDY in plan(method)


def without_baseline(people: int) -> str:
    """Return the participants, of one arm only so many with a value before treatment."""
    head, *rows = (line.split(",") for line in participants().splitlines())
    mine = [row for row in rows if row[1] == "mindfulness"]
    for row in mine[people:]:
        row[4] = row[7] = row[9] = ""
    return "\n".join(",".join(row) for row in [head, *rows]) + "\n"


OF_CHANGES = {
    "welch": 'outcome = "change"',
    "rank_sum": 'outcome = "change"',
    "effect_size": 'outcome = "change"',
    "ancova": 'covariates = "BASE"',
    "model_coefficients": 'covariates = "BASE"',
    "model_terms": 'covariates = "BASE"',
    "panel": "",
    "paired_change": "",
    "correlation": "",
}


@pytest.mark.parametrize("method", OF_CHANGES)
def test_people_without_a_baseline_do_not_hide_the_two_who_have_one(method: str, tmp_path: Path):
    study = plan(method).rstrip() + f"\n{OF_CHANGES[method]}\n"

    few, more = (
        run(tmp_path / str(people), study, without_baseline(people)).find_record("only")
        for people in (2, 6)
    )

    assert few.status == "not_run"
    assert more.status == "ran"
