"""The matrix of a model of repeated records, coded once per combination of its categories."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec

from trialkit.design.columns import require_size
from trialkit.design.linear import Terms
from trialkit.design.origin import WHOLE
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.terms import VisitEffects

TYPOGRAPHIC_MINUS = "\N{MINUS SIGN}"
# A number in a label; after a letter, a digit or a closing bracket a minus is a hyphen.
NUMBER = re.compile(rf"((?:(?<![^\W_])(?<![)\]])[-{TYPOGRAPHIC_MINUS}])?\d+(?:\.\d+)?)")
# As a very small or large number is printed.
PRINTED_FLOAT = re.compile(r"-?\d+(?:\.\d+)?e[+-]\d+")
# Combinations of categories that a reference grid may have.
MOST_COMBINATIONS = 200_000
FIXED: Mapping[VisitEffects, str] = {
    "by_arm": "`{arm}` * `{visit}`",
    "common": "`{arm}` + `{visit}`",
    "none": "`{arm}`",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coding:
    """How categories and numbers become the columns of a design.

    Every column is an indicator of categories times a product of numbers, so it needs to be
    worked out once per combination of categories, however many records there are.

    Attributes
    ----------
    names : tuple of str, length p
    categories : dict
        Levels of each categorical column, arm and visit first.
    numbers : tuple of str
        Numeric columns.
    table : array, shape (c, p)
        Columns at each combination of categories, all numbers 1; combinations in the order
        of their mixed-radix code, the last column fastest.
    factors : tuple of tuple of int, length p
        Which numbers each column is a product of.
    spec : ModelSpec
    """

    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    table: FloatArray
    factors: tuple[tuple[int, ...], ...]
    spec: ModelSpec

    @property
    def movable(self) -> tuple[bool, ...]:
        """Whether the origin of each number can change without changing the model.

        So it is where each product with the number also stands without it.
        """
        terms = {frozenset(factor.expr for factor in term.factors) for term in self.spec.terms}
        products = {term - {"1"} for term in terms}
        return tuple(
            all(product - {name} in products for product in products if name in product)
            for name in self.numbers
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each category."""
        return tuple(map(len, self.categories.values()))

    def matrix(self, codes: Sequence[IntArray], numbers: FloatArray) -> FloatArray:
        """Return the design of records.

        Parameters
        ----------
        codes : sequence of array of int, shape (n,)
            Level of each category, in the order of ``categories``.
        numbers : array, shape (n, f)
            In the order of ``numbers``.
        """
        X = self.table.take(self.combination(codes), axis=0)
        for column, factors in enumerate(self.factors):
            for factor in factors:
                X[:, column] *= numbers[:, factor]
        return X

    def require_product_sizes(self, numbers: FloatArray) -> None:
        """Raise DataError where a product of numbers is too large or small to be squared.

        Parameters
        ----------
        numbers : array, shape (n, f)
        """
        for factors in {factors for factors in self.factors if len(factors) > 1}:
            with np.errstate(over="ignore", under="ignore"):
                size = np.prod(numbers[:, list(factors)], axis=1)
            require_size(size, ":".join(self.numbers[factor] for factor in factors))

    def combination(self, codes: Sequence[IntArray]) -> IntArray:
        """Return the mixed-radix code of each record's categories."""
        total = np.zeros(len(codes[0]), dtype=np.int64)
        for code, size in zip(codes, self.sizes, strict=True):
            total = total * size + code
        return total

    def means(self, values: FloatArray, share: FloatArray | None = None) -> FloatArray:
        """Return the rows of the adjusted mean of each arm at each visit, shape (a, v, p).

        Parameters
        ----------
        values : array, shape (f,)
            Where each number is held.
        share : array, shape (c / (a v),), optional
            Weights of the combinations of the other categories; by default alike.
        """
        rows = self.table.copy()
        for column, factors in enumerate(self.factors):
            rows[:, column] *= np.prod(values[list(factors)])
        arms, visits, *_ = self.sizes
        by_cell = rows.reshape(arms, visits, -1, len(self.names))
        if share is None:
            return np.asarray(by_cell.mean(axis=2))
        return np.asarray(np.tensordot(by_cell, share, axes=([2], [0])))

    def given_origin(self, shifts: FloatArray) -> FloatArray:
        """Return the matrix that turns coefficients into those of uncentred numbers.

        A product of numbers less their shifts is the sum, over its subsets, of a product of
        numbers times shifts; each of these products stands in the design where the numbers
        are ``movable``, so the coefficients move by whole multiples of the shifts.

        Parameters
        ----------
        shifts : array, shape (f,)
            What was taken from each number; 0 for those that are not movable.

        Returns
        -------
        array, shape (p, p)
        """
        A = np.eye(len(self.names))
        for column, factors in enumerate(self.factors):
            moved = [factor for factor in factors if shifts[factor] != 0]
            for size in range(1, len(moved) + 1):
                for left in combinations(moved, size):
                    kept = tuple(factor for factor in factors if factor not in left)
                    A[:, column] += np.prod(-shifts[list(left)]) * self.without(column, kept)
        return A

    def without(self, column: int, factors: tuple[int, ...]) -> FloatArray:
        """Return a column's indicator times other numbers, as a combination of columns."""
        candidates = [
            other for other, own in enumerate(self.factors) if sorted(own) == sorted(factors)
        ]
        weights = np.zeros(len(self.names))
        indicator, table = self.table[:, column], self.table[:, candidates]
        equal = np.flatnonzero((table == indicator[:, np.newaxis]).all(axis=0))
        if equal.size:
            weights[candidates[equal[0]]] = 1.0
        else:
            solved = np.linalg.lstsq(table, indicator, rcond=None)[0]
            whole = np.rint(solved)
            weights[candidates] = np.where(np.abs(solved - whole) < WHOLE, whole, solved)
        return weights


