"""Data in parts: the answers of one frame however they are cut, and what is refused."""

import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from repeated_trial import VISITS, fit, numbers, repeated_trial
from trialkit.analysis import visit_parquet, visit_sources
from trialkit.analysis.visit_parts import fingerprints

TRIAL = repeated_trial(30, missing=0.15, seed=4)
TRIAL.loc[5, "arm"] = None
TRIAL.loc[[17, 40], "base"] = np.nan
OPTIONS: dict[str, Any] = {
    "covariates": "base * visit + sex + age",
    "margins": "proportional",
    "summaries": ["average", "slope"],
}
LABELS = ("visit", "arm", "sex")
N = len(TRIAL)

# What is promised of data in parts; 1e-14 is what is met.
SAME = {"rtol": 1e-10, "atol": 1e-10}


def assert_same(actual: tk.AnalysisResult, expected: tk.AnalysisResult) -> None:
    """Assert that two results agree in every number, label and note."""
    np.testing.assert_allclose(numbers(actual), numbers(expected), **SAME)
    assert actual.notes == expected.notes
    assert actual.method == expected.method
    labels = ["quantity", "visit", "arm", "reference_arm", "term", "method"]
    pd.testing.assert_frame_equal(actual.tidy()[labels], expected.tidy()[labels])
    for one, other in zip(actual.fit, expected.fit, strict=True):
        assert one.name == other.name
        if one.name in ("gradient_norm", "iterations"):
            continue
        if isinstance(other.value, float):
            np.testing.assert_allclose(one.value, other.value, **SAME)
        else:
            assert one.value == other.value


def cut(frame: pd.DataFrame, places: Iterable[int]) -> list[pd.DataFrame]:
    """Return a frame in pieces that start at the places."""
    ends = [0, *sorted(places), len(frame)]
    return [frame.iloc[start:end] for start, end in pairwise(ends)]


def declared(frame: pd.DataFrame, **orders: Sequence[str]) -> pd.DataFrame:
    """Return a frame with text as categories, visits in their order."""
    levels = {name: sorted(frame[name].dropna().unique()) for name in LABELS}
    levels |= {"visit": list(VISITS), **orders}
    columns = {
        name: pd.Categorical(frame[name], levels[name], ordered=name == "visit") for name in LABELS
    }
    return frame.assign(**columns)


@pytest.fixture(scope="module")
def whole() -> tk.AnalysisResult:
    return fit(TRIAL, **OPTIONS)


@pytest.fixture
def apart(monkeypatch) -> None:
    """Small frames are not put together."""
    monkeypatch.setattr(visit_sources, "SMALL", 1)


# The same answer however the data are cut.
@pytest.mark.parametrize("subjects", [1, 2, 3, 5, 8, 13, 21, 34, 55, 60])
def test_pieces_of_some_subjects_give_the_answer_of_the_frame(whole, subjects: int):
    pieces = cut(TRIAL, range(3 * subjects, N, 3 * subjects))

    assert_same(fit(pieces, **OPTIONS), whole)


@pytest.mark.parametrize("seed", range(12))
def test_random_cuts_through_subjects_give_the_answer_of_the_frame(whole, monkeypatch, seed: int):
    rng = np.random.default_rng(seed)
    # Small frames are gathered; here into no more than these rows.
    monkeypatch.setattr(visit_sources, "SMALL", int(rng.integers(1, 60)))
    places = rng.choice(np.arange(1, N), size=rng.integers(1, N - 1), replace=False)

    assert_same(fit(cut(TRIAL, places), **OPTIONS), whole)


def test_one_row_at_a_time_gives_the_answer_of_the_frame(whole):
    assert_same(fit(cut(TRIAL, range(1, N)), **OPTIONS), whole)


def test_rows_in_any_order_within_a_piece_give_the_answer_of_the_frame(whole):
    pieces = [piece.sample(frac=1, random_state=2) for piece in cut(TRIAL, [60, 120])]

    assert_same(fit(pieces, **OPTIONS), whole)


