"""Levels of one or two people are numbered before a verb can name them; no number moves."""

from pathlib import Path

import pytest

import trialkit as tk
from run.test_every_method import FIGURES, STUDY, participants
from trial_folder import write_trial
from trialkit.result.study_results import AnalysisRecord
from trialkit.run.rare_levels import with_numbered_levels
from trialkit.run.study import run_study

# Two people of one clinic, one of another; all others at the four sites.
RARE = {7: "Praxis Brambleby", 20: "Praxis Quillfeather", 31: "Praxis Quillfeather"}
COEFFICIENTS = """
[[analysis]]
id = "only"
estimand = "pain"
method = "model_coefficients"
covariates = "BASE + {}"
"""
NAMED = '\n[[characteristic]]\ncolumn = "clinic"\nlabel = "Clinic"\nkind = "categorical"\n'


def data() -> str:
    """Return the people of the three arms with their clinic, and its number."""
    head, *lines = participants().splitlines()
    rows = [f"{head},clinic,number"]
    for position, line in enumerate(lines):
        clinic = RARE.get(position, line.split(",")[2])
        number = {"Praxis Brambleby": 71, "Praxis Quillfeather": 72}.get(clinic, clinic[-1])
        rows.append(f"{line},{clinic},{number}")
    return "\n".join(rows) + "\n"


def carried_out(folder: Path, plan: str) -> AnalysisRecord:
    """Return the record of the planned analysis."""
    write_trial(folder, study=STUDY + plan, data=data())
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    return run_study(folder, articles=()).find_record("only")


def terms(record: AnalysisRecord, column: str) -> list[str]:
    """Return the terms of a column's levels."""
    found = [row.term for row in record.result.estimates if row.term]
    return [term for term in found if term.startswith(f"{column}[")]


def numbered(folder: Path, plan: str, column: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the levels of a column as an analysis sees them, and the notes on them."""
    write_trial(folder, study=STUDY + plan, data=data())
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    study = tk.read_study(folder)
    dataset, notes = with_numbered_levels(tk.read_dataset(study), study.find_analysis("only"))
    return sorted(dataset.subjects[column].dropna().unique()), notes


def test_rare_levels_have_a_number_and_the_others_their_name(tmp_path: Path):
    levels, notes = numbered(tmp_path, COEFFICIENTS.format("clinic"), "clinic")

    assert levels == [
        "site-0",
        "site-1",
        "site-2",
        "site-3",
        "withheld level 1",
        "withheld level 2",
    ]
    assert notes == ("clinic: 2 levels of fewer than three people, numbered and not named",)


def test_coefficients_of_a_factor_with_a_rare_level_are_left_out(tmp_path: Path):
    rare = carried_out(tmp_path / "rare", COEFFICIENTS.format("clinic"))
    whole = carried_out(tmp_path / "whole", COEFFICIENTS.format("site"))

    assert terms(rare, "clinic") == []
    assert rare.result.notes[-1] == (
        "coefficients of clinic are left out: fewer than 3 people share a level, and they would "
        "show what these scored"
    )
    assert "Praxis" not in rare.result.to_json()
    assert terms(whole, "site") == ["site[site-1]", "site[site-2]", "site[site-3]"]
    assert not any("left out: fewer" in note for note in whole.result.notes)


def test_so_are_those_of_a_product_whose_cell_is_rare(tmp_path: Path):
    plan = COEFFICIENTS.format("sex * wing")
    head, *lines = participants().splitlines()
    # Wing b has many people, and two of them are men.
    men = [number for number, line in enumerate(lines) if line.split(",")[3] == "m"]
    rows = [
        f"{line},{'b' if number in men[:2] or (number % 4 == 0 and number not in men) else 'a'}"
        for number, line in enumerate(lines)
    ]
    write_trial(tmp_path, study=STUDY + plan, data="\n".join([f"{head},wing", *rows]) + "\n")
    (tmp_path / "figures.csv").write_text(FIGURES, encoding="utf-8")

    record = run_study(tmp_path, articles=()).find_record("only")

    found = [row.term for row in record.result.estimates if row.term]
    assert "wing[b]" in found
    assert "sex[m]" in found
    assert not any("wing" in term and "sex" in term for term in found)
    assert any("coefficients of sex x wing are left out" in note for note in record.result.notes)


def test_no_number_moves(tmp_path: Path):
    record = carried_out(tmp_path, COEFFICIENTS.format("clinic"))
    dataset = tk.read_dataset(tk.read_study(tmp_path))
    frame = dataset.population("itt", endpoint="pain", visit="week_8")

    named = tk.model_coefficients(
        frame.assign(clinic=frame["clinic"].str.replace("Praxis", "withheld level")),
        outcome="AVAL",
        arm="ARMCD",
        reference="breathing",
        covariates="BASE + clinic",
    )

    by_hand = [row for row in named.estimates if "clinic" not in (row.term or "")]
    assert len(record.result.estimates) == len(by_hand) > 3
    for ours, theirs in zip(record.result.estimates, by_hand, strict=True):
        assert ours.quantity == theirs.quantity
        assert ours.estimate == pytest.approx(theirs.estimate, rel=1e-9, abs=1e-12)
        assert ours.std_error == pytest.approx(theirs.std_error, rel=1e-9, abs=1e-12)


def test_where_no_level_is_named_nothing_is_said_of_them(tmp_path: Path):
    record = carried_out(
        tmp_path, COEFFICIENTS.format("clinic").replace("model_coefficients", "ancova")
    )

    assert record.status == "ran"
    assert "withheld" not in record.result.to_json()


def test_a_level_that_the_study_file_declares_keeps_its_name(tmp_path: Path):
    declared = f'{NAMED}levels = {{ "Praxis Brambleby" = "Brambleby" }}\n'

    levels, notes = numbered(tmp_path, declared + COEFFICIENTS.format("clinic"), "clinic")

    assert "Praxis Brambleby" in levels
    assert "withheld level 1" in levels
    assert notes == ("clinic: 1 level of fewer than three people, numbered and not named",)


def test_a_number_is_numbered_where_it_makes_groups_and_not_where_it_has_a_slope(tmp_path: Path):
    category, _ = numbered(tmp_path / "a", COEFFICIENTS.format("C(number)"), "number")
    slope = carried_out(tmp_path / "b", COEFFICIENTS.format("number"))

    assert category == ["0", "1", "2", "3", "withheld level 1", "withheld level 2"]
    assert any(row.term == "number" for row in slope.result.estimates)
    assert not any("withheld" in note for note in slope.result.notes)


def test_identifiers_that_look_like_one_number_stay_apart(tmp_path: Path):
    plan = (
        '\n[[analysis]]\nid = "only"\nestimand = "pain"\nmethod = "model_coefficients"\n'
        'covariates = "BASE"\ncluster = "id"\n'
    )
    head, *lines = participants().splitlines()
    # 7 and 07 are two people.
    rows = [
        head,
        *(f"{'0' * (n % 2)}{n // 2 + 1},{line.split(',', 1)[1]}" for n, line in enumerate(lines)),
    ]
    write_trial(tmp_path, study=STUDY + plan, data="\n".join(rows) + "\n")
    (tmp_path / "figures.csv").write_text(FIGURES, encoding="utf-8")

    record = run_study(tmp_path, articles=()).find_record("only")

    figures = {each.name: each.value for each in record.result.fit}
    assert figures["clusters"] == 95
