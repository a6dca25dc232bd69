"""A model of several visits as its reader sees it: sentence, tables, figure."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from trial_folder import replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.present import profile_drawing
from trialkit.present.figures import visits_figure
from trialkit.present.format import format_number
from trialkit.present.scale import value_limits
from trialkit.present.synopsis import adjustment_words
from trialkit.present.tables import (
    analysis_table,
    analysis_tables,
    covariance_table,
    joint_table,
    visit_completion_table,
)
from trialkit.present.wording import sentence
from trialkit.report.findings import analysis_blocks
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.run.study import run_study
from visit_trial import MMRM, STUDY, participants


@cache
def ran(options: str = "") -> StudyResults:
    """Return the results of the trial with several visits."""
    with TemporaryDirectory() as folder:
        path = write_trial(Path(folder), study=f"{STUDY}{MMRM}{options}\n", data=participants())
        return run_study(path, articles=())


def only(results: StudyResults) -> AnalysisRecord:
    record = results.find_record("visits")
    assert record is not None
    assert record.result is not None, record.reason
    return record


def column(table, label: str) -> list[str]:
    """Return the cells of a table below a head."""
    position = [item.label for item in table.columns].index(label)
    return [row[position] for row in table.rows]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every line of text that a profile is lettered with."""
    lines: list[str] = []
    for name in ("write_lines", "write_beside"):
        write = getattr(profile_drawing, name)

        def spied(sheet, x, y, words, *, write=write, **style):
            lines.extend(words)
            return write(sheet, x, y, words, **style)

        monkeypatch.setattr(profile_drawing, name, spied)
    return lines


def test_the_sentence_says_that_all_visits_were_used():
    results = ran()
    (row,) = only(results).result.select(quantity="ls_mean_difference", visit="week_12")

    said = sentence(results.study, only(results), row)

    assert said.startswith("Pain, 12 weeks, estimated from all visits together: ")
    assert "with mindfulness than with slow breathing" in said


def test_the_covariates_read_as_words_and_each_once():
    study = ran().study
    analysis = study.find_analysis("visits")

    assert adjustment_words(study, analysis) == "at equal values before treatment and sex"


def test_the_table_has_every_visit_and_no_coefficient():
    results = ran()

    table = analysis_table(results, only(results))

    assert column(table, "Visit") == ["4 weeks"] * 2 + ["8 weeks"] * 2 + ["12 weeks"] * 2 + [
        "4 weeks",
        "8 weeks",
        "12 weeks",
    ]
    assert "coefficient" not in " ".join(column(table, "Measure"))
    assert [item.label for item in table.columns][-4:] == [
        "Std error",
        "df",
        "95\u00a0% interval",
        "p",
    ]
    rows = only(results).result.select(quantity="ls_mean_difference")
    shown = [format_number(row.estimate, 2) for row in rows]
    assert column(table, "Estimate")[-3:] == shown


def test_the_footnotes_name_the_model_and_how_the_fit_ended():
    results = ran()

    notes = " ".join(analysis_table(results, only(results)).footnotes)

    assert "unstructured covariance, REML, Kenward-Roger degrees of freedom" in notes
    assert "adjusted for pain before treatment + pain before treatment:visit + sex" in notes
    fit = {item.name: item.value for item in only(results).result.fit}
    assert fit["n_subjects"] == 39
    assert f"39 people, {fit['n_records']} values, 6 covariance parameters; the fit converged" in (
        notes
    )
    assert "records left out as incomplete" in notes


def test_the_joint_tests_are_named_for_what_they_ask():
    results = ran()

    assert column(joint_table(results, only(results)), "Term") == [
        "Arm × visit",
        "Arm at any visit",
    ]


def test_summaries_are_named_by_what_they_are():
    results = ran('summaries = ["average", "slope"]')

    table = analysis_table(results, only(results))

    measures = column(table, "Measure")
    assert "difference in adjusted means, average of the visits, points" in measures
    assert "difference in slopes, points a unit of time" in measures
    assert column(table, "Visit")[-2:] == ["all visits"] * 2


def test_the_table_of_visits_counts_who_is_there_and_why_not():
    results = ran('missing_reason = "reason"')

    table = visit_completion_table(results, only(results))

    assert [item.label for item in table.columns] == [
        "Visit",
        "Arm",
        "With a value, n/N (%)",
        "In the model",
        "Missing",
        "Seen later",
        "Reason for missing",
    ]
    assert table.rows[0] == (
        "4 weeks",
        "Slow breathing",
        "19/20 (95.0\u00a0%)",
        "19",
        "1",
        "0",
        "moved away 1",
    )
    assert table.rows[1][-1] == "another reason 1; not stated 1"
    assert table.footnotes[:2] == (
        "N: Everyone randomised, 40 people.",
        (
            "1 person without a value at any of these visits (or without a covariate) cannot enter "
            "the model."
        ),
    )


