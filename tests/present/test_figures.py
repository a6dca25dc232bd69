"""Figures say in words what they show, draw the stored numbers, and repeat to the byte."""

import re
from dataclasses import replace
from itertools import pairwise
from time import perf_counter

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from present import sample
from trialkit.errors import SpecificationError
from trialkit.present import figures, palette
from trialkit.present.canvas import text_width, wrap
from trialkit.present.exhibit import Figure
from trialkit.present.scale import Scale, spread_apart
from trialkit.result.study_results import StudyResults

DESIGNS = [sample.one_arm, sample.two_arms, sample.four_arms]


def main_interval(results: StudyResults) -> Figure:
    record = results.analyses[0]
    return figures.interval_figure(results, record, record.result.estimates[0])


def ran(results: StudyResults):
    return [record for record in results.analyses if record.result is not None]


DRAWINGS = {
    "interval": main_interval,
    "people": lambda results: figures.people_figure(results, results.analyses[2]),
    "means": lambda results: figures.means_figure(results, "pain"),
    "pairs": lambda results: figures.pairs_figure(results, "pain", "week_8"),
    "estimation": lambda results: figures.estimation_figure(
        results, results.analyses[0], results.analyses[0].result.estimates[0]
    ),
    "raincloud": lambda results: figures.raincloud_figure(results, "pain"),
    "flow": figures.flow_figure,
    "forest": lambda results: figures.forest_figure(results, ran(results)),
    "p_values": lambda results: figures.p_value_figure(results, ran(results)),
}
every_drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
every_design = pytest.mark.parametrize("results", DESIGNS, ids=lambda item: item.__name__)


@every_design
@every_drawing
def test_a_figure_is_the_same_to_the_byte_and_is_xml(results, draw):
    one, two = draw(results()), draw(results())

    assert one == two
    root = etree.fromstring(one.svg.encode())
    assert etree.QName(root).localname == "svg"
    assert root.get("width") is None
    assert root.get("height") is None
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == (0, 0)
    assert 200 < width <= 482
    assert height > 40


@every_drawing
def test_ids_are_unique_scoped_and_all_referred_to(draw):
    figure = draw(sample.four_arms())

    identifiers = re.findall(r'\sid="([^"]*)"', figure.svg)
    referred = set(re.findall(r'(?:href="#|url\(#)([^")]*)', figure.svg))

    assert len(identifiers) == len(set(identifiers))
    assert set(identifiers) == referred
    assert all(identifier.startswith(figure.id) for identifier in identifiers)


@every_drawing
def test_a_drawing_leaves_the_page_around_it_alone(draw):
    svg = draw(sample.two_arms()).svg

    for forbidden in ("<style", "<script", "<metadata", "<!--", "<?xml", "http://matplotlib"):
        assert forbidden not in svg
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


@every_drawing
def test_every_colour_comes_from_the_palette_and_has_a_dark_counterpart(draw):
    svg = draw(sample.four_arms()).svg

    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", svg)) <= set(palette.DARK)


@every_drawing
def test_words_and_numbers_come_with_the_picture(draw):
    figure = draw(sample.two_arms())

    assert figure.alt.endswith(".")
    assert re.search(r"\d", figure.alt)
    assert figure.title
    assert figure.data.rows


def test_the_callers_settings_are_neither_used_nor_changed():
    with mpl.rc_context({"lines.linewidth": 9, "svg.fonttype": "none", "font.size": 30}):
        before = dict(mpl.rcParams)
        figure = main_interval(sample.two_arms())
        assert dict(mpl.rcParams) == before

    assert figure == main_interval(sample.two_arms())


def test_the_interval_names_the_side_it_lies_on():
    alt = main_interval(sample.two_arms()).alt

    assert alt == (
        "Mindfulness − Slow breathing, Pain at rest, 8 weeks: difference in adjusted means "
        "−1.55 points, 95\u00a0% interval −2.48 to −0.62, p\u00a0=\u00a00.0019. "
        "The interval lies wholly on the side “Mindfulness better”. The declared margin between "
        "groups is 1."
    )


