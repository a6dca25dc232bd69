"""Tables print the stored numbers, and nothing else moves when one of them does."""

from dataclasses import replace

import pytest

from present import sample
from trialkit.present import tables
from trialkit.present.exhibit import Column, Table
from trialkit.result.study_results import FlowCount, StudyResults


def changed(results: StudyResults, analysis: str, position: int, **figures: float) -> StudyResults:
    """Return results in which one estimate has other figures."""
    record = results.find_record(analysis)
    rows = list(record.result.estimates)
    rows[position] = replace(rows[position], **figures)
    other = replace(record, result=record.result.with_estimates(rows))
    records = (other if item is record else item for item in results.analyses)
    return replace(results, analyses=tuple(records))


def differing_cells(one: Table, other: Table) -> list[tuple[str, str]]:
    """Return the cells that two tables of one shape print differently."""
    return [
        (a, b)
        for row, row_after in zip(one.rows, other.rows, strict=True)
        for a, b in zip(row, row_after, strict=True)
        if a != b
    ]


def column(table: Table, head: str) -> list[str]:
    position = [item.label for item in table.columns].index(head)
    return [row[position] for row in table.rows]


def test_an_analysis_prints_estimate_interval_and_p():
    results = sample.two_arms()

    table = tables.analysis_table(results, results.analyses[0])

    assert [item.label for item in table.columns] == [
        "Arm or contrast",
        "n",
        "Difference in adjusted means, points",
        "Std error",
        "df",
        "95\u00a0% interval",
        "p",
        "Adjusted p",
    ]
    assert table.rows == (
        (
            "Mindfulness − Slow breathing",
            "34",
            "−1.55",
            "0.47",
            "31",
            "−2.48 to −0.62",
            "0.0019",
            "0.0039",
        ),
    )
    assert table.footnotes == (
        "ANCOVA, least squares, adjusted for BASE.",
        (
            "Outcome: pain at rest, 8 weeks. Covariates: none. Missing values: people without a "
            "value are left out."
        ),
        "2 of 37 people had no value at 8 weeks and are left out.",
        "Adjusted p: Holm over the family “confirmatory” (2 tests, alpha 0.05).",
        "The participants are simulated: an illustration, not evidence.",
        "Rounded for print only, halves away from zero; results.json holds every digit.",
    )


@pytest.mark.parametrize(
    ("figures", "cells"),
    [
        ({"estimate": -1.2}, [("−1.55", "−1.20")]),
        ({"conf_high": 0.125}, [("−2.48 to −0.62", "−2.48 to 0.13")]),
        ({"p_value": 0.00001}, [("0.0019", "<0.0001")]),
        ({"p_adjusted": 0.04996}, [("0.0039", "0.0500")]),
        ({"df": 30.25}, [("31", "30.3")]),
        ({"n_subjects": 33}, [("34", "33")]),
    ],
)
def test_one_perturbed_number_changes_one_cell(figures, cells):
    before = sample.two_arms()
    after = changed(before, "primary", 0, **figures)

    tables_of = [tables.analysis_table(item, item.analyses[0]) for item in (before, after)]

    assert differing_cells(*tables_of) == cells


def test_responders_print_people_differences_and_numbers_needed():
    results = sample.two_arms()

    table = tables.analysis_table(results, results.analyses[2])

    assert column(table, "Estimate") == [
        "8/17 (47.1\u00a0%)",
        "6/20 (30.0\u00a0%)",
        "17.1",
        "1.57",
        "NNTB 5.9",
    ]
    assert column(table, "Measure")[2] == "risk difference, percentage points"
    assert column(table, "95\u00a0% interval")[-1] == "NNTB 2.3 to ∞ to NNTH 7.9"
    assert "df" not in [item.label for item in table.columns]
    assert (
        "Responder: at least 30\u00a0% lower than at baseline (Invented 2008)." in table.footnotes
    )


def test_a_rule_of_harm_turns_the_number_needed_round():
    results = sample.two_arms()
    endpoint = results.study.endpoint[0].model_dump(exclude_none=True)
    endpoint["responder"] = [{"above": 0, "label": "any pain"}]
    study = sample.study({"mind": "Mindfulness", "breath": "Slow breathing"}, endpoint=[endpoint])

    table = tables.analysis_table(replace(results, study=study), results.analyses[2])

    assert column(table, "Estimate")[-1] == "NNTH 5.9"


