"""The checklist: an item is filled by what the plan and the results hold, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from present import sample
from report import variants
from trialkit.present.checklist import (
    CONSORT,
    STATES,
    TREND,
    Line,
    checklist,
    checklist_summary,
    guideline_of,
)
from trialkit.present.conduct import TOPICS, conduct_items
from trialkit.result.study_results import FlowCount, StudyResults
from trialkit.study.reporting import Harm, Reporting
from trialkit.study.specification import Arm


def lines(results: StudyResults) -> dict[str, Line]:
    """Return the items of a study's checklist by their number."""
    return {line.number: line for _, entries in checklist(results) for line in entries}


def states(results: StudyResults) -> dict[str, str]:
    return {number: line.answer.state for number, line in lines(results).items()}


def with_study(results: StudyResults, **changes: Any) -> StudyResults:
    return replace(results, study=results.study.model_copy(update=changes))


def with_reporting(results: StudyResults, **stated: str) -> StudyResults:
    return with_study(results, reporting=Reporting(**stated))


def harm(**changes: Any) -> Harm:
    given = {"label": "Nausea", "people": {"mind": 1, "breath": 2}, "source": "Invented 2020"}
    return Harm(**(given | changes))


def changed(before: StudyResults, after: StudyResults) -> dict[str, tuple[str, str]]:
    """Return the items whose state changed, as (before, after)."""
    old, new = states(before), states(after)
    assert old.keys() == new.keys()
    return {number: (old[number], new[number]) for number in old if old[number] != new[number]}


def test_the_list_of_a_randomised_trial_has_thirty_items():
    numbers = [entry.number for _, part in CONSORT.parts for entry in part]

    assert len(numbers) == len(set(numbers)) == 42
    assert {int(number.rstrip("abcd")) for number in numbers} == set(range(1, 31))


def test_of_the_other_list_only_the_items_that_were_read_are_there():
    numbers = [int(entry.number) for _, part in TREND.parts for entry in part]

    assert numbers == [*range(1, 9), *range(18, 23)]
    assert "the ninth to the seventeenth could not be read" in TREND.remark


@pytest.mark.parametrize(
    ("results", "name"),
    [(variants.real, "CONSORT 2025"), (variants.real_single_arm, "TREND")],
    ids=["randomised", "one group"],
)
def test_the_guideline_follows_from_the_design(results: Callable[[], StudyResults], name: str):
    assert guideline_of(results().study).name == name


def test_arms_that_chance_did_not_form_have_the_other_list():
    results = variants.with_header(variants.real(), randomised=False)

    assert guideline_of(results.study) is TREND


# Which item is filled by which key of [reporting], and from what state.
FILLED_BY = {
    "protocol": {"3": "partly"},
    "data_sharing": {"4": "partly"},
    "background": {"6": "unfilled"},
    "objectives": {"7": "partly"},
    "patient_involvement": {"8": "unfilled"},
    "framework": {"9": "partly"},
    "changes": {"10": "partly"},
    "eligibility": {"12a": "unfilled"},
    "sites": {"12b": "unfilled"},
    "harms_assessment": {"15": "unfilled"},
    "sample_size": {"16a": "unfilled"},
    "interim_looks": {"16b": "unfilled"},
    "sequence": {"17a": "unfilled"},
    "restriction": {"17b": "unfilled"},
    "concealment": {"18": "unfilled"},
    "implementation": {"19": "unfilled"},
    "blinding": {"20b": "unfilled"},
    "dates": {"23a": "unfilled"},
    "stopping": {"23b": "unfilled"},
    "delivery": {"24a": "unfilled"},
    "concomitant_care": {"24b": "unfilled"},
    "interpretation": {"29": "partly"},
    # Asked for by the other list alone, or no item of its own.
    "recruitment": {},
    "measures": {},
    "assignment": {},
    "generalisability": {},
    "other_evidence": {},
    "source": {},
}