@pytest.mark.parametrize(
    ("figures_", "better", "told"),
    [
        ((-1.5, -2.5, -0.5), "lower", "lies wholly on the side “Mindfulness better”"),
        ((-1.5, -2.5, -0.5), "higher", "lies wholly on the side “Slow breathing better”"),
        ((1.5, 0.5, 2.5), "lower", "lies wholly on the side “Slow breathing better”"),
        ((1.5, 0.5, 2.5), "higher", "lies wholly on the side “Mindfulness better”"),
        ((-0.5, -2.5, 0.5), "lower", "The interval contains no difference"),
        ((-0.5, -1.0, 0.0), "lower", "The interval contains no difference"),
    ],
)
def test_the_direction_follows_the_numbers_and_the_endpoint(figures_, better, told):
    results = sample.two_arms()
    endpoint = results.study.endpoint[0].model_copy(update={"better": better})
    study = results.study.model_copy(update={"endpoint": (endpoint,)})
    estimate, low, high = figures_
    record = results.analyses[0]
    row = replace(record.result.estimates[0], estimate=estimate, conf_low=low, conf_high=high)
    record = replace(record, result=record.result.with_estimates([row]))

    figure = figures.interval_figure(replace(results, study=study), record, row)

    assert told in figure.alt


def test_more_responders_are_better_only_under_a_rule_of_benefit():
    results = sample.two_arms()
    record = results.analyses[2]
    row = replace(record.result.estimates[2], conf_low=0.05)
    record = replace(record, result=record.result.with_estimates([row]))
    harm = results.study.endpoint[0].model_dump(exclude_none=True)
    harm["responder"] = [{"above": 0, "label": "any pain"}]
    arms = {"mind": "Mindfulness", "breath": "Slow breathing"}
    harmful = replace(results, study=sample.study(arms, endpoint=[harm]))

    benefit = figures.interval_figure(results, record, row)
    harms = figures.interval_figure(harmful, record, row)

    assert "the side “Mindfulness better”" in benefit.alt
    assert "the side “Slow breathing better”" in harms.alt
    assert "any pain, 8 weeks: risk difference 17.1 percentage points" in harms.alt


def test_a_single_arm_is_called_lower_after_and_not_better_than_anything():
    figure = main_interval(sample.one_arm())

    assert "lies wholly on the side “lower after (better)”" in figure.alt


def test_a_margin_within_a_person_is_never_drawn_between_groups():
    results = sample.two_arms()
    endpoint = results.study.endpoint[0]
    within = endpoint.margin.model_copy(update={"kind": "within_person"})
    endpoint = endpoint.model_copy(update={"margin": within})
    study = results.study.model_copy(update={"endpoint": (endpoint,)})

    figure = main_interval(replace(results, study=study))

    assert "margin" not in figure.alt
    assert "stroke-dasharray" in main_interval(results).svg
    assert "stroke-dasharray" not in figure.svg


@pytest.mark.parametrize(
    "limits", [(None, None), (0.0, float("inf")), (0.0, 3.2)], ids=["none", "open", "zero"]
)
def test_limits_that_cannot_be_placed_are_drawn_all_the_same(limits):
    results = sample.two_arms()
    record = results.analyses[2]
    row = replace(record.result.estimates[3], conf_low=limits[0], conf_high=limits[1])
    record = replace(record, result=record.result.with_estimates([row]))

    figure = figures.interval_figure(results, record, row)

    etree.fromstring(figure.svg.encode())
    assert "nan" not in figure.svg


def test_people_are_rounded_shares_with_their_counts():
    results = sample.two_arms()

    figure = figures.people_figure(results, results.analyses[2])

    assert figure.alt == (
        "Out of 100 people, Pain at rest at least 30\u00a0% lower than at baseline, 8 weeks: "
        "47 with Mindfulness (8 of 17; interval 23 to 71) and "
        "30 with Slow breathing (6 of 20; interval 10 to 50)."
    )
    # A hundred people an arm, every one of them drawn.
    uses = re.findall(r"<use[^>]*style=\"fill: (#[0-9a-f]{6})", figure.svg)
    assert uses.count(palette.TEAL) == 47
    assert uses.count(palette.RUST) == 30
    assert uses.count(palette.EMPTY) == 123