def test_an_analysis_that_did_not_run_says_why():
    results = sample.two_arms()

    table = tables.analysis_table(results, results.analyses[3])

    assert table.rows == ()
    assert table.footnotes == (
        "Not run: the plan was written for participants, and there are none.",
    )


def test_descriptives_print_an_arm_and_visit_a_row():
    results = sample.two_arms()

    table = tables.descriptives_table(results, "pain")

    assert len(table.rows) == 6
    assert table.rows[2] == (
        "Mindfulness",
        "8 weeks",
        "16",
        "2.8 (1.68)",
        "3.0 [1.8, 4.0]",
        "1.9 to 3.7",
    )
    assert table.columns[3] == Column(label="Mean (SD), points", align="right")


def test_the_plan_shows_what_ran_and_why_the_rest_did_not():
    table = tables.planned_table(sample.two_arms())

    assert column(table, "Analysis") == [
        "Ran as planned, on simulated participants: 3 analyses",
        "Main analysis",
        "Without adjustment for baseline",
        "Relief by at least 30 %",
        "Not run (the plan was written for participants, and there are none): 1 analysis",
        "Student's comparison of means: Pain at rest, 8 weeks",
    ]
    assert table.inset == (1, 2, 3, 5)
    assert [table.heads_group(row) for row in range(6)] == [True, *[False] * 3, True, False]


def test_a_name_counts_the_rows_that_it_stands_for():
    names = ["a", "b", "b", *["c"] * 9, "b"]
    rows = tuple((name, "1") for name in names)
    table = Table(id="t", title="T", columns=(Column(label="N"), Column(label="n")), rows=rows)
    numbers = replace(table, columns=(Column(label="N", align="right"), Column(label="n")))
    grouped = replace(table, inset=(4,))

    named = [table.rows_named(row) for row in range(len(rows))]
    assert named == [1, 2, 0, 8, *[0] * 7, 1, 1]
    assert {item.rows_named(2) for item in (numbers, grouped)} == {1}


def test_characteristics_have_a_column_an_arm_and_one_for_everyone():
    table = tables.characteristics_table(sample.two_arms())

    assert [item.label for item in table.columns] == [
        "Characteristic",
        "Mindfulness (n\u00a0=\u00a017)",
        "Slow breathing (n\u00a0=\u00a020)",
        "Everyone (n\u00a0=\u00a037)",
    ]
    assert table.rows[0] == ("Age, years", "", "", "")
    assert table.rows[1] == ("mean (SD)", *["45.3 (12.31)"] * 3)
    assert table.rows[3] == ("Sex, n\u00a0(%)", "", "", "")
    assert table.inset == (1, 2, 4, 5)
    assert table.rows[4] == (
        "women",
        "9 (52.9\u00a0%)",
        "9 (45.0\u00a0%)",
        "9 (24.3\u00a0%)",
    )


def test_completion_counts_values_out_of_people():
    table = tables.completion_table(sample.two_arms())

    assert table.rows[-1] == (
        "Pain at rest",
        "8 weeks",
        "16/17 (94.1\u00a0%)",
        "18/20 (90.0\u00a0%)",
    )


def test_flow_keeps_steps_before_arms_apart():
    table = tables.flow_table(sample.two_arms())

    assert table.rows[:4] == (
        ("Assessed for eligibility", "–", "–", "–", "61"),
        ("Did not enter", "–", "–", "–", "24"),
        ("Did not enter", "no pain", "–", "–", "24"),
        ("In the data", "–", "–", "–", "37"),
    )
    assert table.rows[-1] == ("Analysed", "–", "16", "18", "34")


def test_stages_without_a_step_of_the_diagram_are_still_listed():
    results = sample.two_arms()
    plain = tuple(replace(count, step=None, source=None) for count in results.flow)

    table = tables.flow_table(replace(results, flow=plain))

    assert table.rows[1] == ("Not entered", "no pain", "–", "–", "24")
    assert table.rows[3] == ("With a value at 8 weeks", "–", "16", "18", "–")