def test_without_reasons_the_table_says_so():
    results = ran()

    table = visit_completion_table(results, only(results))

    assert "Reason for missing" not in [item.label for item in table.columns]
    assert table.footnotes[-1] == "The plan names no column with reasons for missing values."


def test_the_people_in_the_table_are_those_under_the_figure(written: list[str]):
    results = ran()
    record = only(results)

    table, figure = visit_completion_table(results, record), visits_figure(results, record)

    counts = [line.rpartition("\u00a0")[2] for line in written if line.startswith("n\u00a0=")]
    assert sorted(counts) == sorted(column(table, "In the model"))
    assert sorted(column(figure.data, "n")) == sorted(column(table, "In the model"))


@pytest.mark.parametrize("options", ["", "group_covariance = true"], ids=["one", "by arm"])
def test_spread_and_correlation_are_those_of_the_fit(options: str):
    results = ran(options)
    fit = {item.name: item.value for item in only(results).result.fit}
    arm = " | mindfulness" if options else ""

    table = covariance_table(results, only(results))

    by_visit = {row[-4]: row for row in table.rows}
    last = by_visit["12 weeks"]
    assert last[-3] == format_number(fit[f"covariance[week_12, week_12{arm}]"] ** 0.5, 2)
    assert last[-1] == format_number(fit[f"correlation[week_8, week_12{arm}]"], 2)
    assert len(table.rows) == (6 if options else 3)


def test_the_figure_draws_every_adjusted_mean_and_says_it(written: list[str]):
    results = ran()
    record = only(results)

    one, two = visits_figure(results, record), visits_figure(results, record)

    assert one == two
    assert len(one.data.rows) == 6
    for row in record.result.select(quantity="ls_mean"):
        assert format_number(row.estimate, 1) in one.alt
    assert one.alt.startswith("Adjusted mean Pain, points (lower is better). Slow breathing: ")
    arms, visits = {"Mindfulness", "Slow breathing"}, {"4 weeks", "8 weeks", "12 weeks"}
    assert arms | visits <= set(written)


def test_the_figure_of_changes_holds_zero_and_says_change(written: list[str]):
    results = ran('outcome = "change"')

    figure = visits_figure(results, only(results))

    assert "Change in pain, points" in written
    assert value_limits(None, [0.0, -2.3, -0.4]) == (-2.5, 0.0)
    assert figure.alt.startswith("Adjusted mean change in pain, points")


def test_a_result_without_adjusted_means_has_no_figure():
    record = only(ran())
    bare = replace(record, result=record.result.with_estimates(()))

    with pytest.raises(SpecificationError, match="no adjusted mean of a visit"):
        visits_figure(ran(), bare)


def test_the_report_shows_sentence_tables_and_figure():
    results = ran()

    shown = analysis_blocks(results, only(results))

    assert [block.kind for block in shown] == ["paragraph", "table", "figure", *["table"] * 4]
    assert [block.table.id for block in shown if block.kind == "table"] == [
        "analysis-visits",
        "means-visits",
        "terms-visits",
        "covariance-visits",
        "visits-visits",
    ]


def test_differences_and_means_stand_in_two_tables():
    results = ran()

    differences, means = analysis_tables(results, only(results))

    assert [item.label for item in differences.columns][:2] == ["Arm or contrast", "Visit"]
    assert "Difference in adjusted means, points" in [item.label for item in differences.columns]
    assert column(differences, "Visit") == ["4 weeks", "8 weeks", "12 weeks"]
    assert len(means.rows) == 6
    assert "p" not in [item.label for item in means.columns]
    whole = analysis_table(results, only(results))
    assert differences.footnotes == whole.footnotes
    assert column(differences, "p") == column(whole, "p")[-3:]


def test_the_tables_need_what_they_show():
    record = only(ran())
    bare = replace(record, result=replace(record.result, fit=()))

    assert covariance_table(ran(), bare) is None
    assert visit_completion_table(replace(ran(), completions=()), record) is None


def test_a_study_label_is_all_that_a_reader_sees():
    study = replaced(STUDY, 'label = "8 weeks"', 'label = "two months"')
    with TemporaryDirectory() as folder:
        path = write_trial(Path(folder), study=study + MMRM, data=participants())
        results = run_study(path, articles=())

    shown = [
        cell
        for table in (
            analysis_table(results, only(results)),
            visit_completion_table(results, only(results)),
            covariance_table(results, only(results)),
        )
        for row in table.rows
        for cell in row
    ]

    assert "two months" in shown
    assert "week_8" not in shown