def test_empty_frames_say_nothing(whole):
    pieces = [TRIAL.iloc[:0], *cut(TRIAL, [50]), TRIAL.iloc[:0]]

    assert_same(fit(pieces, **OPTIONS), whole)


def test_a_function_that_returns_an_iterator_is_called_twice(whole):
    calls = []

    def pieces():
        calls.append(1)
        return iter(cut(TRIAL, [50, 100]))

    assert_same(fit(pieces, **OPTIONS), whole)
    assert len(calls) == 2


def test_an_iterator_of_declared_categories_passes_by_once(whole):
    pieces = iter(cut(declared(TRIAL), range(7, N, 7)))

    assert_same(fit(pieces, **OPTIONS), whole)
    assert next(pieces, None) is None


@pytest.mark.parametrize(
    "options",
    [
        {"group_covariance": "arm", "weights": "weight"},
        {"covariance": ["unstructured", "ar1"], "reml": False, "df_method": "satterthwaite"},
        {"df_method": "between_within", "visit_effects": "common", "covariates": "age:visit"},
        {"covariates": "C(sex) + base:age", "contrasts": "pairwise"},
    ],
    ids=["groups", "ladder", "between", "products"],
)
def test_options_mean_the_same_in_pieces(options: dict[str, Any]):
    assert_same(fit(cut(TRIAL, [31, 100]), **options), fit(TRIAL, **options))


def test_numbers_far_from_zero_lose_no_digits_in_pieces():
    far = TRIAL.assign(base=TRIAL["base"] + 1e7)
    pieces = fit(cut(far, range(3, N, 3)), covariates="base")
    together = fit(far, covariates="base")

    rows = [
        result.tidy().query("quantity != 'coefficient'").select_dtypes("number").fillna(-1)
        for result in (pieces, together)
    ]
    np.testing.assert_allclose(*rows, rtol=1e-8)


def test_an_iterator_may_start_with_records_that_are_not_complete():
    frame = declared(TRIAL.assign(y=TRIAL["y"].where(TRIAL.index >= 30)))

    assert_same(fit(iter(cut(frame, [15, 30, 90])), **OPTIONS), fit(frame, **OPTIONS))


def peak_memory(pieces: int) -> int:
    """Return the most bytes in use while pieces of some hundred people are reduced."""

    def source():
        for number in range(pieces):
            piece = repeated_trial(200, seed=number)
            yield piece.assign(id=f"{number}-" + piece["id"])

    tracemalloc.start()
    try:
        fit(source, covariates="base")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_data(apart):
    peak_memory(1)  # what is remembered from the first call on
    few, many = peak_memory(4), peak_memory(24)

    # 20 more pieces of 400 people: their fingerprints, copied and sorted, and no records.
    assert many - few < 20 * 400 * 8 * 6


# Kinds of columns.
def test_a_level_of_incomplete_records_only_is_none_in_pieces_either():
    frame = TRIAL.assign(sex=TRIAL["sex"].where(TRIAL["y"].notna(), "unknown"))

    assert_same(fit(cut(frame, [31, 100]), **OPTIONS), fit(frame, **OPTIONS))


