"""Long frames of all kinds: what is read of them, in which order, and what is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from repeated_trial import COLUMNS, VISITS, differences, figure, fit, numbers, repeated_trial
from trialkit.analysis import visit_totals as totals_module
from trialkit.analysis.visit_columns import VisitColumns, read_columns
from trialkit.analysis.visit_records import visit_levels, visit_records

TRIAL = repeated_trial()
HOLES = repeated_trial(16, missing=0.2, seed=11)


def columns(**changed: Any) -> VisitColumns:
    roles = {name: COLUMNS[name] for name in ("outcome", "subject", "visit", "arm")}
    return read_columns(**{**roles, "covariates": "base + sex", **changed})


# What is read.
def test_records_are_sorted_by_subject_and_visit():
    records = visit_records(HOLES.sample(frac=1, random_state=3), columns(), reference="a")

    place = records.subject * len(VISITS) + records.codes[1]
    assert np.all(np.diff(place) > 0)
    assert records.visits == VISITS
    assert records.arms == ("a", "b")
    assert records.numbers == ("base",)
    assert records.categories[2] == ("sex", ("F", "M"))
    assert records.n_subjects == HOLES.loc[HOLES["y"].notna(), "id"].nunique()


def test_people_are_counted_by_arm_and_visit():
    seen = HOLES[HOLES["y"].notna()]
    expected = pd.crosstab(seen["arm"], seen["visit"])[list(VISITS)].to_numpy()

    np.testing.assert_array_equal(visit_records(HOLES, columns(), reference="a").people(), expected)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series(["VIS10", "VIS2", "VIS2"]), ("VIS2", "VIS10")),
        (pd.Series([12, 4, 8]), ("4", "8", "12")),
        (pd.Series(pd.Categorical(["b10", "b2"], ["b2", "b10", "b1"])), ("b2", "b10")),
        (pd.Series(pd.Categorical(["b2", "b10"], ["b10", "b2"])), ("b2", "b10")),
        (pd.Series(pd.Categorical(["x", "y"], ["y", "w", "x"], ordered=True)), ("y", "x")),
        (pd.Series(pd.Categorical([8, 4], [8, 4], ordered=True)), ("8", "4")),
    ],
)
def test_visits_are_ordered_as_an_ordered_categorical_says_or_by_their_numbers(column, expected):
    assert visit_levels(column) == expected


def test_an_order_of_visits_moves_rows_and_no_number():
    order = ["VIS2", "VIS10", "VIS1"]
    moved = HOLES.assign(visit=pd.Categorical(HOLES["visit"], order, ordered=True))

    one, other = fit(HOLES, covariates="base:visit"), fit(moved, covariates="base:visit")

    assert [row.visit for row in differences(other)] == order
    for row in differences(one):
        (same,) = differences(other, visit=row.visit)
        assert same.estimate == pytest.approx(row.estimate, rel=1e-10)
        assert same.p_value == pytest.approx(row.p_value, rel=1e-9)


@pytest.mark.parametrize("kind", ["text", "category", "unused categories", "object"])
def test_the_kind_of_a_column_changes_nothing(kind: str):
    frame = HOLES.copy()
    for name in ("id", "visit", "arm", "sex"):
        levels = sorted(frame[name].unique())
        if kind == "category":
            frame[name] = pd.Categorical(frame[name], levels)
        elif kind == "unused categories":
            frame[name] = pd.Categorical(frame[name], [*levels, "none such"])
        else:
            frame[name] = frame[name].astype("str" if kind == "text" else "object")

    same = fit(frame, covariates="base + sex + sex:visit")

    expected = fit(HOLES, covariates="base + sex + sex:visit")
    assert same.estimates == expected.estimates
    assert same.notes == expected.notes


def test_codes_that_are_numbers_are_named_as_text():
    frame = HOLES.assign(
        id=HOLES["id"].str.removeprefix("S").astype(int),
        arm=HOLES["arm"].map({"a": 0, "b": 1}),
        visit=HOLES["visit"].str.removeprefix("VIS").astype(int),
    )

    result = fit(frame, reference="0")

    assert [(row.arm, row.visit) for row in differences(result)] == [
        ("1", "1"),
        ("1", "2"),
        ("1", "10"),
    ]
    np.testing.assert_allclose(numbers(result), numbers(fit(HOLES)), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["Int64", "Float64", "int8", "float32"])
def test_an_outcome_of_any_numbers_is_read(kind: str):
    whole = TRIAL.assign(y=TRIAL["y"].round())

    assert numbers(fit(whole.astype({"y": kind}))).tolist() == numbers(fit(whole)).tolist()


def test_columns_may_have_any_name():
    names = {"y": "pain now", "id": "subject id", "visit": "the visit", "arm": "treat-arm"}
    frame = HOLES.rename(columns=names | {"base": "base line"})

    result = tk.mmrm(
        frame,
        outcome="pain now",
        subject="subject id",
        visit="the visit",
        arm="treat-arm",
        reference="a",
        covariates="`base line`:`the visit`",
    )

    expected = fit(HOLES, covariates="base:visit")
    np.testing.assert_allclose(numbers(result), numbers(expected), rtol=1e-12, atol=1e-12)


def test_a_chunk_of_subjects_changes_nothing(monkeypatch):
    options = {"covariates": "base * visit + sex", "df_method": "between_within"}
    whole = fit(HOLES, **options)
    monkeypatch.setattr(totals_module, "CHUNK", 5)

    np.testing.assert_allclose(numbers(fit(HOLES, **options)), numbers(whole), rtol=1e-10)


# What is left out.
@pytest.mark.parametrize("column", ["y", "id", "visit", "arm", "base", "weight"])
def test_an_incomplete_record_is_left_out_and_counted(column: str):
    frame = TRIAL.astype({"id": object, "visit": object, "arm": object})
    frame.loc[[4, 10], column] = None
    options = {"covariates": "base", "weights": "weight"}

    result = fit(frame, **options)

    (note,) = result.notes
    assert note.startswith("2 of 72 records left out as incomplete (")
    assert note.endswith(f"{column} missing in 2")
    assert figure(result, "n_records") == 70
    assert result.estimates == fit(frame.drop(index=[4, 10]), **options).estimates


@pytest.mark.parametrize("kind", ["str", "object", "category"])
@pytest.mark.parametrize(
    ("column", "level"), [("visit", "VIS0"), ("arm", "0"), ("sex", "D"), ("id", "nobody")]
)
def test_a_level_without_a_complete_record_is_no_level(column: str, level: str, kind: str):
    """It stands first, so that every position after it is another one."""
    unseen = HOLES.head(3).assign(**{"y": np.nan, "id": "somebody", column: level})
    frame = pd.concat([unseen, HOLES], ignore_index=True).astype({column: kind})
    options = {"covariates": "base + sex", "group_covariance": "arm"}

    result = fit(frame, **options)

    assert result.estimates == fit(HOLES, **options).estimates


# What is refused.
def test_a_visit_twice_is_refused_with_its_records():
    twice = pd.concat([TRIAL, TRIAL.iloc[[3, 8]].assign(y=1.0)])

    with pytest.raises(tk.DataError) as refusal:
        fit(twice)

    message = str(refusal.value)
    assert message.startswith("expected one record per id x visit")
    assert "4 records for 2 of them, e.g. S1 / VIS1; S2 / VIS10" in message
    assert "tk.mixed_model" in message
    assert refusal.value.records.index.tolist() == [3, 3, 8, 8]
    assert list(refusal.value.records) == list(TRIAL)


def test_a_visit_twice_is_fine_where_one_of_them_has_no_outcome():
    twice = pd.concat([TRIAL, TRIAL.iloc[[3]].assign(y=np.nan)])

    assert fit(twice).estimates == fit(TRIAL).estimates


@pytest.mark.parametrize(("column", "options"), [("arm", {}), ("sex", {"group_covariance": "sex"})])
def test_a_subject_in_two_groups_is_refused_with_all_records(column: str, options: dict[str, Any]):
    frame = TRIAL.copy()
    level = frame.loc[4, column]
    frame.loc[4, column] = next(each for each in frame[column].unique() if each != level)

    with pytest.raises(tk.DataError, match=f"expected one {column} per id\n.*1 with more") as error:
        fit(frame, **options)

    assert error.value.records["id"].unique().tolist() == ["S1"]
    assert len(error.value.records) == 3


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_weights_are_positive(value: float):
    frame = TRIAL.copy()
    frame.loc[[2, 7], "weight"] = value

    with pytest.raises(tk.DataError, match="weight: expected positive weights, found 2") as error:
        fit(frame, weights="weight")

    assert error.value.records.index.tolist() == [2, 7]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"y": "high"}, "y: expected numbers, found"),
        ({"y": np.inf}, "y: expected finite numbers, found 72 infinite"),
        ({"weight": np.inf}, "weight: expected finite numbers"),
        ({"base": 1e200}, "base: expected numbers of 1e-70 to 1e\\+70"),
    ],
)
def test_numbers_are_numbers(change: dict[str, Any], said: str):
    with pytest.raises(tk.DataError, match=said):
        fit(TRIAL.assign(**change), covariates="base", weights="weight")


NOT_ESTIMABLE = [
    ({"y": np.nan}, "no record is complete"),
    ({"arm": "a"}, "only arm 'a' has complete records"),
    ({"visit": "VIS1", "id": range(72)}, "VIS1 is the only visit .* tk.ancova"),
]


@pytest.mark.parametrize(("change", "said"), NOT_ESTIMABLE)
def test_what_cannot_be_compared_is_refused(change: dict[str, Any], said: str):
    with pytest.raises(tk.NotEstimableError, match=said):
        fit(TRIAL.assign(**change))


def test_a_visit_of_one_arm_is_named():
    frame = TRIAL[~(TRIAL["visit"].eq("VIS10") & TRIAL["arm"].eq("b"))]

    with pytest.raises(tk.NotEstimableError, match="VIS10 has records in a only"):
        fit(frame)

    assert len(differences(fit(frame, visit_effects="common"))) == 3


def test_an_outcome_that_is_the_same_at_a_visit_is_named():
    frame = TRIAL.assign(y=TRIAL["y"].where(TRIAL["visit"].ne("VIS1"), 0.0))

    with pytest.raises(tk.NotEstimableError, match="y is the same for everyone at VIS1"):
        fit(frame)


@pytest.mark.parametrize("group", [None, "arm"])
def test_visits_that_never_meet_have_no_covariance(group: str | None):
    first = TRIAL["id"].isin([f"S{i}" for i in range(12)])
    apart = TRIAL[(TRIAL["visit"].ne("VIS1") | first) & (TRIAL["visit"].ne("VIS10") | ~first)]

    with pytest.raises(tk.NotEstimableError, match="no subject has both VIS1 and VIS10") as error:
        fit(apart, group_covariance=group)

    assert (" in b" in str(error.value)) == (group == "arm")


@pytest.mark.parametrize(
    ("covariates", "named"),
    [
        ("base + twice", "twice"),
        ("twice + base", "base"),
        ("base + same", "same"),
        ("same + base", "same"),
        ("base + sex + letter", "letter[T.m]"),
        ("treated", "treated"),
        ("twice:visit + base:visit", "base:visit[VIS1], base:visit[VIS2], base:visit[VIS10]"),
    ],
)
def test_a_term_that_others_make_up_is_named(covariates: str, named: str):
    frame = TRIAL.assign(
        twice=1e6 + 2 * TRIAL["base"],
        same=3.0,
        letter=TRIAL["sex"].str.lower(),
        treated=TRIAL["arm"].eq("b").astype(float),
    )

    with pytest.raises(tk.NotEstimableError, match="leave it out of the covariates") as error:
        fit(frame, covariates=covariates)

    found = str(error.value).split(": a linear combination")[0]
    assert found == named


def test_a_fit_without_error_is_refused():
    exact = TRIAL.assign(y=TRIAL["arm"].eq("b") * 2.0 + TRIAL["visit"].str.len())

    with pytest.raises(tk.NotEstimableError):
        fit(exact)


def test_too_few_people_for_a_matrix_do_not_converge_in_silence():
    few = TRIAL[TRIAL["id"].isin(["S0", "S1", "S2", "S3"])]

    with pytest.raises(tk.ConvergenceError) as error:
        fit(few)

    assert error.value.record.iterations > 0
    assert figure(fit(few, covariance="compound_symmetry"), "converged")


ROLES = [
    ({"visit": "arm"}, "visit: expected another column than the arm's, found 'arm' for both"),
    ({"subject": "visit"}, "subject: expected another column than the visit's"),
    ({"outcome": "arm"}, "outcome: expected another column than the arm's"),
    ({"covariates": "y"}, "covariates: expected columns other than the outcome"),
    ({"covariates": "arm"}, "covariates: expected columns other than the arm"),
    ({"covariates": "id"}, "covariates: expected columns other than the subject's"),
    ({"covariates": "log(base)"}, "covariates 'log(base)': expected column names"),
    ({"covariates": "base - 1"}, "covariates 'base - 1': expected"),
    ({"covariates": ""}, "covariates '': expected column names"),
    ({"weights": "heavy"}, "expected columns of the frame"),
    ({"group_covariance": "site"}, "expected columns of the frame"),
    ({"outcome": None}, "outcome: expected the name of a column as text"),
]


@pytest.mark.parametrize(("options", "said"), ROLES, ids=lambda value: str(value)[:45])
def test_every_column_has_one_role(options: dict[str, Any], said: str):
    with pytest.raises(tk.SpecificationError) as refusal:
        fit(TRIAL, **options)

    assert said in str(refusal.value)


@pytest.mark.parametrize("role", ["arm", "visit"])
@pytest.mark.parametrize("name", ["Intercept", "1", "a`b"])
def test_reserved_names_are_refused_as_columns_of_the_model(role: str, name: str):
    with pytest.raises(tk.SpecificationError, match="cannot enter a model; rename it"):
        fit(TRIAL.rename(columns={role: name}), **{role: name})


def test_a_covariate_named_like_a_reserved_word_is_refused_and_like_a_function_is_not():
    with pytest.raises(tk.SpecificationError, match="'Intercept', which means something else"):
        fit(TRIAL.rename(columns={"base": "Intercept"}), covariates="Intercept")

    named_c = fit(TRIAL.rename(columns={"base": "C"}), covariates="C")
    np.testing.assert_array_equal(numbers(named_c), numbers(fit(TRIAL, covariates="base")))


def test_a_frame_is_left_as_it_was():
    before = HOLES.copy(deep=True)

    fit(HOLES, covariates="base + sex", weights="weight", group_covariance="arm")

    pd.testing.assert_frame_equal(HOLES, before)
