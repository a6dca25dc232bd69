"""Who was studied, whose values are there and what each column holds, as a run stores them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trial_folder import replaced, write_trial
from trialkit.errors import DataError, SpecificationError
from trialkit.present.tables import missing_tables
from trialkit.result.study_results import StudyResults, read_results
from trialkit.run.study import run_study
from visit_trial import STUDY, participants

MAIN = """
[[analysis]]
id = "main"
estimand = "week-12"
method = "ancova"
covariates = "BASE + sex"
role = "main"
"""
AGE = '[[characteristic]]\ncolumn = "age"\nlabel = "Age"\nunit = "years"\n\n'
SEX = (
    '[[characteristic]]\ncolumn = "sex"\nlabel = "Sex"\nkind = "categorical"\n'
    'levels = { f = "female", m = "male" }\n\n'
)
TOWN = '[[characteristic]]\ncolumn = "town"\nlabel = "Town"\nkind = "categorical"\n\n'
REASON = 'missing = [""]\nmissing_reason = "reason"'


def people() -> pd.DataFrame:
    """Return the participants with an age, known of all but three, and a town."""
    frame = pd.read_csv(pd.io.common.StringIO(participants()), dtype={"reason": "string"})
    frame["age"] = [str(20 + 7 * place % 41) for place in range(40)]
    frame.loc[[0, 2, 5], "age"] = ""
    frame["town"] = ["Ayr"] * 20 + ["Bonn"] * 18 + ["Ulm", "Yell"]
    return frame


def run(
    folder: Path, *more: str, study: str = STUDY, frame: pd.DataFrame | None = None
) -> StudyResults:
    data = (people() if frame is None else frame).to_csv(index=False)
    return run_study(
        write_trial(folder, study=study + MAIN + "".join(more), data=data), articles=()
    )


def stored(results: StudyResults, column: str, arm: str | None, level: str | None = None):
    """Return the one stored line of a column, arm and level."""
    (row,) = (
        item
        for item in results.characteristics
        if (item.column, item.arm, item.level) == (column, arm, level)
    )
    return row


def test_people_without_a_value_are_counted_by_arm(tmp_path: Path):
    results = run(tmp_path, AGE)

    counts = {
        arm: (stored(results, "age", arm).n_subjects, stored(results, "age", arm).n_missing)
        for arm in ("breathing", "mindfulness", None)
    }
    assert counts == {"breathing": (18, 2), "mindfulness": (19, 1), None: (37, 3)}


def test_the_value_before_treatment_of_a_main_endpoint_is_summarised(tmp_path: Path):
    results = run(tmp_path, AGE)
    frame = people()
    own = frame.loc[frame["arm"].eq("mindfulness"), "pain_0"]

    row = stored(results, "pain", "mindfulness")

    assert (row.endpoint, row.visit, row.label) == ("pain", "before", "Pain")
    assert (row.mean, row.std_dev) == pytest.approx((own.mean(), own.std()), rel=1e-12)


def test_a_baseline_that_is_a_characteristic_already_has_no_second_line(tmp_path: Path):
    results = run(tmp_path, replaced(AGE, '"age"', '"pain_0"'))

    assert {row.column for row in results.characteristics} == {"pain_0"}
    assert [row.column for row in results.balance] == ["pain_0"]


def test_a_study_without_a_baseline_has_none_to_show(tmp_path: Path):
    study = replaced(STUDY, "order = 0\nbaseline = true", "order = 0")

    results = run_study(
        write_trial(
            tmp_path,
            study=study + replaced(MAIN, '"BASE + sex"', '"sex"'),
            data=people().to_csv(index=False),
        ),
        articles=(),
    )

    assert results.characteristics == ()


def test_the_arms_stand_apart_by_the_published_formulas(tmp_path: Path):
    results = run(tmp_path, AGE, SEX)
    frame = people().assign(age=lambda data: pd.to_numeric(data["age"]))
    mind, breath = (frame[frame["arm"].eq(arm)] for arm in ("mindfulness", "breathing"))
    sizes = {row.column: row.standardised_difference for row in results.balance}

    spread = np.sqrt((mind["age"].var() + breath["age"].var()) / 2)
    assert sizes["age"] == pytest.approx(
        abs(mind["age"].mean() - breath["age"].mean()) / spread, rel=1e-12
    )
    p, q = (group["sex"].eq("f").mean() for group in (mind, breath))
    pooled = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert sizes["sex"] == pytest.approx(abs(p - q) / pooled, abs=1e-12)
    assert [(row.arm, row.reference_arm) for row in results.balance] == [
        ("mindfulness", "breathing")
    ] * 3
    assert [row.n_subjects for row in results.balance] == [37, 40, 40]
    assert {row.p_value for row in results.balance} == {None}


def test_a_plan_may_ask_for_p_values(tmp_path: Path):
    study = replaced(STUDY, "randomised = true", "randomised = true\nbaseline_p_values = true")

    results = run(tmp_path, AGE, SEX, study=study)

    known = {row.column: row.p_value for row in results.balance}
    assert all(0 < value <= 1 for value in known.values())
    assert known["sex"] == pytest.approx(1.0)  # ten of twenty in both arms


def test_a_variable_that_two_people_of_an_arm_have_stands_apart_from_none(tmp_path: Path):
    frame = people()
    breathing = frame["arm"].eq("breathing")
    frame.loc[breathing & ~frame["id"].isin(["p00", "p04"]), "age"] = ""
    frame.loc[frame["id"].isin(["p00", "p04"]), "age"] = "44"

    results = run(tmp_path, AGE, frame=frame)

    assert [row.column for row in results.balance] == ["pain"]
    # Everyone's mean less that of the other arm would be the mean of these two.
    assert {row.arm for row in results.characteristics if row.column == "age"} == {"mindfulness"}


def test_every_main_endpoint_has_its_missing_values_counted(tmp_path: Path):
    results = run(tmp_path, study=replaced(STUDY, 'missing = [""]', REASON))

    counts = {
        (item.visit, item.arm): (item.n_with_value, item.n_seen_later, item.reasons)
        for item in results.missing
    }
    # Even people breathe, odd ones meditate; visit_trial.MISSED says who missed what.
    assert counts == {
        ("before", "breathing"): (20, 0, ()),
        ("before", "mindfulness"): (20, 0, ()),
        ("week_4", "breathing"): (19, 0, (("moved away", 1),)),
        ("week_4", "mindfulness"): (18, 2, (("another reason", 1),)),
        ("week_8", "breathing"): (18, 0, (("moved away", 2),)),
        ("week_8", "mindfulness"): (18, 1, (("lack of effect", 1),)),
        ("week_12", "breathing"): (16, 0, (("lack of effect", 2), ("moved away", 2))),
        ("week_12", "mindfulness"): (18, 0, (("lack of effect", 1), ("moved away", 1))),
    }
    assert {(item.endpoint, item.population, item.n_subjects) for item in results.missing} == {
        ("pain", "itt", 20)
    }


@pytest.mark.parametrize(
    "requires",
    [
        'requires_visits = ["week_12"]',
        'where = [{ column = "pain_12", operator = "not_missing" }]',
    ],
)
def test_a_population_that_requires_values_does_not_hide_who_lacks_them(
    tmp_path: Path, requires: str
):
    label = 'label = "Everyone randomised"'

    results = run(tmp_path, study=replaced(STUDY, label, f"{label}\n{requires}"))

    last = {item.arm: item for item in results.missing if item.visit == "week_12"}
    assert {arm: (item.n_subjects, item.n_with_value) for arm, item in last.items()} == {
        "breathing": (20, 16),
        "mindfulness": (20, 18),
    }
    assert [last[arm].n_outside for arm in ("breathing", "mindfulness")] == [4, 2]
    (table,) = missing_tables(results).values()
    assert "Counted here as well: 6 people whom this population leaves out" in table.footnotes[1]


def test_other_conditions_of_a_population_hold_for_its_missing_values(tmp_path: Path):
    label = 'label = "Everyone randomised"'
    women = 'where = [{ column = "sex", operator = "==", value = "f" }]'

    results = run(
        tmp_path,
        study=replaced(STUDY, label, f"{label}\n{women}").replace("BASE + sex", "BASE"),
    )

    assert {(item.n_subjects, item.n_outside) for item in results.missing} == {(10, 0)}


def test_reasons_of_an_analysis_are_those_of_its_endpoint(tmp_path: Path):
    visits = replaced(MAIN, '"main"\nestimand', '"visits"\nestimand')
    visits = replaced(visits, 'method = "ancova"', 'method = "mmrm"\nmissing_reason = "reason"')
    visits = replaced(visits, 'role = "main"', 'role = "sensitivity"')

    with_reasons, without = run(tmp_path / "one", visits), run(tmp_path / "two")

    assert any(item.reasons for item in with_reasons.missing)
    assert not any(item.reasons for item in without.missing)


def test_a_column_of_reasons_that_the_data_lack_is_refused(tmp_path: Path):
    with pytest.raises(DataError) as caught:
        run(
            tmp_path, study=replaced(STUDY, 'missing = [""]', replaced(REASON, '"reason"', '"why"'))
        )

    assert "data.missing_reason" in str(caught.value)


def test_reasons_that_vary_within_a_person_are_refused(tmp_path: Path):
    frame = people()
    long = frame.melt(["id", "arm", "sex"], [f"pain_{week}" for week in (0, 4, 8, 12)], "when")
    long["why"] = long["when"].where(long["value"].isna(), "seen")
    study = replaced(
        STUDY, 'missing = [""]', 'missing = [""]\nvisit = "when"\nmissing_reason = "why"'
    )
    before, _, rest = study.partition("columns = ")
    study = before + 'value = "value"' + rest.partition("}")[2]
    for name, week in (("before", 0), ("week_4", 4), ("week_8", 8), ("week_12", 12)):
        study = replaced(study, f'id = "{name}"\n', f'id = "{name}"\nvalue = "pain_{week}"\n')

    with pytest.raises(SpecificationError, match="one value a person, found 'why'"):
        run(tmp_path, study=study, frame=long)


def test_the_columns_of_people_are_described_without_rare_codes(tmp_path: Path):
    results = run(tmp_path, AGE, TOWN, study=replaced(STUDY, 'missing = [""]', REASON))

    found = {record.column: record for record in results.variables}

    assert list(found) == ["sex", "reason", "age", "town"]
    assert (found["age"].kind, found["age"].n_missing, found["age"].levels) == ("number", 3, ())
    assert found["town"].levels == (("Ayr", ""), ("Bonn", ""))
    assert found["town"].n_unnamed == 2
    assert found["reason"].n_unnamed == 1  # one person was on holiday
    text = results.to_json()
    assert not [name for name in ("Ulm", "Yell", "on holiday") if name in text]


def test_of_a_column_that_the_plan_does_not_use_no_value_is_stored(tmp_path: Path):
    results = run(tmp_path)

    town = next(record for record in results.variables if record.column == "town")

    assert (town.used, town.kind, town.levels, town.n_unnamed) == (False, "text", (), 0)
    assert [record.used for record in results.variables] == [True, False, False, False]
    assert "Ayr" not in results.to_json()


def test_a_column_named_inside_another_word_is_not_used(tmp_path: Path):
    frame = people().rename(columns={"town": "se"})

    results = run(tmp_path, frame=frame)

    assert {record.column: record.used for record in results.variables}["se"] is False


def test_a_declared_code_is_labelled_and_a_numeric_factor_is_a_category(tmp_path: Path):
    frame = people().assign(site=[1, 2, 3, 4] * 10)
    coded = replaced(MAIN, '"BASE + sex"', '"BASE + sex + C(site)"')

    results = run_study(
        write_trial(tmp_path, study=STUDY + coded + SEX, data=frame.to_csv(index=False)),
        articles=(),
    )

    found = {record.column: record for record in results.variables}
    assert found["sex"].levels == (("f", "female"), ("m", "male"))
    assert found["site"].kind == "category"
    assert found["site"].levels == (("1", ""), ("2", ""), ("3", ""), ("4", ""))


def test_what_is_stored_of_people_is_read_back_as_it_was(tmp_path: Path):
    results = run(tmp_path, AGE, study=replaced(STUDY, 'missing = [""]', REASON))

    again = read_results(results.write(tmp_path / "results.json"))

    assert (again.balance, again.missing, again.variables, again.characteristics) == (
        results.balance,
        results.missing,
        results.variables,
        results.characteristics,
    )
