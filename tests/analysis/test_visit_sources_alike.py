"""Parts of one data set are alike: kinds of labels, columns, and both passes through them."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from repeated_trial import fit, numbers, repeated_trial
from trialkit.analysis import visit_parquet, visit_sources
from trialkit.analysis.visit_kinds import kinds_of, label_kinds
from trialkit.analysis.visit_tally import tally

TRIAL = repeated_trial(30, missing=0.15, seed=4)
N = len(TRIAL)
OPTIONS: dict[str, Any] = {"covariates": "base * visit + sex + age"}
LABELS = ("visit", "arm", "sex")
NUMBERED = TRIAL.assign(
    id=TRIAL["id"].factorize()[0],
    visit=TRIAL["visit"].str[3:].astype(int),
    arm=TRIAL["arm"].map({"a": 0, "b": 1}),
    sex=TRIAL["sex"].map({"F": 0, "M": 1}),
)
ONE_KIND = "expected values of one kind"


def cut(frame: pd.DataFrame, *places: int) -> list[pd.DataFrame]:
    """Return a frame in pieces that start at the places."""
    return [frame.iloc[start:end] for start, end in pairwise([0, *sorted(places), len(frame)])]


def mixed(column: str, place: int) -> list[pd.DataFrame]:
    """Return two pieces: a column of numbers, from a place on the same numbers as text."""
    pieces = cut(NUMBERED.assign(arm=TRIAL["arm"], sex=TRIAL["sex"]), place)
    values = NUMBERED[column]
    return [
        pieces[0].assign(**{column: values.iloc[:place]}),
        pieces[1].assign(**{column: values.iloc[place:].astype(str)}),
    ]


def declared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with labels as categories, as an iterator needs them."""
    return frame.assign(**{name: pd.Categorical(frame[name]) for name in LABELS})


# Kinds of labels.
@pytest.mark.parametrize("small", [1, 20_000])
@pytest.mark.parametrize("place", [1, 3, 60, 61, N - 1])
def test_a_person_by_number_and_by_text_is_refused(monkeypatch, place: int, small: int):
    monkeypatch.setattr(visit_sources, "SMALL", small)
    pieces = mixed("id", place)

    with pytest.raises(tk.DataError, match=rf"id: {ONE_KIND} in every part of the data\n.*numbers"):
        fit(pieces, **OPTIONS)
    with pytest.raises(tk.DataError, match=rf"id: {ONE_KIND}\n  found:  numbers \(.*text \('"):
        fit(pd.concat(pieces), **OPTIONS)


@pytest.mark.parametrize("small", [1, 20_000])
def test_a_person_of_two_kinds_is_refused_in_frames_that_pass_by_once(monkeypatch, small: int):
    monkeypatch.setattr(visit_sources, "SMALL", small)
    frame = declared(TRIAL.assign(id=NUMBERED["id"]))
    pieces = cut(frame, 61, 120)
    pieces[1] = pieces[1].assign(id=pieces[1]["id"].astype(str))

    with pytest.raises(tk.DataError, match=f"id: {ONE_KIND}"):
        fit(iter(pieces), **OPTIONS)


def test_a_record_twice_is_refused_where_its_person_is_of_another_kind():
    frame = TRIAL.assign(id=NUMBERED["id"])
    again = frame.iloc[[0]].assign(id=frame["id"].iloc[[0]].astype(str))

    for source in ([frame, again], pd.concat([frame, again])):
        with pytest.raises(tk.DataError, match=f"id: {ONE_KIND}"):
            fit(source, **OPTIONS)


@pytest.mark.parametrize("column", ["visit", "arm", "sex"])
@pytest.mark.parametrize("place", [1, 60, N - 1])
def test_labels_of_two_kinds_are_refused_however_they_are_cut(column: str, place: int):
    options = {"covariates": "base + C(sex)", "reference": "0" if column == "arm" else "a"}
    pieces = mixed(column, place)
    together = pd.concat(pieces)

    for source in (pieces, together, cut(together, 2, 47), [together.astype({column: "category"})]):
        with pytest.raises(tk.DataError, match=f"{column}: {ONE_KIND}"):
            fit(source, **options)


