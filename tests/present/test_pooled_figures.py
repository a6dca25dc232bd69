"""Forest and funnel of a meta-analysis: what they show, say and hold."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import trialkit as tk
from present import sample
from reference_cases import REFERENCE
from trialkit.errors import SpecificationError
from trialkit.present import palette
from trialkit.present.figure_funnel import funnel_figure
from trialkit.present.figure_meta_forest import meta_forest_figure
from trialkit.present.labels import lower_is_better
from trialkit.present.pooled import read_pooled
from trialkit.result.study_results import AnalysisRecord, StudyResults

ARMS = {"treatment": "Mindfulness", "control": "Usual care"}


def stored(result: tk.AnalysisResult, **plan: object) -> tuple[StudyResults, AnalysisRecord]:
    record = AnalysisRecord(
        analysis="primary",
        status="ran",
        data_status="simulated",
        result=replace(result, analysis_id="primary"),
    )
    study = sample.study(ARMS, **plan)
    results = StudyResults(study=study, analyses=(record,), provenance=sample.provenance())
    return results, record


def arms(name: str) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "meta_effect_measures" / "data.csv", dtype={"trial": str})
    return frame[frame["set"].eq(name)]


def means(**options: object) -> tk.AnalysisResult:
    given = {"reference": "control", "measure": "mean_difference", **options}
    return tk.meta_analysis_from_summary(arms("pain"), **given)


def ratios(**options: object) -> tk.AnalysisResult:
    given = {"reference": "control", "measure": "risk_ratio", **options}
    frame = arms("bcg").assign(
        half=lambda d: d["trial"].astype(int).gt(6).map({True: "late", False: "early"})
    )
    return tk.meta_analysis_from_summary(frame, subgroup="half", **given)


RESULTS = {"means": means, "ratios": ratios}
every_result = pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
every_drawing = pytest.mark.parametrize("draw", [meta_forest_figure, funnel_figure])


@every_result
@every_drawing
def test_the_same_result_gives_the_same_bytes(draw, make):
    assert draw(*stored(make())) == draw(*stored(make()))


@every_result
@every_drawing
def test_every_colour_comes_from_the_palette(draw, make):
    svg = draw(*stored(make())).svg

    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", svg)) <= set(palette.DARK)


def test_the_forest_says_what_it_shows():
    alt = meta_forest_figure(*stored(means(tau2="dersimonian_laird", test="z"))).alt

    assert alt == (
        "Mindfulness − Usual care, 9 trials pooled. Pain at rest: difference in means, points. "
        "Average of 9 trials: −0.62, 95\u00a0% interval −1.00 to −0.25, p\u00a0=\u00a00.0010. "
        "Estimates of 8 of 9 trials lie below no difference, on the side "
        "“Mindfulness better”. "
        "A further trial is expected at −1.49 to 0.24. "
        "Between trials: τ² = 0.159 (0.000 to 1.417), "
        "I² = 51\u00a0%, Q = 16.3 on 8 df, p\u00a0=\u00a00.0386."
    )


def test_the_forest_holds_every_number():
    table = meta_forest_figure(*stored(means())).data

    assert table.rows[0] == ("S1", "46", "−1.50", "−2.66 to −0.34", "7.0")
    assert table.rows[-2][:3] == ("Average of 9 trials", "1034", "−0.62")
    assert table.rows[-1] == ("Further trial (prediction)", "", "", "−1.62 to 0.37", "")
    weights = [float(row[4]) for row in table.rows[:9]]
    assert sum(weights) == pytest.approx(100, abs=0.5)


def test_ratios_are_shown_as_ratios_by_subgroup():
    reading = read_pooled(*stored(ratios()))

    assert [group.name for group in reading.groups] == ["early", "late"]
    assert reading.null == 1.0
    assert reading.average.number == "0.49"
    assert reading.spread.count("Between") == 2
    figure = meta_forest_figure(*stored(ratios()))
    assert figure.data.rows[6][0] == "early: Average of 6"


def test_a_measure_of_people_who_respond_turns_the_sides_over():
    """No responder rule belongs to the plan, so more of the event counts as good."""
    reading = read_pooled(*stored(ratios()))

    assert reading.left.text in {"Mindfulness better", "Usual care better"}
    assert reading.left != reading.right


@pytest.mark.parametrize("method", ["meta_analysis", "leave_one_out", "trim_and_fill"])
@pytest.mark.parametrize(("measure", "left"), [("odds_ratio", "Usual care"), (None, "Mindfulness")])
def test_more_people_with_relief_lie_on_the_right(method: str, measure: str | None, left: str):
    """The endpoint's only rule counts relief, though the analysis does not repeat its name."""
    planned = {
        "id": "primary",
        "estimand": "primary",
        "method": method,
        "data": "published_figures",
        **({"measure": measure} if measure else {}),
    }
    log = pd.DataFrame({"trial": list("ABC"), "log": [0.4, 0.7, 0.6], "std_error": [0.2, 0.3, 0.2]})
    columns = {"estimate": "log", "std_error": "std_error", "trial": "trial"}
    pooled = tk.meta_analysis(log, **columns, measure=measure, arm="treatment", reference="control")
    results, record = stored(pooled, analysis=[planned])

    assert read_pooled(results, record).left.text == f"{left} better"
    for row in pooled.estimates:
        if row.quantity in {"pooled_estimate", "odds_ratio", "trial_estimate"}:
            assert lower_is_better(results, "primary", row) == (measure is None)


