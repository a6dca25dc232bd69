"""What a run says of data, people, refusals and claims can be said in another language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.test_verdicts import article, link
from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.evidence.verdicts import judge_articles
from trialkit.language.told import Told
from trialkit.run.study import run_study

SOURCE = Path(__file__).parents[2] / "src" / "trialkit"
REFUSALS = {"NotEstimableError", "ConvergenceError"}
STEPS = """
[[data.rule]]
id = "diary"
columns = ["pain_after"]
when = [
    { column = "pain_after", operator = "missing" },
    { column = "sex", operator = "==", value = "x" },
]
reason = "A test."

[[data.filter]]
id = "women"
where = [{ column = "arm", operator = "==", value = 1 }]
keep = [
    { column = "sex", operator = "not_missing" },
    { column = "sex", operator = "!=", value = "x" },
]
reason = "A test."
"""
# What a study calls its own things, and what its file says.
OWN = {
    *("primary", "confirmatory", "diary", "women", "mindfulness", "breathing", "pain"),
    *("sex", "after", "pain_after", "sex == x", "sex != x", "arm == 1", "A test.", "."),
    *("Pain", "After", "BASE", "absent", "113 + 73 + 60"),
}


def forgotten(text: str) -> Iterator[str]:
    """Yield what stands in a text that is neither told nor the study's own."""
    if isinstance(text, Told):
        for part in (*text.values.values(), *text.parts):
            if isinstance(part, str):
                yield from forgotten(part)
    elif text not in OWN:
        yield text


def assert_told(*texts: str) -> None:
    """Hold that there are texts, and that each remembers all that it was made of."""
    assert texts
    assert [left for text in texts for left in forgotten(text)] == []


def test_the_steps_of_the_data_are_told(tmp_path: Path):
    study = replaced(STUDY, "\n[[arm]]", STEPS + "\n[[arm]]")
    data = "\ufeff" + replaced(DATA, "p01,0,6,5", "p01,0,0,")

    results = run_study(write_trial(tmp_path, study=study, data=data), articles=())

    changes = results.certificate.changes
    assert_told(*(change.step for change in changes), *(change.reason for change in changes))
    assert_told(*results.certificate.findings)
    (kept,) = (change.where for change in changes if "women" in change.step)
    assert kept == "keep sex is not missing and sex != x (where arm == 1)"
    assert_told(kept)


def test_the_flow_of_people_is_told(tmp_path: Path):
    results = run_study(write_trial(tmp_path), articles=())

    labels = {population.label for population in results.study.population}
    assert_told(*(count.stage for count in results.flow if count.stage not in labels))


def test_why_an_analysis_did_not_run_is_told_and_so_is_the_deviation(tmp_path: Path):
    alike = "\n".join(
        ",".join([*line.split(",")[:2], "5", "5", "f"]) if line.startswith("p") else line
        for line in DATA.splitlines()
    )

    results = run_study(write_trial(tmp_path, data=alike), articles=())

    record = results.find_record("primary")
    assert record.status == "not_run"
    assert_told(record.reason, *results.deviations)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"links": [link(), link(expects="higher")]}, id="mixed"),
        pytest.param({"links": [link(study="absent")]}, id="not at hand"),
        pytest.param({"reported": {"n_total": 245, "n_arms": [113, 73, 60]}}, id="sum"),
        pytest.param({"subjects": "animals", "claimed_in": "people"}, id="other species"),
    ],
)
def test_the_reason_of_a_verdict_and_its_flags_are_told(tmp_path: Path, facts: dict[str, object]):
    kind = {"kind": "number"} if "reported" in facts else {}
    results = run_study(write_trial(tmp_path), articles=())

    (verdict,) = judge_articles([article(**kind, **facts)], [results])

    assert_told(verdict.because, *verdict.flags, *(item.because for item in verdict.links))


@pytest.mark.parametrize("room", ["numerics", "run"])
def test_every_refusal_is_told(room: str):
    refused = [
        (path.name, node.lineno, node.args[0])
        for path in sorted((SOURCE / room).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in REFUSALS
    ]

    assert refused
    # A name is a constant that was told, or it would be a text here.
    assert [(name, line) for name, line, text in refused if not is_told(text)] == []


def is_told(text: ast.expr) -> bool:
    """Return whether a message is a call that tells, or the name of what one told."""
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Name):
        return text.func.id in {"tell", "tell_count", "tell_list"}
    return isinstance(text, ast.Name)
