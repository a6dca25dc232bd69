"""Rainclouds: the stored counts as steps and dots, one scale for all panels, nothing smoothed."""

from dataclasses import replace

import pytest
from lxml import etree

from present import drawn, sample
from trialkit.errors import SpecificationError
from trialkit.present import palette, raincloud_drawing
from trialkit.present.figures import raincloud_figure

STUDIES = {
    "one arm": sample.one_arm,
    "two arms": sample.two_arms,
    "four arms": sample.four_arms,
    "0 to 100": lambda: drawn.scaled(sample.two_arms(), 10),
    "340 people": lambda: drawn.crowded(sample.two_arms(), 10),
    "all equal": drawn.equal_scores,
    "an arm withheld": lambda: drawn.without_arm(sample.two_arms(), "breath"),
}
every_study = pytest.mark.parametrize("results", STUDIES.values(), ids=STUDIES)
every_choice = pytest.mark.parametrize("visits", [None, ["week_8"]], ids=["all visits", "one"])


@every_study
@every_choice
def test_it_is_the_same_to_the_byte_in_colours_of_the_palette(results, visits):
    one, two = (raincloud_figure(results(), "pain", visits) for _ in range(2))

    assert one == two
    etree.fromstring(one.svg.encode())
    assert "nan" not in one.svg
    assert drawn.colours(one) <= set(palette.DARK)


@every_study
@every_choice
def test_no_words_lie_over_others_or_stick_out(results, visits, monkeypatch):
    figure, lines = drawn.written(monkeypatch, lambda: raincloud_figure(results(), "pain", visits))

    assert lines
    assert drawn.collisions(lines) == []
    assert drawn.outside(lines, figure) == []


@every_study
def test_every_person_is_one_dot(results):
    stored = results()
    figure = raincloud_figure(stored, "pain", ["week_8"])

    for arm, colour in palette.arm_colours(stored.study).items():
        people = sum(
            sum(item.counts)
            for item in stored.distributions
            if (item.arm, item.visit) == (arm, "week_8")
        )
        # Beside the dots the ring of the mean, where there are people.
        assert len(drawn.dots(figure, colour)) == people + (people > 0)


def test_all_panels_share_one_scale(monkeypatch):
    _, lines = drawn.written(monkeypatch, lambda: raincloud_figure(sample.two_arms(), "pain"))

    ticks = [
        [(line.left + line.right) / 2 for line in lines if line.text == str(value)]
        for value in (0, 4, 10)
    ]

    zeros, fours, tens = map(sorted, ticks)
    assert len(zeros) == len(fours) == len(tens) == 3
    steps = {
        (round(four - zero, 3), round(ten - zero, 3))
        for zero, four, ten in zip(zeros, fours, tens, strict=True)
    }
    assert len(steps) == 1
    ((four, ten),) = steps
    assert ten / four == pytest.approx(2.5, abs=1e-3)


def test_a_moved_person_moves_a_dot_the_words_and_the_table():
    results = sample.two_arms()
    item = next(
        item for item in results.distributions if (item.arm, item.visit) == ("mind", "week_8")
    )
    counts = list(item.counts)
    counts[0], counts[9] = counts[0] - 1, counts[9] + 1
    moved = replace(
        results,
        distributions=tuple(
            replace(item, counts=tuple(counts)) if other is item else other
            for other in results.distributions
        ),
    )

    one, two = (raincloud_figure(item, "pain", ["week_8"]) for item in (results, moved))

    assert drawn.dots(one, palette.TEAL) != drawn.dots(two, palette.TEAL)
    assert (
        "Mindfulness, 8 weeks: 16 people, in bins around 0 to 6, median 3.0 [1.8, 4.0], mean 2.8"
        in one.alt
    )
    assert "Mindfulness, 8 weeks: 16 people, in bins around 1 to 9" in two.alt
    assert ("9", "1", "0") in two.data.rows
    assert [sum(int(row[i]) for row in one.data.rows) for i in (1, 2)] == [16, 18]


def test_it_says_how_it_is_read_and_that_nothing_is_smoothed():
    (note,) = raincloud_figure(sample.two_arms(), "pain").footnotes

    assert "in each bin of width 1, not smoothed" in note


def test_summaries_of_fewer_than_three_people_are_neither_drawn_nor_told():
    figure = raincloud_figure(drawn.without_arm(sample.two_arms(), "breath"), "pain")

    assert "Slow breathing" not in figure.alt
    assert palette.RUST not in figure.svg


@every_study
def test_the_axis_ends_at_the_ends_of_the_scale(results, monkeypatch):
    axes = []
    draw = raincloud_drawing.axis_across
    monkeypatch.setattr(
        raincloud_drawing,
        "axis_across",
        lambda sheet, scale, *rest: (axes.append(scale), draw(sheet, scale, *rest)),
    )
    study = results()
    limits = study.study.find_endpoint("pain").scale

    raincloud_figure(study, "pain")

    assert axes
    for scale in axes:
        assert (scale.low, scale.high) == (limits.minimum, limits.maximum)
        # The bins around the ends reach beyond them; the panels have room for their halves.
        assert scale.start >= raincloud_drawing.EDGE


def test_the_axis_is_shorter_than_bins_around_its_ends(monkeypatch):
    shown = []
    lay_out = raincloud_drawing.lay_out
    monkeypatch.setattr(
        raincloud_drawing, "lay_out", lambda *given: shown.append(lay_out(*given)) or shown[-1]
    )

    raincloud_figure(drawn.equal_scores(), "pain")
    raincloud_figure(sample.two_arms(), "pain")

    for grid in shown:
        axis, across = grid.axis(0), grid.across(0)
        assert axis.start == across.place(grid.limits[0])
        assert axis.stop == across.place(grid.limits[1])
    assert any(grid.axis(0).start > grid.across(0).start for grid in shown)


def test_what_is_not_stored_is_refused():
    with pytest.raises(SpecificationError, match="no distribution"):
        raincloud_figure(replace(sample.two_arms(), distributions=()), "pain")


def test_counts_of_nobody_are_drawn_as_nothing():
    results = sample.two_arms()
    empty = tuple(
        replace(item, counts=tuple(0 for _ in item.counts)) for item in results.distributions
    )

    with pytest.raises(SpecificationError, match="no distribution of endpoint"):
        raincloud_figure(replace(results, distributions=empty), results.distributions[0].endpoint)


def test_visits_that_are_not_drawn_are_told(monkeypatch: pytest.MonkeyPatch):
    results = sample.two_arms()
    endpoint = results.distributions[0].endpoint
    whole = raincloud_figure(results, endpoint)
    visits = len({item.visit for item in results.distributions if item.endpoint == endpoint})
    monkeypatch.setattr("trialkit.present.figure_raincloud.MOST_VISITS", visits - 1)
    some = raincloud_figure(results, endpoint)

    assert "Drawn are the first" not in " ".join(whole.footnotes)
    assert f"Drawn are the first {visits - 1} of {visits} visits" in some.footnotes[-1]
