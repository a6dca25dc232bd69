"""A planned model of several visits: its records, its answer, and whose values it has."""

from pathlib import Path

import pandas as pd
import pytest

import trialkit as tk
from trial_folder import replaced, write_trial
from trialkit.dataset.dataset import read_dataset
from trialkit.errors import ConvergenceError, DataError, OptimisationRecord, SpecificationError
from trialkit.evidence.verdicts import linked_row
from trialkit.report.choice import leading_estimate, main_result
from trialkit.report.page_one import who_was_studied
from trialkit.result.answering import answering_rows
from trialkit.result.study_results import StudyResults, read_results
from trialkit.run.frames import later_visits
from trialkit.run.participants import FROM_PARTICIPANTS
from trialkit.run.study import run_study
from trialkit.study.article import Link
from trialkit.study.read import read_study
from visit_trial import MMRM, STUDY, participants

FAMILY = 'family = "all"\n\n[multiplicity.all]\nprocedure = "holm"\n'


def run(folder: Path, plan: str = MMRM, *, study: str = STUDY) -> StudyResults:
    return run_study(write_trial(folder, study=study + plan, data=participants()), articles=())


def numbers(row: tk.Estimate) -> list[float]:
    """Return the numbers of a row that exist."""
    names = ("estimate", "std_error", "df_num", "df", "statistic", "p_value", "conf_low")
    return [getattr(row, name) for name in names if getattr(row, name) is not None]


def long_records() -> pd.DataFrame:
    """Return the records as a person would make them by hand: a row a person and visit."""
    wide = pd.read_csv(pd.io.common.StringIO(participants()))
    visits = {"pain_4": "week_4", "pain_8": "week_8", "pain_12": "week_12"}
    long = wide.rename(columns={"pain_0": "BASE"}).melt(
        id_vars=["id", "arm", "sex", "BASE"],
        value_vars=list(visits),
        var_name="AVISIT",
        value_name="AVAL",
    )
    order = pd.Categorical(long["AVISIT"].map(visits), categories=list(visits.values()))
    return long.assign(AVISIT=order.as_ordered())


def test_the_plan_gives_what_the_verb_gives_on_records_made_by_hand(tmp_path: Path):
    planned = run(tmp_path).find_record("visits").result

    direct = tk.mmrm(
        long_records(),
        outcome="AVAL",
        subject="id",
        visit="AVISIT",
        arm="arm",
        reference="breathing",
        covariates="BASE + BASE:AVISIT + sex",
    )

    assert [row.visit for row in planned.select(quantity="ls_mean_difference")] == [
        "week_4",
        "week_8",
        "week_12",
    ]
    for mine, theirs in zip(planned.estimates, direct.estimates, strict=True):
        assert (mine.quantity, mine.visit, mine.arm) == (theirs.quantity, theirs.visit, theirs.arm)
        assert numbers(mine) == pytest.approx(numbers(theirs), rel=1e-9, abs=1e-12)


def test_a_visit_in_the_records_is_its_id_in_the_order_of_the_study(tmp_path: Path):
    plan = MMRM + 'visits = ["week_12", "week_4"]\n'
    study = read_study(write_trial(tmp_path, study=STUDY + plan, data=participants()))

    frame = later_visits(read_dataset(study), study.analysis[0], study.estimand[0])

    assert frame["AVISIT"].cat.ordered
    assert list(frame["AVISIT"].cat.categories) == ["week_4", "week_12"]
    assert not frame.duplicated(["USUBJID", "AVISIT"]).any()
    assert "BASE" in frame


def test_rows_over_all_visits_name_none_and_terms_read_as_words(tmp_path: Path):
    result = run(tmp_path, MMRM + 'summaries = ["average", "slope"]\n').find_record("visits").result

    tests = result.select(quantity="joint_test")
    assert [(row.term, row.visit) for row in tests] == [("arm:visit", None), ("arm", None)]
    over = [row for row in result.select(quantity="ls_mean_difference") if row.visit is None]
    assert [row.term for row in over] == ["average", "slope"]
    terms = [row.term for row in result.select(quantity="coefficient")]
    assert "arm[mindfulness]" in terms
    assert not any("ARMCD" in term or "AVISIT" in term for term in terms)
    assert all(row.parameter == "pain" for row in result.estimates)


