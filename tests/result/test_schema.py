"""A results file of another version is read or refused with what it is and what to do."""

import json
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from present import sample
from report import variants
from trialkit.cli import main
from trialkit.errors import SpecificationError
from trialkit.report.publish import report_files
from trialkit.result.study_results import StudyResults, read_results
from trialkit.study.study import Study

# As the first version that stored results wrote it of the small trial of trial_folder.py.
FIRST = Path(__file__).parent / "stored" / "first_results.json"


def without_defaults(value: Any) -> Any:
    """Return a stored value without any key that may be absent because it has a default."""
    if isinstance(value, Study):
        return value.model_dump(mode="json", exclude_defaults=True)
    if is_dataclass(value):
        kept = {
            field.name: getattr(value, field.name)
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
        return {name: without_defaults(item) for name, item in kept.items()}
    if isinstance(value, tuple):
        return [without_defaults(item) for item in value]
    return value


def changed(**changes: Any) -> str:
    """Return the text of stored results with some keys of the top changed; None: left out."""
    content = json.loads(sample.two_arms().to_json()) | changes
    return json.dumps({key: value for key, value in content.items() if value is not None})


def refusal(folder: Path, content: bytes) -> str:
    """Return what is said of a file that is not read."""
    path = folder / "results.json"
    path.write_bytes(content)
    with pytest.raises(SpecificationError) as caught:
        read_results(path)
    return str(caught.value).replace(str(path), "FILE")


def test_the_first_files_are_read_and_shown():
    stored = json.loads(FIRST.read_text())
    results = read_results(FIRST)

    assert "completions" not in stored
    assert "term" not in stored["analyses"][0]["result"]["estimates"][0]
    assert results.completions == ()
    row = results.analyses[0].result.select(quantity="ls_mean_difference")[0]
    assert (row.term, row.df_num) == (None, None)
    assert row.estimate == stored["analyses"][0]["result"]["estimates"][2]["estimate"]
    made = report_files(results, formats=("html", "csv"))
    assert "lower with mindfulness" in made["index.html"].decode().replace("\n", " ")


def test_what_the_first_files_lack_is_written_when_they_are_written_again(tmp_path: Path):
    path = read_results(FIRST).write(tmp_path / "results.json")

    assert json.loads(path.read_text())["completions"] == []
    assert read_results(path) == read_results(FIRST)


@pytest.mark.parametrize(
    "results",
    [sample.four_arms(), variants.real(), variants.stand_in(), variants.p_values_only()],
    ids=["four arms", "claims", "stand-in", "p-values"],
)
def test_every_key_with_a_default_may_be_absent(results: StudyResults, tmp_path: Path):
    content = without_defaults(results) | {"schema_version": "1"}
    path = tmp_path / "results.json"
    path.write_text(json.dumps(content))

    assert len(path.read_text()) < len(results.to_json())
    assert read_results(path) == results


def test_a_key_that_is_not_known_yet_is_passed_over(tmp_path: Path):
    content = json.loads(sample.two_arms().to_json())
    content["later"] = [1]
    content["analyses"][0]["later"] = {"a": 1}
    path = tmp_path / "results.json"
    path.write_text(json.dumps(content))

    assert read_results(path) == sample.two_arms()


MADE_BY = {"trialkit": "0.0.1"}
FOREIGN = [
    pytest.param(
        changed(schema_version="0", provenance=MADE_BY),
        "FILE: expected results of schema version 1, found version 0, written by trialkit 0.0.1; "
        "make it again with `trialkit run`",
        id="older",
    ),
    pytest.param(
        changed(schema_version="2", provenance=None),
        "FILE: expected results of schema version 1, found version 2; update trialkit, or make "
        "it again with `trialkit run`",
        id="newer",
    ),
    pytest.param(
        changed(schema_version=1),
        'FILE: expected a JSON object with `schema_version` "1", found an object without such a '
        "text; ",
        id="a number",
    ),
    pytest.param(
        changed(schema_version=None),
        'FILE: expected a JSON object with `schema_version` "1", found an object without such a '
        "text; give the results.json that `trialkit run` wrote",
        id="missing",
    ),
    pytest.param("[1, 2]", 'FILE: expected a JSON object with `schema_version` "1"', id="a list"),
    pytest.param(
        changed()[:5000],
        "FILE: expected a whole JSON text, found one that is broken at line 1, column",
        id="broken off",
    ),
    pytest.param(
        changed(analyses=7),
        "FILE is not a trialkit results file of schema version 1: analyses: ",
        id="misfit",
    ),
]


@pytest.mark.parametrize(("text", "said"), FOREIGN)
def test_a_foreign_file_is_refused_for_what_it_is(text: str, said: str, tmp_path: Path):
    message = refusal(tmp_path, text.encode())

    assert message.startswith(said)
    assert "trialkit run" in message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe{", b"[" * 100_000, b'{"a": 1' + b"0" * 5000])
def test_what_is_no_json_is_refused(content: bytes, tmp_path: Path):
    message = refusal(tmp_path, content)

    assert message.startswith("FILE: expected")
    assert message.endswith("`trialkit run`")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_word_in_place_of_a_number_is_refused(word: str, tmp_path: Path):
    message = refusal(tmp_path, f'{{"schema_version": "1", "analyses": [{word}]}}'.encode())

    assert message == (
        f"FILE: expected numbers or null, as JSON has no {word}; make it again with `trialkit run`"
    )


@pytest.mark.parametrize(("text", "said"), FOREIGN)
def test_the_report_command_says_so_and_writes_nothing(
    text: str, said: str, tmp_path: Path, capsys, monkeypatch
):
    (tmp_path / "results.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["trialkit", "report", "results.json"])

    with pytest.raises(SystemExit) as left:
        main()

    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.err.startswith(f"trialkit: {said.replace('FILE', 'results.json')}")
    assert printed.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
