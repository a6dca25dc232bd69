"""Who was studied, whose values are there, what is asked and what each variable is."""

import re
from dataclasses import replace

import pytest

from present import sample
from trialkit.errors import SpecificationError
from trialkit.present import tables
from trialkit.present.figures import has_missing, missing_figure
from trialkit.present.model_words import missing_words, model_sentence
from trialkit.present.palette import EMPTY, RUST, TEAL
from trialkit.result.people import BalanceRow, MissingCount, VariableRecord
from trialkit.result.study_results import CharacteristicRow, StudyResults
from trialkit.study.study import Study

ARMS = {"mind": "Mindfulness", "breath": "Slow breathing"}


def balance(column: str, size: float, p_value: float | None = None) -> BalanceRow:
    return BalanceRow(
        column=column,
        arm="mind",
        reference_arm="breath",
        n_subjects=37,
        standardised_difference=size,
        p_value=p_value,
    )


def missing(visit: str, arm: str, people: int, known: int, **changes) -> MissingCount:
    return MissingCount(
        endpoint="pain",
        population="itt",
        visit=visit,
        arm=arm,
        n_subjects=people,
        n_with_value=known,
        **({"n_seen_later": 0} | changes),
    )


def with_missing(*, reasons: bool = True) -> StudyResults:
    """Return results in which two and six people lack a value at the last visit."""
    counts = (
        missing("before", "mind", 17, 17),
        missing("before", "breath", 20, 20),
        missing("week_4", "mind", 17, 16, n_seen_later=1),
        missing("week_4", "breath", 20, 20),
        missing("week_8", "mind", 17, 15, reasons=(("moved away", 1),) if reasons else ()),
        missing("week_8", "breath", 20, 14, reasons=(("lack of effect", 6),) if reasons else ()),
    )
    return replace(sample.two_arms(), missing=counts)


def planned(**changes) -> Study:
    """Return the sample's study with a main analysis that has other options."""
    study = sample.study(ARMS)
    analyses = [item.model_dump(exclude_none=True) for item in study.analysis]
    analyses[0] |= changes
    return sample.study(ARMS, analysis=analyses)


def test_how_far_the_arms_stand_apart_is_said_once_a_variable():
    results = replace(sample.two_arms(), balance=(balance("age", 0.1249), balance("sex", 0.3051)))

    table = tables.characteristics_table(results)

    assert table.columns[-1].label == "Standardised difference"
    assert [row[-1] for row in table.rows] == ["0.12", "", "", "0.31", "", ""]
    notes = " ".join(table.footnotes)
    assert "Standardised difference of Mindfulness − Slow breathing, without its sign" in notes
    assert "No p-value is printed: arms made by chance differ by chance." in notes


def test_p_values_stand_there_only_where_they_are_stored():
    results = replace(
        sample.two_arms(), balance=(balance("age", 0.12, 0.0449), balance("sex", 0.31, 0.7))
    )

    table = tables.characteristics_table(results)

    assert [column.label for column in table.columns[-2:]] == ["Standardised difference", "p"]
    assert [row[-1] for row in table.rows] == ["0.0449", "", "", "0.7000", "", ""]
    assert not any("No p-value" in note for note in table.footnotes)


def test_missing_values_are_counted_and_belong_to_the_size_of_the_arm():
    stored = sample.two_arms()
    rows = tuple(
        replace(row, n_missing=2 if row.arm == "mind" else 0) if row.column == "age" else row
        for row in stored.characteristics
    )

    table = tables.characteristics_table(replace(stored, characteristics=rows))

    assert table.columns[1].label == "Mindfulness (n\u00a0=\u00a019)"
    assert table.rows[3] == ("no value, n", "2", "0", "0")
    assert table.inset == (1, 2, 3, 5, 6)


def test_the_value_before_treatment_is_named_with_its_visit_and_unit():
    stored = sample.two_arms()
    row = CharacteristicRow(
        column="pain",
        label="Pain at rest",
        unit="points (0-10)",
        level=None,
        arm=None,
        n_subjects=37,
        mean=5.4,
        std_dev=1.3,
        median=5.0,
        quartile_1=4.0,
        quartile_3=6.0,
        endpoint="pain",
        visit="before",
    )

    def head(changed: CharacteristicRow) -> str:
        results = replace(stored, characteristics=(*stored.characteristics, changed))
        return tables.characteristics_table(results).rows[6][0]

    assert head(row) == "Pain at rest, before, points"
    assert head(replace(row, visit=None)) == "Pain at rest before treatment, points"


def test_people_at_levels_that_are_not_shown_are_not_hidden():
    stored = sample.two_arms()
    kept = tuple(row for row in stored.characteristics if row.level != "men")

    def notes(results: StudyResults) -> str:
        return " ".join(tables.characteristics_table(results).footnotes)

    assert "fewer than three people share" in notes(replace(stored, characteristics=kept))
    assert "fewer than three people share" not in notes(stored)