@pytest.mark.parametrize("kind", ["int64", "int8", "Int64", "float32"])
def test_whole_numbers_that_miss_a_value_in_one_piece_are_floats_in_all(apart, kind: str):
    site = pd.Series(np.arange(N) // 60 + 1)
    pieces = [piece.assign(site=site[piece.index]) for piece in cut(TRIAL, [30, 90])]
    pieces[1].loc[35, "site"] = np.nan
    pieces[2] = pieces[2].astype({"site": kind})
    options = {"covariates": "C(site)"}
    together = fit(pd.concat(pieces), **options)

    assert_same(fit(pieces, **options), together)
    assert any("2.0" in str(row.term) for row in together.select(quantity="coefficient"))


def test_a_piece_whose_category_is_missing_throughout_is_left_out(apart):
    pieces = cut(TRIAL, [30, 60])
    pieces[1] = pieces[1].assign(sex=np.nan)
    other = [pieces[0], pieces[1].assign(sex=pd.Series([None] * 30, dtype=object)), pieces[2]]
    frame = TRIAL.assign(sex=TRIAL["sex"].where((TRIAL.index < 30) | (TRIAL.index >= 60)))

    assert_same(fit(pieces, **OPTIONS), fit(frame, **OPTIONS))
    assert_same(fit(other, **OPTIONS), fit(frame, **OPTIONS))


@pytest.mark.parametrize("name", ["y", "age"])
def test_a_piece_whose_numbers_are_missing_throughout_is_left_out(apart, name: str):
    pieces = cut(TRIAL, [30, 60])
    pieces[1] = pieces[1].assign(**{name: pd.Series([None] * 30, dtype=object)})
    frame = TRIAL.assign(**{name: TRIAL[name].where((TRIAL.index < 30) | (TRIAL.index >= 60))})

    assert_same(fit(pieces, **OPTIONS), fit(frame, **OPTIONS))


def test_categories_of_pieces_need_not_be_all_of_them(apart, whole):
    pieces = [
        piece.assign(**{name: piece[name].astype("category") for name in LABELS})
        for piece in cut(TRIAL, range(9, N, 9))
    ]

    assert_same(fit(pieces, **OPTIONS), whole)


def test_numbers_in_one_piece_and_text_in_another_are_refused():
    pieces = cut(TRIAL, [60])
    pieces[1] = pieces[1].assign(age="old")

    with pytest.raises(tk.SpecificationError, match="age: expected numbers in every part of the"):
        fit(pieces, **OPTIONS)


# Subjects.
def test_subjects_in_two_pieces_are_refused_and_counted():
    pieces = [TRIAL[TRIAL["visit"] == visit] for visit in VISITS]

    with pytest.raises(tk.DataError, match=r"60 of 60 subjects in more than one\n.*sort the rec"):
        fit(pieces, **OPTIONS)


def test_a_subject_that_comes_back_later_is_refused():
    order = [*range(2, 90), 0, 1, *range(90, N)]

    with pytest.raises(tk.DataError, match="found:  1 of 60 subjects"):
        fit(cut(TRIAL.iloc[order], range(30, N, 30)), **OPTIONS)


@pytest.mark.parametrize("small", [1, 20_000])
def test_what_is_gathered_does_not_decide_what_is_refused(monkeypatch, small: int):
    monkeypatch.setattr(visit_sources, "SMALL", small)
    pieces = [TRIAL.iloc[1:60], TRIAL.iloc[60:120], TRIAL.iloc[120:], TRIAL.iloc[:1]]

    with pytest.raises(tk.DataError, match="found:  1 of 60 subjects"):
        fit(pieces, **OPTIONS)


def test_a_name_is_the_same_person_whatever_holds_it():
    ids = [3, 11, 2**40]
    kinds = [
        pd.Series(ids),
        pd.Series([*map(float, ids), np.nan]),
        pd.Series(ids, dtype="Int64"),
        pd.Series(ids, dtype="category"),
        pd.Series(ids, dtype=object),
    ]
    with_half = fingerprints(pd.Series([*map(float, ids), 0.5]))
    np.testing.assert_array_equal(with_half[:3], fingerprints(kinds[0]))
    names = ["a", "b", "1"]
    texts = [
        pd.Series(names),
        pd.Series(names, dtype=object),
        pd.Series(names, dtype="category"),
        pd.Series([*names, None, "a"], dtype="string"),
    ]

    for same in (kinds, texts):
        for column in same[1:]:
            np.testing.assert_array_equal(fingerprints(column), fingerprints(same[0]))
    assert not set(fingerprints(pd.Series(["3", "11"]))) & set(fingerprints(kinds[0]))
    assert len(set(fingerprints(pd.Series([0.5, 1.5, 2.5])))) == 3


def test_a_subject_without_a_name_is_left_out_at_the_end_of_a_piece():
    frame = TRIAL.copy()
    frame.loc[[29, 30, 31], "id"] = None

    assert_same(fit(cut(frame, [30, 31]), **OPTIONS), fit(frame, **OPTIONS))


def test_a_visit_twice_is_refused_where_the_second_is_in_the_next_piece():
    twice = pd.concat([TRIAL.iloc[:3], TRIAL.iloc[2:3], TRIAL.iloc[3:]])

    with pytest.raises(tk.DataError, match="expected one record per id x visit"):
        fit(cut(twice, [3, 100]), **OPTIONS)


def test_two_arms_of_a_subject_are_refused_across_pieces():
    frame = TRIAL.assign(arm=TRIAL["arm"].where(TRIAL.index != 2, "b"))

    with pytest.raises(tk.DataError, match="expected one arm per id"):
        fit(cut(frame, [2, 100]), **OPTIONS)


# Iterators.
def test_text_in_an_iterator_is_refused():
    with pytest.raises(tk.SpecificationError, match=r"visit: expected a categorical .* found text"):
        fit(iter([TRIAL]), **OPTIONS)


def test_numbers_as_categories_in_an_iterator_are_refused():
    with pytest.raises(tk.SpecificationError, match=r"age: expected a categorical .*found numbers"):
        fit(iter([declared(TRIAL)]), covariates="C(age)")


def test_categories_that_change_in_an_iterator_are_refused():
    pieces = cut(declared(TRIAL), [60])
    pieces[1] = declared(TRIAL, visit=VISITS[::-1]).iloc[60:]

    with pytest.raises(tk.SpecificationError, match="visit: expected the same categories in the s"):
        fit(iter(pieces), **OPTIONS)


@pytest.mark.parametrize(
    ("orders", "found"),
    [
        ({"visit": [*VISITS, "VIS11"]}, "visit = VIS11"),
        ({"arm": ["a", "b", "c"]}, "arm = c"),
        ({"sex": ["F", "M", "X"]}, "sex = X"),
    ],
)
def test_a_declared_level_without_records_is_refused_in_an_iterator(orders, found: str):
    with pytest.raises(tk.NotEstimableError, match=f"no complete record has {found}, which"):
        fit(iter(cut(declared(TRIAL, **orders), [60])), **OPTIONS)


def test_an_ordered_categorical_orders_the_visits_of_pieces():
    order = ["VIS10", "VIS1", "VIS2"]
    frame = declared(TRIAL, visit=order)

    assert_same(fit(cut(frame, [31, 100]), **OPTIONS), fit(frame, **OPTIONS))
    assert_same(fit(iter(cut(frame, [31, 100])), **OPTIONS), fit(frame, **OPTIONS))


# What is refused.
@pytest.mark.parametrize(
    "source", [[], iter([]), lambda: iter([]), [TRIAL.assign(y=np.nan)]], ids=["[]", "i", "f", "y"]
)
def test_no_record_is_refused(source: Any):
    with pytest.raises(tk.NotEstimableError, match="no record is complete"):
        fit(source, **OPTIONS)


@pytest.mark.parametrize(
    "source",
    [3, {"y": [1.0]}, "nowhere", [TRIAL, 3], lambda: [None]],
    ids=["number", "dict", "path", "list", "f"],
)
def test_what_is_no_source_is_refused(source: Any):
    with pytest.raises(tk.SpecificationError, match="frame: expected a pandas DataFrame, found "):
        fit(source, **OPTIONS)


def test_an_absent_column_is_refused_in_any_piece():
    pieces = cut(TRIAL, [60])
    pieces[1] = pieces[1].drop(columns="age")

    with pytest.raises(tk.SpecificationError, match="found 'age'"):
        fit(pieces, **OPTIONS)


@pytest.mark.parametrize("vcov", ["CR0", "CR2", "CR3"])
def test_robust_errors_need_every_record(vcov: str):
    with pytest.raises(tk.SpecificationError, match='vcov: expected "model" for data that are re'):
        fit([TRIAL], df_method="satterthwaite", vcov=vcov)


def test_times_of_each_record_need_every_record():
    with pytest.raises(tk.SpecificationError, match="times: expected a time for each visit"):
        fit([TRIAL.assign(day=TRIAL.index)], covariance="spatial_exponential", times="day")


# Parquet.
@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    pytest.importorskip(
        "pyarrow", reason='Parquet needs the extra: pip install "trialkit[parquet]"'
    )

    def written(frame: pd.DataFrame, name: str = "trial.parquet", **options: Any) -> Path:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        frame.to_parquet(tmp_path / name, index=False, **options)
        return tmp_path / name

    return written


@pytest.mark.parametrize("rows", [1, 7, 50, N])
def test_row_groups_that_cut_subjects_give_the_answer_of_the_frame(whole, write, rows: int):
    path = write(TRIAL, row_group_size=rows)

    assert_same(fit(path, **OPTIONS), whole)
    assert_same(fit(str(path), **OPTIONS), whole)


def test_batches_that_cut_subjects_give_the_answer_of_the_frame(whole, write, monkeypatch):
    monkeypatch.setattr(visit_parquet, "BATCH", 11)

    assert_same(fit(write(TRIAL), **OPTIONS), whole)


def test_a_folder_of_files_is_read_in_the_order_of_their_names(whole, write):
    for number, piece in enumerate(cut(TRIAL, range(20, N, 20))):
        folder = write(piece, f"trial/part-{number:03d}.parquet").parent

    assert_same(fit(folder, **OPTIONS), whole)


def test_a_folder_named_after_a_level_is_a_column(write):
    frame = TRIAL.dropna(subset=["arm"])
    for arm, piece in frame.groupby("arm"):
        folder = write(piece.drop(columns="arm"), f"trial/arm={arm}/part.parquet").parents[1]

    assert_same(fit(folder, **OPTIONS), fit(frame, **OPTIONS))


def test_categories_of_a_file_keep_their_order(write):
    frame = declared(TRIAL, visit=["VIS10", "VIS1", "VIS2"], sex=["M", "F"])

    assert_same(fit(write(frame, row_group_size=30), **OPTIONS), fit(frame, **OPTIONS))


def test_numbers_with_missing_values_in_a_file_are_read_as_in_one_frame(write):
    site = pd.Series(np.arange(N) // 60 + 1, dtype="float64").where(TRIAL.index != 35)
    for kind in ("Int64", "float64"):
        path = write(TRIAL.assign(site=site.astype(kind)), row_group_size=30)
        expected = fit(pd.read_parquet(path), covariates="C(site)")

        assert_same(fit(path, covariates="C(site)"), expected)


def test_files_of_another_kind_are_refused(write, tmp_path):
    (tmp_path / "trial.csv").write_text("id,y\n1,2\n")
    with pytest.raises(tk.DataError, match="expected Parquet files"):
        fit(tmp_path / "trial.csv", **OPTIONS)

    folder = write(TRIAL.iloc[:60], "trial/1.parquet").parent
    write(TRIAL.iloc[60:].assign(age="old"), "trial/2.parquet")
    with pytest.raises(
        tk.DataError, match=r"2\.parquet: age: expected values of one kind in every"
    ):
        fit(folder, **OPTIONS)


def test_a_column_that_the_files_lack_is_refused(write):
    with pytest.raises(tk.SpecificationError, match="found 'weeks'"):
        fit(write(TRIAL), covariates="weeks")


def test_subjects_of_two_files_are_refused(write):
    for visit in VISITS:
        folder = write(TRIAL[TRIAL["visit"] == visit], f"trial/{visit}.parquet").parent

    with pytest.raises(tk.DataError, match="60 of 60 subjects in more than one"):
        fit(folder, **OPTIONS)


def test_parquet_without_its_reader_is_refused_with_the_remedy(tmp_path, monkeypatch):
    def absent(name: str):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(visit_parquet, "import_module", absent)

    with pytest.raises(tk.SpecificationError, match=r'pip install "trialkit\[parquet\]"'):
        fit(tmp_path, **OPTIONS)
