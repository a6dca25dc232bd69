"""Forests: one question, the main analysis on top, roles and data marked, nothing unnamed."""

from dataclasses import replace

import pytest
from lxml import etree

from present import drawn, sample
from report import variants
from trialkit.present import palette
from trialkit.present.figures import forest_figure
from trialkit.present.forest_rows import questions, read_question
from trialkit.result.study_results import StudyResults

STUDIES = {
    "one arm": sample.one_arm,
    "two arms": sample.two_arms,
    "four arms": sample.four_arms,
    "stand-in": variants.stand_in,
}
every_study = pytest.mark.parametrize("results", STUDIES.values(), ids=STUDIES)


def with_other_scale() -> StudyResults:
    """Return two arms whose sensitivity analysis is of ranks, and one that was not run."""
    results = sample.two_arms()
    main, raw, relief, left_out = results.analyses
    ranks = replace(
        raw.result.estimates[0],
        quantity="probability_of_superiority",
        estimate=0.31,
        conf_low=0.18,
        conf_high=0.48,
    )
    raw = replace(raw, result=raw.result.with_estimates([ranks]))
    return replace(results, analyses=(main, raw, relief, left_out))


@every_study
def test_no_words_lie_over_others_or_stick_out(results, monkeypatch):
    stored = results()
    records = stored.analyses

    figure, lines = drawn.written(monkeypatch, lambda: forest_figure(stored, records))

    assert drawn.collisions(lines) == []
    assert drawn.outside(lines, figure) == []
    assert figure == forest_figure(stored, records)
    assert drawn.colours(figure) <= set(palette.DARK)


def test_the_question_leaves_out_what_asks_something_else_and_names_what_did_not_run():
    results = sample.two_arms()
    (records,) = questions(results, "pain")

    figure = forest_figure(results, records)

    assert [record.analysis for record in records] == ["primary", "unadjusted", "left_out"]
    assert [row[:2] for row in figure.data.rows] == [
        ("Main analysis", "main · SIMULATED"),
        ("Without adjustment for baseline", "sensitivity · SIMULATED"),
    ]
    (note,) = figure.footnotes
    assert note.startswith("Not run: Student's comparison of means")
    assert note.endswith("(the plan was written for participants, and there are none).")


def test_the_main_analysis_stands_on_top_wherever_the_plan_has_it():
    results = sample.two_arms()
    plan = results.study.analysis
    study = results.study.model_copy(update={"analysis": (plan[1], plan[0], *plan[2:])})
    first, second, *rest = results.analyses

    (records,) = questions(replace(results, study=study, analyses=(second, first, *rest)), "pain")

    assert records[0].analysis == "primary"


def test_another_scale_stands_below_the_axis_with_what_it_is():
    results = with_other_scale()

    figure = forest_figure(results, results.analyses[:2])

    assert figure.data.rows[1] == (
        "Without adjustment for baseline: chance that a person of the first arm scores higher",
        "sensitivity · SIMULATED",
        "31.0",
        "18.0 to 48.0",
        figure.data.rows[0][4],
    )
    # Only the main interval is drawn: the dot of one more analysis is not.
    both = forest_figure(sample.two_arms(), sample.two_arms().analyses[:2])
    assert len(drawn.dots(both, palette.LINE)) == 1
    assert not drawn.dots(figure, palette.LINE)


def test_a_stand_in_is_marked_and_leads_where_the_main_analysis_did_not_run():
    results = variants.stand_in()

    question = read_question(results, results.analyses)

    assert question.on_axis[0].record.analysis == "figures"
    assert question.on_axis[0].mark == "stand-in · published figures"
    assert question.not_run[0].analysis == "primary"


def test_a_perturbed_estimate_moves_its_mark_its_words_and_its_row():
    results = sample.two_arms()
    main, other, *rest = results.analyses
    row = replace(other.result.estimates[0], estimate=0.4)
    moved = replace(
        results, analyses=(main, replace(other, result=other.result.with_estimates([row])), *rest)
    )

    one, two = (forest_figure(item, item.analyses[:2]) for item in (results, moved))

    (before,), (after,) = (drawn.dots(figure, palette.LINE) for figure in (one, two))
    assert after[0] > before[0]
    assert one.data.rows[1][2] == "−1.35"
    assert two.data.rows[1][2] == "0.40"
    assert "0.40" in two.alt
    assert "0.40" not in one.alt


def test_the_margin_is_drawn_and_told():
    figure = forest_figure(sample.two_arms(), sample.two_arms().analyses[:2])

    assert figure.svg.count("stroke-dasharray") == 2
    assert figure.alt.endswith("The declared margin between groups is 1.")
    etree.fromstring(figure.svg.encode())


def test_simulated_people_never_stand_beside_real_ones():
    results = variants.real()
    main, other, *rest = results.analyses
    mixed = replace(results, analyses=(main, replace(other, data_status="simulated"), *rest))

    assert list(questions(mixed, "pain")) == []
    assert len(list(questions(results, "pain"))) == 1
