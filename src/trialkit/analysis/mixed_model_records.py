"""The records of a model with random effects: checked, coded, with both designs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.frames import (
    compared_levels,
    complete_cases,
    require_columns,
    require_numeric,
)
from trialkit.analysis.model_records import require_own_roles
from trialkit.analysis.visit_columns import require_names
from trialkit.analysis.visit_records import level_codes, number_columns, visit_levels
from trialkit.analysis.visit_totals import centred_numbers
from trialkit.design.linear import (
    Terms,
    categories,
    enters_as_number,
    parse_terms,
    typed_column,
)
from trialkit.design.names import require_model_names
from trialkit.design.random_terms import RandomDesign, RandomSpec, parse_random, random_design
from trialkit.design.visits import Coding, build_coding, model_formula
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.terms import MarginalWeights

# The one visit of a model without visits.
NO_VISIT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedColumns:
    """Which columns of a frame a model with random effects reads."""

    outcome: str
    arm: str
    visit: str | None
    subject: str | None
    terms: Terms
    random: tuple[RandomSpec, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every column but the arm, once."""
        optional = [name for name in (self.visit, self.subject) if name is not None]
        random = [name for spec in self.random for name in spec.names]
        named = [self.outcome, *optional, *self.terms.columns, *random]
        return tuple(name for name in dict.fromkeys(named) if name != self.arm)

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns of the covariates beside arm and visit."""
        return tuple(name for name in self.terms.columns if name not in (self.arm, self.visit))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedRecords:
    """Complete records with their designs.

    Attributes
    ----------
    y : array, shape (n,)
    codes : tuple of array of int, shape (n,)
        Levels of the categories of the fixed part, arm and visit first.
    values : array, shape (n, f)
        Its numbers, centred where that leaves the model the same.
    origin : array, shape (f,)
    coding : Coding
    random : tuple of RandomDesign
    people : array of int, shape (a, v), or None
        People of each arm at each visit, where a column of subjects is named.
    n_subjects : int or None
    notes : tuple of str
    """

    y: FloatArray
    codes: tuple[IntArray, ...]
    values: FloatArray
    origin: FloatArray
    coding: Coding
    random: tuple[RandomDesign, ...]
    people: IntArray | None
    n_subjects: int | None
    notes: tuple[str, ...]

    @property
    def design(self) -> FloatArray:
        """The design of the fixed part, shape (n, p)."""
        return self.coding.matrix(self.codes, self.values)

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return next(iter(self.coding.categories.values()))

    @property
    def visits(self) -> tuple[str, ...]:
        """The visits in their order; one without a name where there are none."""
        return list(self.coding.categories.values())[1]

    def cell_means(self, margins: MarginalWeights) -> FloatArray:
        """Return the rows of the adjusted means, shape (a, v, p)."""
        arms, visits, *_ = self.coding.sizes
        if margins == "counterfactual":
            moved = [
                self.coding.matrix(
                    (
                        np.full_like(self.codes[0], a),
                        np.full_like(self.codes[1], v),
                        *self.codes[2:],
                    ),
                    self.values,
                ).mean(axis=0)
                for a in range(arms)
                for v in range(visits)
            ]
            return np.array(moved).reshape(arms, visits, -1)
        center = self.values.mean(axis=0)
        if margins == "equal":
            return self.coding.means(center)
        count = np.bincount(
            self.coding.combination(self.codes), minlength=int(np.prod(self.coding.sizes))
        )
        records = count.reshape(arms * visits, -1).sum(axis=0)
        return self.coding.means(center, records / records.sum())


def mixed_columns(
    *, outcome: str, arm: str, visit: str | None, subject: str | None, covariates: str, random: str
) -> MixedColumns:
    """Return the columns that a model reads, after a check of their roles."""
    require_names({"outcome": outcome, "arm": arm})
    require_names({"visit": visit, "subject": subject}, optional=True)
    terms = parse_terms(covariates)
    require_own_roles(terms, outcome=outcome, arm=arm)
    require_model_names([arm] if visit is None else [arm, visit])
    if visit is not None and visit in (outcome, arm):
        raise SpecificationError(
            f"visit: expected another column than the outcome's and the arm's, found {visit!r}"
        )
    if subject is not None and subject in (outcome, arm, visit):
        raise SpecificationError(
            f"subject: expected a column of its own, which tells people apart, found {subject!r}"
        )
    specs = parse_random(random)
    for spec in specs:
        if outcome in spec.names:
            raise SpecificationError(
                f"random: expected columns other than the outcome, found {outcome!r}"
            )
        if spec.columns == (arm,):
            raise SpecificationError(
                f"random: expected groups other than the arms, which the model compares, found "
                f"{arm!r}"
            )
    return MixedColumns(
        outcome=outcome, arm=arm, visit=visit, subject=subject, terms=terms, random=specs
    )


def mixed_records(frame: pd.DataFrame, columns: MixedColumns, *, reference: str) -> MixedRecords:
    """Check a frame of any number of rows per group, and code its complete records.

    Raises
    ------
    SpecificationError
        If a column or the reference does not exist.
    NotEstimableError
        If only one arm has records, or an arm has none at a visit.
    """
    require_columns(frame, [*columns.names, columns.arm])
    require_numeric(frame, columns.outcome)
    complete = complete_cases(frame, columns=columns.names, arm=columns.arm)
    records = complete.frame
    arms = compared_levels(records, columns.arm, reference=reference)
    visits: tuple[str, ...] = (NO_VISIT,)
    visit_code = np.zeros(len(records), dtype=np.int64)
    if columns.visit is not None:
        visits = visit_levels(records[columns.visit])
        visit_code = level_codes(records[columns.visit], visits)
    codes = [level_codes(records[columns.arm], arms), visit_code]
    require_every_visit(codes[0], codes[1], arms, visits)
    kinds, names = [(columns.arm, arms), (columns.visit or NO_VISIT, visits)], []
    for name in columns.covariates:
        if not enters_as_number(records[name], columns.terms):
            category = categories(records[name])
            kinds.append((name, tuple(map(str, category.categories))))
            codes.append(np.asarray(category.codes, dtype=np.int64))
        else:
            names.append(name)
    effects = model_formula(
        columns.arm,
        columns.visit or NO_VISIT,
        effects="by_arm" if columns.visit else "none",
        terms=columns.terms,
    )
    coding = build_coding(effects, tuple(kinds), tuple(names))
    values = number_columns(records, names)
    origin = np.where(coding.movable, values.mean(axis=0), 0.0)
    values = centred_numbers(values, origin)
    coding.require_product_sizes(values)
    people, n_subjects = counted(records, columns, codes, len(arms), len(visits))
    return MixedRecords(
        y=records[columns.outcome].to_numpy(dtype=np.float64),
        codes=tuple(codes),
        values=values,
        origin=origin,
        coding=coding,
        random=random_designs(records, columns, dict(kinds)),
        people=people,
        n_subjects=n_subjects,
        notes=complete.notes,
    )


def require_every_visit(
    arm: IntArray, visit: IntArray, arms: Sequence[str], visits: Sequence[str]
) -> None:
    """Raise unless each arm has a record at each visit."""
    count = np.bincount(arm * len(visits) + visit, minlength=len(arms) * len(visits))
    empty = np.argwhere(count.reshape(len(arms), len(visits)) == 0)
    if empty.size:
        cells = [tell("{arm} at {visit}", arm=arms[a], visit=visits[v]) for a, v in empty[:3]]
        raise NotEstimableError(
            tell(
                "no complete record in {cells}; leave the visit out, or name it as a covariate",
                cells=tell_list(cells),
            )
        )


def random_designs(
    records: pd.DataFrame, columns: MixedColumns, levels: dict[str, tuple[str, ...]]
) -> tuple[RandomDesign, ...]:
    """Return the design of each random term, categories coded as in the fixed part."""
    designs = []
    for spec in columns.random:
        typed: dict[str, object] = {}
        for name in spec.terms.columns:
            if name in (columns.arm, columns.visit):
                typed[name] = pd.Categorical(records[name].astype(str), categories=levels[name])
            else:
                typed[name] = typed_column(records, name, spec.terms)
        designs.append(random_design(spec, pd.DataFrame(typed, index=records.index), records))
    return tuple(designs)


def counted(
    records: pd.DataFrame, columns: MixedColumns, codes: Sequence[IntArray], arms: int, visits: int
) -> tuple[IntArray | None, int | None]:
    """Return people by arm and visit, and all, where a column of subjects is named."""
    if columns.subject is None:
        return None, None
    person = pd.factorize(records[columns.subject])[0].astype(np.int64)
    cell = codes[0] * visits + codes[1]
    in_cell = np.unique(np.stack([cell, person]), axis=1)[0]
    return (
        np.bincount(in_cell, minlength=arms * visits).reshape(arms, visits),
        int(person.max()) + 1,
    )