def category_grid(categories: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return every combination of categories, the last column fastest."""
    count = int(np.prod([len(levels) for levels in categories.values()]))
    if count > MOST_COMBINATIONS:
        sizes = [
            tell("{column} ({n})", column=name, n=len(levels))
            for name, levels in categories.items()
        ]
        raise NotEstimableError(
            tell(
                "the categories {sizes} have {n} combinations, more than the {most} that adjusted "
                "means can average over; merge levels",
                sizes=tell_list(sizes),
                n=count,
                most=MOST_COMBINATIONS,
            )
        )
    every = product(*(range(len(levels)) for levels in categories.values()))
    codes = np.array(list(every), dtype=np.int64)
    return pd.DataFrame(
        {
            name: pd.Categorical.from_codes(codes[:, column], categories=pd.Index(levels))
            for column, (name, levels) in enumerate(categories.items())
        }
    )


def model_formula(arm: str, visit: str, *, effects: VisitEffects, terms: Terms) -> str:
    """Return the right-hand side of arm, visit and covariates."""
    fixed = FIXED[effects].format(arm=arm, visit=visit)
    return fixed if terms.formula.strip() == "1" else f"{fixed} + {terms.formula}"


@lru_cache(maxsize=64)
def build_coding(
    formula: str, categories: tuple[tuple[str, tuple[str, ...]], ...], numbers: tuple[str, ...]
) -> Coding:
    """Return the coding of a formula for given levels.

    Parameters
    ----------
    formula : str
        Right-hand side, as ``model_formula`` gives it.
    categories : tuple of (column, levels)
        Arm and visit first, the reference level first in each.
    numbers : tuple of str
        Numeric columns.
    """
    levels = dict(categories)
    frame = category_grid(levels).assign(**dict.fromkeys(numbers, 1.0))
    matrix = Formula(formula).get_model_matrix(frame, na_action="raise")
    spec: ModelSpec = matrix.model_spec
    factors: dict[int, tuple[int, ...]] = {}
    for term, columns in spec.term_indices.items():
        named = [factor.expr for factor in term.factors]
        own = tuple(numbers.index(name) for name in named if name in numbers)
        factors.update(dict.fromkeys(columns, own))
    names = tuple(map(str, spec.column_names))
    return Coding(
        names=names,
        categories=levels,
        numbers=numbers,
        table=np.asarray(matrix, dtype=np.float64),
        factors=tuple(factors[column] for column in range(len(names))),
        spec=spec,
    )


def natural_order(labels: Sequence[str]) -> list[str]:
    """Return labels with their numbers in order of size: VIS2 before VIS10, Day -8 before Day -2.

    Small and capital letters are the same, and spaces about the text do not count.

    >>> natural_order(["VIS10", "VIS2", "Baseline"])
    ['Baseline', 'VIS2', 'VIS10']
    >>> natural_order(["Day 1", "day -2", "Day -8"])
    ['Day -8', 'day -2', 'Day 1']
    """
    return sorted(labels, key=lambda label: (natural_key(label), label))


def natural_key(label: str) -> list[tuple[int, float, str]]:
    """Return what orders a label: its numbers by size, its text by letters."""
    return [
        (0, part, "") if isinstance(part, float) else (1, 0.0, part) for part in label_parts(label)
    ]


def label_numbers(label: str) -> list[float]:
    """Return the numbers in a label, in their order.

    A minus (also the typographic one) is a sign, unless a letter, a digit or a closing bracket
    stands right before it: then it is a hyphen.

    >>> label_numbers("Day (-8)"), label_numbers("VIS-2"), label_numbers("1e-05")
    ([-8.0], [2.0], [1e-05])
    """
    return [part for part in label_parts(label) if isinstance(part, float)]


def label_parts(label: str) -> list[float | str]:
    """Return the numbers of a label, and the text between them without its outer spaces."""
    plain = label.strip()
    if PRINTED_FLOAT.fullmatch(plain):
        return [float(plain)]
    pieces = NUMBER.split(plain)
    parts: list[float | str] = []
    for place, piece in enumerate(pieces):
        if place % 2:
            parts.append(float(piece.replace(TYPOGRAPHIC_MINUS, "-")))
        elif piece.strip():
            parts.append(piece.strip().casefold())
    return parts
