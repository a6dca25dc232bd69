"""The estimation plot: every person once, the zero at the comparator's mean, the margin."""

from collections import Counter
from dataclasses import replace

import pytest
from lxml import etree

from present import drawn, sample
from trialkit.errors import SpecificationError
from trialkit.present import palette
from trialkit.present.estimation import read_estimation
from trialkit.present.estimation_drawing import enlarged
from trialkit.present.exhibit import Figure
from trialkit.present.figures import estimation_figure
from trialkit.result.study_results import StudyResults

STUDIES = {
    "one arm": sample.one_arm,
    "two arms": sample.two_arms,
    "four arms": sample.four_arms,
    "values alone": lambda: drawn.of_values_alone(sample.two_arms()),
    "0 to 100": lambda: drawn.scaled(sample.two_arms(), 10),
    "340 people": lambda: drawn.crowded(sample.two_arms(), 10),
    "340 people, values alone": lambda: drawn.of_values_alone(drawn.crowded(sample.two_arms(), 10)),
    "all equal": drawn.equal_scores,
}
every_study = pytest.mark.parametrize("results", STUDIES.values(), ids=STUDIES)


def main_figure(results: StudyResults) -> Figure:
    record = results.analyses[0]
    return estimation_figure(results, record, record.result.estimates[0])


def with_main(results: StudyResults, **changes) -> StudyResults:
    """Return results whose main estimate says something else."""
    main, *others = results.analyses
    first, *rest = main.result.estimates
    rows = [replace(first, **changes), *rest]
    main = replace(main, result=main.result.with_estimates(rows))
    return replace(results, analyses=(main, *others))


def with_own_means(results: StudyResults, **means: float) -> StudyResults:
    """Return results whose main analysis has adjusted means of its arms."""
    main, *others = results.analyses
    rows = [
        replace(
            main.result.estimates[0],
            quantity="ls_mean",
            arm=arm,
            reference_arm=None,
            estimate=mean,
            conf_low=mean - 0.5,
            conf_high=mean + 0.5,
            p_value=None,
        )
        for arm, mean in means.items()
    ]
    main = replace(main, result=main.result.with_estimates((*main.result.estimates, *rows)))
    return replace(results, analyses=(main, *others))


@every_study
def test_it_is_the_same_to_the_byte_in_colours_of_the_palette(results):
    one, two = main_figure(results()), main_figure(results())

    assert one == two
    etree.fromstring(one.svg.encode())
    assert "nan" not in one.svg
    assert drawn.colours(one) <= set(palette.DARK)


@every_study
def test_no_words_lie_over_others_or_stick_out(results, monkeypatch):
    figure, lines = drawn.written(monkeypatch, lambda: main_figure(results()))

    assert lines
    assert drawn.collisions(lines) == []
    assert drawn.outside(lines, figure) == []


@every_study
def test_every_person_is_one_dot_at_each_visit(results):
    stored = results()
    figure = main_figure(stored)
    shown = read_estimation(stored, stored.analyses[0], stored.analyses[0].result.estimates[0])

    visits = 2 if shown.groups[0].pairs else 1
    for group in shown.groups:
        # Beside the people: the mean of the arm, and the differences that have its colour.
        differences = sum(item.shown.colour == group.colour for item in shown.contrasts)
        marks = drawn.dots(figure, group.colour)
        assert len(marks) == visits * group.people + 1 + differences
        assert len(set(marks)) == len(marks)


def test_people_stand_at_the_height_of_their_bin():
    few, moved = sample.two_arms(), sample.two_arms()
    cells = moved.transitions[1].cells
    assert cells[0] == (2.0, 1.0, 1)
    higher = replace(moved.transitions[1], cells=((2.0, 9.0, 1), *cells[1:]))
    moved = replace(moved, transitions=(moved.transitions[0], higher, *moved.transitions[2:]))

    before = Counter(drawn.dots(main_figure(few), palette.TEAL))
    after = Counter(drawn.dots(main_figure(moved), palette.TEAL))

    (gone,) = {y for _, y in before - after} & {y for _, y in before}
    assert min(y for _, y in after - before) < gone


def test_the_difference_ends_at_the_mean_of_the_treatment():
    results = with_own_means(with_main(sample.two_arms(), estimate=-1.5), mind=3.0, breath=4.5)
    shown = read_estimation(results, results.analyses[0], results.analyses[0].result.estimates[0])
    figure = main_figure(results)

    assert shown.adjusted
    assert shown.zero == 4.5
    mean, difference = sorted(drawn.dots(figure, palette.TEAL))[-2:]
    assert mean[1] == pytest.approx(difference[1], abs=1e-6)
    assert "The means are adjusted" in " ".join(figure.footnotes)


def test_a_perturbed_estimate_moves_the_mark_and_the_words():
    results = sample.two_arms()
    moved = with_main(results, estimate=-0.9)

    one, two = main_figure(results), main_figure(moved)

    ys = [max(drawn.dots(figure, palette.TEAL))[1] for figure in (one, two)]
    assert ys[1] < ys[0]
    assert "−1.55 points" in one.alt
    assert "−0.90 points" in two.alt
    assert "−0.90" in " ".join(two.data.footnotes)


