"""Numbers that cannot be are refused with their places, all at once; odd ones are read."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from present import sample
from report import variants
from trialkit.cli import main
from trialkit.errors import SpecificationError
from trialkit.result.people import MissingCount
from trialkit.result.study_results import StudyResults, read_results

Content = dict[str, Any]
NO_NUMBER = 'expected a number, null, "Infinity" or "-Infinity", found NaN'


def content_of(results: StudyResults) -> Content:
    content: Content = json.loads(results.to_json())
    return content


def real() -> Content:
    """Return stored results that have entries of every kind."""
    study = variants.real().study
    count = MissingCount(
        endpoint=study.endpoint[0].id,
        population=study.population[0].id,
        visit=study.visit[0].id,
        arm=study.arm[0].id,
        n_subjects=20,
        n_with_value=17,
        n_seen_later=1,
        reasons=(("moved away", 3),),
    )
    return content_of(replace(variants.real(), missing=(count,)))


def row(content: Content) -> Content:
    """Return the first estimate that has an interval and a p-value, of the first analysis."""
    estimates = content["analyses"][0]["result"]["estimates"]
    at = first_tested(content)
    return estimates[at]  # type: ignore[no-any-return]


def first_tested(content: Content) -> int:
    estimates = content["analyses"][0]["result"]["estimates"]
    return next(
        at
        for at, each in enumerate(estimates)
        if each["conf_low"] is not None and each["p_value"] is not None
    )


def written(content: Content, folder: Path) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps(content))
    return path


def refused(content: Content, folder: Path) -> SpecificationError:
    with pytest.raises(SpecificationError) as caught:
        read_results(written(content, folder))
    return caught.value


ROW = "analyses[0].result.estimates[{at}]."
FAULTS = [
    (lambda c: row(c).update(n_subjects=-4), ROW + "n_subjects: expected a count of 0 or more"),
    (lambda c: row(c).update(estimate="NaN"), ROW + "estimate: " + NO_NUMBER),
    (lambda c: row(c).update(std_error="nan"), ROW + "std_error: " + NO_NUMBER),
    (lambda c: row(c).update(conf_low="NaN"), ROW + "conf_low: " + NO_NUMBER),
    (lambda c: row(c).update(p_value="NaN"), ROW + "p_value: " + NO_NUMBER),
    (
        lambda c: row(c).update(p_value=1.2),
        ROW + "p_value: expected a number from 0 to 1, found 1.2",
    ),
    (
        lambda c: row(c).update(p_adjusted=-0.1),
        ROW + "p_adjusted: expected a number from 0 to 1, found -0.1",
    ),
    (
        lambda c: row(c).update(conf_level=95),
        ROW + "conf_level: expected a number from 0 to 1, found 95.0",
    ),
    (
        lambda c: row(c).update(conf_low=2.0, conf_high=1.5),
        ROW + "conf_low: expected at most conf_high, 1.5, found 2.0",
    ),
    (
        lambda c: row(c).update(conf_low="Infinity", conf_high=1.5),
        ROW + "conf_low: expected at most conf_high, 1.5, found Infinity",
    ),
    (
        lambda c: c["analyses"][0]["result"]["fit"].append({"name": "sigma", "value": "NaN"}),
        "].value: " + NO_NUMBER,
    ),
    (
        lambda c: c["flow"][0].update(n_subjects=-1),
        "flow[0].n_subjects: expected a count of 0 or more, found -1",
    ),
    (
        lambda c: c["distributions"][0]["counts"].__setitem__(1, -2),
        "distributions[0].counts[1]: expected a count of 0 or more, found -2",
    ),
    (
        lambda c: c["distributions"][0].update(lower="NaN"),
        "distributions[0].lower: " + NO_NUMBER,
    ),
    (
        lambda c: c["transitions"][0]["cells"][0].__setitem__(2, -3),
        "transitions[0].cells[0][2]: expected a count of 0 or more, found -3",
    ),
    (
        lambda c: c["transitions"][0]["cells"][0].__setitem__(0, "NaN"),
        "transitions[0].cells[0][0]: " + NO_NUMBER,
    ),
    (
        lambda c: c["missing"][0].update(n_subjects=3, n_with_value=4),
        "missing[0].n_with_value: expected at most n_subjects, 3, found 4",
    ),
    (
        lambda c: c["missing"][0].update(n_subjects=9, n_with_value=7, n_seen_later=3),
        "missing[0].n_seen_later: expected at most the 2 of 9 people without a value, found 3",
    ),
    (
        lambda c: c["missing"][0].update(reasons=[["moved away", -1]]),
        "missing[0].reasons[0][1]: expected a count of 0 or more, found -1",
    ),
    (
        lambda c: c["certificate"].update(n_values=-1),
        "certificate.n_values: expected a count of 0 or more, found -1",
    ),
    (
        lambda c: c["analyses"][0].update(alpha=5),
        "analyses[0].alpha: expected a number from 0 to 1, found 5.0",
    ),
]


@pytest.mark.parametrize(("plant", "said"), FAULTS)
def test_a_number_that_cannot_be_is_refused_with_its_place(
    plant: Callable[[Content], None], said: str, tmp_path: Path
):
    content = real()
    plant(content)

    error = refused(content, tmp_path)

    assert "holds numbers that cannot be; make it again with `trialkit run`" in str(error)
    (finding,) = error.findings
    assert said.format(at=first_tested(real())) in str(finding)


def test_every_fault_is_told_at_once_beside_names_that_dangle(tmp_path: Path):
    content = real()
    content["flow"][0].update(n_subjects=-1, arm="nowhere")
    content["distributions"][0]["counts"][0] = -2
    row(content).update(p_value=7, estimate="NaN")

    error = refused(content, tmp_path)

    said = "names what its study does not have and holds numbers that cannot be; make it again"
    assert said in str(error)
    places = [finding.where.rpartition(".")[2] for finding in error.findings]
    assert places == ["arm", "n_subjects", "counts[0]", "estimate", "p_value"]


def test_the_report_command_says_so_and_writes_nothing(tmp_path: Path, capsys, monkeypatch):
    content = content_of(sample.two_arms())
    row(content).update(n_subjects=-4, p_value="NaN")
    written(content, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["trialkit", "report", "results.json"])

    with pytest.raises(SystemExit) as left:
        main()

    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith("trialkit: results.json holds numbers that cannot be; make it")
    assert len(printed.err.splitlines()) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    "odd",
    [
        {"conf_low": "-Infinity", "conf_high": "Infinity"},
        {"conf_low": 1.0, "conf_high": 1.0},
        {"conf_low": 0.5, "conf_high": 2.0, "estimate": 2.5},
        {"quantity": "number_needed_to_treat", "conf_low": 4.0, "conf_high": -9.0},
        {"p_value": 0.0, "p_adjusted": 1.0000000000000002},
        {"n_subjects": 0, "estimate": None},
        {"estimate": -4.0, "statistic": -3.0},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_what_can_be_is_read_however_odd(odd: Content, tmp_path: Path):
    content = real()
    row(content).update(odd)

    read = read_results(written(content, tmp_path))

    assert content_of(read)["analyses"][0] == content["analyses"][0]


@pytest.mark.parametrize(
    "results",
    [sample.two_arms, sample.four_arms, variants.real, variants.real_single_arm, variants.stand_in],
)
def test_results_of_ours_are_read(results: Callable[[], StudyResults], tmp_path: Path):
    stored = results()

    assert read_results(stored.write(tmp_path / "results.json")) == stored
