"""Which names of columns a formula can hold."""

import re
from collections.abc import Iterable
from functools import lru_cache

from formulaic import Formula
from formulaic.errors import FormulaicError

from trialkit.errors import SpecificationError

# Names that mean something else in a formula.
RESERVED = re.compile(r"Intercept|[\d.]+")


def require_model_names(names: Iterable[str]) -> None:
    """Raise SpecificationError unless columns can be named in a formula."""
    for name in names:
        if not stands_for_itself(name):
            raise SpecificationError(f"a column named {name!r} cannot enter a model; rename it")


@lru_cache(maxsize=256)
def stands_for_itself(name: str) -> bool:
    """Return whether a formula with a quoted name has the column of that name as a term.

    >>> stands_for_itself("pain at rest"), stands_for_itself("~"), stands_for_itself("Intercept")
    (True, False, False)
    """
    if RESERVED.fullmatch(name) or "`" in name:
        return False
    if name.isidentifier():
        return True
    try:
        terms = [[factor.expr for factor in term.factors] for term in Formula(f"`{name}`")]
    except (FormulaicError, SyntaxError, AttributeError):
        return False
    return terms == [["1"], [name]]