def test_every_topic_has_its_items():
    assert set(FILLED_BY) == set(TOPICS) == set(Reporting.model_fields)


@pytest.mark.parametrize("key", FILLED_BY)
def test_a_text_of_the_plan_fills_its_item_and_no_other(key: str):
    before = variants.real()
    after = with_reporting(before, **{key: "So it was."})

    assert changed(before, after) == {
        number: (state, "filled") for number, state in FILLED_BY[key].items()
    }
    for number in FILLED_BY[key]:
        assert key in lines(before)[number].answer.said
        assert "conduct" in lines(after)[number].answer.places
    assert [text for _, text in conduct_items(after.study)] == ["So it was."]


@pytest.mark.parametrize(
    ("key", "number", "state"),
    [
        ("background", "2", "unfilled"),
        ("objectives", "5", "partly"),
        ("measures", "6", "partly"),
        ("sample_size", "7", "unfilled"),
        ("assignment", "8", "unfilled"),
        ("interpretation", "20", "partly"),
        ("generalisability", "21", "partly"),
        ("other_evidence", "22", "unfilled"),
    ],
)
def test_a_text_of_the_plan_fills_its_item_of_the_other_list(key: str, number: str, state: str):
    before = variants.real_single_arm()
    after = with_reporting(before, **{key: "So it was."})

    assert changed(before, after) == {number: (state, "filled")}
    assert key in lines(before)[number].answer.said
    assert "conduct" in lines(after)[number].answer.places


def test_harms_of_the_other_list_are_filled_in_part_by_counts():
    before = variants.with_header(variants.real_single_arm(), harms="collected")
    arm = before.study.arm[0].id
    after = with_study(before, harm=(harm(people={arm: 1}),))

    assert changed(before, after) == {"19": ("unfilled", "partly")}
    assert "[[harm]]" in lines(before)["19"].answer.said
    assert "what was done about them" in lines(after)["19"].answer.said
    assert lines(after)["19"].answer.places == ("harms",)


