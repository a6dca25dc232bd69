"""Two results agree, or every place where they differ is listed."""

import json
from dataclasses import replace

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.result.compare import compare_results
from trialkit.result.study_results import read_results
from trialkit.run.study import run_study


@pytest.fixture
def results(tmp_path):
    return run_study(write_trial(tmp_path / "study"), articles=())


def test_results_survive_their_file(results, tmp_path):
    path = results.write(tmp_path / "results.json")

    assert read_results(path) == results
    assert read_results(path).to_json() == path.read_text()


def test_results_agree_with_themselves_whoever_ran_them(results):
    other = replace(results, provenance=replace(results.provenance, python="3.99"))

    assert compare_results(results, other, tolerance=0) == ()


def test_a_changed_value_is_named_by_its_analysis(results, tmp_path):
    other = run_study(
        write_trial(tmp_path / "other", data=replaced(DATA, "p03,0,5,4", "p03,0,5,5")), articles=()
    )

    differences = compare_results(results, other)

    places = [item.where for item in differences]
    assert any(
        "analyses[primary]" in place
        and "ls_mean_difference" in place
        and place.endswith(".estimate")
        for place in places
    )
    assert all(item.ours != item.theirs for item in differences)


def test_a_difference_below_the_tolerance_is_none(results, tmp_path):
    content = json.loads(results.to_json())
    row = content["analyses"][0]["result"]["estimates"][0]
    row["estimate"] *= 1 + 1e-12
    path = tmp_path / "results.json"
    path.write_text(json.dumps(content))

    assert compare_results(results, path) == ()
    assert len(compare_results(results, path, tolerance=0)) == 1


def test_an_entry_on_one_side_only_is_listed(results):
    fewer = replace(results, analyses=results.analyses[:1])

    differences = compare_results(results, fewer)

    assert differences
    assert all(item.theirs is None for item in differences)


def test_the_order_of_analyses_is_no_difference(results):
    turned = replace(results, analyses=results.analyses[::-1])

    assert compare_results(results, turned, tolerance=0) == ()


NESTED = f'{{"schema_version": "1", "a": {"[" * 90}{"]" * 90}}}'


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", "{}", "[" * 100_000, f'{{"a": 1{"0" * 5000}}}', NESTED]
)
def test_what_is_no_results_file_is_refused(results, tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)

    with pytest.raises(SpecificationError):
        compare_results(results, path)
    with pytest.raises(SpecificationError):
        read_results(path)


def test_no_identifier_and_no_value_of_a_participant_is_stored(tmp_path):
    data = replaced(DATA, "p12,1,4,1", "p12,1,4,1.0625").replace("p0", "person-name-0")

    text = run_study(write_trial(tmp_path, data=data), articles=()).to_json()

    assert "person-name" not in text
    assert "1.0625" not in text


def test_summaries_of_one_or_two_people_are_withheld(tmp_path):
    missing = [f"p{number:02d}" for number in range(8, 13)]
    rows = [
        ",".join([*line.split(",")[:3], "", "f"]) if line[:3] in missing else line
        for line in replaced(DATA, "p07,1,6,3", "p07,1,6,3.0625").splitlines()
    ]
    study = (
        STUDY
        + """
[[analysis]]
id = "described"
estimand = "primary"
method = "descriptive"
"""
    )

    results = run_study(
        write_trial(tmp_path, study=study, data="\n".join(rows) + "\n"), articles=()
    )

    described = results.find_record("described").result
    assert {row.estimate for row in described.select(arm="mindfulness")} == {None}
    assert "3.0625" not in results.to_json()


def test_an_older_schema_is_refused_with_a_remedy(results, tmp_path):
    content = json.loads(results.to_json()) | {"schema_version": "0"}
    path = tmp_path / "results.json"
    path.write_text(json.dumps(content))

    with pytest.raises(SpecificationError, match=r"schema version 1.*trialkit run"):
        read_results(path)


def test_a_number_beyond_every_float_is_a_difference(tmp_path):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, value in zip(paths, (10**400, 1.5), strict=True):
        path.write_text(json.dumps({"schema_version": "1", "a": value}))

    assert len(compare_results(*paths)) == 1
    assert compare_results(paths[0], paths[0]) == ()


def renamed(entries, **names):
    for entry in entries:
        entry.update(names)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda c: renamed(c["analyses"][0]["result"]["estimates"], arm="z"), "estimates.arm"),
        (lambda c: renamed(c["analyses"][0]["result"]["estimates"], visit="z"), "estimates.visit"),
        (lambda c: renamed(c["descriptives"][0]["estimates"], parameter="z"), "descriptives"),
        (lambda c: renamed(c["study"]["analysis"], estimand="z"), "study.analysis[primary]"),
        (lambda c: renamed(c["analyses"][:1], analysis="z"), "analyses[z].analysis"),
        (lambda c: c["study"].update(endpoint=[]), "study.estimand[primary].endpoint"),
        (lambda c: c["study"].update(arm=[]), "study.estimand[primary].treatment"),
    ],
)
def test_results_that_name_what_their_study_lacks_are_refused(results, tmp_path, change, place):
    content = json.loads(results.to_json())
    change(content)
    path = tmp_path / "results.json"
    path.write_text(json.dumps(content))

    with pytest.raises(SpecificationError, match="names what its study does not have") as caught:
        read_results(path)
    assert place in str(caught.value)