def test_numbers_of_any_type_are_one_kind():
    expected = fit(NUMBERED, covariates="base + C(sex)", reference="0")
    pieces = cut(NUMBERED.astype({"id": object}), 31, 100)
    pieces[1] = pieces[1].astype({"id": "float64"})
    pieces[2] = pieces[2].astype({"id": "Int64"})

    actual = fit(pieces, covariates="base + C(sex)", reference="0")

    np.testing.assert_allclose(numbers(actual), numbers(expected), rtol=1e-10, atol=1e-10)
    assert actual.glance()["n_subjects"].item() == 60


def test_labels_of_incomplete_records_are_of_any_kind():
    frame = TRIAL.assign(id=NUMBERED["id"])
    unknown = frame.iloc[:1].assign(id="unknown", y=np.nan)

    for source in ([frame, unknown], pd.concat([frame, unknown])):
        result = fit(source, **OPTIONS)
        np.testing.assert_allclose(
            numbers(result), numbers(fit(frame, **OPTIONS)), rtol=1e-10, atol=1e-10
        )


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ([1, 2.5, None, np.int8(3)], {"numbers"}),
        (["a", None, np.str_("b")], {"text"}),
        ([1, "1"], {"numbers", "text"}),
        ([1.5, "1"], {"numbers", "text"}),
        ([True, 2], {"truth values", "numbers"}),
        ([Decimal(1), 2], {"decimals", "numbers"}),
        ([b"1", "1"], {"bytes", "text"}),
        ([(1, 2), (3, 4)], {"tuple"}),
        ([pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-02").to_pydatetime()], {"times"}),
        ([pd.Timestamp("2020-01-01"), "2020-01-01"], {"times", "text"}),
        ([], set()),
    ],
)
def test_kinds_of_values(values: list[Any], kinds: set[str]):
    column = pd.Series(values, dtype=object).dropna()

    assert set(kinds_of(column)) == kinds
    assert set(kinds_of(pd.Series(pd.Categorical(column)))) == kinds
    if len(kinds) > 1:
        with pytest.raises(tk.DataError, match=f"id: {ONE_KIND}\n.*\n  remedy: "):
            label_kinds({"id": column})
    else:
        assert label_kinds({"id": column}) == dict.fromkeys(["id"] if kinds else [], *kinds)


# Columns.
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_that_lacks_a_column_is_named(part: int):
    pieces = cut(TRIAL, 60, 120)
    pieces[part] = pieces[part].drop(columns="sex")

    passing = iter([declared(TRIAL)[piece.columns].loc[piece.index] for piece in pieces])
    for source in (pieces, lambda: iter(pieces), passing):
        with pytest.raises(
            tk.SpecificationError, match=f"part {part + 1} of the data: .*found 'sex'"
        ):
            fit(source, **OPTIONS)


# Both passes.
def test_a_function_that_returns_the_same_iterator_is_refused():
    once = iter(cut(TRIAL, 60))

    with pytest.raises(
        tk.SpecificationError,
        match=rf"found:  {N} records the first time, 0 the second\n  remedy: .* a new iterator",
    ):
        fit(lambda: once, **OPTIONS)


def changing(*passes: pd.DataFrame) -> Callable[[], list[pd.DataFrame]]:
    """Return a function that returns another frame at each call, in pieces."""
    remaining = iter(passes)
    return lambda: cut(next(remaining), 60)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (TRIAL.iloc[:90], f"{N} records the first time, 90 the second"),
        (pd.concat([TRIAL, TRIAL.iloc[[-1]].assign(id="new")]), f"{N + 1} the second"),
        (TRIAL.assign(y=TRIAL["y"] + 1e-9), f"{N} records each time, with other outcomes"),
        (TRIAL.assign(y=TRIAL["y"].where(TRIAL.index != 4)), "with other outcomes"),
    ],
    ids=["fewer", "more", "others", "missing"],
)
def test_a_function_whose_second_pass_is_other_data_is_refused(second: pd.DataFrame, found: str):
    with pytest.raises(tk.DataError, match=f"expected the same records each time .*\n.*{found}"):
        fit(changing(TRIAL, second), **OPTIONS)