@pytest.mark.parametrize(
    ("stated", "number"),
    [
        ({"funding": "A fund"}, "5a"),
        ({"interests": "None"}, "5b"),
        ({"setting": "A clinic"}, "11"),
        ({"masking": "participants"}, "20a"),
        ({"limits": ("whether it lasts",)}, "30"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_key_of_the_header_fills_its_item(stated: dict[str, Any], number: str):
    before = variants.real()

    assert changed(before, variants.with_header(before, **stated))[number][1] == "filled"
    assert next(iter(stated)) in lines(before)[number].answer.said


def test_a_registration_without_its_time_fills_its_item_in_part():
    number = variants.with_header(variants.real(), registration="NCT1")
    timed = variants.with_header(number, registered_before_start=False)

    assert states(variants.real())["2"] == "unfilled"
    assert states(number)["2"] == "partly"
    assert "registered_before_start" in lines(number)["2"].answer.said
    assert states(timed)["2"] == "filled"


def test_how_nobody_was_masked_is_not_asked():
    results = variants.with_header(variants.real(), masking="none")

    assert states(results)["20b"] == "filled"
    assert "Nobody was masked" in lines(results)["20b"].answer.said


@pytest.mark.parametrize(("described", "state"), [(0, "unfilled"), (1, "partly"), (2, "filled")])
def test_treatments_are_filled_by_their_descriptions(described: int, state: str):
    results = variants.real()
    arms = tuple(
        Arm(
            **arm.model_dump(exclude={"description"}), description="So." if at < described else None
        )
        for at, arm in enumerate(results.study.arm)
    )

    assert states(with_study(results, arm=arms))["13"] == state


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("not_collected", "Harms were not collected."),
        ("not_in_data", "Harms are not in the data."),
        ("collected", "the plan lists none of them"),
        (None, "The plan says nothing of harms."),
    ],
)
def test_harms_that_nobody_lists_cannot_be_filled_and_the_reason_is_said(
    header: str | None, said: str
):
    line = lines(variants.with_header(variants.real(), harms=header))["27"]

    assert line.answer.state == "unfilled"
    assert said in line.answer.said
    assert "[[harm]]" in line.answer.said
    assert line.answer.places == ()


def test_harms_that_are_listed_fill_their_item():
    before = variants.with_header(variants.real(), harms="collected")
    after = with_study(before, harm=(harm(),))

    assert changed(before, after) == {"21a": ("partly", "filled"), "27": ("unfilled", "filled")}


def test_losses_need_their_reasons():
    results = variants.real()
    reasons = replace(
        results,
        flow=tuple(
            replace(count, reason="moved away") if count.step == "lost" else count
            for count in results.flow
        ),
    )
    unknown = replace(results, flow=tuple(count for count in results.flow if count.step != "lost"))

    assert states(results)["22b"] == "partly"
    assert states(reasons)["22b"] == "filled"
    assert states(unknown)["22b"] == "unfilled"


def test_numbers_by_arm_name_what_is_not_known():
    results = variants.real()
    received = tuple(
        FlowCount(stage="Received", arm=arm.id, n_subjects=1, step="received", source="declared")
        for arm in results.study.arm
    )

    assert "Not known for every arm: received." in lines(results)["22a"].answer.said
    assert states(replace(results, flow=(*results.flow, *received)))["22a"] == "filled"
    assert states(replace(results, flow=()))["22a"] == "unfilled"


def test_results_need_intervals_and_shares_both_comparisons():
    results = variants.real()
    of_shares = [record for record in results.analyses if record.analysis == "relief"]
    (record,) = of_shares
    assert record.result is not None
    absolute = record.result.with_estimates(
        [row for row in record.result.estimates if row.quantity != "risk_ratio"]
    )

    assert states(results)["26"] == "filled"
    alone = replace(results, analyses=(replace(record, result=absolute),))
    assert "absolute terms alone" in lines(alone)["26"].answer.said
    assert states(replace(results, analyses=()))["26"] == "unfilled"


def test_without_peoples_own_data_nobody_is_described():
    assert states(variants.real())["25"] == "filled"
    assert states(replace(variants.real(), characteristics=()))["25"] == "unfilled"


def test_the_other_list_names_what_is_missing_of_the_people():
    results = variants.real_single_arm()
    partly = with_reporting(results, eligibility="Adults.")
    whole = variants.with_header(
        with_reporting(results, eligibility="Adults.", recruitment="By letter."), setting="Here"
    )

    assert states(results)["3"] == "unfilled"
    assert "recruitment, setting" in lines(partly)["3"].answer.said
    assert lines(partly)["3"].answer.places == ("design", "conduct")
    assert states(whole)["3"] == "filled"


def test_another_number_changes_no_item():
    results = sample.two_arms()
    record = results.analyses[0]
    assert record.result is not None
    rows = [replace(row, estimate=9.0) for row in record.result.estimates]
    other = replace(record, result=record.result.with_estimates(rows))

    assert checklist(replace(results, analyses=(other, *results.analyses[1:]))) == checklist(
        results
    )


@pytest.mark.parametrize("results", [variants.real, variants.real_single_arm, sample.four_arms])
def test_the_summary_counts_the_items(results: Callable[[], StudyResults]):
    found = list(states(results()).values())
    filled, partly, unfilled = (found.count(state) for state in STATES)

    assert checklist_summary(results()) == (
        f"Filled: {filled} of {len(found)} items; in part: {partly}; "
        f"cannot be filled here: {unfilled}."
    )


@pytest.mark.parametrize("results", [variants.real, variants.real_single_arm])
def test_what_is_not_filled_has_a_reason(results: Callable[[], StudyResults]):
    for line in lines(results()).values():
        assert line.answer.state == "filled" or line.answer.said
        assert line.answer.state == "unfilled" or line.answer.places
