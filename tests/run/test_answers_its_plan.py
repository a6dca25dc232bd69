"""A planned analysis answers the question of its estimand, or is not run and says why."""

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.errors import DataError, SpecificationError
from trialkit.run.study import run_study


def run(folder, *, study=STUDY, data=DATA):
    return run_study(write_trial(folder, study=study, data=data), articles=())


def without_values_after(arm: str) -> str:
    """Return the data without any value after treatment in one arm."""
    return "\n".join(
        ",".join([*line.split(",")[:3], "", line.split(",")[4]])
        if line.split(",")[1] == arm
        else line
        for line in DATA.splitlines()
    )


@pytest.mark.parametrize(("code", "arm"), [("0", "breathing"), ("1", "mindfulness")])
@pytest.mark.parametrize("method", ["ancova", "welch", "student"])
def test_an_arm_without_values_is_not_compared(tmp_path, code, arm, method):
    study = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', f'method = "{method}"')

    results = run(tmp_path, study=study, data=without_values_after(code))

    record = results.find_record("primary")
    assert record.status == "not_run"
    assert arm in record.reason or "only arm" in record.reason


THIRD_ARM = """
[[arm]]
id = "book"
label = "Audiobook"
value = 2
role = "no_treatment"
"""


def test_another_arm_does_not_answer_for_the_one_that_is_missing(tmp_path):
    study = replaced(STUDY, "\n[[visit]]", THIRD_ARM + "\n[[visit]]")
    data = without_values_after("1") + "\nb1,2,5,5,f\nb2,2,6,4,m\nb3,2,7,7,f\n"

    record = run(tmp_path, study=study, data=data).find_record("primary")

    assert record.status == "not_run"
    assert "no complete record in arm mindfulness" in record.reason


def test_responders_are_counted_among_everyone_of_the_population(tmp_path):
    study = replaced(STUDY, 'missing_as = "observed"', 'missing_as = "non_responder"')

    result = run(tmp_path, study=study).find_record("responders").result

    assert {row.arm: row.n_subjects for row in result.select(quantity="proportion")} == {
        "breathing": 6,
        "mindfulness": 6,
    }
    assert "1 person without a value counted as not meeting the rule" in result.notes[0]


def test_no_change_is_no_response_however_small_the_values(tmp_path):
    rows = [f"p{n:02d},{n % 2},{n}e-10,{n}e-10,f" for n in range(1, 13)]
    data = "\n".join(["id,arm,pain_before,pain_after,sex", *rows]) + "\n"

    result = run(tmp_path, data=data).find_record("responders").result

    assert {row.estimate for row in result.select(quantity="proportion")} == {0.0}


def test_a_population_condition_sees_the_codes_of_the_data(tmp_path):
    data = replaced(DATA, "id,arm,", "id,TRT01P,")
    study = replaced(STUDY, 'arm = "arm"', 'arm = "TRT01P"')
    study = replaced(
        study,
        'label = "Everyone randomised"',
        'label = "One arm"\nwhere = [{ column = "TRT01P", operator = "==", value = 1 }]',
    )

    results = run(tmp_path, study=study, data=data)

    counts = {(item.stage, item.arm): item.n_subjects for item in results.flow}
    assert counts["One arm", "breathing"] == 0
    assert counts["One arm", "mindfulness"] == 6


def test_a_population_condition_may_name_the_subject(tmp_path):
    study = replaced(
        STUDY,
        'label = "Everyone randomised"',
        'label = "All but one"\nwhere = [{ column = "id", operator = "!=", value = "p01" }]',
    )

    flow = run(tmp_path, study=study).flow

    assert {item.n_subjects for item in flow if item.stage == "All but one"} == {5, 6}


@pytest.mark.parametrize(
    "formula", ["`Intercept`", "`1`", "BASE**2", "BASE/sex", "BASE^2", "~BASE"]
)
def test_a_formula_that_means_something_else_is_refused(tmp_path, formula):
    data = replaced(DATA, "sex", "Intercept") if "Intercept" in formula else DATA

    with pytest.raises(SpecificationError, match="column names joined by"):
        run(tmp_path, study=replaced(STUDY, '"BASE"', f'"{formula}"'), data=data)


