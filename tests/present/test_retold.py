"""What a verb stored in English is said in the report's language, by the labels of the study."""

from dataclasses import replace

from present import sample
from trialkit.language.speech import speaking
from trialkit.language.told import tell, tell_list
from trialkit.present.retold import reason_text, retold, retold_of
from trialkit.present.tables import analysis_table
from trialkit.result.study_results import AnalysisRecord, StudyResults

LEFT_OUT = "{n} of {total} records left out as incomplete ({arms}): {reasons}"


def left_out(arm: str) -> str:
    return tell(
        LEFT_OUT,
        n=2,
        total=86,
        arms=tell_list([tell("{n} in {arm}", n=2, arm=arm)], "; "),
        reasons=tell_list([tell("{column} missing in {n}", column="AVAL", n=2)]),
    )


def test_arms_and_columns_are_called_by_their_labels():
    results = sample.two_arms()
    arm, analysis = results.study.arm[0], results.analyses[0].analysis

    said = retold_of(results.study, analysis, left_out(arm.id))

    outcome = results.study.endpoint[0].label
    label = arm.label[0].lower() + arm.label[1:]
    assert said == (
        f"2 of 86 records left out as incomplete (2 in {label}): "
        f"{outcome[0].lower()}{outcome[1:]} missing in 2"
    )


def test_baselines_responses_and_coded_arms_have_words():
    study = sample.two_arms().study
    endpoint, arm = study.endpoint[0], study.arm[0]
    columns = tell_list(["BASE", "CHG", f"{endpoint.id}_BASE", "RESPONSE", f"ARMCD: {arm.id}", "x"])

    said = retold(study, columns, endpoint)

    name = endpoint.label[0].lower() + endpoint.label[1:]
    label = arm.label[0].lower() + arm.label[1:]
    before = f"{name} before treatment"
    assert said == f"{before}, change in {name}, {before}, {name}, {label}, x"


def test_an_id_that_two_things_have_stands_as_it_is():
    study = sample.two_arms().study
    first, *others = study.arm
    arm = first.model_copy(update={"id": "AVAL"})
    study = study.model_copy(update={"arm": (arm, *others)})

    said = retold(study, tell("{n} people in {arm}", n=2, arm="AVAL"), study.endpoint[0])

    assert said == "2 people in AVAL"


def test_a_trial_or_the_one_of_a_formula_is_not_taken_for_an_arm():
    study = sample.two_arms().study
    first, *others = study.arm
    arm = first.model_copy(update={"id": "1"})
    study = study.model_copy(update={"arm": (arm, *others)})
    label = arm.label[0].lower() + arm.label[1:]

    cell = tell("{trial}, {arm}: {n}", trial="1", arm="1", n=2)
    formula = tell_list(["1", " | ", "site"], "")

    assert retold(study, cell) == f"1, {label}: 2"
    assert retold(study, formula) == "1 | site"


def with_note(results: StudyResults, note: str) -> StudyResults:
    first, *others = results.analyses
    result = replace(first.result, notes=(*first.result.notes, note))
    return replace(results, analyses=(replace(first, result=result), *others))


def test_a_table_says_its_notes_in_the_language_of_the_report():
    results = sample.two_arms()
    arm = results.study.arm[0]
    results = with_note(results, left_out(arm.id))

    with speaking("de"):
        notes = analysis_table(results, results.analyses[0]).footnotes

    said = f"2 von 86 Datensätzen als unvollständig ausgeschlossen (2 in {arm.label})"
    assert any(note.startswith(said) for note in notes)


def test_a_reason_is_said_again_and_a_missing_one_is_named():
    results = sample.two_arms()
    record = replace(
        results.analyses[0],
        status="not_run",
        result=None,
        reason=tell("no complete record in arm {arm}", arm=results.study.arm[1].id),
    )

    label = results.study.arm[1].label
    assert reason_text(results.study, record) == (
        f"no complete record in arm {label[0].lower()}{label[1:]}"
    )
    assert reason_text(results.study, silent(record)) == "no reason is stored"


def silent(record: AnalysisRecord) -> AnalysisRecord:
    return replace(record, reason=None)
