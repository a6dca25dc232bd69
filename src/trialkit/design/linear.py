"""A linear model's matrix, and the linear functions that are its adjusted means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from formulaic.errors import FormulaicError
from formulaic.parser.types import Factor

from trialkit.design.columns import finite_numbers, require_size
from trialkit.design.contrasts import Pair
from trialkit.design.names import require_model_names, stands_for_itself
from trialkit.design.origin import Centred, centre, to_given_origin
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.terms import MarginalWeights, allowed

QUOTED_OR_CALL = re.compile(r"`[^`]*`|\bC\(\s*(`[^`]+`|[^\W\d][\w.]*)\s*\)")
# What may stand outside of quoted names: names, 1, and the signs of a sum of products.
PLAIN = re.compile(r"[\w.\s+:*()]*")
MOST_CROSSINGS = 6
# What pandas calls the values of a column of objects.
NUMBERS_AS_OBJECTS = frozenset({"integer", "floating", "mixed-integer-float", "decimal", "complex"})
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The right-hand side of a model: its formula, its columns, and which are categories."""

    formula: str
    columns: tuple[str, ...]
    categorical: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearDesign:
    """A design matrix and the adjusted mean of each arm as a row of ``L``.

    Attributes
    ----------
    X : array, shape (n, k)
        Intercept, arm (treatment coding against the reference), covariates; numbers are
        centred where that leaves the model the same.
    names : tuple of str, length k
        Names of the columns of ``X``.
    arms : tuple of str, length a
        The reference first.
    L : array, shape (a, k)
        One row an arm: beta to the arm's adjusted mean.
    predictions : array, shape (a, n, k), or None
        Where the adjusted mean averages over people: beta to each person's prediction,
        had that person been in the arm. ``L`` is its mean over people.
    spec, centred
        How the columns were made.
    """

    X: FloatArray
    names: tuple[str, ...]
    arms: tuple[str, ...]
    L: FloatArray
    predictions: FloatArray | None = None
    spec: ModelSpec | None = None
    centred: Centred | None = None

    def given_coefficients(self) -> FloatArray:
        """Return the rows that turn coefficients into those of the covariates as given."""
        if self.spec is None or self.centred is None:
            return np.eye(len(self.names))
        spec = self.spec
        return to_given_origin(
            self.centred,
            lambda frame: np.asarray(spec.get_model_matrix(frame), dtype=np.float64),
        )


def parse_terms(covariates: str) -> Terms:
    """Read a formula's right-hand side: columns, ``C(column)``, ``+``, ``:``, ``*``.

    Nothing is evaluated: a plan is data, so calls other than ``C()`` are refused.

    Raises
    ------
    SpecificationError
        If the text is no formula, removes the intercept, or calls a function.

    Examples
    --------
    >>> parse_terms("BASE + C(site)").columns
    ('BASE', 'site')
    """
    require_text(covariates)
    calls = dict.fromkeys(match[1] for match in QUOTED_OR_CALL.finditer(covariates) if match[1])
    categorical = tuple(name.strip("`") for name in calls)
    formula = QUOTED_OR_CALL.sub(lambda match: match[1] or match[0], covariates)
    named = re.findall(r"`([^`]*)`", formula)
    quoted = [name for name in named if not stands_for_itself(name)]
    if quoted:
        raise refused(covariates, f"the name {quoted[0]!r}, which means something else there")
    signs = re.sub(r"`[^`]*`", "x", formula)
    if not PLAIN.fullmatch(signs) or "**" in signs:
        raise refused(covariates, "another sign or a call")
    if signs.count("*") > MOST_CROSSINGS:
        raise refused(covariates, f"more than {MOST_CROSSINGS} crossings (*)")
    try:
        terms = list(Formula(formula))
    except (FormulaicError, SyntaxError) as error:
        raise refused(covariates, f"a text that cannot be read ({first_line(error)})") from error
    except AttributeError as error:  # formulaic on "y ~ x" and other multi-part formulas
        raise refused(covariates, "more than a right-hand side") from error
    factors: list[Factor] = [
        factor for term in terms if isinstance_term(term) for factor in term.factors
    ]
    if len(factors) == 0 or "1" not in {str(term) for term in terms}:
        raise refused(covariates, "no intercept")
    called = [factor.expr for factor in factors if factor.eval_method.value == "python"]
    if called:
        raise refused(covariates, f"a call, {called[0]!r}")
    columns = tuple(
        dict.fromkeys(factor.expr for factor in factors if factor.eval_method.value == "lookup")
    )
    reserved = [name for name in columns if not stands_for_itself(name)]
    if reserved:
        raise refused(covariates, f"the name {reserved[0]!r}, which means something else there")
    return Terms(formula=formula, columns=columns, categorical=categorical)


