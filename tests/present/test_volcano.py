"""A panel's figure shows which endpoints stand, by shape, line, words and numbers alike."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lxml import etree

import trialkit as tk
from present import sample
from trialkit.present import palette
from trialkit.present.figure_volcano import apart, free_box, touches, volcano_figure
from trialkit.present.scale import Scale
from trialkit.present.volcano_points import volcano_points
from trialkit.result.study_results import AnalysisRecord

RESULTS = sample.one_arm()


def panel_record(endpoints: int, *, moved: int = 0, seed: int = 1, **options) -> AnalysisRecord:
    rng = np.random.default_rng(seed)
    changes = rng.normal(size=(20, endpoints))
    changes[:, :moved] += np.linspace(-2, 2, moved)
    names = [f"SEQ.{position}" for position in range(endpoints)]
    result = tk.panel(pd.DataFrame(changes, columns=names), outcomes=names, **options)
    return AnalysisRecord(analysis="proteins", status="ran", data_status="simulated", result=result)


SIZES = {
    "five": panel_record(5, moved=2),
    "none": panel_record(40),
    "many": panel_record(8000, moved=60),
}
every_size = pytest.mark.parametrize("record", SIZES.values(), ids=SIZES)


@every_size
def test_the_figure_is_xml_of_the_palette_with_words_and_numbers(record):
    one, two = (volcano_figure(RESULTS, record) for _ in range(2))

    assert one == two
    assert etree.QName(etree.fromstring(one.svg.encode())).localname == "svg"
    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", one.svg)) <= set(palette.DARK)
    assert one.alt.endswith(".")
    assert one.data.rows
    identifiers = re.findall(r'\sid="([^"]*)"', one.svg)
    assert len(identifiers) == len(set(identifiers))


def test_thousands_of_points_stay_a_small_drawing():
    figure = volcano_figure(RESULTS, SIZES["many"])

    assert len(figure.svg) < 400_000
    assert len(figure.data.rows) == 20
    assert figure.data.footnotes == ("7980 more endpoints are in the results file.",)


def test_the_words_count_what_stands_and_which_way():
    record = SIZES["many"]
    kept = [row for row in record.result.estimates if row.p_adjusted <= 0.05]
    lower = sum(row.estimate < 0 for row in kept)

    alt = volcano_figure(RESULTS, record).alt

    assert alt.startswith(
        f"{len(kept)} of 8000 endpoints have a p-value of at most 0.05 after adjustment "
        f"(Benjamini and Hochberg), {lower} of them lower and {len(kept) - lower} higher."
    )


def test_where_nothing_stands_no_direction_is_told():
    alt = volcano_figure(RESULTS, SIZES["none"]).alt

    assert alt.startswith("0 of 40 endpoints")
    assert "lower" not in alt


@pytest.mark.parametrize(
    "procedure",
    ["holm", "hochberg", "bonferroni", "sidak", "benjamini_hochberg", "benjamini_yekutieli"],
)
@pytest.mark.parametrize("moved", [0, 3, 30])
def test_the_line_parts_what_stands_from_what_does_not(procedure, moved):
    found = volcano_points(RESULTS, panel_record(120, moved=moved, procedure=procedure))

    assert found.limit is not None
    for point in found.points:
        assert point.stands == (point.p_value <= found.limit)


def test_hommels_procedure_has_no_line():
    record = panel_record(30, moved=4, procedure="hommel")

    assert volcano_points(RESULTS, record).limit is None
    assert not any("line" in note for note in volcano_figure(RESULTS, record).footnotes)


def test_a_family_that_holds_more_than_the_panel_has_no_line():
    record = replace(SIZES["five"], analysis="primary", procedure="holm", alpha=0.05)

    assert volcano_points(RESULTS, record).limit is None


def test_what_stands_has_another_shape():
    few, none = (volcano_figure(RESULTS, SIZES[name]).svg for name in ("five", "none"))

    assert palette.TEAL in few
    assert palette.TEAL not in none


def test_changes_are_standardised_unless_they_share_a_declared_unit():
    record = SIZES["five"]
    row = record.result.estimates[0]
    free = volcano_points(RESULTS, record)
    named = replace(record, result=record.result.with_estimates([replace(row, parameter="pain")]))
    shared = volcano_points(RESULTS, named)

    point = next(point for point in free.points if point.row == row)
    assert free.across == "d_z"
    assert point.x == pytest.approx(row.estimate / (row.std_error * np.sqrt(20)))
    assert (shared.across, shared.unit, shared.points[0].x) == ("change", "points", row.estimate)
    assert volcano_points(RESULTS, named, standardise=True).across == "d_z"
    raw = volcano_points(RESULTS, record, standardise=False)
    assert [point.x for point in raw.points] == [point.row.estimate for point in raw.points]


def test_arms_are_compared_by_t():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(24, 6)), columns=list("abcdef"))
    result = tk.panel(
        frame.assign(arm=["x", "y"] * 12), outcomes=list("abcdef"), arm="arm", reference="x"
    )
    record = replace(SIZES["five"], result=result)

    found = volcano_points(RESULTS, record)

    assert found.across == "t"
    assert {point.x for point in found.points} == {row.statistic for row in result.estimates}
    assert "difference of mean changes" in volcano_figure(RESULTS, record).alt


def test_endpoints_without_a_test_are_not_drawn():
    names = ["a", "b", "c"]
    frame = pd.DataFrame([[1.0, 2, 0], [1, 3, 1], [1, 1, 5]], columns=names)
    record = replace(SIZES["five"], result=tk.panel(frame, outcomes=names))

    assert {point.label for point in volcano_points(RESULTS, record).points} == {"b", "c"}


def test_a_record_without_changes_is_refused():
    with pytest.raises(tk.SpecificationError, match="'relief': no tested change to draw"):
        volcano_figure(RESULTS, RESULTS.analyses[2])


def test_tiny_p_values_are_drawn_at_the_edge_and_it_is_said():
    row = replace(SIZES["five"].result.estimates[0], p_value=1e-300, p_adjusted=1e-299)
    record = replace(SIZES["five"], result=SIZES["five"].result.with_estimates([row]))

    assert any("drawn at that height" in note for note in volcano_figure(RESULTS, record).footnotes)


def test_names_keep_clear_of_marks_and_of_the_edge():
    across = Scale(low=-1, high=1, start=0, stop=100)
    mark = (46.0, 46.0, 54.0, 54.0)

    box = free_box(20, 50, 50, [mark], across)

    assert box is not None
    assert not touches(box, mark)
    assert free_box(20, 50, 50, [(0, 0, 100, 100)], across) is None
    assert free_box(200, 50, 50, [mark], across) is None


def test_points_that_would_cover_one_another_are_drawn_once():
    assert apart([(1.0, 1.0), (1.01, 1.0), (9.0, 9.0)]) == [(1.0, 1.0), (9.0, 9.0)]