def test_an_estimand_at_a_visit_without_a_column_is_refused(tmp_path):
    study = replaced(STUDY, ', after = "pain_after"', "")

    with pytest.raises(SpecificationError, match="has a column"):
        run(tmp_path, study=study)


def test_a_family_that_lost_a_member_says_so(tmp_path):
    study = replaced(STUDY, 'missing_as = "observed"', 'family = "confirmatory"')
    study += """
[[analysis]]
id = "collinear"
estimand = "primary"
method = "ancova"
covariates = "BASE + pain_before"
family = "confirmatory"
"""

    results = run(tmp_path, study=study)

    assert results.find_record("collinear").status == "not_run"
    assert any("adjusted over 2 of 3 planned analyses" in text for text in results.deviations)


@pytest.mark.parametrize("value", ["1e400", "inf", "nan", "1_000"])
def test_what_is_no_measurable_number_is_refused(tmp_path, value):
    with pytest.raises(DataError, match="numbers"):
        run(tmp_path, data=replaced(DATA, "p03,0,5,4", f"p03,0,5,{value}"))


def test_a_point_under_a_decimal_comma_is_refused(tmp_path):
    data = DATA.replace(",", ";").replace("p03;0;5;4", "p03;0;5;1.234")
    study = replaced(STUDY, 'arm = "arm"', 'arm = "arm"\nseparator = ";"\ndecimal = ","')

    with pytest.raises(DataError, match="column pain_after"):
        run(tmp_path, study=study, data=data)


def test_names_are_not_shown_as_characteristics(tmp_path):
    data = "\n".join(
        f"{line},{'name' if number == 0 else f'Person {number}'}"
        for number, line in enumerate(DATA.splitlines())
    )
    study = STUDY + '\n[[characteristic]]\ncolumn = "name"\nlabel = "Name"\nkind = "categorical"\n'
    study += '\n[[characteristic]]\ncolumn = "sex"\nlabel = "Sex"\nkind = "categorical"\n'

    results = run(tmp_path, study=study, data=data)

    declared = [row for row in results.characteristics if row.endpoint is None]
    assert {row.level for row in declared} == {"f", "m"}
    assert "Person 3" not in results.to_json()


def test_text_is_no_continuous_characteristic(tmp_path):
    study = STUDY + '\n[[characteristic]]\ncolumn = "sex"\nlabel = "Sex"\n'

    with pytest.raises(DataError, match="'categorical' for a column of text"):
        run(tmp_path, study=study)


def test_counts_of_one_or_two_people_are_not_drawn(tmp_path):
    data = without_values_after("1") + "\np20,1,6,2,f\np21,1,5,2,f\n"

    results = run(tmp_path, data=data)

    drawn = {(item.visit, item.arm) for item in results.distributions}
    assert ("after", "mindfulness") not in drawn
    assert ("after", "breathing") in drawn
    assert {item.arm for item in results.transitions} == {"breathing"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("p_value,pain,after,itt,,,,,7", "less than or equal to 1"),
        ("p_value,pain,after,itt,,,,,-0.5", "greater than or equal to 0"),
        ("mean_difference,pain,after,itt,mindfulness,breathing,2,-3,", "not in order"),
        ("mean,pain,after,itt,mindfulness,,,,", "estimate for quantity mean"),
        ("mean,pain,after,itt", "fields"),
    ],
)
def test_impossible_printed_figures_are_refused(tmp_path, row, said):
    head = "quantity,endpoint,visit,population,arm,reference_arm,conf_low,estimate,p_value"
    study = replaced(STUDY, 'arm = "arm"', 'arm = "arm"\npublished_figures = "figures.csv"')
    folder = write_trial(tmp_path, study=study)
    row = row if row.count(",") < 5 else f"{row},published,a paper"
    (folder / "figures.csv").write_text(f"{head},origin,source\n{row}\n")

    with pytest.raises(SpecificationError, match=said):
        run_study(folder, articles=())


def test_the_mean_before_belongs_to_the_baseline_visit(tmp_path):
    study = replaced(STUDY, 'method = "ancova"\ncovariates = "BASE"', 'method = "paired_change"')

    result = run(tmp_path, study=study).find_record("primary").result

    assert {(row.method, row.visit) for row in result.estimates} == {
        ("mean before", "before"),
        ("mean after", "after"),
        ("paired t test", "after"),
    }