def require_text(covariates: object) -> None:
    """Raise unless covariates are one text with something in it."""
    if not isinstance(covariates, str):
        raise SpecificationError(
            f"covariates: expected one text such as 'BASE + SEX', found {covariates!r}"
        )
    if not covariates.strip():
        raise refused(covariates, 'an empty text (no covariate is written "1")')


def isinstance_term(term: object) -> bool:
    """Return whether formulaic gave a term (a right-hand side) and not a nested formula."""
    return hasattr(term, "factors")


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    text = COLOUR.sub("", str(error)).strip()
    return text.splitlines()[0] if text else type(error).__name__


def refused(covariates: str, found: str) -> SpecificationError:
    """Return the error for covariates that are no plain list of columns."""
    return SpecificationError(
        f"covariates {covariates!r}: expected column names joined by + : or *, and C(column) "
        f"for a category coded as a number; found {found}"
    )


def build_design(
    frame: pd.DataFrame,
    *,
    arm: str,
    arms: Sequence[str],
    terms: Terms,
    weights: MarginalWeights = "equal",
    centring: bool = True,
) -> LinearDesign:
    """Build the matrix of ``1 + arm + covariates`` and the adjusted mean of each arm.

    Parameters
    ----------
    frame : DataFrame
        Complete records. Text, boolean and ``C()`` columns are categories, all others
        numbers.
    arm : str
        Column of the arm.
    arms : sequence of str
        The reference first.
    terms : Terms
        The covariates.
    weights : "equal", "proportional" or "counterfactual"
        ``equal`` averages over the levels of the categories with equal weight and sets
        numbers to their mean (SAS ``LSMEANS``; emmeans ``weights = "equal"`` with
        ``cov.keep = character(0)``); ``proportional`` weighs each combination of
        categories by the people who have it (emmeans ``weights = "proportional"``);
        ``counterfactual`` averages the predictions for everyone, had all been in the arm
        (SAS ``LSMEANS / OM`` in an additive model).
    centring : bool
        Whether numbers are centred; a model that standardises its columns itself needs
        them as they are.

    Raises
    ------
    SpecificationError
        If the weights are unknown.
    NotEstimableError
        If an arm has no record, or a category only one level.
    """
    if weights not in allowed(MarginalWeights):
        raise SpecificationError(
            f"weights: expected one of {', '.join(allowed(MarginalWeights))}, found {weights!r}"
        )
    typed = typed_frame(frame, arm=arm, arms=arms, terms=terms)
    formula = f"`{arm}`" if terms.formula.strip() == "1" else f"`{arm}` + {terms.formula}"
    centred = centre(typed, arm=arm, formula=terms.formula) if centring else None
    if centred is not None:
        typed = centred.frame
    matrix = Formula(formula).get_model_matrix(typed, na_action="raise")
    spec: ModelSpec = matrix.model_spec
    grid, share = reference_grid(typed, arm=arm, terms=terms, weights=weights)
    predictions = [prediction_matrix(spec, grid, typed, arm=arm, level=level) for level in arms]
    rows = [P.mean(axis=0) if share is None else share @ P for P in predictions]
    return LinearDesign(
        X=np.asarray(matrix, dtype=np.float64),
        names=tuple(map(str, spec.column_names)),
        arms=tuple(arms),
        L=np.vstack(rows),
        predictions=np.array(predictions) if weights == "counterfactual" else None,
        spec=spec,
        centred=centred,
    )


def means_and_differences(design: LinearDesign, pairs: Sequence[Pair]) -> FloatArray:
    """Return the rows of ``L`` for every adjusted mean, then for every difference of two.

    Parameters
    ----------
    design : LinearDesign
    pairs : sequence of (treatment, reference)

    Returns
    -------
    array, shape (a + m, k)
    """
    row = {arm: position for position, arm in enumerate(design.arms)}
    differences = [design.L[row[treatment]] - design.L[row[other]] for treatment, other in pairs]
    return np.vstack([design.L, *differences])


def with_arm_interactions(terms: Terms, arm: str) -> Terms:
    """Return the terms and each of them crossed with the arm: a slope of its own per arm."""
    listed = [
        [factor.expr for factor in term.factors]
        for term in Formula(terms.formula)
        if str(term) != "1"
    ]
    crossed = [
        ":".join(f"`{name}`" for name in (arm, *names)) for names in listed if arm not in names
    ]
    return Terms(
        formula=" + ".join([terms.formula, *crossed]),
        columns=terms.columns if arm in terms.columns else (*terms.columns, arm),
        categorical=terms.categorical,
    )