def test_means_are_told_by_visit():
    alt = figures.means_figure(sample.two_arms(), "pain").alt

    assert "lower is better" in alt
    assert (
        "Mindfulness: 5.4 (4.6 to 6.2) (Before), 3.5 (2.7 to 4.3) (4 weeks) "
        "and 2.8 (1.9 to 3.7) (8 weeks)" in alt
    )


def test_the_means_of_one_arm_take_less_height():
    one, two = (
        float(re.search(r'viewBox="0 0 \S+ (\S+)"', drawn.svg)[1])
        for drawn in (
            figures.means_figure(sample.one_arm(), "pain"),
            figures.means_figure(sample.two_arms(), "pain"),
        )
    )

    assert one < 0.8 * two


def test_pairs_count_who_moved_which_way():
    alt = figures.pairs_figure(sample.two_arms(), "pain", "week_8").alt

    assert "Mindfulness: of 16 people 16 went down, 0 stayed, 0 went up" in alt
    assert "Slow breathing: of 18 people 13 went down, 5 stayed, 0 went up" in alt


def test_the_panel_of_p_values_counts_those_that_stand():
    figure = figures.p_value_figure(sample.two_arms(), ran(sample.two_arms()))

    assert figure.alt.startswith("2 of 3 p-values are at most 0.05 after adjustment (Holm).")
    assert "Relief by at least 30 %: p\u00a0=\u00a00.2731" in figure.alt


@pytest.mark.parametrize(
    "draw",
    [
        lambda results: figures.means_figure(results, "pain"),
        lambda results: figures.pairs_figure(results, "pain", "week_8"),
        lambda results: figures.raincloud_figure(results, "pain"),
        lambda results: figures.people_figure(results, results.analyses[0]),
        lambda results: figures.forest_figure(results, results.analyses[3:]),
        lambda results: figures.p_value_figure(results, results.analyses[3:]),
    ],
)
def test_what_is_not_stored_is_refused_by_name(draw):
    bare = replace(sample.two_arms(), descriptives=(), distributions=(), transitions=())

    with pytest.raises(SpecificationError):
        draw(bare)


def test_a_figure_takes_well_under_a_third_of_a_second():
    results = sample.two_arms()
    main_interval(results)  # the first drawing loads the fonts
    began = perf_counter()

    for draw in DRAWINGS.values():
        draw(results)

    assert (perf_counter() - began) / len(DRAWINGS) < 0.3


labels = st.lists(st.tuples(st.floats(0, 100), st.floats(4, 30)), min_size=1, max_size=6)


@given(labels)
def test_labels_moved_apart_do_not_overlap(items):
    places, heights = ([item[i] for item in items] for i in (0, 1))

    moved = spread_apart(places, heights, low=-100, high=250)

    order = sorted(range(len(items)), key=lambda item: moved[item])
    for upper, lower in pairwise(order):
        gap = moved[lower] - heights[lower] / 2 - moved[upper] - heights[upper] / 2
        assert gap > -1e-6
    assert [places[item] for item in order] == sorted(places)


@given(st.lists(st.text("abcde", min_size=1, max_size=9), min_size=1, max_size=12))
def test_wrapped_lines_keep_every_word_and_fit(words):
    lines = wrap(" ".join(words), 60)

    assert " ".join(lines) == " ".join(words)
    assert all(text_width(line) <= 60 or " " not in line for line in lines)


def test_a_scale_places_its_ends_and_holds_what_lies_beyond():
    scale = Scale(low=0.01, high=1.0, start=200, stop=100, logarithmic=True)

    assert [scale.place(value) for value in (0.01, 0.1, 1.0, 5.0)] == [200, 150, 100, 100]
