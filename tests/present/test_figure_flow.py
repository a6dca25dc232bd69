"""The flow diagram and the small flow say and draw the stored counts, for every design."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import etree

from present import sample
from trialkit.errors import SpecificationError
from trialkit.present import figures, palette
from trialkit.present.canvas import FULL_WIDTH, HALF_WIDTH, text_width
from trialkit.present.figure_flow import (
    TALLEST,
    Plan,
    arm_boxes,
    plan_of,
    top_boxes,
)
from trialkit.present.figure_flow_steps import (
    analysed_arms,
    arm_lines,
    arms_width,
    known_steps,
    numbers_width,
)
from trialkit.present.flow import Flow, read_flow
from trialkit.present.flow_boxes import LEAD, PADDING, Box
from trialkit.report.document import FigureBlock, TableBlock
from trialkit.report.methods import people_part
from trialkit.result.people import MissingCount
from trialkit.result.study_results import FlowCount, StudyResults
from trialkit.terms import FlowStep

# As wide as a drawing may be whose 9-point type is still read on a phone of 320 points.
PHONE = 250
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis without rest, as the referring letter says"


def declared(
    step: FlowStep, n: int, *, arm: str | None = None, reason: str | None = None
) -> FlowCount:
    return FlowCount(stage=step, arm=arm, n_subjects=n, reason=reason, step=step, source="declared")


def flow_of(results: StudyResults) -> Flow:
    flow = read_flow(results)
    assert flow is not None
    return flow


def several_arms(arms: int) -> StudyResults:
    """Return up to six arms with long labels, every step declared with long reasons."""
    results = sample.one_arm() if arms == 1 else sample.two_arms()
    first = results.study.arm[0]
    known = [arm.id for arm in results.study.arm]
    named = tuple(
        first.model_copy(update={"id": arm, "label": f"{LONG[: 20 + 12 * n]} {n}"})
        for n, arm in enumerate([*known, *(f"arm{n}" for n in range(len(known), arms))])
    )
    results = replace(results, study=results.study.model_copy(update={"arm": named}))
    counts = [
        declared("assessed", 1694),
        declared("not_entered", 1000, reason=LONG),
        declared("not_entered", 593),
        declared("entered", 101),
        declared("not_in_data", 1, reason=LONG),
    ]
    for arm in (arm.id for arm in named):
        counts += [
            declared("allocated", 17, arm=arm),
            declared("received", 15, arm=arm),
            declared("not_received", 2, arm=arm, reason=LONG),
            declared("discontinued", 1, arm=arm, reason=LONG),
            declared("lost", 3, arm=arm, reason=LONG),
            declared("lost", 1, arm=arm),
            declared("left_out", 2, arm=arm, reason=LONG),
            declared("lost_and_analysed", 1, arm=arm),
            declared("analysed", 12, arm=arm),
        ]
        counts.append(
            FlowCount(stage="in", arm=arm, n_subjects=17, step="in_data", source="counted")
        )
    return replace(results, flow=tuple(counts))


def all_boxes(flow: Flow, plan: Plan) -> list[Box]:
    parts = ("allocation", "follow_up", "analysis")
    return [
        *top_boxes(flow, plan).all,
        *(box for part in parts for box in arm_boxes(flow, plan, part)),
    ]


def shades(flow: Flow) -> dict[str, str]:
    return {path.arm: palette.TEAL for path in flow.arms}


def test_the_diagram_is_told_in_words_from_assessment_to_analysis():
    alt = figures.flow_figure(sample.two_arms()).alt

    assert alt == (
        "Assessed for eligibility 61. Did not enter 24 (no pain 24). In the data 37. "
        "Mindfulness: Allocated 17, received the treatment not reported. "
        "Outcome not known 1 (reasons not reported), stopped the treatment not reported. "
        "Analysed 16. "
        "Slow breathing: Allocated 20, received the treatment not reported. "
        "Outcome not known 2 (reasons not reported), stopped the treatment not reported. "
        "Analysed 18."
    )


def test_every_step_that_is_declared_is_told_with_its_reasons():
    alt = figures.flow_figure(several_arms(1)).alt

    for part in (
        "Assessed for eligibility 1694",
        f"Did not enter 1593 ({LONG[0].lower()}{LONG[1:]} 1000; reason not reported 593)",
        "In the group 17, received the treatment 15, did not receive it 2",
        "Lost to follow-up 4",
        "stopped the treatment 1",
        "Analysed 12, of them without the outcome 1, left out 2",
    ):
        assert part in alt


def test_another_count_gives_another_drawing_and_other_words():
    results = sample.two_arms()
    more = tuple(
        replace(count, n_subjects=n)
        if (n := count.n_subjects) != 24
        else replace(count, n_subjects=25)
        for count in results.flow
    )

    one, two = figures.flow_figure(results), figures.flow_figure(replace(results, flow=more))

    assert one.svg != two.svg
    assert "Did not enter 25" in two.alt
    assert ("Did not enter", "–", "–", "–", "25") in two.data.rows


def test_a_single_arm_is_not_allocated_and_nobody_is_randomised():
    figure = figures.flow_figure(sample.one_arm())
    flow = flow_of(sample.one_arm())

    assert "llocated" not in figure.alt
    assert "andomised" not in figure.alt
    assert flow.parts["allocation"] == "Treatment"
    assert "In the group 17" in figure.alt


def test_arms_that_chance_did_not_form_are_groups():
    results = sample.two_arms()
    header = results.study.study.model_copy(update={"randomised": False})
    study = results.study.model_copy(update={"study": header})

    flow = flow_of(replace(results, study=study, flow=(declared("entered", 37), *results.flow)))

    assert flow.parts["allocation"] == "Groups"
    assert flow.entered[0].label == "Entered the study"
    assert flow.arms[0].allocation[0].label == "In the group"


@pytest.mark.parametrize(
    ("counts", "label", "n"),
    [
        ((), "In the data", 37),
        ((declared("entered", 37),), "Randomised", 37),
        ((declared("entered", 38), declared("not_in_data", 1)), "Entered the study", 38),
        ((declared("not_in_data", 2),), "Known to have been randomised", 39),
        (
            (
                declared("entered", 37),
                declared("allocated", 17, arm="mind"),
                declared("allocated", 20, arm="breath"),
            ),
            "Randomised",
            37,
        ),
    ],
)
def test_people_are_called_randomised_where_that_is_known(
    counts: tuple[FlowCount, ...], label: str, n: int
):
    results = sample.two_arms()

    (line,) = flow_of(replace(results, flow=(*counts, *results.flow))).entered

    assert (line.label, line.n) == (label, n)


def test_without_data_what_is_not_declared_is_not_reported():
    results = replace(sample.two_arms(), flow=(declared("assessed", 61),))

    figure = figures.flow_figure(results)

    assert "Randomised not reported" in figure.alt
    assert "Analysed not reported" in figure.alt
    assert any(note.startswith("Not reported: neither") for note in figure.footnotes)
    assert ("Analysed", "–", "not reported", "not reported", "–") in figure.data.rows


def test_simulated_people_are_not_those_of_a_study_with_real_figures():
    results = sample.two_arms()
    header = results.study.study.model_copy(update={"data_status": "published_figures"})
    data = results.study.data.model_copy(update={"simulated": True})
    study = results.study.model_copy(update={"study": header, "data": data})

    figure = figures.flow_figure(replace(results, study=study))

    assert "Assessed for eligibility 61" in figure.alt
    assert "17" not in figure.alt
    counted = tuple(count for count in results.flow if count.source == "counted")
    with pytest.raises(SpecificationError, match="no flow of people"):
        figures.flow_figure(replace(results, study=study, flow=counted))


def test_losses_by_arm_stand_below_with_whether_their_reasons_are_known():
    losses, outcome, *_ = figures.flow_figure(sample.two_arms()).footnotes

    assert losses == (
        "Without the outcome: 1 of 17 (5.9\u00a0%) with mindfulness and 2 of 20 (10.0\u00a0%) "
        "with slow breathing. Their reasons are not reported."
    )
    assert outcome == (
        "The outcome is that of the main analysis, “Main analysis”: pain at rest, 8 weeks. Its "
        "population: everyone randomised."
    )
    known = replace(
        sample.one_arm(),
        flow=(
            declared("allocated", 17, arm="mind"),
            declared("lost", 2, arm="mind", reason="moved away"),
        ),
    )
    assert figures.flow_figure(known).footnotes[0] == (
        "Lost to follow-up: 2 of 17 (11.8\u00a0%) with retreat."
    )


def test_losses_are_shares_of_those_whom_the_question_is_about():
    results = sample.two_arms()
    estimand = results.study.find_estimand(results.study.main_analyses[0].estimand)
    others = tuple(
        replace(count, n_subjects=7) if count.step == "outside_population" else count
        for count in results.flow
    )
    asked = tuple(
        MissingCount(
            endpoint=estimand.endpoint,
            population=estimand.population,
            visit=estimand.visit,
            arm=arm.id,
            n_subjects=10,
            n_with_value=9 - position,
            n_seen_later=0,
        )
        for position, arm in enumerate(results.study.arm)
    )

    losses, *_ = figures.flow_figure(replace(results, flow=others, missing=asked)).footnotes

    assert "1 of 10 (10.0\u00a0%)" in losses
    assert "2 of 10 (20.0\u00a0%)" in losses


@pytest.mark.parametrize("arms", range(1, 7))
def test_all_text_stays_in_its_box_and_all_boxes_on_the_sheet(arms: int):
    flow = flow_of(several_arms(arms))
    plan = plan_of(flow, shades(flow))

    assert plan.width <= FULL_WIDTH
    for box in all_boxes(flow, plan):
        assert box.left >= 0
        assert box.left + box.width <= plan.width + 1e-9
        for line in box.written:
            size = line.size / LEAD if line.number and line.bold else line.size
            taken = line.indent + text_width(line.words, size=size, bold=line.bold)
            assert taken <= box.width - 2 * PADDING + 1e-6, line.words
            if line.number:
                assert text_width(line.number, size=line.size, bold=True) <= line.indent


@pytest.mark.parametrize("results", [sample.one_arm, sample.two_arms])
def test_one_arm_and_two_fit_a_phone(results: Callable[[], StudyResults]):
    flow = flow_of(results())

    assert plan_of(flow, shades(flow)).width <= PHONE


@pytest.mark.parametrize("arms", range(2, 7))
def test_arms_stand_side_by_side_without_touching(arms: int):
    flow = flow_of(several_arms(arms))
    plan = plan_of(flow, shades(flow))

    for one, next_one in pairwise(arm_boxes(flow, plan, "allocation")):
        assert one.left + one.width < next_one.left


@pytest.mark.parametrize("arms", range(1, 7))
def test_the_diagram_of_any_number_of_arms_is_xml_and_repeats_to_the_byte(arms: int):
    one, two = figures.flow_figure(several_arms(arms)), figures.flow_figure(several_arms(arms))

    assert one == two
    _, _, width, height = map(float, etree.fromstring(one.svg.encode()).get("viewBox").split())
    # As high as it is printed: a diagram is never broken over two pages.
    assert height * min(1, FULL_WIDTH / width) <= TALLEST + 1e-6
    assert set(re.findall(r"#[0-9a-f]{6}\b(?=[;\"])", one.svg)) <= set(palette.DARK)


def test_everyone_is_the_sum_of_the_arms_only_where_all_are_known():
    results = sample.two_arms()
    one_arm = tuple(
        count for count in results.flow if (count.step, count.arm) != ("analysed", "breath")
    )

    rows = figures.flow_figure(replace(results, flow=one_arm)).data.rows

    assert ("Analysed", "–", "16", "not reported", "–") in rows
    assert ("Allocated", "–", "17", "20", "37") in rows


def test_the_report_shows_the_diagram_and_a_table_where_no_step_is_named():
    results = sample.two_arms()
    plain = tuple(replace(count, step=None, source=None) for count in results.flow)

    (drawn,) = [block for block in people_part(results) if isinstance(block, FigureBlock)]
    listed = [block for block in people_part(replace(results, flow=plain)) if block.kind == "table"]

    assert drawn.figure.id == "figure-flow"
    assert drawn.caption.startswith("SIMULATED. ")
    assert isinstance(listed[0], TableBlock)
    assert listed[0].table.id == "flow"
    assert not any(
        block.kind == "table" and block.table.id == "flow" for block in people_part(results)
    )


def test_the_small_flow_takes_known_steps_only_and_ends_in_the_arms():
    results = several_arms(3)
    flow = flow_of(results)

    assert [(step.label, step.n) for step in known_steps(flow)] == [
        ("assessed", 1694),
        ("randomised", 101),
        ("in the data", 100),
    ]
    assert [arm.n for arm in analysed_arms(results, flow)] == [12, 12, 12]
    figure = figures.flow_steps_figure(results)
    assert figure.alt.startswith(
        "1694 assessed, then 101 randomised, then 100 in the data, then 36"
    )
    assert [row[1] for row in figure.data.rows] == ["1694", "101", "100", "12", "12", "12"]


def test_an_arm_of_which_nobody_is_analysed_is_not_in_the_small_flow():
    results = sample.two_arms()
    none = tuple(
        replace(count, n_subjects=0) if (count.step, count.arm) == ("analysed", "mind") else count
        for count in results.flow
    )

    assert figures.flow_steps_figure(replace(results, flow=none)).alt == (
        "61 assessed, then 37 in the data, then 18 analysed (18 in “Slow breathing”)."
    )


def test_more_than_four_arms_are_counted_together_in_the_small_flow():
    figure = figures.flow_steps_figure(several_arms(5))

    assert figure.alt.endswith("then 100 in the data, then 60 analysed in 5 arms.")
    assert figure.data.rows[-1] == ("analysed in 5 arms", "60")


def test_a_flow_of_one_step_is_no_small_flow():
    results = replace(sample.two_arms(), flow=(declared("assessed", 61),))

    assert not figures.has_steps(results)
    with pytest.raises(SpecificationError, match="no two steps"):
        figures.flow_steps_figure(results)


@pytest.mark.parametrize("arms", range(1, 7))
def test_the_small_flow_fits_its_column_and_repeats_to_the_byte(arms: int):
    one, two = (figures.flow_steps_figure(several_arms(arms)) for _ in range(2))

    assert one == two
    _, _, width, _ = map(float, etree.fromstring(one.svg.encode()).get("viewBox").split())
    assert width == HALF_WIDTH
    flow = flow_of(several_arms(arms))
    room = arms_width(known_steps(flow))
    ends = analysed_arms(several_arms(arms), flow)
    for line in (line for lines in arm_lines(ends, room) for line in lines):
        assert numbers_width(ends) + 5 + text_width(line) <= room + 1e-6
