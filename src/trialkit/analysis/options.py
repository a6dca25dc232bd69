"""Options of the verbs that are neither words nor column names, checked in one way."""

from collections.abc import Iterable
from math import inf
from numbers import Real

import numpy as np

from trialkit.errors import SpecificationError


def finite_number(value: object, *, option: str, above: float = -inf) -> float:
    """Return an option that is a finite number, or refuse it.

    >>> finite_number(2, option="step")
    2.0

    Raises
    ------
    SpecificationError
        If it is text, a truth value, missing, infinite, or not above ``above``.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not is_number or not above < float(value) < inf:  # type: ignore[arg-type]
        which = "finite number" if above == -inf else f"number above {above:g}"
        raise SpecificationError(f"{option}: expected a {which}, found {value!r}")
    return float(value)  # type: ignore[arg-type]


def column_list(value: object, *, option: str) -> list[str]:
    """Return an option that names one column or several as a list.

    >>> column_list("site", option="strata"), column_list(("site", "sex"), option="strata")
    (['site'], ['site', 'sex'])

    Raises
    ------
    SpecificationError
        If it is neither text nor a list of it, or names none, or one twice.
    """
    if isinstance(value, str):
        return [value]
    names = list(value) if isinstance(value, Iterable) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise SpecificationError(
            f"{option}: expected a column or a list of columns, found {value!r}"
        )
    if len(set(names)) < len(names):
        raise SpecificationError(f"{option}: expected every column once, found {value!r}")
    return names