def test_missing_values_stand_by_visit_arm_and_reason():
    table = tables.missing_tables(with_missing())["pain"]

    assert [column.label for column in table.columns] == [
        "With a value, n/N (%)",
        "Mindfulness (n\u00a0=\u00a017)",
        "Slow breathing (n\u00a0=\u00a020)",
    ]
    assert table.rows == (
        ("Before", "17/17 (100.0\u00a0%)", "20/20 (100.0\u00a0%)"),
        ("4 weeks", "16/17 (94.1\u00a0%)", "20/20 (100.0\u00a0%)"),
        ("no value", "1", "0"),
        ("of these, with a value at a later visit", "1", "0"),
        ("8 weeks", "15/17 (88.2\u00a0%)", "14/20 (70.0\u00a0%)"),
        ("no value", "2", "6"),
        ("reason: moved away", "1", "0"),
        ("reason: lack of effect", "0", "6"),
        ("no reason stated", "1", "0"),
    )
    assert table.inset == (2, 3, 5, 6, 7, 8)


def test_without_reasons_the_table_says_that_none_are_known():
    unknown = tables.missing_tables(with_missing(reasons=False))["pain"]
    complete = replace(
        sample.two_arms(),
        missing=(missing("before", "mind", 17, 17), missing("before", "breath", 20, 20)),
    )

    assert unknown.footnotes[-1] == "The plan names no column with reasons for missing values."
    assert tables.missing_tables(complete)["pain"].footnotes[-1] == (
        "Everybody's value is there at every visit."
    )


def test_an_endpoint_with_a_table_of_its_own_is_not_counted_twice():
    assert len(tables.completion_table(sample.two_arms()).rows) == 3
    assert tables.completion_table(with_missing()).rows == ()


def test_the_figure_says_who_is_there_and_holds_the_table():
    figure = missing_figure(with_missing(), "pain")

    assert figure.alt == (
        "People with a value. Before: 17/17 (100.0\u00a0%) of Mindfulness and 20/20 "
        "(100.0\u00a0%) of Slow breathing; 4 weeks: 16/17 (94.1\u00a0%) of Mindfulness and 20/20 "
        "(100.0\u00a0%) of Slow breathing; 8 weeks: 15/17 (88.2\u00a0%) of Mindfulness and 14/20 "
        "(70.0\u00a0%) of Slow breathing."
    )
    assert figure.data == tables.missing_tables(with_missing())["pain"]
    assert figure.svg == missing_figure(with_missing(), "pain").svg


def test_the_bars_are_as_long_as_the_shares():
    svg = missing_figure(with_missing(), "pain").svg
    bars = re.findall(r'<path d="M (\S+) \S+ \nL (\S+) [^"]*z\n" style="fill: (#[0-9a-f]{6})"', svg)
    lengths = [(float(right) - float(left), colour) for left, right, colour in bars]
    whole = max(length for length, _ in lengths)
    shares = {colour: [] for _, colour in lengths}
    for length, colour in lengths:
        shares[colour].append(length / whole)

    assert shares[TEAL] == pytest.approx([1, 16 / 17, 15 / 17], abs=1e-6)
    assert shares[RUST] == pytest.approx([1, 1, 14 / 20], abs=1e-6)
    assert shares[EMPTY] == [1.0] * 6


def test_a_figure_is_drawn_where_one_in_twenty_is_missing():
    few = replace(sample.two_arms(), missing=(missing("before", "mind", 100, 96),))
    more = replace(sample.two_arms(), missing=(missing("before", "mind", 100, 95),))

    assert not has_missing(few, "pain")
    assert has_missing(more, "pain")
    with pytest.raises(SpecificationError, match="no count of missing values"):
        missing_figure(sample.two_arms(), "pain")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Outcome: pain at rest, 8 weeks. Covariates: none."),
        (
            {"outcome": "change", "covariates": "BASE + C(site) + age:AVISIT"},
            (
                "Outcome: change in pain at rest, 8 weeks. Covariates: pain at rest before "
                "treatment, site (as categories) and age by visit."
            ),
        ),
        ({"method": "welch"}, "Outcome: pain at rest, 8 weeks."),
    ],
)
def test_the_model_is_said_in_the_words_of_the_plan(options, sentence: str):
    study = planned(**options)

    assert model_sentence(study, study.analysis[0]) == sentence


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "welch"}, "people without a value are left out"),
        ({"covariates": "age"}, "people without a value, or without a covariate, are left out"),
        ({"method": "mmrm"}, "not filled in; a person with a value at any visit"),
        ({"method": "paired_change"}, "people without a value before or after are left out"),
        ({"method": "friedman"}, "people without a value at every visit are left out"),
        ({"method": "responders"}, "a person without a value counts as not meeting the rule"),
        (
            {"method": "responders", "missing_as": "observed"},
            "people without a value before or after are left out",
        ),
        ({"method": "cumulative_responders"}, "a person without a value counts as not improving"),
        ({"data": "published_figures"}, "as the publication treated them"),
    ],
)
def test_what_a_missing_value_counts_as_follows_from_the_plan(options, words: str):
    study = planned(**options)

    assert missing_words(study, study.analysis[0]).startswith(words)


