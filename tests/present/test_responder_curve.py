"""The responder curve draws what is stored, says it in words, and repeats to the byte."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lxml import etree

import trialkit as tk
from present import sample
from trialkit.present.figure_responder_curve import responder_curve_figure
from trialkit.result.study_results import AnalysisRecord, StudyResults

DESIGNS = [sample.one_arm, sample.two_arms, sample.four_arms]


def curves(results: StudyResults, **options: object) -> AnalysisRecord:
    """Return the record of curves of invented scores."""
    rng = np.random.default_rng(6)
    arms = [arm.id for arm in results.study.arm]
    frame = pd.DataFrame(
        {"arm": np.repeat(arms, 24), "before": rng.integers(2, 11, 24 * len(arms))}
    )
    frame["after"] = np.clip(frame["before"] - rng.integers(-1, 7, len(frame)), 0, 10)
    result = tk.cumulative_responders(
        frame,
        outcome="after",
        baseline="before",
        arm="arm",
        reference=arms[-1] if len(arms) > 1 else None,
        **options,
    )
    placed = result.with_estimates(
        replace(row, parameter="pain", visit="week_8") for row in result.estimates
    )
    return AnalysisRecord(analysis="curve", status="ran", data_status="simulated", result=placed)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda item: item.__name__)
@pytest.mark.parametrize("options", [{}, {"thresholds": [10, 20]}], ids=["whole", "no marks"])
def test_the_figure_is_xml_and_the_same_to_the_byte(design, options):
    results = design()
    figure = responder_curve_figure(results, curves(results, **options))

    assert figure == responder_curve_figure(results, curves(results, **options))
    root = etree.fromstring(figure.svg.encode())
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == (0, 0)
    assert width == pytest.approx(482, abs=0.1)
    assert height > 150


def test_words_and_table_hold_the_stored_numbers():
    results = sample.two_arms()
    record = curves(results)
    figure = responder_curve_figure(results, record)

    shares = record.result.select(quantity="proportion", arm="mind", term="at least 30 %")
    assert f"{100 * shares[0].estimate:.0f}\N{NO-BREAK SPACE}%" in figure.alt
    row = next(cells for cells in figure.data.rows if cells[0] == "30 %")
    assert f"{100 * shares[0].estimate:.1f}" in row
    assert len(figure.data.rows) == 21
    (test,) = record.result.select(quantity="joint_test")
    assert f"p\u00a0=\u00a0{test.p_value:.4f}" in figure.alt
    assert "95" in figure.footnotes[0]


def test_a_record_without_a_curve_is_refused():
    results = sample.two_arms()

    with pytest.raises(tk.SpecificationError, match="no responder curve"):
        responder_curve_figure(results, results.analyses[2])
    with pytest.raises(tk.SpecificationError, match="no responder curve"):
        responder_curve_figure(results, curves(results, thresholds=[30]))