def test_only_the_visit_of_the_estimand_counts_in_a_family(tmp_path: Path):
    record = run(tmp_path, MMRM + FAMILY).find_record("visits")

    adjusted = [row for row in record.result.estimates if row.p_adjusted is not None]

    assert [(row.quantity, row.visit) for row in adjusted] == [("ls_mean_difference", "week_12")]
    assert adjusted[0].p_adjusted == adjusted[0].p_value


@pytest.mark.parametrize("visit", ["week_4", "week_8", "week_12"])
def test_the_answer_is_at_the_visit_of_the_estimand(visit: str, tmp_path: Path):
    results = run(tmp_path, study=replaced(STUDY, 'visit = "week_12"', f'visit = "{visit}"'))
    record = results.find_record("visits")

    (row,) = answering_rows(results.study, record)

    assert (row.visit, row.arm, row.reference_arm) == (visit, "mindfulness", "breathing")
    assert leading_estimate(results, record) == row
    assert main_result(results).estimate == row
    link = Link(study="visits", analysis="visits", expects="lower")
    assert linked_row(link, record, results.study) == row
    other = link.model_copy(update={"visit": "week_4"})
    assert linked_row(other, record, results.study).visit == "week_4"


def test_page_one_counts_the_model_and_the_visit(tmp_path: Path):
    results = run(tmp_path)

    *_, said = who_was_studied(results, main_result(results))

    assert said.runs[0].text.endswith(
        "39 people are in the model, each with the visits they came to; seen at the visit "
        "“12 weeks” were 18 with mindfulness and 16 with slow breathing."
    )


def test_one_covariance_an_arm_is_asked_for_by_true(tmp_path: Path):
    def groups(plan: str) -> set[str]:
        result = run(tmp_path, MMRM + plan).find_record("visits").result
        return {
            item.name.partition(" | ")[2].rstrip("]") for item in result.fit if "[" in item.name
        }

    assert groups("group_covariance = true\n") == {"breathing", "mindfulness"}
    assert groups("group_covariance = false\n") == {""}


def test_a_rung_of_the_ladder_is_named_in_the_notes(tmp_path: Path):
    rows = [line.split(",") for line in participants().splitlines()]
    for position, row in enumerate(rows[1:]):
        row[5 + position // 2 % 2] = ""  # nobody has both of the first two visits
    data = "\n".join(map(",".join, rows)) + "\n"
    single = replaced(MMRM, 'role = "main"', 'covariance = "unstructured"')
    ladder = replaced(single, '"unstructured"', '["unstructured", "compound_symmetry"]')
    (tmp_path / "one").mkdir()

    alone = run_study(write_trial(tmp_path / "one", study=STUDY + single, data=data), articles=())
    laddered = run_study(
        write_trial(tmp_path / "two", study=STUDY + ladder, data=data), articles=()
    )

    assert alone.find_record("visits").status == "not_run"
    record = laddered.find_record("visits")
    assert record.status == "ran", record.reason
    result = record.result
    assert {item.name: item.value for item in result.fit}["covariance"] == "compound_symmetry"
    assert any("unstructured" in note for note in result.notes)


def test_a_fit_without_a_maximum_is_recorded_as_not_run(tmp_path: Path, monkeypatch):
    searched = OptimisationRecord(
        start_log_likelihood=-10.0,
        log_likelihood=-9.0,
        iterations=150,
        gradient_norm=3.0,
        smallest_eigenvalue=1e-9,
        reason="no maximum",
    )

    def lost(*_):
        raise ConvergenceError("the likelihood has no maximum", searched)

    monkeypatch.setitem(FROM_PARTICIPANTS, "mmrm", lost)

    record = run(tmp_path).find_record("visits")

    assert (record.status, record.reason) == ("not_run", "the likelihood has no maximum")


def test_whose_values_are_there_is_counted_by_visit_and_arm(tmp_path: Path):
    results = run(tmp_path, MMRM + 'missing_reason = "reason"\n')

    found = {
        (item.visit, item.arm): (item.n_subjects, item.n_with_value, item.n_seen_later)
        for item in results.completions
    }

    # Even people breathe, odd ones meditate; visit_trial.MISSED says who missed what.
    assert found == {
        ("week_4", "breathing"): (20, 19, 0),  # 14, never seen again
        ("week_4", "mindfulness"): (20, 18, 2),  # 11 and 33, both seen later
        ("week_8", "breathing"): (20, 18, 0),  # 8 and 14
        ("week_8", "mindfulness"): (20, 18, 1),  # 19 comes back, 27 does not
        ("week_12", "breathing"): (20, 16, 0),  # 8, 14, 22, 30
        ("week_12", "mindfulness"): (20, 18, 0),  # 3 and 27
    }


def test_a_reason_of_fewer_than_three_people_is_not_named(tmp_path: Path):
    results = run(tmp_path, MMRM + 'missing_reason = "reason"\n')

    reasons = {(item.visit, item.arm): item.reasons for item in results.completions}

    assert reasons["week_12", "breathing"] == (("lack of effect", 2), ("moved away", 2))
    assert reasons["week_4", "mindfulness"] == (("another reason", 1),)  # the other gave none
    assert "on holiday" not in results.to_json().replace(results.study.model_dump_json(), "")


def test_a_reason_that_the_data_lack_is_refused_with_the_others(tmp_path: Path):
    with pytest.raises(SpecificationError) as caught:
        run(tmp_path, MMRM + 'missing_reason = "why"\n')

    assert "analysis[0] (visits)" in str(caught.value)
    assert "missing_reason: expected a column of the data" in str(caught.value)


def test_the_counts_come_back_from_the_stored_results(tmp_path: Path):
    results = run(tmp_path, MMRM + 'missing_reason = "reason"\n')

    path = results.write(tmp_path / "results.json")

    assert read_results(path).completions == results.completions


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path):
    head, *rows = participants().splitlines()
    turned = "\n".join([head, *rows[::-1]]) + "\n"
    first = run(tmp_path / "one").find_record("visits").result
    again = (
        run_study(write_trial(tmp_path / "two", study=STUDY + MMRM, data=turned), articles=())
        .find_record("visits")
        .result
    )

    for one, other in zip(first.estimates, again.estimates, strict=True):
        assert numbers(one) == pytest.approx(numbers(other), rel=1e-11, abs=1e-12)