def test_of_a_bad_event_a_missing_value_counts_as_one():
    endpoint = sample.study(ARMS).endpoint[0].model_dump(exclude_none=True)
    endpoint["responder"] = [{"above": 0, "label": "any pain"}]
    study = planned(method="responders").model_copy(
        update={"endpoint": sample.study(ARMS, endpoint=[endpoint]).endpoint}
    )

    assert missing_words(study, study.analysis[0]) == (
        "a person without a value counts as having the event"
    )


def test_a_main_analysis_that_did_not_run_says_what_stands_in_its_place():
    results = sample.two_arms()
    analyses = [item.model_dump(exclude_none=True) for item in results.study.analysis]
    analyses[1] |= {"stands_in_for": "primary", "data": "published_figures"}
    study = sample.study(ARMS, analysis=analyses)
    first = replace(results.analyses[0], status="not_run", reason="none", result=None)
    stored = replace(results, study=study, analyses=(first, *results.analyses[1:]))

    (sheet,) = tables.estimand_sheets(stored)
    (alone,) = tables.estimand_sheets(replace(stored, analyses=(first,)))

    assert dict(sheet.rows)["Main analysis"] == (
        "Main analysis (not run; in its place: Without adjustment for baseline)"
    )
    assert dict(alone.rows)["Main analysis"] == "Main analysis (not run)"


def estimands(*visits: str, mains: int) -> StudyResults:
    """Return results with an estimand a visit, the first of them asked by main analyses."""
    base = sample.study(ARMS)
    asked = base.estimand[0].model_dump(exclude_none=True)
    names = [f"{visit}-{number}" for number, visit in enumerate(visits)]
    listed = [
        asked | {"id": name, "visit": visit} for name, visit in zip(names, visits, strict=True)
    ]
    analyses = [
        {"id": name, "estimand": name, "method": "welch", "role": "main"} for name in names[:mains]
    ]
    study = sample.study(ARMS, estimand=listed, analysis=analyses, multiplicity={})
    return replace(sample.two_arms(), study=study, analyses=())


def test_main_estimands_stand_two_by_two_and_the_others_by_whom_they_are_about():
    results = estimands("week_8", "week_4", "week_8", "week_4", mains=3)

    first, second = tables.estimand_sheets(results)
    others = tables.other_estimands_table(results)

    assert [column.label for column in first.columns[1:]] == ["week_8-0", "week_4-1"]
    assert [column.label for column in second.columns[1:]] == ["week_8-2"]
    assert {first.id, second.id} == {"estimands", "estimands-2"}
    assert others.rows == (
        ("Everyone randomised; Mindfulness v Slow breathing", "", ""),
        ("Pain at rest, 4 weeks", "difference in means", "week_4-3"),
    )
    assert others.footnotes == (
        "Intercurrent events, in all of these: missing diary: treatment policy.",
    )


def test_of_very_many_main_estimands_four_have_a_sheet():
    results = estimands(*["week_8"] * 6, mains=6)

    assert len(tables.estimand_sheets(results)) == 2
    assert len(tables.other_estimands_table(results).inset) == 2


def test_a_departure_that_the_table_of_the_plan_shows_is_not_said_again():
    results = sample.two_arms()
    left_out = results.analyses[3]
    said = f"left_out: not run, {left_out.reason}"
    family = "Family 'confirmatory': adjusted over 1 of 2 planned analyses"

    table = tables.planned_table(replace(results, deviations=(said, family)))

    assert table.footnotes == (f"Departure from the plan: {family}",)


def test_the_dictionary_names_source_codes_and_missing_values():
    variables = (
        VariableRecord(
            column="sex",
            kind="category",
            used=True,
            n_subjects=37,
            n_missing=1,
            levels=(("f", "female"), ("m", "")),
            n_unnamed=2,
        ),
        VariableRecord(column="shoe", kind="number", used=False, n_subjects=37, n_missing=0),
    )

    table = tables.variables_table(replace(sample.two_arms(), variables=variables))
    rows = {row[0]: row for row in table.rows}

    assert rows["sex"][2:] == (
        "category: f = female; m; and 2 more",
        "column sex",
        "1/37",
    )
    assert rows["BASE"][3] == "AVAL at before"
    assert "shoe" not in rows
    assert table.footnotes == (
        "Codes that neither the plan declares nor three people share have no name.",
        "Carried along and not used by the plan: shoe.",
    )
    values = [row for row in table.rows if row[0] == "AVAL"]
    assert [row[1] for row in values] == [
        "Pain at rest, before",
        "Pain at rest, 4 weeks",
        "Pain at rest, 8 weeks",
    ]
    assert values[-1][-1] == "3/37"


def test_without_participants_there_is_no_dictionary():
    assert tables.variables_table(replace(sample.two_arms(), certificate=None)) is None
