"""The design of repeated records, coded once per combination, is the design of the records."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from formulaic import Formula
from hypothesis import given
from hypothesis import strategies as st

import trialkit as tk
from trialkit.design.linear import parse_terms
from trialkit.design.visits import (
    MOST_COMBINATIONS,
    Coding,
    build_coding,
    category_grid,
    label_numbers,
    model_formula,
    natural_order,
)
from trialkit.errors import DataError

CATEGORIES = (("arm", ("sham", "drug")), ("visit", ("V1", "V2", "V3")), ("sex", ("F", "M")))
NUMBERS = ("base", "age")
FORMULAS = [
    "1",
    "base",
    "base:visit",
    "base * visit + sex",
    "base + base:visit + age:base + age",
    "base * age * visit",
    "base:sex + sex",
    "base * arm * visit + age",
    "age:sex:visit",
]


def coding(covariates: str, effects: str = "by_arm") -> Coding:
    terms = parse_terms(covariates)
    used = [name for name in NUMBERS if name in terms.columns]
    kinds = [each for each in CATEGORIES if each[0] in ("arm", "visit", *terms.columns)]
    formula = model_formula("arm", "visit", effects=effects, terms=terms)
    return build_coding(formula, tuple(kinds), tuple(used))


def records(code: Coding, n: int = 60) -> tuple[list[np.ndarray], np.ndarray, pd.DataFrame]:
    """Return codes, numbers, and the same records as a typed frame."""
    rng = np.random.default_rng(4)
    codes = [rng.integers(0, size, n) for size in code.sizes]
    values = rng.normal(3.0, 2.0, (n, len(code.numbers)))
    columns = {
        name: pd.Categorical.from_codes(own, categories=list(levels))
        for own, (name, levels) in zip(codes, code.categories.items(), strict=True)
    }
    return codes, values, pd.DataFrame(columns | dict(zip(code.numbers, values.T, strict=True)))


@pytest.mark.parametrize("effects", ["by_arm", "common", "none"])
@pytest.mark.parametrize("covariates", FORMULAS)
def test_the_matrix_is_the_formulas(covariates: str, effects: str):
    code = coding(covariates, effects)
    codes, values, frame = records(code)

    expected = code.spec.get_model_matrix(frame)

    np.testing.assert_allclose(code.matrix(codes, values), expected.to_numpy(float), rtol=1e-14)
    assert code.names == tuple(expected.columns)


@pytest.mark.parametrize("covariates", FORMULAS)
def test_means_are_averages_of_the_formulas_rows(covariates: str):
    code = coding(covariates)
    values = np.array([2.5, 40.0])[: len(code.numbers)]
    others = [levels for name, levels in code.categories.items() if name not in ("arm", "visit")]
    share = np.array([0.3, 0.7]) if others else np.array([1.0])

    for weights, weighed in ((np.full(share.size, 1 / share.size), None), (share, share)):
        found = code.means(values, weighed)
        for (i, arm), (j, visit) in product(enumerate(("sham", "drug")), enumerate("123")):
            rows = pd.DataFrame(
                [
                    {"arm": arm, "visit": f"V{visit}"}
                    | ({"sex": other[0]} if others else {})
                    | dict(zip(code.numbers, values, strict=True))
                    for other in product(*others)
                ]
            )
            for name, levels in code.categories.items():
                rows[name] = pd.Categorical(rows[name], categories=list(levels))
            expected = weights @ code.spec.get_model_matrix(rows).to_numpy(float)
            np.testing.assert_allclose(found[i, j], expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("effects", ["by_arm", "common", "none"])
@pytest.mark.parametrize("covariates", FORMULAS)
def test_coefficients_go_back_to_the_origin_given(covariates: str, effects: str):
    code = coding(covariates, effects)
    codes, values, _ = records(code, 400)
    origin = np.where(code.movable, np.array([20.0, -7.0])[: len(code.numbers)], 0.0)
    b = np.random.default_rng(0).normal(size=len(code.names))

    fitted = code.matrix(codes, values - origin) @ b

    given = code.given_origin(origin) @ b
    np.testing.assert_allclose(code.matrix(codes, values) @ given, fitted, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize(
    ("covariates", "movable"),
    [
        ("base", (True,)),
        ("base:visit", (True,)),  # visit stands in the model without base
        ("base:sex", (False,)),  # sex does not
        ("base:sex + sex", (True,)),
        ("base:age", (False, False)),
        ("base:age + base", (False, True)),
        ("base * age", (True, True)),
    ],
)
def test_an_origin_is_free_where_products_also_stand_without_the_number(covariates, movable):
    assert coding(covariates).movable == movable


def test_an_origin_of_zero_changes_nothing():
    code = coding("base * visit")

    np.testing.assert_array_equal(code.given_origin(np.zeros(1)), np.eye(len(code.names)))


def test_a_coding_is_made_once():
    assert coding("base + sex") is coding("base + sex")


def test_too_many_combinations_are_refused_with_their_sizes():
    levels = tuple(map(str, range(80)))
    many = {"arm": ("a", "b"), "visit": ("1", "2"), "site": levels, "rater": levels, "x": levels}
    assert MOST_COMBINATIONS < 4 * 80**3

    with pytest.raises(tk.NotEstimableError, match=r"site \(80\).* have 2048000 combinations"):
        category_grid(many)


def test_the_grid_has_its_last_column_fastest():
    grid = category_grid(dict(CATEGORIES))

    assert grid.head(3).astype(str).agg("/".join, axis=1).tolist() == [
        "sham/V1/F",
        "sham/V1/M",
        "sham/V2/F",
    ]
    assert len(grid) == 12


def test_the_first_level_of_a_category_is_its_reference():
    assert coding("1").names == (
        "Intercept",
        "arm[T.drug]",
        "visit[T.V2]",
        "visit[T.V3]",
        "arm[T.drug]:visit[T.V2]",
        "arm[T.drug]:visit[T.V3]",
    )


@pytest.mark.parametrize("name", ["treatment arm", "arm.1", "Ärm"])
def test_columns_may_have_any_name(name: str):
    formula = model_formula(name, "the visit", effects="by_arm", terms=parse_terms("1"))

    assert len(list(Formula(formula))) == 4


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (["VIS10", "VIS2", "VIS1"], ["VIS1", "VIS2", "VIS10"]),
        (["12", "4", "8"], ["4", "8", "12"]),
        (["Week 2.5", "Week 10", "Week 2"], ["Week 2", "Week 2.5", "Week 10"]),
        (["Week 12", "Baseline", "Week 4"], ["Baseline", "Week 4", "Week 12"]),
        (["C2D15", "C10D1", "C2D1", "C1D1"], ["C1D1", "C2D1", "C2D15", "C10D1"]),
        (["V01", "V1", "V2"], ["V01", "V1", "V2"]),
        (["Day -8", "Day -2", "Day 3"], ["Day -8", "Day -2", "Day 3"]),
        (["\N{MINUS SIGN}8", "\N{MINUS SIGN}2", "3"], ["\N{MINUS SIGN}8", "\N{MINUS SIGN}2", "3"]),
        (["VIS-10", "VIS-2"], ["VIS-2", "VIS-10"]),
        (["0.002", "1e-05"], ["1e-05", "0.002"]),
        (["Week 10", " week 2", "WEEK 4"], [" week 2", "WEEK 4", "Week 10"]),
        (["²", "1"], ["1", "²"]),
    ],
)
def test_labels_are_ordered_by_their_numbers(labels: list[str], order: list[str]):
    assert natural_order(labels) == order
    assert natural_order(labels[::-1]) == order


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("Day -8", [-8.0]),
        ("-1.5", [-1.5]),
        ("\N{MINUS SIGN}2", [-2.0]),
        ("VIS-2", [2.0]),
        ("Week 1 (-2)", [1.0, -2.0]),
        ("Day_-2", [-2.0]),
        ("Week (4)-8", [4.0, 8.0]),
        ("Day:-8", [-8.0]),
        ("4-8", [4.0, 8.0]),
        ("Week - 2", [2.0]),
        ("1e-05", [1e-5]),
        ("-1.5e+16", [-1.5e16]),
        ("R2e-7", [2.0, 7.0]),
        ("²", []),
    ],
)
def test_a_label_is_read_with_the_signs_of_its_numbers(label: str, found: list[float]):
    assert label_numbers(label) == found


@given(st.floats(-1e60, 1e60))
def test_a_printed_number_is_read_as_it_is(value: float):
    assert label_numbers(str(value)) == [value]


@pytest.mark.parametrize(("size", "which"), [(1e40, "large"), (1e-40, "small")])
def test_a_product_is_of_a_size_to_be_squared(size: float, which: str):
    formula = model_formula("arm", "visit", effects="by_arm", terms=parse_terms("x:z"))
    coding = build_coding(formula, (("arm", ("a", "b")), ("visit", ("1", "2"))), ("x", "z"))
    coding.require_product_sizes(np.ones((3, 2)))

    with pytest.raises(DataError, match=f"x:z: expected numbers .* too {which} to be squared"):
        coding.require_product_sizes(np.full((3, 2), size))
