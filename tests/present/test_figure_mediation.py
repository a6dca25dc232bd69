"""The diagram of a mediation: numbers on arrows, words for the eye and the ear, one file a byte."""

import re
from dataclasses import replace

import pytest
from lxml import etree

from present import sample
from trialkit.errors import SpecificationError
from trialkit.present import palette
from trialkit.present.figure_mediation import heading_lines, mediation_figure, panels_svg
from trialkit.present.mediation import read_panel
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

MEDIATORS = ("breaths", "worry")


def row(quantity: str, numbers: tuple[float, float, float] | None, **names: str) -> Estimate:
    estimate, low, high = numbers or (None, None, None)
    level = None if numbers is None or low is None else 0.95
    return Estimate(
        quantity=quantity,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        conf_level=level,
        n_subjects=60,
        method="invented",
        **names,
    )


def mediated(results: StudyResults) -> AnalysisRecord:
    """Return an invented mediation of every arm against the last."""
    *arms, reference = (arm.id for arm in results.study.arm)
    rows = []
    for arm in arms:
        names = {"arm": arm, "reference_arm": reference}
        rows += [
            row("total_effect", (-1.62, -2.24, -1.02), **names),
            row("direct_effect", (-0.69, -1.25, 0.14), **names),
            row("indirect_effect", (-0.6, -0.97, -0.33), term="breaths", **names),
            row("indirect_effect", (-0.33, -0.65, 0.11), term="worry", **names),
            row("indirect_effect", (-0.93, -1.4, -0.54), term="all mediators", **names),
            row("proportion_mediated", (0.37, None, None), term="breaths", **names),
            row("proportion_mediated", None, term="worry", **names),
            row("path", (-2.76, -3.83, -1.69), term="a: breaths", **names),
            row("path", (-4.4, -7.29, 1.51), term="a: worry", **names),
        ]
    rows += [
        row("path", (0.2175, 0.1208, 0.3142), term="b: breaths"),
        row("path", (0.0762, 0.0405, 0.112), term="b: worry"),
        row("sensitivity", (0.413, None, None), term="rho: breaths"),
        row("sensitivity", (0.047, None, None), term="R2: breaths"),
    ]
    return sample.record("primary", rows, "mediation")


@pytest.mark.parametrize("results", [sample.two_arms(), sample.four_arms()], ids=["two", "four"])
def test_the_diagram_is_xml_of_the_palette_and_the_same_to_the_byte(results: StudyResults):
    figure, again = (mediation_figure(results, mediated(results)) for _ in range(2))

    assert figure == again
    root = etree.fromstring(figure.svg.encode())
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == 482
    assert height > 100 * (len(results.study.arm) - 1)
    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", figure.svg)) <= set(palette.DARK)
    identifiers = re.findall(r'\sid="([^"]*)"', figure.svg)
    assert all(identifier.startswith(figure.id) for identifier in identifiers)


def test_the_words_give_every_number_of_the_picture():
    results = sample.two_arms()

    figure = mediation_figure(results, mediated(results))

    assert figure.alt == (
        "Mindfulness − Slow breathing, Pain at rest: whole difference −1.62 points "
        "(95\u00a0% interval −2.24 to −1.02); through breaths −0.60 (−0.97 to −0.33), from −2.760 "
        "(−3.830 to −1.690) in the mediator and 0.218 (0.121 to 0.314) per unit of it; through "
        "worry −0.33 (−0.65 to 0.11), from −4.400 (−7.290 to 1.510) in the mediator and 0.076 "
        "(0.041 to 0.112) per unit of it; not through the mediators −0.69 (−1.25 to 0.14)."
    )
    assert "breaths 0.41" in figure.footnotes[-1]


def test_the_table_holds_paths_and_shares():
    results = sample.two_arms()

    table = mediation_figure(results, mediated(results)).data

    cells = {line[0]: line[1:] for line in table.rows}
    compared = "Mindfulness − Slow breathing"
    assert cells[f"{compared}: share through breaths"] == ("37.0\u00a0%", "", "–")
    assert cells[f"{compared}: share through worry"] == ("–", "", "–")
    assert cells[f"{compared}: through all mediators"][0] == "−0.93"
    assert cells["Outcome per unit of worry"] == ("0.076", "0.041 to 0.112", "–")
    assert len(table.rows) == 11


def test_what_leaves_out_zero_is_drawn_whole_and_the_rest_dashed():
    results = sample.two_arms()
    record = mediated(results)

    svg = mediation_figure(results, record).svg

    # Dashed: the path to worry, and the arrow past the mediators.
    assert svg.count("stroke-dasharray") == 2


def test_long_names_give_the_difference_a_line_of_its_own():
    results = sample.two_arms()
    record = mediated(results)
    panel = read_panel(results, record, record.result.estimates[0])
    long = replace(panel, compared="A very long name of an arm − " * 6)

    short_lines, beside = heading_lines(panel, "95 %")
    lines, far = heading_lines(long, "95 %")

    assert (len(short_lines), beside) == (1, True)
    assert len(lines) > 1
    assert not far
    assert len(panels_svg([long], "95 %", "x")) > 0


def test_a_record_without_a_mediation_is_refused():
    results = sample.two_arms()

    with pytest.raises(SpecificationError, match="holds no mediation"):
        mediation_figure(results, results.analyses[0])
    with pytest.raises(SpecificationError, match="holds no mediation"):
        mediation_figure(results, results.analyses[-1])