def test_equal_effects_have_no_prediction_to_draw():
    reading = read_pooled(*stored(means(tau2="equal_effects", test="z")))

    assert reading.prediction is None
    assert "τ²" not in reading.spread


def test_each_comparison_has_its_own_forest():
    three = pd.concat([arms("pain"), arms("pain").query("arm == 'treatment'").assign(arm="third")])
    result = tk.meta_analysis_from_summary(three, reference="control", measure="mean_difference")
    results, record = stored(result)

    first = read_pooled(results, record)
    other = read_pooled(results, record, ("treatment", "control"))

    assert first.title.startswith("third − Usual care")
    assert other.title.startswith("Mindfulness − Usual care")
    assert sum(row.weight for row in other.trials) == pytest.approx(100)


def test_a_funnel_without_egger_has_no_line():
    results, record = stored(means())

    assert funnel_figure(results, record, egger=False).svg != funnel_figure(results, record).svg
    assert "Egger's regression p\u00a0=\u00a00.2287" in funnel_figure(results, record).alt


def test_filled_trials_are_in_the_funnel_and_not_counted():
    data = pd.read_csv(REFERENCE / "meta_bcg" / "data.csv")
    filled = tk.trim_and_fill(data, estimate="yi", variance="vi", trial="trial")

    figure = funnel_figure(*stored(filled))

    assert "1 filled in by trim and fill." in figure.alt
    assert figure.title == "13 trials pooled: funnel"
    assert figure.data.rows[-1][0] == "filled 1"


def test_the_forest_of_filled_trials_has_both_averages():
    data = pd.read_csv(REFERENCE / "meta_bcg" / "data.csv")
    filled = tk.trim_and_fill(
        data, estimate="yi", variance="vi", trial="trial", measure="risk_ratio"
    )

    reading = read_pooled(*stored(filled))
    figure = meta_forest_figure(*stored(filled))

    again = filled.select(quantity="risk_ratio", term="filled")[0]
    assert reading.average.label == "Average of 13 trials"
    assert [row.label for row in reading.trials if row.filled] == ["filled 1"]
    assert reading.with_filled.estimate == pytest.approx(again.estimate)
    assert "of 13 trials lie below no difference" in figure.alt
    assert f"average with filled trials: {again.estimate:.2f}" in figure.alt
    assert [row[0] for row in figure.data.rows[-3:]] == [
        "filled 1",
        "Average of 13 trials",
        "Average with filled trials",
    ]
    assert read_pooled(*stored(means())).with_filled is None


def test_what_was_not_pooled_cannot_be_drawn():
    results, record = stored(means())
    moderated = tk.meta_analysis(
        pd.read_csv(REFERENCE / "meta_bcg" / "data.csv"),
        estimate="yi",
        variance="vi",
        trial="trial",
        moderators="year",
    )
    for draw in (meta_forest_figure, funnel_figure):
        with pytest.raises(SpecificationError, match="no pooled estimate to draw"):
            draw(*stored(moderated))
        with pytest.raises(SpecificationError, match="was not run"):
            draw(results, replace(record, result=None, status="not_run", reason="no data"))


def test_a_ratio_beyond_print_is_a_bound_and_its_axis_has_powers():
    wild = pd.DataFrame({"trial": ["A", "B"], "log": [-0.2, 80.0], "std_error": [0.2, 0.3]})
    result = tk.meta_analysis(
        wild, estimate="log", std_error="std_error", trial="trial", measure="odds_ratio"
    )

    for draw in (meta_forest_figure, funnel_figure):
        figure = draw(*stored(result))
        assert "000000" not in re.sub(r"<svg.*", "", figure.alt)
    assert read_pooled(*stored(result)).average.text == ">1000 (<0.01 to >1000)"
