"""Numeric covariates centred, so that their origin costs no digits; and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula

from trialkit.numerics.arrays import FloatArray

# A spread this small beside the values is the rounding of equal values.
ROUNDING = 8 * np.finfo(np.float64).eps
# Entries of a change of origin this near to a whole number are one.
WHOLE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centred:
    """A model's columns with numbers centred.

    Attributes
    ----------
    frame : DataFrame
    shifts : dict
        What was taken from each centred column.
    """

    frame: pd.DataFrame
    shifts: dict[str, float]


def centre(typed: pd.DataFrame, *, arm: str, formula: str) -> Centred:
    """Centre every numeric column whose origin does not change what the model can fit.

    That is so where each product with the column also stands without it (x and z beside
    x:z). A column of equal values becomes zeros, whatever the rounding of its mean.

    Parameters
    ----------
    typed : DataFrame
        Categories and floats.
    arm : str
        Column of the arm, which is a term besides the formula.
    formula : str
        Right-hand side.
    """
    products = {frozenset(), frozenset([arm])} | {
        frozenset(factor.expr for factor in term.factors if factor.expr in typed)
        for term in Formula(formula)
    }
    shifts: dict[str, float] = {}
    centred: dict[str, FloatArray] = {}
    for name in typed:
        if isinstance(typed[name].dtype, pd.CategoricalDtype):
            continue
        if all(product - {name} in products for product in products if name in product):
            values = typed[name].to_numpy()
            shifts[str(name)] = float(values.mean())
            centred[str(name)] = about(values, shifts[str(name)])
    return Centred(frame=typed.assign(**centred), shifts=shifts)


def about(values: FloatArray, origin: float) -> FloatArray:
    """Return values minus their mean; zeros where they differ by rounding only."""
    moved = values - origin
    if np.all(np.abs(moved) <= ROUNDING * np.max(np.abs(values), initial=0.0)):
        return np.zeros_like(moved)
    return moved


def to_given_origin(centred: Centred, matrix: Callable[[pd.DataFrame], FloatArray]) -> FloatArray:
    """Return A, with A b the coefficients at the origin given, b those of centred columns.

    Every column of the design is linear in each covariate, so a covariate taken up by c
    turns the columns X into X (I + c N), with N the same for every c. N is read off a step
    of one standard deviation, where it is well determined, and holds whole numbers where
    categories are coded against a level.

    Parameters
    ----------
    centred : Centred
    matrix : callable
        From columns to their design matrix, shape (n, k).

    Returns
    -------
    array, shape (k, k)
    """
    spread = {name: float(np.std(centred.frame[name])) or 1.0 for name in centred.shifts}
    scaled = centred.frame.assign(
        **{name: centred.frame[name] / size for name, size in spread.items()}
    )
    X = matrix(scaled)
    identity = np.eye(X.shape[1])
    # In scaled columns: coefficients b_j * size_j.
    sizes = scales(matrix, scaled, tuple(spread.items()))
    A = identity
    for name, shift in centred.shifts.items():
        moved = matrix(scaled.assign(**{name: scaled[name] - 1.0}))
        N = np.linalg.lstsq(X, moved, rcond=None)[0] - identity
        whole = np.rint(N)
        N = np.where(np.abs(N - whole) < WHOLE, whole, N)
        A = (identity + shift / spread[name] * N) @ A
    return np.asarray(A * sizes[np.newaxis, :] / sizes[:, np.newaxis], dtype=np.float64)


def scales(
    matrix: Callable[[pd.DataFrame], FloatArray],
    scaled: pd.DataFrame,
    spread: Sequence[tuple[str, float]],
) -> FloatArray:
    """Return by what each column of the design is multiplied where covariates are in units."""
    ones = scaled.assign(**{name: 1.0 for name, _ in spread})
    units = scaled.assign(**dict(spread))
    plain, large = matrix(ones), matrix(units)
    row = np.argmax(np.abs(plain), axis=0)
    column = np.arange(plain.shape[1])
    return np.asarray(large[row, column] / plain[row, column], dtype=np.float64)