def crossed(terms: Terms, name: str) -> bool:
    """Return whether a column stands in a product with others."""
    products = [{factor.expr for factor in term.factors} for term in Formula(terms.formula)]
    return any(name in product and len(product) > 1 for product in products)


def typed_frame(
    frame: pd.DataFrame, *, arm: str, arms: Sequence[str], terms: Terms
) -> pd.DataFrame:
    """Return the model's columns with categories as categories and the rest as numbers."""
    require_model_names((arm,))
    present = set(frame[arm].astype(str))
    empty = [level for level in arms if level not in present]
    if empty:
        raise NotEstimableError(tell("no complete record in arm {arms}", arms=tell_list(empty)))
    columns: dict[str, object] = {
        arm: pd.Categorical(frame[arm].astype(str), categories=list(arms))
    }
    for name in terms.columns:
        if name != arm:
            columns[name] = typed_column(frame, name, terms)
    return pd.DataFrame(columns, index=frame.index)


def typed_column(frame: pd.DataFrame, name: str, terms: Terms) -> pd.Categorical | FloatArray:
    """Return a column as the categories or the numbers that it enters a model as."""
    if not enters_as_number(frame[name], terms):
        return categories(frame[name])
    numbers = finite_numbers(frame, name)
    require_size(numbers, name)
    return numbers


def enters_as_number(column: pd.Series, terms: Terms) -> bool:
    """Return whether a covariate is a number in the model, and not a category.

    Raises
    ------
    DataError
        If it holds numbers as objects, which would be a category for each of them.
    """
    if column.name in terms.categorical:
        return False
    if column.dtype == object and pd.api.types.infer_dtype(column) in NUMBERS_AS_OBJECTS:
        raise DataError(
            f"{column.name}: expected numbers or text, found numbers kept as objects; make them "
            f"numbers, pd.to_numeric(frame[{column.name!r}]), or a category, C({column.name})"
        )
    return is_number(column)


def is_number(column: pd.Series) -> bool:
    """Return whether a column holds numbers."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def categories(column: pd.Series) -> pd.Categorical:
    """Return a column as categories that occur, in their declared or sorted order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(column.cat.remove_unused_categories())
    try:
        levels = sorted(column.unique().tolist())
    except TypeError as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in column}))
        raise DataError(
            f"{column.name}: expected values of one kind to make categories of, found {kinds}"
        ) from error
    if len(levels) < 2:
        raise NotEstimableError(
            tell(
                "{column}: every analysed record has the same value; leave it out of the "
                "covariates",
                column=str(column.name),
            )
        )
    return pd.Categorical(column, categories=levels)


def reference_grid(
    typed: pd.DataFrame, *, arm: str, terms: Terms, weights: MarginalWeights
) -> tuple[pd.DataFrame, FloatArray | None]:
    """Return the rows that an adjusted mean averages over, and their weights (None: alike)."""
    names = [name for name in terms.columns if name != arm]
    if weights == "counterfactual":
        return typed.copy(), None
    grid = pd.DataFrame(list(product(*(grid_values(typed[name]) for name in names))) or [()])
    grid = restore_types(grid, typed, names)
    kinds = [name for name in names if isinstance(typed[name].dtype, pd.CategoricalDtype)]
    if weights == "equal" or not kinds:
        return grid, None
    counts = typed.groupby(kinds, observed=False).size()
    keys = [tuple(row) if len(kinds) > 1 else row[0] for row in grid[kinds].to_numpy()]
    people = counts.reindex(keys).to_numpy(dtype=np.float64)
    return grid, people / people.sum()


def prediction_matrix(
    spec: ModelSpec, grid: pd.DataFrame, typed: pd.DataFrame, *, arm: str, level: str
) -> FloatArray:
    """Return beta to the prediction of each row of a grid, had it been in an arm."""
    moved = grid.assign(
        **{arm: pd.Categorical([level] * len(grid), categories=typed[arm].cat.categories)}
    )
    return np.asarray(spec.get_model_matrix(moved), dtype=np.float64)


def grid_values(column: pd.Series) -> Iterable[object]:
    """Return the values of a column on the reference grid: its levels, or its mean."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(column.cat.categories)
    return (float(column.mean()),)


def restore_types(grid: pd.DataFrame, typed: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the reference grid with the names and categories of the model's columns."""
    grid.columns = pd.Index(names)
    return grid.astype({name: typed[name].dtype for name in names})