def with_screening(study: str) -> str:
    """Return a study with a visit before the baseline at which pain was asked for too."""
    visit = '[[visit]]\nid = "screening"\nlabel = "Screening"\norder = -7\n\n'
    study = study.replace('[[visit]]\nid = "before"', f'{visit}[[visit]]\nid = "before"')
    return study.replace("columns = { before", 'columns = { screening = "pain_s", before')


def with_column(name: str, values: list[str]) -> str:
    """Return the participants with one more column."""
    head, *lines = participants().splitlines()
    rows = [f"{line},{value}" for line, value in zip(lines, values, strict=True)]
    return "\n".join([f"{head},{name}", *rows]) + "\n"


def test_a_visit_before_the_baseline_is_no_outcome(tmp_path: Path):
    data = with_column("pain_s", ["9.0"] * 40)
    folder = write_trial(tmp_path, study=with_screening(STUDY) + MMRM, data=data)

    result = run_study(folder, articles=()).find_record("visits").result

    shown = [row.visit for row in result.select(quantity="ls_mean_difference")]
    assert shown == ["week_4", "week_8", "week_12"]


def test_a_visit_before_the_baseline_cannot_be_listed(tmp_path: Path):
    plan = MMRM + 'visits = ["screening", "week_12"]\n'
    data = with_column("pain_s", ["9.0"] * 40)
    folder = write_trial(tmp_path, study=with_screening(STUDY) + plan, data=data)

    with pytest.raises(SpecificationError, match="after the baseline") as caught:
        read_study(folder)

    assert "'screening'" in str(caught.value)


def test_nobody_seen_at_the_visit_that_is_asked_about_is_the_reason(tmp_path: Path):
    wide = pd.read_csv(pd.io.common.StringIO(participants()), dtype=str).assign(pain_12="")
    folder = write_trial(tmp_path, study=STUDY + MMRM, data=wide.to_csv(index=False))

    record = run_study(folder, articles=()).find_record("visits")

    assert record.status == "not_run"
    assert (
        record.reason == "nobody has a value at the visit “12 weeks”, which the question is about"
    )


def test_an_infinite_covariate_is_no_category(tmp_path: Path):
    ages = [str(20 + position % 17) for position in range(40)]
    data = with_column("age", [*ages[:3], "inf", *ages[4:]])
    folder = write_trial(tmp_path, study=STUDY + MMRM.replace("+ sex", "+ age"), data=data)

    with pytest.raises(DataError, match="column age") as caught:
        run_study(folder, articles=())

    assert "'inf'" in str(caught.value)
