"""Random effects as they are written, and the columns of their designs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula

from trialkit.design.linear import Terms, parse_terms
from trialkit.design.visits import natural_key
from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import IntArray
from trialkit.numerics.random_blocks import RandomTerm

NAME = re.compile(r"\s*(?:`([^`]+)`|([^\W\d][\w.]*))\s*")
NO_INTERCEPT = re.compile(r"\s*0\s*\+(.*)", re.DOTALL)
LEVEL = re.compile(r"\[T\.")
INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSpec:
    """One random term as written: ``(coefficients | factor)``.

    Attributes
    ----------
    terms : Terms
        What the coefficients belong to.
    intercept : bool
        Whether the level varies too.
    columns : tuple of str
        Whose combination is the factor.
    independent : bool
        Written ``||``: the coefficients of a group are uncorrelated.
    """

    terms: Terms
    intercept: bool
    columns: tuple[str, ...]
    independent: bool

    @property
    def factor(self) -> str:
        """The name of the factor, as in ``USUBJID:AVISIT``."""
        return ":".join(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that the term reads."""
        return tuple(dict.fromkeys([*self.terms.columns, *self.columns]))


def parse_random(text: str) -> tuple[RandomSpec, ...]:
    """Read random effects in the notation of R's lme4.

    ``"1 | trial"``, ``"1 + arm | trial"``, ``"arm || trial"`` (uncorrelated), ``"(1 |
    USUBJID) + (1 | USUBJID:AVISIT)"``, ``"1 | site/USUBJID"`` (site, and people within it).

    Raises
    ------
    SpecificationError
        If the text is none of these.

    Examples
    --------
    >>> [spec.factor for spec in parse_random("(1 | site) + (1 + day || USUBJID)")]
    ['site', 'USUBJID']
    """
    if not isinstance(text, str) or not text.strip():
        raise SpecificationError(
            f'random: expected a text such as "1 | trial" or "1 + day | USUBJID", found {text!r}'
        )
    specs = tuple(spec for part in bracketed(text) for spec in single_term(part, whole=text))
    written = [(spec.factor, spec.intercept, spec.terms.formula) for spec in specs]
    if len(set(written)) < len(written):
        raise refused(text, "a term twice")
    return specs


def bracketed(text: str) -> list[str]:
    """Return the terms of a sum of terms in brackets, or the one term without."""
    if not text.lstrip().startswith("("):
        return [text]
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "+" and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    inside = [part.strip() for part in parts]
    if depth or any(not (part.startswith("(") and part.endswith(")")) for part in inside):
        raise refused(text, "brackets that do not hold one term each")
    return [part[1:-1] for part in inside]


def single_term(part: str, *, whole: str) -> Iterator[RandomSpec]:
    """Yield the term that a text names, or several for factors nested by ``/``."""
    left, bar, right = re.sub(r"\|\|", "¦", part).replace("|", "¦1").partition("¦")
    correlated = right.startswith("1")
    group = right[1:] if correlated else right
    if not bar or "¦" in group or "(" in group:
        raise refused(whole, f"{part.strip()!r}")
    bare = NO_INTERCEPT.fullmatch(left)
    coefficients = bare[1] if bare else left
    try:
        terms = parse_terms(coefficients)
    except SpecificationError as error:
        raise refused(whole, f"the coefficients {coefficients.strip()!r}") from error
    if bare and not terms.columns:
        raise refused(whole, f"{part.strip()!r}, in which nothing varies")
    outer: tuple[str, ...] = ()
    for piece in group.split("/"):
        outer = (*outer, *(column_name(name, whole) for name in piece.split(":")))
        yield RandomSpec(
            terms=terms, intercept=bare is None, columns=outer, independent=not correlated
        )


def column_name(text: str, whole: str) -> str:
    """Return the column that a part of a factor names."""
    found = NAME.fullmatch(text)
    if not found:
        raise refused(whole, f"the factor {text.strip()!r}")
    return found[1] or found[2]


def refused(text: str, found: str) -> SpecificationError:
    """Return the error for a text that is no random effect."""
    return SpecificationError(
        f'random {text!r}: expected terms such as "1 | trial", "1 + arm | trial", "arm || trial" '
        f'or "(1 | USUBJID) + (1 | USUBJID:AVISIT)"; found {found}'
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomDesign:
    """A random term with its columns and groups.

    Attributes
    ----------
    term : RandomTerm
    groups : tuple of str
        What the group codes stand for.
    """

    term: RandomTerm
    groups: tuple[str, ...]


def random_design(spec: RandomSpec, typed: pd.DataFrame, records: pd.DataFrame) -> RandomDesign:
    """Return the columns and groups of a random term.

    Parameters
    ----------
    spec : RandomSpec
    typed : DataFrame
        The columns of its coefficients, as categories and floats.
    records : DataFrame
        The same complete records, with the columns of the factor.
    """
    formula = spec.terms.formula if spec.intercept else f"0 + {spec.terms.formula}"
    matrix = Formula(formula).get_model_matrix(typed, na_action="raise")
    group, groups = grouped(records, spec.columns)
    names = map(str, matrix.model_spec.column_names)
    return RandomDesign(
        term=RandomTerm(
            factor=spec.factor,
            columns=tuple(LEVEL.sub("[", name) for name in names),
            Z=np.asarray(matrix, dtype=np.float64),
            group=group,
            independent=spec.independent,
        ),
        groups=groups,
    )


def grouped(records: pd.DataFrame, columns: Sequence[str]) -> tuple[IntArray, tuple[str, ...]]:
    """Return the group of each record, and the groups' names in their order.

    Groups are told apart by the values of the columns: ``a:b`` of ``c`` is not ``a`` of ``b:c``.
    """
    values = pd.MultiIndex.from_frame(records[list(columns)].astype(str))
    met, known = pd.factorize(values)
    names = [":".join(value) for value in known]
    order = sorted(range(len(known)), key=lambda i: (natural_key(names[i]), names[i], known[i]))
    place = np.empty(len(known), dtype=np.int64)
    place[order] = np.arange(len(known))
    return place[met], tuple(names[i] for i in order)
