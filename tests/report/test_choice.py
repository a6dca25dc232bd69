"""Which result leads: the planned one, a stand-in, never a simulated one in a real study."""

from dataclasses import replace

from present import sample
from report import variants
from trialkit.report.choice import main_result, responders_beside
from trialkit.result.study_results import StudyResults


def without(results: StudyResults, analysis: str) -> StudyResults:
    """Return results in which an analysis did not run."""
    records = (
        replace(item, status="not_run", result=None, reason="x")
        if item.analysis == analysis
        else item
        for item in results.analyses
    )
    return replace(results, analyses=tuple(records))


def test_the_first_main_analysis_leads():
    main = main_result(variants.real())

    assert main.record.analysis == "primary"
    assert not main.stands_in


def test_the_contrast_that_is_asked_about_leads():
    main = main_result(sample.four_arms())

    assert (main.estimate.arm, main.estimate.reference_arm) == ("mind", "breath")


def test_without_it_the_first_with_an_interval_leads():
    assert main_result(without(variants.real(), "primary")).record.analysis == "unadjusted"


def test_printed_figures_stand_in_for_participants():
    main = main_result(variants.stand_in())

    assert main.record.analysis == "figures"
    assert main.stands_in


def test_participants_lead_before_what_stands_in_for_them():
    results = variants.stand_in()
    ran = variants.real().find_record("primary")
    records = tuple(ran if item.analysis == "primary" else item for item in results.analyses)

    assert main_result(replace(results, analyses=records)).record.analysis == "primary"


def test_simulated_people_never_speak_for_a_real_study():
    results = variants.real()
    simulated = tuple(replace(item, data_status="simulated") for item in results.analyses)

    assert main_result(replace(results, analyses=simulated)) is None
    assert main_result(sample.two_arms()) is not None


def test_p_values_alone_cannot_lead():
    assert main_result(variants.p_values_only()) is None


def test_people_are_counted_for_the_same_outcome_and_arms():
    results = variants.real()

    assert responders_beside(results, main_result(results)).analysis == "relief"
    gone = without(results, "relief")
    assert responders_beside(gone, main_result(gone)) is None


def test_no_other_arms_answer_the_question():
    results = sample.four_arms()
    asked = {"treatment": "mind", "reference": "breath"}
    narrowed = tuple(
        replace(
            item,
            result=item.result.with_estimates(
                [
                    row
                    for row in item.result.estimates
                    if {row.arm, row.reference_arm} != set(asked.values())
                ]
            ),
        )
        if item.result
        else item
        for item in results.analyses
    )

    assert any(item.result and item.result.estimates for item in narrowed)
    assert main_result(replace(results, analyses=narrowed)) is None