def test_claims_show_verdict_reason_and_flags():
    table = tables.claims_table(sample.two_arms())

    assert column(table, "Verdict") == ["illustration only", "not testable here"]
    assert column(table, "Because")[0] == "the data are simulated; 113 + 73 + 60 = 246, not 245"


def test_the_dictionary_names_margin_and_rules_with_their_sources():
    (row,) = tables.dictionary_table(sample.two_arms()).rows

    assert row == (
        "Pain at rest",
        "points (0–10)",
        "0 to 10",
        "lower",
        "1 between groups (Invented 2020)",
        "at least 30\u00a0% lower than at baseline (Invented 2008)",
    )


def test_an_estimand_prints_its_five_attributes():
    (sheet,) = tables.estimand_sheets(sample.two_arms())

    assert [column.label for column in sheet.columns] == ["Estimand", "primary"]
    assert sheet.rows == (
        ("Population", "Everyone randomised"),
        ("Treatments", "Mindfulness v Slow breathing"),
        ("Variable", "Pain at rest, 8 weeks, in points (0–10)"),
        ("Intercurrent events", "Missing diary: treatment policy"),
        ("Summary", "Difference in means"),
        ("Main analysis", "Main analysis"),
        ("A missing value", "People without a value are left out"),
        ("Sensitivity analyses", "Without adjustment for baseline"),
        (
            "Other analyses",
            "Relief by at least 30 %; Student's comparison of means: Pain at rest, 8 weeks",
        ),
    )
    assert tables.other_estimands_table(sample.two_arms()) is None


def test_provenance_carries_the_hash_of_the_results():
    results = sample.two_arms()

    rows = dict(tables.provenance_table(results).rows)

    assert rows["Results, sha256"] == results.sha256
    assert rows["Seed"] == "20250101"
    assert rows["numpy"] == "2.4.0"


def test_the_panel_lists_each_test_once():
    results = sample.two_arms()

    table = tables.p_value_panel_table(results, results.analyses)

    # A risk ratio and a number needed to treat restate the risk difference's test.
    assert [row[1] for row in table.rows] == ["0.0019", "0.0019", "0.2731"]
    assert [row[0] for row in table.rows] == [
        "Main analysis",
        "Without adjustment for baseline",
        "Relief by at least 30 %",
    ]


def test_without_participants_the_tables_say_so():
    results = replace(sample.two_arms(), certificate=None, characteristics=(), flow=())

    for table in (
        tables.certificate_table(results),
        tables.changes_table(results),
        tables.completion_table(results),
        tables.characteristics_table(results),
        tables.flow_table(results),
    ):
        assert table.rows == ()
        assert len(table.footnotes) == 1


@pytest.mark.parametrize("results", [sample.one_arm, sample.two_arms, sample.four_arms])
def test_every_table_of_every_design_fits_its_head(results):
    stored = results()

    made = [
        *(tables.analysis_table(stored, record) for record in stored.analyses),
        tables.descriptives_table(stored, "pain"),
        tables.p_value_panel_table(stored, stored.analyses),
        tables.certificate_table(stored),
        tables.changes_table(stored),
        tables.characteristics_table(stored),
        tables.claims_table(stored),
        tables.completion_table(stored),
        tables.dictionary_table(stored),
        *tables.estimand_sheets(stored),
        tables.variables_table(stored),
        tables.flow_table(stored),
        tables.planned_table(stored),
        tables.provenance_table(stored),
    ]

    assert len({table.id for table in made}) == len(made)
    for table in made:
        heads = {position - 1 for position in table.inset} - set(table.inset)
        for position, row in enumerate(table.rows):
            assert all(cell == cell.strip() for cell in row)
            assert all(row[:1] if position in heads else row)
        assert all(column.label for column in table.columns)


def test_the_flow_lists_every_population_below_its_steps():
    results = sample.two_arms()
    members = tuple(
        FlowCount(stage="Women", arm=arm, n_subjects=n, step="population", source="counted")
        for arm, n in (("mind", 9), ("breath", 8))
    )

    table = tables.flow_table(replace(results, flow=(*results.flow, *members)))

    assert table.rows[-1] == ("Women", "–", "9", "8", "17")
