"""A model's matrix in sum-to-zero coding, with the columns that belong to each term."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec

from trialkit.design.linear import Terms, typed_frame
from trialkit.design.origin import centre, to_given_origin
from trialkit.numerics.arrays import FloatArray

INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TermDesign:
    """A design matrix whose columns are grouped by term.

    Attributes
    ----------
    X : array, shape (n, k)
        Intercept, arm, covariates; categories are coded to sum to zero.
    terms : tuple of str
        Their names as the user wrote them (``arm:BASE``), the intercept first.
    factors : tuple of frozenset of str
        The columns of the frame that each term is a product of.
    columns : tuple of tuple of int
        Positions in ``X`` of each term.
    given : array, shape (k, k)
        Coefficients to those of the covariates as given, which ``X`` holds centred.
    """

    X: FloatArray
    terms: tuple[str, ...]
    factors: tuple[frozenset[str], ...]
    columns: tuple[tuple[int, ...], ...]
    given: FloatArray

    @property
    def names(self) -> tuple[str, ...]:
        """The term of each column."""
        term_of = {
            column: term
            for term, columns in zip(self.terms, self.columns, strict=True)
            for column in columns
        }
        return tuple(term_of[column] for column in range(self.X.shape[1]))


def build_term_design(
    frame: pd.DataFrame, *, arm: str, arms: Sequence[str], terms: Terms
) -> TermDesign:
    """Build the matrix of ``1 + arm + covariates`` for tests of whole terms.

    Parameters
    ----------
    frame : DataFrame
        Complete records.
    arm : str
        Column of the arm.
    arms : sequence of str
        The reference first.
    terms : Terms
        The covariates.

    Raises
    ------
    NotEstimableError
        If an arm has no record, or a category only one level.
    """
    as_given = typed_frame(frame, arm=arm, arms=arms, terms=terms)
    centred = centre(as_given, arm=arm, formula=terms.formula)
    typed = centred.frame
    # Plain names, so that no name needs quoting inside C().
    plain = {name: f"v{position}" for position, name in enumerate(typed.columns)}
    coded = {
        name: f"C({short}, contr.sum)"
        if isinstance(typed[name].dtype, pd.CategoricalDtype)
        else short
        for name, short in plain.items()
    }
    products = [(arm,)]
    for term in Formula(terms.formula):
        names = tuple(factor.expr for factor in term.factors if factor.expr in plain)
        if names and set(names) not in [set(known) for known in products]:
            products.append(names)
    formula = " + ".join(["1", *(":".join(coded[name] for name in names) for names in products)])
    matrix = Formula(formula).get_model_matrix(typed.rename(columns=plain), na_action="raise")
    spec: ModelSpec = matrix.model_spec
    by_factors = {
        frozenset(str(factor) for factor in term.factors): tuple(range(*place.indices(10**9)))
        for term, place in spec.term_slices.items()
    }
    columns = [by_factors[frozenset(coded[name] for name in names)] for names in products]
    return TermDesign(
        X=np.asarray(matrix, dtype=np.float64),
        terms=(INTERCEPT, *(":".join(names) for names in products)),
        factors=(frozenset(), *(frozenset(names) for names in products)),
        columns=(by_factors[frozenset({"1"})], *columns),
        given=to_given_origin(
            centred,
            lambda moved: np.asarray(
                spec.get_model_matrix(moved.rename(columns=plain)), dtype=np.float64
            ),
        ),
    )