def test_a_second_pass_in_other_pieces_and_another_order_is_the_same_data():
    passes = iter([cut(TRIAL, 60), cut(TRIAL.iloc[::-1], 1, 31, 100)])

    actual = fit(lambda: next(passes), **OPTIONS)

    np.testing.assert_allclose(
        numbers(actual), numbers(fit(TRIAL, **OPTIONS)), rtol=1e-10, atol=1e-10
    )


def test_the_tally_depends_on_no_order_cut_or_type():
    frame = pd.DataFrame({"y": [1.0, -0.0, np.nan, 2.0, 3.0]})
    other = pd.DataFrame({"y": pd.array([3, 2, None, 0, 1], dtype="Int64")})
    whole = tally(frame, "y")

    assert tally(other, "y") == whole
    assert tally(frame.iloc[:2], "y") + tally(frame.iloc[2:], "y") == whole
    assert tally(frame.fillna(1.0), "y") != whole
    assert tally(frame.assign(y=[1.0, 0.0, np.nan, 1.0, 4.0]), "y") != whole


@pytest.mark.parametrize("made", [None, 3, TRIAL, {"y": [1.0]}, "trial.parquet"])
def test_what_a_function_returns_is_frames(made: object):
    with pytest.raises(tk.SpecificationError, match="expected a function that returns an iterable"):
        fit(lambda: made, **OPTIONS)


# Parquet.
@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    pytest.importorskip(
        "pyarrow", reason='Parquet needs the extra: pip install "trialkit[parquet]"'
    )

    def written(*frames: pd.DataFrame) -> Path:
        for number, frame in enumerate(frames, start=1):
            frame.to_parquet(tmp_path / f"{number}.parquet", index=False)
        return tmp_path

    return written


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_file_that_lacks_a_column_is_named(write, part: int):
    pieces = cut(TRIAL, 60, 120)
    pieces[part] = pieces[part].drop(columns="sex")

    with pytest.raises(tk.SpecificationError, match=rf"{part + 1}\.parquet: .*found 'sex'"):
        fit(write(*pieces), **OPTIONS)


@pytest.mark.parametrize("order", [1, -1])
def test_a_person_of_two_kinds_in_two_files_is_refused(write, order: int):
    pieces = mixed("id", 61)[::order]

    with pytest.raises(tk.DataError, match=rf"2\.parquet: id: {ONE_KIND} in every part"):
        fit(write(*pieces), **OPTIONS)


def test_files_differ_in_how_they_hold_a_kind(write):
    pieces = cut(TRIAL.astype({"age": "float64"}), 31, 100)
    pieces[1] = pieces[1].astype({"sex": "category", "age": "float32"})
    pieces[2] = pieces[2].assign(sex=pieces[2]["sex"].astype("string"), base=None)
    frame = TRIAL.assign(base=TRIAL["base"].where(TRIAL.index < 100))

    actual = fit(write(*pieces), **OPTIONS)

    np.testing.assert_allclose(
        numbers(actual), numbers(fit(frame, **OPTIONS)), rtol=1e-6, atol=1e-6
    )


def test_times_of_any_unit_are_one_kind(write):
    arrow = pytest.importorskip("pyarrow")
    kind = visit_parquet.arrow_kind

    assert kind(arrow.timestamp("ns")) == kind(arrow.timestamp("us")) == "times"
    assert kind(arrow.timestamp("ns", tz="UTC")) != "times"
    assert kind(arrow.bool_()) != kind(arrow.int64()) == kind(arrow.float32())
    assert kind(arrow.dictionary(arrow.int32(), arrow.string())) == "text"


@pytest.mark.parametrize("damaged", [1, 2])
def test_a_damaged_file_is_named(write, damaged: int):
    folder = write(*cut(TRIAL, 60))
    file = folder / f"{damaged}.parquet"
    content = bytearray(file.read_bytes())
    content[4:400] = b"\xff" * 396  # pages, not the footer
    file.write_bytes(content)

    with pytest.raises(tk.DataError, match=rf"{damaged}\.parquet: expected Parquet files"):
        fit(folder, **OPTIONS)


def test_a_file_without_its_end_is_named(write):
    folder = write(*cut(TRIAL, 60))
    file = folder / "2.parquet"
    file.write_bytes(file.read_bytes()[:-8])

    with pytest.raises(tk.DataError, match=r"2\.parquet: expected Parquet files"):
        fit(folder, **OPTIONS)