def test_the_alternative_text_counts_people_and_gives_means_and_the_difference():
    assert main_figure(sample.two_arms()).alt == (
        "Pain at rest, points (0–10), lower is better. Mindfulness: 16 people, mean 2.8 (1.9 to "
        "3.7); Slow breathing: 18 people, mean 4.6 (3.9 to 5.2). Mindfulness − Slow breathing, "
        "Pain at rest, 8 weeks: difference in adjusted means −1.55 points, 95\u00a0% interval "
        "−2.48 to −0.62, p\u00a0=\u00a00.0019. The interval lies wholly on the side “Mindfulness "
        "better”. "
        "The declared margin between groups is 1."
    )


def test_a_margin_within_a_person_is_not_drawn_at_a_difference_of_groups():
    results = sample.two_arms()
    endpoint = results.study.endpoint[0]
    margin = endpoint.margin.model_copy(update={"kind": "within_person"})
    endpoint = endpoint.model_copy(update={"margin": margin})
    study = results.study.model_copy(update={"endpoint": (endpoint,)})

    between, within = main_figure(results), main_figure(replace(results, study=study))

    assert between.svg.count("stroke-dasharray") == within.svg.count("stroke-dasharray") + 2
    assert "margin" not in within.alt


def test_a_single_arm_changes_from_its_mean_before():
    results = sample.one_arm()
    row = results.analyses[0].result.estimates[0]
    shown = read_estimation(results, results.analyses[0], row)

    assert shown.single
    assert shown.zero == pytest.approx(92 / 17)  # of all who were seen before
    before = replace(
        row, quantity="mean", visit="before", estimate=5.5, method="mean before", conf_low=None
    )
    main = results.analyses[0]
    own = replace(main, result=main.result.with_estimates((*main.result.estimates, before)))
    assert read_estimation(results, own, row).zero == 5.5  # of those whose change it is


def test_changes_are_drawn_where_changes_are_compared():
    results = sample.two_arms()
    planned = results.study.analysis[0].model_copy(update={"outcome": "change"})
    study = results.study.model_copy(update={"analysis": (planned, *results.study.analysis[1:])})
    row = results.analyses[0].result.estimates[0]

    shown = read_estimation(replace(results, study=study), results.analyses[0], row)

    expected = Counter(
        after - before
        for before, after in zip(
            sample.TWO_ARMS["mind"]["before"], sample.TWO_ARMS["mind"]["week_8"], strict=False
        )
    )
    assert shown.of_changes
    assert shown.groups[0].values == expected
    assert not shown.groups[0].pairs


def test_differences_stand_below_where_they_are_several_or_too_small():
    two, four = sample.two_arms(), sample.four_arms()
    narrow = with_main(two, conf_low=-1.6, conf_high=-1.5)

    several, beside, small = (
        enlarged(read_estimation(item, item.analyses[0], item.analyses[0].result.estimates[0]))
        for item in (four, two, narrow)
    )

    assert (several, beside, small) == (True, False, True)
    assert "enlarged" in " ".join(main_figure(narrow).footnotes)


@pytest.mark.parametrize(
    "results",
    [
        lambda: drawn.without_arm(sample.two_arms(), "breath"),
        lambda: replace(sample.two_arms(), distributions=(), transitions=(), descriptives=()),
        lambda: with_main(sample.two_arms(), quantity="risk_difference"),
        lambda: with_main(sample.two_arms(), estimate=None),
    ],
    ids=["fewer than three people", "published figures", "no score", "no estimate"],
)
def test_what_cannot_be_drawn_is_refused(results):
    with pytest.raises(SpecificationError, match="not stored"):
        main_figure(results())


def test_people_of_another_population_are_not_drawn_beside_an_estimate():
    results = sample.two_arms()
    others = tuple(replace(item, estimand="completers") for item in results.descriptives)

    with pytest.raises(SpecificationError, match="not stored"):
        main_figure(replace(results, descriptives=others))


def with_seen_means(results: StudyResults, **people: int) -> StudyResults:
    """Return results whose main analysis has the mean of so many people of each arm."""
    main, *others = with_own_means(results, **dict.fromkeys(people, 4.0)).analyses
    rows = [
        replace(row, n_subjects=people[row.arm]) if row.quantity == "ls_mean" else row
        for row in main.result.estimates
    ]
    return replace(
        results, analyses=(replace(main, result=main.result.with_estimates(rows)), *others)
    )


def with_fewer_before(results: StudyResults) -> StudyResults:
    """Return results in which the first way of each arm is unknown: no value before."""
    moves = tuple(replace(item, cells=item.cells[1:]) for item in results.transitions)
    return replace(results, transitions=moves)


def test_who_has_no_value_before_is_drawn_without_a_line_where_the_mean_counts_them():
    whole = sample.two_arms()
    results = with_seen_means(with_fewer_before(whole), mind=16, breath=18)
    shown = read_estimation(results, results.analyses[0], results.analyses[0].result.estimates[0])
    figure = main_figure(results)

    assert [group.people for group in shown.groups] == [16, 18]
    assert [sum(group.unpaired.values()) for group in shown.groups] == [1, 1]
    assert "Who has no value before has no line" in " ".join(figure.footnotes)
    assert "Mindfulness: 16 people, mean" in figure.alt
    assert sum(int(row[-1]) for row in figure.data.rows) == 34
    assert [row[1] for row in figure.data.rows].count("–") == 2


def test_a_mean_of_others_than_those_drawn_says_of_how_many():
    results = with_seen_means(sample.two_arms(), mind=9, breath=18)
    figure = main_figure(results)

    assert "Mindfulness: 16 people are drawn, the mean is that of 9: 4.0" in figure.alt
    assert "Slow breathing: 18 people, mean" in figure.alt
